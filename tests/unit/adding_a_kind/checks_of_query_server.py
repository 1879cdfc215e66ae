"""What knows a QueryServer once it is in the registry. Run in a copy of the project that has it.

It lives in a region and in no domain, AWS makes its id, it has an access rule beside the server,
and it starts and stops. It refers to a domain, whose people use it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import click
import pytest
import studio_operator
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from studio_operator.api.common import format_time
from studio_operator.engine.monitoring.cost_collector import CostCollector
from studio_operator.engine.monitoring.labelled_spaces import Naming
from studio_operator.kinds.registry import BY_NAME, OPENED, REFERENCES
from studio_operator.kube.resources import Key
from studio_operator.plan.prices import parse_prices
from studio_operator.plugin.aws.permissions import Level, policy
from studio_operator.plugin.commands.export import command
from studio_operator.plugin.costs.spending import (
    add_up,
    as_row,
    describe_total,
    find_spending,
    sum_data,
)
from studio_operator.plugin.explanation.why import explain
from studio_operator.plugin.export.parts import Export
from studio_operator.plugin.export.things import export_things, read_things
from studio_operator.plugin.names import kind_of
from studio_operator.plugin.planning.report import Action, ResourceReport
from studio_operator.plugin.requests import requests
from studio_operator.plugin.requests.snoozing import Snooze
from studio_operator.plugin.targets import parse_name

from tests.unit.adding_a_kind.kind_world import CLUSTER, START, Kill, KilledError, World
from tests.unit.plugin.plan_stage import (
    NOW,
    REGION,
    Documents,
    document,
    documents,
    domain,
    only,
    plan,
    record,
)

ROOT = Path(__file__).parent
SERVER = BY_NAME["QueryServer"]
KEY = Key("QueryServer", "ml-team", "queries")
PRICES = parse_prices(
    {"regions": {REGION: {"instanceHour": {"ml.query.small": "0.2", "ml.query.large": "0.4"}}}}
)


def server(**spec: Any) -> dict[str, Any]:
    full = {
        "domainRef": {"name": "research"},
        "aws": {"region": REGION},
        "size": "Small",
        "allowedCidr": "10.0.0.0/8",
        "state": "Running",
    }
    return document("QueryServer", "queries", full | spec)


def test_the_operator_that_is_checked_is_the_copy() -> None:
    assert ROOT in Path(studio_operator.__file__).parents


# --- what is generated ---


def test_it_has_a_crd_a_schema_and_a_page() -> None:
    crd = yaml.safe_load((ROOT / "crds" / "queryservers.yaml").read_text())
    assert crd["spec"]["names"]["kind"] == "QueryServer"
    assert (ROOT / "schemas" / "studio-operator.dev" / "queryserver_v1alpha1.json").exists()
    page = (ROOT / "docs" / "reference" / "queryserver.md").read_text()
    assert "`kubectl get queryservers`" in page


def test_the_chart_grants_the_operator_its_rights() -> None:
    rules = (ROOT / "charts" / "studio-operator" / "templates" / "_rules.tpl").read_text()
    assert "resources: [studiodomains, userprofiles, spaces, queryservers]" in rules


# --- the IAM policy ---


def allowed(level: Level = Level.FULL) -> dict[str, dict[str, Any]]:
    """The statement that grants each action on query servers and their rules."""
    return {
        action.removeprefix("sagemaker:"): one
        for one in policy(level)["Statement"]
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        if action.endswith(("QueryServer", "QueryServers", "AccessRule", "AccessRules"))
    }


def test_the_policy_grants_just_its_operations() -> None:
    assert set(allowed()) == {one.name for one in SERVER.operations}
    reads = {one.name for one in SERVER.operations if one.is_read}
    assert set(allowed(Level.READ_ONLY)) == reads
    deletes = {"DeleteQueryServer", "DeleteAccessRule"}
    assert set(allowed(Level.NO_DELETE)) == set(allowed()) - deletes


def test_the_policy_is_about_its_arns_and_its_tag() -> None:
    server_arn = "arn:aws:sagemaker:*:*:query-server/*"
    for action in ("CreateQueryServer", "StartQueryServer", "DeleteQueryServer"):
        assert server_arn in allowed()[action]["Resource"]
        assert "StringLike" in allowed()[action]["Condition"]
    assert allowed()["CreateAccessRule"]["Resource"] == "arn:aws:sagemaker:*:*:access-rule/*"


# --- names ---


@pytest.mark.parametrize("word", ["QueryServer", "queryservers", "qsrv"])
def test_the_command_line_knows_its_names(word: str) -> None:
    assert kind_of(word) == "QueryServer"


def test_it_refers_to_a_domain() -> None:
    assert REFERENCES.kinds_before("QueryServer") == ("StudioDomain",)


# --- kubectl studio plan ---


def changed(before: Documents, after: Documents) -> ResourceReport:
    """What the change does to the one resource to which it does something."""
    return only(plan(before, after, records=record(before)))


def texts(report: ResourceReport) -> list[str]:
    return [effect.text for effect in report.effects]


def there(**spec: Any) -> Documents:
    return documents(domain(), server(**spec))


def test_plan_makes_both_of_its_things() -> None:
    report = changed(documents(domain()), there())
    assert report.calls == ("CreateQueryServer", "CreateAccessRule")
    assert texts(report) == [
        "creates the query server",
        "makes the access rule of the query server",
    ]


@pytest.mark.parametrize(
    ("allowed", "is_made"), [([], False), (["Delete"], True)], ids=["denied", "allowed"]
)
def test_plan_tells_what_a_tenant_refuses(allowed: list[str], is_made: bool) -> None:
    allow = {"executionRoles": ["*"], "subnets": ["*"], "deletionPolicies": allowed}
    rules = {"namespaces": {"names": ["ml-team"]}, "enforcement": "Block", "allow": allow}
    tenant = {**document("StudioTenant", "churn", rules), "metadata": {"name": "churn"}}
    before = documents(domain(), tenant)
    report = changed(before, {**before, **there(deletionPolicy="Delete")})
    assert bool(report.calls) is is_made
    assert ("which StudioTenant churn does not allow" in str(report)) is not is_made


@pytest.mark.parametrize(
    ("spec", "calls", "text"),
    [
        ({"size": "Large"}, ["UpdateQueryServer"], "changes size of the query server"),
        ({"state": "Stopped"}, ["StopQueryServer"], "stops the query server"),
        ({"tags": {"team": "ml"}}, ["AddTags"], "sets tags team"),
        (
            {"allowedCidr": "10.1.0.0/16"},
            ["DeleteAccessRule", "CreateAccessRule"],
            "deletes the access rule of the query server",
        ),
    ],
)
def test_plan_tells_of_an_edit(spec: dict[str, Any], calls: list[str], text: str) -> None:
    report = changed(there(), there(**spec))
    assert list(report.calls) == calls
    assert texts(report)[0] == text


def test_plan_starts_what_is_recorded_as_stopped() -> None:
    report = changed(there(state="Stopped"), there())
    assert texts(report) == ["starts the query server"]


def test_plan_makes_a_second_one_beside_the_first() -> None:
    second = server(serverName="more")
    second["metadata"]["name"] = "second"
    report = changed(there(), documents(domain(), server(), second))
    assert report.key.name == "second"
    assert report.calls == ("CreateQueryServer", "CreateAccessRule")


def test_plan_does_nothing_to_what_is_as_declared() -> None:
    assert plan(there(), there(), records=record(there())).changed == ()


def test_plan_tells_what_becomes_of_it() -> None:
    released = changed(there(), documents(domain()))
    assert [one.action for one in released.effects] == [Action.RELEASE]
    deleted = changed(there(deletionPolicy="Delete"), documents(domain()))
    assert deleted.calls == ("DeleteAccessRule", "DeleteQueryServer")
    assert [one.action for one in deleted.effects] == [Action.DELETE]


def test_plan_takes_over_what_exists() -> None:
    before = documents(domain())
    report = changed(before, documents(domain(), server(serverId="qs-0123")))
    assert report.calls == ("AddTags",)
    assert [one.action for one in report.effects] == [Action.ADOPT]


def test_plan_without_records_takes_what_was_there_to_be_carried_out() -> None:
    report = only(plan(there(), there(size="Large")))
    assert report.calls == ("UpdateQueryServer",)


def test_plan_tells_what_the_api_server_would_refuse() -> None:
    report = changed(there(), there(size="Huge"))
    assert [one.action for one in report.effects] == [Action.REFUSE]


def test_two_of_one_name_in_a_region_are_rivals_and_a_domain_of_it_is_none() -> None:
    other = server(serverName="queries")
    other["metadata"]["name"] = "second"
    listed = documents(domain(domainName="queries"), server(), other)
    recorded = record(listed)
    ready = {key: ready_of(recorded[key])["reason"] for key in recorded}
    assert ready == {
        Key("StudioDomain", "ml-team", "research"): "InService",
        KEY: "InService",
        Key("QueryServer", "ml-team", "second"): "OwnershipConflict",
    }


def ready_of(resource: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in resource["status"]["conditions"] if one["type"] == "Ready")


# --- kubectl studio why ---


def test_why_follows_it_to_the_domain() -> None:
    recorded = record(documents(server()))
    assert ready_of(recorded[KEY])["reason"] == "DependencyNotReady"
    found = explain(KEY, {**recorded, Key("StudioDomain", "ml-team", "research"): None}, {}, NOW)
    assert [one.kind for one in found.chain] == ["QueryServer", "StudioDomain"]


# --- kubectl studio export ---


class Reads:
    """An account with these servers; an `Account`."""

    region = REGION

    def __init__(
        self, *servers: dict[str, Any], tags: Mapping[str, dict[str, str]] | None = None
    ) -> None:
        """`tags`: by id."""
        self.servers = {one["QueryServerId"]: one for one in servers}
        self._tags = tags or {}

    def pages(self, operation: str, _member: str) -> list[dict[str, Any]]:
        rule = {"Cidr": "10.0.0.0/8", "Status": "InService"}
        if operation == "ListAccessRules":
            return [{"QueryServerId": id_, **rule} for id_ in self.servers]
        assert operation == "ListQueryServers"
        return list(self.servers.values())

    def read(self, operation: str, **named: str) -> dict[str, Any]:
        assert operation == "DescribeQueryServer"
        return self.servers[named["QueryServerId"]]

    def tags(self, arn: str) -> dict[str, str]:
        return self._tags.get(arn.rpartition("/")[2], {})


def in_aws(id_: str, name: str = "Queries", status: str = "InService") -> dict[str, Any]:
    return {
        "QueryServerId": id_,
        "QueryServerArn": f"arn:aws:sagemaker:{REGION}:123456789012:query-server/{id_}",
        "QueryServerName": name,
        "Status": status,
        "Size": "Small",
        "CreationTime": NOW,
        "LastModifiedTime": NOW,
    }


def export(account: Reads) -> Export:
    things = read_things(account, SERVER, lambda _what, _share: None)  # type: ignore[arg-type]
    return export_things(SERVER, things, REGION, "ml-team", NOW)


def test_what_exists_is_exported_so_that_nothing_but_its_owner_changes() -> None:
    found = export(Reads(in_aws("qs-1"), tags={"qs-1": {"team": "ml"}}))
    assert found.omissions == ()
    (one,) = found.resources
    assert one.key == KEY
    assert one.spec == {
        "serverName": "Queries",
        "serverId": "qs-1",
        "aws": {"region": REGION},
        "size": "Small",
        "allowedCidr": "10.0.0.0/8",
        "tags": {"team": "ml"},
    }
    taken = plan({}, documents(one.document("ml-team")))
    assert only(taken).calls == ("AddTags",)


def test_what_others_have_or_what_moves_is_not_exported_and_names_are_told_apart() -> None:
    mark = {"studio-operator.dev/owner": "cluster/ml-team/queries/uid-1"}
    found = export(
        Reads(
            in_aws("qs-1"),
            in_aws("qs-2"),
            in_aws("qs-3", "x", "Starting"),
            tags={"qs-1": mark},
        )
    )
    assert [one.key.name for one in found.resources] == ["queries-qs-2"]
    assert [one.thing for one in found.omissions] == ["query server qs-1", "query server qs-3"]


def test_the_command_takes_the_kind() -> None:
    (option,) = (one for one in command.params if one.name == "kind")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == ["queryserver"]


# --- a whole operator, by the kind's own description of AWS ---


def world(listed: Documents, kill: Kill | None = None) -> World:
    return World(listed, REGION, kill, PRICES)


ESTATE = there(tags={"team": "ml"}, state="Stopped")
CHANGES = ["CreateDomain", "CreateQueryServer", "CreateAccessRule", "StopQueryServer"]


def test_it_is_made_and_stopped_and_then_at_rest() -> None:
    made = world(ESTATE)
    made.run()
    assert (made.aws.calls, made.aws.refused) == (CHANGES, [])
    assert made.ready(KEY) == ("True", "Stopped")
    assert made.resources[KEY]["status"]["phase"] == "Stopped"
    made.start()
    made.run()
    assert made.aws.calls == CHANGES


@pytest.mark.parametrize("position", ["before", "after"])
@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_killed_at_a_call_nothing_is_made_twice(
    number: int, position: Literal["before", "after"]
) -> None:
    made = world(ESTATE, Kill(number, position))
    made.run()
    assert made.kill is None, "it was killed"
    assert made.aws.calls == CHANGES
    assert made.ready(KEY) == ("True", "Stopped")
    assert [len(made.aws.of(type_)) for type_ in ("QueryServer", "AccessRule")] == [1, 1]


def test_processes_that_live_for_a_turn_make_it_and_stop_it_as_declared() -> None:
    """What one of them made the next one finds, and knows for its own."""
    made = world(ESTATE, Kill(1, "after"))
    for _ in range(30):
        made.aws.tick()
        with suppress(KilledError):
            made.turn()
        made.start()
        made.kill = None if len(made.aws.calls) > 1 else made.kill
    assert made.aws.calls == CHANGES
    assert (made.ready(KEY), effective(made)["by"]) == (("True", "Stopped"), "Spec")


@pytest.mark.parametrize("position", ["before", "after"])
@pytest.mark.parametrize("number", range(2))
def test_killed_in_a_deletion_it_goes_on(number: int, position: Literal["before", "after"]) -> None:
    made = world(there(deletionPolicy="Delete"))
    made.run()
    made.delete(KEY)
    made.kill = Kill(len(made.aws.calls) + number, position)
    made.run()
    assert made.aws.calls[-2:] == ["DeleteAccessRule", "DeleteQueryServer"]
    assert KEY not in made.resources
    assert (made.aws.of("QueryServer"), made.aws.of("AccessRule")) == ({}, {})


# --- whether it runs ---

WORK = {"timezone": "UTC", "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}]}
SUNDAYS = {"timezone": "UTC", "windows": [{"days": "Sun", "from": "00:00", "to": "24:00"}]}
MONDAY = START.replace(hour=0) + timedelta(days=1)  # START is a Sunday


def running(**spec: Any) -> World:
    """An operator at rest, with a server that was made."""
    made = world(there(**spec))
    made.run()
    made.aws.calls.clear()
    return made


def in_aws_now(made: World) -> str:
    (one,) = made.aws.of("QueryServer").values()
    return str(one["Status"])


def effective(made: World) -> dict[str, Any]:
    found: dict[str, Any] = made.resources[KEY]["status"]["effective"]
    return found


def ask(made: World, verb: str, at: datetime | None = None) -> str:
    value = format_time(at or made.aws.now)
    made.annotate(KEY, f"studio-operator.dev/{verb}", value)
    return value


def others_set(made: World, status: str) -> None:
    """A person starts or stops it in AWS."""
    (one,) = made.aws.of("QueryServer").values()
    one["Status"] = status
    made.run()


def test_it_follows_the_state_of_its_spec() -> None:
    made = running()
    assert (in_aws_now(made), effective(made)["by"]) == ("InService", "Spec")
    for state, call in (("Stopped", "StopQueryServer"), ("Running", "StartQueryServer")):
        made.aws.calls.clear()
        made.edit(KEY, state=state)
        made.run()
        assert made.aws.calls == [call]
        assert (effective(made)["state"], effective(made)["reached"]) == (state, True)


def test_another_size_starts_nothing() -> None:
    made = running(state="Running")
    others_set(made, "Stopped")
    made.edit(KEY, size="Large")
    made.run()
    assert made.aws.calls == ["UpdateQueryServer"]


def test_between_triggers_people_are_left_alone() -> None:
    made = running()
    others_set(made, "Stopped")
    assert made.aws.calls == []
    assert made.ready(KEY) == ("True", "StoppedOutside")
    assert effective(made)["by"] == "OutsideStop"
    made.edit(KEY, state="Stopped")
    made.run()
    others_set(made, "InService")
    assert effective(made)["by"] == "OutsideStart"
    assert made.aws.calls == []


def test_its_schedule_starts_and_stops_it() -> None:
    made = running(schedule=WORK)
    assert in_aws_now(made) == "Stopped"
    assert effective(made) | {"by": "Schedule", "startsAt": "2026-11-23T08:00:00Z"} == effective(
        made
    )
    made.sleep_until(MONDAY.replace(hour=7, minute=59))
    assert made.aws.calls == []
    made.sleep_until(MONDAY.replace(hour=18, minute=59))
    assert made.aws.calls == ["StartQueryServer"]
    assert effective(made)["stopsAt"] == "2026-11-23T19:00:00Z"
    made.sleep_until(MONDAY.replace(hour=23))
    assert made.aws.calls == ["StartQueryServer", "StopQueryServer"]
    made.sleep_until(MONDAY + timedelta(days=6))
    assert made.aws.calls == ["StartQueryServer", "StopQueryServer"] * 5


def test_a_snoozed_schedule_does_nothing() -> None:
    made = running(schedule=WORK)
    made.sleep_until(MONDAY.replace(hour=18))
    ask(made, "snooze-until", MONDAY.replace(hour=21))
    made.run()
    made.sleep_until(MONDAY.replace(hour=20, minute=59))
    assert (in_aws_now(made), effective(made)["window"]) == ("InService", "Snoozed")
    made.sleep_until(MONDAY.replace(hour=22))
    assert (in_aws_now(made), effective(made)["by"]) == ("Stopped", "Schedule")


def test_it_stops_when_it_has_run_for_long_enough() -> None:
    made = running(maxRunTime="60m")
    since = datetime.fromisoformat(made.resources[KEY]["status"]["runningSince"])
    assert effective(made)["stopsAt"] == format_time(since + timedelta(hours=1))
    made.sleep_until(since + timedelta(minutes=59))
    assert made.aws.calls == []
    made.sleep_until(since + timedelta(hours=2))
    assert made.aws.calls == ["StopQueryServer"]
    assert effective(made)["by"] == "MaxRunTime"
    assert "runningSince" not in made.resources[KEY]["status"]


@pytest.mark.parametrize(
    ("state", "verb", "calls"),
    [
        ("Running", "stop", ["StopQueryServer"]),
        ("Stopped", "start", ["StartQueryServer"]),
        ("Running", "restart", ["StopQueryServer", "StartQueryServer"]),
        ("Stopped", "stop", []),
        ("Stopped", "restart", []),
        ("Running", "start", []),
        ("Running", "apply-now", []),
    ],
)
def test_a_request_is_carried_out_once(state: str, verb: str, calls: list[str]) -> None:
    made = running(state=state)
    value = ask(made, verb)
    made.run()
    assert made.aws.calls == calls
    handled = made.resources[KEY]["status"].get("handledRequests", {})
    assert handled == ({verb: value} if verb != "apply-now" else {})
    assert "operation" not in made.resources[KEY]["status"]
    made.start()
    made.run()
    assert made.aws.calls == calls


TRIGGERS: Mapping[str, tuple[str, Callable[[World], object]]] = {
    "state Stopped": ("Running", lambda made: made.edit(KEY, state="Stopped")),
    "state Running": ("Stopped", lambda made: made.edit(KEY, state="Running")),
    "stop": ("Running", lambda made: ask(made, "stop")),
    "start": ("Stopped", lambda made: ask(made, "start")),
    "restart": ("Running", lambda made: ask(made, "restart")),
}


@pytest.mark.parametrize("position", ["before", "after"])
@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_killed_at_a_start_or_stop_it_is_done_once(
    trigger: str, number: int, position: Literal["before", "after"]
) -> None:
    state, act = TRIGGERS[trigger]
    undisturbed, made = running(state=state), running(state=state)
    for one in (undisturbed, made):
        act(one)
    undisturbed.run()
    calls = undisturbed.aws.calls
    assert calls
    made.kill = Kill(number, position)
    made.run()
    assert (made.kill is None) is (number < len(calls))
    assert made.aws.calls == calls
    assert in_aws_now(made) == in_aws_now(undisturbed)
    told = made.resources[KEY]["status"]
    assert "operation" not in told
    assert told.get("handledRequests", {}).keys() == (
        undisturbed.resources[KEY]["status"].get("handledRequests", {}).keys()
    )


def test_a_stop_during_a_restart_has_the_last_word() -> None:
    made = running()
    ask(made, "restart")
    made.kill = Kill(0, "after")  # it is being stopped for the restart
    with pytest.raises(KilledError):
        made.turn()
    made.kill = None
    made.start()
    ask(made, "stop", made.aws.now + timedelta(seconds=1))
    made.run()
    assert made.aws.calls == ["StopQueryServer"]
    assert in_aws_now(made) == "Stopped"
    assert "operation" not in made.resources[KEY]["status"]


def test_a_stop_is_carried_out_though_the_spec_cannot_be_read() -> None:
    made = running()
    made.edit(KEY, schedule={**WORK, "timezone": "Europe/Nowhere"})
    made.run()
    assert made.ready(KEY) == ("False", "InvalidSpec")
    ask(made, "restart")
    ask(made, "stop")
    made.run()
    assert made.aws.calls == ["StopQueryServer"]
    assert made.resources[KEY]["status"]["phase"] == "Stopped"
    made.edit(KEY, schedule=None)
    made.run()
    assert made.aws.calls == ["StopQueryServer"]
    assert (effective(made)["state"], effective(made)["by"]) == ("Stopped", "Request")


def test_a_cluster_built_anew_starts_nothing_that_people_had_stopped() -> None:
    made = running()
    others_set(made, "Stopped")
    raw = made.resources[KEY]
    del raw["status"]
    raw["metadata"]["uid"] = "uid-of-the-new-one"
    (arn,) = (one["QueryServerArn"] for one in made.aws.of("QueryServer").values())
    made.aws.tags[arn]["studio-operator.dev/owner"] = f"{OURS}/uid-of-the-old-one"
    made.start()
    made.run()
    assert made.aws.calls == ["AddTags"]
    assert (in_aws_now(made), effective(made)["by"]) == ("Stopped", "FirstSeen")


# --- what it costs, and what people are told of it ---


def test_status_tells_what_it_costs() -> None:
    made = running()
    assert made.resources[KEY]["status"]["cost"] == {"perHour": "0.2", "currency": "USD"}
    made.edit(KEY, state="Stopped")
    made.run()
    assert made.resources[KEY]["status"]["cost"] == {"perHour": "0", "currency": "USD"}


def test_top_lists_it_beside_spaces() -> None:
    made = running()
    made.aws.now += timedelta(minutes=90)
    found = find_spending([made.resources[KEY]], made.aws.now)
    assert [as_row(one) for one in found] == [
        (
            "ml-team",
            "queryserver/queries",
            "research",
            "-",
            "Small",
            "InService",
            "90m",
            "0.2 USD",
        )
    ]
    assert describe_total(add_up(found)) == "1 resource: 0.2 USD an hour."
    assert sum_data(add_up(found)) == {
        "spaces": 0,
        "queryservers": 1,
        "perHour": {"USD": "0.2"},
        "unknown": 0,
    }
    made.edit(KEY, state="Stopped")
    made.run()
    assert find_spending([made.resources[KEY]], made.aws.now) == []


def test_metrics_count_its_costs_and_its_hours_outside_the_schedule() -> None:
    made = running()
    made.edit(KEY, state=None, schedule=WORK)
    made.run()
    others_set(made, "InService")
    registry = CollectorRegistry()
    collector = CostCollector(
        made.store, Naming("team"), is_leader=lambda: True, now=lambda: made.aws.now
    )
    registry.register(collector)
    labels = {
        "space_namespace": "ml-team",
        "domain": "research",
        "owner": "none",
        "team": "none",
    }
    cost = registry.get_sample_value("studio_operator_cost_per_hour", {**labels, "currency": "USD"})
    assert cost == 0.2
    assert (
        registry.get_sample_value(
            "studio_operator_spaces_without_price", {**labels, "part": "volume"}
        )
        is None
    )
    before = registry.get_sample_value("studio_operator_outside_schedule_seconds_total", labels)
    made.aws.now += timedelta(minutes=10)
    after = registry.get_sample_value("studio_operator_outside_schedule_seconds_total", labels)
    assert before is not None
    assert after == before + 600


def test_requests_may_be_asked_of_it() -> None:
    for request in (requests.START, requests.STOP, requests.RESTART):
        assert requests.kinds_of(request) == ("Space", "QueryServer")
        named = parse_name("queryserver/queries", requests.kinds_of(request))
        assert named == ("QueryServer", "queries")
        assert parse_name("churn", requests.kinds_of(request)) == ("Space", "churn")
    for request in (requests.APPLY_NOW, requests.RECREATE):
        assert requests.kinds_of(request) == ("Space",)
    assert requests.kinds_of(requests.RECONCILE)[0] == "Space"
    assert "QueryServer" not in OPENED


def test_what_became_of_a_request_is_told() -> None:
    made = running()
    value = ask(made, "stop")
    assert requests.STOP.judge(value, made.resources[KEY]).state is requests.State.ASKED
    made.run()
    assert requests.STOP.judge(value, made.resources[KEY]).state is requests.State.DONE
    again = ask(made, "restart")
    made.run()
    assert requests.RESTART.judge(again, made.resources[KEY]).message == (
        "it does not run: start it instead"
    )


def test_a_snooze_is_told_in_its_words() -> None:
    made = running(schedule=WORK)
    until = MONDAY.replace(hour=21)
    snooze = Snooze(until, made.aws.now)
    assert snooze.refusal(made.resources[KEY]) is None
    value = ask(made, "snooze-until", until)
    made.run()
    told = snooze.judge(value, made.resources[KEY])
    assert told.state is requests.State.DONE
    assert "`kubectl studio start queryserver/queries` does" in told.message


def test_why_tells_who_decided_and_what_comes_next() -> None:
    made = running(schedule=WORK)
    found = explain(KEY, {KEY: made.resources[KEY]}, {}, made.aws.now)
    assert found.reason == "Stopped"
    assert found.decided is not None
    assert found.decided.startswith("Stopped: by spec.schedule")
    assert any(
        line.startswith("The query server is started by the schedule at 2026-11-23T08:00:00Z")
        for line in found.next
    )
    assert "kubectl studio start queryserver/queries -n ml-team" in found.commands


def test_plan_tells_what_a_schedule_will_do_and_what_it_costs() -> None:
    report = changed(there(state="Stopped"), there(schedule=SUNDAYS))
    assert texts(report) == [
        "starts the query server",
        "later, by the clock: the query server stops at 2026-11-23 00:00 UTC",
    ]
    priced = only(plan(there(state="Stopped"), there(), prices=PRICES))
    assert priced.cost is not None
    assert (priced.cost.before.hour, priced.cost.after.hour) == (Decimal(0), Decimal("0.2"))


def test_another_name_makes_none_beside_the_one_that_it_has() -> None:
    """Its status was lost: the kind gets that from the rules that all kinds share."""
    made = world(ESTATE)
    made.run()
    raw = made.resources[KEY]
    (tags,) = [one for arn, one in made.aws.tags.items() if ":query-server/" in arn]
    edited = {**raw, "spec": {**raw["spec"], "serverName": "more"}}
    del edited["status"]
    made.resources[KEY] = edited
    made.start()
    made.run()
    assert made.aws.calls == CHANGES
    assert made.ready(KEY) == ("False", "ImmutableField")
    assert "Set spec.serverName to queries" in ready_of(made.resources[KEY])["message"]
    made.resources[KEY] = {**raw, "status": made.resources[KEY]["status"]}
    made.start()
    made.run()
    assert (made.aws.calls, made.ready(KEY)) == (CHANGES, ("True", "Stopped"))
    assert tags["studio-operator.dev/owner"].startswith(f"{CLUSTER}/ml-team/queries/")


OURS = f"{CLUSTER}/ml-team/queries"
FOREIGN = f"{CLUSTER}/ml-team/other/uid-7"
MARKS = (None, f"{OURS}/released", f"{OURS}/an-older-uid", FOREIGN)
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from(["Small", "Large", None]),
        "allowedCidr": st.sampled_from(["10.0.0.0/8", "10.1.0.0/16"]),
        "state": st.sampled_from(["Running", "Stopped", None]),
        "schedule": st.sampled_from([WORK, SUNDAYS]),
        "maxRunTime": st.sampled_from(["60m", "12h"]),
        "tags": st.sampled_from([{"team": "ml"}, {"stage": "dev"}]),
        "serverId": st.just("qs-0123"),
        "deletionPolicy": st.sampled_from(["Retain", "Delete", "Orphan"]),
    },
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any declared state over any observed one, and an operator that may be killed once."""
    made = world(documents(domain(), server(**draw(SPECS))))
    if draw(st.booleans()):
        mark = draw(st.sampled_from(MARKS))
        thing = {
            "QueryServerId": "qs-0123",
            "QueryServerName": "queries",
            "Size": draw(st.sampled_from(["Small", "Large"])),
            "Status": draw(st.sampled_from(["InService", "Stopped", "Starting", "Pending"])),
        }
        made.aws.add(SERVER, thing, {"studio-operator.dev/owner": mark} if mark else {})
        if draw(st.booleans()):
            rule = {"QueryServerId": "qs-0123", "Cidr": "10.2.0.0/16", "Status": "InService"}
            made.aws.of("AccessRule")["qs-0123"] = rule
    kills = st.builds(Kill, st.integers(0, 5), st.sampled_from(["before", "after"]))
    made.kill = draw(st.none() | kills)
    return made


