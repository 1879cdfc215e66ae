"""The planner of domains: from what is declared, observed and remembered to the next step.

Read the rules top to bottom: the first one that decides wins. Every rule sees the same
`DomainView`, and none acts: at most one AWS call comes out of a pass, and the next pass sees what
became of it. A domain is never created twice, and deleted only when its resource is deleted under
`deletionPolicy: Delete`.
"""

from __future__ import annotations

from studio_operator.kinds.shared.outcome import decide
from studio_operator.kinds.shared.ownership import (
    keep_what_is_marked,
    refuse_adoption,
    tell_loss,
)
from studio_operator.kinds.shared.policy import hold_for_policy
from studio_operator.kinds.shared.updates import (
    SETTINGS_RULES,
    hold_for_scripts,
    learn_owner_and_settings,
)
from studio_operator.kinds.studio_domain.api import StudioDomainStatus
from studio_operator.kinds.studio_domain.checks import hold_dropped_groups, hold_network
from studio_operator.kinds.studio_domain.creation import CREATION_RULES
from studio_operator.kinds.studio_domain.deletion import DELETION_RULES
from studio_operator.kinds.studio_domain.existing import (
    await_domain,
    leave_found,
    refuse_foreign,
    refuse_immutable,
    take_ownership,
)
from studio_operator.kinds.studio_domain.situation import DomainSituation
from studio_operator.kinds.studio_domain.status import finish
from studio_operator.kinds.studio_domain.view import DomainView
from studio_operator.plan.decisions import Rule
from studio_operator.plan.types import Plan

RULES: tuple[Rule[DomainView], ...] = (
    tell_loss,
    *CREATION_RULES,
    learn_owner_and_settings,
    leave_found,
    keep_what_is_marked,
    refuse_foreign,
    refuse_adoption,
    await_domain,
    refuse_immutable,
    take_ownership,
    *SETTINGS_RULES,
)
# What holds a setting back before AWS is asked; all else goes its own way.
CHECKS = (hold_for_policy, hold_network, hold_dropped_groups, hold_for_scripts)


def plan_domain(situation: DomainSituation) -> Plan[StudioDomainStatus]:
    """What to do now for a domain, and its complete new status."""
    view = DomainView(situation, CHECKS)
    return finish(view, decide(view, RULES, DELETION_RULES))
