"""Whatever the operator does, Argo CD and kubectl see what Git declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from studio_operator.api.common import SNOOZE_UNTIL

from tests.e2e.cluster import Resource
from tests.e2e.team import Team
from tests.e2e.windows import closed_now, open_now
from tests.gitops.application import CONTROLLER, MODES, Application, SyncForm
from tests.gitops.folders import PROJECT
from tests.gitops.tools import argo_cd

EXAMPLES = PROJECT / "examples"
# Simulated seconds in which a step is compared at least once, even on a busy machine.
LONG, SHORT = 3.0, 0.4
LARGE = "ml.g5.xlarge"
KINDS = ("StudioDomain", "UserProfile", "Space")


@pytest.fixture(params=MODES)
def application(
    new_team: Team, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Application]:
    """The examples, settled, as an Application of Argo CD that syncs in one form or the other."""
    form: SyncForm = request.param
    new_team.simulator.set_durations(app_start=LONG, space_update=LONG)
    with argo_cd(tmp_path, new_team.product.stack.access.kubeconfig) as engine:
        application = Application(new_team, engine, form, tmp_path)
        for path in sorted((EXAMPLES / "gitops").glob("*.yaml")):
            manifest = yaml.safe_load(path.read_text())
            if manifest["kind"] in KINDS:
                application.commit(manifest)
        # Domains of other teams have the same name in AWS.
        application.edit("StudioDomain", "research", domainName=new_team.namespace)
        application.connect()
        application.sync()
        yield application


def is_settled(application: Application) -> bool:
    live = [application.live(target) for target in application.targets()]
    return all(one.is_ready for one in live)


def settle(application: Application, what: str) -> set[str | None]:
    return application.watch(lambda: is_settled(application), what)


def space(application: Application, name: str = "churn-notebooks") -> Resource:
    found = application.team.get("Space", name)
    assert found is not None
    return found


def stop_when_idle(application: Application) -> None:
    """AWS's own idle timer deletes the app, and leaves no other trace than a person would."""
    assert space(application).spec["idleShutdown"] == {"after": "2h"}
    team = application.team
    domain_id = space(application).status["domainId"]
    team.simulator.stop_app(domain_id, "churn-notebooks")


def schedule(application: Application, hours: dict[str, Any]) -> None:
    application.edit("Space", "churn-notebooks", schedule=hours)
    application.sync()


def snooze(application: Application, time: timedelta) -> None:
    until = datetime.now(UTC) + time
    application.team.annotate("Space", "churn-notebooks", SNOOZE_UNTIL, until.isoformat())


def resize(application: Application) -> None:
    path = EXAMPLES / "gitops-resized" / "churn-notebooks.yaml"
    application.edit("Space", "churn-notebooks", **yaml.safe_load(path.read_text())["spec"])
    found = {(one.name, one.mode) for one in application.differences()}
    modes = MODES[application.form]
    assert found == {("Space/churn-notebooks", mode) for mode in modes}, "a new commit is seen"
    application.sync()


def live_by_the_clock(application: Application) -> None:
    """Hours that open and close, and a person who works late."""
    schedule(application, open_now())
    application.watch(is_decided(application, "Running", "Open"), "the schedule opens")
    schedule(application, closed_now())
    application.watch(is_decided(application, "Stopped", "Closed"), "the schedule closes")
    snooze(application, timedelta(hours=1))
    application.watch(is_decided(application, "Stopped", "Snoozed"), "it is snoozed")
    application.run_action("Space", "churn-notebooks", "start")
    application.watch(is_decided(application, "Running", "Snoozed"), "a person works late")
    snooze(application, timedelta(seconds=1))
    application.watch(is_decided(application, "Stopped", "Closed"), "the snooze ends")


def roll_back_and_try_again(application: Application) -> None:
    """The account may not run the new size, so the space goes on where it ran last."""
    simulator = application.team.simulator
    simulator.set_quotas(instance_types={LARGE: 0})
    application.edit(
        "Space", "churn-notebooks", schedule=open_now(), rollback=True, instanceType=LARGE
    )
    application.sync()

    def is_back() -> bool:
        found = space(application)
        return (found.reason, found.phase) == ("QuotaExceeded", "InService")

    application.watch(is_back, "the new size is rolled back")
    assert space(application).spec["instanceType"] == LARGE
    simulator.set_quotas(instance_types={})
    application.run_action("Space", "churn-notebooks", "start")
    settle(application, "the new size is tried again")
    assert space(application).status["instanceType"] == LARGE


def adopt(application: Application) -> None:
    team, domain_id = application.team, space(application).status["domainId"]
    team.simulator.create_space(domain_id, "by-hand", "alice", volume_size_in_gb=30)
    team.simulator.start_app(domain_id, "by-hand")
    application.commit(team.space("by-hand", adopt=True, state=None, storage={"sizeGiB": 30}))
    application.sync()


def test_argo_cd_never_sees_a_difference(application: Application) -> None:
    simulator = application.team.simulator
    assert "Starting" in settle(application, "the examples are created")

    simulator.set_durations(app_start=SHORT)
    resize(application)
    assert "Resizing" in settle(application, "the space is resized")
    assert space(application).status["instanceType"] == "ml.m5.large"

    stop_when_idle(application)
    application.watch(is_reason(application, "StoppedOutside"), "the idle timer stops the app")

    application.run_action("Space", "churn-notebooks", "start")
    application.watch(is_reason(application, "Running"), "the action Start is carried out")
    application.run_action("Space", "churn-notebooks", "stop")
    application.watch(is_reason(application, "Stopped"), "the action Stop is carried out")

    live_by_the_clock(application)
    roll_back_and_try_again(application)

    adopt(application)
    settle(application, "a space is adopted")

    before, versions_before = application.team.last_call(), version_of_all(application)
    application.sync()  # as self-heal does
    application.team.wait_looks()
    assert application.team.changes(since=before) == []
    assert version_of_all(application) == versions_before
    assert kubectl_diff(application) == ""


def is_reason(application: Application, reason: str) -> Callable[[], bool]:
    return lambda: space(application).is_current and space(application).reason == reason


def is_decided(application: Application, reason: str, window: str) -> Callable[[], bool]:
    """Whether the app runs or is stopped, while the schedule stands there."""

    def decided() -> bool:
        found = space(application)
        return (found.reason, found.status["effective"].get("window")) == (reason, window)

    return decided


def version_of_all(application: Application) -> list[str]:
    return [application.live(target).version for target in application.targets()]


def kubectl_diff(application: Application) -> str:
    """What kubectl says would change; it fails when there is something."""
    kubectl = application.team.product.stack.access.kubectl
    options = ("--server-side", "--force-conflicts", f"--field-manager={CONTROLLER}")
    return kubectl("diff", "-f", application.file, *options)
