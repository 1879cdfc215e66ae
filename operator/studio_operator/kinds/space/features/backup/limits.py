"""Where back-ups may go, and how many scripts a namespace may have made for them.

AWS lets nobody change a lifecycle configuration, so each place has one of its own, and none is ever
deleted here. Without limits, whoever edits `spec.backup.s3Uri` fills the account's quota with them,
and has the operator write requests to any bucket that its role reaches.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

from studio_operator.kinds.shared.policy import refuse_by_policy
from studio_operator.kinds.space.features.backup.questions import (
    backup_of,
    provided_script,
    script_arn,
)
from studio_operator.kinds.space.features.backup.script import is_same_place
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kinds.space.planner_input.view import SpaceView
from studio_operator.plan.decisions import Decision
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, field, in_aws, leave_out
from studio_operator.plan.tenancy.check import Violation
from studio_operator.plan.tenancy.policy import Subject


def is_allowed_place(s3_uri: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns is for the place, or for one above it; without any, all are.

    A star stands for any characters but slashes.
    """
    return not patterns or any(_expression(one).fullmatch(s3_uri.rstrip("/")) for one in patterns)


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    words = map(re.escape, pattern.rstrip("/").split("*"))
    return re.compile(f"{'[^/]*'.join(words)}(/.*)?")


def refuse_place(view: SpaceView) -> Decision | None:
    """The place is none that the tenant or the operator's settings allow: S3 is asked nothing.

    That holds for a deletion, too: whoever may edit a space could have the operator write anywhere,
    by an edit of the place and a deletion.
    """
    situation = view.situation
    backup, patterns = backup_of(view.spec), situation.tuning.of(BackupTuning).places
    if backup and (denied := _denied(view)):
        return replace(refuse_by_policy(denied), operation=None)
    if backup is None or is_allowed_place(backup.s3_uri, patterns):
        return None
    return stalled(
        Reason.INVALID_SPEC,
        f"{field('backup.s3Uri')} is {backup.s3_uri}, where this operator lets no back-ups go",
        another("backup.s3Uri", "a place that your platform team allows"),
        leave_out("backup", goal="to go on without back-ups"),
        operation=None,
    )


def _denied(view: SpaceView) -> list[Violation]:
    """Why the tenant refuses the place.

    Where no tenant counts, nobody allows any; what runs there goes on with the one that it has.
    """
    situation = view.situation
    if not situation.policy.refuses:
        return []
    live = view.present.lifecycle_config_arn if view.present else None
    goes_on = not situation.declared.deleting and is_same_place(live, script_arn(situation))
    refused = {Subject.S3_PLACES} if goes_on else {Subject.S3_PLACES, None}
    return [one for one in situation.violations if one.subject in refused]


def refuse_script(view: SpaceView) -> Decision | None:
    """The script is not there, and the namespace, or all of them, have had enough others made."""
    observed, tuning = view.situation.script, view.situation.tuning.of(BackupTuning)
    if backup_of(view.spec) is None or provided_script(view.situation) is not None:
        return None
    if observed.is_foreign:
        return refuse_foreign(view)
    live = view.present.lifecycle_config_arn if view.present else None
    if is_same_place(live, script_arn(view.situation)):
        return None  # no new place: this operator has another version of the script
    if observed.exists is not False or observed.full is None:
        return None
    of_namespace = observed.full == "namespace"
    who = "this namespace has" if of_namespace else "all namespaces together have"
    most = tuning.scripts_per_namespace if of_namespace else tuning.scripts
    return stalled(
        Reason.INVALID_SPEC,
        f"{field('backup.s3Uri')} is a new place, and {who} scripts for {most} in AWS, which is "
        "the limit",
        another("backup.s3Uri", "a place that was used before"),
        leave_out("backup", goal="to go on without back-ups"),
        operation=None,
    )


def refuse_foreign(view: SpaceView) -> Decision:
    """Others made a script under the name, which anybody can work out: it would run in the space.

    Whoever may make lifecycle configurations in AWS may try it.
    """
    situation = view.situation
    name = (script_arn(situation) or "").rpartition("/")[2]
    refusal = stalled(
        Reason.INVALID_SPEC,
        f"lifecycle configuration {name} was made by others: its script is not this operator's, "
        "and is not run",
        in_aws("delete it"),
        another("backup.s3Uri", "another place"),
        operation=None,
    )
    again = timedelta(seconds=situation.tuning.lifecycle_configs_fresh_seconds)
    return replace(refusal, wake_at=situation.now + again)
