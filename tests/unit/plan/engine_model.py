"""An engine in a few lines: plan, look or act or wait, remember. It may crash at any step."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic

from studio_operator.api.common import OWNER_TAG, REQUESTED_AT
from studio_operator.api.reading import Unreadable, read_spec
from studio_operator.kinds.studio_domain.api import StudioDomainSpec, StudioDomainStatus
from studio_operator.kinds.studio_domain.rules import plan_domain
from studio_operator.kinds.studio_domain.situation import DomainSituation
from studio_operator.kinds.studio_domain.view import known_domain_id
from studio_operator.kinds.user_profile.api import UserProfileSpec, UserProfileStatus
from studio_operator.kinds.user_profile.rules import plan_profile
from studio_operator.kinds.user_profile.situation import ProfileSituation
from studio_operator.plan.interpreter import LetGo, Make, Read, next_step
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import Elsewhere
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
from tests.unit.plan.style import check_style

CLUSTER = "cluster-1"
UID = "uid-1"
HOPELESS = frozenset({FailureKind.INVALID, FailureKind.COOLDOWN})
PAUSES = {FailureKind.ACCESS: 600, FailureKind.QUOTA: 600}


@dataclass
class Engine(Generic[SpecT, StatusT]):
    """One resource in Kubernetes and the operator's work on it.

    `stored` is the status in Kubernetes, `status` the one the process holds. `seen` are the looks
    at AWS that are still good: a call or a change in AWS makes them void.
    """

    spec: SpecT
    aws: Aws
    status: StatusT
    stored: StatusT
    name: str = "research"
    namespace: str = "ml-team"
    uid: str = UID
    generation: int = 1
    deleting: bool = False
    is_observed: bool = True
    rival: str | None = None
    rival_is_leaving: bool = False
    namesake: str | None = None
    elsewhere: tuple[Elsewhere, ...] = ()  # what AWS has with its mark and the spec does not name
    dependents: tuple[str, ...] = ()
    annotations: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    attempts: Counter[str] = field(default_factory=Counter)
    seen: dict[Look, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    writes: int = 0
    rest_seconds: float = 60.0  # between two looks at what rests
    until: datetime | None = None  # no wait is longer
    released: bool = False
    unreadable: Unreadable | None = None
    depends_on: str | None = "at first"  # how what it refers to stands; None while that changes
    owned: datetime | None = None  # age of what this process has seen with the resource's tag

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
            unreadable=self.unreadable,
            depends_on=self.depends_on,
        )

    def was_owned(self, found: Observed | None) -> bool:
        mark = f"{CLUSTER}/{self.namespace}/{self.name}/{self.uid}"
        if found is not None and (found.tags or {}).get(OWNER_TAG) == mark:
            self.owned = found.created_at
        return found is not None and self.owned == found.created_at

    def has_seen(self, look: Look) -> bool:
        return look in self.seen and self.seen[look] == self.version()

    def step(self, *, crash: Callable[[], bool] = lambda: False) -> Plan[StatusT]:
        plan = self.plan()
        check_style(plan)
        assert not (plan.looks and plan.call), "a look and a call at once"
        step = next_step(plan)
        if isinstance(step, Read):
            assert not any(self.has_seen(look) for look in step.looks), f"{step.looks} again"
            self.seen |= {look: self.version() for look in step.looks}
            self.looks += step.looks
            return plan
        self.notes += plan.notes
        if isinstance(step, Make) and step.record_first:
            self._store(plan.status)
        self.status = plan.status
        if crash():
            self.crash()
        elif isinstance(step, Make):
            self._act(step.call)
            if crash():
                self.crash()
        else:
            self._store(plan.status)
            self.released = isinstance(step, LetGo)
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
        self.status, self.seen, self.owned = self.stored, {}, None
        self._forget_failure()

    def edit(self, **changes: Any) -> None:
        """A new spec is applied; None removes a field."""
        spec = {**self.spec.dump(), **changes}
        kind = type(self.spec)
        self.spec = kind.model_validate({k: v for k, v in spec.items() if v is not None})
        self.generation += 1
        self._forget_failure()

    def apply(self, raw: Mapping[str, Any], model: type[SpecT]) -> None:
        """A spec as it is committed is applied, also one that can't be read."""
        self.spec, self.unreadable = read_spec(model, raw)
        self.generation += 1
        self._forget_failure()

    def delete(self) -> None:
        """`kubectl delete`: the API server counts the generation up."""
        self.deleting = True
        self.generation += 1
        self._forget_failure()

    def reapply(self, uid: str) -> None:
        """The same YAML after the resource has gone: no status, another uid."""
        assert self.released
        self.deleting, self.released, self.uid, self.generation = False, False, uid, 1
        self.status = self.stored = type(self.status)()
        self.failure, self.seen, self.owned = None, {}, None

    def ask(self, token: str) -> None:
        self.annotations = {REQUESTED_AT: token}
        self._forget_failure()

    def condition(self, type_: str) -> str | None:
        found = self.status.condition(type_)
        return found.reason if found else None

    def message(self) -> str:
        found = self.status.condition("Ready")
        return found.message if found else ""

    def _forget_failure(self) -> None:
        self.failure = None
        self.attempts.clear()

    def _store(self, status: StatusT) -> None:
        through_json = type(status).model_validate(json.loads(json.dumps(status.dump())))
        self.writes += through_json != self.stored
        self.stored = through_json

    def _act(self, call: Call) -> None:
        try:
            self.aws.apply(call)
        except RefusalError as refusal:
            self.attempts[call.operation] += 1
            self.failure = self._failure_of(call, refusal)
        else:
            del self.attempts[call.operation]
            self.failure = None

    def _failure_of(self, call: Call, refusal: RefusalError) -> Failure:
        pause = timedelta(seconds=PAUSES.get(refusal.kind, 5))
        return Failure(
            operation=call.operation,
            kind=refusal.kind,
            code=refusal.code,
            message=str(refusal),
            at=self.aws.now,
            attempts=self.attempts[call.operation],
            retry_at=None if refusal.kind in HOPELESS else self.aws.now + pause,
            generation=self.generation,
            requested_at=self.annotations.get(REQUESTED_AT),
            depends_on=self.depends_on,
            fields=call.fields,
        )

    def _wait(self, wake_at: datetime | None) -> None:
        """Until the next thing that is due."""
        times = [moment for moment in (self.aws.next_due(), wake_at, self.until) if moment]
        due = min(times, default=self.aws.now + timedelta(seconds=self.rest_seconds))
        self.aws.tick(max((due - self.aws.now).total_seconds(), 1.0))


