"""What a space leaves out: of its owner's profile, else of its domain, else the operator's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import EffectiveSetting
from studio_operator.kinds.space.in_aws.observed import ImageRef, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import IMAGE, INSTANCE_TYPE, LIFECYCLE_CONFIG
from studio_operator.kinds.space.planner_input.images import distribution_arn
from studio_operator.kinds.space.planner_input.inheritance import INHERITED
from studio_operator.plan.settings.table import Setting
from studio_operator.plan.types import FailureKind

from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld

ACCOUNT = "arn:aws:sagemaker:eu-central-1:123456789012"
OURS = distribution_arn("eu-central-1", "ml.t3.medium")
# Members of a DefaultResourceSpec, and what a space then has; two for each setting.
VALUES: Mapping[Setting, tuple[tuple[dict[str, str], Any], tuple[dict[str, str], Any]]] = {
    INSTANCE_TYPE: (
        ({"InstanceType": "ml.m5.large"}, "ml.m5.large"),
        ({"InstanceType": "ml.m5.xlarge"}, "ml.m5.xlarge"),
    ),
    IMAGE: (
        (
            {"SageMakerImageArn": f"{ACCOUNT}:image/team", "SageMakerImageVersionAlias": "1.0"},
            ImageRef(f"{ACCOUNT}:image/team", "1.0"),
        ),
        (
            {
                "SageMakerImageArn": f"{ACCOUNT}:image/other",
                "SageMakerImageVersionArn": f"{ACCOUNT}:image-version/other/3",
            },
            ImageRef(f"{ACCOUNT}:image/other", None, f"{ACCOUNT}:image-version/other/3"),
        ),
    ),
    LIFECYCLE_CONFIG: (
        (
            {"LifecycleConfigArn": f"{ACCOUNT}:studio-lifecycle-config/one"},
            f"{ACCOUNT}:studio-lifecycle-config/one",
        ),
        (
            {"LifecycleConfigArn": f"{ACCOUNT}:studio-lifecycle-config/two"},
            f"{ACCOUNT}:studio-lifecycle-config/two",
        ),
    ),
}
# What the operator gives where nobody declares anything.
GIVEN_BY_US: Mapping[Setting, Any] = {
    INSTANCE_TYPE: "ml.t3.medium",
    IMAGE: ImageRef(OURS),
    LIFECYCLE_CONFIG: None,
}
DECLARED: Mapping[Setting, dict[str, Any]] = {
    INSTANCE_TYPE: {"instanceType": "ml.c5.xlarge"},
    IMAGE: {"image": {"imageArn": f"{ACCOUNT}:image/own", "versionAlias": "2.0"}},
    LIFECYCLE_CONFIG: {"lifecycleConfigArn": f"{ACCOUNT}:studio-lifecycle-config/own"},
}
OWN: Mapping[Setting, Any] = {
    INSTANCE_TYPE: "ml.c5.xlarge",
    IMAGE: ImageRef(f"{ACCOUNT}:image/own", "2.0"),
    LIFECYCLE_CONFIG: f"{ACCOUNT}:studio-lifecycle-config/own",
}
each_setting = pytest.mark.parametrize("setting", INHERITED, ids=lambda one: one.field)


def make_world(app: str = "JupyterLab", **spec: Any) -> SpaceWorld:
    base = {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}, "app": app}
    return SpaceWorld(SpaceSpec.model_validate({**base, "state": "Running", **spec}))


def domain_has(world: SpaceWorld, *members: Mapping[str, str], app: str = "JupyterLab") -> None:
    resource = {name: value for one in members for name, value in one.items()}
    world.domain = replace(DOMAIN, defaults={app: {"DefaultResourceSpec": resource}})


def owner_has(world: SpaceWorld, *members: Mapping[str, str], app: str = "JupyterLab") -> None:
    resource = {name: value for one in members for name, value in one.items()}
    world.owner = replace(OWNER, defaults={app: {"DefaultResourceSpec": resource}})


def running(world: SpaceWorld) -> SpaceWorld:
    world.run()
    assert world.is_running()
    world.log.clear()
    return world


def rest(world: SpaceWorld, *, minutes: int) -> None:
    world.live(world.now + timedelta(minutes=minutes))


def person_picks(world: SpaceWorld, setting: Setting) -> None:
    """Studio changes a space while its app is stopped, and starts it again."""
    world.person_stops()
    world.settings = replace(world.settings, **{setting.attribute: OWN[setting]})
    world._touch()
    world.person_starts()


def has(world: SpaceWorld, setting: Setting) -> Any:
    return getattr(world.settings, setting.attribute)


def source(world: SpaceWorld, setting: Setting) -> str | None:
    effective = world.status.effective
    told = (effective.settings if effective else None) or {}
    return told[setting.field].from_ if setting.field in told else None


def started_with(world: SpaceWorld, member: str) -> str | None:
    found: str | None = world.calls("CreateApp")[-1]["ResourceSpec"].get(member)
    return found


# --- a new space ----------------------------------------------------------------------------------


@each_setting
@pytest.mark.parametrize("app", ["JupyterLab", "CodeEditor"])
@pytest.mark.parametrize("whose", ["Spec", "UserProfile", "StudioDomain", "Operator"])
def test_a_new_space_has_the_nearest_value_that_is_declared(
    setting: Setting, whose: str, app: str
) -> None:
    (of_domain, in_domain), (of_owner, in_owner) = VALUES[setting]
    world = make_world(app, **(DECLARED[setting] if whose == "Spec" else {}))
    if whose != "Operator":
        domain_has(world, of_domain, app=app)
    if whose in {"Spec", "UserProfile"}:
        owner_has(world, of_owner, app=app)
    running(world)
    expected = {
        "Spec": OWN[setting],
        "UserProfile": in_owner,
        "StudioDomain": in_domain,
        "Operator": GIVEN_BY_US[setting],
    }
    assert has(world, setting) == expected[whose]
    assert source(world, setting) == whose


@each_setting
def test_a_shared_space_takes_nothing_of_its_owner(setting: Setting) -> None:
    (of_domain, in_domain), (of_owner, _) = VALUES[setting]
    world = make_world(sharing="Shared")
    domain_has(world, of_domain)
    owner_has(world, of_owner)
    running(world)
    assert has(world, setting) == in_domain
    assert source(world, setting) == "StudioDomain"


def test_the_default_of_another_app_does_not_count() -> None:
    world = make_world("CodeEditor")
    domain_has(world, VALUES[INSTANCE_TYPE][0][0], app="JupyterLab")
    running(world)
    assert has(world, INSTANCE_TYPE) == "ml.t3.medium"


# --- a default that becomes another -------------------------------------------------------------


@each_setting
@pytest.mark.parametrize("give", [domain_has, owner_has], ids=["domain", "profile"])
def test_a_changed_default_is_a_change_like_any_other(
    setting: Setting, give: Callable[..., None]
) -> None:
    (first, _), (second, aim) = VALUES[setting]
    world = make_world()
    give(world, first)
    running(world)
    give(world, second)
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert has(world, setting) == aim
    assert source(world, setting) == ("StudioDomain" if give is domain_has else "UserProfile")


@each_setting
def test_a_changed_default_waits_where_the_policy_says_so(setting: Setting) -> None:
    (first, given_first), (second, aim) = VALUES[setting]
    world = make_world(resizePolicy="WhenStopped")
    domain_has(world, first)
    running(world)
    domain_has(world, second)
    world.run()
    assert world.log == []
    assert world.condition("PendingRestart") == "PendingRestart"
    assert has(world, setting) == given_first
    pending = world.status.condition("PendingRestart")
    assert pending is not None
    assert "by default of StudioDomain research" in pending.message
    world.crash()
    world.run()
    assert world.condition("PendingRestart") == "PendingRestart"
    world.person_stops()
    world.run()
    assert has(world, setting) == aim
    assert world.condition("PendingRestart") is None


@each_setting
def test_a_default_that_is_taken_back_leaves_what_comes_next(setting: Setting) -> None:
    (of_domain, in_domain), (of_owner, _) = VALUES[setting]
    world = make_world()
    domain_has(world, of_domain)
    owner_has(world, of_owner)
    running(world)
    owner_has(world)
    world.run()
    assert has(world, setting) == in_domain
    domain_has(world)
    world.run()
    assert has(world, setting) == GIVEN_BY_US[setting]
    assert world.is_running()


def test_an_image_that_nothing_can_take_the_place_of_stays() -> None:
    """No SageMaker Distribution is known for the region, and a space without an image can't run."""
    world = make_world()
    resource = {"DefaultResourceSpec": VALUES[IMAGE][0][0]}
    nowhere = replace(DOMAIN, region="us-gov-west-1", defaults={"JupyterLab": resource})
    world.domain = nowhere
    running(world)
    world.domain = replace(nowhere, defaults={})
    rest(world, minutes=5)
    assert world.log == []
    assert has(world, IMAGE) == VALUES[IMAGE][0][1]


