"""What lingers in all regions: whose it is, what of it is counted, and when nobody looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.keys import RecordKey
from studio_operator.aws.lingering import LingeringRegions
from studio_operator.aws.runner import Runner
from studio_operator.metrics import Metrics
from studio_operator.plan.observed import (
    Lingering,
    ObservedApp,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
)
from studio_operator.settings import Settings

from tests.unit.aws.lingering_stage import CHURN, ENDPOINT, SPACE_ARN, Account
from tests.unit.aws.stage import DOMAIN_ID, REGION, at, run


@dataclass
class View:
    """What AWS shows of a domain; a `DomainView`."""

    spaces: dict[str, ObservedSpace]
    apps: dict[str, ObservedApp] = field(default_factory=dict)
    profiles: dict[str, ObservedProfile] = field(default_factory=dict)
    domain: ObservedDomain | None = None
    swept_at: float = 0.0
    stale: bool = False


class Regions:
    """The watches of a region with one domain in it."""

    def __init__(self, *spaces: str, ours: bool = True, **settings: Any) -> None:
        tags = {OWNER_TAG: "cluster/team/churn/uid"} if ours else {}
        self.view = View(
            {name: ObservedSpace(DOMAIN_ID, name, "InService", tags=tags) for name in spaces}
        )
        self.aws = Account()
        self.told: list[RecordKey] = []
        chosen = Settings(**settings)
        self.regions = LingeringRegions(
            self.aws,
            chosen,
            lambda: 0.0,
            lambda: at(0),
            runner=Runner(chosen, Metrics(), lambda: 0.0),
            domains=lambda region: [(DOMAIN_ID, self.view)] if region == REGION else [],
            on_change=self.told.append,
        )
        self.regions.track(REGION)


def test_a_space_is_told_by_its_name_whatever_the_case_in_the_tag() -> None:
    scene = Regions("Churn", "other")
    scene.aws.tags[ENDPOINT] = SPACE_ARN
    run(scene.regions.look(REGION))
    key = CHURN._replace(name="Churn")
    assert scene.told == [key]
    assert scene.regions.of(key) == Lingering((ENDPOINT,), at(0))


@pytest.mark.parametrize(
    ("ours", "app", "counts"),
    [
        (True, None, True),
        (True, "Deleted", True),
        (True, "InService", False),
        (True, "Pending", False),
        (False, None, False),
    ],
)
def test_what_outlives_a_space_of_ours_is_counted(
    ours: bool, app: str | None, counts: bool
) -> None:
    scene = Regions("churn", ours=ours)
    if app is not None:
        scene.view.apps["churn"] = ObservedApp("JupyterLab", "default", app)
    scene.aws.tags = {ENDPOINT: SPACE_ARN, f"{ENDPOINT}-2": SPACE_ARN}
    run(scene.regions.look(REGION))
    assert scene.regions.counts() == ({(REGION, "sagemaker:endpoint"): 2} if counts else {})


def test_nothing_is_known_before_a_look_and_after_the_last_domain_has_gone() -> None:
    scene = Regions("churn")
    assert scene.regions.of(CHURN) is None
    run(scene.regions.look(REGION))
    assert scene.regions.of(CHURN) == Lingering((), at(0))
    scene.regions.untrack(REGION)
    assert scene.regions.of(CHURN) is None


def test_turned_off_it_stays_unknown_without_any_look() -> None:
    scene = Regions("churn", lingering_interval=0)
    scene.aws.tags[ENDPOINT] = SPACE_ARN
    run(scene.regions.look(REGION))
    assert scene.regions.of(CHURN) == Lingering((), at(0), is_complete=False)
    assert scene.aws.calls == []
