"""What knows a Roster once it is in the registry. Run in a copy of the project that has it.

It has nothing in AWS, so that AWS is never asked for it, and it claims nothing there. It is in no
namespace.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import studio_operator
import yaml
from studio_operator.api.common import ConditionType
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.index import claims_of
from studio_operator.engine.declared.resync import Resync
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.subscriptions import Subscriptions
from studio_operator.engine.feed import Feed
from studio_operator.engine.planner_context import scope_of
from studio_operator.kinds.registry import BY_ARN_SEGMENT, BY_NAME, BY_TYPE, REFERENCES
from studio_operator.kube.client import ResourceList
from studio_operator.kube.events import build_event
from studio_operator.kube.resources import Key, collection_path, key_in, resource_path
from studio_operator.plan.observed import Observed
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion
from studio_operator.plan.types import Note
from studio_operator.plugin.aws.permissions import Level, policy
from studio_operator.plugin.explanation.why import explain
from studio_operator.plugin.export.files import render_files
from studio_operator.plugin.export.parts import Export, Exported
from studio_operator.plugin.names import kind_of, target_of
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.report import Action

from tests.unit.plugin.plan_stage import (
    NOW,
    REGION,
    document,
    documents,
    domain,
    only,
    plan,
    profile,
    record,
)

ROOT = Path(__file__).parent
ROSTER = BY_NAME["Roster"]
KEY = Key("Roster", "", "alice")  # the name of a profile of the same domain


HERE = AccountRegion(OWN_ACCOUNT, REGION)


def roster(**spec: Any) -> dict[str, Any]:
    research = {"name": "research", "namespace": "ml-team"}
    given = {"domainRef": research, "people": ["alice", "bob"]}
    raw = document("Roster", "alice", given | spec)
    return {**raw, "metadata": {"name": "alice"}}


def ready_of(recorded: dict[Key, Any], key: Key = KEY) -> dict[str, Any]:
    return next(one for one in recorded[key]["status"]["conditions"] if one["type"] == "Ready")


def test_the_operator_that_is_checked_is_the_copy() -> None:
    assert ROOT in Path(studio_operator.__file__).parents


# --- what is generated ---


def test_it_has_a_crd_which_the_chart_installs() -> None:
    crd = yaml.safe_load((ROOT / "crds" / "rosters.yaml").read_text())
    assert crd["spec"]["names"]["kind"] == "Roster"
    assert crd["spec"]["scope"] == "Cluster"
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    assert schema["spec"]["required"] == ["domainRef", "people"]
    installed = ROOT / "charts" / "studio-operator" / "files" / "crds" / "rosters.yaml"
    assert yaml.safe_load(installed.read_text()) == crd


def test_it_has_a_schema_and_a_page() -> None:
    assert (ROOT / "schemas" / "studio-operator.dev" / "roster_v1alpha1.json").exists()
    assert "`kubectl get rosters`" in (ROOT / "docs" / "reference" / "roster.md").read_text()


def test_the_chart_grants_the_operator_its_rights() -> None:
    rules = (ROOT / "charts" / "studio-operator" / "templates" / "_rules.tpl").read_text()
    assert "resources: [studiodomains, userprofiles, spaces, rosters]" in rules
    assert "userprofiles/status, spaces/status, rosters/status]" in rules
    of_cluster = rules[rules.index('"studio-operator.clusterRules"') :]
    assert "resources: [rosters]" in of_cluster
    assert "resources: [rosters/status]" in of_cluster


def test_no_iam_policy_speaks_of_it() -> None:
    actions = [one["Action"] for level in Level for one in policy(level)["Statement"]]
    assert actions
    assert "roster" not in str(actions).lower()


# --- names ---


@pytest.mark.parametrize("word", ["Roster", "rosters", "rost", "roster.studio-operator.dev"])
def test_the_command_line_knows_its_names(word: str) -> None:
    assert kind_of(word) == "Roster"


def test_it_is_named_in_commands_and_paths() -> None:
    assert target_of(KEY) == "roster/alice"
    path = "/apis/studio-operator.dev/v1alpha1/rosters/alice"
    assert resource_path(KEY) == path
    assert collection_path("Roster", "ml-team") == "/apis/studio-operator.dev/v1alpha1/rosters"
    assert key_in("Roster", "ml-team", "alice") == KEY


def test_it_refers_to_a_domain() -> None:
    assert REFERENCES.kinds_before("Roster") == ("StudioDomain",)


# --- AWS ---


def test_nothing_in_aws_is_taken_for_one() -> None:
    assert ROSTER not in BY_TYPE.values()
    assert ROSTER not in BY_ARN_SEGMENT.values()


class Inventory:
    """Takes note of the scopes that it has to look at."""

    def __init__(self) -> None:
        self.tracked: list[object] = []

    def track(self, scope: object) -> None:
        self.tracked.append(scope)


def declared(*listed: dict[str, Any]) -> tuple[Store, Entry]:
    store = Store(REGION)
    for raw in record(documents(*listed)).values():
        store.apply(raw)
    entry = store.get(KEY)
    assert entry is not None
    return store, entry


def test_it_has_aws_looked_at_nowhere() -> None:
    store, entry = declared(domain(), roster())
    facts = Facts(store, InMemoryAws(NOW), "cluster")
    inventory = Inventory()
    subscriptions = Subscriptions(inventory)  # type: ignore[arg-type] # all that it needs
    subscriptions.follow(KEY, scope_of(store, entry, facts.of_domain(entry)))
    assert inventory.tracked == []


def test_it_is_no_rival_of_a_profile_with_its_name() -> None:
    store, entry = declared(domain(), profile("alice"), roster())
    assert claims_of(entry, REGION) == ()
    assert store.rivals_of(entry) == set()
    assert ready_of(record(documents(domain(), profile("alice"), roster())))["status"] == "True"


def test_nothing_in_aws_is_taken_for_its_own() -> None:
    """Not even a profile with its name, of which nobody knows whose it is."""
    store, entry = declared(domain(), profile("alice"), roster())
    research = store.get(Key("StudioDomain", "ml-team", "research"))
    assert research is not None
    domain_id = research.status.domain_id or ""
    aws = InMemoryAws(NOW)
    aws.put(BY_NAME["StudioDomain"], HERE, Observed(domain_id, "research", "InService"))
    aws.put(BY_NAME["UserProfile"], HERE, Observed(domain_id, "alice", "InService"))
    facts = Facts(store, aws, "cluster")
    alice = store.get(Key("UserProfile", "ml-team", "alice"))
    assert alice is not None
    assert facts.may_live_in(research, alice)
    assert not facts.may_live_in(research, entry)


# --- in no namespace ---


def test_its_events_are_in_the_namespace_default() -> None:
    note = Note("InService", "BecomeReady", "2 names in turn")
    event = build_event(KEY, "uid-1", note, instance="one", now=NOW)
    assert event["metadata"]["namespace"] == "default"
    assert event["regarding"]["name"] == "alice"
    assert "namespace" not in event["regarding"]


def test_it_is_listed_whatever_namespaces_are_served() -> None:
    asked: list[tuple[str, str | None]] = []

    class Lists:
        async def list_resources(self, kind: str, namespace: str | None, _take: Any) -> Any:
            asked.append((kind, namespace))
            return ResourceList([], "1")

        list_metadata = list_resources

    store = Store(REGION)
    feed = Feed(store, lambda _key: None)
    resync = Resync(Lists(), store, feed, ["ml-team"], interval=1.0, lag=1.0)
    asyncio.run(resync.fill())
    assert [namespace for kind, namespace in asked if kind == "Roster"] == [None]
    assert ("Space", "ml-team") in asked


def test_a_domain_admits_it_and_waits_for_it() -> None:
    """Who may write what is in no namespace may write in any."""
    before = documents(domain(allowedNamespaces=["platform"]), roster())
    assert ready_of(record(before))["status"] == "True"


# --- the planner, by the dry run ---


def test_it_is_ready_with_its_domain_and_calls_nothing() -> None:
    recorded = record(documents(domain(), roster()))
    assert ready_of(recorded)["message"] == "2 names in turn"
    assert "arn" not in recorded[KEY]["status"]


def test_it_waits_for_its_domain() -> None:
    alone = record(documents(roster()))
    assert ready_of(alone)["reason"] == "DependencyNotReady"
    assert "StudioDomain ml-team/research does not exist" in ready_of(alone)["message"]


# --- kubectl studio ---


def test_plan_tells_what_the_api_server_would_refuse() -> None:
    before = documents(domain(), roster())
    for wrong, words in (
        (roster(people=[]), "people is empty"),
        (roster(people="alice"), "people"),
    ):
        report = only(plan(before, documents(domain(), wrong), records=record(before)))
        assert report.key == KEY
        assert [one.action for one in report.effects] == [Action.REFUSE]
        assert words in report.effects[0].text


def test_plan_tells_that_it_waits() -> None:
    records = record(documents(profile("bob")))
    report = only(plan(documents(), documents(roster()), records=records))
    assert [one.action for one in report.effects] == [Action.BLOCKED]


def test_plan_tells_that_it_goes() -> None:
    before = documents(domain(), roster())
    report = only(plan(before, documents(domain()), records=record(before)))
    assert [one.action for one in report.effects] == [Action.RELEASE]


def test_a_domain_is_not_deleted_while_it_is_there() -> None:
    before = documents(domain(deletionPolicy="Delete"), roster())
    report = plan(before, documents(roster()), records=record(before))
    found = next(one for one in report.resources if one.key.kind == "StudioDomain")
    assert [one.action for one in found.effects] == [Action.BLOCKED]
    assert "Roster alice" in found.effects[0].text


def test_why_follows_it_to_the_domain() -> None:
    recorded = record(documents(domain(), roster()))
    waits = {"type": "Ready", "status": "False", "reason": "DependencyNotReady"}
    waits |= {"message": "it waits", "lastTransitionTime": "2026-11-22T09:00:00Z"}
    recorded[KEY]["status"]["conditions"] = [waits]
    research = Key("StudioDomain", "ml-team", "research")
    found = explain(KEY, {**recorded, research: None}, {}, NOW)
    assert [(one.kind, one.standing) for one in found.chain] == [
        ("Roster", "Reconciling"),
        ("StudioDomain", "Missing"),
    ]
    assert found.root is not None
    assert found.root.message == "namespace ml-team has no StudioDomain research"


def test_files_of_an_export_have_a_folder_for_it() -> None:
    one = Exported(KEY, roster()["spec"])
    assert Path("rosters", "alice.yaml") in render_files(Export((one,)), "ml-team")


def test_its_conditions_are_read_by_its_own_model() -> None:
    _, entry = declared(domain(), roster())
    assert type(entry.status) is ROSTER.status
    assert entry.status.condition(ConditionType.READY) is not None