class DomainEngine(Engine[StudioDomainSpec, StudioDomainStatus]):
    """A StudioDomain."""

    profiles: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    running_apps: tuple[str, ...] = ()

    @classmethod
    def of(cls, aws: Aws, spec: Any, **more: Any) -> DomainEngine:
        """From the spec as it stands in YAML."""
        empty = StudioDomainStatus()
        return cls(StudioDomainSpec.model_validate(spec), aws, empty, empty, **more)

    @property
    def known_id(self) -> str | None:
        return known_domain_id(self.status, self.spec.domain_id)

    def situation(self) -> DomainSituation:
        tags = self.has_seen(Look.TAGS)
        show = self.aws.domains.show
        found = show(self.known_id, tags=tags, details=True) if self.known_id else None
        listed = [] if self.known_id else self.aws.domains.listed(self.aws_name)
        candidates = tuple(show(key, tags=tags, details=False) for key in listed)
        return DomainSituation(
            declared=self.declared(),
            status=self.status,
            region=REGION,
            is_observed=self.is_observed,
            domain=found if self.is_observed else None,
            was_owned=self.was_owned(found),
            elsewhere=self.elsewhere,
            cluster=CLUSTER,
            now=self.aws.now,
            candidates=tuple(one for one in candidates if one),
            profiles_in_aws=self.profiles or self._profiles_of(found),
            spaces_in_aws=self.spaces,
            apps_in_aws=self.apps,
            running_apps=self.running_apps,
            dependents=self.dependents,
            failure=self.failure,
            rival=self.rival,
            rival_is_leaving=self.rival_is_leaving,
        )

    def _profiles_of(self, found: Observed | None) -> tuple[str, ...]:
        records = self.aws.profiles.of_domain(found.domain_id) if found else ()
        return tuple(one.name for one in records)

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
    apps: tuple[str, ...] = ()

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
            status=self.status,
            domain=self.facts,
            is_observed=self.is_observed,
            profile=found if self.is_observed else None,
            was_owned=self.was_owned(found),
            elsewhere=self.elsewhere,
            cluster=CLUSTER,
            now=self.aws.now,
            spaces_in_aws=self.spaces,
            apps_in_aws=self.apps,
            namesake=self.namesake,
            dependents=self.dependents,
            failure=self.failure,
            rival=self.rival,
            rival_is_leaving=self.rival_is_leaving,
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
