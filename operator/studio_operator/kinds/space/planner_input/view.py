"""What the space planner's rules look at: the situation, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from studio_operator.api.common import OWNER_TAG, DeletionPolicy
from studio_operator.kinds.shared.running.rules import standing_of
from studio_operator.kinds.shared.running.run import Run
from studio_operator.kinds.space.api.backup import BackedUpEvent, BackupStatus
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import (
    EffectiveState,
    Rejection,
    SpaceStatus,
    Substitute,
)
from studio_operator.kinds.space.in_aws.observed import SpaceSettings
from studio_operator.kinds.space.in_aws.settings import BY_FIELD
from studio_operator.kinds.space.planner_input.comparison import (
    STORAGE,
    Change,
    Comparison,
    describe_changes,
)
from studio_operator.kinds.space.planner_input.drift import (
    TAGS,
    describe_tags,
    digest_tags,
    is_reported,
    policy_of,
)
from studio_operator.kinds.space.planner_input.findings import Finding
from studio_operator.kinds.space.planner_input.first_observation import found_running_at
from studio_operator.kinds.space.planner_input.inheritance import FROM_OTHERS
from studio_operator.kinds.space.planner_input.settings import WantedSettings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.decisions import requested_at
from studio_operator.plan.lifecycle import Holding, domain_resource, edit_or_apply_anew, is_begun
from studio_operator.plan.ownership import Claim, OwnerMark, tag_changes
from studio_operator.plan.remedies import Remedy, Resource, another, set_field
from studio_operator.plan.schedule.timetable import resize_window_at
from studio_operator.plan.types import Call, Failure, FailureKind

_KEEP_TAGS_BY = (set_field("drift.tags", "Report", goal="to keep it"),)
# The type of the operation that stops and starts an app and changes nothing.
RESTART = "Restart"


@dataclass(frozen=True)
class SpaceView:
    """The situation and what is derived from it, once, for all rules.

    - `spec`: as declared; `status`: as last recorded.
    - `app_is_active`: whether an app runs, starts or stops.
    - `claim`: how the space in AWS relates to the resource; None while its tags are not known.
    - `run`: whether the app is to run, and who decided that.
    - `present`: the space's settings; None while not known, then `wanted` is None and no change
      is seen.
    - `compared`: each setting next to what AWS shows.
    - `changes`: what differs and may be changed now; `cooling`: the growth that has to wait;
      `drifted`: what others changed and is left to them.
    - `rejection`: the refusal that holds some changes back.
    - `grown_at`: when the volume last grew, as far as known.
    - `waiting_for_backup`: what has to wait for a back-up; `lacks_backup`: whether that is not
      made yet; `held`: the changes that wait for it; `backup`: `status.backup` from now on.
    - `findings`: what is known to stand against changes, a stop or a start; see `stop_checks`.
    - `substitute`: the instance type in place of one that can't start; `wanted` has it already.
    """

    noun: ClassVar[str] = "Space"

    situation: SpaceSituation
    spec: SpaceSpec
    status: SpaceStatus
    name: str
    app_is_active: bool
    mark: OwnerMark
    claim: Claim | None
    run: Run[EffectiveState]
    present: SpaceSettings | None
    wanted: WantedSettings | None
    grown_at: datetime | None
    substitute: Substitute | None

    # What becomes of the differences: see `sorting`.
    compared: tuple[Comparison, ...] = ()
    changes: tuple[Change, ...] = ()
    drifted: tuple[Change, ...] = ()
    cooling: Change | None = None
    rejection: Rejection | None = None
    waiting_for_backup: BackedUpEvent | None = None
    lacks_backup: bool = False
    held: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    backup: BackupStatus | None = None

    @property
    def is_begun(self) -> bool:
        """Whether what AWS fixes at creation can't be edited any more."""
        return is_begun(self.status, self.claim)

    @property
    def domain_resource(self) -> Resource:
        """The StudioDomain that the space refers to."""
        return domain_resource(self.situation.declared, self.spec.domain_ref)

    @property
    def title(self) -> str:
        """The space, for messages."""
        return f"space {self.name}"

    @property
    def rename(self) -> Remedy:
        """The edit by which the resource wants another space."""
        return edit_or_apply_anew(self.is_begun, another("spaceName", "another name"))

    @property
    def is_unexplained(self) -> bool:
        """Whether something failed and only a look tells why."""
        space = self.situation.space
        return space is not None and space.status.endswith("Failed") and space.failure is None

    @property
    def tags(self) -> dict[str, str]:
        """The declared tags and the mark of ownership."""
        return {**(self.spec.tags or {}), OWNER_TAG: str(self.mark)}

    @property
    def lost_its_tag(self) -> bool:
        """Whether somebody took the mark off a space that was ours."""
        return self.claim is Claim.UNOWNED and self.situation.was_owned

    @cached_property
    def is_owner_unknown(self) -> bool:
        """Whether AWS was not seen, or shows the space without its tags: nothing is decided yet."""
        situation = self.situation
        return not situation.is_observed or (situation.space is not None and self.claim is None)

    @property
    def policy(self) -> DeletionPolicy:
        """The policy that holds: no volume is deleted before the back-up that a spec asks for.

        None is made for a spec that can't be read: the space is kept then.
        """
        policy = self.spec.deletion_policy or "Retain"
        return "Retain" if policy == "Delete" and self.is_kept_for_backup else policy

    @property
    def is_kept_for_backup(self) -> bool:
        """Whether a spec that can't be read asks for a back-up that was not made."""
        unreadable = self.situation.declared.unreadable
        return unreadable is not None and (self.lacks_backup or "backup" in unreadable.fields)

    @cached_property
    def holding(self) -> Holding | None:
        """The space in AWS, as the steps take it that all kinds have in common."""
        space = self.situation.space
        if space is None:
            return None
        return Holding(
            title=self.title,
            status=space.status,
            arn=space.arn or "",
            failure=space.failure,
            tags=space.tags,
            declared_tags=self.spec.tags or {},
            tag_keys=self.status.tag_keys or (),
            mark=self.mark,
            had_tags=self.has_lost_tags,
            modified_at=space.modified_at,
            keep_tags_by=_KEEP_TAGS_BY,
        )

    @cached_property
    def corrections(self) -> tuple[Change, ...]:
        """Of the changes, those that take back what others changed in AWS."""
        applied = self.status.applied or {}
        return tuple(one for one in self.changes if applied.get(one.field) == one.wanted)

    @cached_property
    def by_default(self) -> str:
        """Whose defaults the changes follow, in words to end a sentence with; mostly empty."""
        resolved = self.wanted.resolved if self.wanted else {}
        found = (resolved.get(BY_FIELD[change.field]) for change in self.changes)
        sources = {one.source for one in found if one is not None and one.source in FROM_OTHERS}
        owner, domain = self.situation.owner, self.situation.domain
        named = {
            "UserProfile": owner.name if owner else "",
            "StudioDomain": domain.name if domain else "",
        }
        whose = " and ".join(f"{source} {named[source]}" for source in sorted(sources))
        return f", by default of {whose}" if whose else ""

    @cached_property
    def has_lost_tags(self) -> bool:
        """Whether AWS has shown the declared tags before, so that others changed what differs."""
        shown = (self.status.applied or {}).get(TAGS)
        return shown is not None and shown == self.digest_of_tags

    @cached_property
    def digest_of_tags(self) -> str:
        """What tells the declared tags from others, as status keeps it."""
        return digest_tags(self.spec.tags or {})

    @property
    def has_foreign_tags(self) -> bool:
        """Whether others changed the declared tags, and may."""
        space, tags = self.situation.space, self.spec.tags or {}
        if space is None or not self.has_lost_tags or policy_of(self.spec, TAGS) == "Enforce":
            return False
        return any(tag_changes(tags, space.tags or {}, self.status.tag_keys or ()))

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
            managed = self.status.tag_keys or ()
            told.append((TAGS, *describe_tags(spec.tags or {}, space.tags or {}, managed)))
        if self.app_is_active and self.run.effective.state == "Running":
            standing = standing_of(self.run.situation, self.run.timetable)
            is_against = standing is not None and standing.state == "Stopped"
            if standing is not None and is_against and policy_of(spec, "state") == "Report":
                declared = "Stopped" if standing.by == "Spec" else "Stopped by the schedule"
                told.append(("state", "Running", declared))
        return tuple(told)

    @property
    def domain_id(self) -> str:
        """Id of the domain; the one on status where the StudioDomain is missing."""
        domain = self.situation.domain
        return (domain.domain_id if domain else None) or self.status.domain_id or ""

    @property
    def is_restart_asked(self) -> bool:
        """Whether a person asked for a restart, and the app was not stopped for it yet."""
        operation = self.status.operation
        begun = operation is not None and operation.type == RESTART
        return self.run.requests.restart or (
            begun and operation is not None and operation.step == "StoppingApp"
        )

    @property
    def is_begun_anew(self) -> bool:
        """Whether the spec is a new one, or a person asks for another try just now."""
        declared, requests = self.situation.declared, self.run.requests
        asked = requested_at(declared)
        return (
            self.status.observed_generation != declared.generation
            or asked not in {None, self.status.last_handled_reconcile_at}
            or requests.run_state == "Running"
            or requests.restart
            or requests.apply_now
        )

    @property
    def is_rejection_moot(self) -> bool:
        """Whether nothing that was refused is asked for, by the spec as it was edited since.

        It is held all the same: a default that is not known now may ask for it again.
        """
        rejection, generation = self.rejection, self.situation.declared.generation
        if rejection is None or not rejection.changes or rejection.generation == generation:
            return False
        undecided = self.wanted.undecided if self.wanted else frozenset()
        return rejection.changes.keys() <= undecided

    @property
    def has_failed_update(self) -> bool:
        """Whether AWS wants another update after one that failed."""
        space = self.situation.space
        return space is not None and space.status == "Update_Failed"

    @cached_property
    def is_restarting(self) -> bool:
        """Whether an operation stopped the app and owes it a start."""
        operation = self.status.operation
        return bool(operation and operation.restart) and not self.is_stop_asked

    @cached_property
    def is_stop_asked(self) -> bool:
        """Whether a stop was decided and is not carried out yet."""
        return self.run.is_stop_asked

    @property
    def resize_opens_at(self) -> datetime | None:
        """When the resize window begins next; None where it is open or there is none."""
        window = self.spec.resize_window
        if window is None:
            return None
        is_open, changes_at = resize_window_at(window, self.situation.now)
        return None if is_open else changes_at

    @cached_property
    def wants_running(self) -> bool:
        """Whether the app should run now."""
        return self.run.effective.state == "Running" or self.is_restarting

    @cached_property
    def disruptive(self) -> bool:
        """Whether a change is worth stopping a running app for."""
        return any(change.needs_stop for change in self.changes)

    @cached_property
    def may_stop_for_changes(self) -> bool:
        """Whether a running app is stopped now for what differs: by policy, or as asked for."""
        operation = self.status.operation
        if not self.changes:
            return False
        if self.run.requests.apply_now:
            return True
        if operation is not None and operation.step == "StoppingApp":
            return operation.to == describe_changes(self.changes)[1] or self.disruptive
        policy = self.spec.resize_policy
        at_once = policy in {None, "Immediate"} and self.found_running_at is None
        allowed = at_once or self.is_restarting
        if policy == "Window":
            allowed = allowed or self.resize_opens_at is None
        return self.disruptive and allowed

    @cached_property
    def found_running_at(self) -> int | None:
        """The generation at which the app was found running, while that still holds."""
        return found_running_at(self.situation, self.run)

    @cached_property
    def starting_since(self) -> datetime | None:
        """Since when the app has been asked to start and does not run yet.

        A new spec starts a new count, so that a corrected one is tried at once.
        """
        situation, status = self.situation, self.status
        app = situation.app
        if situation.space is None or not self.wants_running:
            return None
        if app is not None and app.status == "InService":
            return None
        unchanged = status.observed_generation == situation.declared.generation
        same_type = self.substitute == status.substitute
        if (
            unchanged
            and same_type
            and status.starting_since
            and self.run.requests.run_state is None
        ):
            return status.starting_since
        return situation.now.replace(microsecond=0)

    @property
    def last_start_at(self) -> datetime | None:
        """When the app was last started for this spec and type; what AWS refused was no start.

        The app's CreationTime can't tell: within 24 hours AWS takes a start for an update of the
        app that was there before, and leaves that time as it was (API reference of DescribeApp).
        """
        status, failure = self.status, self.situation.failure
        unchanged = status.observed_generation == self.situation.declared.generation
        refused = failure is not None and failure.operation == "CreateApp"
        same_type = self.substitute == status.substitute
        return status.last_start_at if unchanged and same_type and not refused else None

    @cached_property
    def failure(self) -> Failure | None:
        """The last failure; one of a volume's cool-down is tried again when that is over.

        What failed on one instance type says nothing about the one that takes its place.
        """
        failure = self.situation.failure
        if self.substitute != self.status.substitute:
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