def owner_of(made: World, id_: str) -> str | None:
    arn = made.aws.of("QueryServer")[id_]["QueryServerArn"]
    return made.aws.tags[arn].get("studio-operator.dev/owner")


def state_by(spec: Mapping[str, Any]) -> str | None:
    """What AWS is to show of a server that the operator made, on the Sunday of `START`."""
    if spec.get("state") is None:
        return None
    closed = spec.get("schedule") == WORK
    return "Stopped" if closed or spec["state"] == "Stopped" else "InService"


def assert_as_declared(made: World, there_before: Mapping[str, Any]) -> None:
    """One that was there before is left running, or stopped, as it was found."""
    spec, status = made.resources[KEY]["spec"], made.resources[KEY]["status"]
    found = made.aws.of("QueryServer")[status["serverId"]]
    assert owner_of(made, status["serverId"]) == f"{OURS}/{made.resources[KEY]['metadata']['uid']}"
    assert made.aws.of("AccessRule")[status["serverId"]]["Cidr"] == spec["allowedCidr"]
    assert spec.get("size") in {None, found.get("Size")}
    before = there_before.get(status["serverId"])
    was = ("Stopped" if before["Status"] == "Stopped" else "InService") if before else None
    assert found["Status"] == (was or state_by(spec) or "InService")
    assert spec.get("tags", {}).items() <= made.aws.tags[found["QueryServerArn"]].items()


