"""Who decides whether a space's app runs: one pure function, the table on the Space page.

The spec's `state` is acted on at a trigger: when it, or the instance type, changes. A person's
request by annotation is acted on once, whatever the spec says. Between these people, the idle timer
and AWS may start and stop the app, and are left alone unless `drift.state` is Enforce. What was
handled is on status, so that a restart of the operator is never a trigger, and a trigger that came
while it was down is not missed.
"""

from __future__ import annotations

from studio_operator.api.space import EffectiveState, SpaceSpec
from studio_operator.plan.observed import ObservedApp
from studio_operator.plan.requests import NOTHING, Requests, contradicts_enforcement
from studio_operator.plan.situations import SpaceSituation


def trigger_of(spec: SpaceSpec) -> str:
    """What the running state is triggered by, as recorded on status."""
    return f"{spec.state or 'unset'} {spec.instance_type or 'unset'}"


def decide_run_state(
    situation: SpaceSituation, *, is_ours: bool, requests: Requests = NOTHING
) -> EffectiveState:
    """The running state that holds now, and which rule decided it.

    What the app of a space that is not ours does, or not yet known to be ours, says nothing.
    """
    spec, app = situation.declared.spec, situation.app
    current = _triggered(situation, requests, is_ours=is_ours)
    if not is_ours or _is_restarting(situation):
        return current
    if current.by == "Request" and not current.reached:
        if not _shows(app, current.state):
            return current
        current = current.model_copy(update={"reached": True})
    return _follow(current, spec, app)


def _triggered(situation: SpaceSituation, requests: Requests, *, is_ours: bool) -> EffectiveState:
    """What holds by the newest trigger, before it is compared with what AWS shows."""
    spec, memory = situation.declared.spec, situation.memory.effective
    trigger, asked = trigger_of(spec), requests.run_state
    if asked is not None and not contradicts_enforcement(asked, spec):
        return EffectiveState(state=asked, by="Request", trigger=trigger)
    if memory is not None and (memory.trigger == trigger or _is_open(memory, spec)):
        return memory.model_copy(update={"trigger": trigger})
    if spec.state is None:
        return EffectiveState(by="People", trigger=trigger)
    current = EffectiveState(state=spec.state, by="Spec", trigger=trigger)
    if memory is None and is_ours and _ran_before_we_could_say_so(situation):
        return current.model_copy(update={"reached": True})
    return current


def _is_open(memory: EffectiveState, spec: SpaceSpec) -> bool:
    """Whether a request is still being carried out that no new `state` has taken the place of."""
    return memory.by == "Request" and not memory.reached and spec.state is None


def _shows(app: ObservedApp | None, state: str | None) -> bool:
    if state == "Running":
        return app is not None and app.status == "InService"
    return app is None or not app.is_active


def _is_restarting(situation: SpaceSituation) -> bool:
    """Whether the app is away because of us: a resize stopped it and will start it again."""
    operation, app = situation.memory.operation, situation.app
    runs = app is not None and app.status == "InService"
    return operation is not None and bool(operation.restart) and not runs


def _ran_before_we_could_say_so(situation: SpaceSituation) -> bool:
    """Whether AWS remembers an app that this resource had started before it had a status.

    The operator may be killed between CreateApp and the first status, and a person may stop the
    app meanwhile: AWS lists deleted apps for 24 hours, with their creation time.
    """
    app = situation.app
    return (
        app is not None
        and app.status == "Deleted"
        and app.created_at is not None
        and app.created_at >= situation.declared.created_at
    )


def _follow(current: EffectiveState, spec: SpaceSpec, app: ObservedApp | None) -> EffectiveState:
    enforce = spec.drift is not None and spec.drift.state == "Enforce"
    running = app is not None and app.status in {"Pending", "InService"}
    away = app is None or not app.is_active
    if spec.state is None:
        return EffectiveState(by="People", trigger=current.trigger)
    if spec.state == "Running":
        return _follow_running(current, app, away=away, enforce=enforce)
    return _follow_stopped(current, running=running, away=away, enforce=enforce)


def _follow_running(
    current: EffectiveState, app: ObservedApp | None, *, away: bool, enforce: bool
) -> EffectiveState:
    if app is not None and app.status == "InService":
        return _becomes(current, "Running", "Spec", reached=True)
    if not away or not (current.reached or current.by in {"OutsideStop", "Failure"}):
        return current
    if enforce:
        return _becomes(current, "Running", "Spec", reached=False)
    if current.by == "Request" and current.state == "Stopped":
        return current
    failed = app is not None and app.status == "Failed"
    return _becomes(current, "Stopped", "Failure" if failed else "OutsideStop", reached=True)


def _follow_stopped(
    current: EffectiveState, *, running: bool, away: bool, enforce: bool
) -> EffectiveState:
    if away:
        return _becomes(current, "Stopped", "Spec", reached=True)
    if not running or not (current.reached or current.by == "OutsideStart"):
        return current
    if enforce:
        return _becomes(current, "Stopped", "Spec", reached=False)
    if current.by == "Request":
        return current
    return _becomes(current, "Running", "OutsideStart", reached=True)


def _becomes(current: EffectiveState, state: str, by: str, *, reached: bool) -> EffectiveState:
    return current.model_copy(update={"state": state, "by": by, "reached": reached or None})
