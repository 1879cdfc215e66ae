"""The back-up's script by bash and the real AWS CLI, against S3 in the simulator's process."""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from studio_operator.kinds.space.features.backup.observed import BackupPlace
from studio_operator.kinds.space.features.backup.script import (
    backup_content,
    backup_place,
    render_request,
)
from studio_simulator.process import SimulatorProcess

from tests.backup.inside import CREDENTIALS, Identity, Inside, script_inside
from tests.e2e.waiting import wait_until

Said = dict[str, Any]
T = TypeVar("T")
# The AWS CLI takes half a second to start, several where other tests take the machine's cores.
PATIENCE_SECONDS = 60.0


def wait_inside(inside: Inside, probe: Callable[[], T], what: str) -> T:
    """Wait for what the script does; past the deadline its log tells what it did instead."""
    return wait_until(probe, what, seconds=PATIENCE_SECONDS, story=lambda: inside.log)


@dataclass
class Scene:
    """One space, its volume, its place in S3, and apps that are ended with the test."""

    endpoint: str
    folder: Path
    running: ExitStack
    bucket: str = field(default_factory=lambda: f"backups-{uuid.uuid4().hex[:12]}")
    identity: Identity = field(default_factory=lambda: Identity("d-a1b2c3d4e5f6", "churn"))
    owner: str = ""

    def __post_init__(self) -> None:
        self.s3: Any = boto3.client(
            "s3",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        self.home = self.folder / "home"
        self.home.mkdir()

    @property
    def s3_uri(self) -> str:
        return f"s3://{self.bucket}/team"

    @property
    def place(self) -> BackupPlace:
        return backup_place(self.s3_uri, self.identity.domain_id, self.identity.space_name)

    def start(
        self, variables: Mapping[str, str] | None = None, folder: str = "container"
    ) -> Inside:
        """Start an app of the space with our script."""
        script = base64.b64decode(backup_content(self.identity.app_type, self.s3_uri, self.owner))
        container = self.folder / folder
        return self.running.enter_context(
            script_inside(self.identity, script, self.endpoint, self.home, container, variables)
        )

    def write(self, path: str, text: str = "content") -> Path:
        """Put a file into the home folder."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def command(self, name: str, *lines: str) -> str:
        """Put a command before the others of its name; a PATH that has it."""
        program = self.folder / "bin" / name
        program.parent.mkdir()
        program.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
        program.chmod(0o755)
        return f"{program.parent}:{os.environ['PATH']}"

    def request(self, requested_at: datetime) -> None:
        """Ask for a back-up as the operator does."""
        body = render_request(requested_at)
        self.s3.put_object(Bucket=self.bucket, Key=self.place.request_key, Body=body)

    def read(self, key: str) -> str | None:
        """The text of an object, or None."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        except (self.s3.exceptions.NoSuchKey, self.s3.exceptions.NoSuchBucket):
            return None
        return str(answer["Body"].read().decode())

    def copied(self) -> dict[str, str]:
        """The files in the back-up, by their paths below the home folder."""
        begin = f"{self.place.prefix}home/"
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=begin).get("Contents", [])
        keys = [one["Key"] for one in listed]
        return {key.removeprefix(begin): self.read(key) or "" for key in keys}

    def completion(self) -> Said | None:
        """What completed.json says."""
        return self._said(self.place.completed_key)

    def failure(self) -> Said | None:
        """What failed.json says."""
        return self._said(self.place.failed_key)

    def _said(self, key: str) -> Said | None:
        text = self.read(key)
        said: Said | None = json.loads(text) if text else None
        return said

    def wait_completion(self, inside: Inside, requested_at: str | None = None) -> Said:
        """Wait for a back-up that answers this request, or none."""

        def answered() -> Said | None:
            said = self.completion()
            return said if said and said["requestedAt"] == requested_at else None

        what = f"a back-up for {requested_at}"
        return wait_inside(inside, answered, what) or {}

    def wait_failure(self, inside: Inside) -> Said:
        """Wait for a failure."""
        return wait_inside(inside, self.failure, "a failure") or {}


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Where S3 is."""
    with SimulatorProcess("--durations", "fast") as process:
        yield process.url


@pytest.fixture
def scene(endpoint: str, tmp_path: Path) -> Iterator[Scene]:
    """A space whose bucket is there."""
    with ExitStack() as running:
        scene = Scene(endpoint, tmp_path, running)
        scene.s3.create_bucket(Bucket=scene.bucket)
        yield scene
