"""Whatever the CRDs admit can be read or is told in our words, and can be deleted.

The same for what only the CRDs of another version admit: any member may hold anything.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studio_operator.api.common import Model
from studio_operator.api.reading import read_spec
from studio_operator.api.schedule import UNKNOWN_ZONE
from studio_operator.kinds.shared.unreadable import report_unreadable
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.studio_domain.api import StudioDomainSpec
from studio_operator.kinds.user_profile.api import UserProfileSpec

from tests.unit.api.schema_cases import BASES
from tests.unit.plan.admitted_specs import SCHEMAS, admitted
from tests.unit.plan.aws_model import Aws
from tests.unit.plan.engine_model import DomainEngine, ProfileEngine
from tests.unit.plan.space_world import SpaceWorld
from tests.unit.plan.style import faults_of

KINDS: list[str] = ["StudioDomain", "UserProfile", "Space"]
MODELS: dict[str, type[Model]] = {
    "StudioDomain": StudioDomainSpec,
    "UserProfile": UserProfileSpec,
    "Space": SpaceSpec,
}
# No edit changes where a resource is found in AWS.
FIXED = {"spaceName", "userProfileName", "domainName", "domainId", "aws"}
POLICIES = ["Retain", "Delete", "Orphan"]
# What a library says to programmers, not what we say to people.
NOT_OUR_WORDS = re.compile(
    r"Value error|Input should|Dictionary|should (be|have|match)|valid (string|list|dict|integer)"
    r"|Field required|[Uu]nable to|Error|Partial|Spec\b|None|pydantic|Duplicate value"
)
# A message repeats what stands in the spec, and is held to the style: what is against it in a value
# itself, such as a person's own "None", is not the message's.
TEXTS = st.text(max_size=60).filter(lambda text: not faults_of(" ".join(text.split())))
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99999) | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(TEXTS.filter(lambda text: len(text) <= 8), inner)
    ),
    max_leaves=3,
)
SLOW = settings(suppress_health_check=list(HealthCheck), max_examples=30)


def check_words(kind: str, spec: dict[str, Any]) -> None:
    """What can't be read is told in our words, with the place as in YAML, within 250 characters."""
    _, unreadable = read_spec(MODELS[kind], spec)
    if unreadable is None:
        return
    message = report_unreadable(unreadable, is_observed=False, is_known=False).message
    assert len(message) <= 250, message
    shown = [value for value in _texts_in(spec) if len(value) > 3]
    said = message
    for value in sorted(shown, key=len, reverse=True):
        said = said.replace(" ".join(value.split())[:37], "VALUE")
    assert not NOT_OUR_WORDS.search(said), message
    assert re.match(r"spec\.\w+[.\[ ]", said), message
    assert set(SCHEMAS[kind]["properties"]) >= unreadable.fields


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.items() for part in one for text in _texts_in(part)]
    if isinstance(value, list):
        return [text for one in value for text in _texts_in(one)]
    return [str(value)]


def check_deletion(kind: str, spec: dict[str, Any]) -> None:
    """A resource that was in service and is edited so can be deleted, also after a restart."""
    made = in_service(kind)
    fixed = {name: value for name, value in BASES[kind]["spec"].items() if name in FIXED}
    edited = {name: value for name, value in spec.items() if name not in FIXED} | fixed
    made.apply(edited, *([] if kind == "Space" else [MODELS[kind]]))
    made.step()
    made.step()
    made.crash()
    made.deleting = True
    made.generation += 1
    if isinstance(made, SpaceWorld) and not is_backup_asked(made):
        waits_for_people(made)
    made.run(steps=120)
    assert made.released


def is_backup_asked(made: SpaceWorld) -> bool:
    return made.status.backup is not None and made.status.backup.requested_at is not None


def waits_for_people(made: SpaceWorld) -> None:
    """A back-up before a deletion is a person's to allow: here it is not asked for."""
    if made.unreadable is None and made.spec.backup is not None:
        made.spec = made.spec.model_copy(update={"backup": None})


def in_service(kind: str) -> Any:
    """A resource of the kind that AWS has, as it was declared first."""
    spec = BASES[kind]["spec"]
    if kind == "Space":
        world = SpaceWorld(SpaceSpec.model_validate({**spec, "state": "Running"}))
        while not world.is_running():
            world.step()
        return world
    engines = {"StudioDomain": DomainEngine, "UserProfile": ProfileEngine}
    made = engines[kind].of(Aws(), spec)  # type: ignore[attr-defined] # both have it
    made.run()
    return made


@pytest.mark.parametrize("kind", KINDS)
@SLOW
@given(data=st.data())
def test_what_the_crds_admit_can_be_deleted(kind: str, data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from(POLICIES))
    spec = {**data.draw(admitted(kind)), "deletionPolicy": policy}
    check_words(kind, spec)
    check_deletion(kind, spec)


@pytest.mark.parametrize("kind", KINDS)
@SLOW
@given(data=st.data())
def test_what_only_other_crds_admit_can_be_deleted(kind: str, data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from(POLICIES))
    spec = {**BASES[kind]["spec"], "deletionPolicy": policy}
    members = st.sampled_from(sorted(SCHEMAS[kind]["properties"]))
    for name in data.draw(st.lists(members, min_size=1, max_size=4, unique=True)):
        spec[name] = data.draw(JUNK)
    check_words(kind, spec)
    check_deletion(kind, spec)


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(data=st.data())
def test_only_a_time_zone_is_admitted_and_not_read(kind: str, data: st.DataObject) -> None:
    spec = data.draw(admitted(kind))
    _, unreadable = read_spec(MODELS[kind], spec)
    if unreadable is not None:
        assert unreadable.fields <= {"schedule", "resizeWindow"}
        assert {one.type for one in unreadable.problems} == {UNKNOWN_ZONE}
