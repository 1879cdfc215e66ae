"""What a change of YAML does in AWS, told from two dry runs: without the change, and with it.

What both have in common is not the change's doing and is left out: an operator that has caught up
does nothing in the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from studio_operator.aws.regions import known_regions
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.kinds.feature import Feature
from studio_operator.kinds.registry import BY_NAME, FEATURES, PERSON, REFERENCES, RUNNING
from studio_operator.kube.resources import Key, references_of
from studio_operator.plan.prices import Prices
from studio_operator.plan.scope import OWN_ACCOUNT, Scope
from studio_operator.plan.types import Tuning
from studio_operator.plugin.admission.api_server import find_objections
from studio_operator.plugin.planning.assumptions import adopts, enter_existing, missing_references
from studio_operator.plugin.planning.costs import compare_costs
from studio_operator.plugin.planning.dry_run import DryRun, Outcome, Stage, dry_run
from studio_operator.plugin.planning.effects import effects_of, later, without_effect
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.objects import can_exist, compose, deleted, place_of
from studio_operator.plugin.planning.recorded_state import (
    enter_record,
    is_gone,
    is_of_others,
    name_of,
)
from studio_operator.plugin.planning.report import Action, Effect, PlanReport, ResourceReport

Raw = Mapping[str, Any]
Resources = Mapping[Key, Raw]
# The region whose images are thought of where none is known. Prices stay unknown then.
ANY_REGION = "us-east-1"
# What the people of a space notice.
_CONCERNS = frozenset({Action.RESTART, Action.STOP, Action.WAIT, Action.DELETE, Action.SCHEDULE})


@dataclass(frozen=True)
class PlanRequest:
    """What is asked.

    - `before`, `after`: the resources as files, without and with the change, by key.
    - `records`: resources with status as the API server has them; None when nothing is known of
      AWS, then `before` is taken to be carried out.
    - `region`: of domains that name none, None when not known.
    - `tuning`: what planners go by of the operator's settings, None when these are not known.
    """

    before: Resources
    after: Resources
    records: Resources | None
    prices: Prices
    now: datetime
    region: str | None = None
    basis: str = ""
    tuning: Tuning | None = None

    @property
    def keys(self) -> list[Key]:
        """All resources that the change could be about."""
        return sorted({*self.before, *self.after})


def make_plan(request: PlanRequest) -> PlanReport:
    """What the change would do. Raises DryRunError."""
    # What no API server could have taken was never there.
    present = {key: raw for key, raw in request.before.items() if can_exist(key)}
    request = replace(request, before=present)
    scene = _Scene(request)
    without, with_ = scene.run_both()
    keys = [*request.keys, *scene.others_concerned(without, with_)]
    reports = tuple(scene.report(key, without, with_) for key in sorted(keys))
    return PlanReport(
        resources=reports,
        basis=request.basis,
        assumptions=tuple(scene.assumptions(with_)),
        currency=request.prices.currency,
        sources=request.prices.sources,
    )


class _Scene:
    """The question's resources as the API server would have them, without the change and with."""

    def __init__(self, request: PlanRequest) -> None:
        self._request = request
        self._records = request.records or {}
        self._region = request.region or ANY_REGION
        before, after = dict(request.before), dict(request.after)
        self._assumed: dict[Key, dict[str, Any]] = {}
        if request.records is None:
            self._assumed = missing_references({**before, **after})
        context = {key: raw for key, raw in self._records.items() if key not in {*before, *after}}
        context |= self._assumed
        everything = sorted({*before, *after, *context})
        self._numbers = {key: number for number, key in enumerate(everything, start=1)}
        self._old = {key: self._compose(key, raw) for key, raw in {**context, **before}.items()}
        self.objections = {key: self._object_to(key, raw) for key, raw in after.items()}
        self._new = self._changed(context, after)

    # --- resources ---

    def _compose(self, key: Key, document: Raw) -> dict[str, Any]:
        record = self._records.get(key)
        return compose(key, document, record, self._request.now, number=self._numbers[key])

    def _changed(self, context: Resources, after: Resources) -> dict[Key, dict[str, Any]]:
        """As after the change: what is refused stays as it was, what is left out is deleted."""
        new = {key: self._old[key] for key in context}
        for key, raw in after.items():
            if not self.objections[key]:
                new[key] = self._renewed(key, raw)
            elif key in self._old:
                new[key] = self._old[key]
        for key in self._request.before:
            if key not in after and (self._request.records is None or key in self._records):
                new[key] = deleted(self._old[key], self._request.now)
        return new

    def _renewed(self, key: Key, document: Raw) -> dict[str, Any]:
        """The changed resource: a new spec is a new generation."""
        resource, old = self._compose(key, document), self._old.get(key)
        if old is not None and key not in self._records and old["spec"] != resource["spec"]:
            resource["metadata"]["generation"] += 1
        return resource

    def _object_to(self, key: Key, document: Raw) -> tuple[Effect, ...]:
        """What the API server would say to the new resource, in place of the old one."""
        metadata = place_of(key)
        plain = {name: value for name, value in document.items() if name != "status"}
        old = self._records.get(key) or self._old.get(key)
        objections = find_objections({**plain, "metadata": metadata}, old)
        return tuple(Effect(Action.REFUSE, f"{one}") for one in objections)

    # --- dry runs ---

    def run_both(self) -> tuple[DryRun, DryRun]:
        """Without the change, and with it, from the same start."""
        start = self._recorded() if self._request.records is not None else self._settled()
        return self._rehearse(self._old, start), self._rehearse(self._new, start)

    def _rehearse(self, resources: Mapping[Key, Raw], start: Stage) -> DryRun:
        tuning = self._request.tuning or Tuning()
        stage = replace(start, resources=tuple(resources.values()), tuning=tuning)
        # The same rule as the operator's, but for regions that its settings add.
        regions = known_regions(self._request.region)
        return dry_run(stage, self._request.now, self._region, self._prepare, regions)

    def _recorded(self) -> Stage:
        """The start as status has it."""
        aws = InMemoryAws(self._request.now)
        for key in sorted(self._records, key=lambda one: REFERENCES.rank_of(one.kind)):
            record = self._records[key]
            numbered = {**record["metadata"], "resourceVersion": str(self._numbers[key])}
            entry = Entry.from_raw({**record, "metadata": numbered})
            enter_record(aws, entry, self._region)
        return Stage((), aws, {})

    def _settled(self) -> Stage:
        """The start where nothing is recorded: all that was there before is carried out."""
        empty = Stage((), InMemoryAws(self._request.now), {})
        settled = self._rehearse(self._old, empty)
        for key, entry in settled.entries.items():
            status = entry.status
            scope = Scope(OWN_ACCOUNT, status.region or "", status.domain_id)
            left_to_people = key.kind in RUNNING and entry.spec.get("state") is None
            if left_to_people:
                settled.aws.start(BY_NAME[key.kind], scope, name_of(entry))
        return Stage((), settled.aws, settled.memories)

    def _prepare(self, aws: InMemoryAws, store: Store, entry: Entry) -> None:
        """What is adopted, or is others', is taken to exist as it is declared."""
        status = entry.status
        if status.arn is not None or is_gone(status):
            return
        if is_of_others(status) or adopts({"kind": entry.key.kind, "spec": entry.spec}):
            enter_existing(aws, store, entry)

    # --- what to say ---

    def others_concerned(self, without: DryRun, with_: DryRun) -> list[Key]:
        """Recorded resources that are no part of the change, and to which it does something."""
        others = self._records.keys() - {*self._request.keys}
        return [
            key
            for key in others
            if key in with_.outcomes and not with_.outcomes[key].is_same(without.outcomes.get(key))
        ]

    def report(self, key: Key, without: DryRun, with_: DryRun) -> ResourceReport:
        """What the change does to one resource."""
        before, after = without.outcomes.get(key), with_.outcomes.get(key)
        effects = self._effects(key, before, after)
        calls = after.operations if effects and after and not after.is_same(before) else ()
        cost = None
        if key.kind in RUNNING and not any(one.action is Action.ADOPT for one in effects):
            cost = compare_costs(key, without, with_, self._request.prices, self._request.region)
        people = self._people(key) if _concerns_people(key, effects) else None
        return ResourceReport(key, effects, calls, people, cost)

    def _effects(
        self, key: Key, without: Outcome | None, with_: Outcome | None
    ) -> tuple[Effect, ...]:
        if self.objections.get(key):
            unchanged = self._request.before.get(key) == self._request.after.get(key)
            return () if unchanged else self.objections[key]
        if with_ is None:
            return ()
        resource = self._new[key]
        deleting = key in self._request.before and key not in self._request.after
        effects = effects_of(with_, resource["spec"], deleting=deleting)
        further = () if deleting else (*later(with_, without), *without_effect(with_, without))
        if not with_.is_same(without):
            return (*effects, *further)
        changed = self._old[key]["spec"] != resource["spec"]
        refused = (one for one in effects if changed and one.action is Action.REFUSE)
        return (*refused, *further)

    def _people(self, key: Key) -> str:
        spec = self._new[key]["spec"]
        person = next((one for one in references_of(key, spec) if one.kind == PERSON), None)
        owner = person.name if person else ""
        if spec.get("sharing") != "Shared":
            return owner
        everybody = "everybody who uses the shared space"
        return f"{owner} and {everybody}" if owner else everybody

    def assumptions(self, with_: DryRun) -> list[str]:
        """What was taken for granted."""
        said = []
        if self._request.records is None:
            said.append(
                "Nothing is known of AWS: what was there before the change is taken to be carried "
                "out, and an app whose state is not Stopped to run."
            )
        if self._assumed:
            names = ", ".join(str(key) for key in sorted(self._assumed))
            said.append(f"Not among the files, taken to be ready: {names}.")
        adopted = [
            key
            for key in self._request.after
            if key in with_.outcomes
            and adopts({"kind": key.kind, "spec": self._new[key]["spec"]})
            and key not in self._records
            and key not in self._request.before
        ]
        if adopted:
            names = ", ".join(str(key) for key in sorted(adopted))
            said.append(
                f"Taken to exist in AWS just as declared: {names}. What differs there is changed, "
                "and what does not exist is created (a domain is refused)."
            )
        if self._request.tuning is None:
            said += [one.untold for one in FEATURES if one.field and self._changes(one)]
        return said

    def _changes(self, feature: Feature) -> bool:
        """Whether a resource gets a feature, or has it otherwise."""
        return any(
            wanted != _block_of(feature, self._old.get(key))
            for key, raw in self._request.after.items()
            if feature in BY_NAME[key.kind].features and (wanted := _block_of(feature, raw))
        )


def _block_of(feature: Feature, resource: Raw | None) -> Any:
    spec = (resource or {}).get("spec")
    return spec.get(feature.field) if isinstance(spec, Mapping) else None


def _concerns_people(key: Key, effects: Iterable[Effect]) -> bool:
    """Whether somebody at work notices; nobody is in a space that is created only now."""
    happens = {one.action for one in effects}
    return key.kind in RUNNING and Action.CREATE not in happens and bool(happens & _CONCERNS)
