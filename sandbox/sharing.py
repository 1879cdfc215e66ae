"""One control plane for several processes of one test run, such as pytest-xdist's workers.

The first process to ask starts it and owns it; the others find its coordinates in the folder.
Everybody but the owner holds a shared file lock while using it, and the owner stops it only when
it gets that lock for itself. The kernel frees the locks of a process that ends in any way, so
there is no count that could go wrong.
"""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from sandbox.access import Access
from sandbox.control_plane import ControlPlane

COORDINATES = "coordinates.json"


@contextmanager
def shared_control_plane(folder: Path, apply: Sequence[Path] = ()) -> Iterator[Access]:
    """Yield access to the control plane of ``folder``, starting it for the first who asks.

    Its audit log is on. The YAML files in the folders ``apply`` are applied once, at the start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users.lock").open("w") as users:
        with _locked(folder / "start.lock"):
            access = _find(folder)
            if access is None:
                control_plane = _start(folder, apply)
            else:
                fcntl.flock(users, fcntl.LOCK_SH)
        if access is not None:
            yield access
            return
        try:
            yield control_plane.access
        finally:
            _stop_after_last_user(folder, control_plane, users)


def _start(folder: Path, apply: Sequence[Path]) -> ControlPlane:
    # A folder of its own: an earlier one may still be in use by others.
    own = Path(tempfile.mkdtemp(dir=folder, prefix="server-"))
    control_plane = ControlPlane(folder=own, audit_log=own / "audit.log")
    control_plane.start()
    try:
        control_plane.access.apply_folder(*apply)
        coordinates = {key: str(value) for key, value in asdict(control_plane.access).items()}
        (folder / COORDINATES).write_text(json.dumps(coordinates))
    except BaseException:
        control_plane.stop()
        raise
    return control_plane


def _find(folder: Path) -> Access | None:
    """Return access to the control plane that another process runs, if one does.

    Coordinates of an owner that was killed lead nowhere: the server ended with it. A new start
    overwrites them.
    """
    if not (folder / COORDINATES).exists():
        return None
    known = json.loads((folder / COORDINATES).read_text())
    access = Access(
        folder=Path(known["folder"]),
        server=known["server"],
        kubectl_path=Path(known["kubectl_path"]),
        audit_log=Path(known["audit_log"]),
    )
    return access if access.readiness_probe()() else None


def _stop_after_last_user(folder: Path, control_plane: ControlPlane, users: IO[str]) -> None:
    try:
        with _locked(folder / "start.lock"):
            (folder / COORDINATES).unlink()  # from here on a newcomer starts its own
        fcntl.flock(users, fcntl.LOCK_EX)
    finally:
        control_plane.stop()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
