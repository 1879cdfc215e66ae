"""What happens inside a space: its lifecycle configuration runs, as it does where apps are real.

The simulator starts no containers. This takes the very script that an app was started with out of
it, as uploaded, and runs it by bash with the real AWS CLI, a home folder and SageMaker's metadata
file. Both are temporary folders, so that many spaces fit on one machine.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from types_boto3_sagemaker import SageMakerClient

from sandbox.processes import ManagedProcess

ACCOUNT = "123456789012"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
# Seconds between two looks for a request, and until a failed back-up is tried again.
QUICK = {"STUDIO_BACKUP_INTERVAL": "1", "STUDIO_BACKUP_RETRY": "1"}
# A container runs the script first, and the app only if that succeeded.
CONTAINER = 'bash "$0" || exit; echo "the app runs"; exec sleep infinity'
# People in a space are not root: without these, root too minds the permissions of files.
WITHOUT_POWERS = (
    "setpriv",
    "--inh-caps=-dac_override,-dac_read_search",
    "--bounding-set=-dac_override,-dac_read_search",
)


@dataclass(frozen=True)
class Identity:
    """Which space an app belongs to, as SageMaker tells it inside."""

    domain_id: str
    space_name: str
    app_type: str = "JupyterLab"
    region: str = "eu-central-1"

    def metadata(self) -> str:
        """The file resource-metadata.json, with the members that a space of Studio has."""
        path = f"{self.domain_id}/{self.space_name}"
        app = f"arn:aws:sagemaker:{self.region}:{ACCOUNT}:app/{path}"
        return json.dumps(
            {
                "AppType": self.app_type,
                "DomainId": self.domain_id,
                "SpaceName": self.space_name,
                "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/studio",
                "ResourceArn": f"{app}/{self.app_type}/default",
                "ResourceName": "default",
                "AppImageVersion": "",
                "AdditionalMetadata": {"DataZoneDomainId": "dzd_1", "DataZoneScopeName": "dev"},
                "ResourceArnCaseSensitive": f"{app}/{self.app_type.lower()}/default",
                "IpAddressType": "ipv4",
            }
        )


class Inside:
    """A running app: `home` is the space's volume, which outlives it; `folder` is the container."""

    def __init__(self, identity: Identity, script: bytes, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.temporary = folder / "tmp"
        for made in (self.home, self.temporary):
            made.mkdir(parents=True, exist_ok=True)
        (folder / "resource-metadata.json").write_text(identity.metadata(), encoding="utf-8")
        (folder / "on-start.sh").write_bytes(script)

    @property
    def log(self) -> str:
        """What the script wrote into its log."""
        path = self.home / ".studio-operator" / "backup.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def printed(self) -> str:
        """What the script printed, which SageMaker would put into CloudWatch."""
        path = self.folder / "container.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def loop(self) -> int:
        """The process id of the loop in the background."""
        return int(self._lock.read_text(encoding="utf-8"))

    @property
    def is_looping(self) -> bool:
        """Whether the loop lives: it holds its lock as long as it does."""
        with self._lock.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def _lock(self) -> Path:
        return self.temporary / "studio-operator-backup.lock"

    def environment(self, endpoint: str, **variables: str) -> dict[str, str]:
        """What a process in the container finds: little, and nothing of the test's own."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {
            "PATH": path,
            "HOME": "/root",  # as in an image whose user is not sagemaker-user
            "STUDIO_BACKUP_HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "STUDIO_BACKUP_METADATA": str(self.folder / "resource-metadata.json"),
            **CREDENTIALS,
            **QUICK,
            **variables,
        }

    def process(self, environment: Mapping[str, str]) -> ManagedProcess:
        """The container: when it ends, so does all that runs in it."""
        powers = WITHOUT_POWERS if os.geteuid() == 0 else ()
        return ManagedProcess(
            "container",
            [*powers, "bash", "-c", CONTAINER, self.folder / "on-start.sh"],
            log=self.folder / "container.log",
            environment=environment,
            probe=lambda: "the app runs" in self.printed,
        )


@contextmanager
def script_inside(
    identity: Identity,
    script: bytes,
    endpoint: str,
    home: Path,
    folder: Path,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Inside]:
    """An app that was started with a script, and runs as long as the block lasts."""
    inside = Inside(identity, script, home, folder)
    with inside.process(inside.environment(endpoint, **(variables or {}))):
        yield inside


@contextmanager
def app_inside(
    sagemaker: SageMakerClient, domain_id: str, space_name: str, home: Path, folder: Path
) -> Iterator[Inside]:
    """What runs in a space whose app runs in the simulator, as long as the block lasts.

    Args:
        sagemaker: a client of the simulated AWS; S3 is asked at the same address.
        domain_id: the space's domain.
        space_name: the space; its app has to be InService with a lifecycle configuration.
        home: the space's volume: what a later app of the space is given again.
        folder: for what only this app has; a new one for each.

    """
    space = sagemaker.describe_space(DomainId=domain_id, SpaceName=space_name)
    app_type = space["SpaceSettings"]["AppType"]
    app = sagemaker.describe_app(
        DomainId=domain_id, SpaceName=space_name, AppType=app_type, AppName="default"
    )
    assert app["Status"] == "InService", f"the app of {space_name} is {app['Status']}"
    arn = app["ResourceSpec"].get("LifecycleConfigArn")
    assert arn, f"the app of {space_name} was started without a lifecycle configuration"
    config = sagemaker.describe_studio_lifecycle_config(
        StudioLifecycleConfigName=arn.rpartition("/")[2]
    )
    identity = Identity(domain_id, space_name, app_type, sagemaker.meta.region_name)
    script = base64.b64decode(config["StudioLifecycleConfigContent"])
    with script_inside(identity, script, sagemaker.meta.endpoint_url, home, folder) as inside:
        yield inside
