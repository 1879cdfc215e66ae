"""A lifecycle configuration fails: whose it is, what to edit, and that a mended one starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.plan.remedies import Edit, edits_of
from studio_operator.plan.types import DomainFacts, ProfileFacts

from generators.reason_examples import STARTING, failed_script, planned, shown, space
from tests.unit.plan.space_world import DOMAIN, OWNER, SpaceWorld
from tests.unit.plan.test_space import make_world, ready

CONFIG = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config"
BAD, GOOD, SETUP = f"{CONFIG}/bad", f"{CONFIG}/good", f"{CONFIG}/setup"
FAILED = "LifecycleConfig script failed"
OF_DOMAIN = replace(DOMAIN, default_scripts={"JupyterLab": BAD})
OF_OWNER = replace(OWNER, default_scripts={"JupyterLab": BAD})
PATH = "jupyterLab.defaultResourceSpec.lifecycleConfigArn"


class Inheriting(SpaceWorld):
    """A world where AWS shows the default that an app without a script of its own starts with."""

    says_script: bool = True
    built_in: str | None = None

    def _seen_app(self) -> ObservedApp | None:
        app = super()._seen_app()
        if app is None or self.app is None:
            return app
        if self.app.script is None and self.app.status == "Pending":
            self.app.script = self.default
        script = self.app.script if self.says_script else None
        return replace(app, lifecycle_config_arn=script, built_in_config_arn=self.built_in)

    @property
    def default(self) -> str | None:
        scripts: list[DomainFacts | ProfileFacts | None] = [self.owner, self.domain]
        found = (one.default_scripts.get("JupyterLab") for one in scripts if one is not None)
        return next((one for one in found if one), None)


def failed_world(
    *, domain: DomainFacts = DOMAIN, owner: ProfileFacts = OWNER, **parts: Any
) -> Inheriting:
    spec = parts.pop("spec", {})
    world = Inheriting(make_world(**spec).spec)
    world.domain, world.owner = domain, owner
    for name, value in parts.items():
        setattr(world, name, value)
    world.start_failures = [FAILED]
    world.run()
    assert world.condition("Stalled") == "LifecycleConfigFailed"
    assert world.names_of_calls().count("CreateApp") == 1
    return world


def offered(world: SpaceWorld) -> list[str]:
    """Each edit, by its field and by the resource that it is to be made on."""
    edits: tuple[Edit, ...] = edits_of(world.plan().remedies)
    return [f"{edit.on or 'this'} {edit.path}" for edit in edits]


def said(world: SpaceWorld) -> str:
    stalled = next(one for one in world.status.conditions if one.type == "Stalled")
    assert "/aws/sagemaker/studio" in stalled.message
    return stalled.message


def test_the_spaces_own_script_is_corrected_there() -> None:
    world = failed_world(spec={"lifecycleConfigArn": BAD}, domain=OF_DOMAIN)
    assert offered(world) == ["this lifecycleConfigArn"]


def test_one_that_others_set_on_the_space_is_replaced_there() -> None:
    world = failed_world(domain=OF_DOMAIN)
    world.settings = replace(world.settings, lifecycle_config_arn=BAD)
    world._touch()
    assert offered(world) == []  # the settings have to be looked at first
    world.run()
    assert offered(world) == ["this lifecycleConfigArn"]


def test_the_default_of_the_domain_is_corrected_in_the_domain() -> None:
    world = failed_world(domain=OF_DOMAIN)
    assert offered(world) == [f"StudioDomain ml-team/research defaultUserSettings.{PATH}"]


def test_the_default_of_the_profile_goes_before_the_domains() -> None:
    world = failed_world(domain=OF_DOMAIN, owner=OF_OWNER)
    assert offered(world) == [f"UserProfile alice userSettings.{PATH}"]


def test_a_shared_space_starts_with_the_default_of_shared_spaces() -> None:
    _, plan = planned(
        space(
            spec={"sharing": "Shared", "ownerRef": None},
            status=STARTING,
            space=shown(sharing="Shared", owner=None),
            domain=OF_DOMAIN,
            owner=None,
            app=failed_script(BAD),
        )
    )
    (edit,) = edits_of(plan.remedies)
    assert (str(edit.on), edit.path) == (
        "StudioDomain ml-team/research",
        f"defaultSpaceSettings.{PATH}",
    )


def test_the_owner_is_looked_at_before_the_domain_is_blamed() -> None:
    unknown = replace(OWNER, file_systems=None)
    world = Inheriting(make_world().spec)
    world.domain, world.owner = OF_DOMAIN, unknown
    world.start_failures = [FAILED]
    for _ in range(60):
        world.step()
        if world.condition("Stalled") or "owner" in [one.name for one in world.plan().looks]:
            break
    assert [one.name for one in world.plan().looks] == ["owner"]


def test_a_mended_default_starts_the_app_by_itself() -> None:
    world = failed_world(domain=OF_DOMAIN)
    world.domain = replace(OF_DOMAIN, default_scripts={"JupyterLab": GOOD})
    world.run()
    assert ready(world)


def test_a_default_that_is_taken_away_starts_the_app_too() -> None:
    world = failed_world(domain=DOMAIN, owner=OF_OWNER)
    world.owner = OWNER
    world.run()
    assert ready(world)


def test_a_default_that_fails_again_is_not_tried_on_and_on() -> None:
    world = failed_world(domain=OF_DOMAIN)
    world.domain = replace(OF_DOMAIN, default_scripts={"JupyterLab": GOOD})
    world.start_failures = [FAILED] * 10
    world.run()
    assert world.names_of_calls().count("CreateApp") == 2
    assert world.condition("Stalled") == "LifecycleConfigFailed"


def test_where_aws_does_not_say_the_script_a_start_is_offered_too() -> None:
    world = failed_world(domain=OF_DOMAIN, says_script=False)
    assert offered(world) == [f"StudioDomain ml-team/research defaultUserSettings.{PATH}"]
    assert "kubectl studio start churn" in said(world)
    world.domain = replace(OF_DOMAIN, default_scripts={"JupyterLab": GOOD})
    world.run()
    assert world.names_of_calls().count("CreateApp") == 1


def test_a_built_in_script_is_named() -> None:
    world = failed_world(built_in=SETUP)
    assert offered(world) == []
    assert "mend the built-in script setup" in said(world).lower()


@pytest.mark.parametrize(("says_script", "named"), [(True, "script bad"), (False, "the script")])
def test_where_nobody_can_tell_whose_script_it_is_the_message_says_so(
    says_script: bool, named: str
) -> None:
    world = failed_world(says_script=says_script)
    if says_script:  # one that no default names any more, in a domain that nobody has described
        assert world.app is not None
        world.app.script = BAD
        world.domain = replace(DOMAIN, file_systems=None)
        world.run()
    assert offered(world) == []
    assert "nobody can tell whose script it was" in said(world)
    assert named in said(world)
