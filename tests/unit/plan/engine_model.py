"""An engine in a few lines: plan, look or act or wait, remember. It may crash at any step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic

from studio_operator.api.common import REQUESTED_AT
from studio_operator.api.domain import StudioDomainSpec, StudioDomainStatus
from studio_operator.api.profile import UserProfileSpec, UserProfileStatus
from studio_operator.plan.domain import plan_domain
from studio_operator.plan.profile import plan_profile
from studio_operator.plan.situations import DomainSituation, ProfileSituation
from studio_operator.plan.types import (
    Call,
    Declared,
    DomainFacts,
    Failure,
    FailureKind,
    Look,
    Note,
    Plan,
    SpecT,
    StatusT,
)

from tests.unit.plan.aws_model import REGION, START, Aws, RefusalError

CLUSTER = "cluster-1"
UID = "uid-1"
HOPELESS = frozenset({FailureKind.INVALID, FailureKind.COOLDOWN})
PAUSES = {FailureKind.ACCESS: 600, FailureKind.QUOTA: 600}


@dataclass
class Engine(Generic[SpecT, StatusT]):
    """One resource in Kubernetes and the operator's work on it.

    `stored` is the status in Kubernetes, `memory` the one the process holds. `seen` are the looks
    at AWS that are still good: a call or a change in AWS makes them void.
    """

    spec: SpecT
    aws: Aws
    memory: StatusT
    stored: StatusT
    name: str = "research"
    namespace: str = "ml-team"
    uid: str = UID
    generation: int = 1
    deleting: bool = False
    visible: bool = True
    rival: str | None = None
    dependents: tuple[str, ...] = ()
    annotations: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    seen: dict[Look, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    writes: int = 0
    released: bool = False

    # --- what a kind gives ---------------------------------------------------------------------

    def plan(self) -> Plan[StatusT]:
        raise NotImplementedError

    def version(self) -> Any:
        """What a look depends on; another value makes it void."""
        raise NotImplementedError

    # --- one pass ------------------------------------------------------------------------------

    def declared(self) -> Declared[SpecT]:
        return Declared(
            name=self.name,
            namespace=self.namespace,
            uid=self.uid,
            generation=self.generation,
            created_at=START,
            spec=self.spec,
            deleting=self.deleting,
            finalizer=True,
            annotations=self.annotations,
        )

    def has_seen(self, look: Look) -> bool:
        return look in self.seen and self.seen[look] == self.version()

    def step(self, *, crash: Callable[[], bool] = lambda: False) -> Plan[StatusT]:
        plan = self.plan()
        if plan.looks:
            assert plan.call is None, "a look and a call at once"
            assert not any(self.has_seen(look) for look in plan.looks), f"{plan.looks} again"
            self.seen |= {look: self.version() for look in plan.looks}
            self.looks += plan.looks
            return plan
        self.notes += plan.notes
        if plan.record_first:
            self._store(plan.status)
        self.memory = plan.status
        if crash():
            self.crash()
        elif plan.call is not None:
            self._act(plan.call)
            if crash():
                self.crash()
        else:
            self._store(plan.status)
            self.released = not plan.finalizer
            if not self.released:
                self._wait(plan.wake_at)
        return plan

    def run(self, steps: int = 80, *, crash: Callable[[], bool] = lambda: False) -> Plan[StatusT]:
        """Until nothing is left to do; the last plan."""
        for _ in range(steps):
            moving = self.aws.next_due() is not None
            plan = self.step(crash=crash)
            if self.released or not (moving or plan.call or plan.looks or plan.wake_at):
                return plan
        raise AssertionError(f"no end after {steps} steps: {self.aws.operations()}, {plan}")

    def crash(self) -> None:
        """The operator is killed: what was not stored is forgotten."""
        self.memory, self.failure, self.seen = self.stored, None, {}

    def edit(self, **changes: Any) -> None:
        """A new spec is applied; None removes a field."""
        spec = {**self.spec.dump(), **changes}
        kind = type(self.spec)
        self.spec = kind.model_validate({k: v for k, v in spec.items() if v is not None})
        self.generation += 1
        self.failure = None

    def delete(self) -> None:
        """`kubectl delete`: the API server counts the generation up."""
        self.deleting = True
        self.generation += 1
        self.failure = None

    def reapply(self, uid: str) -> None:
        """The same YAML after the resource has gone: no status, another uid."""
        assert self.released
        self.deleting, self.released, self.uid, self.generation = False, False, uid, 1
        self.memory = self.stored = type(self.memory)()
        self.failure, self.seen = None, {}

    def ask(self, token: str) -> None:
        self.annotations = {REQUESTED_AT: token}
        self.failure = None

    def condition(self, type_: str) -> str | None:
        found = self.memory.condition(type_)
        return found.reason if found else None

    def message(self) -> str:
        found = self.memory.condition("Ready")
        return found.message if found else ""

    def _store(self, status: StatusT) -> None:
        through_json = type(status).model_validate(json.loads(json.dumps(status.dump())))
        self.writes += through_json != self.stored
        self.stored = through_json

    def _act(self, call: Call) -> None:
        try:
            self.aws.apply(call)
        except RefusalError as refusal:
            self.failure = self._failure_of(call, refusal)
        else:
            self.failure = None

    def _failure_of(self, call: Call, refusal: RefusalError) -> Failure:
        pause = timedelta(seconds=PAUSES.get(refusal.kind, 5))
        return Failure(
            operation=call.operation,
            kind=refusal.kind,
            code=refusal.code,
            message=str(refusal),
            at=self.aws.now,
            attempts=1,
            retry_at=None if refusal.kind in HOPELESS else self.aws.now + pause,
            generation=self.generation,
            requested_at=self.annotations.get(REQUESTED_AT),
        )

    def _wait(self, wake_at: datetime | None) -> None:
        """Until the next thing that is due."""
        times = [moment for moment in (self.aws.next_due(), wake_at) if moment]
        due = min(times, default=self.aws.now + timedelta(seconds=60))
        self.aws.tick(max((due - self.aws.now).total_seconds(), 1.0))


class DomainEngine(Engine[StudioDomainSpec, StudioDomainStatus]):
    """A StudioDomain."""

    profiles: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()

    @classmethod
    def of(cls, aws: Aws, spec: Any, **more: Any) -> DomainEngine:
        """From the spec as it stands in YAML."""
        empty = StudioDomainStatus()
        return cls(StudioDomainSpec.model_validate(spec), aws, empty, empty, **more)

    @property
    def known_id(self) -> str | None:
        return self.memory.domain_id or self.spec.domain_id

    def situation(self) -> DomainSituation:
        tags = self.has_seen(Look.TAGS)
        show = self.aws.domains.show
        found = show(self.known_id, tags=tags, details=True) if self.known_id else None
        listed = [] if self.known_id else self.aws.domains.listed(self.aws_name)
        candidates = tuple(show(key, tags=tags, details=False) for key in listed)
        return DomainSituation(
            declared=self.declared(),
            memory=self.memory,
            region=REGION,
            visible=self.visible,
            domain=found if self.visible else None,
            cluster=CLUSTER,
            now=self.aws.now,
            candidates=tuple(one for one in candidates if one),
            profiles_in_aws=self.profiles,
            spaces_in_aws=self.spaces,
            dependents=self.dependents,
            failure=self.failure,
            rival=self.rival,
        )

    @property
    def aws_name(self) -> str:
        return self.spec.domain_name or self.name

    def plan(self) -> Plan[StudioDomainStatus]:
        return plan_domain(self.situation())

    def version(self) -> Any:
        """Tags are kept current by the inventory once they are known, so nothing voids them."""
        return self.known_id or tuple(self.aws.domains.listed(self.aws_name))


class ProfileEngine(Engine[UserProfileSpec, UserProfileStatus]):
    """A UserProfile in the domain `d-abc`."""

    facts: DomainFacts | None = DomainFacts(
        name="research", domain_id="d-abc", region=REGION, auth_mode="IAM"
    )
    spaces: tuple[str, ...] = ()

    @classmethod
    def of(cls, aws: Aws, spec: Any, **more: Any) -> ProfileEngine:
        """From the spec as it stands in YAML, without domainRef."""
        empty = UserProfileStatus()
        full = {"domainRef": {"name": "research"}, **spec}
        more = {"name": "alice", **more}
        return cls(UserProfileSpec.model_validate(full), aws, empty, empty, **more)

    @property
    def key(self) -> str:
        return f"d-abc/{(self.spec.user_profile_name or self.name).lower()}"

    def situation(self) -> ProfileSituation:
        found = self.aws.profiles.show(
            self.key, tags=self.has_seen(Look.TAGS), details=self.has_seen(Look.SETTINGS)
        )
        return ProfileSituation(
            declared=self.declared(),
            memory=self.memory,
            domain=self.facts,
            visible=self.visible,
            profile=found if self.visible else None,
            cluster=CLUSTER,
            now=self.aws.now,
            spaces_in_aws=self.spaces,
            dependents=self.dependents,
            failure=self.failure,
            rival=self.rival,
        )

    def plan(self) -> Plan[UserProfileStatus]:
        return plan_profile(self.situation())

    def version(self) -> Any:
        record = self.aws.profiles.records.get(self.key)
        return (record.modified_at, record.created_at) if record else None

    def with_facts(self, **changes: Any) -> ProfileEngine:
        assert self.facts is not None
        self.facts = replace(self.facts, **changes)
        return self
