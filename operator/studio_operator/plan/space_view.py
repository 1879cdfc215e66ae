"""What the space planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from studio_operator.api.backup import BackedUpEvent, BackupStatus
from studio_operator.api.common import OWNER_TAG
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import EffectiveState, Rejection, SpaceStatus, Substitute
from studio_operator.plan.decisions import (
    Decision,
)
from studio_operator.plan.drift import TAGS, describe_tags, digest_tags, is_reported, policy_of
from studio_operator.plan.keeping import Holding, look
from studio_operator.plan.observed import ObservedSpace, SpaceSettings
from studio_operator.plan.ownership import Claim, OwnerMark, tag_changes
from studio_operator.plan.requests import Requests
from studio_operator.plan.run_state import DECIDED_BY, is_refused, standing_of
from studio_operator.plan.schedule import Timetable, resize_window_at
from studio_operator.plan.situations import SpaceSituation
from studio_operator.plan.space_comparison import Change, Comparison, describe_changes
from studio_operator.plan.space_settings import WantedSettings
from studio_operator.plan.types import Call, Failure, FailureKind, Look

STORAGE = "storage.sizeGiB"


@dataclass(frozen=True, slots=True)
class SpaceView:
    """The situation and what is derived from it, once, for all rules.

    - `claim`: how the space in AWS relates to the resource; None while its tags are not known.
    - `present`: the space's settings; None while not known, then `wanted` is None and no change
      is seen.
    - `compared`: each setting next to what AWS shows.
    - `changes`: what differs and may be changed now; `cooling`: the growth that has to wait;
      `drifted`: what others changed and is left to them.
    - `rejection`: the refusal that holds some changes back.
    - `grown_at`: when the volume last grew, as far as known.
    - `requests`: what people ask for and was not handled yet.
    - `timetable`: where the schedule stands; None without one.
    - `waiting_for_backup`: what has to wait for a back-up; `lacks_backup`: whether that is not
      made yet; `held`: the changes that wait for it; `backup`: `status.backup` from now on.
    - `unattached`: why declared file systems are not mounted; `too_small`: why the app could not
      start with remote access. Both in words, with the remedy; None where nothing is wrong.
    - `substitute`: the instance type in place of one that can't start; `wanted` has it already.
    """

    situation: SpaceSituation
    name: str
    mark: OwnerMark
    claim: Claim | None
    effective: EffectiveState
    present: SpaceSettings | None
    wanted: WantedSettings | None
    compared: tuple[Comparison, ...]
    changes: tuple[Change, ...]
    drifted: tuple[Change, ...]
    cooling: Change | None
    rejection: Rejection | None
    grown_at: datetime | None
    requests: Requests
    timetable: Timetable | None
    substitute: Substitute | None
    waiting_for_backup: BackedUpEvent | None
    lacks_backup: bool
    held: tuple[Change, ...]
    unattached: str | None
    too_small: str | None
    backup: BackupStatus | None

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
    def has_foreign_tags(self) -> bool:
        """Whether others changed the declared tags, and may."""
        space, tags = self.situation.space, self.spec.tags or {}
        applied = (self.memory.applied or {}).get(TAGS)
        if space is None or policy_of(self.spec, TAGS) == "Enforce" or applied != digest_tags(tags):
            return False
        return any(tag_changes(tags, space.tags or {}, self.memory.tag_keys or ()))

    @property
    def reported_drift(self) -> tuple[tuple[str, str, str], ...]:
        """What others changed and status is to tell: field, live, declared."""
        spec, space = self.spec, self.situation.space
        told = [
            (change.field, change.live, change.wanted)
            for change in self.drifted
            if is_reported(spec, change.field)
        ]
        live_gib = (space.storage_gib if space else None) or 0
        if spec.storage and live_gib > spec.storage.size_gib and is_reported(spec, STORAGE):
            told.append((STORAGE, f"{live_gib} GiB", f"{spec.storage.size_gib} GiB"))
        if space is not None and self.has_foreign_tags and is_reported(spec, TAGS):
            managed = self.memory.tag_keys or ()
            told.append((TAGS, *describe_tags(spec.tags or {}, space.tags or {}, managed)))
        standing = standing_of(spec, self.timetable)
        runs = self.app_is_active and self.effective.state == "Running"
        if runs and standing is not None and standing.state == "Stopped":
            declared = "Stopped" if standing.by == "Spec" else "Stopped by the schedule"
            if policy_of(spec, "state") == "Report":
                told.append(("state", "Running", declared))
        return tuple(told)

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
        """When the schedule or the end of a run changes what should be; never what is past."""
        effective, now = self.effective, self.situation.now
        times = (effective.stops_at, self.timetable.changes_at if self.timetable else None)
        return min((moment for moment in times if moment and moment > now), default=None)

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
        same_type = self.substitute == memory.substitute
        if unchanged and same_type and memory.starting_since and self.requests.run_state is None:
            return memory.starting_since
        return situation.now.replace(microsecond=0)

    @property
    def last_start_at(self) -> datetime | None:
        """When the app was last started for this spec and type; what AWS refused was no start.

        The app's CreationTime can't tell: within 24 hours AWS takes a start for an update of the
        app that was there before, and leaves that time as it was (API reference of DescribeApp).
        """
        memory, failure = self.memory, self.situation.failure
        unchanged = memory.observed_generation == self.situation.declared.generation
        refused = failure is not None and failure.operation == "CreateApp"
        same_type = self.substitute == memory.substitute
        return memory.last_start_at if unchanged and same_type and not refused else None

    @property
    def failure(self) -> Failure | None:
        """The last failure; one of a volume's cool-down is tried again when that is over.

        What failed on one instance type says nothing about the one that takes its place.
        """
        failure = self.situation.failure
        if self.substitute != self.memory.substitute:
            return None
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