@given(worlds())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_from_any_state_it_comes_to_rest_and_stays_there(made: World) -> None:
    there_before = copy.deepcopy(made.aws.of("QueryServer"))
    is_foreign = any(owner_of(made, id_) == FOREIGN for id_ in there_before)
    made.run()
    status, reason = made.ready(KEY)
    assert status == "True" or reason in {"OwnershipConflict", "NotApplied"}
    if status == "True":
        assert_as_declared(made, there_before)
    mine = [id_ for id_ in made.aws.of("QueryServer") if str(owner_of(made, id_)).startswith(OURS)]
    assert len(mine) <= 1
    if is_foreign:
        assert made.aws.of("QueryServer")["qs-0123"]["Size"] == there_before["qs-0123"]["Size"]
        assert owner_of(made, "qs-0123") == FOREIGN
    calls = list(made.aws.calls)
    made.start()
    made.run()
    assert made.aws.calls == calls


ACTS: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(["start", "stop", "restart", "apply-now"])),
    st.tuples(st.just("others"), st.sampled_from(["InService", "Stopped"])),
    st.tuples(st.just("state"), st.sampled_from(["Running", "Stopped", None])),
    st.tuples(st.just("schedule"), st.sampled_from([WORK, SUNDAYS, None])),
    st.tuples(st.just("sleep"), st.sampled_from([1, 12, 30])),
    st.tuples(st.just("kill"), st.sampled_from(["before", "after"])),
)


