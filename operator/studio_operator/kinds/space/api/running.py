"""How a space starts and stops: by its app."""

from __future__ import annotations

from studio_operator.kinds.shared.running.situation import Running
from studio_operator.kinds.space.api.status import EffectiveState, SpaceRequests

RUNNING_SPACE = Running(
    noun="space",
    runs="app",
    on="instanceType",
    state_model=EffectiveState,
    requests_model=SpaceRequests,
    also="the instance type",
)
