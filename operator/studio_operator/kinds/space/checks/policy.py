"""What the tenant of a space's namespace does not allow: in its spec, and in what it inherits.

A space takes its role from its owner's profile or the domain, and defaults of image and lifecycle
configuration as well. What AWS has of a space counts for the next start: people change it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio_operator.kinds.shared.policy import policy_condition, standing
from studio_operator.kinds.space.features.backup.questions import script_arn
from studio_operator.kinds.space.features.backup.script import is_backup_script, is_same_place
from studio_operator.kinds.space.in_aws import settings
from studio_operator.kinds.space.in_aws.observed import ImageRef
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding
from studio_operator.kinds.space.planner_input.images import is_distribution
from studio_operator.kinds.space.planner_input.inheritance import FROM_OTHERS, place_of_default
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.plan.lifecycle import domain_resource
from studio_operator.plan.remedies import Resource
from studio_operator.plan.settings.table import CLEARED
from studio_operator.plan.tenancy.check import Violation, judge, tell_violations
from studio_operator.plan.tenancy.policy import Standing, Subject
from studio_operator.plan.types import Health

_IMAGE = settings.IMAGE.field
_SCRIPT = settings.LIFECYCLE_CONFIG.field
_MOUNTS = settings.FILE_SYSTEMS.field
_REMOTE = settings.REMOTE_ACCESS.field
_ROLE = "role"


def check_policy(given: CheckInput) -> Finding | None:
    """No creation, change or start with it. What runs goes on, unless the tenant says Stop."""
    policy = given.situation.policy
    wanted = (*given.situation.violations, *_inherited(given))
    present = tuple(_in_aws(given))
    about_all = [one for one in wanted if one.subject is None]
    if about_all:
        held = frozenset(given.changes)
    else:
        held = frozenset(one.setting for one in wanted if one.setting in given.changes)
        held |= _script_of_back_ups(given, wanted)
    starting = _starting_with(given, wanted, present, held)
    running = _running_with(given, wanted, present)
    all_ = _told_once(wanted, present, running)
    if given.situation.space is not None:
        all_ = standing(all_)
    if not all_:
        return None
    first = _first(all_, held, running if policy.stops else (), starting)
    stays_stopped = not given.app_is_active and any(one.subject is not None for one in starting)
    return Finding(
        Health.STALLED,
        first.reason,
        tell_violations((first, *(one for one in all_ if one is not first))),
        fields=held if policy.refuses else frozenset(),
        not_given=_defaults_among(wanted) if policy.refuses else frozenset(),
        refuses_start=policy.refuses and bool(starting),
        refuses_owed_start=policy.stops or _adds(starting, present),
        refuses_creation=policy.refuses,
        is_told=policy.refuses and (bool(held) or (policy.stops and stays_stopped)),
        conditions=policy_condition(all_, is_ours=given.situation.space is not None),
        stops=policy.stops and bool(running),
    )


def _starting_with(
    given: CheckInput,
    wanted: tuple[Violation, ...],
    present: tuple[Violation, ...],
    held: frozenset[str],
) -> tuple[Violation, ...]:
    """What the app would be started with, once the changes are made that may be made."""
    kept = (one for one in present if one.setting not in given.changes or one.setting in held)
    new = (one for one in wanted if one.setting in _OF_STARTS and one.setting not in held)
    return (*kept, *(one for one in new if one.setting not in given.changes))


def _running_with(
    given: CheckInput, wanted: tuple[Violation, ...], present: tuple[Violation, ...]
) -> tuple[Violation, ...]:
    """What the app runs with that runs now, whatever is declared or given to the next one."""
    if not given.app_is_active:
        return ()
    role = (one for one in wanted if one.setting == _ROLE)
    return (*present, *role, *_of_app(given))


def _told_once(
    wanted: tuple[Violation, ...], present: tuple[Violation, ...], running: tuple[Violation, ...]
) -> tuple[Violation, ...]:
    """All of them; what the app has as well as its space is told of the space."""
    known = {(one.subject, one.value) for one in (*wanted, *present)}
    of_app = (one for one in running if (one.subject, one.value) not in known)
    return tuple(dict.fromkeys((*wanted, *present, *of_app)))


def _defaults_among(wanted: tuple[Violation, ...]) -> frozenset[str]:
    """The settings of which a profile or the domain has a default that is not allowed."""
    return frozenset(one.setting for one in wanted if one.on is not None) - {_ROLE}


def _adds(starting: tuple[Violation, ...], present: tuple[Violation, ...]) -> bool:
    """Whether a start would bring something that is not allowed and that the space has not."""
    had = {"", _ROLE, *(one.setting for one in present)}
    return any(one.setting not in had for one in starting)


# What an app starts with; the empty one is for what is about the namespace as a whole.
_OF_STARTS = frozenset({"", _ROLE, _IMAGE, _SCRIPT, _MOUNTS, _REMOTE})


def _first(
    all_: tuple[Violation, ...], held: frozenset[str], *further: tuple[Violation, ...]
) -> Violation:
    """What is told: what is held back first, then what has the app stopped, or not started."""
    for some in ([one for one in all_ if one.setting in held], *further):
        for one in some:
            if one in all_:
                return one
    return all_[0]


def _inherited(given: CheckInput) -> Iterator[Violation]:
    """What the owner's profile or the domain gives to the space."""
    situation, policy = given.situation, given.situation.policy
    role = _role(situation)
    if role is not None:
        value, path, resource = role
        subject = Subject.EXECUTION_ROLES
        yield from judge(policy, subject, (value,), path, setting=_ROLE, on=resource)
    resolved = given.wanted.resolved if given.wanted is not None else {}
    for setting, subject in (
        (settings.IMAGE, Subject.IMAGES),
        (settings.LIFECYCLE_CONFIG, Subject.LIFECYCLE_CONFIGS),
    ):
        found = resolved.get(setting)
        if found is not None and found.source in FROM_OTHERS:
            path, on = place_of_default(setting, found.source, situation)
            values = _values(found.value)
            yield from judge(policy, subject, values, path, setting=setting.field, on=on)


