"""What GitOps tools and people with kubectl see."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from studio_operator.api.common import FINALIZER

from sandbox.audit import AuditEvent
from tests.e2e.cluster import FIELD_MANAGER, Resource
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LISTINGS = {"ListDomains", "ListSpaces", "ListApps", "ListUserProfiles", "GetResources"}
LISTINGS_OF_JOBS = {"ListTrainingJobs", "ListProcessingJobs", "ListTransformJobs"}
AT_REST = LISTINGS | LISTINGS_OF_JOBS | {"DescribeDomain"}


def everything(team: Team) -> list[Resource]:
    kinds = {"StudioDomain": "research", "UserProfile": "alice", "Space": "churn"}
    return [team.wait_ready(kind, name) for kind, name in kinds.items()]


def test_nothing_but_status_and_finalizer_is_written(team: Team) -> None:
    applied = team.apply(team.space())
    team.wait_ready("Space", "churn")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    for resource in everything(team):
        metadata = resource.raw["metadata"]
        assert metadata["finalizers"] == [FINALIZER]
        assert "kopf" not in json.dumps(resource.raw)
        assert "annotations" not in metadata
        assert "labels" not in metadata
        for entry in metadata["managedFields"]:
            if entry["manager"] != FIELD_MANAGER:
                assert "f:spec" not in entry["fieldsV1"], f"{entry['manager']} wrote the spec"
    space = team.get("Space", "churn")
    assert space is not None
    assert space.spec == applied.spec | {"instanceType": "ml.m5.large"}
    assert space.raw["metadata"]["generation"] == 2


def test_conditions_are_as_kstatus_reads_them(team: Team) -> None:
    team.run_space()
    for resource in everything(team):
        generation = resource.raw["metadata"]["generation"]
        assert resource.status["observedGeneration"] == generation
        conditions = resource.status["conditions"]
        assert [(one["type"], one["status"]) for one in conditions] == [("Ready", "True")]
        assert conditions[0]["observedGeneration"] == generation
        assert re.fullmatch(r"[A-Z]\w+", conditions[0]["reason"])
        assert conditions[0]["message"]


def test_kubectl_waits_for_conditions_and_phases(team: Team) -> None:
    kubectl, place = team.product.stack.access.kubectl, f"--namespace={team.namespace}"
    team.apply(team.space())
    limit = "--timeout=60s"
    kubectl("wait", place, limit, "--for=condition=Ready", "space/churn", "sdom/research")
    team.edit("Space", "churn", state="Stopped")
    kubectl("wait", place, limit, "--for=jsonpath={.status.phase}=Stopped", "space/churn")


def test_kubectl_shows_the_table_and_selects_by_field(team: Team) -> None:
    kubectl, place = team.product.stack.access.kubectl, f"--namespace={team.namespace}"
    team.run_space("running")
    team.apply(team.space("stopped", state="Stopped"))
    team.wait_phase("stopped", "Stopped")
    header, *rows = kubectl("get", "spaces", place).splitlines()
    assert " ".join(header.split()) == (
        "NAME DOMAIN OWNER SHARING APP INSTANCE STORAGE STATUS READY AGE"
    )
    assert " ".join(rows[0].split()).startswith(
        "running research alice Private JupyterLab ml.t3.medium 20 InService True "
    )
    whole = "space.studio-operator.dev/"
    for selector, names in {
        "status.phase=Stopped": f"{whole}stopped\n",
        "spec.domainRef.name=research,status.phase=InService": f"{whole}running\n",
        "spec.ownerRef.name=bob": "",
    }.items():
        assert kubectl("get", "sp", place, "-o", "name", "--field-selector", selector) == names


def test_events_tell_a_resize_in_order(team: Team) -> None:
    team.run_space()
    seen = {one["metadata"]["name"] for one in team.events("churn")}
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")

    def story() -> list[tuple[str, str]]:
        new = [one for one in team.events("churn") if one["metadata"]["name"] not in seen]
        return [(one["reason"], one["action"]) for one in new]

    wait_until(lambda: "Resized" in dict(story()), "the resize's last event")
    steps = [action for _, action in story() if action in {"DeleteApp", "UpdateSpace", "CreateApp"}]
    assert steps == ["DeleteApp", "UpdateSpace", "CreateApp"], story()
    reasons = [reason for reason, _ in story()]
    assert reasons.index("Resize") < reasons.index("Starting") < reasons.index("Resized")
    assert "Warning" not in {one["type"] for one in team.events("churn")}
    told = {one["reportingController"] for one in team.events("churn")}
    assert told == {"studio-operator.dev/controller"}
    assert any("ml.t3.medium to ml.m5.large" in one["note"] for one in team.events("churn"))


@pytest.mark.parametrize(
    ("kind", "name"), [("StudioDomain", "research"), ("UserProfile", "alice"), ("Space", "churn")]
)
def test_a_persons_request_is_echoed(team: Team, kind: str, name: str) -> None:
    team.run_space()
    before = team.last_call()
    team.request(kind, name, "2026-02-03T04:05:06Z")
    found = team.wait_for(
        kind,
        name,
        lambda it: it.status.get("lastHandledReconcileAt") == "2026-02-03T04:05:06Z",
        "echoes the request",
    )
    assert found.is_ready
    assert team.changes(since=before) == []


def writes_at_rest(team: Team) -> tuple[AuditEvent, ...]:
    """What the operator has written once all is told: Events are posted beside the work."""
    before: tuple[AuditEvent, ...] | None = None
    for _ in range(5):
        team.wait_looks()
        writes = team.product.writes(team.namespace)
        if writes == before:
            return writes
        before = writes
    raise AssertionError(f"it goes on writing: {before}")


def test_at_rest_nothing_is_written_and_only_listings_are_read(team: Team) -> None:
    team.run_space()
    team.apply(team.space("stopped", state="Stopped"))
    team.wait_phase("stopped", "Stopped")
    writes = writes_at_rest(team)
    calls = team.last_call()
    team.wait_looks(looks=4)
    read = {call["operation"] for call in team.calls() if call["number"] > calls}
    assert read <= AT_REST
    assert team.product.writes(team.namespace) == writes


def test_a_space_costs_few_writes(team: Team) -> None:
    team.run_space()
    writes = [one for one in team.product.writes(team.namespace) if one.name == "churn"]
    assert len(writes) <= 4, [(one.verb, one.subresource) for one in writes]


def test_the_same_file_applied_again_changes_nothing(team: Team) -> None:
    team.run_space()
    writes = writes_at_rest(team)
    calls = team.last_call()
    team.apply(team.space())
    team.wait_looks()
    assert team.changes(since=calls) == []
    assert team.product.writes(team.namespace) == writes


def test_the_examples_work_as_they_are(new_team: Team) -> None:
    for path in sorted((EXAMPLES / "gitops").glob("*.yaml")):
        content: dict[str, Any] = yaml.safe_load(path.read_text())
        if content["kind"] in {"StudioDomain", "UserProfile", "Space"}:
            del content["metadata"]["namespace"]
            new_team.apply(content)
    for kind, name in {"churn-notebooks": "Space", "feature-store": "Space"}.items():
        new_team.wait_ready(name, kind)
    before = new_team.last_call()
    resized = yaml.safe_load((EXAMPLES / "gitops-resized" / "churn-notebooks.yaml").read_text())
    new_team.edit("Space", "churn-notebooks", **resized["spec"])
    space = new_team.wait_ready("Space", "churn-notebooks")
    assert new_team.changes(since=before) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert (space.status["instanceType"], space.status["storageGiB"]) == ("ml.m5.large", 50)
