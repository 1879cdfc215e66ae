"""What holds for every estate: taking it over changes a tag, and later edits what they name."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.kinds.shared.exported import read_settings
from studio_operator.kinds.user_profile.api import UserProfileSpec
from studio_operator.plan.settings.mapping import (
    PROFILE_SETTINGS,
    Setting,
    declared_values,
    find_changes,
    read_member,
    update_members,
)
from studio_operator.plugin.admission.api_server import find_objections
from studio_operator.plugin.export.estate import Described
from studio_operator.plugin.export.exporting import Choices
from studio_operator.plugin.export.parts import Omission

from tests.unit.plugin.export_stage import (
    ARN,
    DISTRIBUTION,
    NAMESPACE,
    ROLE,
    app,
    export,
    profile,
    resource,
    space,
)

FAST = settings(max_examples=40)
TYPES = st.sampled_from(["ml.t3.medium", "ml.g5.xlarge", None])
RESOURCES = st.builds(
    resource,
    TYPES,
    SageMakerImageArn=st.sampled_from([DISTRIBUTION, f"{ARN}:image/team-image"]),
    SageMakerImageVersionAlias=st.sampled_from(["2.1", "4", "1.0.0-x"]),
    LifecycleConfigArn=st.sampled_from(["None", f"{ARN}:studio-lifecycle-config/install"]),
)
USER_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "ExecutionRole": st.sampled_from([ROLE, "no-arn"]),
        "SecurityGroups": st.sampled_from([["sg-1", "sg-2"], []]),
        "JupyterLabAppSettings": st.builds(
            lambda spec, extra: {**spec, **extra},
            RESOURCES,
            st.sampled_from([{}, {"CustomImages": [{"ImageName": "team"}]}]),
        ),
        "StudioWebPortal": st.sampled_from(["ENABLED", "DISABLED"]),
        "CustomFileSystemConfigs": st.lists(
            st.sampled_from(
                [
                    {"EFSFileSystemConfig": {"FileSystemId": "fs-01234567"}},
                    {"FSxLustreFileSystemConfig": {"FileSystemId": "fs-01234567"}},
                    {"S3FileSystemConfig": {"S3Uri": "s3://bucket"}},
                ]
            ),
            max_size=2,
        ),
        "JupyterServerAppSettings": st.just(
            {"CodeRepositories": [{"RepositoryUrl": "https://git.example.com/team"}]}
        ),
        "SharingSettings": st.just({"NotebookOutputOption": "Disabled"}),
        "AutoMountHomeEFS": st.just("Enabled"),
    },
)
TAGS = st.dictionaries(st.sampled_from(["team", "aws:x", "a b", "z" * 128]), st.just("v"))


_GIVEN = ("SpaceSettings", "OwnershipSettings", "SpaceSharingSettings")
CHOICES = st.builds(
    Choices, st.sampled_from(["Report", "Ignore", "Enforce"]), settings=st.booleans()
)


@st.composite
def spaces(draw: st.DrawFn) -> tuple[Any, tuple[Any, ...]]:
    """A space in any state with any app, and what ListApps says of it."""
    found = space(
        draw(st.sampled_from(["churn", "Churn-2"])),
        owner=draw(st.sampled_from(["alice", "nobody", None])),
        sharing=draw(st.sampled_from(["Private", "Shared"])),
        app=draw(st.sampled_from(["JupyterLab", "CodeEditor", "JupyterServer", "Canvas", None])),
        settings=draw(st.one_of(st.none(), RESOURCES)),
        size=draw(st.sampled_from([5, 20, None])),
        tags=draw(TAGS),
        more=draw(st.sampled_from([{}, {"RemoteAccess": "ENABLED"}])),
        Status=draw(st.sampled_from(["InService", "Updating", "Update_Failed", "Failed"])),
    )
    if draw(st.booleans()):  # as AWS shows a space that was made by its name alone
        bare = {name: value for name, value in found.answer.items() if name not in _GIVEN}
        found = Described(bare, found.tags)
    status = draw(st.sampled_from(["InService", "Pending", "Deleting", "Deleted", "Failed"]))
    running = app(found.answer["SpaceName"], "ml.t3.medium", Status=status)
    return found, (running,) if draw(st.booleans()) else ()


@FAST
@given(spaces(), USER_SETTINGS, TAGS, CHOICES)
def test_an_export_is_valid_and_all_that_is_not_in_it_is_named(
    case: tuple[Any, tuple[Any, ...]],
    user_settings: dict[str, Any],
    tags: dict[str, str],
    choices: Choices,
) -> None:
    found, apps = case
    people = (profile(settings=user_settings, tags=tags),)
    exported = export(found, profiles=people, apps=apps, choices=choices)
    for one in exported.resources:
        assert find_objections(one.document(NAMESPACE)) == ()
    kinds = {one.key.kind for one in exported.resources}
    if "Space" not in kinds:
        assert any(
            isinstance(one, Omission) and not one.member.startswith("Space")
            for one in exported.omissions
        )


@FAST
@given(USER_SETTINGS, USER_SETTINGS)
def test_an_edit_later_leaves_what_the_export_left_out(
    shown: dict[str, Any], edited: dict[str, Any]
) -> None:
    """Update requests repeat what AWS shows of a member that they touch, known or not."""
    described = profile(settings=shown)
    other = read_settings(profile(settings=edited).answer, PROFILE_SETTINGS)
    values = declared_values(UserProfileSpec.model_construct(**_as_spec(other)), PROFILE_SETTINGS)
    changes = find_changes(values, described.answer, PROFILE_SETTINGS, ())
    members = update_members(changes, values, described.answer)
    for name, value in members.get("UserSettings", {}).items():
        before = shown.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            unknown = before.keys() - _known_members(name)
            assert {one: value[one] for one in unknown} == {one: before[one] for one in unknown}


def _as_spec(members: dict[str, Any]) -> dict[str, Any]:
    spec = UserProfileSpec.model_validate(
        {"domainRef": {"name": "any"}, **_without_wrong_role(members)}
    )
    return {name: getattr(spec, name) for name in UserProfileSpec.model_fields}


def _without_wrong_role(members: dict[str, Any]) -> dict[str, Any]:
    if read_member(members, ("userSettings", "executionRole")) == "no-arn":
        members["userSettings"].pop("executionRole")
    return members


def _known_members(name: str) -> set[str]:
    found: list[Setting] = [one for one in PROFILE_SETTINGS if one.member[1:2] == (name,)]
    return {one.member[2] for one in found if len(one.member) > 2}