@each_setting
def test_a_value_that_leaves_the_spec_leaves_the_default(setting: Setting) -> None:
    world = make_world(**DECLARED[setting])
    domain_has(world, VALUES[setting][0][0])
    running(world)
    world.edit(**dict.fromkeys(DECLARED[setting]))
    world.run()
    assert has(world, setting) == VALUES[setting][0][1]
    assert source(world, setting) == "StudioDomain"


@each_setting
def test_a_default_that_is_declared_first_takes_the_place_of_ours(setting: Setting) -> None:
    world = running(make_world())
    domain_has(world, VALUES[setting][0][0])
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert has(world, setting) == VALUES[setting][0][1]


# --- nobody is stopped in vain --------------------------------------------------------------------


def before_the_upgrade(world: SpaceWorld) -> SpaceWorld:
    """As an operator left it that knew no defaults: status tells no sources."""
    assert world.status.effective is not None
    effective = world.status.effective.model_copy(update={"settings": None})
    world.status = world.stored = world.status.model_copy(update={"effective": effective})
    return world


@each_setting
def test_an_upgrade_stops_no_app_for_a_default_that_is_newly_honoured(setting: Setting) -> None:
    world = before_the_upgrade(running(make_world()))
    domain_has(world, *(first for (first, _), _ in VALUES.values()))
    owner_has(world, VALUES[setting][1][0])
    rest(world, minutes=60)
    assert world.log == []
    assert world.is_running()


