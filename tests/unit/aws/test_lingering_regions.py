"""What lingers in all regions: whose it is, what of it is counted, and when nobody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG
from studio_operator.aws.features.lingering import LingeringRegions
from studio_operator.aws.features.reader import ReaderContext
from studio_operator.aws.inventory.scheduler import Scheduler
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.space.features.lingering.observed import Lingering, LingeringQuestion
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ObservedSpace
from studio_operator.metrics import Metrics
from studio_operator.plan.observed import Observed
from studio_operator.settings import Settings

from tests.unit.aws.lingering_stage import CHURN, ENDPOINT, SPACE_ARN, Account
from tests.unit.aws.stage import DOMAIN_ID, PLACE, WHERE, at, run

OF_CHURN = LingeringQuestion(CHURN.scope, CHURN.name)


@dataclass
class View:
    """What AWS shows of a domain; a `DomainScopeView`."""

    spaces: dict[str, ObservedSpace]
    apps: dict[str, ObservedApp] = field(default_factory=dict)
    space_names: dict[str, str] = field(default_factory=dict)
    apps_of_profiles: dict[str, tuple[ObservedApp, ...]] = field(default_factory=dict)
    profiles: dict[str, Observed] = field(default_factory=dict)
    domain: Observed | None = None
    swept_at: float = 0.0
    stale: bool = False

    def shown(self, type_: str) -> Mapping[str, Any]:
        known: dict[str, Mapping[str, Any]] = {"Space": self.spaces, "UserProfile": self.profiles}
        return known[type_]


class Regions:
    """The watches of a region with one domain in it."""

    def __init__(self, *spaces: str, ours: bool = True, **settings: Any) -> None:
        tags = {OWNER_TAG: "cluster/team/churn/uid"} if ours else {}
        self.view = View(
            {name: ObservedSpace(DOMAIN_ID, name, "InService", tags=tags) for name in spaces}
        )
        self.aws = Account()
        self.told: list[ResourceId] = []
        chosen = Settings(**settings)
        means = ReaderContext(
            self.aws,
            chosen,
            lambda: 0.0,
            lambda: at(0),
            scheduler=Scheduler(chosen, Metrics(), lambda: 0.0),
            domains=lambda where: [(PLACE, self.view)] if where == WHERE else [],
            on_change=self.told.append,
        )
        self.regions = LingeringRegions(means)
        self.regions.track(WHERE)


def test_a_space_is_told_by_its_name_whatever_the_case_in_the_tag() -> None:
    scene = Regions("Churn", "other")
    scene.aws.tags[ENDPOINT] = SPACE_ARN
    run(scene.regions.look(WHERE, OF_CHURN))
    key = CHURN._replace(name="Churn")
    assert scene.told == [key]
    assert scene.regions.of(WHERE, LingeringQuestion(key.scope, key.name)) == Lingering(
        (ENDPOINT,), at(0)
    )


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
    run(scene.regions.look(WHERE, OF_CHURN))
    assert scene.regions.counts() == ({(WHERE, "sagemaker:endpoint"): 2} if counts else {})


def test_nothing_is_known_before_a_look_and_after_the_last_domain_has_gone() -> None:
    scene = Regions("churn")
    assert scene.regions.of(WHERE, OF_CHURN) is None
    run(scene.regions.look(WHERE, OF_CHURN))
    assert scene.regions.of(WHERE, OF_CHURN) == Lingering((), at(0))
    scene.regions.untrack(WHERE)
    assert scene.regions.of(WHERE, OF_CHURN) is None


def test_turned_off_it_stays_unknown_without_any_look() -> None:
    scene = Regions("churn", lingering_interval=0)
    scene.aws.tags[ENDPOINT] = SPACE_ARN
    run(scene.regions.look(WHERE, OF_CHURN))
    assert scene.regions.of(WHERE, OF_CHURN) == Lingering((), at(0), is_complete=False)
    assert scene.aws.calls == []
