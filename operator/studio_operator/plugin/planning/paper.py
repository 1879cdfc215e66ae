"""AWS on paper: what it has of domains, profiles and spaces, and what each call would make of it.

Everything succeeds at once here, and nothing is in between: creations are InService, deletions are
gone. What AWS might refuse is not known before it is asked.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from studio_operator.aws import parsing
from studio_operator.aws.errors import AwsError
from studio_operator.aws.keys import RecordKey, parse_arn
from studio_operator.aws.tag_keeping import added, removed
from studio_operator.plan.backup_script import is_backup_script, parse_request
from studio_operator.plan.backups import BackupQuestion
from studio_operator.plan.observed import (
    Lingering,
    ObservedApp,
    ObservedBackup,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
    SpaceSettings,
)
from studio_operator.plan.types import Call

# Stands for the account in ARNs of what does not exist yet.
ACCOUNT = "000000000000"
# AWS's size for a space that names none (Developer Guide, studio-updated-jl-admin-guide).
DEFAULT_GIB = 5
_CLEARED = "None"
_BY_OTHER_NAME = {"DomainSettingsForUpdate": "DomainSettings"}


@dataclass
class PaperDomain:
    """One domain and what is in it; a `DomainView`."""

    domain: ObservedDomain | None = None
    spaces: dict[str, ObservedSpace] = field(default_factory=dict)
    apps: dict[str, ObservedApp] = field(default_factory=dict)
    profiles: dict[str, ObservedProfile] = field(default_factory=dict)
    swept_at: float = 0.0
    stale: bool = False


@dataclass(frozen=True)
class PaperRegion:
    """A region's domains; a `RegionView`."""

    domains: tuple[ObservedDomain, ...]
    swept_at: float = 0.0
    stale: bool = False