def test_after_an_upgrade_the_next_start_takes_image_and_script_and_keeps_the_type() -> None:
    """Our Distribution has no version, which nobody can pick in Studio; a type may be picked."""
    world = before_the_upgrade(running(make_world()))
    domain_has(world, *(first for (first, _), _ in VALUES.values()))
    rest(world, minutes=1)
    world.person_stops()
    world.run()
    world.request("start", "now")
    world.run()
    assert has(world, IMAGE) == VALUES[IMAGE][0][1]
    assert started_with(world, "LifecycleConfigArn") == VALUES[LIFECYCLE_CONFIG][0][1]
    assert has(world, INSTANCE_TYPE) == "ml.t3.medium"
    assert source(world, INSTANCE_TYPE) == "AWS"


def test_a_space_without_an_image_in_aws_is_started_with_the_default() -> None:
    world = before_the_upgrade(running(make_world()))
    world.settings = replace(world.settings, image=ImageRef())
    world._touch()
    domain_has(world, VALUES[IMAGE][0][0])
    rest(world, minutes=30)
    assert world.log == []
    world.person_stops()
    world.run()
    world.request("start", "now")
    world.run()
    assert started_with(world, "SageMakerImageArn") == f"{ACCOUNT}:image/team"


@each_setting
def test_what_people_pick_in_aws_stays_whatever_becomes_of_the_default(setting: Setting) -> None:
    world = make_world()
    domain_has(world, VALUES[setting][0][0])
    running(world)
    person_picks(world, setting)
    rest(world, minutes=10)
    domain_has(world, VALUES[setting][1][0])
    rest(world, minutes=10)
    assert world.log == []
    assert has(world, setting) == OWN[setting]
    assert source(world, setting) == "AWS"


@pytest.mark.parametrize("policy", ["Enforce", "Report"])
@each_setting
def test_where_the_spec_has_a_policy_it_is_drift(setting: Setting, policy: str) -> None:
    world = make_world(drift={"default": policy})
    domain_has(world, VALUES[setting][0][0])
    running(world)
    person_picks(world, setting)
    rest(world, minutes=10)
    changed_back = has(world, setting) == VALUES[setting][0][1]
    assert changed_back is (policy == "Enforce")
    if policy == "Report":
        assert world.log == []
        assert world.condition("Drifted") == "ChangedOutside"


