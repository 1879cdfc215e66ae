"""Where in AWS something is: in a region of an account, or in a domain there."""

from __future__ import annotations

from typing import NamedTuple

# The account of the operator's own credentials. Its number is in ARNs, and is asked for nowhere.
OWN_ACCOUNT = "own"


class AccountRegion(NamedTuple):
    """A region of an account: it has rates, clients and listings of its own."""

    account: str
    region: str

    def __str__(self) -> str:
        return self.region


class Scope(NamedTuple):
    """Within what a name in AWS is the only one: a domain, or where there is none, the region."""

    account: str
    region: str
    domain_id: str | None = None

    @property
    def account_region(self) -> AccountRegion:
        """The region of the account that it is in."""
        return AccountRegion(self.account, self.region)

    def __str__(self) -> str:
        return f"domain {self.domain_id} in {self.region}" if self.domain_id else self.region
