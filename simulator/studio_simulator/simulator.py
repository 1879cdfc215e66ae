"""The simulator as a whole: one clock and one set of settings for all accounts and regions."""

from __future__ import annotations

from random import Random
from typing import Protocol, cast

from moto.core.base_backend import BackendDict, backend_lock
from moto.sagemaker.models import sagemaker_backends

from studio_simulator.requests.barriers import Barriers, Release
from studio_simulator.requests.call_log import CallLog
from studio_simulator.requests.faults import Faults
from studio_simulator.requests.throttling import Throttle
from studio_simulator.settings import Configuration
from studio_simulator.state.clock import Clock
from studio_simulator.state.studio import Studio


class StudioHolder(Protocol):
    """moto's backend of one account and region, as this package extends it."""

    studio: Studio


class Simulator:
    """What the front door, moto's backends and the control API share."""

    def __init__(self, initial: Configuration | None = None) -> None:
        self._initial = initial or Configuration()
        self.configuration = self._initial.model_copy(deep=True)
        self.clock = Clock(self.configuration.speed)
        self.random = Random(self.configuration.seed)  # noqa: S311 - ids and dice, no secrets
        self.log = CallLog()
        self.faults = Faults(self.random)
        self.barriers = Barriers()
        self.throttle = Throttle(lambda: self.configuration.throttling)

    def new_studio(self, account: str, region: str, partition: str) -> Studio:
        """Return an empty Studio for an account and region."""
        return Studio(account, region, partition, self.clock, self.configuration, self.random)

    def studio(self, account: str, region: str) -> Studio:
        """Return the Studio that moto's backend of an account and region holds.

        Raises:
            KeyError: for a region that does not exist.

        """
        return cast("StudioHolder", sagemaker_backends[account][region]).studio

    def studios(self) -> list[Studio]:
        """Return every Studio that was asked for so far."""
        with backend_lock:
            backends = [backend for _, _, backend in sagemaker_backends.iter_backends()]
        return [cast("StudioHolder", backend).studio for backend in backends]

    def reset(self) -> None:
        """Forget all resources, calls, faults and settings; drop the calls that are held up."""
        self.faults.remove()
        self.barriers.release(Release(drop=True))
        fresh = self._initial.model_copy(deep=True)
        for name in type(fresh).model_fields:
            setattr(self.configuration, name, getattr(fresh, name))
        self.clock.restart(fresh.speed)
        self.random.seed(fresh.seed)
        self.throttle.reset()
        BackendDict.reset()
        self.log.clear()
