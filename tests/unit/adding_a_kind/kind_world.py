"""AWS and an operator for resources of any kinds, as the kinds describe themselves.

What AWS makes of a call follows from what the operation does and from the kind's description of its
things. The operator is the product's own: inventory, store, planners and steps. It may be killed
before or after any call.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeVar

from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.subscriptions import Subscriptions
from studio_operator.engine.gather import NO_PRICES, Gatherer, Planned
from studio_operator.engine.planner_context import Moment
from studio_operator.kinds.aws_type import AwsType, Companion
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import BY_TYPE, KINDS, OPERATIONS, REFERENCES
from studio_operator.kube.resources import Key
from studio_operator.plan.interpreter import LetGo, Make, Read, Settle, Step, Wait, next_step
from studio_operator.plan.operations import AwsOperation, Does
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import AccountRegion
from studio_operator.plan.types import FailureKind, Look, Tuning
from studio_operator.plugin.planning.objects import compose, deleted
from studio_operator.settings import Settings

T = TypeVar("T")
Thing = dict[str, Any]
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLUSTER = "cluster-1"
ROUNDS_AT_MOST = 60
SECONDS_A_ROUND = 5
# Nobody waits for what is due later: a schedule, or the end of a run.
SOON = timedelta(minutes=5)
# Listings show a thing so many seconds after it was made: later than a new process asks for it.
LAG_OF_LISTINGS = 8
BECOMES = {
    "Pending": "InService",
    "Updating": "InService",
    "Starting": "InService",
    "Stopping": "Stopped",
}


class KilledError(Exception):
    """The operator was killed."""


class Kill(NamedTuple):
    """Before or after which call the operator is killed; calls count from 0."""

    call: int
    position: Literal["before", "after"]


class AwsOfKinds:
    """AWS by the descriptions of kinds; a `Caller`.

    - `things`: by type, and by the id or name that AWS knows them by. Companions stand under that
      of their resource.
    - `calls`: the operations that changed something; `refused`: those that AWS refused.
    """

    def __init__(self) -> None:
        self.now = START
        self.things: dict[str, dict[str, Thing]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.calls: list[str] = []
        self.refused: list[str] = []
        self._made = 0
        self._made_at: dict[tuple[str, str], datetime] = {}

    def of(self, type_: str) -> dict[str, Thing]:
        """All things of a type."""
        return self.things.setdefault(type_, {})

    def tick(self) -> None:
        """What moves comes to rest."""
        self.now += timedelta(seconds=SECONDS_A_ROUND)
        for things in self.things.values():
            for name, thing in list(things.items()):
                if thing["Status"] == "Deleting":
                    del things[name]
                thing["Status"] = BECOMES.get(thing["Status"], thing["Status"])

    async def paginate(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any], items_key: str
    ) -> list[Thing]:
        """All items of a listing."""
        if operation == "ListTags":
            return _tag_list(self.tags.get(parameters["ResourceArn"], {}))
        if operation == "GetResources":
            return [
                {"ResourceARN": arn, "Tags": _tag_list(tags)} for arn, tags in self.tags.items()
            ]
        domain_id = parameters.get("DomainIdEquals")
        type_ = next(
            one
            for kind in KINDS
            for one in (kind.aws_type, kind.companion)
            if one is not None and one.listing == operation
        )
        known = self.now - timedelta(seconds=LAG_OF_LISTINGS)
        return [
            dict(one)
            for name, one in self.of(type_.name).items()
            if domain_id in {None, one.get("DomainId")}
            and self._made_at.get((type_.name, name), START) <= max(known, START)
        ]

    async def call(
        self, where: AccountRegion, operation: str, parameters: Mapping[str, Any]
    ) -> Thing:
        """Carry a call out."""
        known, given = OPERATIONS[operation], copy.deepcopy(dict(parameters))
        answer = self._carry_out(known, given)
        if known.does is not Does.READ:
            self.calls.append(operation)
        return answer

    def _carry_out(self, known: AwsOperation, given: Thing) -> Thing:
        if known.does is Does.TAG:
            return self._tag(given)
        if known.type in BY_TYPE:
            return self._act(BY_TYPE[known.type], known.does, given)
        kind = next(one for one in KINDS if one.companion and one.companion.name == known.type)
        assert kind.companion is not None
        return self._act_on_companion(kind, kind.companion, known.does, given)

    def add(self, kind: ManagedKind, given: Thing, tags: Mapping[str, str]) -> Thing:
        """A thing that is simply there."""
        type_: AwsType[Any] = kind.aws
        self._made += 1
        id_ = given.get(type_.id) or f"{type_.id_prefix}{self._made}"
        arn = f"arn:aws:sagemaker:eu-west-1:123456789012:{kind.arn_segment}/{id_}"
        times = {type_.created: self.now, type_.modified: self.now}
        thing = {type_.status: "InService", **given, type_.id: id_, type_.arn: arn, **times}
        self.of(type_.name)[id_] = thing
        self.tags[arn] = dict(tags)
        return thing

    def _act(self, kind: ManagedKind, does: Does, given: Thing) -> Thing:
        type_, tags = kind.aws, {one["Key"]: one["Value"] for one in given.pop("Tags", ())}
        if does is Does.CREATE:
            thing = self.add(kind, {**given, type_.status: "Pending"}, tags)
            self._made_at[type_.name, thing[type_.id]] = self.now
            return {type_.id: thing[type_.id], type_.arn: thing[type_.arn]}
        found = self.of(type_.name).get(given[type_.id])
        if found is None:
            raise AwsError("", FailureKind.GONE, "ResourceNotFound", "there is no such thing")
        if does is Does.READ:
            return dict(found)
        status = found[type_.status]
        assert status in {"InService", "Stopped"}, f"{does} while {status}"
        if does is Does.UPDATE:
            found |= given
            if status != "Stopped":
                found[type_.status] = "Updating"
        elif does is Does.START:
            assert status == "Stopped"
            found[type_.status] = "Starting"
        elif does is Does.STOP:
            assert status == "InService"
            found[type_.status] = "Stopping"
        else:
            if kind.companion is not None:
                assert given[type_.id] not in self.of(kind.companion.name)
            found[type_.status] = "Deleting"
            del self.tags[found[type_.arn]]
        found[type_.modified] = self.now
        return {}

    def _act_on_companion(
        self, kind: ManagedKind, type_: Companion, does: Does, given: Thing
    ) -> Thing:
        name, things = type_.resource(given), self.of(type_.name)
        assert name in self.of(kind.aws.name)
        if does in {Does.CREATE, Does.START}:
            if name in things:  # a listing that lags does not show it yet
                raise AwsError("", FailureKind.BUSY, "ResourceInUse", "it is there already")
            things[name] = {**given, "Status": "Pending", "CreationTime": self.now}
            self._made_at[type_.name, name] = self.now
        else:
            things[name]["Status"] = "Deleting"
        return {}

    def _tag(self, given: Thing) -> Thing:
        tags = self.tags[given["ResourceArn"]]
        tags.update({one["Key"]: one["Value"] for one in given.get("Tags", ())})
        for key in given.get("TagKeys", ()):
            tags.pop(key, None)
        return {}


def _tag_list(tags: Mapping[str, str]) -> list[Thing]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class World:
    """Resources in a cluster, AWS, and an operator that may be killed.

    `resources`: as the API server has them, with what was written of their status.
    """

    def __init__(
        self,
        documents: Mapping[Key, Any],
        region: str,
        kill: Kill | None = None,
        prices: Prices = NO_PRICES,
    ) -> None:
        self._prices = prices
        self.aws = AwsOfKinds()
        self.resources = {
            key: compose(key, raw, None, START, number=number)
            for number, (key, raw) in enumerate(sorted(documents.items()), start=1)
        }
        self.kill = kill
        self._region = region
        self.start()

    def start(self) -> None:
        """A new process: it knows what the API server and AWS show."""
        self.store = Store(self._region)
        for raw in self.resources.values():
            self.store.apply(raw)
        self.inventory = Inventory(
            self.aws, Settings(), self._clock, lambda _: None, now=lambda: self.aws.now
        )
        self._subscriptions = Subscriptions(self.inventory)
        self._due: dict[Key, datetime] = {}  # when a plan asked to plan again
        facts = Facts(self.store, self.inventory, CLUSTER)
        self._gatherer = Gatherer(
            self.store,
            self.inventory,
            facts,
            cluster=CLUSTER,
            tuning=Tuning(),
            known_instance_types=frozenset(),
            prices=self._prices,
        )

    def delete(self, key: Key) -> None:
        """`kubectl delete`."""
        raw = deleted(self.resources[key], self.aws.now)
        self._write(key, {**raw, "metadata": {**raw["metadata"], "generation": 9}})
        self.store.apply(self.resources[key])

    def edit(self, key: Key, **spec: Any) -> None:
        """A new spec is applied: with these members, without those that are None."""
        raw = self.resources[key]
        members = {**raw["spec"], **spec}
        kept = {name: value for name, value in members.items() if value is not None}
        generation = raw["metadata"]["generation"] + 1
        self._apply(key, {**raw, "spec": kept}, generation=generation)

    def annotate(self, key: Key, name: str, value: str) -> None:
        """A person asks for something."""
        raw = self.resources[key]
        annotations = {**raw["metadata"].get("annotations", {}), name: value}
        self._apply(key, raw, annotations=annotations)

    def _apply(self, key: Key, raw: Thing, **metadata: Any) -> None:
        self._write(key, {**raw, "metadata": {**raw["metadata"], **metadata}})
        self.store.apply(self.resources[key])

    def sleep_until(self, moment: datetime) -> None:
        """Time goes by: the operator works when its plans have asked for that, and not before."""
        while due := [one for one in self._due.values() if self.aws.now < one <= moment]:
            self.aws.now = min(due)
            self.run()
        self.aws.now = max(self.aws.now, moment)

    def run(self) -> None:
        """Until nothing is left to do, with a new process where one was killed."""
        for _ in range(ROUNDS_AT_MOST):
            before = (len(self.aws.calls), copy.deepcopy(self.resources), self._things())
            self.aws.tick()
            try:
                self.turn()
            except KilledError:
                self.kill = None
                self.start()
                continue
            now = self.aws.now
            is_waiting = any(now < due <= now + SOON for due in self._due.values())
            if before == (len(self.aws.calls), self.resources, self._things()) and not is_waiting:
                return
        raise AssertionError(f"no end: {self.aws.calls}, {self.resources}")

    def turn(self) -> None:
        """Each resource is worked on once. Raises KilledError where the operator is killed."""
        _run(self._round())

    def ready(self, key: Key) -> tuple[str, str]:
        """Status and reason of the Ready condition."""
        conditions = self.resources[key]["status"]["conditions"]
        found = next(one for one in conditions if one["type"] == "Ready")
        return found["status"], found["reason"]

    def _things(self) -> Any:
        statuses = {
            (type_, name): thing["Status"]
            for type_, things in self.aws.things.items()
            for name, thing in things.items()
        }
        return statuses, len(self.inventory.ages())

    def _clock(self) -> float:
        return (self.aws.now - START).total_seconds()

    async def _round(self) -> None:
        for entry in list(self.store):
            self._subscriptions.follow(entry.key, self._gatherer.scope_of(entry))
        for sweeper in list(self.inventory._scheduler._sweepers.values()):
            if "linger" not in type(sweeper).__module__:  # looks for what is no kind's
                sweeper.schedule.nudge(self._clock())
                await sweeper.sweep(10)
        for entry in sorted(self.store, key=lambda one: REFERENCES.rank_of(one.key.kind)):
            await self._turn(entry)

    async def _turn(self, entry: Entry) -> None:
        taken: list[Step] = []
        while True:
            planned = self._gatherer.plan(entry, Moment(entry.declared, None, self.aws.now))
            self._subscriptions.follow(entry.key, planned.scope)
            step = next_step(planned.plan, taken, deleting=entry.deleting)
            taken.append(step)
            match step:
                case LetGo():
                    self.store.drop(entry.key)
                    self._due.pop(entry.key, None)
                    del self.resources[entry.key]
                    return
                case Read(looks):
                    await self._read(planned, looks)
                case Make():
                    if not await self._make(entry, planned, step):
                        self._due[entry.key] = self.aws.now + timedelta(seconds=SECONDS_A_ROUND)
                        return
                case Wait() | Settle():
                    self._due[entry.key] = planned.plan.wake_at or START
                    self.store.remember(entry, planned.plan.status)
                    self._record(entry)
                    return

    async def _read(self, planned: Planned, looks: frozenset[Look]) -> None:
        for about in planned.about:
            for look in looks:
                await self.inventory.look(about, look)

    async def _make(self, entry: Entry, planned: Planned, make: Make) -> bool:
        """Make the call; whether AWS took it."""
        self.store.remember(entry, planned.plan.status)
        if make.record_first:
            self._record(entry)
        number, where = len(self.aws.calls), planned.scope.account_region
        if self.kill == (number, "before"):
            raise KilledError
        try:
            answer = await self.aws.call(where, make.call.operation, make.call.parameters)
        except AwsError as refusal:
            if refusal.kind is not FailureKind.BUSY:
                raise
            self.aws.refused.append(make.call.operation)
            return False
        if self.kill == (number, "after"):
            raise KilledError
        self.inventory.expect(make.call, answer, where)
        return True

    def _record(self, entry: Entry) -> None:
        raw = self.resources[entry.key]
        self._write(entry.key, {**raw, "status": entry.status.dump()})

    def _write(self, key: Key, raw: Thing) -> None:
        if raw != self.resources[key]:
            version = str(int(raw["metadata"]["resourceVersion"]) + 1000)
            metadata = {**raw["metadata"], "resourceVersion": version}
            self.resources[key] = {**raw, "metadata": metadata}


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, 30))
