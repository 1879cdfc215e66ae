"""From an estate to resources that take it over: a pure function, and what it had to leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.exporting import Answered, Exporting
from studio_operator.kinds.managed_kind import ManagedKind, ScopeLevel
from studio_operator.kinds.registry import BY_NAME, HOLDER, PERSON
from studio_operator.kube.resources import key_in
from studio_operator.plan.ownership import RELEASED, OwnerMark
from studio_operator.plugin.export.adoption import finish, owner_of, refuse
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.names import fit_names
from studio_operator.plugin.export.parts import Export, Exported, Omission


@dataclass(frozen=True, slots=True)
class Choices:
    """What the files are to hold people to.

    - `drift`: `spec.drift.default` of spaces: Report has status tell what people change in Studio,
      and leaves it; Enforce changes it back.
    - `settings`: whether to declare what people may change in AWS, or only what it is.
    """

    drift: Literal["Report", "Ignore", "Enforce"] = "Report"
    settings: bool = True


def export_estate(estate: Estate, namespace: str, choices: Choices | None = None) -> Export:
    """Resources for the namespace. What others own is left to them, and referred to by name."""
    return _Exporter(estate, namespace, choices or Choices()).run()


class _Exporter:
    def __init__(self, estate: Estate, namespace: str, choices: Choices) -> None:
        self._estate = estate
        self._choices = choices
        self._namespace = namespace
        self._names = {
            name: self._name_of_domain(things[0])
            if name == HOLDER
            else _names(BY_NAME[name], things)
            for name, things in estate.things.items()
        }

    def run(self) -> Export:
        """Domain first, then what is in it, by kind and by name."""
        parts = [self._resource(kind, thing) for kind, thing in self._estate.each()]
        resources = tuple(one for one in parts if isinstance(one, Exported))
        left = tuple(one for one in parts if isinstance(one, Omission))
        return Export(resources, (*left, *self._alone()))

    def _name_of_domain(self, domain: Described) -> Mapping[str, str]:
        """Its name by its id: that of whoever has it, else AWS's."""
        mark = OwnerMark.parse(domain.tags.get(OWNER_TAG, ""))
        type_ = BY_NAME[HOLDER].aws
        name = str(domain.answer[type_.title]).lower()
        if mark is not None and (mark.uid != RELEASED or mark.namespace == self._namespace):
            name = mark.name
        return {str(domain.answer[type_.id]): name}

    def _resource(self, kind: ManagedKind, thing: Described) -> Exported | Omission:
        exporting = _exporting(kind)
        id_, title = str(thing.answer[kind.aws.id]), title_of(kind, thing)
        told = self._estate.answered(kind, thing, self._choices.drift)
        refusal = refuse(thing, title, kind.name, self._namespace) or self._refuse(kind, told)
        if isinstance(refusal, str):
            return Omission(title, "", refusal)
        if refusal is not None:
            return refusal
        key = key_in(kind.name, self._namespace, self._names[kind.name][id_])
        members = {
            **self._references(kind, thing),
            **identity(kind, thing, self._estate.region, key.name),
            **exporting.members(told),
            **(exporting.settings(told) if self._choices.settings else {}),
        }
        left = (Omission(title, *one) for one in exporting.left_out(told))
        return finish(key, title, thing, members, left)

    # --- what can't be taken over ---

    def _refuse(self, kind: ManagedKind, thing: Answered) -> str | None:
        """Why no resource of this namespace can stand for it; None where one can.

        Of who is missing where the schema wants an owner, the schema says so.
        """
        refused = _exporting(kind).refused(thing)
        owner = _exporting(kind).owner(thing.answer)
        if refused is not None or owner is None:
            return refused
        profile = self._person(owner)
        if profile is None:
            return f"its owner, {BY_NAME[PERSON].noun} {owner}, does not exist any more"
        mark = owner_of(profile)
        if mark is not None and mark.namespace != self._namespace:
            return f"its owner is {PERSON} {mark.resource}: export for namespace {mark.namespace}"
        return None

    def _person(self, name: str) -> Described | None:
        """Who is of that name in AWS, in whatever case."""
        member = BY_NAME[PERSON].aws.id
        people = self._estate.things.get(PERSON, ())
        found = (one for one in people if str(one.answer[member]).lower() == name.lower())
        return next(found, None)

    # --- references ---

    def _references(self, kind: ManagedKind, thing: Described) -> dict[str, Any]:
        """The domain that it is in, and its owner."""
        found: dict[str, Any] = {}
        owner = _exporting(kind).owner(thing.answer)
        person = self._person(owner) if owner else None
        for reference in kind.references:
            if reference.kind == HOLDER and kind.scope_level is ScopeLevel.DOMAIN:
                found[reference.field] = self._domain_reference()
            elif reference.kind == PERSON and person is not None:
                name = str(person.answer[BY_NAME[PERSON].aws.id])
                found[reference.field] = {"name": self._names[PERSON][name]}
        return found

    def _domain_reference(self) -> dict[str, str]:
        mark = owner_of(self._estate.domain)
        if mark is None or mark.namespace == self._namespace:
            return {"name": next(iter(self._names[HOLDER].values()))}
        return {"name": mark.name, "namespace": mark.namespace}

    def _alone(self) -> Iterator[Omission]:
        """What resources have besides, and belongs to none."""
        for name in self._estate.things:
            kind = BY_NAME[name]
            items = self._estate.listed_for(kind)
            yield from (Omission(*one) for one in _exporting(kind).alone(items))


def _exporting(kind: ManagedKind) -> Exporting:
    assert kind.exporting is not None
    return kind.exporting


def title_of(kind: ManagedKind, thing: Described) -> str:
    """What a thing is called in messages: `space churn`; by its id, where names may be the same."""
    by = kind.aws.title if kind.holds_others else kind.aws.id
    return f"{kind.noun} {thing.answer[by]}"


def identity(kind: ManagedKind, thing: Described, region: str, name: str) -> dict[str, Any]:
    """The members of a spec that say which thing a resource of that name takes over."""
    type_ = kind.aws
    where = {"aws": {"region": region}} if kind.scope_level is ScopeLevel.REGION else {}
    taken = {"adopt": True} if kind.id_field is None else {kind.id_field: thing.answer[type_.id]}
    title = thing.answer[type_.title or type_.id]
    return {**where, **taken, **({kind.name_field: title} if title != name else {})}


def _names(kind: ManagedKind, things: Sequence[Described]) -> dict[str, str]:
    """A name in Kubernetes for each, by id: that of whoever has it or let it go, else AWS's.

    AWS may have several of one name; these have their ids in it.
    """
    type_, named, given = kind.aws, dict[str, str](), dict[str, str]()
    titles = Counter(str(one.answer[type_.title or type_.id]) for one in things)
    for thing in things:
        id_, title = str(thing.answer[type_.id]), str(thing.answer[type_.title or type_.id])
        named[id_] = title if titles[title] == 1 else f"{title}-{id_}"
        mark = OwnerMark.parse(thing.tags.get(OWNER_TAG, ""))
        if mark is not None and mark.name not in given.values():
            given[named[id_]] = mark.name
    fitted = fit_names(named.values(), given)
    return {id_: fitted[name] for id_, name in named.items()}