@each_setting
def test_a_space_that_is_taken_over_keeps_what_it_has(setting: Setting) -> None:
    world = running(make_world())
    person_picks(world, setting)
    world.lose_status()
    domain_has(world, VALUES[setting][0][0])
    rest(world, minutes=30)
    assert "DeleteApp" not in world.names_of_calls()
    assert "UpdateSpace" not in world.names_of_calls()
    assert has(world, setting) == OWN[setting]


@each_setting
def test_while_a_default_is_not_known_nothing_changes(setting: Setting) -> None:
    world = make_world()
    domain_has(world, VALUES[setting][0][0])
    running(world)
    for domain, owner in (
        (replace(DOMAIN, defaults=None), OWNER),
        (world.domain, replace(OWNER, defaults=None)),
        (world.domain, None),
    ):
        world.domain, world.owner = domain, owner
        rest(world, minutes=5)
        assert world.log == []
        assert source(world, setting) == "StudioDomain"


def test_an_app_that_a_person_started_on_another_type_is_left_running() -> None:
    world = make_world()
    domain_has(world, VALUES[INSTANCE_TYPE][0][0])
    running(world)
    assert world.app is not None
    world.app = replace(world.app, instance_type="ml.g5.xlarge")
    rest(world, minutes=1)
    domain_has(world, VALUES[INSTANCE_TYPE][1][0])
    rest(world, minutes=10)
    assert world.log == []


def test_a_default_that_aws_refuses_is_held_back_and_the_app_runs_again() -> None:
    world = make_world()
    domain_has(world, VALUES[IMAGE][0][0])
    running(world)
    domain_has(world, VALUES[IMAGE][1][0])
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.run()
    assert world.is_running()
    assert has(world, IMAGE) == VALUES[IMAGE][0][1]
    assert world.condition("Stalled") == "RejectedByAWS"


def test_another_default_is_tried_after_one_that_aws_refused() -> None:
    """No spec changed and nobody asks, so it must not count as refused along with the first."""
    world = make_world()
    domain_has(world, VALUES[IMAGE][0][0])
    running(world)
    world.person_stops()
    world.run()
    domain_has(world, VALUES[IMAGE][1][0])
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    domain_has(world, {"SageMakerImageArn": f"{ACCOUNT}:image/third"})
    world.run()
    assert has(world, IMAGE).image_arn == f"{ACCOUNT}:image/third"
    assert world.status.rejection is None
    assert world.condition("Stalled") is None


def test_no_app_is_stopped_for_a_default_of_a_profile_that_is_being_changed() -> None:
    world = make_world()
    owner_has(world, VALUES[INSTANCE_TYPE][0][0])
    running(world)
    owner_has(world, VALUES[INSTANCE_TYPE][1][0])
    ready = world.owner
    assert ready is not None
    world.owner = replace(ready, problem="user profile alice is being updated")
    rest(world, minutes=5)
    assert world.log == []
    assert world.condition("Ready") == "DependencyNotReady"
    world.owner = ready
    world.run()
    assert has(world, INSTANCE_TYPE) == VALUES[INSTANCE_TYPE][1][1]


# --- a default that is not known for a moment -----------------------------------------------------


def hide_defaults(world: SpaceWorld, whose: str) -> None:
    """As while the domain waits to be described, or where the profile is unreadable or deleted."""
    if whose in {"domain", "both"}:
        assert world.domain is not None
        world.domain = replace(world.domain, defaults=None)
    if whose in {"profile", "both"}:
        assert world.owner is not None
        world.owner = replace(world.owner, defaults=None)
    if whose == "deleted profile":
        world.owner = None


each_unknown = pytest.mark.parametrize("whose", ["domain", "profile", "both", "deleted profile"])


@pytest.mark.parametrize("state", ["Running", "Stopped"])
@each_unknown
@each_setting
def test_a_space_is_made_once_its_defaults_are_known(
    setting: Setting, whose: str, state: str
) -> None:
    world = make_world(state=state)
    give = domain_has if whose == "domain" else owner_has
    give(world, VALUES[setting][0][0])
    known = world.domain, world.owner
    hide_defaults(world, whose)
    rest(world, minutes=5)
    assert world.log == []
    assert world.condition("Ready") == "DependencyNotReady"
    world.domain, world.owner = known
    world.run()
    world.edit(state="Running")
    world.run()
    assert has(world, setting) == VALUES[setting][0][1]


