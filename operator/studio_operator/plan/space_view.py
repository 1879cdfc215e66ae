"""What the space planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from studio_operator.api.common import OWNER_TAG
from studio_operator.api.space import EffectiveState, Rejection, SpaceSpec, SpaceStatus
from studio_operator.plan.decisions import (
    UPDATES_AT_MOST,
    Decision,
    applies,
    asked_by,
    decide_failure,
)
from studio_operator.plan.keeping import Holding, look
from studio_operator.plan.observed import ImageRef, ObservedSpace, SpaceSettings
from studio_operator.plan.ownership import Claim, OwnerMark, classify, mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.requests import NOTHING, Requests, read_requests
from studio_operator.plan.run_state import DECIDED_BY, decide_run_state, is_refused, standing_of
from studio_operator.plan.schedule import Timetable, resize_window_at, timetable_at
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_settings import (
    Change,
    WantedSettings,
    describe_changes,
    find_changes,
    want_settings,
)
from studio_operator.plan.types import Call, Failure, FailureKind, Look

STORAGE = "storage.sizeGiB"
# Refusals of an update that no waiting mends: the app runs again without it.
HOPELESS = frozenset({FailureKind.INVALID, FailureKind.ACCESS, FailureKind.QUOTA})


@dataclass(frozen=True, slots=True)
class SpaceView:
    """The situation and what is derived from it, once, for all rules.

    - `claim`: how the space in AWS relates to the resource; None while its tags are not known.
    - `present`: the space's settings; None while not known, then `wanted` is None and no change
      is seen.
    - `changes`: what differs and may be changed now; `cooling`: the growth that has to wait.
    - `rejection`: the refusal because of which `changes` is empty.
    - `grown_at`: when the volume last grew, as far as known.
    - `requests`: what people ask for and was not handled yet.
    - `timetable`: where the schedule stands; None without one.
    """

    situation: SpaceSituation
    name: str
    mark: OwnerMark
    claim: Claim | None
    effective: EffectiveState
    present: SpaceSettings | None
    wanted: WantedSettings | None
    changes: tuple[Change, ...]
    cooling: Change | None
    rejection: Rejection | None
    grown_at: datetime | None
    requests: Requests
    timetable: Timetable | None

    @property
    def spec(self) -> SpaceSpec:
        """The declared spec."""
        return self.situation.declared.spec

    @property
    def memory(self) -> SpaceStatus:
        """The status as last recorded."""
        return self.situation.memory

    @property
    def title(self) -> str:
        """The space, for messages."""
        return f"space {self.name}"

    @property
    def tags(self) -> dict[str, str]:
        """The declared tags and the mark of ownership."""
        return {**(self.spec.tags or {}), OWNER_TAG: str(self.mark)}

    @property
    def lost_its_tag(self) -> bool:
        """Whether somebody took the mark off a space that was ours.

        An ARN holds no unique id: a space that was made anew under the name has another age.
        """
        space, memory = self.situation.space, self.memory
        if self.claim is not Claim.UNOWNED or space is None or memory.arn is None:
            return False
        made_at = space.created_at.replace(microsecond=0) if space.created_at else None
        return memory.arn == space.arn and made_at is not None and made_at == memory.created_at

    @property
    def is_released_here(self) -> bool:
        """Whether a resource of this namespace let the space go."""
        space = self.situation.space
        value = (space.tags or {}).get(OWNER_TAG) if space else None
        found = OwnerMark.parse(value) if value else None
        if self.claim is not Claim.RELEASED or found is None:
            return False
        return (found.cluster, found.namespace) == (self.mark.cluster, self.mark.namespace)

    def hold(self, space: ObservedSpace) -> Holding:
        """The space in AWS, as the steps see it that all kinds have in common."""
        return Holding(
            title=self.title,
            status=space.status,
            arn=space.arn or "",
            failure=space.failure,
            tags=space.tags,
            declared_tags=self.spec.tags or {},
            tag_keys=self.memory.tag_keys or (),
            mark=self.mark,
        )

    @property
    def domain_id(self) -> str:
        """Id of the domain; the one on status where the StudioDomain is missing."""
        domain = self.situation.domain
        return (domain.domain_id if domain else None) or self.memory.domain_id or ""

    @property
    def app_is_active(self) -> bool:
        """Whether an app runs, starts or stops."""
        return self.situation.app is not None and self.situation.app.is_active

    @property
    def is_restarting(self) -> bool:
        """Whether an operation stopped the app and owes it a start."""
        operation = self.memory.operation
        return bool(operation and operation.restart) and not self.is_stop_asked

    @property
    def is_stop_asked(self) -> bool:
        """Whether a stop was decided and is not carried out yet."""
        effective = self.effective
        decided = effective.by in DECIDED_BY and not effective.reached
        return decided and effective.state == "Stopped"

    @property
    def enforced_against_request(self) -> str | None:
        """What stands against a person's start or stop, in words; None when nothing does."""
        asked, spec = self.requests.run_state, self.spec
        standing = standing_of(spec, self.timetable)
        if asked is None or standing is None or not is_refused(asked, spec, standing):
            return None
        closed = standing.by == "Schedule" and standing.state == "Stopped"
        return "the schedule is closed" if closed else f"spec.state is {standing.state}"

    @property
    def resize_opens_at(self) -> datetime | None:
        """When the resize window begins next; None where it is open or there is none."""
        window = self.spec.resize_window
        if window is None:
            return None
        is_open, changes_at = resize_window_at(window, self.situation.now)
        return None if is_open else changes_at

    @property
    def clock_changes_at(self) -> datetime | None:
        """When the schedule or the end of a run changes what should be."""
        effective = self.effective
        times = (effective.stops_at, self.timetable.changes_at if self.timetable else None)
        return min((moment for moment in times if moment is not None), default=None)

    @property
    def wants_running(self) -> bool:
        """Whether the app should run now."""
        return self.effective.state == "Running" or self.is_restarting

    @property
    def disruptive(self) -> bool:
        """Whether a change is worth stopping a running app for."""
        return any(change.needs_stop for change in self.changes)

    @property
    def may_stop_for_changes(self) -> bool:
        """Whether a running app is stopped now for what differs: by policy, or as asked for."""
        operation = self.memory.operation
        if not self.changes:
            return False
        if self.requests.apply_now:
            return True
        if operation is not None and operation.step == "StoppingApp":
            return operation.to == describe_changes(self.changes)[1] or self.disruptive
        policy = self.spec.resize_policy
        allowed = policy in {None, "Immediate"} or self.is_restarting
        if policy == "Window":
            allowed = allowed or self.resize_opens_at is None
        return self.disruptive and allowed

    @property
    def starting_since(self) -> datetime | None:
        """Since when the app has been asked to start and does not run yet.

        A new spec starts a new count, so that a corrected one is tried at once.
        """
        situation, memory = self.situation, self.memory
        app = situation.app
        if situation.space is None or not self.wants_running:
            return None
        if app is not None and app.status == "InService":
            return None
        unchanged = memory.observed_generation == situation.declared.generation
        if unchanged and memory.starting_since and self.requests.run_state is None:
            return memory.starting_since
        return situation.now.replace(microsecond=0)

    @property
    def last_start_at(self) -> datetime | None:
        """When the app was last started for this spec; what AWS refused was no start.

        The app's CreationTime can't tell: within 24 hours AWS takes a start for an update of the
        app that was there before, and leaves that time as it was (API reference of DescribeApp).
        """
        memory, failure = self.memory, self.situation.failure
        unchanged = memory.observed_generation == self.situation.declared.generation
        refused = failure is not None and failure.operation == "CreateApp"
        return memory.last_start_at if unchanged and not refused else None

    @property
    def failure(self) -> Failure | None:
        """The last failure; one of a volume's cool-down is tried again when that is over."""
        failure = self.situation.failure
        if failure is None or failure.kind is not FailureKind.COOLDOWN:
            return failure
        pause = timedelta(seconds=self.situation.tuning.storage_cooldown_seconds)
        return replace(failure, retry_at=failure.at + pause)

    @property
    def retry_at_of_growth(self) -> datetime | None:
        """When the volume may grow again."""
        if self.grown_at is None:
            return None
        return self.grown_at + timedelta(seconds=self.situation.tuning.storage_cooldown_seconds)


