"""Settings of a domain or profile that AWS refuses hold back nothing else, and are not repeated.

What is refused is tried again with growing pauses, when what it waits for is gone, and when its
own value changes. A restart forgets none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from studio_operator.kinds.studio_domain.api import StudioDomainSpec
from studio_operator.plan.settings.mapping import DOMAIN_SETTINGS, declared_values, find_changes
from studio_operator.plan.types import FailureKind

from tests.unit.plan.aws_model import Aws, RefusalError
from tests.unit.plan.engine_model import DomainEngine, Engine, ProfileEngine
from tests.unit.plan.test_domain import ROLE, SHARED_ROLE, SPEC, only, running
from tests.unit.plan.test_profile import running as running_profile

OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
POSIX = {"uid": 10000, "gid": 2000}
BASE: dict[str, Any] = {
    **SPEC,
    "subnetIds": ["subnet-1", "subnet-2"],
    "defaultSpaceSettings": {"executionRole": SHARED_ROLE},
}
TAG = {"team": "ml"}
DAY = timedelta(days=1)
# Tries of one refused value in a day: pauses double from a minute to an hour.
A_DAY = 32


def live(made: Engine[Any, Any], time: timedelta = timedelta(minutes=10)) -> None:
    """So much time passes, step by step."""
    end, steps = made.aws.now + time, 0
    made.rest_seconds, made.until = time.total_seconds() / 10, end
    while made.aws.now < end:
        made.step()
        steps += 1
        assert steps < 4000, made.aws.operations()[-20:]
    made.until = None


def restart(made: Engine[Any, Any]) -> None:
    """The operator is killed at rest."""
    made.crash()


@dataclass(frozen=True)
class Constraint:
    """A setting that AWS changes only while the domain lacks something.

    `edit` asks for it; `member` is where it stands in AWS's request; `path` what a message names.
    """

    edit: dict[str, Any]
    member: tuple[str, ...]
    path: str
    reason: str
    stands: str

    def block(self, made: DomainEngine) -> None:
        """What it waits for is there."""
        if self.reason == "AwsBusy":
            made.aws.domains.running_apps, made.running_apps = True, ("space churn",)
        else:
            made.aws.profiles.add({"DomainId": only(made).key, "UserProfileName": "alice"})

    def unblock(self, made: DomainEngine) -> None:
        """It is gone."""
        made.aws.domains.running_apps, made.running_apps = False, ()
        made.aws.profiles.records.clear()

    def sent(self, made: DomainEngine) -> int:
        """How often AWS was asked for it."""
        return sum(_has(call, self.member) for call in made.aws.parameters("UpdateDomain"))


def _has(parameters: Any, path: tuple[str, ...]) -> bool:
    found = parameters
    for name in path:
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return found not in ({}, None)


USER_POSIX = {"defaultUserSettings": {"executionRole": ROLE, "posixUser": POSIX}}
CONSTRAINTS = [
    Constraint(
        {"network": "VpcOnly"}, ("AppNetworkAccessType",), "network", "AwsBusy", "space churn"
    ),
    Constraint(
        {"domainSettings": {"executionRoleIdentity": "USER_PROFILE_NAME"}},
        ("DomainSettingsForUpdate", "ExecutionRoleIdentityConfig"),
        "domainSettings.executionRoleIdentity",
        "AwsBusy",
        "space churn",
    ),
    Constraint(
        USER_POSIX,
        ("DefaultUserSettings", "CustomPosixUserConfig"),
        "defaultUserSettings.posixUser",
        "RejectedByAWS",
        "alice",
    ),
]
constrained = pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda one: one.path)


def blocked(constraint: Constraint) -> DomainEngine:
    made = running(BASE)
    constraint.block(made)
    return made


def check_told(made: Engine[Any, Any], constraint: Constraint) -> None:
    assert made.condition("Ready") == constraint.reason
    assert (made.condition("Stalled") is None) == (constraint.reason == "AwsBusy")
    assert f"spec.{constraint.path}" in made.message()
    assert constraint.stands in made.message()


@constrained
def test_what_is_edited_along_arrives(constraint: Constraint) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit, tagPropagation="ENABLED", tags=TAG)
    live(made)
    assert only(made).settings["TagPropagation"] == "ENABLED"
    assert only(made).tags.items() >= TAG.items()
    check_told(made, constraint)


@constrained
@pytest.mark.parametrize("crashes", [False, True])
def test_what_is_edited_later_arrives(constraint: Constraint, crashes: bool) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit)
    live(made)
    if crashes:
        restart(made)
    made.edit(tagPropagation="ENABLED", tags=TAG)
    live(made)
    assert only(made).settings["TagPropagation"] == "ENABLED"
    assert only(made).tags.items() >= TAG.items()
    check_told(made, constraint)


@constrained
def test_it_is_asked_for_a_few_times_a_day(constraint: Constraint) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit)
    live(made, DAY)
    first = constraint.sent(made)
    assert 10 < first <= A_DAY
    made.aws.log.clear()
    live(made, DAY)
    assert 20 <= constraint.sent(made) <= 24


@constrained
@pytest.mark.parametrize("crashes", [False, True])
def test_it_is_made_at_once_when_what_it_waits_for_is_gone(
    constraint: Constraint, crashes: bool
) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit)
    live(made, timedelta(hours=5))
    if crashes:
        restart(made)
    constraint.unblock(made)
    before = made.aws.now
    made.run()
    assert made.condition("Ready") == "InService"
    assert made.aws.times[-1] == before
    assert made.stored.refusals is None


@constrained
def test_restarts_ask_no_more_often(constraint: Constraint) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit)
    live(made, timedelta(hours=2))
    made.aws.log.clear()
    for _ in range(50):
        restart(made)
        made.step()
        made.step()
    assert constraint.sent(made) <= 1 + (made.aws.now - made.aws.times[0]) // timedelta(hours=1)
    check_told(made, constraint)


@constrained
def test_an_edit_that_takes_it_back_ends_it(constraint: Constraint) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit)
    live(made)
    made.aws.log.clear()
    taken_back = {name: BASE.get(name) for name in constraint.edit}
    made.edit(**taken_back)
    made.run()
    assert made.condition("Ready") == "InService"
    assert constraint.sent(made) == 0
    assert made.stored.refusals is None


@constrained
def test_an_edit_of_something_else_asks_for_it_no_earlier(constraint: Constraint) -> None:
    made = blocked(constraint)
    made.edit(**constraint.edit)
    live(made, timedelta(hours=5))
    made.aws.log.clear()
    for value in ("ENABLED", "DISABLED") * 5:
        made.edit(tagPropagation=value)
        live(made, timedelta(minutes=2))
    assert constraint.sent(made) <= 4, "an hour's turn, and pauses that grow anew after that"
    assert len(made.aws.log) >= 10


def test_an_app_that_only_aws_knows_of_is_no_reason_to_ask_at_full_speed() -> None:
    made = blocked(CONSTRAINTS[0])
    made.edit(network="VpcOnly")
    live(made, timedelta(hours=5))
    made.running_apps = ()
    made.aws.log.clear()
    live(made, DAY)
    assert CONSTRAINTS[0].sent(made) <= A_DAY
    assert made.condition("Ready") == "AwsBusy"
    assert "AWS says: because App(s) are associated with it" in made.message()


def test_a_spec_that_cannot_be_read_forgets_none_of_it() -> None:
    made = blocked(CONSTRAINTS[0])
    made.edit(network="VpcOnly")
    live(made)
    before = made.stored.refusals
    made.apply({**made.spec.dump(), "tagPropagation": "SOMETIMES"}, StudioDomainSpec)
    live(made)
    assert made.condition("Stalled") == "InvalidSpec"
    assert made.stored.refusals == before is not None


@constrained
@pytest.mark.parametrize("refused", [{}, {"TagPropagation": FailureKind.INVALID}])
def test_a_pass_that_makes_no_call_finds_nothing_twice(
    constraint: Constraint, refused: dict[str, FailureKind]
) -> None:
    """The engine waits with a call that it has made in this turn already."""
    made = blocked(constraint)
    made.aws.refuses = refused
    made.edit(**constraint.edit, tagPropagation="ENABLED")
    for _ in range(4):
        first = made.step()
        for _ in range(3):
            plan = made.plan()
            made.status = plan.status
        found = [name for one in plan.status.refusals or () for name in one.fields]
        assert len(found) == len(set(found)), first
    assert made.status.refusals, "nothing was found at all"


def test_removed_subnets_wait_and_the_rest_arrives() -> None:
    made = running(BASE)
    made.aws.domains.running_apps, made.running_apps = True, ("space churn",)
    made.edit(subnetIds=["subnet-1"], tagPropagation="ENABLED")
    live(made)
    assert only(made).settings["TagPropagation"] == "ENABLED"
    assert "spec.subnetIds only while no app runs" in made.message()


def test_all_three_wait_each_for_its_own() -> None:
    made = running(BASE)
    for constraint in CONSTRAINTS:
        constraint.block(made)
    edits = {name: value for one in CONSTRAINTS for name, value in one.edit.items()}
    made.edit(**edits, tagPropagation="ENABLED", tags=TAG)
    live(made, timedelta(hours=3))
    assert only(made).settings["TagPropagation"] == "ENABLED"
    assert only(made).tags.items() >= TAG.items()
    assert made.condition("Stalled") == "RejectedByAWS", "a person's turn is told first"
    made.aws.domains.running_apps, made.running_apps = False, ()
    live(made, timedelta(minutes=2))
    assert only(made).settings["AppNetworkAccessType"] == "VpcOnly"
    assert only(made).settings["DomainSettings"] == {
        "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"
    }
    made.aws.profiles.records.clear()
    made.run()
    assert made.condition("Ready") == "InService"


def test_the_way_back_from_a_posix_user_is_told() -> None:
    made = running(BASE)
    CONSTRAINTS[2].block(made)
    made.edit(**USER_POSIX)
    live(made)
    assert made.message().startswith(
        "AWS does not change spec.defaultUserSettings.posixUser while the domain has user profiles "
        "(1: alice). Leave out spec.defaultUserSettings.posixUser, or delete the profile "
        "first. AWS says: CustomPosixUserConfig cannot be updated"
    )


# --- whatever people do and whatever fails --------------------------------------------------------

EDITS: list[dict[str, Any]] = [
    {"tagPropagation": "ENABLED"},
    {"tagPropagation": None},
    {"network": "VpcOnly"},
    {"network": None},
    {"domainSettings": {"executionRoleIdentity": "USER_PROFILE_NAME"}},
    {"domainSettings": {"docker": {"enabled": True}}},
    USER_POSIX,
    {"defaultUserSettings": {"executionRole": OTHER_ROLE, "securityGroups": ["sg-1"]}},
    {"subnetIds": ["subnet-1"]},
    {"tags": TAG},
    {"tags": {"team": "research"}},
]
edits = st.sampled_from(EDITS)
refused_members = st.dictionaries(
    st.sampled_from(["TagPropagation", "SecurityGroups", "EnableDockerAccess"]),
    st.sampled_from([FailureKind.INVALID, FailureKind.ACCESS, FailureKind.QUOTA]),
)


@given(st.data())
@settings(max_examples=25, phases=[Phase.generate])
def test_what_is_not_refused_arrives_and_what_is_refused_is_seldom_asked_for(
    data: st.DataObject,
) -> None:
    made = running(BASE)
    made.aws.refuses = data.draw(refused_members, "refused")
    for constraint in CONSTRAINTS[1:]:
        if data.draw(st.booleans(), constraint.path):
            constraint.block(made)
    edited = data.draw(st.lists(edits, min_size=1, max_size=4), "edits")
    kills = 0
    for edit in edited:
        made.edit(**edit)
        for _ in range(data.draw(st.integers(0, 30), "steps")):
            killed = data.draw(st.integers(0, 9), "killed") == 0
            made.step(crash=lambda killed=killed: killed)  # type: ignore[misc] # of this step
            kills += killed
    live(made, DAY)
    check_rest_arrived(made)
    made.aws.log.clear()
    live(made, DAY)
    refused = sum(len(one.fields) for one in made.stored.refusals or ())
    assert len(made.aws.log) <= A_DAY * refused
    made.aws.refuses = {}
    for constraint in CONSTRAINTS:
        constraint.unblock(made)
    made.ask("now")
    made.run()
    assert made.condition("Ready") == "InService", made.message()
    check_rest_arrived(made)


def check_rest_arrived(made: DomainEngine) -> None:
    """AWS shows all that is declared but for what status says is refused."""
    record = only(made)
    assert record.status == "InService"
    assert (made.spec.tags or {}).items() <= record.tags.items()
    held = {name for one in made.stored.refusals or () for name in one.fields}
    declared = declared_values(made.spec, DOMAIN_SETTINGS)
    differing = find_changes(declared, record.settings, DOMAIN_SETTINGS, ())
    assert set(differing.fields) <= held
    assert (made.condition("Ready") == "InService") == (not held)


# --- words that tell nothing ---------------------------------------------------------------------

MANY: dict[str, Any] = {
    "subnetIds": ["subnet-1", "subnet-2", "subnet-3"],
    "tagPropagation": "ENABLED",
    "defaultUserSettings": {
        "executionRole": OTHER_ROLE,
        "securityGroups": ["sg-1"],
        "jupyterLab": {"idle": {"enabled": True, "timeoutMinutes": 120}},
        "spaceStorage": {"defaultGiB": 10, "maximumGiB": 100},
    },
    "domainSettings": {"docker": {"enabled": True}, "ipAddressType": "dualstack"},
}
PARTS = 8


@pytest.mark.parametrize(
    ("member", "path"),
    [
        ("TagPropagation", "tagPropagation"),
        ("IdleTimeoutInMinutes", "defaultUserSettings.jupyterLab.idle.timeoutMinutes"),
        ("IpAddressType", "domainSettings.ipAddressType"),
    ],
)
def test_the_refused_part_is_found_in_a_few_calls(member: str, path: str) -> None:
    made = running(BASE)
    made.aws.refuses = {member: FailureKind.INVALID}
    made.edit(**MANY, tags=TAG)
    live(made, timedelta(hours=1))
    assert len(made.aws.parameters("UpdateDomain")) <= 8
    assert only(made).tags.items() >= TAG.items()
    held = {name for one in made.stored.refusals or () for name in one.fields}
    assert path in held
    assert held <= {path} | {f"defaultUserSettings.jupyterLab.idle.{one}" for one in ("enabled",)}
    made.aws.refuses = {}
    made.ask("now")
    made.run()
    assert made.condition("Ready") == "InService"


def test_where_each_part_is_refused_the_calls_are_bounded() -> None:
    made = running(BASE)
    members = (
        "SubnetIds TagPropagation ExecutionRole SecurityGroups IdleTimeoutInMinutes "
        "DefaultEbsVolumeSizeInGb EnableDockerAccess IpAddressType"
    )
    made.aws.refuses = dict.fromkeys(members.split(), FailureKind.INVALID)
    made.edit(**MANY, tags=TAG)
    live(made, DAY)
    assert len(made.aws.parameters("UpdateDomain")) <= 2 * PARTS - 1
    assert only(made).tags.items() >= TAG.items()
    assert made.condition("Stalled") == "RejectedByAWS"


def test_what_was_refused_for_good_is_tried_again_once_by_another_edit_after_the_rest() -> None:
    made = running(BASE)
    made.aws.refuses = {"TagPropagation": FailureKind.INVALID}
    made.edit(tagPropagation="ENABLED")
    live(made, DAY)
    assert made.aws.operations() == ["UpdateDomain"]
    made.edit(defaultUserSettings={"executionRole": OTHER_ROLE})
    live(made)
    first, *others = made.aws.parameters("UpdateDomain")[1:]
    assert set(first) == {"DomainId", "DefaultUserSettings"}
    assert [set(one) for one in others] == [{"DomainId", "TagPropagation"}]


# --- AWS's words --------------------------------------------------------------------------------


def refused_by(made: Engine[Any, Any], kind: FailureKind, words: str, value: str) -> None:
    """AWS refuses each update that holds the value, in these words."""
    apply = made.aws.apply

    def apply_or_refuse(call: Any) -> None:
        if call.operation.startswith("Update") and value in str(call.parameters):
            made.aws.log.append(call)
            made.aws.times.append(made.aws.now)
            raise RefusalError(kind, words)
        apply(call)

    made.aws.apply = apply_or_refuse  # type: ignore[method-assign]


PASS_ROLE = (
    "User: arn:aws:sts::123456789012:assumed-role/operator/x is not authorized to perform: "
    f"iam:PassRole on resource: {OTHER_ROLE}"
)


@pytest.mark.parametrize("crashes", [False, True])
def test_a_role_that_may_not_be_passed_holds_back_nothing_else(crashes: bool) -> None:
    made = running_profile({"userSettings": {"executionRole": ROLE}})
    refused_by(made, FailureKind.ACCESS, PASS_ROLE, OTHER_ROLE)
    settings = {"executionRole": OTHER_ROLE, "securityGroups": ["sg-1"]}
    made.edit(userSettings=settings, tags=TAG)
    live(made)
    (record,) = made.aws.profiles.records.values()
    assert record.settings["UserSettings"] == {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]}
    assert record.tags.items() >= TAG.items()
    assert made.condition("Stalled") == "AccessDenied"
    assert made.message().startswith(
        "UpdateUserProfile failed. spec.userSettings.executionRole stays as AWS has it. Grant the "
        "operator's IAM role that action. AWS says: "
    )
    if crashes:
        restart(made)
    made.edit(userSettings={**settings, "defaultLandingUri": "studio::"})
    live(made)
    assert record.settings["UserSettings"]["DefaultLandingUri"] == "studio::"
    made.aws.log.clear()
    live(made, DAY)
    assert 20 <= len(made.aws.log) <= A_DAY


def test_the_member_that_aws_names_is_held_back_at_once() -> None:
    made = running_profile({"userSettings": {"executionRole": ROLE}})
    words = "The SecurityGroups are of another VPC."
    refused_by(made, FailureKind.INVALID, words, "sg-1")
    made.edit(userSettings={"executionRole": OTHER_ROLE, "securityGroups": ["sg-1"]}, tags=TAG)
    live(made)
    assert made.aws.operations() == ["UpdateUserProfile", "UpdateUserProfile", "AddTags"]
    (record,) = made.aws.profiles.records.values()
    assert record.settings["UserSettings"] == {"ExecutionRole": OTHER_ROLE}
    assert "Correct spec.userSettings.securityGroups. AWS says" in made.message()
    made.edit(userSettings={"executionRole": OTHER_ROLE, "securityGroups": ["sg-2"]})
    made.run()
    assert made.condition("Ready") == "InService"
    assert record.settings["UserSettings"]["SecurityGroups"] == ["sg-2"]


# --- what is known before AWS is asked, and what AWS takes in vain -------------------------------


def test_a_posix_user_of_a_profile_of_ours_holds_back_nothing_else() -> None:
    made = running_profile({})
    made.edit(userSettings={"posixUser": POSIX, "securityGroups": ["sg-1"]}, tags=TAG)
    made.run()
    (record,) = made.aws.profiles.records.values()
    assert record.settings["UserSettings"] == {"SecurityGroups": ["sg-1"]}
    assert record.tags.items() >= TAG.items()
    assert made.condition("Stalled") == "ImmutableField"


def test_groups_that_may_not_go_hold_back_nothing_else() -> None:
    groups = {"executionRole": ROLE, "securityGroups": ["sg-1"]}
    made = running({**SPEC, "network": "VpcOnly", "defaultUserSettings": groups})
    made.edit(defaultUserSettings={"executionRole": OTHER_ROLE}, tags=TAG)
    made.run()
    settings = only(made).settings["DefaultUserSettings"]
    assert settings == {"ExecutionRole": OTHER_ROLE, "SecurityGroups": ["sg-1"]}
    assert only(made).tags.items() >= TAG.items()
    assert made.condition("Stalled") == "VpcSecurityGroupsMissing"


@pytest.mark.parametrize("fault", ["fail", "ignore"])
def test_an_update_that_aws_takes_in_vain_keeps_no_tag_from_arriving(fault: Any) -> None:
    made = running()
    made.aws.faults = {"UpdateDomain": [(fault, FailureKind.INVALID)] * 3}
    made.edit(tagPropagation="ENABLED", tags=TAG)
    made.run()
    assert made.condition("Stalled") in {"UpdateFailed", "NotApplied"}
    assert only(made).tags.items() >= TAG.items()
    made.edit(defaultUserSettings={"executionRole": OTHER_ROLE})
    made.run()
    assert made.condition("Ready") == "InService"


@pytest.mark.parametrize("engine", [DomainEngine.of, ProfileEngine.of])
def test_at_rest_nothing_is_refused(engine: Any) -> None:
    made = engine(Aws(), SPEC if engine == DomainEngine.of else {})
    made.run()
    assert made.stored.refusals is None