def test_a_new_space_tells_that_its_owners_spec_is_to_be_corrected() -> None:
    """That passes by no waiting."""
    world = make_world()
    hide_defaults(world, "profile")
    rest(world, minutes=5)
    ready = world.status.condition("Ready")
    assert ready is not None
    assert ready.message == (
        "the spec of UserProfile alice can't be read, so its defaults are not known. Correct "
        "UserProfile alice as its status says."
    )


@each_unknown
@each_setting
def test_a_refused_default_is_not_tried_again_once_it_is_known_again(
    setting: Setting, whose: str
) -> None:
    """No app is stopped for it: AWS refused this very value."""
    world = make_world()
    owner_has(world, VALUES[setting][0][0])
    running(world)
    owner_has(world, VALUES[setting][1][0])
    world.faults = [("UpdateSpace", FailureKind.INVALID)] * 2
    world.run()
    refused, known = world.status.rejection, (world.domain, world.owner)
    assert refused is not None
    world.log.clear()
    hide_defaults(world, whose)
    rest(world, minutes=5)
    world.domain, world.owner = known
    rest(world, minutes=5)
    assert world.log == []
    assert world.status.rejection == refused


def test_a_refused_default_is_not_tried_again_after_a_run_on_another_type() -> None:
    world = make_world()
    owner_has(world, VALUES[INSTANCE_TYPE][0][0])
    running(world)
    owner_has(world, VALUES[INSTANCE_TYPE][1][0])
    world.faults = [("UpdateSpace", FailureKind.INVALID)] * 2
    world.run()
    world.log.clear()
    assert world.app is not None
    world.app = replace(world.app, instance_type="ml.g5.xlarge")
    rest(world, minutes=5)
    world.person_stops()
    world.person_starts()
    rest(world, minutes=5)
    assert world.log == []
    assert world.condition("Stalled") == "RejectedByAWS"


@pytest.mark.parametrize("policy", ["Report", "Ignore"])
@each_unknown
@each_setting
def test_drift_stays_drift_once_the_default_is_known_again(
    setting: Setting, whose: str, policy: str
) -> None:
    world = make_world(drift={"default": policy})
    owner_has(world, VALUES[setting][0][0])
    running(world)
    person_picks(world, setting)
    rest(world, minutes=5)
    known = world.domain, world.owner
    hide_defaults(world, whose)
    rest(world, minutes=5)
    world.domain, world.owner = known
    rest(world, minutes=5)
    assert world.log == []
    assert has(world, setting) == OWN[setting]


@each_unknown
def test_nothing_is_started_on_what_a_forged_status_calls_a_default(whose: str) -> None:
    """Neither while the default is not known, nor where AWS has no setting to compare it with."""
    world = running(make_world())
    forged = {
        setting.field: EffectiveSetting(from_="StudioDomain", value=setting.form.text(value))
        for setting, ((_, value), _) in VALUES.items()
    }
    assert world.status.effective is not None
    effective = world.status.effective.model_copy(update={"settings": forged})
    world.status = world.stored = world.status.model_copy(update={"effective": effective})
    world.settings = SpaceSettings()
    world._touch()
    world.person_stops()
    hide_defaults(world, whose)
    world.request("start", "now")
    world.run()
    assert world.calls("CreateApp")[-1]["ResourceSpec"] == {
        "InstanceType": "ml.t3.medium",
        "SageMakerImageArn": OURS,
    }


@each_unknown
@each_setting
def test_a_refused_value_that_left_the_spec_is_told_no_more(setting: Setting, whose: str) -> None:
    """Else a spec is never right again whose profile is gone."""
    world = running(make_world())
    world.edit(**DECLARED[setting])
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    hide_defaults(world, whose)
    rest(world, minutes=5)
    assert world.condition("Stalled") == "RejectedByAWS"
    world.edit(**dict.fromkeys(DECLARED[setting]))
    rest(world, minutes=5)
    assert world.condition("Stalled") is None
    assert world.condition("Ready") == "Running"


