"""Lifecycle configurations are listed for all who ask, when they ask, and hold nothing back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.lifecycle_configs import ListedLifecycleConfigs
from studio_operator.aws.gateway import Gateway
from studio_operator.metrics import Metrics
from studio_operator.plan.lifecycle_configs import LifecycleConfigsQuestion
from studio_operator.plan.observed import LifecycleConfigs
from studio_operator.settings import Settings
from studio_simulator.client import SimulatorClient

from tests.aws.live import WHERE, run
from tests.readers import reader_context

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = LifecycleConfigsQuestion()
LIST = "ListStudioLifecycleConfigs"


class Scene:
    """The lists of the simulator's regions, on a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW
        self.gateway = Gateway(Settings(), Metrics())
        self.configs = ListedLifecycleConfigs(
            reader_context(self.gateway, Settings(), lambda: self.now)
        )

    async def look(self, after: float = 0.0) -> LifecycleConfigs:
        """Look after so many seconds, twenty at once: what is known then."""
        self.now += timedelta(seconds=after)
        await asyncio.gather(*(self.configs.look(WHERE, ALL) for _ in range(20)))
        return self.configs.of(WHERE, ALL)


def make(simulator: SimulatorClient, name: str, app_type: str = "JupyterLab") -> str:
    given = {
        "StudioLifecycleConfigName": name,
        "StudioLifecycleConfigContent": "ZWNobyBoZWxsbw==",
        "StudioLifecycleConfigAppType": app_type,
    }
    made: str = simulator.call("CreateStudioLifecycleConfig", given)["StudioLifecycleConfigArn"]
    return made


def test_one_list_in_pages_of_a_hundred_does_for_all_within_a_minute(
    simulator: SimulatorClient,
) -> None:
    arns = [make(simulator, f"c{number:03}") for number in range(120)]
    editor = make(simulator, "editor", "CodeEditor")

    async def scene() -> None:
        there = Scene()
        assert there.configs.of(WHERE, ALL) == LifecycleConfigs(is_listable=True)
        seen = await there.look()
        assert seen.app_types == {**dict.fromkeys(arns, "JupyterLab"), editor: "CodeEditor"}
        assert (seen.looked_at, seen.is_listable) == (NOW, True)
        later = make(simulator, "later")
        assert later not in (await there.look(after=59)).app_types
        assert len(simulator.calls(operation=LIST)) == 2
        assert later in (await there.look(after=1)).app_types
        assert len(simulator.calls(operation=LIST)) == 4
        await there.gateway.close()

    run(scene())


def test_where_it_is_denied_nothing_can_be_told_and_it_is_tried_again(
    simulator: SimulatorClient,
) -> None:
    arn = make(simulator, "tools")
    fault = simulator.add_fault(LIST, code="AccessDeniedException", message="is not authorized")

    async def scene() -> None:
        there = Scene()
        assert not (await there.look()).is_listable
        assert len(simulator.calls(operation=LIST)) == 1
        there.now += timedelta(seconds=60)
        assert there.configs.of(WHERE, ALL) == LifecycleConfigs(is_listable=True)
        simulator.remove_faults(fault)
        assert (await there.look()).app_types == {arn: "JupyterLab"}
        await there.gateway.close()

    run(scene())


def test_a_failure_that_passes_is_told_to_who_asks(simulator: SimulatorClient) -> None:
    simulator.add_fault(LIST, code="InternalFailure", status=500, times=20)

    async def scene() -> None:
        there = Scene()
        with pytest.raises(AwsError):
            await there.configs.look(WHERE, ALL)
        assert there.configs.of(WHERE, ALL) == LifecycleConfigs(is_listable=True)
        await there.gateway.close()

    run(scene())