class PaperAws:
    """All that is known of AWS; `AwsViews` for the planners."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._domains: dict[tuple[str, str], PaperDomain] = {}
        self._scripts: set[tuple[str, str]] = set()  # lifecycle configurations, by region and name
        self._backups_asked: dict[str, datetime | None] = {}  # by the request's key in S3
        self._backups_made: dict[str, datetime | None] = {}

    def copy(self) -> PaperAws:
        """Another sheet with the same on it."""
        other = PaperAws(self.now)
        other._domains = copy.deepcopy(self._domains)
        other._scripts = set(self._scripts)
        other._backups_asked = dict(self._backups_asked)
        other._backups_made = dict(self._backups_made)
        return other

    # --- what planners look at ---

    def view(self, region: str, domain_id: str) -> PaperDomain:
        """A domain and what is in it; an empty one where there is none."""
        return self._domains.get((region, domain_id), PaperDomain())

    def region_view(self, region: str) -> PaperRegion:
        """The domains of a region."""
        found = (one.domain for (place, _), one in self._domains.items() if place == region)
        return PaperRegion(tuple(one for one in found if one is not None))

    def lingering(self, space: RecordKey) -> Lingering | None:  # noqa: ARG002 - a protocol's
        """What else a space has left in AWS is not on paper."""
        return Lingering((), self.now, is_complete=False)

    def backup(self, region: str, question: BackupQuestion) -> ObservedBackup:
        """A back-up that is asked for is made at once, where an app runs that can make it."""
        key = question.place.request_key
        answers = self._backups_made.get(key)
        return ObservedBackup(
            has_script=(region, question.script) in self._scripts,
            looked_at=self.now,
            requested_at=self._backups_asked.get(key),
            answers=answers,
            completed_at=answers,
        )

    def problem(self, region: str, domain_id: str) -> AwsError | None:  # noqa: ARG002 - a protocol's
        """Nothing is ever wrong with paper."""
        return None

    # --- what is entered ---

    def put_domain(self, region: str, domain: ObservedDomain) -> None:
        """Enter a domain."""
        self._place(region, domain.domain_id).domain = domain

    def put_profile(self, region: str, profile: ObservedProfile) -> None:
        """Enter a user profile."""
        self._place(region, profile.domain_id).profiles[profile.name.lower()] = profile

    def put_space(self, region: str, space: ObservedSpace, app: ObservedApp | None = None) -> None:
        """Enter a space, and its app if it has one."""
        place = self._place(region, space.domain_id)
        place.spaces[space.name] = space
        if app is not None:
            place.apps[space.name] = app

    def start_app(self, region: str, domain_id: str, name: str) -> None:
        """Let the app of a space run on the space's own settings."""
        place = self._place(region, domain_id)
        space = place.spaces[name]
        settings = space.settings or SpaceSettings()
        place.apps[name] = ObservedApp(
            space.app_type or "",
            parsing.APP_NAME,
            "InService",
            settings.instance_type,
            settings.image,
        )

    def carry_out(self, region: str, call: Call) -> None:
        """Do what a call would do."""
        given = call.parameters
        if call.operation in {"AddTags", "DeleteTags"}:
            self._change_tags(call)
        elif call.operation == "CreateDomain":
            self._create_domain(region, given)
        elif call.operation == "CreateStudioLifecycleConfig":
            self._scripts.add((region, given["StudioLifecycleConfigName"]))
        elif call.operation == "PutObject":
            self._backups_asked[given["Key"]] = parse_request(given["Body"])
        else:
            _EFFECTS[call.operation](self, region, self._place(region, given["DomainId"]), given)
        self._back_up(region)

    def _back_up(self, region: str) -> None:
        for key, asked in self._backups_asked.items():
            domain_id, name, _ = key.split("/")[-3:]
            found = self.view(region, domain_id)
            space, app = found.spaces.get(name), found.apps.get(name)
            script = space.settings.lifecycle_config_arn if space and space.settings else None
            if app is not None and app.is_active and is_backup_script(script):
                self._backups_made[key] = asked

    def _place(self, region: str, domain_id: str) -> PaperDomain:
        return self._domains.setdefault((region, domain_id), PaperDomain())

    def _create_domain(self, region: str, given: Mapping[str, Any]) -> None:
        domain_id = f"d-planned{len(self._domains) + 1}"
        arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}:domain/{domain_id}"
        domain = parsing.domain_from_request(given, {"DomainId": domain_id, "DomainArn": arn})
        details = {name: value for name, value in given.items() if name != "Tags"}
        self.put_domain(region, replace(self._settled(domain), details=details))

    def _settled(self, thing: Any) -> Any:
        """As it is when AWS has done with it."""
        return replace(
            thing,
            status="InService",
            created_at=thing.created_at or self.now,
            modified_at=self.now,
        )

    def _change_tags(self, call: Call) -> None:
        key = parse_arn(call.parameters["ResourceArn"])
        if key is None:
            return
        place = self._place(key.region, key.domain_id)
        if key.kind == "domain" and place.domain is not None:
            place.domain = _retagged(place.domain, call)
        elif key.kind == "profile":
            place.profiles[key.name] = _retagged(place.profiles[key.name], call)
        elif key.kind == "space":
            place.spaces[key.name] = _retagged(place.spaces[key.name], call)

    def _update_domain(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        if place.domain is not None:
            details = _merged(place.domain.details or {}, given)
            place.domain = replace(self._settled(place.domain), details=details)

    def _delete_domain(self, region: str, _: PaperDomain, given: Mapping[str, Any]) -> None:
        del self._domains[region, given["DomainId"]]

    def _create_profile(self, region: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        path = f"user-profile/{given['DomainId']}/{given['UserProfileName'].lower()}"
        arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}:{path}"
        profile = parsing.profile_from_request(given, {"UserProfileArn": arn})
        place.profiles[profile.name.lower()] = self._settled(profile)

    def _update_profile(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        known = place.profiles[given["UserProfileName"].lower()]
        details = _merged(known.details or {}, given)
        place.profiles[known.name.lower()] = replace(self._settled(known), details=details)

    def _delete_profile(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        del place.profiles[given["UserProfileName"].lower()]

    def _create_space(self, region: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}:space/{given['DomainId']}/{given['SpaceName']}"
        space = self._settled(parsing.space_from_request(given, {"SpaceArn": arn}))
        gib = space.storage_gib
        if gib is None and space.app_type != "JupyterServer":
            gib = _default_gib(place, space.sharing)
        place.spaces[space.name] = replace(space, storage_gib=gib)

    def _update_space(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        known = place.spaces[given["SpaceName"]]
        asked = parsing.space_from_request(given, {})
        place.spaces[known.name] = replace(
            self._settled(known),
            settings=_updated(
                known.settings or SpaceSettings(), asked.settings, given.get("SpaceSettings", {})
            ),
            storage_gib=asked.storage_gib or known.storage_gib,
            display_name=asked.display_name or known.display_name,
        )

    def _delete_space(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        del place.spaces[given["SpaceName"]]
        place.apps.pop(given["SpaceName"], None)

    def _create_app(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        app = parsing.app_from_request(given)
        place.apps[given["SpaceName"]] = replace(app, status="InService", created_at=self.now)

    def _delete_app(self, _: str, place: PaperDomain, given: Mapping[str, Any]) -> None:
        place.apps.pop(given["SpaceName"], None)


_EFFECTS = {
    "UpdateDomain": PaperAws._update_domain,
    "DeleteDomain": PaperAws._delete_domain,
    "CreateUserProfile": PaperAws._create_profile,
    "UpdateUserProfile": PaperAws._update_profile,
    "DeleteUserProfile": PaperAws._delete_profile,
    "CreateSpace": PaperAws._create_space,
    "UpdateSpace": PaperAws._update_space,
    "DeleteSpace": PaperAws._delete_space,
    "CreateApp": PaperAws._create_app,
    "DeleteApp": PaperAws._delete_app,
}


def _default_gib(place: PaperDomain, sharing: str | None) -> int:
    """The volume of a space that names no size: the domain's default, else AWS's."""
    details = (place.domain.details if place.domain else None) or {}
    block = "DefaultSpaceSettings" if sharing == "Shared" else "DefaultUserSettings"
    storage = details.get(block, {}).get("SpaceStorageSettings", {})
    size = storage.get("DefaultEbsStorageSettings", {}).get("DefaultEbsVolumeSizeInGb")
    return int(size or DEFAULT_GIB)


def _retagged(record: Any, call: Call) -> Any:
    if call.operation == "AddTags":
        return replace(record, tags=added(record.tags, call.parameters["Tags"]))
    return replace(record, tags=removed(record.tags, call.parameters["TagKeys"]))


def _updated(
    known: SpaceSettings, asked: SpaceSettings | None, given: Mapping[str, Any]
) -> SpaceSettings:
    """UpdateSpace merges; the word None clears, and so does an empty list."""
    if asked is None:
        return known
    image = known.image
    if asked.image.image_arn:
        version_arn = asked.image.version_arn
        image = replace(asked.image, version_arn=None if version_arn == _CLEARED else version_arn)
    lifecycle = asked.lifecycle_config_arn or known.lifecycle_config_arn
    return SpaceSettings(
        instance_type=asked.instance_type or known.instance_type,
        image=image,
        lifecycle_config_arn=None if lifecycle == _CLEARED else lifecycle,
        idle_minutes=asked.idle_minutes or known.idle_minutes,
        file_systems=asked.file_systems if "CustomFileSystems" in given else known.file_systems,
        code_repositories=asked.code_repositories
        if "CodeRepositories" in given.get("JupyterLabAppSettings", {})
        else known.code_repositories,
        remote_access=asked.remote_access if "RemoteAccess" in given else known.remote_access,
    )


def _merged(details: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Details after an update: structures merge, anything else is replaced."""
    result = dict(details)
    for name, value in given.items():
        known = _BY_OTHER_NAME.get(name, name)
        before = result.get(known)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[known] = _merged(before or {}, value) if both else copy.deepcopy(value)
    return result