def derive(situation: SpaceSituation) -> SpaceView:
    """All that the rules look at."""
    present = _present_settings(situation)
    wanted = _wanted(situation, present)
    grown_at = _grown_at(situation)
    differing = _differences(situation, wanted, present)
    cooling = _cooling(situation, differing, grown_at)
    allowed = tuple(change for change in differing if change is not cooling)
    rejection = _rejection(situation, allowed)
    mark = mark_of(situation.declared, situation.cluster)
    tags = situation.space.tags if situation.space else None
    claim = None if tags is None else classify(tags, mark)
    is_ours = claim is Claim.OURS
    requests = read_requests(situation.declared, situation.memory) if is_ours else NOTHING
    timetable = timetable_at(situation.declared, situation.now)
    return SpaceView(
        situation=situation,
        name=situation.declared.spec.space_name or situation.declared.name,
        mark=mark,
        claim=claim,
        effective=decide_run_state(situation, timetable, is_ours=is_ours, requests=requests),
        present=present,
        wanted=wanted,
        changes=() if rejection else allowed,
        cooling=cooling,
        rejection=rejection,
        grown_at=grown_at,
        requests=requests,
        timetable=timetable,
    )


def _present_settings(situation: SpaceSituation) -> SpaceSettings | None:
    """The space's settings: as described, else as on status if AWS shows no later change."""
    space, recorded = situation.space, situation.memory.settings
    if space is None or space.settings is not None:
        return space.settings if space else None
    if recorded is None or space.modified_at is None:
        return None
    if recorded.modified_at != space.modified_at.isoformat():
        return None
    image = recorded.image
    return SpaceSettings(
        instance_type=recorded.instance_type,
        image=ImageRef(image.image_arn, image.version_alias, image.version_arn)
        if image
        else ImageRef(),
        lifecycle_config_arn=recorded.lifecycle_config_arn,
        idle_minutes=recorded.idle_minutes,
    )


