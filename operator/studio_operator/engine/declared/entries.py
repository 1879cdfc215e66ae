"""One declared resource as the operator holds it: its body in parts, parsed when first needed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from operator import is_
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from studio_operator.api.common import FINALIZER, OUR_ANNOTATIONS, CommonStatus
from studio_operator.api.reading import read_spec, text_in
from studio_operator.engine.context import about
from studio_operator.engine.declared.packed import Opened, pack, unpack
from studio_operator.engine.declared.shown import read_status
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kube.resources import Key, key_of, references_of
from studio_operator.plan.scope import OWN_ACCOUNT, Scope
from studio_operator.plan.tenancy.policy import TenantRules
from studio_operator.plan.types import Declared

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]
MadeT = TypeVar("MadeT")


# Spec, status and their models of so many entries are at hand: what is worked on, with the domains
# and profiles that it refers to. All others are packed, and opened again when they are needed.
_opened = Opened(512)


class ObservedIn(NamedTuple):
    """Where in AWS a resource was seen last; its region is empty where that is the default one.

    `owner`: the user profile that owns it there, if it has one.
    """

    scope: Scope
    owner: str | None = None


NOWHERE = ObservedIn(Scope(OWN_ACCOUNT, ""))


class Snapshot(NamedTuple):
    """An entry as it is at one moment, for those who go through all of them, in any thread.

    - `planned`: its status, where this process planned it; None where that follows `shown`.
    """

    key: Key
    uid: str
    created_at: datetime
    refers_to: tuple[Key, ...]
    spec: bytes
    shown: bytes
    planned: CommonStatus | bytes | None

    def read_spec(self) -> Raw:
        """The spec as a value of JSON."""
        spec: Raw = unpack(self.spec)
        return spec

    def read_shown(self) -> Raw:
        """The status as the API server has it."""
        shown: Raw = unpack(self.shown)
        return shown

    def read_status(self) -> Raw:
        """The status as planned last."""
        if self.planned is None:
            shown = self.read_shown()
            return shown if shown.get(_UID) in {None, self.uid} else {}
        planned = self.planned
        status: Raw = unpack(planned) if isinstance(planned, bytes) else planned.dump()
        return status


@dataclass(slots=True)
class _Contents:
    """What was read of an entry since it was opened."""

    spec: Raw | None = None
    shown: Raw | None = None
    declared: Declared[Any] | None = None
    status: CommonStatus | None = None
    made: dict[str, tuple[tuple[object, ...], Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """A resource as last seen. Of its body it holds what is ours, and no label or annotation else.

    - `version`: its resourceVersion, by which older news are told from newer ones.
    - `annotations`: those that mean anything to us; anybody may write any others.
    - `finalizers`: those of others are left out, and `has_more_finalizers`, where they are many.
    - `shown`: status as the API server has it.
    - `status`: as planned last, which may not be written yet; planners get this one.
    - `planned`: whether `status` was planned by this process; else it follows `shown`.
    - `aws_name`: its name in AWS, as its spec has it; `refers_to`: the resources that this names.
    - `observed_in`: where in AWS `status` has it, and the owner that it has there.
    - `owned`: what this process has seen in AWS with this resource's tag, None for nothing. Unlike
      status, nobody can forge it. `ran_on`: the instance type on which it saw its app run last.
    """

    key: Key
    uid: str
    version: int
    generation: int
    created_at: datetime
    deleting: bool
    finalizers: tuple[str, ...]
    annotations: Mapping[str, str]
    has_more_finalizers: bool = False
    planned: bool = False
    aws_name: str = ""
    refers_to: tuple[Key, ...] = ()
    owned: Hashable | None = None
    ran_on: str | None = None
    observed_in: ObservedIn = NOWHERE
    _spec: bytes = b"{}"
    _shown: bytes = b"{}"
    _status: bytes = b"{}"  # as planned last, of one that is closed
    _contents: _Contents | None = field(default=None, repr=False)
    _rules: tuple[int, TenantRules] | None = field(default=None, repr=False)

    @classmethod
    def from_raw(cls, raw: Raw, known: Entry | None = None) -> Entry:
        """The entry of a resource's body.

        `known`: what is held of it. A spec of the same generation is the same.
        """
        metadata = raw["metadata"]
        key, generation = key_of(raw), metadata.get("generation", 1)
        shown = read_status(BY_NAME[key.kind].status, raw.get("status"))
        finalizers = _kept(metadata.get("finalizers", ()))
        if known is None or (known.uid, known.generation) != (metadata["uid"], generation):
            spec = raw.get("spec") or {}
            name = text_in(spec, BY_NAME[key.kind].name_field) or key.name
            refers_to, packed = _references_in(key, spec), pack(spec)
        else:
            name, refers_to, packed = known.aws_name, known.refers_to, known._spec
        return cls(
            key=key,
            uid=metadata["uid"],
            version=version_of(raw),
            generation=generation,
            created_at=datetime.fromisoformat(metadata["creationTimestamp"]),
            deleting="deletionTimestamp" in metadata,
            finalizers=finalizers,
            has_more_finalizers=finalizers != tuple(metadata.get("finalizers", ())),
            annotations=own_annotations(metadata.get("annotations") or {}),
            aws_name=name,
            refers_to=refers_to,
            observed_in=_observed_in(shown, metadata["uid"]),
            _spec=packed,
            _shown=pack(shown),
        )

    @property
    def has_finalizer(self) -> bool:
        """Whether it carries our finalizer."""
        return FINALIZER in self.finalizers

    @property
    def spec(self) -> Raw:
        """The spec as it is declared."""
        contents = self._open()
        if contents.spec is None:
            contents.spec = unpack(self._spec)
        return contents.spec

    @property
    def shown(self) -> Raw:
        """The status as the API server has it."""
        contents = self._open()
        if contents.shown is None:
            contents.shown = unpack(self._shown)
        return contents.shown

    @property
    def declared(self) -> Declared[Any]:
        """What is declared, parsed."""
        contents = self._open()
        if contents.declared is None:
            contents.declared = self._parse()
        return contents.declared

    @property
    def status(self) -> CommonStatus:
        """The status as planned last, else as the API server has it.

        A status that was written for another resource of that name, and restored by a back-up tool,
        says nothing of this one.
        """
        contents = self._open()
        if contents.status is None:
            shown = parse_status(self.key, unpack(self._status) if self.planned else self.shown)
            is_own = shown.resource_uid in {None, self.uid}
            contents.status = shown if is_own else type(shown)()
        return contents.status

    @property
    def rules(self) -> TenantRules | None:
        """The rules that it makes for namespaces; None for one of a kind that makes none.

        They are compiled once for each generation, and kept when the entry is closed: they are
        asked for each resource that comes or goes.
        """
        governs = BY_NAME[self.key.kind].governs
        if governs is None:
            return None
        known = self._rules
        if known is None or known[0] != self.generation:
            before = known[1] if known else None
            known = (self.generation, governs(self.declared, self.spec, before))
            self._rules = known
        return known[1]

    def make_once(
        self, name: str, observed: tuple[object, ...], make: Callable[[], MadeT]
    ) -> MadeT:
        """What `make` gives, kept while the entry is open.

        It is made anew once what is declared, the status or a part of `observed` is another object.
        """
        basis = (self.declared, self.status, *observed)
        known = self._open().made.get(name)
        if known is None or not all(map(is_, known[0], basis)):
            self._open().made[name] = known = (basis, make())
        value: MadeT = known[1]
        return value

    def remember(self, status: CommonStatus) -> None:
        """Take a planned status as the one that planners get."""
        self._open().status = status
        self.planned = True
        owner = getattr(status, "owner", None)
        self.observed_in = _where(status.region, status.domain_id, owner)

    def snapshot(self) -> Snapshot:
        """The entry as it is now, without opening it."""
        return Snapshot(
            key=self.key,
            uid=self.uid,
            created_at=self.created_at,
            refers_to=self.refers_to,
            spec=self._spec,
            shown=self._shown,
            planned=self._planned() if self.planned else None,
        )

    def _planned(self) -> CommonStatus | bytes:
        opened = self._contents.status if self._contents else None
        return opened or self._status

    def differs(self, newer: Entry) -> bool:
        """Whether a newer body holds anything a planner would look at."""
        return self._declaration != newer._declaration or self._shown != newer._shown

    @property
    def _declaration(self) -> tuple[object, ...]:
        """What of a body is declared. Finalizers of others may come and go."""
        return (self.generation, self.deleting, self.has_finalizer, self.annotations)

    def shows_as(self, other: Entry) -> bool:
        """Whether the API server shows the same status of both."""
        return self._shown == other._shown

    def shows(self, status: Raw) -> bool:
        """Whether the API server has this status."""
        return self._shown == pack(status)

    def update(self, newer: Entry) -> None:
        """Take over a newer body of the same resource.

        What was planned here stays what planners get. A process that stands by plans nothing: it
        must know what the one that leads has written, when its own turn comes.
        """
        contents = self._contents or _Contents()
        if self._declaration != newer._declaration:
            contents.declared = None
        if newer.generation != self.generation:
            self._spec, contents.spec = newer._spec, None
            self.aws_name, self.refers_to = newer.aws_name, newer.refers_to
        self.generation, self.deleting = newer.generation, newer.deleting
        self.finalizers, self.annotations = newer.finalizers, newer.annotations
        self.has_more_finalizers = newer.has_more_finalizers
        self.version = newer.version
        if newer._shown != self._shown:
            self._shown, contents.shown = newer._shown, None
            if not self.planned:
                contents.status, self.observed_in = None, newer.observed_in

    def close(self) -> None:
        """Keep the packed form alone."""
        contents, self._contents = self._contents, None
        if contents is None or contents.status is None or not self.planned:
            return
        status = pack(contents.status.dump())
        # Mostly that was written, and is held once.
        self._status = self._shown if status == self._shown else status

    def _open(self) -> _Contents:
        if self._contents is None:
            self._contents = _Contents()
            _opened.use(self)
        return self._contents

    def _parse(self) -> Declared[Any]:
        spec, unreadable = read_spec(BY_NAME[self.key.kind].spec, self.spec)
        return Declared(
            name=self.key.name,
            namespace=self.key.namespace,
            uid=self.uid,
            generation=self.generation,
            created_at=self.created_at,
            spec=spec,
            deleting=self.deleting,
            finalizer=self.has_finalizer,
            annotations=self.annotations,
            unreadable=unreadable,
        )


def _kept(finalizers: Sequence[str]) -> tuple[str, ...]:
    if sum(map(len, finalizers)) > FINALIZERS_LIMIT:
        finalizers = [one for one in finalizers if one == FINALIZER]
    return tuple(map(sys.intern, finalizers))


# Characters of all finalizers of a resource, of which any number may be there.
FINALIZERS_LIMIT = 2048


# A time takes 35 characters at most. What is longer than this would be copied into status.
REQUEST_LIMIT = 128


def bounded_request(value: str) -> str:
    """The value of a request as it is kept and echoed: a long one by its beginning and a digest.

    So each new value is still a new request, and no status is as long as somebody likes.
    """
    if len(value) <= REQUEST_LIMIT:
        return value
    digest = sha256(value.encode(errors="replace")).hexdigest()[:32]
    return f"{value[:40]}... (sha256 {digest})"


def own_annotations(annotations: Mapping[str, str]) -> Mapping[str, str]:
    """Those by which people ask for something, with values of a bounded length."""
    own = annotations.keys() & OUR_ANNOTATIONS
    return {name: bounded_request(annotations[name]) for name in sorted(own)} if own else _NONE


_NONE: Mapping[str, str] = {}
_UID = "resourceUID"


def _references_in(key: Key, spec: Raw) -> tuple[Key, ...]:
    """What a spec refers to; the parts of the keys are the same objects for all who have them."""
    return tuple(Key(*map(sys.intern, one)) for one in references_of(key, spec))


def _observed_in(shown: Raw, uid: str) -> ObservedIn:
    if shown.get(_UID) not in {None, uid}:
        return NOWHERE
    region, domain_id = text_in(shown, "region"), text_in(shown, "domainId")
    return _where(region, domain_id, text_in(shown, "owner"))


def _where(region: str | None, domain_id: str | None, owner: str | None) -> ObservedIn:
    scope = Scope(OWN_ACCOUNT, sys.intern(region or ""), _shared(domain_id))
    return ObservedIn(scope, _shared(owner))


def _shared(text: str | None) -> str | None:
    """The same object for all who have that text."""
    return sys.intern(text) if text is not None else None


def version_of(raw: Raw) -> int:
    """The resourceVersion: an integer that grows, so Kubernetes promises since 1.35 (KEP-5504)."""
    return int(raw["metadata"]["resourceVersion"])


def parse_status(key: Key, shown: Raw) -> CommonStatus:
    """The status as a model; members that another version of the operator wrote are left out."""
    model = BY_NAME[key.kind].status
    try:
        return model.model_validate(shown)
    except ValidationError as error:
        unreadable = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        with about(object=key):
            log.warning("Members of status can't be read and are ignored: %s", sorted(unreadable))
    return model.model_validate({k: v for k, v in shown.items() if k not in unreadable})
