"""What is known to stand against a change of a domain's settings before AWS is asked."""

from __future__ import annotations

from collections.abc import Iterator

from studio_operator.kinds.shared.holds import Hold
from studio_operator.kinds.studio_domain.view import DomainView
from studio_operator.plan.lifecycle import stalled
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import another, field, in_aws, set_field


def hold_dropped_groups(view: DomainView) -> Iterator[Hold]:
    """Spaces that exist could not start without the groups that just left the spec."""
    path = view.dropped_groups
    if path is None:
        return
    is_shared = path.startswith("defaultSpaceSettings")
    whose, instead = (
        ("shared spaces", "there are none") if is_shared else ("users", "each UserProfile has some")
    )
    decision = stalled(
        Reason.VPC_SECURITY_GROUPS_MISSING,
        f"{field(path)} left the spec, and {whose} of a VpcOnly domain need some",
        another(path, "some"),
        set_field(path, [], goal=f"if {instead}"),
    )
    yield Hold(frozenset({path}), decision)


def hold_network(view: DomainView) -> Iterator[Hold]:
    """Only a domain of Unified Studio may have no VPC, and VpcOnly needs one."""
    if view.differing is None or view.spec.network != "VpcOnly":
        return
    if view.spec.vpc_id or view.live.get("VpcId"):
        return
    decision = stalled(
        Reason.INVALID_SPEC,
        f"{field('network')} is VpcOnly, and {view.title} has no VPC",
        set_field("network", "PublicInternetOnly"),
        in_aws("add a VPC to the domain in AWS"),
    )
    yield Hold(frozenset({"network"}), decision)