def test_what_was_refused_along_with_a_value_that_left_the_spec_is_tried_without_it() -> None:
    world = running(make_world())
    world.edit(**DECLARED[INSTANCE_TYPE], storage={"sizeGiB": 50})
    world.faults = [("UpdateSpace", FailureKind.INVALID)]
    world.run()
    assert world.condition("Stalled") == "RejectedByAWS"
    world.owner = None
    world.edit(instanceType=None)
    rest(world, minutes=5)
    assert world.space is not None
    assert world.space.storage_gib == 50
    assert world.condition("Ready") == "Running"


@each_unknown
@each_setting
def test_a_value_that_leaves_the_spec_and_comes_back_is_no_drift(
    setting: Setting, whose: str
) -> None:
    world = running(make_world(drift={"default": "Report"}, **DECLARED[setting]))
    hide_defaults(world, whose)
    world.edit(**dict.fromkeys(DECLARED[setting]))
    rest(world, minutes=5)
    world.person_stops()
    world.settings = replace(world.settings, **{setting.attribute: VALUES[setting][0][1]})
    world._touch()
    world.person_starts()
    rest(world, minutes=5)
    world.edit(**DECLARED[setting])
    rest(world, minutes=5)
    assert has(world, setting) == OWN[setting]


# --- a space without an image in AWS --------------------------------------------------------------


def without_image(world: SpaceWorld) -> SpaceWorld:
    """As others make one that tells no image: each app has to be started with one."""
    running(world)
    world.settings = replace(world.settings, image=ImageRef())
    world._touch()
    rest(world, minutes=5)
    world.log.clear()
    return world


@pytest.mark.parametrize(
    "edit",
    [{"storage": {"sizeGiB": 50}}, {"instanceType": "ml.g5.xlarge"}, DECLARED[IMAGE]],
    ids=["volume", "instance type", "image"],
)
def test_the_app_comes_back_after_a_refusal_where_aws_has_no_image(edit: dict[str, Any]) -> None:
    world = without_image(make_world())
    world.edit(**edit)
    world.faults = [("UpdateSpace", FailureKind.INVALID)] * 2
    world.run()
    assert world.names_of_calls()[-1] == "CreateApp"
    assert started_with(world, "SageMakerImageArn") == OURS
    assert world.is_running()
    assert world.condition("Stalled") == "RejectedByAWS"


def test_the_app_comes_back_with_the_default_image_that_was_not_refused() -> None:
    world = make_world()
    domain_has(world, VALUES[IMAGE][0][0])
    without_image(world)
    world.edit(storage={"sizeGiB": 50})
    world.faults = [("UpdateSpace", FailureKind.INVALID)] * 2
    world.run()
    assert started_with(world, "SageMakerImageArn") == f"{ACCOUNT}:image/team"
    domain_has(world, VALUES[IMAGE][1][0])
    world.faults = [("UpdateSpace", FailureKind.INVALID)] * 2
    world.run()
    assert started_with(world, "SageMakerImageArn") == OURS
    assert world.is_running()


# --- any order of edits ---------------------------------------------------------------------------

RESOURCES = st.sampled_from([{}, *(value for pair in VALUES.values() for value, _ in pair)])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), RESOURCES), min_size=1, max_size=5))
def test_after_any_edits_of_defaults_the_space_has_the_nearest(
    edits: list[tuple[bool, dict[str, str]]],
) -> None:
    world = running(make_world())
    of_domain: dict[str, str] = {}
    of_owner: dict[str, str] = {}
    for is_owners, resource in edits:
        (owner_has if is_owners else domain_has)(world, resource)
        of_owner, of_domain = (resource, of_domain) if is_owners else (of_owner, resource)
        world.run()
    wanted = SpaceSettings(
        instance_type=_nearest("InstanceType", of_owner, of_domain) or "ml.t3.medium",
        lifecycle_config_arn=_nearest("LifecycleConfigArn", of_owner, of_domain),
    )
    assert world.settings.instance_type == wanted.instance_type
    assert world.settings.lifecycle_config_arn == wanted.lifecycle_config_arn
    image = _nearest("SageMakerImageArn", of_owner, of_domain) or OURS
    assert world.settings.image.image_arn == image
    assert world.is_running()
    world.log.clear()
    rest(world, minutes=30)
    assert world.log == []


def _nearest(member: str, *sources: Mapping[str, str]) -> str | None:
    return next((one[member] for one in sources if member in one), None)
