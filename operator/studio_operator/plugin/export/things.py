"""What an account has of a kind that is in no domain, as resources that take it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.plugin.export.account import Account
from studio_operator.plugin.export.estate import (
    DOMAIN,
    EXPORTED,
    IN_DOMAIN,
    Advance,
    Described,
    Estate,
    read_all,
)
from studio_operator.plugin.export.exporting import export_estate
from studio_operator.plugin.export.parts import Export
from studio_operator.plugin.export.proof import keep_quiet

EXPORTABLE = tuple(kind for kind in EXPORTED if kind not in (*IN_DOMAIN, DOMAIN))


def read_things(account: Account, kind: ManagedKind, advance: Advance) -> tuple[Described, ...]:
    """All of a kind in the account's region. Raises RefusedError and PluginError."""
    return read_all(account, (kind,), advance).things[kind.name]


def export_things(
    kind: ManagedKind, things: Sequence[Described], region: str, namespace: str, now: datetime
) -> Export:
    """Resources for the namespace, which change nothing but the ownership tag."""
    estate = Estate(region, {kind.name: tuple(things)})
    return keep_quiet(export_estate(estate, namespace), estate, now)
