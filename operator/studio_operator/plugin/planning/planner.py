"""What a change of YAML does in AWS, told from two rehearsals: without the change, and with it.

What both have in common is not the change's doing and is left out: an operator that has caught up
does nothing in the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from studio_operator.engine.entries import Entry
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.prices import Prices
from studio_operator.plugin.planning.admission import find_objections
from studio_operator.plugin.planning.assumed import adopts, enter_existing, missing_references
from studio_operator.plugin.planning.costs import compare_costs
from studio_operator.plugin.planning.objects import compose, deleted
from studio_operator.plugin.planning.paper import PaperAws
from studio_operator.plugin.planning.records import enter_record, is_gone, is_of_others
from studio_operator.plugin.planning.rehearsal import Outcome, Rehearsed, Stage, rehearse
from studio_operator.plugin.planning.report import Action, Effect, PlanReport, ResourceReport
from studio_operator.plugin.planning.verdicts import effects_of, later

Raw = Mapping[str, Any]
Resources = Mapping[Key, Raw]
# The region whose images are thought of where none is known. Prices stay unknown then.
ANY_REGION = "us-east-1"
# What the people of a space notice.
_CONCERNS = frozenset({Action.RESTART, Action.STOP, Action.WAIT, Action.DELETE})


@dataclass(frozen=True)
class Question:
    """What is asked.

    - `before`, `after`: the resources as files, without and with the change, by key.
    - `records`: resources with status as the API server has them; None when nothing is known of
      AWS, then `before` is taken to be carried out.
    - `region`: of domains that name none, None when not known.
    """

    before: Resources
    after: Resources
    records: Resources | None
    prices: Prices
    now: datetime
    region: str | None = None
    basis: str = ""

    @property
    def keys(self) -> list[Key]:
        """All resources that the change could be about."""
        return sorted({*self.before, *self.after})


def make_plan(question: Question) -> PlanReport:
    """What the change would do. Raises RehearsalError."""
    scene = _Scene(question)
    without, with_ = scene.rehearse_both()
    keys = [*question.keys, *scene.others_concerned(without, with_)]
    reports = tuple(scene.report(key, without, with_) for key in sorted(keys))
    return PlanReport(
        resources=reports,
        basis=question.basis,
        assumptions=tuple(scene.assumptions(with_)),
        currency=question.prices.currency,
        sources=question.prices.sources,
    )


class _Scene:
    """The question's resources as the API server would have them, without the change and with."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._records = question.records or {}
        self._region = question.region or ANY_REGION
        before, after = dict(question.before), dict(question.after)
        self._assumed: dict[Key, dict[str, Any]] = {}
        if question.records is None:
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
        return compose(key, document, record, self._question.now, number=self._numbers[key])

    def _changed(self, context: Resources, after: Resources) -> dict[Key, dict[str, Any]]:
        """As after the change: what is refused stays as it was, what is left out is deleted."""
        new = {key: self._old[key] for key in context}
        for key, raw in after.items():
            if not self.objections[key]:
                new[key] = self._renewed(key, raw)
            elif key in self._old:
                new[key] = self._old[key]
        for key in self._question.before:
            if key not in after and (self._question.records is None or key in self._records):
                new[key] = deleted(self._old[key], self._question.now)
        return new

    def _renewed(self, key: Key, document: Raw) -> dict[str, Any]:
        """The changed resource: a new spec is a new generation."""
        resource, old = self._compose(key, document), self._old.get(key)
        if old is not None and key not in self._records and old["spec"] != resource["spec"]:
            resource["metadata"]["generation"] += 1
        return resource

    def _object_to(self, key: Key, document: Raw) -> tuple[Effect, ...]:
        """What the API server would say to the new resource, in place of the old one."""
        metadata = {"name": key.name, "namespace": key.namespace}
        plain = {name: value for name, value in document.items() if name != "status"}
        old = self._records.get(key) or self._old.get(key)
        objections = find_objections({**plain, "metadata": metadata}, old)
        return tuple(Effect(Action.REFUSE, f"{one}") for one in objections)

    # --- rehearsals ---

    def rehearse_both(self) -> tuple[Rehearsed, Rehearsed]:
        """Without the change, and with it, from the same start."""
        start = self._recorded() if self._question.records is not None else self._settled()
        return self._rehearse(self._old, start), self._rehearse(self._new, start)

    def _rehearse(self, resources: Mapping[Key, Raw], start: Stage) -> Rehearsed:
        stage = replace(start, resources=tuple(resources.values()))
        return rehearse(stage, self._question.now, self._region, self._prepare)

    def _recorded(self) -> Stage:
        """The start as status has it."""
        aws = PaperAws(self._question.now)
        for key, record in self._records.items():
            numbered = {**record["metadata"], "resourceVersion": str(self._numbers[key])}
            entry = Entry.from_raw({**record, "metadata": numbered})
            enter_record(aws, entry, self._region)
        return Stage((), aws, {})

    def _settled(self) -> Stage:
        """The start where nothing is recorded: all that was there before is carried out."""
        empty = Stage((), PaperAws(self._question.now), {})
        settled = self._rehearse(self._old, empty)
        for key, entry in settled.entries.items():
            memory = entry.memory
            view = settled.aws.view(memory.region or "", memory.domain_id or "")
            name = str(getattr(memory, "space_name", None) or key.name)
            left_to_people = key.kind == "Space" and entry.spec.get("state") is None
            if left_to_people and name in view.spaces:
                settled.aws.start_app(memory.region or "", memory.domain_id or "", name)
        return Stage((), settled.aws, settled.memories)

    def _prepare(self, aws: PaperAws, store: Store, entry: Entry) -> None:
        """What is adopted, or is others', is taken to exist as it is declared."""
        memory = entry.memory
        if memory.arn is not None or is_gone(memory):
            return
        if is_of_others(memory) or adopts({"kind": entry.key.kind, "spec": entry.spec}):
            enter_existing(aws, store, entry)

    # --- what to say ---

    def others_concerned(self, without: Rehearsed, with_: Rehearsed) -> list[Key]:
        """Recorded resources that are no part of the change, and to which it does something."""
        others = self._records.keys() - {*self._question.keys}
        return [
            key
            for key in others
            if key in with_.outcomes and not with_.outcomes[key].is_same(without.outcomes.get(key))
        ]

    def report(self, key: Key, without: Rehearsed, with_: Rehearsed) -> ResourceReport:
        """What the change does to one resource."""
        before, after = without.outcomes.get(key), with_.outcomes.get(key)
        effects = self._effects(key, before, after)
        calls = after.operations if effects and after and not after.is_same(before) else ()
        cost = None
        if key.kind == "Space" and not any(one.action is Action.ADOPT for one in effects):
            cost = compare_costs(key, without, with_, self._question.prices, self._question.region)
        concerns = key.kind == "Space" and any(one.action in _CONCERNS for one in effects)
        return ResourceReport(key, effects, calls, self._people(key) if concerns else None, cost)

    def _effects(
        self, key: Key, without: Outcome | None, with_: Outcome | None
    ) -> tuple[Effect, ...]:
        if self.objections.get(key):
            unchanged = self._question.before.get(key) == self._question.after.get(key)
            return () if unchanged else self.objections[key]
        if with_ is None:
            return ()
        resource = self._new[key]
        deleting = key in self._question.before and key not in self._question.after
        effects = effects_of(with_, resource["spec"], deleting=deleting)
        by_the_clock = () if deleting else later(with_, without)
        if not with_.is_same(without):
            return (*effects, *by_the_clock)
        changed = self._old[key]["spec"] != resource["spec"]
        refused = (one for one in effects if changed and one.action is Action.REFUSE)
        return (*refused, *by_the_clock)

    def _people(self, key: Key) -> str:
        spec = self._new[key]["spec"]
        owner = str((spec.get("ownerRef") or {}).get("name") or "")
        if spec.get("sharing") != "Shared":
            return owner
        everybody = "everybody who uses the shared space"
        return f"{owner} and {everybody}" if owner else everybody

    def assumptions(self, with_: Rehearsed) -> list[str]:
        """What was taken for granted."""
        said = []
        if self._question.records is None:
            said.append(
                "Nothing is known of AWS: what was there before the change is taken to be carried "
                "out, and an app whose state is not Stopped to run."
            )
        if self._assumed:
            names = ", ".join(str(key) for key in sorted(self._assumed))
            said.append(f"Not among the files, taken to be ready: {names}.")
        adopted = [
            key
            for key in self._question.after
            if key in with_.outcomes
            and adopts({"kind": key.kind, "spec": self._new[key]["spec"]})
            and key not in self._records
            and key not in self._question.before
        ]
        if adopted:
            names = ", ".join(str(key) for key in sorted(adopted))
            said.append(
                f"Taken to exist in AWS just as declared: {names}. What differs there is changed, "
                "and what does not exist is created (a domain is refused)."
            )
        return said
