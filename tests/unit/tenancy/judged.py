"""Worlds in which a tenant rules the namespace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.registry import BY_NAME
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.studio_domain.situation import DomainSituation
from studio_operator.kinds.studio_tenant.api import StudioTenantSpec
from studio_operator.kinds.studio_tenant.compiled import compile_tenant
from studio_operator.kinds.user_profile.situation import ProfileSituation
from studio_operator.plan.tenancy.check import check
from studio_operator.plan.tenancy.policy import UNRULED, NamespacePolicy, TenantRules, policy_for
from studio_operator.plan.types import Look

from tests.unit.plan.engine_model import DomainEngine, ProfileEngine
from tests.unit.plan.space_world import SpaceWorld

NAMESPACE = "ml-team"


def rules(name: str = "churn", names: Any = ("ml-*",), **spec: Any) -> TenantRules:
    """A tenant's rules, from its spec as in YAML."""
    given = {"namespaces": {"names": list(names)}, **spec}
    return compile_tenant(name, StudioTenantSpec.model_validate(given))


def policy(*tenants: TenantRules, is_required: bool = False) -> NamespacePolicy:
    """What holds in the namespace by these tenants."""
    return policy_for(NAMESPACE, "StudioTenant", tenants, is_required=is_required)


def ruled(enforcement: str = "Block", **allow: Any) -> NamespacePolicy:
    """What holds in the namespace of one tenant."""
    return policy(rules(enforcement=enforcement, allow=allow))


def judge(kind: ManagedKind, situation: Any, holds: NamespacePolicy, name: str) -> Any:
    """The situation, as the engine gathers it where that holds."""
    spec = situation.declared.spec.dump()
    violations = check(kind.names, spec, name, holds)
    return replace(situation, policy=holds, violations=violations) if holds.judges else situation


@dataclass
class TenantSpaceWorld(SpaceWorld):
    """A space in a namespace that is ruled."""

    policy: NamespacePolicy = UNRULED
    owner_role: str | None = None  # the role of the owner's profile, as a look at it shows
    owner_looks: int = 0

    def situation(self) -> SpaceSituation:
        found: SpaceSituation = judge(BY_NAME["Space"], super().situation(), self.policy, "churn")
        return found

    def forget_owner(self) -> None:
        """A new process has not looked at the owner's profile yet."""
        assert self.owner is not None
        self.owner = replace(self.owner, execution_role=None, file_systems=None)

    def _look_at_rest(self, looks: frozenset[Look]) -> None:
        super()._look_at_rest(looks)
        if Look.OWNER in looks:
            assert self.owner is not None
            self.owner = replace(self.owner, execution_role=self.owner_role)
            self.owner_looks += 1


@dataclass
class TenantProfile(ProfileEngine):
    """A user profile in a namespace that is ruled."""

    policy: NamespacePolicy = UNRULED

    def situation(self) -> ProfileSituation:
        kind = BY_NAME["UserProfile"]
        found: ProfileSituation = judge(kind, super().situation(), self.policy, "alice")
        return found


@dataclass
class TenantDomain(DomainEngine):
    """A domain in a namespace that is ruled."""

    policy: NamespacePolicy = UNRULED

    def situation(self) -> DomainSituation:
        kind = BY_NAME["StudioDomain"]
        found: DomainSituation = judge(kind, super().situation(), self.policy, "research")
        return found


def space(holds: NamespacePolicy = UNRULED, **spec: Any) -> TenantSpaceWorld:
    """A world with a space that is to be made."""
    given = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": "ml.t3.large",
        "storage": {"sizeGiB": 20},
        **spec,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    return TenantSpaceWorld(SpaceSpec.model_validate(wanted), policy=holds)


def running(holds: NamespacePolicy, **spec: Any) -> TenantSpaceWorld:
    """One whose app ran before the tenant was there."""
    world = space(**spec)
    world.run()
    assert world.is_running()
    world.log.clear()
    world.policy = holds
    return world


def said(world: Any) -> tuple[str, str]:
    """Status and reason of Ready."""
    ready = world.status.condition("Ready")
    assert ready is not None
    return ready.status, ready.reason


HOUR = timedelta(hours=1)
