"""User profiles: from any declared and any observed state, whatever people do, whatever fails.

The model of AWS fails a test at once for what must never be asked. On top of that, each step is
checked here: nothing of others is touched, and nothing is deleted unasked.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.user_profile.api import UserProfileStatus
from studio_operator.plan.settings.mapping import PROFILE_SETTINGS, declared_values, find_changes
from studio_operator.plan.types import FailureKind, Plan

from tests.unit.plan.aws_model import Aws, Fault
from tests.unit.plan.engine_model import CLUSTER, UID, ProfileEngine

ROLES = [f"arn:aws:iam::123456789012:role/{name}" for name in ("alice", "other")]
OURS = f"{CLUSTER}/ml-team/alice/{UID}"
MARKS = (
    None,
    OURS,
    f"{CLUSTER}/ml-team/alice/released",
    f"{CLUSTER}/ml-team/alice/uid-0",
    f"{CLUSTER}/ml-team/other/released",
    f"{CLUSTER}/ml-team/other/uid-7",
    "cluster-9/ml-team/alice/uid-1",
)
OTHERS = MARKS[5:]
STALLED_FOR_A_REASON = {
    "AccessDenied",
    "CreationFailed",
    "DeletionFailed",
    "ImmutableField",
    "NotApplied",
    "OwnershipConflict",
    "QuotaExceeded",
    "RejectedByAWS",
    "SingleSignOnNotAllowed",
    "SingleSignOnRequired",
    "UpdateFailed",
}

LUSTRE = {"fileSystemId": "fs-01234567", "path": "/data"}
changeable = {
    "userSettings": st.fixed_dictionaries(
        {},
        optional={
            "executionRole": st.sampled_from(ROLES),
            "securityGroups": st.sampled_from([["sg-1"], ["sg-1", "sg-2"], []]),
            "jupyterLab": st.sampled_from(
                [
                    {"idle": {"enabled": True, "timeoutMinutes": 120}},
                    {"defaultResourceSpec": {"instanceType": "ml.t3.medium"}},
                    {"codeRepositories": ["https://git.example.com/team"]},
                ]
            ),
            "fileSystems": st.sampled_from(
                [[], [{"efs": {"fileSystemId": "fs-01234567"}}], [{"fsxLustre": LUSTRE}]]
            ),
        },
    ),
    "tags": st.sampled_from([{"team": "ml"}, {"team": "research", "stage": "dev"}]),
    "adopt": st.booleans(),
    "deletionPolicy": st.sampled_from(["Retain", "Delete", "Orphan"]),
}
specs = st.fixed_dictionaries(
    {},
    optional={**changeable, "singleSignOn": st.just({"value": "alice@example.com"})},
)
kinds = st.sampled_from(
    [
        FailureKind.TRANSIENT,
        FailureKind.BUSY,
        FailureKind.ACCESS,
        FailureKind.QUOTA,
        FailureKind.INVALID,
    ]
)
operations = [
    "CreateUserProfile",
    "UpdateUserProfile",
    "DeleteUserProfile",
    "AddTags",
    "DeleteTags",
]
faults: st.SearchStrategy[dict[str, list[Fault]]] = st.dictionaries(
    st.sampled_from(operations),
    st.lists(
        st.tuples(st.sampled_from(["refuse", "refuse", "lose", "fail", "ignore"]), kinds),
        max_size=3,
    ),
    max_size=2,
)


@st.composite
def engines(draw: st.DrawFn) -> ProfileEngine:
    """Any declared state over any observed one."""
    made = ProfileEngine.of(Aws(), draw(specs))
    made.with_facts(auth_mode=draw(st.sampled_from(["IAM", "IAM", "SSO"])))
    if draw(st.booleans()):
        mark = draw(st.sampled_from(MARKS))
        record = {
            "DomainId": "d-abc",
            "UserProfileName": draw(st.sampled_from(["alice", "Alice"])),
            "Tags": [{"Key": OWNER_TAG, "Value": mark}] if mark else [],
            "UserSettings": {"ExecutionRole": ROLES[1], "SecurityGroups": ["sg-9"]},
            "SingleSignOnUserValue": draw(st.sampled_from(["alice@example.com", "bob"])),
        }
        status = draw(st.sampled_from(["InService"] * 4 + ["Pending", "Deleting", "Failed"]))
        made.aws.profiles.add(record, status)
    return made


def owner(made: ProfileEngine) -> str | None:
    record = made.aws.profiles.records.get(made.key)
    return record.tags.get(OWNER_TAG) if record else None


def check_call(made: ProfileEngine, plan: Plan[UserProfileStatus]) -> None:
    """What must hold for every call, before it is made."""
    operation = plan.call.operation if plan.call else None
    if operation is None:
        return
    assert owner(made) not in OTHERS, "a profile of others is touched"
    if operation == "CreateUserProfile":
        assert made.key not in made.aws.profiles.records
    elif operation == "DeleteUserProfile":
        assert made.deleting
        assert made.spec.deletion_policy == "Delete"
        assert owner(made) == OURS
    elif operation == "UpdateUserProfile":
        assert not made.deleting
        assert owner(made) == OURS


def run(made: ProfileEngine, data: st.DataObject | None = None) -> None:
    """Step until nothing is left to do, checking each step; perhaps crashing up to three times."""
    crashes = [0]

    def crash() -> bool:
        if data is None or crashes[0] == 3 or not data.draw(st.booleans(), "crash"):
            return False
        crashes[0] += 1
        return True

    for _ in range(120):
        plan = made.plan()
        check_call(made, plan)
        check_idempotent(made, plan)
        busy = made.aws.next_due() is not None or plan.call or plan.looks or plan.wake_at
        crashed = crashes[0]
        made.step(crash=crash)
        if made.released or not (busy or crashes[0] > crashed):
            return
    raise AssertionError(f"no end: {made.aws.operations()}, {made.message()}")


def check_idempotent(made: ProfileEngine, plan: Plan[UserProfileStatus]) -> None:
    if plan.call is not None or plan.looks:
        return
    before, made.status = made.status, plan.status
    assert made.plan().status == plan.status
    made.status = before


def check_end(made: ProfileEngine) -> None:
    """The declared state, or a reason that a person can act on."""
    assert made.stored == made.status
    stalled = made.condition("Stalled")
    if stalled is not None:
        assert stalled in STALLED_FOR_A_REASON
        assert len(made.message()) > 20
        return
    assert made.condition("Ready") == "InService", made.message()
    record = made.aws.profiles.records[made.key]
    assert record.status == "InService"
    assert record.tags[OWNER_TAG] == OURS
    assert (made.spec.tags or {}).items() <= record.tags.items()
    declared = declared_values(made.spec, PROFILE_SETTINGS)
    assert not find_changes(declared, record.settings, PROFILE_SETTINGS, ())


@given(engines(), faults, st.data())
@settings(max_examples=300)
def test_any_start_ends_as_declared_or_with_a_reason(
    made: ProfileEngine, faults: dict[str, list[Fault]], data: st.DataObject
) -> None:
    made.aws.faults = faults
    run(made, data)
    check_end(made)


@given(engines())
@settings(max_examples=200)
def test_without_faults_only_people_can_be_the_reason(made: ProfileEngine) -> None:
    failed_before = any(r.status == "Failed" for r in made.aws.profiles.records.values())
    run(made)
    check_end(made)
    assert made.condition("Stalled") not in {"NotApplied", "UpdateFailed", "RejectedByAWS"}
    assert failed_before or made.condition("Stalled") != "CreationFailed"


def drift(made: ProfileEngine, data: st.DataObject) -> None:
    """What people do in the console, to a profile of ours at rest."""
    record = made.aws.profiles.records.get(made.key)
    if record is None or owner(made) != OURS:
        return
    act = data.draw(st.sampled_from(["settings", "tags", "remove"]), "act")
    made.aws.tick(60)
    if act == "settings":
        record.settings["UserSettings"] = {"ExecutionRole": ROLES[1]}
        record.modified_at = made.aws.now
    elif act == "tags":
        record.tags["team"] = "somebody"
    else:
        del made.aws.profiles.records[record.key]


@given(engines(), faults, st.data())
@settings(max_examples=200)
def test_edits_and_drift_end_as_declared_or_with_a_reason(
    made: ProfileEngine, faults: dict[str, list[Fault]], data: st.DataObject
) -> None:
    run(made)
    made.aws.faults = faults
    for _ in range(3):
        if data.draw(st.booleans(), "drift"):
            drift(made, data)
        field = data.draw(st.sampled_from(sorted(changeable)), "field")
        dropped = data.draw(st.booleans(), "dropped")
        made.edit(**{field: None if dropped else data.draw(changeable[field], "value")})
        run(made, data)
        check_end(made)


@given(engines(), faults, st.data())
@settings(max_examples=200)
def test_deletion_ends_and_keeps_what_the_policy_keeps(
    made: ProfileEngine, faults: dict[str, list[Fault]], data: st.DataObject
) -> None:
    if data.draw(st.booleans(), "settled"):
        run(made)
    else:
        made.step()
    record = made.aws.profiles.records.get(made.key)
    before = dict(record.tags) if record and record.status != "Deleting" else None
    made.aws.faults = {
        name: [fault for fault in queue if fault[1] is not FailureKind.INVALID]
        for name, queue in faults.items()
    }
    made.delete()
    run(made, data)
    assert made.released
    assert owner(made) != OURS, "our mark was left behind"
    if before is not None and before.get(OWNER_TAG) in OTHERS:
        assert made.aws.profiles.records[made.key].tags == before
    if before is not None and made.spec.deletion_policy != "Delete":
        assert made.key in made.aws.profiles.records
