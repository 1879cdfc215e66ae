"""The rules about the script of back-ups: it comes before a space names it, and is no other's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from studio_operator.api.common import MADE_FOR_TAG
from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.space.api.backup import Backup
from studio_operator.kinds.space.features.backup.limits import (
    refuse_foreign,
    refuse_place,
    refuse_script,
)
from studio_operator.kinds.space.features.backup.questions import (
    backup_of,
    made_for,
    named_owner,
    provided_script,
    script_arn,
    script_question,
)
from studio_operator.kinds.space.features.backup.script import backup_content, is_same_place
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import KEEP, Decision, applies, decide_failure
from studio_operator.plan.lifecycle import waiting
from studio_operator.plan.ownership import as_tag_list
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import Call, Health, Look

_OF_SCRIPT = frozenset(
    {"DescribeStudioLifecycleConfig", "GetResources", "CreateStudioLifecycleConfig"}
)
# After so many times the usual pause is looked again at what AWS called invalid: a bucket may be
# made meanwhile.
_RARELY = 10


def provide_script(view: SpaceView) -> Decision | None:
    """The lifecycle configuration is there before a space names it.

    Where AWS refuses that, all goes on without it, and `report_script` tells.
    """
    spec, arn = view.spec, script_arn(view.situation)
    backup = backup_of(spec)
    if backup is None or arn is None or provided_script(view.situation) is not None:
        return None
    if script_held_up(view) is not None:
        return None
    if refuse_place(view) is not None:
        return None
    if view.situation.script.exists is None:
        return _look_at_script(view)
    if refuse_script(view) is not None:
        return None
    return _make_script(view, backup, arn)


def _make_script(view: SpaceView, backup: Backup, arn: str) -> Decision:
    spec, name = view.spec, arn.rpartition("/")[2]
    content = backup_content(spec.app, backup.s3_uri, named_owner(view.situation))
    return Decision(
        Health.PROGRESSING,
        Reason.UPDATING if view.situation.space else Reason.CREATING,
        f"making lifecycle configuration {name}, which makes back-ups from inside",
        call=Call(
            "CreateStudioLifecycleConfig",
            {
                "StudioLifecycleConfigName": name,
                "StudioLifecycleConfigContent": content,
                "StudioLifecycleConfigAppType": spec.app,
                "Tags": as_tag_list({MADE_FOR_TAG: made_for(view.situation)}),
            },
        ),
    )


def confirm_script(view: SpaceView, call: Call) -> Decision | None:
    """No app is started with a script that AWS has not just shown to be ours.

    AWS lets nobody change a lifecycle configuration, but who may delete them can put another one
    under the name. What was seen or recorded earlier is no proof. A start that is owed stays so.
    """
    situation, arn = view.situation, script_arn(view.situation)
    backup, observed = backup_of(view.spec), situation.script
    if backup is None or arn is None or _script_of(call) != arn:
        return None
    tuning = situation.tuning
    counts_for = timedelta(seconds=tuning.of(BackupTuning).script_fresh_seconds)
    if observed.is_foreign:
        counts_for = timedelta(seconds=tuning.lifecycle_configs_fresh_seconds)
    observed_at = observed.observed_at
    if observed.exists is None or observed_at is None or situation.now - observed_at >= counts_for:
        return script_held_up(view) or _look_at_script(view)
    if observed.is_foreign:
        return replace(refuse_foreign(view), operation=KEEP)
    if observed.exists is False:
        return script_held_up(view) or _make_script(view, backup, arn)
    return None


def _look_at_script(view: SpaceView) -> Decision:
    return look_at(view, Look("script", script_question(view.situation), may_fail=True))


def _script_of(call: Call) -> str | None:
    """The lifecycle configuration that a CreateApp names."""
    found: str | None = call.parameters["ResourceSpec"].get("LifecycleConfigArn")
    return found


def provide_script_first(view: SpaceView) -> Decision | None:
    """No space is made without the script: it would run without back-ups."""
    if view.situation.space is not None or backup_of(view.spec) is None:
        return None
    if script_arn(view.situation) is None:
        return waiting(
            Reason.DEPENDENCY_NOT_READY,
            f"StudioDomain {view.spec.domain_ref.name} is not ready: its ARN is not known yet",
        )
    return provide_script(view) or _refused(view) or script_held_up(view)


def report_script(view: SpaceView) -> Decision | None:
    """The script is refused, by AWS or by the operator's limits: no back-up is made before."""
    if (refusal := _refused(view)) is not None:
        return refusal
    live = view.present.lifecycle_config_arn if view.present else None
    if is_same_place(live, script_arn(view.situation)):
        return None  # an older version makes them
    problem = script_held_up(view)
    return replace(problem, operation=None) if problem else None


def _refused(view: SpaceView) -> Decision | None:
    return refuse_place(view) or refuse_script(view)


def lacks_script(view: SpaceView) -> bool:
    """Whether the app runs without the script that makes back-ups in the declared place.

    What the app was started with counts; where AWS does not say it, what the space has.
    """
    wanted, app = script_arn(view.situation), view.situation.app
    own = view.present.lifecycle_config_arn if view.present else None
    runs_with = (app.lifecycle_config_arn if app else None) or own
    if wanted is None or is_same_place(runs_with, wanted):
        return False
    return not _was_started_for_it(view)


def _was_started_for_it(view: SpaceView) -> bool:
    """A space that is deleted is not updated any more: only its app is given the script then."""
    asked, started = view.backup.requested_at if view.backup else None, view.last_start_at
    if not view.situation.declared.deleting or view.rejection is not None:
        return False
    return asked is not None and started is not None and started >= asked


def script_held_up(view: SpaceView) -> Decision | None:
    """Why nothing is asked of AWS about the script just now; None when nothing failed."""
    return held_up(view, _OF_SCRIPT)


def held_up(
    view: SpaceView, operations: frozenset[str], path: str | None = None
) -> Decision | None:
    """Why none of these is asked of AWS just now, in its words; None when nothing failed.

    `path`: the field of the spec that is wrong where AWS refuses them as such.
    """
    failure, situation = view.failure, view.situation
    if failure is None or failure.operation not in operations:
        return None
    if not applies(failure, situation.declared):
        return None
    rarely = _RARELY * timedelta(seconds=situation.tuning.of(BackupTuning).look_seconds)
    again = replace(failure, retry_at=failure.retry_at or failure.at + rarely)
    return decide_failure(again, situation.declared, situation.now, path)
