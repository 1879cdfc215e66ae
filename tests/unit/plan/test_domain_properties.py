"""Domains: from any declared and any observed state, whatever people do and whatever fails.

The model of AWS fails a test at once for what must never be asked. On top of that, each step is
checked here: nothing of others is touched, nothing is deleted unasked, no domain is made twice.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.studio_domain.api import StudioDomainStatus
from studio_operator.plan.settings.mapping import DOMAIN_SETTINGS, declared_values, find_changes
from studio_operator.plan.types import FailureKind, Plan

from tests.unit.plan.aws_model import Aws, Fault, Record
from tests.unit.plan.engine_model import CLUSTER, UID, DomainEngine

ROLES = [f"arn:aws:iam::123456789012:role/{name}" for name in ("studio", "other")]
OURS = f"{CLUSTER}/ml-team/research/{UID}"
MARKS = (
    None,
    OURS,
    f"{CLUSTER}/ml-team/research/released",
    f"{CLUSTER}/ml-team/research/uid-0",
    f"{CLUSTER}/ml-team/other/released",
    f"{CLUSTER}/ml-team/other/uid-7",
    "cluster-9/ml-team/research/uid-1",
)
OTHERS = MARKS[5:]
STALLED_FOR_A_REASON = {
    "AccessDenied",
    "CreationFailed",
    "DeletedOutsideOfGit",
    "DeletionFailed",
    "DomainNotFound",
    "ImmutableField",
    "InvalidSpec",
    "NotApplied",
    "OwnershipConflict",
    "QuotaExceeded",
    "RejectedByAWS",
    "UpdateFailed",
    "VpcSecurityGroupsMissing",
}

groups = st.sampled_from([["sg-1"], ["sg-1", "sg-2"], []])
user_settings = st.fixed_dictionaries(
    {"executionRole": st.sampled_from(ROLES)},
    optional={
        "securityGroups": groups,
        "jupyterLab": st.sampled_from(
            [
                {"idle": {"enabled": True, "timeoutMinutes": 120}},
                {"defaultResourceSpec": {"instanceType": "ml.t3.medium"}},
            ]
        ),
    },
)
changeable = {
    "network": st.sampled_from(["PublicInternetOnly", "VpcOnly"]),
    "subnetIds": st.sampled_from([["subnet-1"], ["subnet-1", "subnet-2"], ["subnet-3"]]),
    "tagPropagation": st.sampled_from(["ENABLED", "DISABLED"]),
    "defaultUserSettings": user_settings,
    "defaultSpaceSettings": st.fixed_dictionaries(
        {"executionRole": st.sampled_from(ROLES)}, optional={"securityGroups": groups}
    ),
    "domainSettings": st.sampled_from(
        [{"docker": {"enabled": True}}, {"docker": {"trustedAccounts": ["123456789012"]}}]
    ),
    "tags": st.sampled_from([{"team": "ml"}, {"team": "research", "stage": "dev"}]),
    "deletionPolicy": st.sampled_from(["Retain", "Delete", "Orphan"]),
    "homeEfsRetention": st.sampled_from(["Retain", "Delete"]),
}
required = ("subnetIds", "defaultUserSettings")
removable = sorted(set(changeable) - {*required})
new_domains = st.fixed_dictionaries(
    {
        "vpcId": st.sampled_from(["vpc-1", "vpc-2"]),
        **{name: changeable[name] for name in required},
    },
    optional={
        "authMode": st.sampled_from(["IAM", "SSO"]),
        **{name: changeable[name] for name in removable},
    },
)
adopted = st.fixed_dictionaries(
    {"domainId": st.sampled_from(["d-000000000001", "d-000000000001", "d-000000000009"])},
    optional={**changeable, "authMode": st.sampled_from(["IAM", "SSO"])},
)
faults: st.SearchStrategy[dict[str, list[Fault]]] = st.dictionaries(
    st.sampled_from(["CreateDomain", "UpdateDomain", "DeleteDomain", "AddTags", "DeleteTags"]),
    st.lists(
        st.tuples(
            st.sampled_from(["refuse", "refuse", "lose", "fail", "ignore"]),
            st.sampled_from(
                [
                    FailureKind.TRANSIENT,
                    FailureKind.BUSY,
                    FailureKind.ACCESS,
                    FailureKind.QUOTA,
                    FailureKind.INVALID,
                ]
            ),
        ),
        max_size=3,
    ),
    max_size=2,
)


@st.composite
def engines(draw: st.DrawFn) -> DomainEngine:
    """Any declared state over any observed one."""
    made = DomainEngine.of(Aws(), draw(st.one_of(new_domains, adopted)))
    for _ in range(draw(st.integers(0, 2))):
        add_domain(draw, made)
    made.aws.tick(25)
    made.aws.listing_lag = draw(st.sampled_from([0, 25]))
    return made


def add_domain(draw: st.DrawFn, made: DomainEngine) -> None:
    name = draw(st.sampled_from(["research", "research", "other"]))
    mark = draw(st.sampled_from(MARKS))
    if mark == OURS and (name == "other" or made.aws.domains.records):
        mark = None  # one resource marks one domain, of its name
    live = {
        "VpcId": draw(st.sampled_from(["vpc-1", "vpc-2"])),
        "SubnetIds": draw(changeable["subnetIds"]),
        "DefaultUserSettings": {"ExecutionRole": ROLES[0], "SecurityGroups": ["sg-9"]},
        "DefaultSpaceSettings": {"ExecutionRole": ROLES[0]},
        "TagPropagation": draw(changeable["tagPropagation"]),
    }
    status = draw(st.sampled_from(["InService"] * 4 + ["Pending", "Deleting", "Failed"]))
    made.aws.domains.add(name, live, {OWNER_TAG: mark} if mark else {}, status)


def check_call(made: DomainEngine, plan: Plan[StudioDomainStatus]) -> None:
    """What must hold for every call, before it is made."""
    call = plan.call
    if call is None:
        return
    if call.operation == "CreateDomain":
        assert plan.record_first
        assert not [r for r in made.aws.domains.records.values() if r.tags.get(OWNER_TAG) == OURS]
        return
    touched = call.parameters.get("DomainId"), call.parameters.get("ResourceArn")
    (record,) = [
        r for r in made.aws.domains.records.values() if r.key in touched or r.arn in touched
    ]
    assert record.tags.get(OWNER_TAG) not in OTHERS, "a domain of others is touched"
    if call.operation == "DeleteDomain":
        assert made.deleting
        assert made.spec.deletion_policy == "Delete"
        assert record.tags.get(OWNER_TAG) == OURS
    elif call.operation == "UpdateDomain":
        assert not made.deleting
        assert record.tags.get(OWNER_TAG) == OURS


def run(made: DomainEngine, data: st.DataObject | None = None) -> None:
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


def check_idempotent(made: DomainEngine, plan: Plan[StudioDomainStatus]) -> None:
    if plan.call is not None or plan.looks or plan.wake_at == made.aws.now:
        return
    before, made.status = made.status, plan.status
    assert made.plan().status == plan.status
    made.status = before


def check_end(made: DomainEngine) -> None:
    """The declared state, or a reason that a person can act on."""
    assert made.stored == made.status
    stalled = made.condition("Stalled")
    if stalled is not None:
        assert stalled in STALLED_FOR_A_REASON
        assert len(made.message()) > 20
        return
    assert made.condition("Ready") == "InService", made.message()
    assert made.stored.domain_id is not None
    record = made.aws.domains.records[made.stored.domain_id]
    assert record.status == "InService"
    assert record.tags[OWNER_TAG] == OURS
    assert (made.spec.tags or {}).items() <= record.tags.items()
    declared = declared_values(made.spec, DOMAIN_SETTINGS)
    assert not find_changes(declared, record.settings, DOMAIN_SETTINGS, ())


@given(engines(), faults, st.data())
@settings(max_examples=300)
def test_any_start_ends_as_declared_or_with_a_reason(
    made: DomainEngine, faults: dict[str, list[Fault]], data: st.DataObject
) -> None:
    made.aws.faults = faults
    run(made, data)
    check_end(made)


@given(engines())
@settings(max_examples=200)
def test_without_faults_only_people_can_be_the_reason(made: DomainEngine) -> None:
    failed_before = any(r.status == "Failed" for r in made.aws.domains.records.values())
    run(made)
    check_end(made)
    assert made.condition("Stalled") not in {"NotApplied", "UpdateFailed", "RejectedByAWS"}
    assert failed_before or made.condition("Stalled") != "CreationFailed"


def drift(made: DomainEngine, data: st.DataObject) -> None:
    """What people do in the console, in a domain at rest."""
    mine = [r for r in made.aws.domains.records.values() if r.tags.get(OWNER_TAG) == OURS]
    for record in mine:
        act = data.draw(st.sampled_from(["settings", "tags", "strip", "remove"]), "act")
        if act == "settings":
            record.settings["TagPropagation"] = "ENABLED"
            record.settings["SubnetIds"] = ["subnet-7"]
        elif act == "tags":
            record.tags["team"] = "somebody"
        elif act == "strip":
            del record.tags[OWNER_TAG]
        else:
            del made.aws.domains.records[record.key]


@given(engines(), faults, st.data())
@settings(max_examples=200)
def test_edits_and_drift_end_as_declared_or_with_a_reason(
    made: DomainEngine, faults: dict[str, list[Fault]], data: st.DataObject
) -> None:
    run(made)
    made.aws.faults = faults
    for _ in range(3):
        if data.draw(st.booleans(), "drift"):
            drift(made, data)
        field = data.draw(st.sampled_from(sorted(changeable)), "field")
        dropped = field in removable and data.draw(st.booleans(), "dropped")
        made.edit(**{field: None if dropped else data.draw(changeable[field], "value")})
        run(made, data)
        check_end(made)


@given(engines(), faults, st.data())
@settings(max_examples=200)
def test_deletion_ends_and_keeps_what_the_policy_keeps(
    made: DomainEngine, faults: dict[str, list[Fault]], data: st.DataObject
) -> None:
    if data.draw(st.booleans(), "settled"):
        run(made)
    else:
        made.step()
    records = made.aws.domains.records
    before = {key: dict(r.tags) for key, r in records.items() if r.status != "Deleting"}
    made.aws.faults = {
        name: [fault for fault in queue if fault[1] is not FailureKind.INVALID]
        for name, queue in faults.items()
    }
    made.delete()
    run(made, data)
    assert made.released
    check_rest(made, before)


def check_rest(made: DomainEngine, before: dict[str, dict[str, str]]) -> None:
    records: dict[str, Record] = made.aws.domains.records
    wanted = made.spec.domain_id
    for key, record in records.items():
        mine = key == wanted if wanted else record.name == "research"
        assert not mine or record.tags.get(OWNER_TAG) != OURS, "our mark was left behind"
        if before.get(key, {}).get(OWNER_TAG) in OTHERS:
            assert record.tags == before[key]
    for key in set(before) - set(records):
        assert made.spec.deletion_policy == "Delete"
        assert before[key].get(OWNER_TAG) not in OTHERS
