"""SageMaker Studio of one account in one region: its resources, its lock, its passing of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from threading import RLock
from typing import TypeVar

from studio_simulator.errors import ServiceError, no_record, not_found
from studio_simulator.settings import Configuration
from studio_simulator.state.clock import Clock
from studio_simulator.state.resources import (
    App,
    Domain,
    ForeignResource,
    Json,
    LifecycleConfig,
    Resource,
    Space,
    UserProfile,
)
from studio_simulator.state.timeline import Timeline

Operation = Callable[["Studio", Json], Json]
Made = TypeVar("Made", bound=Resource)

DOMAIN_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
HEX = "0123456789abcdef"


class Studio:
    """All state of one account and region. Every access goes through ``run`` or holds ``lock``."""

    def __init__(
        self,
        account: str,
        region: str,
        partition: str,
        clock: Clock,
        configuration: Configuration,
        random: Random,
    ) -> None:
        self.account = account
        self.region = region
        self.partition = partition
        self.clock = clock
        self.configuration = configuration
        self.lock = RLock()
        self.timeline = Timeline()
        self.now = 0.0
        """The time of the latest ``settle``."""
        self.domains: dict[str, Domain] = {}
        self.user_profiles: dict[tuple[str, str], UserProfile] = {}
        self.spaces: dict[tuple[str, str], Space] = {}
        self.apps: dict[str, App] = {}
        """By ARN; apps that are gone stay for as long as the service remembers them."""
        self.lifecycle_configs: dict[str, LifecycleConfig] = {}
        self.foreign: dict[str, ForeignResource] = {}
        self._serials = count(1)
        self._random = random

    def run(self, operation: Operation, parameters: Json) -> Json:
        """Carry out an operation on the state as of now; one at a time."""
        with self.lock:
            self.settle()
            return operation(self, parameters)

    def settle(self) -> None:
        """Carry out the transitions that have come due."""
        self.now = round(self.clock.now(), 3)  # the API shows milliseconds
        self.timeline.run_until(self.now)

    # Making things

    def arn(self, path: str) -> str:
        """Return the ARN of something of SageMaker's here."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:{path}"

    def next_serial(self) -> int:
        """Return a number that no resource has had."""
        return next(self._serials)

    def random_id(self, prefix: str, length: int, characters: str = HEX) -> str:
        """Return an id as AWS makes them up, for example ``fs-0a1b2c3d4e5f60718``."""
        return prefix + "".join(self._random.choices(characters, k=length))

    def schedule_status(
        self,
        resource: Resource,
        seconds: float,
        status: str,
        then: Callable[[float], None] | None = None,
    ) -> None:
        """Let the resource reach ``status`` after so many seconds, and call ``then`` at that time.

        Args:
            resource: whose status it is; an earlier transition of its is dropped.
            seconds: from now.
            status: the one it will have.
            then: called with the due time, after the change.

        """

        def change(due: float) -> None:
            resource.status = status
            resource.modified = due
            if then is not None:
                then(due)

        self.timeline.schedule(resource, self.now + seconds, change)

    # Finding things

    def domain(self, domain_id: str) -> Domain:
        """Return a domain, or raise ResourceNotFound."""
        found = self.domains.get(domain_id)
        if found is None:
            raise not_found(f"Domain [{domain_id}]")
        return found

    def parent_domain(self, domain_id: str) -> Domain:
        """Return the domain something is created in, or raise RecordNotFound."""
        found = self.domains.get(domain_id)
        if found is None:
            raise no_record(f"Domain [{domain_id}]")
        return found

    def find_user_profile(self, domain_id: str, name: str) -> UserProfile | None:
        """Return a user profile; the names of user profiles are not case-sensitive."""
        return self.user_profiles.get((domain_id, name.lower()))

    def user_profile(self, domain_id: str, name: str) -> UserProfile:
        """Return a user profile, or raise ResourceNotFound."""
        found = self.find_user_profile(domain_id, name)
        if found is None:
            raise not_found(f"UserProfile [{self.arn(f'user-profile/{domain_id}/{name}')}]")
        return found

    def find_space(self, domain_id: str, name: str) -> Space | None:
        """Return a space by its exact name."""
        found = self.spaces.get((domain_id, name.lower()))
        return found if found is not None and found.name == name else None

    def space(self, domain_id: str, name: str) -> Space:
        """Return a space, or raise ResourceNotFound."""
        found = self.find_space(domain_id, name)
        if found is None:
            raise not_found(f"Space [{self.arn(f'space/{domain_id}/{name}')}]")
        return found

    def app_arn(self, domain_id: str, owner: str, app_type: str, name: str) -> str:
        """Return an app's ARN; the owner is a space or a user profile."""
        return self.arn(f"app/{domain_id}/{owner}/{app_type.lower()}/{name}")

    def app_of_space(self, space: Space) -> App | None:
        """Return the app that holds a space, or else the one that last ran in it.

        Only a space of Studio Classic may have several, and of other names than ``default``.
        """
        if space.app_type not in {"JupyterServer", "KernelGateway"}:
            arn = self.app_arn(space.domain_id, space.name, space.app_type, "default")
            return self.apps.get(arn)
        apps = [
            app
            for app in self.apps.values()
            if (app.domain_id, app.space_name) == (space.domain_id, space.name)
        ]
        return max(apps, key=lambda app: (app.is_active, app.serial), default=None)

    def active_apps(self, domain_id: str) -> Iterator[App]:
        """Yield the apps of a domain that are Pending, InService or Deleting."""
        return (app for app in self.apps.values() if app.domain_id == domain_id and app.is_active)

    # Rules that all kinds share

    def require_in_service(self, action: str, subject: Resource, needed: Resource) -> None:
        """Refuse an action while what it needs is in transition.

        The wording is AWS's; for which code it comes with see the option ``wrong_state_code``.

        Args:
            action: for example ``update``.
            subject: what would be changed or created.
            needed: what has to be InService for that; often the subject itself.

        """
        fit = {"InService", "Update_Failed"} if needed is subject else {"InService"}
        if needed.status not in fit:
            raise self.wrong_state(
                f"Unable to {action} {kind(subject)} [{subject.arn}] because "
                f"{kind(needed)} [{needed.arn}] is not in InService state."
            )

    def wrong_state(self, message: str) -> ServiceError:
        """Return the error for a change that does not fit the present state."""
        return ServiceError(self.configuration.options.wrong_state_code, message)


def kind(resource: Resource) -> str:
    """Return a resource's kind as messages name it."""
    return type(resource).__name__
