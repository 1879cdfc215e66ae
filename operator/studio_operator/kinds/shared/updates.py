"""Settings of a domain or profile follow the spec: what is refused holds back nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio_operator.kinds.shared.corrections import tell_changing_back
from studio_operator.kinds.shared.holds import Hold
from studio_operator.kinds.shared.ownership import look_at
from studio_operator.kinds.shared.refusals import Update, tell_failed_update
from studio_operator.kinds.shared.tags import follow_tags
from studio_operator.kinds.shared.view import SettingsView
from studio_operator.plan.decisions import FIELDS_SHOWN, Decision, Rule, name_some
from studio_operator.plan.lifecycle import calling
from studio_operator.plan.lifecycle_configs import hold_for_lifecycle_configs
from studio_operator.plan.messages import tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.settings.mapping import Setting, managed_fields, update_members
from studio_operator.plan.types import Call, Health, Look, Note


def learn_owner_and_settings(view: SettingsView) -> Decision | None:
    """Tags say whose it is, details how it differs; nothing is touched before both are known."""
    looks = {Look.TAGS} if view.claim is None else set()
    looks |= {Look.SETTINGS} if view.lacks_description else set()
    return look_at(view, *looks) if view.found is not None and looks else None


def learn_lifecycle_configs(view: SettingsView) -> Decision | None:
    """The region's lifecycle configurations are listed when a setting names one that is new."""
    if view.differing is None:
        return None
    decision = hold_for_lifecycle_configs(view.situation, view.differing.sets)
    return decision if decision is not None and decision.looks else None


def hold_for_scripts(view: SettingsView) -> Iterator[Hold]:
    """An app gets no script that AWS does not have or that is for another: the others go on."""
    sets = view.differing.sets if view.differing else {}
    for setting, value in sets.items():
        decision = hold_for_lifecycle_configs(view.situation, {setting: value})
        if decision is not None and not decision.looks:
            same_app = (one.field for one in sets if one.block == setting.block)
            yield Hold(frozenset(same_app), decision)


def update_settings(view: SettingsView) -> Decision | None:
    """One update for all that differs and is not held back."""
    update = view.update
    if view.found is None or view.differing is None or update.operation is None:
        return None
    fields, batch = update.batch.fields, update.batch
    declared = {one: value for one, value in view.declared.items() if one.field not in update.held}
    name = f"Update{view.noun}"
    message = f"updating {name_some(fields, FIELDS_SHOWN) or 'nothing'} of {view.title}"
    if view.was_as_declared and batch.sets and not view.has_failed_update:
        message = tell_changing_back(view.title, batch, view.live)
    parameters = {**view.identity, **update_members(batch, declared, view.live)}
    call = Call(name, parameters, fields=fields)
    decision = replace(
        calling(Reason.UPDATING, "Updating", message, call, update.operation),
        remember={
            "managed_fields": managed_fields(view.declared, view.left),
            "refusals": update.sent or None,
        },
    )
    return _keep_telling(view, update, decision)


def _keep_telling(view: SettingsView, update: Update, decision: Decision) -> Decision:
    """Another try of what was refused: status goes on telling why, until AWS takes it.

    That it is tried for want of anything but time is recorded first: a restart tries it no earlier.
    """
    before, tried = update.retried, update.tried
    if before is None or tried is None or before.tried_at is None:
        return decision
    said = view.refusals.hold(before).decision
    is_by_time = before.generation == tried.generation and before.tried_at != tried.tried_at
    return replace(
        decision,
        health=said.health,
        reason=said.reason,
        message=said.message,
        record_first=is_by_time,
    )


def report_failed_update(view: SettingsView) -> Decision | None:
    """AWS wants another update after one that failed, and was asked often enough."""
    if not view.has_failed_update or view.update.holds:
        return None
    return Decision(Health.STALLED, Reason.UPDATE_FAILED, tell_failed_update(view))


def report_held(view: SettingsView) -> Decision | None:
    """What can't be set as things are, and why; a person's turn is told before a wait."""
    update = view.update
    held = sorted(update.holds, key=lambda hold: hold.decision.health is not Health.STALLED)
    if not held:
        return None
    due = (hold.decision.wake_at for hold in held)
    return replace(
        held[0].decision,
        notes=_note_kept(view),
        wake_at=min((moment for moment in due if moment), default=None),
        operation=None,
        remember={"managed_fields": managed_fields(view.declared, _held_clears(view))},
    )


def be_ready(view: SettingsView) -> Decision:
    """AWS shows what is declared."""
    return Decision(
        Health.READY,
        Reason.IN_SERVICE,
        view.ready_message,
        notes=_note_kept(view),
        operation=None,
        remember={"managed_fields": managed_fields(view.declared), **view.remembered_when_ready},
    )


# How what is ours follows the spec: settings first, then tags, and what of them can't.
SETTINGS_RULES: tuple[Rule[SettingsView], ...] = (
    learn_lifecycle_configs,
    update_settings,
    follow_tags,
    report_failed_update,
    report_held,
    be_ready,
)


def _note_kept(view: SettingsView) -> tuple[Note, ...]:
    """The Event about settings that left the spec and stay."""
    held = _held_clears(view)
    fields = ", ".join(setting.field for setting in view.left if setting not in held)
    message = tell(f"{fields} left the spec and AWS cannot clear it: {view.title} keeps the value")
    return (Note("SettingKept", f"Update{view.noun}", message, "Warning"),) if fields else ()


def _held_clears(view: SettingsView) -> tuple[Setting, ...]:
    """What is still to be taken away once nothing stands against it."""
    return tuple(setting for setting in view.left if setting.field in view.update.held)
