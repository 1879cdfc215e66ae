"""What rules see of something with settings that is started and stopped as a whole."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from studio_operator.api.common import Operation
from studio_operator.kinds.shared.running.requests import echo, echo_snooze
from studio_operator.kinds.shared.running.run import Run, decide_run
from studio_operator.kinds.shared.running.situation import (
    ACTIVE,
    ObservedRun,
    Running,
    RunSituation,
)
from studio_operator.kinds.shared.view import SettingsView
from studio_operator.plan.decisions import Decision, Keep
from studio_operator.plan.ownership import Claim, has_owned
from studio_operator.plan.reasons import Reason

# Where nothing in AWS is this resource's, nor will be.
_NOTHING_TO_ASK = frozenset({Reason.OWNERSHIP_CONFLICT, Reason.DELETED_OUTSIDE_OF_GIT})


@dataclass(frozen=True)
class RunSettingsView(SettingsView):
    """A view of what starts and stops. Its status has the members of RunningStatus."""

    running: ClassVar[Running[Any]]

    @property
    @abstractmethod
    def observed_run(self) -> ObservedRun:
        """Whether it runs, as AWS shows it."""

    @cached_property
    def run(self) -> Run[Any]:
        """Whether it is to run, and who decided that."""
        situation = self.situation
        operation: Operation | None = situation.status.operation
        is_there = self.found is not None
        return decide_run(
            RunSituation(
                kind=self.running,
                declared=situation.declared,
                status=situation.status,
                run=self.observed_run,
                is_ours=self.claim is Claim.OURS,
                is_still_to_be_found=bool(situation.elsewhere)
                or (is_there and not has_owned(situation.status)),
                is_there=is_there,
                is_interrupted_creation=False,  # a creation is recorded first, with its state
                is_restarting=operation is not None and bool(operation.restart),
                trigger=situation.declared.spec.state or "unset",
                now=situation.now,
            )
        )

    def is_foreign(self, decision: Decision) -> bool:
        """Whether what is in AWS is another's or gone, so that requests come to nothing."""
        is_not_ours = self.situation.is_observed and self.claim is not Claim.OURS
        return is_not_ours and decision.reason in _NOTHING_TO_ASK

    def run_members(self, decision: Decision) -> dict[str, Any]:
        """The members of status that tell of its running state, as RunningStatus has them."""
        status, run, is_observed = self.situation.status, self.run, self.situation.is_observed
        is_unknown = not is_observed or (self.found is not None and self.claim is None)
        return {
            "effective": status.effective if is_unknown else self._effective,
            "running_since": run.since if is_observed else status.running_since,
            "handled_requests": self._handled(decision),
        }

    @property
    def _effective(self) -> Any:
        """Where the spec can't be read nothing is decided anew, but for what a person asks."""
        effective, known = self.run.effective, self.situation.status.effective
        is_readable = self.situation.declared.unreadable is None
        return effective if is_readable or known or effective.by == "Request" else None

    def _handled(self, decision: Decision) -> Any:
        """The requests that are taken up by now.

        A restart is, once it is being stopped for that or there is nothing to restart. What is
        asked of a thing of others is refused, and so not left to be done whenever it should become
        ours.
        """
        situation, run, status = self.situation, self.run.situation, self.situation.status
        is_refused = self.is_foreign(decision) or situation.declared.unreadable is not None
        is_new_or_ours = status.effective is None or self.claim is Claim.OURS
        if not situation.is_observed or not (is_new_or_ours or is_refused):
            return echo_snooze(run, status.handled_requests)
        kept: Operation | None = status.operation
        operation = kept if isinstance(decision.operation, Keep) else decision.operation
        is_restarting = operation is not None and bool(operation.restart)
        is_off = run.run.status not in ACTIVE
        return echo(run, restart=is_refused or is_restarting or is_off)
