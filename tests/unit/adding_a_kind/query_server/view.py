"""What the rules of query servers look at: the situation, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio_operator.api.common import CommonStatus
from studio_operator.kinds.gathering import Situation
from studio_operator.kinds.shared.made_ids import MadeIdView, known_id
from studio_operator.kinds.shared.running.situation import ObservedRun
from studio_operator.kinds.shared.running.view import RunSettingsView
from studio_operator.plan.lifecycle import domain_resource, edit_or_apply_anew
from studio_operator.plan.prices import Prices
from studio_operator.plan.remedies import Remedy, Resource, another
from studio_operator.plan.settings.mapping import Changes, Setting
from studio_operator.plan.types import DomainFacts

from .api import RUNNING_SERVER, QueryServerSpec, QueryServerStatus
from .observe import ObservedRule, ObservedServer, run_of

SETTINGS = (Setting(("size",), ("Size",)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSituation(Situation[QueryServerSpec, QueryServerStatus]):
    """What a query server is planned from.

    - `server`: the one with the known id; `candidates`: those of its name while none is known.
    - `rule`: who may reach it, as AWS shows it.
    - `policy`: what the tenant of the namespace allows; `violations`: what of the spec it does not.
    """

    domain: DomainFacts | None
    region: str
    server: ObservedServer | None
    rule: ObservedRule | None
    candidates: tuple[ObservedServer, ...] = ()
    dependents: tuple[str, ...] = ()
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True)
class ServerView(MadeIdView, RunSettingsView):
    """A query server's situation, with what several rules derive from it."""

    situation: ServerSituation
    table = SETTINGS
    running = RUNNING_SERVER
    noun = "QueryServer"

    @property
    def spec(self) -> QueryServerSpec:
        """The declared spec."""
        return self.situation.declared.spec

    @property
    def status(self) -> QueryServerStatus:
        """The status as last recorded."""
        return self.situation.status

    @property
    def observed_run(self) -> ObservedRun:
        """Whether it runs, as AWS shows it."""
        return run_of(self.found)

    @property
    def found(self) -> ObservedServer | None:
        """The server with the known id."""
        return self.situation.server

    @property
    def known_id(self) -> str | None:
        """The server's id, once it is known."""
        return known_server_id(self.status, self.spec.server_id)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The parameter that names the server in a call."""
        return {"QueryServerId": self.known_id}

    @property
    def name(self) -> str:
        """The server's name in AWS, as declared."""
        return self.spec.server_name or self.situation.declared.name

    @property
    def title(self) -> str:
        """The server in a message."""
        return f"query server {self.name}"

    @property
    def domain_resource(self) -> Resource:
        """The StudioDomain that it refers to, if it does."""
        assert self.spec.domain_ref is not None
        return domain_resource(self.situation.declared, self.spec.domain_ref)

    @property
    def rename(self) -> Remedy:
        """The edit by which the resource wants another server."""
        field = "serverId" if self.spec.server_id else "serverName"
        return edit_or_apply_anew(self.is_begun, another(field))

    @property
    def differing(self) -> Changes | None:
        """How the settings differ from AWS; None while that takes a look."""
        return None if self.found is None or self.found.details is None else self.compare()

    @property
    def is_unexplained(self) -> bool:
        """Whether something failed and only a look tells why."""
        found = self.found
        return found is not None and "Failed" in found.status and found.failure is None


def known_server_id(status: CommonStatus, declared: str | None) -> str | None:
    """The id of a server: as declared until it is this resource's, then as on status."""
    return known_id(status, getattr(status, "server_id", None), declared)
