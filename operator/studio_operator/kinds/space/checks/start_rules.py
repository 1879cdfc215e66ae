"""What could never start: known before AWS is asked, and before a running app is stopped."""

from __future__ import annotations

from studio_operator.kinds.space.checks.security_groups import why_space_lacks_groups
from studio_operator.kinds.space.planner_input.findings import CheckInput, Finding
from studio_operator.plan.messages import tell
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Steps, in_kubernetes, set_field
from studio_operator.plan.types import Health

# Developer Guide, page studio: "You can only stop or delete existing Studio Classic applications
# and cannot create new ones".
CLASSIC_APPS = frozenset({"JupyterServer", "KernelGateway"})

_OTHER_APP = "apply another Space with app JupyterLab or CodeEditor"


def check_studio_classic(given: CheckInput) -> Finding | None:
    """AWS starts no app of Studio Classic any more; a space of one may be made to stay stopped."""
    app = given.spec.app
    if app not in CLASSIC_APPS:
        return None
    return Finding(
        Health.STALLED,
        Reason.STUDIO_CLASSIC_ENDED,
        tell(
            f"AWS creates no {app} app (Studio Classic) any more",
            Steps((set_field("state", "Stopped"), in_kubernetes(_OTHER_APP))),
        ),
        refuses_start=True,
        refuses_creation=False,
        is_told=False,
    )


def check_security_groups(given: CheckInput) -> Finding | None:
    """Apps of a VpcOnly domain need security groups."""
    missing = why_space_lacks_groups(given.situation)
    if missing is None:
        return None
    return Finding(
        Health.STALLED,
        Reason.VPC_SECURITY_GROUPS_MISSING,
        missing,
        refuses_start=True,
        is_told=False,
    )