def carry_out(made: World, act: str, what: Any) -> None:
    if act == "ask":
        ask(made, what)
    elif act == "others":
        others_set(made, what)
    elif act == "sleep":
        made.sleep_until(made.aws.now + timedelta(hours=what))
    elif act == "kill":
        made.kill = Kill(len(made.aws.calls), what)
    else:
        made.edit(KEY, **{act: what})


@given(SPECS, st.lists(st.tuples(ACTS, st.booleans()), max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_people_do_it_comes_to_rest_as_its_running_state_says(
    spec: dict[str, Any], acts: list[tuple[tuple[str, Any], bool]]
) -> None:
    """Some of it happens before the operator has seen what was before."""
    spec.pop("serverId", None)
    made = world(documents(domain(), server(**spec)))
    made.run()
    for act, is_seen in acts:
        carry_out(made, *act)
        if is_seen:
            made.run()
    made.kill = None
    made.run()
    assert made.ready(KEY)[0] == "True"
    state = effective(made).get("state")
    assert in_aws_now(made) in {"Running": {"InService"}, "Stopped": {"Stopped"}}.get(
        str(state), {"InService", "Stopped"}
    )
    told, calls = made.resources[KEY]["status"], list(made.aws.calls)
    assert "operation" not in told
    asked = made.resources[KEY]["metadata"].get("annotations", {})
    for verb in ("start", "stop", "restart"):
        value = asked.get(f"studio-operator.dev/{verb}")
        assert told.get("handledRequests", {}).get(verb) == value
    made.start()
    made.run()
    assert made.aws.calls == calls


@given(worlds())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_from_any_state_a_deletion_comes_to_an_end(made: World) -> None:
    made.run()
    was_ready = made.ready(KEY)[0] == "True"
    policy_ = made.resources[KEY]["spec"].get("deletionPolicy")
    id_ = made.resources[KEY]["status"].get("serverId")
    made.delete(KEY)
    made.run()
    assert KEY not in made.resources
    assert ("DeleteQueryServer" in made.aws.calls) is (policy_ == "Delete" and was_ready)
    if was_ready and policy_ != "Delete":
        assert owner_of(made, id_) == (None if policy_ == "Orphan" else f"{OURS}/released")
