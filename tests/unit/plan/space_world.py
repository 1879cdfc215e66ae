"""A small AWS with one space in it, and an engine that never makes the same mistake twice.

It is stricter than AWS: a call that AWS might refuse fails the test at once, so that a planner that
proposes it is caught. Faults are injected on purpose, by the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from studio_operator.api.common import GROUP, MADE_FOR_TAG, OWNER_TAG, REQUESTED_AT
from studio_operator.api.reading import Unreadable, read_spec
from studio_operator.kinds.space.api.rules import TOO_SMALL_FOR_REMOTE_ACCESS
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.features.backup.observed import (
    ObservedBackup,
    ObservedScript,
    ScriptQuestion,
)
from studio_operator.kinds.space.features.backup.questions import (
    place_of,
    script_arn,
    script_question,
)
from studio_operator.kinds.space.features.backup.script import is_same_place, parse_request
from studio_operator.kinds.space.features.backup.script_slots import ScriptSlots
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kinds.space.features.lingering.observed import AT_LINGERING, Lingering
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.forms import image_of
from studio_operator.kinds.space.in_aws.observe import settings_from
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace, SpaceSettings
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.rules import plan_space
from studio_operator.plan.decisions import applies, asked_by
from studio_operator.plan.interpreter import LetGo, Make, Read, next_step
from studio_operator.plan.observed import FileSystem, Observed
from studio_operator.plan.ownership import Elsewhere
from studio_operator.plan.types import (
    Call,
    Declared,
    DomainFacts,
    Failure,
    FailureKind,
    IdleLimits,
    Look,
    Plan,
    ProfileFacts,
    Tuning,
)

from tests.aws_ids import region_at
from tests.unit.plan.style import check_style

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHERE = region_at("eu-central-1")
CLUSTER = "cluster-1"
ARN = "arn:aws:sagemaker:eu-central-1:123456789012:space/d-abc/churn"
DOMAIN = DomainFacts(
    name="research",
    domain_id="d-abc",
    region="eu-central-1",
    arn="arn:aws:sagemaker:eu-central-1:123456789012:domain/d-abc",
    shared_role="arn:aws:iam::123456789012:role/shared",
    file_systems=(
        FileSystem("efs", "fs-0123456789abcdef0"),
        FileSystem("fsxLustre", "fs-0fedcba9876543210"),
    ),
)
OWNER = ProfileFacts(name="alice", user_profile_name="alice", file_systems=())
# Seconds that AWS takes, coarse but of the right order.
TAKES = {"Pending": 20, "Updating": 10, "Deleting": 30}


@dataclass
class AppRecord:
    status: str
    instance_type: str
    image: ImageRef
    created_at: datetime
    until: datetime | None = None
    failure: str | None = None
    script: str | None = None  # the lifecycle configuration that it was started with
    was_backed_up: bool = False


@dataclass
class SpaceWorld:
    """One space, its app, a clock, and the log of calls."""

    spec: SpaceSpec
    unreadable: Unreadable | None = None
    now: datetime = START
    generation: int = 1
    uid: str = "uid-1"
    deleting: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    depends_on: str | None = "at first"  # how what it refers to stands; None while that changes
    domain: DomainFacts | None = DOMAIN
    owner: ProfileFacts | None = OWNER
    owner_lists: tuple[FileSystem, ...] = ()  # what a look at the owner's profile shows
    owner_groups: tuple[str, ...] = ()  # its security groups, as such a look shows them
    owner_idle: Mapping[str, bool] = field(default_factory=dict)  # its switches, likewise
    owner_in_aws: Observed | None = None  # the profile that owns the space there
    owned: datetime | None = None  # age of the space that this process has seen with the mark
    ran_on: str | None = None  # the type on which this process saw the app run
    is_observed: bool = True
    rival: str | None = None
    rival_is_leaving: bool = False
    namesake: str | None = None
    elsewhere: tuple[Elsewhere, ...] = ()  # what AWS has with its mark and the spec does not name
    space: ObservedSpace | None = None
    space_until: datetime | None = None
    app: AppRecord | None = None
    status: SpaceStatus = field(default_factory=SpaceStatus)
    stored: SpaceStatus = field(default_factory=SpaceStatus)
    failure: Failure | None = None
    faults: list[tuple[str, FailureKind]] = field(default_factory=list)
    before_update: tuple[ObservedSpace, SpaceSettings] | None = None
    failing_updates: int = 0  # updates to come that AWS takes and fails at later
    start_failures: list[str] = field(default_factory=list)
    log: list[Call] = field(default_factory=list)
    released: bool = False
    settings: SpaceSettings = field(default_factory=SpaceSettings)
    known_settings: SpaceSettings | None = None
    volume_changed_at: datetime | None = None
    horizon: datetime | None = None
    lingering: tuple[str, ...] = ()
    seen_lingering: Lingering | None = None
    known_types: frozenset[str] = frozenset()  # of the AWS SDK
    # Lifecycle configurations by name, and whom each was made for.
    scripts: dict[str, str] = field(default_factory=dict)
    seen_scripts: dict[str, bool] = field(default_factory=dict)  # as last looked at
    script_observed_at: datetime | None = None
    foreign_scripts: bool = False  # whether others hold each name of a script
    slots: ScriptSlots | None = None  # of this process of the operator
    tuning: Tuning = field(default_factory=Tuning)
    look_faults: dict[str, FailureKind] = field(default_factory=dict)
    lists_scripts: bool = True  # whether listings of apps have what an app was started with
    s3: ObservedBackup = field(default_factory=ObservedBackup)  # what S3 holds of the back-up
    backup: ObservedBackup = field(default_factory=ObservedBackup)  # as last looked at
    backups_fail: str | None = None
    # Seconds until a failed call is tried again; others take five.
    pauses: dict[FailureKind, float] = field(
        default_factory=lambda: {FailureKind.ACCESS: 600, FailureKind.QUOTA: 600}
    )

    # --- the engine --------------------------------------------------------------------------

    def situation(self) -> SpaceSituation:
        declared = Declared(
            name="churn",
            namespace="ml-team",
            uid=self.uid,
            generation=self.generation,
            created_at=START,
            spec=self.spec,
            deleting=self.deleting,
            finalizer=True,
            annotations=self.annotations,
            unreadable=self.unreadable,
            depends_on=self.depends_on,
        )
        situation = SpaceSituation(
            declared=declared,
            status=self.status,
            domain=self.domain,
            owner=self.owner,
            is_observed=self.is_observed,
            space=self._seen_space() if self.is_observed else None,
            was_owned=self._was_owned(),
            elsewhere=self.elsewhere,
            ran_on=self._ran_on(),
            owner_in_aws=self.owner_in_aws,
            app=self._seen_app() if self.is_observed else None,
            cluster=CLUSTER,
            now=self.now,
            failure=self.failure if applies(self.failure, declared) else None,
            rival=self.rival,
            rival_is_leaving=self.rival_is_leaving,
            namesake=self.namesake,
            lingering=self.seen_lingering,
            known_instance_types=self.known_types,
            tuning=self.tuning,
        )
        question = script_question(situation)
        if question is None or place_of(situation) is None:
            return situation
        exists = self.seen_scripts.get(question.name)
        script = ObservedScript(
            exists,
            full=self.slots.full(WHERE, question.name, question.made_for) if self.slots else None,
            is_foreign=self.foreign_scripts and exists is False,
            observed_at=self.script_observed_at,
        )
        return replace(situation, script=script, backup=self.backup)

    def _was_owned(self) -> bool:
        mark = f"{CLUSTER}/ml-team/churn/{self.uid}"
        if self.space is not None and (self.space.tags or {}).get(OWNER_TAG) == mark:
            self.owned = self.space.created_at
        return self.space is not None and self.owned == self.space.created_at

    def _ran_on(self) -> str | None:
        if self.app is not None and self.app.status == "InService" and self._was_owned():
            self.ran_on = self.app.instance_type
        return self.ran_on

    def plan(self) -> Plan[SpaceStatus]:
        plan = plan_space(self.situation())
        check_style(plan)
        return plan

    def step(self) -> Plan[SpaceStatus]:
        """One pass: plan, look or act or wait, remember."""
        plan = self.plan()
        step = next_step(plan)
        if isinstance(step, Read):
            self._look_or_fail(step.looks)
            return plan
        if not isinstance(step, Make) or step.record_first:
            self.stored = plan.status
        self.status = plan.status
        if isinstance(step, LetGo):
            self.released = True
        elif isinstance(step, Make):
            self._act(step.call)
        else:
            self._wait(plan.wake_at)
        return plan

    def run(self, steps: int = 60) -> Plan[SpaceStatus]:
        """Until nothing is left to do within half a day; the last plan."""
        for _ in range(steps):
            moving = self.is_moving()
            plan = self.step()
            soon = plan.wake_at is not None and plan.wake_at - self.now < timedelta(hours=12)
            if self.released or not (moving or plan.call or plan.looks or soon):
                return plan
        raise AssertionError(f"no end after {steps} steps: {self.names_of_calls()}, {plan}")

    def live(self, until: datetime) -> None:
        """Go on until that moment, whatever is left to do then."""
        self.horizon = until
        for _ in range(500):
            plan = self.step()
            if self.now >= until and plan.call is None and not plan.looks:
                self.horizon = None
                return
        raise AssertionError(f"no rest until {until}: {self.names_of_calls()[-10:]}")

    def sleep(self, until: datetime) -> None:
        """The operator is down until that moment, while AWS goes on."""
        while self.now < until:
            times = [t for t in (self.space_until, self.app.until if self.app else None) if t]
            due = min([*times, until])
            self.tick(max((due - self.now).total_seconds(), 0))
        self.crash()

    def is_moving(self) -> bool:
        """Whether AWS has something under way."""
        return self.space_until is not None or bool(self.app and self.app.until)

    def is_running(self) -> bool:
        """Whether the app runs or starts."""
        return self.app is not None and self.app.status in {"Pending", "InService"}

    def crash(self) -> None:
        """The operator is killed: what was not stored is forgotten."""
        self.status, self.failure = self.stored, None
        self.known_settings, self.backup, self.seen_scripts = None, ObservedBackup(), {}
        self.owned = self.ran_on = self.slots = self.script_observed_at = None

    def lose_status(self, uid: str | None = None) -> None:
        """The resource is restored without its status; `uid`: in a cluster built anew."""
        self.stored, self.uid = SpaceStatus(), uid or self.uid
        self.crash()

    def edit(self, **changes: Any) -> None:
        """A new spec is applied."""
        if changes.get("backup", self.spec.backup) != self.spec.backup:
            self._move_backups(changes["backup"])
        spec = {**self.spec.dump(), **changes}
        self.spec = SpaceSpec.model_validate({k: v for k, v in spec.items() if v is not None})
        self.generation += 1
        self.failure = None

    def apply(self, raw: Mapping[str, Any]) -> None:
        """A spec as it is committed is applied, also one that can't be read."""
        self.spec, self.unreadable = read_spec(SpaceSpec, raw)
        self.generation += 1
        self.failure = None

    def _move_backups(self, wanted: Mapping[str, Any] | None) -> None:
        before = self.spec.backup
        if before is not None and wanted is not None and before.s3_uri != wanted["s3Uri"]:
            self.s3, self.backup = ObservedBackup(), ObservedBackup()

    def ask(self, token: str) -> None:
        self.annotations = {REQUESTED_AT: token}
        self.failure = None

    def request(self, verb: str, value: str) -> None:
        """A person annotates the resource."""
        self.annotations = {**self.annotations, f"{GROUP}/{verb}": value}
        self.failure = None

    def calls(self, operation: str) -> list[Mapping[str, Any]]:
        return [call.parameters for call in self.log if call.operation == operation]

    def names_of_calls(self) -> list[str]:
        return [call.operation for call in self.log]

    def condition(self, type_: str) -> str | None:
        found = self.status.condition(type_)
        return found.reason if found else None

    # --- people and AWS ------------------------------------------------------------------------

    def person_stops(self) -> None:
        if self.app and self.app.status in {"Pending", "InService"}:
            self.app.status, self.app.until = "Deleted", None

    def person_starts(self) -> None:
        if self.space and self.space.status == "InService" and not self._app_is_active():
            settings = self.settings
            if settings.remote_access and settings.instance_type in TOO_SMALL_FOR_REMOTE_ACCESS:
                return
            script = settings.lifecycle_config_arn
            self._new_app(settings.instance_type or "ml.t3.medium", settings.image, script)

    def person_resizes(self, instance_type: str) -> None:
        if self.space and self.space.status == "InService" and not self._app_is_active():
            self.settings = replace(self.settings, instance_type=instance_type)
            self._touch()

    def person_grows(self, gib: int) -> None:
        if self.space and self.space.status == "InService" and not self._app_is_active():
            self.space = replace(self.space, storage_gib=max(gib, self.space.storage_gib or 5))
            self._touch()

    def app_fails(self, reason: str) -> None:
        assert self.app is not None
        self.app.status, self.app.failure, self.app.until = "Failed", reason, None

    def tick(self, seconds: float) -> None:
        """Time passes; what is due happens."""
        self.now += timedelta(seconds=seconds)
        if self.space and self.space_until and self.now >= self.space_until:
            self.space_until = None
            if self.space.status == "Deleting":
                self.space, self.app = None, None
            elif self.before_update is not None:
                self._end_in_failure(*self.before_update)
            else:
                self.space = replace(self.space, status="InService")
                self._touch()
        if self.app and self.app.until and self.now >= self.app.until:
            self.app.until = None
            self._end_of_app_transition(self.app)
        self._run_script()

    def _end_in_failure(self, space: ObservedSpace, settings: SpaceSettings) -> None:
        """The update ends in Update_Failed, with the settings as they were."""
        assert self.space is not None
        self.space = replace(
            self.space,
            status="Update_Failed",
            storage_gib=space.storage_gib,
            display_name=space.display_name,
            failure="the disk is on fire",
        )
        self.settings, self.before_update = settings, None
        self._touch()

    def _run_script(self) -> None:
        """What the script inside does: a back-up at the start, and one for each request."""
        app = self.app
        if app is None or app.status != "InService":
            return
        if not is_same_place(app.script, script_arn(self.situation())):
            return
        if app.was_backed_up and self.s3.answers == self.s3.requested_at:
            return
        if self.backups_fail:
            self.s3 = replace(self.s3, failure=self.backups_fail, failed_for=self.s3.requested_at)
            return
        app.was_backed_up = True
        self.s3 = replace(
            self.s3, answers=self.s3.requested_at, completed_at=self.now, failure=None
        )

    def _end_of_app_transition(self, app: AppRecord) -> None:
        if app.status == "Deleting":
            app.status = "Deleted"
        elif self.start_failures:
            app.status, app.failure = "Failed", self.start_failures.pop(0)
        else:
            app.status = "InService"

    # --- what a call does ------------------------------------------------------------------------

    def _act(self, call: Call) -> None:
        self.log.append(call)
        if self.faults and self.faults[0][0] == call.operation:
            self._fail(call, self.faults.pop(0)[1])
            return
        if call.operation == "DeleteApp" and self.app and self.app.status == "Pending":
            self._fail(call, FailureKind.BUSY)  # not documented: the strict reading
            return
        getattr(self, f"_{call.operation}")(call.parameters)
        self.failure = None

    def _fail(self, call: Call, kind: FailureKind) -> None:
        hopeless = {FailureKind.INVALID, FailureKind.COOLDOWN} - self.pauses.keys()
        pause = self.pauses.get(kind, 5)
        self.failure = Failure(
            operation=call.operation,
            kind=kind,
            code=kind.name,
            message=f"AWS refuses: {kind.value}",
            at=self.now,
            attempts=1,
            retry_at=None if kind in hopeless else self.now + timedelta(seconds=pause),
            generation=self.generation,
            requested_at=asked_by(self.situation().declared),
            depends_on=self.depends_on,
        )

    def _CreateSpace(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.space is None, "the space exists"
        wanted = p["SpaceSettings"]
        self._check_volume(wanted)
        storage = wanted.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
        self.space = ObservedSpace(
            domain_id=p["DomainId"],
            name=p["SpaceName"],
            status="Pending",
            sharing=p["SpaceSharingSettings"]["SharingType"],
            owner=p["OwnershipSettings"]["OwnerUserProfileName"],
            app_type=wanted["AppType"],
            storage_gib=storage.get("EbsVolumeSizeInGb", 5),
            display_name=p.get("SpaceDisplayName"),
            created_at=self.now,
            arn=ARN,
            tags={tag["Key"]: tag["Value"] for tag in p["Tags"]},
        )
        self._take_settings(wanted)
        self.known_settings = self.settings
        self.space_until = self.now + timedelta(seconds=TAKES["Pending"])

    def _UpdateSpace(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.space is not None
        assert self.space.status in {"InService", "Update_Failed"}, self.space.status
        assert not self._app_is_active(), "UpdateSpace while an app exists"
        wanted = p.get("SpaceSettings", {})
        assert "AppType" not in wanted
        self._check_volume(wanted)
        if self.failing_updates:
            self.failing_updates -= 1
            self.before_update = (self.space, self.settings)
        storage = wanted.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
        if storage:
            self._grow(storage["EbsVolumeSizeInGb"])
        self._take_settings(wanted)
        self.space = replace(
            self.space,
            status="Updating",
            failure=None,
            display_name=p.get("SpaceDisplayName", self.space.display_name),
        )
        self._touch()
        self.space_until = self.now + timedelta(seconds=TAKES["Updating"])

    def _grow(self, gib: int) -> None:
        assert self.space is not None
        assert gib > (self.space.storage_gib or 0), "a volume never shrinks"
        last = self.volume_changed_at
        assert last is None or self.now >= last + timedelta(hours=6), "a growth in the cool-down"
        self.volume_changed_at = self.now
        self.space = replace(self.space, storage_gib=gib)

    def _CreateApp(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.space is not None
        assert self.space.status == "InService", self.space.status
        assert not self._app_is_active(), "one app a space"
        wanted = p["ResourceSpec"]
        for mounted in self.settings.file_systems:
            assert self.may_mount(mounted), "an app that mounts what nobody attaches"
        if self.settings.remote_access:
            assert wanted["InstanceType"] not in TOO_SMALL_FOR_REMOTE_ACCESS, "too small for it"
        assert wanted.get("SageMakerImageArn"), "SageMaker Image ARN is required"
        image = image_of(wanted)
        self._new_app(wanted["InstanceType"], image, wanted.get("LifecycleConfigArn"))

    def _DeleteApp(self, _: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.app is not None
        assert self.app.status == "InService", self.app.status
        self.app.status = "Deleting"
        self.app.until = self.now + timedelta(seconds=TAKES["Deleting"])

    def _DeleteSpace(self, _: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.deleting, "DeleteSpace without a deletion"
        assert self.spec.deletion_policy == "Delete", "DeleteSpace without the policy"
        assert self.space is not None
        assert not self._app_is_active(), "DeleteSpace while an app exists"
        self.space = replace(self.space, status="Deleting")
        self.space_until = self.now + timedelta(seconds=TAKES["Deleting"])

    def _CreateStudioLifecycleConfig(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        name = p["StudioLifecycleConfigName"]
        assert name not in self.scripts, "the lifecycle configuration exists"
        self.scripts[name] = {tag["Key"]: tag["Value"] for tag in p["Tags"]}[MADE_FOR_TAG]
        self.seen_scripts[name], self.script_observed_at = True, self.now

    def _PutObject(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        assert p["Key"].endswith("d-abc/churn/request.json")
        asked = parse_request(p["Body"])
        assert asked is not None
        assert asked != self.s3.requested_at, "the same is asked for already"
        self.s3 = replace(self.s3, requested_at=asked)
        self.backup = replace(self.backup, requested_at=asked)

    def _AddTags(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.space is not None
        added = {tag["Key"]: tag["Value"] for tag in p["Tags"]}
        self.space = replace(self.space, tags={**(self.space.tags or {}), **added})

    def _DeleteTags(self, p: Mapping[str, Any]) -> None:  # noqa: N802
        assert self.space is not None
        left = {k: v for k, v in (self.space.tags or {}).items() if k not in p["TagKeys"]}
        self.space = replace(self.space, tags=left)

    # --- small parts -----------------------------------------------------------------------------

    def _take_settings(self, given: Mapping[str, Any]) -> None:
        """Settings merge: what is not given stays."""
        before, asked = self.settings, settings_from({"AppType": self.spec.app, **given})
        for mounted in set(asked.file_systems) - set(before.file_systems):
            assert self.may_mount(mounted), "a file system that is not attached"
        app_settings = given.get(f"{self.spec.app}AppSettings", {})
        spec = app_settings.get("DefaultResourceSpec", {})
        lifecycle = spec.get("LifecycleConfigArn", before.lifecycle_config_arn)
        image = before.image
        if "SageMakerImageArn" in spec:
            known = image if image.image_arn == spec["SageMakerImageArn"] else ImageRef()
            version_arn = spec.get("SageMakerImageVersionArn", known.version_arn)
            image = ImageRef(
                spec["SageMakerImageArn"],
                spec.get("SageMakerImageVersionAlias", known.version_alias),
                None if version_arn == "None" else version_arn,
            )
        idle = app_settings.get("AppLifecycleManagement", {}).get("IdleSettings", {})
        if idle:
            assert idle["IdleTimeoutInMinutes"] in self._idle_limits(), "an idle time not allowed"
        self.settings = SpaceSettings(
            instance_type=spec.get("InstanceType", before.instance_type),
            image=image,
            lifecycle_config_arn=None if lifecycle == "None" else lifecycle,
            idle_minutes=idle.get("IdleTimeoutInMinutes", before.idle_minutes),
            file_systems=asked.file_systems
            if "CustomFileSystems" in given
            else before.file_systems,
            code_repositories=asked.code_repositories
            if "CodeRepositories" in app_settings
            else before.code_repositories,
            remote_access=asked.remote_access if "RemoteAccess" in given else before.remote_access,
        )

    def _check_volume(self, wanted: Mapping[str, Any]) -> None:
        own = self.owner.maximum_gib if self.owner and not self.spec.is_shared else None
        maximum = own or (self.domain.maximum_gib if self.domain else None)
        size = wanted.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
        if maximum is not None:
            assert size.get("EbsVolumeSizeInGb", 0) <= maximum, "a volume above the maximum"

    def _idle_limits(self) -> IdleLimits:
        own = self.owner.idle_limits if self.owner and not self.spec.is_shared else {}
        of_domain = self.domain.idle_limits if self.domain else {}
        return {**of_domain, **own}.get(self.spec.app, IdleLimits())

    def may_mount(self, system: FileSystem) -> bool:
        """Whether the domain or the owner's profile attaches it for the space."""
        of_domain = (self.domain.file_systems if self.domain else None) or ()
        owner = self.owner if not self.spec.is_shared else None
        known = owner.file_systems if owner else ()
        return system in ((self.owner_lists if known is None else known) or of_domain)

    def _new_app(self, instance_type: str, image: ImageRef, script: str | None = None) -> None:
        until = self.now + timedelta(seconds=TAKES["Pending"])
        # AWS takes a start within 24 hours for an update of the app that was there before.
        created_at = self.app.created_at if self.app is not None else self.now
        self.app = AppRecord("Pending", instance_type, image, created_at, until, script=script)

    def _touch(self) -> None:
        assert self.space is not None
        first = self.space.modified_at is None and self.known_settings is not None
        self.space = replace(self.space, modified_at=self.now)
        if not first:
            self.known_settings = None

    def _app_is_active(self) -> bool:
        return self.app is not None and self.app.status in {"Pending", "InService", "Deleting"}

    def _seen_space(self) -> ObservedSpace | None:
        return replace(self.space, details=self.known_settings) if self.space else None

    def _seen_app(self) -> ObservedApp | None:
        if self.app is None:
            return None
        return ObservedApp(
            app_type=self.spec.app,
            name="default",
            status=self.app.status,
            instance_type=self.app.instance_type,
            image=self.app.image,
            created_at=self.app.created_at,
            failure=self.app.failure,
            lifecycle_config_arn=self.app.script if self.lists_scripts else None,
        )

    def _look_or_fail(self, looks: frozenset[Look]) -> None:
        names = sorted(look.name for look in looks)
        fault = next((self.look_faults[one] for one in names if one in self.look_faults), None)
        if fault is None:
            self._look(looks)
        else:
            operations = {"script": "DescribeStudioLifecycleConfig", "backup": "GetObject"}
            self._fail(Call(operations[names[0]], {}), fault)

    def _look(self, looks: frozenset[Look]) -> None:
        if "script" in {look.name for look in looks}:
            question = script_question(self.situation())
            assert question is not None
            assert self._is_script_unseen(question), "what AWS has is known, and no start is due"
            self.script_observed_at = self.now
            self.seen_scripts[question.name] = (
                question.name in self.scripts and not self.foreign_scripts
            )
            if question.name not in self.scripts:
                self._count_scripts(question)
            return
        self._look_at_rest(looks)

    def _is_script_unseen(self, question: ScriptQuestion) -> bool:
        """Whether nobody looked at it, or a start is due and needs a newer look."""
        if question.name not in self.seen_scripts or self.script_observed_at is None:
            return True
        fresh = timedelta(seconds=self.tuning.of(BackupTuning).script_fresh_seconds)
        return not self.is_running() and self.now - self.script_observed_at >= fresh

    def _look_at_rest(self, looks: frozenset[Look]) -> None:
        if Look.OWNER in looks:
            assert self.owner is not None
            assert self.owner.file_systems is None, "what the profile attaches was known"
            groups = self.owner_groups
            self.owner = replace(
                self.owner,
                file_systems=self.owner_lists,
                security_groups=groups,
                idle_enabled=self.owner_idle,
            )
            return
        assert self.space is not None
        if "backup" in {look.name for look in looks}:
            assert self.backup.looked_at is None or self.backup.looked_at < self.now
            self.backup = replace(self.s3, looked_at=self.now)
        if Look.SETTINGS in looks:
            assert self.known_settings is None, "the settings were known"
            self.known_settings = self.settings
        if Look.TAGS in looks:
            assert self.space.tags is None, "the tags were known"
            self.space = replace(self.space, tags={})
        if AT_LINGERING in looks:
            assert self.seen_lingering is None or self.seen_lingering.looked_at < self.now
            self.seen_lingering = Lingering(self.lingering, self.now)
        if Look.APP in looks:
            assert self.app is not None
            assert self.app.failure is None
            self.app.failure = ""

    def _count_scripts(self, question: ScriptQuestion) -> None:
        if self.slots is None:
            tuning = self.tuning.of(BackupTuning)
            self.slots = ScriptSlots(tuning.scripts_per_namespace, tuning.scripts)
        self.slots.found(WHERE, self.scripts.items())
        self.slots.take(WHERE, question.name, question.made_for)

    def _wait(self, wake_at: datetime | None) -> None:
        """Until the next thing that is due, at most an hour."""
        times = [t for t in (self.space_until, self.app.until if self.app else None, wake_at) if t]
        due = min(times, default=self.horizon or self.now + timedelta(seconds=60))
        if self.horizon is not None:
            due = min(due, max(self.horizon, self.now))
        self.tick(min(max((due - self.now).total_seconds(), 1.0), 3600.0 * 7))