def _wanted(situation: SpaceSituation, present: SpaceSettings | None) -> WantedSettings | None:
    if situation.domain is None or (situation.space is not None and present is None):
        return None
    managed = situation.memory.managed_fields or ()
    return want_settings(
        situation.declared.spec, situation.domain, present or SpaceSettings(), managed
    )


def _differences(
    situation: SpaceSituation, wanted: WantedSettings | None, present: SpaceSettings | None
) -> tuple[Change, ...]:
    if situation.space is None or wanted is None or present is None:
        return ()
    return find_changes(wanted, situation.space, present, situation.app)


def _grown_at(situation: SpaceSituation) -> datetime | None:
    """When the volume last grew: by us, by others, or at the latest when AWS refused a growth."""
    memory, space, failure = situation.memory, situation.space, situation.failure
    known = memory.storage_grown_at
    before, live = memory.storage_gib, space.storage_gib if space else None
    if memory.arn and before and live and live > before:
        return situation.now.replace(microsecond=0)
    if failure is not None and failure.kind is FailureKind.COOLDOWN:
        return failure.at if known is None or failure.at > known else known
    return known


def _cooling(
    situation: SpaceSituation, changes: tuple[Change, ...], grown_at: datetime | None
) -> Change | None:
    """The growth that must wait, since AWS allows one in six hours.

    A space whose second growth is asked for too soon may neither start nor be deleted meanwhile.
    """
    if grown_at is None:
        return None
    if situation.now >= grown_at + timedelta(seconds=situation.tuning.storage_cooldown_seconds):
        return None
    return next((change for change in changes if change.field == STORAGE), None)


def _rejection(situation: SpaceSituation, changes: tuple[Change, ...]) -> Rejection | None:
    """The refusal that holds the changes back, until the spec changes or a person asks again."""
    declared, memory, failure = situation.declared, situation.memory, situation.failure
    asked = asked_by(declared)
    recorded = memory.rejection
    if recorded and (recorded.generation, recorded.requested_at) == (declared.generation, asked):
        return recorded
    if not changes:
        return None

    def reject(reason: str, message: str) -> Rejection:
        return Rejection(
            generation=declared.generation, requested_at=asked, reason=reason, message=message
        )

    if failure and failure.operation == "UpdateSpace" and failure.kind in HOPELESS:
        said = decide_failure(failure, declared, failure.at) if applies(failure, declared) else None
        if said is not None:
            return reject(said.reason, said.message)
    if failure and failure.operation == "UpdateSpace":
        return None
    operation = memory.operation
    live, aim = describe_changes(changes)
    if operation and operation.to == aim and (operation.updates or 0) >= UPDATES_AT_MOST:
        return reject(
            Reason.NOT_APPLIED,
            f"AWS took the update {UPDATES_AT_MOST} times and still shows {live} instead of {aim}."
            " Check the values in the spec.",
        )
    return None


# --- parts of decisions -------------------------------------------------------------------------


def look_at(view: SpaceView, what: Look) -> Decision:
    """Ask AWS before anything is decided."""
    situation = view.situation
    return look(situation.declared, view.memory, f"looking at {view.title}", what)


def learn_owner(view: SpaceView) -> Decision | None:
    """Tags say whose it is; nothing is touched before they are known."""
    return look_at(view, Look.TAGS) if view.claim is None else None


def sentence(message: str) -> str:
    """The message as a sentence of its own, for an Event."""
    return message[:1].upper() + message[1:]


def delete_app(view: SpaceView) -> Call:
    """Stop the app: its volume stays (Developer Guide, studio-updated-running-stop)."""
    app = view.situation.app
    assert app is not None
    return Call(
        "DeleteApp",
        {
            "DomainId": view.domain_id,
            "SpaceName": view.name,
            "AppType": app.app_type,
            "AppName": app.name,
        },
    )