def judges_role(situation: SpaceSituation) -> bool:
    """Whether more than a condition hangs on the role that the owner's profile has."""
    policy = situation.policy
    return policy.refuses and policy.standing is Standing.RULED


def is_role_unknown(situation: SpaceSituation) -> bool:
    """Whether nobody has looked at the profile that decides the role first."""
    owner, is_shared = situation.owner, situation.declared.spec.is_shared
    return not is_shared and (owner is None or not owner.is_described)


def _role(situation: SpaceSituation) -> tuple[str, str, Resource] | None:
    """The role that the app runs with, and where it is declared; None while it is not known.

    The domain's counts only for an owner who is known to have none.
    """
    domain, owner, declared = situation.domain, situation.owner, situation.declared
    if is_role_unknown(situation):
        return None
    if not declared.spec.is_shared and owner is not None and owner.execution_role is not None:
        path, on = "userSettings.executionRole", Resource("UserProfile", owner.name)
        return owner.execution_role, path, on
    if domain is None:
        return None
    named = domain_resource(declared, declared.spec.domain_ref)
    if declared.spec.is_shared:
        role, block = domain.shared_role, "defaultSpaceSettings"
    else:
        role, block = domain.user_role, "defaultUserSettings"
    return (role, f"{block}.executionRole", named) if role else None


def _in_aws(given: CheckInput) -> Iterator[Violation]:
    """What AWS has of the space, whoever set it."""
    policy, present = given.situation.policy, given.present
    if given.situation.space is None:
        return
    yield from _of_resource_spec(given, present.lifecycle_config_arn, present.image)
    mounts = [one.name for one in present.file_systems if one.kind in {"efs", "fsxLustre"}]
    yield from judge(policy, Subject.FILE_SYSTEMS, mounts, _MOUNTS)
    if present.remote_access:
        yield from judge(policy, Subject.REMOTE_ACCESS, ("Enabled",), _REMOTE)


def _of_app(given: CheckInput) -> Iterator[Violation]:
    """What the app was started with, which may be another than its space has."""
    app = given.situation.app
    if app is not None:
        yield from _of_resource_spec(given, app.lifecycle_config_arn, app.image)


def _of_resource_spec(
    given: CheckInput, script: str | None, image: ImageRef
) -> Iterator[Violation]:
    policy = given.situation.policy
    if is_backup_script(script):
        yield from _of_back_ups(given.situation, script)
    else:
        yield from judge(policy, Subject.LIFECYCLE_CONFIGS, _values(script), _SCRIPT)
    yield from judge(policy, Subject.IMAGES, _values(image), "image.imageArn", setting=_IMAGE)


def _of_back_ups(situation: SpaceSituation, script: str | None) -> Iterator[Violation]:
    """Back-ups go to the place that the spec names, and none may go there.

    To which other place a script sends them its name does not tell. A deletion may wait for one.
    """
    if situation.declared.deleting or not is_same_place(script, script_arn(situation)):
        return
    for one in situation.violations:
        if one.subject is Subject.S3_PLACES:
            yield replace(one, setting=_SCRIPT)


def _values(value: object) -> tuple[str, ...]:
    """The ARNs that a setting has; AWS's own images need no permission."""
    if isinstance(value, ImageRef):
        arns = (value.image_arn, value.version_arn)
        return tuple(arn for arn in arns if arn and not is_distribution(arn))
    return (str(value),) if value and value != CLEARED else ()


def _script_of_back_ups(given: CheckInput, wanted: tuple[Violation, ...]) -> frozenset[str]:
    """A script that sends back-ups to where none may go is not set."""
    change = given.changes.get(_SCRIPT)
    script = given.wanted[settings.LIFECYCLE_CONFIG] if given.wanted is not None else None
    forbidden = any(one.subject is Subject.S3_PLACES for one in wanted)
    is_held = change is not None and forbidden and is_backup_script(script)
    return frozenset({_SCRIPT}) if is_held else frozenset()
