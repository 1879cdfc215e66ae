"""moto's SageMaker backend with Studio in it."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import ClassVar

import moto.sagemaker.urls
from moto.core.resource_tagging import TaggedResource
from moto.sagemaker.models import SageMakerModelBackend

from studio_simulator.operations.tagging import find_tags
from studio_simulator.simulator import Simulator
from studio_simulator.state.resources import Resource
from studio_simulator.state.studio import Studio
from studio_simulator.state.tags import merged_tags


class StudioBackend(SageMakerModelBackend):
    """One account and region: all that moto knows of SageMaker, and Studio.

    moto's own reset re-creates it, and moto's tagging API reads it.
    """

    simulator: ClassVar[Simulator]
    """Set once, before the first backend is made."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.studio: Studio = self.simulator.new_studio(account_id, region_name, self.partition)

    @property
    def _url_module(self) -> ModuleType:
        # moto derives it from the class's own module, which here is not moto's.
        return moto.sagemaker.urls

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield everything that has tags, as it is at the moment of the call."""
        with self.studio.lock:
            self.studio.settle()
            found = [*super().iter_tagged_resources(), *self._studio_resources()]
        yield from found

    def _studio_resources(self) -> Iterator[TaggedResource]:
        studio = self.studio
        kinds: dict[str, Iterator[Resource]] = {
            "domain": iter(studio.domains.values()),
            "user-profile": iter(studio.user_profiles.values()),
            "space": iter(studio.spaces.values()),
            "app": (app for app in studio.apps.values() if app.is_active),
            "studio-lifecycle-config": iter(studio.lifecycle_configs.values()),
        }
        for kind, resources in kinds.items():
            for resource in resources:
                yield TaggedResource(resource.arn, dict(resource.tags), f"sagemaker:{kind}")
        for foreign in studio.foreign.values():
            yield TaggedResource(foreign.arn, dict(foreign.tags), foreign.resource_type)

    def owns_arn(self, arn: str) -> bool:
        """Return whether the tagging API changes this resource's tags here."""
        return super().owns_arn(arn) or arn in self.studio.foreign

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Set tags, as the tagging API's TagResources does.

        Raises:
            NotImplementedError: moto's word for an ARN that is not there, which TagResources
                answers with a failure.

        """
        with self.studio.lock:
            own = find_tags(self.studio, arn)
            if own is None:
                raise NotImplementedError
            own.update(merged_tags(own, tags))

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Remove tags, as the tagging API's UntagResources does; raises as `tag_resource` does."""
        with self.studio.lock:
            own = find_tags(self.studio, arn)
            if own is None:
                raise NotImplementedError
            for key in tag_keys:
                own.pop(key, None)
