"""All that a domain is planned from, gathered before its rules are asked."""

from __future__ import annotations

from dataclasses import dataclass

from studio_operator.kinds.gathering import Situation
from studio_operator.kinds.studio_domain.api import StudioDomainSpec, StudioDomainStatus
from studio_operator.plan.observed import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSituation(Situation[StudioDomainSpec, StudioDomainStatus]):
    """What a domain is planned from.

    - `is_observed`: whether AWS was looked at: by `status.domainId`/`spec.domainId` if there is one
      (then `domain` is that domain, None when AWS says it is gone), else by ListDomains.
    - `candidates`: domains of that name in the region, from ListDomains, when no id is known yet.
    - `profiles_in_aws`, `spaces_in_aws`, `apps_in_aws`: names of what is left in the domain; apps
      are those outside of spaces. Only of one that is deleted, profiles also where AWS has refused
      something.
    - `running_apps`: the apps that run, start or stop in it, such as "space churn"; looked up only
      where AWS has refused something.
    - `dependents`: resources that refer to this one, such as `Space ml-team/churn-notebooks`.
    - `region`: spec.aws.region, else the operator's own.
    """

    region: str
    domain: Observed | None
    candidates: tuple[Observed, ...] = ()
    profiles_in_aws: tuple[str, ...] = ()
    spaces_in_aws: tuple[str, ...] = ()
    apps_in_aws: tuple[str, ...] = ()
    running_apps: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
