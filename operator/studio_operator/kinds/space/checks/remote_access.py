"""Remote access on a machine that is too small for it: told, before an app is stopped in vain.

AWS takes the setting on any space, and refuses to start its app on an instance with less than 8 GiB
of memory (Developer Guide, remote-access). So neither the setting nor such an instance type is
asked for next to the other, and an app that runs goes on as it is.
"""

from __future__ import annotations

from studio_operator.kinds.space.api.rules import TOO_SMALL_FOR_REMOTE_ACCESS
from studio_operator.kinds.space.in_aws import settings
from studio_operator.kinds.space.planner_input.comparison import (
    IMAGE,
    INSTANCE_TYPE,
    REMOTE_ACCESS,
    Change,
)
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding, unfit
from studio_operator.kinds.space.planner_input.images import has_gpu
from studio_operator.kinds.space.planner_input.inheritance import FROM_OTHERS
from studio_operator.kinds.space.planner_input.settings import FALLBACK_FOR_REMOTE_ACCESS
from studio_operator.plan.messages import tell
from studio_operator.plan.remedies import field, set_field

_TOGETHER = frozenset({INSTANCE_TYPE, REMOTE_ACCESS})


def check_remote_access(given: CheckInput) -> Finding | None:
    """Type and remote access have to go together, by the spec or as the space has them."""
    wanted, present = given.wanted, given.present
    if wanted is None or wanted.instance_type not in TOO_SMALL_FOR_REMOTE_ACCESS:
        return None
    is_changed = given.changes_field(REMOTE_ACCESS)
    if not (wanted[settings.REMOTE_ACCESS] if is_changed else present.remote_access):
        return None
    said = f"{field(REMOTE_ACCESS)} is Enabled" if is_changed else "remote access is enabled in AWS"
    larger = f"{FALLBACK_FOR_REMOTE_ACCESS} or a larger type"
    starts_on = wanted.instance_type if given.substitute else present.instance_type
    return unfit(
        tell(
            f"{said}, {_origin(given, wanted.instance_type)}, and AWS wants 8 GiB of memory for "
            "that",
            set_field(INSTANCE_TYPE, FALLBACK_FOR_REMOTE_ACCESS, words=larger),
            set_field(REMOTE_ACCESS, "Disabled"),
        ),
        fields=_fields_of(given),
        refuses_start=present.remote_access and starts_on in TOO_SMALL_FOR_REMOTE_ACCESS,
        is_told=any(one.change.field in _TOGETHER for one in given.compared if one.differs),
    )


def changes_with_type(given: CheckInput) -> frozenset[str]:
    """The changes that go with that of the type: the image, where its variant depends on it."""
    change = given.changes.get(INSTANCE_TYPE)
    if change is None:
        return frozenset()
    follows = IMAGE in given.changes and _depends_on_type(given, change)
    return frozenset({INSTANCE_TYPE, IMAGE} if follows else {INSTANCE_TYPE})


def _depends_on_type(given: CheckInput, change: Change) -> bool:
    """Whether the image would be another one without the change of the type."""
    image = given.spec.image
    if image is not None and image.image_arn is not None:
        return False
    return has_gpu(change.live) != has_gpu(change.wanted)


def _fields_of(given: CheckInput) -> frozenset[str]:
    """The changes not to be made while type and remote access don't go together."""
    remote = {REMOTE_ACCESS} if REMOTE_ACCESS in given.changes else set()
    return changes_with_type(given) | remote


def _origin(given: CheckInput, instance_type: str) -> str:
    """Where the type comes from, in words."""
    spec, domain, taken = given.spec, given.situation.domain, given.substitute
    if taken is not None and taken.instance_type == instance_type:
        cause = "rollback" if taken.kind == "Rollback" else "fallbackInstanceTypes"
        return f"{field(cause)} leads to {instance_type}"
    if spec.instance_type == instance_type:
        return f"{field(INSTANCE_TYPE)} is {instance_type}"
    found = given.wanted.resolved.get(settings.INSTANCE_TYPE) if given.wanted else None
    source = found.source if found is not None and found.source in FROM_OTHERS else None
    if given.present.instance_type == instance_type or domain is None or source is None:
        return f"the space has {instance_type}"
    owner = given.situation.owner
    whose = owner.name if source == "UserProfile" and owner is not None else domain.name
    return f"{source} {whose} has {instance_type} as its default for {spec.app}"
