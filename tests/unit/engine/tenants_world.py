"""Two namespaces, one AWS: store, facts and planners at work on what both declare.

AWS is in memory and does at once what it is asked for. Each call is noted with who it was made for
and whose the thing was by its tag before: a test tells from that who reached what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

from studio_operator.api.common import FINALIZER, OWNER_TAG
from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.failures import Failures
from studio_operator.engine.declared.store import Store
from studio_operator.engine.gather import Gatherer
from studio_operator.engine.planner_context import Moment
from studio_operator.engine.queue import Backoff
from studio_operator.kinds.resource_id import ResourceId, parse_arn
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observe import settings_from
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.kube.resources import Key
from studio_operator.plan.interpreter import LetGo, Make, Read, next_step
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import OwnerMark, owner_in
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion, Scope
from studio_operator.plan.types import AnswerT, Call, FailureKind, Note, Question, Tuning

from tests.aws_ids import domain_at, profile_at, space_at
from tests.unit.engine.views import View

CLUSTER = "cluster-1"
REGION = "eu-central-1"
ACCOUNT = "123456789012"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MADE = START - timedelta(days=30)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio"
IMAGE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:image/base"
SETTLES = timedelta(minutes=1)

BACKOFFS = {FailureKind.TRANSIENT: Backoff(1.0, 300.0), FailureKind.QUOTA: Backoff(300.0, 3600.0)}

Thing = Observed


def _half() -> float:
    """As random as a world that is compared with another one may be."""
    return 0.5


def arn_of(kind: str, domain_id: str, name: str = "") -> str:
    """The ARN of a domain, user-profile or space."""
    tail = f"{domain_id}/{name}" if name else domain_id
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{tail}"


@dataclass
class Listed:
    """The domains of the region."""

    domains: tuple[Observed, ...]
    swept_at: float = 0.0
    stale: bool = False

    def shown(self, type_: str) -> Mapping[str, Any]:
        """Nothing else is in the region."""
        return {one.domain_id: one for one in self.domains} if type_ == "Domain" else {}


@dataclass(frozen=True)
class Reached:
    """A call: who it was made for, what it was about, and whose that was by its tag."""

    by: Key
    call: Call
    owner: OwnerMark | None


class TenantsWorld:
    """AWS, the cluster, and the operator between them."""

    def __init__(self) -> None:
        self.now = START
        self.things: dict[ResourceId, Thing] = {}
        self.apps: dict[tuple[str, str], ObservedApp] = {}
        self.hides_tags = False  # as before the first listing of tags
        self.untagged: set[ResourceId] = set()  # whose tags alone are not known
        self.log: list[Reached] = []
        self.versions = iter(range(1, 1_000_000))
        self.bodies: dict[Key, dict[str, Any]] = {}
        self.told: dict[Key, str] = {}  # all that people wrote into each: spec, and forged status
        self.events: list[tuple[Key, Note]] = []
        self.refusals: dict[str, list[FailureKind]] = {}  # of the next calls for each namespace
        self.failed: set[Key] = set()  # for whom a call has failed
        self.problems: dict[str, AwsError] = {}  # of looks, by the id of the domain
        self.start()

    def start(self) -> None:
        """The operator starts anew: what it has seen is forgotten."""
        self.store = Store(REGION)
        self.failures = Failures(BACKOFFS, random=_half)
        facts = Facts(self.store, self, CLUSTER)
        self.gatherer = Gatherer(
            self.store,
            self,
            facts,
            cluster=CLUSTER,
            tuning=Tuning(),
            known_instance_types=frozenset(),
        )
        for body in self.bodies.values():
            self.store.apply(body)

    def restart(self) -> None:
        """The operator is restarted."""
        for key, body in self.bodies.items():
            body["status"] = self.status(key)
        self.start()

    # --- the cluster ---

    def apply(
        self, key: Key, spec: Mapping[str, Any], *, uid: str = "", age: int = 0, **status: Any
    ) -> None:
        """A resource is created, or edited; `age` in days, `status` as somebody forges it."""
        known = self.bodies.get(key)
        made_at = self.now - timedelta(days=age)
        self.told[key] = f"{self.told.get(key, '')} {spec} {status}"
        metadata = {
            "namespace": key.namespace,
            "name": key.name,
            "uid": uid or f"uid-of-{key.namespace}-{key.name}",
            "generation": known["metadata"]["generation"] + 1 if known else 1,
            "creationTimestamp": made_at.isoformat(),
            "finalizers": [FINALIZER],
        }
        self._put({"kind": key.kind, "metadata": metadata, "spec": dict(spec), "status": status})

    def delete(self, key: Key, **spec: Any) -> None:
        """`kubectl delete`, after an edit of those fields."""
        body = self.bodies[key]
        metadata = {**body["metadata"], "deletionTimestamp": self.now.isoformat()}
        metadata["generation"] += 1
        self._put({**body, "metadata": metadata, "spec": {**body["spec"], **spec}})

    def annotate(self, key: Key, **annotations: str) -> None:
        """Somebody annotates it."""
        body = self.bodies[key]
        given = {f"studio-operator.dev/{name}": text for name, text in annotations.items()}
        self._put({**body, "metadata": {**body["metadata"], "annotations": given}})

    def _put(self, body: dict[str, Any]) -> None:
        version = str(next(self.versions))
        body = {**body, "metadata": {**body["metadata"], "resourceVersion": version}}
        metadata = body["metadata"]
        self.bodies[Key(body["kind"], metadata["namespace"], metadata["name"])] = body
        self.store.apply(body)

    def status(self, key: Key) -> dict[str, Any]:
        """The status as planned last."""
        entry = self.store.get(key)
        return entry.status.dump() if entry is not None else {}

    def ready(self, key: Key) -> tuple[str, str]:
        """Reason and message of the condition Ready."""
        told = {one["type"]: one for one in self.status(key)["conditions"]}["Ready"]
        return told["reason"], told["message"]

    # --- the operator ---

    def settle(self, *keys: Key) -> None:
        """Have these planned, in turn, until nothing is left to do; all without a word of which."""
        wanted = keys or tuple(self.bodies)
        at_rest = 0  # so many had their turn since anything moved
        for key in islice(cycle(wanted), 40 * len(wanted)):
            at_rest = 0 if self._turn(key) else at_rest + 1
            if at_rest == len(wanted):
                return
            if key == wanted[-1]:
                self.now += SETTLES
        raise AssertionError(f"no rest: {self.log[-6:]}")

    def _turn(self, key: Key) -> bool:
        """One pass for a resource; whether it did anything."""
        entry = self.store.get(key)
        if entry is None:
            return False
        failure = self.failures.current(key, entry.declared)
        planned = self.gatherer.plan(entry, Moment(entry.declared, failure, self.now))
        plan, step = planned.plan, next_step(planned.plan)
        before = entry.status
        if isinstance(step, Read):
            return False  # all there is to see is shown
        self.store.remember(entry, plan.status)
        if plan.status != before:
            self.events += [(key, note) for note in plan.notes]
        if isinstance(step, LetGo):
            self.store.remove({**self.bodies[key], "kind": key.kind})
            self.failures.forget(key)
            del self.bodies[key]
            return True
        if isinstance(step, Make):
            self._try(entry, step.call)
        return isinstance(step, Make) or plan.status != before

    def _try(self, entry: Entry, call: Call) -> None:
        """Make a call, unless AWS refuses it."""
        refusals = self.refusals.get(entry.key.namespace)
        if refusals:
            words = (
                f"User: operator is not authorized to perform {call.operation} on {call.parameters}"
            )
            error = AwsError(call.operation, refusals.pop(), "Refused", words, "request-1")
            self.failed.add(entry.key)
            self.failures.record(entry.key, entry.declared, error, self.now)
            return
        self._call(entry.key, call)
        self.failures.succeed(entry.key, call.operation)

    # --- AWS ---

    def give(self, thing: Thing) -> ResourceId:
        """Something is in AWS; named by what the inventory calls it."""
        key = key_of(thing)
        self.things[key] = thing
        return key

    def owner(self, key: ResourceId) -> str | None:
        """The mark on a thing."""
        return (self.things[key].tags or {}).get(OWNER_TAG)

    def view(self, scope: Scope) -> DomainScopeView | None:
        """What AWS shows of a domain."""
        if scope.region != REGION or not scope.domain_id or scope.domain_id in self.problems:
            return None
        inside = [(key, self._seen(key)) for key in self.things if key.view == scope]
        view = View(next((one for key, one in inside if key.kind == "StudioDomain"), None))
        for key, one in inside:
            if key.kind == "UserProfile":
                view.profiles[one.name.lower()] = one
            elif isinstance(one, ObservedSpace):
                view.spaces[one.name] = one
                view.space_names[one.name.lower()] = one.name
        view.apps = {
            name: app for (domain, name), app in self.apps.items() if domain == scope.domain_id
        }
        return view

    def region_view(self, where: AccountRegion) -> RegionView | None:
        """The list of domains."""
        domains = (key for key in self.things if key.kind == "StudioDomain")
        return Listed(tuple(self._seen(key) for key in domains))

    def carrying(self, kind: str, resource: str) -> Mapping[ResourceId, Any]:
        """What has the tag of a resource, where tags are known."""
        shown = {key: self._seen(key) for key in self.things if key.kind == kind}
        return {key: one for key, one in shown.items() if owner_in(one.tags) == resource}

    def _seen(self, key: ResourceId) -> Thing:
        thing, is_hidden = self.things[key], self.hides_tags or key in self.untagged
        return replace(thing, tags=None) if is_hidden else thing

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        """Nobody can look."""
        return question.unanswered(self.now)

    def problem(self, scope: Scope) -> AwsError | None:
        """Why a look at a domain failed."""
        return self.problems.get(scope.domain_id or "")

    def _call(self, by: Key, call: Call) -> None:
        asked = call.parameters
        key = _subject(call)
        thing = self.things.get(key)
        value = (thing.tags or {}).get(OWNER_TAG) if thing else None
        self.log.append(Reached(by, call, OwnerMark.parse(value) if value else None))
        if call.operation in {"AddTags", "DeleteTags"}:
            assert thing is not None
            tags = dict(thing.tags or {}) | _tags(asked)
            for name in asked.get("TagKeys", ()):
                tags.pop(name, None)
            self.things[key] = replace(thing, tags=tags)
        elif call.operation.startswith("Create") and call.operation != "CreateApp":
            if thing is None:
                self._create(key, asked)
        elif call.operation == "CreateApp":
            type_ = asked["ResourceSpec"].get("InstanceType")
            app = ObservedApp(asked["AppType"], "default", "InService", type_)
            self.apps[str(key.scope.domain_id), key.name] = app
        elif call.operation == "DeleteApp":
            self.apps.pop((str(key.scope.domain_id), key.name), None)
        elif call.operation.startswith("Delete"):
            self.things.pop(key, None)
        elif thing is not None:
            self._update(key, thing, asked)

    def _create(self, key: ResourceId, asked: Mapping[str, Any]) -> None:
        tags, at, domain_id = _tags(asked), self.now, str(key.scope.domain_id)
        if key.kind == "StudioDomain":
            details = {"AuthMode": "IAM", **_settings(asked)}
            self.give(domain(key.name, asked["DomainName"], tags, at, details))
        elif key.kind == "UserProfile":
            self.give(
                profile(
                    str(key.scope.domain_id), asked["UserProfileName"], tags, at, _settings(asked)
                )
            )
        else:
            owner = asked.get("OwnershipSettings", {}).get("OwnerUserProfileName")
            self.give(space(domain_id, key.name, tags, at, owner, asked["SpaceSettings"]))

    def _update(self, key: ResourceId, thing: Thing, asked: Mapping[str, Any]) -> None:
        if isinstance(thing, ObservedSpace):
            given = settings_from({"AppType": "JupyterLab", **asked.get("SpaceSettings", {})})
            self.things[key] = replace(thing, details=given, modified_at=self.now)
        else:
            details = {**(thing.details or {}), **_settings(asked)}
            self.things[key] = replace(thing, details=details, modified_at=self.now)


def domain(
    domain_id: str, name: str, tags: Any = (), at: datetime = MADE, details: Any = None
) -> Observed:
    """A domain in service."""
    shown = details or {"AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": ROLE}}
    arn = arn_of("domain", domain_id)
    return Observed(domain_id, name, "InService", at, at, arn, details=shown, tags=dict(tags))


def profile(
    domain_id: str, name: str, tags: Any = (), at: datetime = MADE, details: Any = None
) -> Observed:
    """A user profile in service."""
    arn = arn_of("user-profile", domain_id, name)
    return Observed(
        domain_id, name, "InService", at, at, arn, details=details or {}, tags=dict(tags)
    )


def space(
    domain_id: str,
    name: str,
    tags: Any = (),
    at: datetime = MADE,
    owner: str | None = "alice",
    settings: Any = None,
) -> ObservedSpace:
    """A private space in service."""
    return ObservedSpace(
        domain_id,
        name,
        "InService",
        sharing="Private",
        owner=owner,
        app_type="JupyterLab",
        storage_gib=20,
        created_at=at,
        modified_at=at,
        arn=arn_of("space", domain_id, name),
        details=settings_from(settings or {"AppType": "JupyterLab"}),
        tags=dict(tags),
    )


def key_of(thing: Thing) -> ResourceId:
    """What the inventory calls it."""
    parsed = parse_arn(thing.arn or "", OWN_ACCOUNT)
    assert parsed is not None
    return parsed


def _subject(call: Call) -> ResourceId:
    asked = call.parameters
    if "ResourceArn" in asked:
        parsed = parse_arn(asked["ResourceArn"], OWN_ACCOUNT)
        assert parsed is not None
        return parsed
    if call.operation == "CreateDomain":
        return domain_at(REGION, f"d-new-{_tags(asked)[OWNER_TAG].split('/')[1]}")
    domain_id = asked["DomainId"]
    if "SpaceName" in asked:
        return space_at(REGION, domain_id, asked["SpaceName"])
    if "UserProfileName" in asked:
        return profile_at(REGION, domain_id, asked["UserProfileName"].lower())
    return domain_at(REGION, domain_id)


def _tags(asked: Mapping[str, Any]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in asked.get("Tags", ())}


def _settings(asked: Mapping[str, Any]) -> dict[str, Any]:
    members = {"VpcId", "SubnetIds", "AuthMode"}
    return {
        name: value for name, value in asked.items() if name.endswith("Settings") or name in members
    }


def texts_in(value: Any) -> Iterator[str]:
    """All texts of a structure, keys included."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from texts_in(name)
            yield from texts_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, str):
        yield value
