"""The script inside a space copies the home folder to S3, tells of it, and harms no app."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from studio_operator.kinds.space.features.backup.script import (
    SCRIPT,
    parse_completion,
    parse_failure,
)

from tests.backup.conftest import Scene, wait_inside
from tests.backup.inside import Identity

PACKAGE = Path(__file__).parents[2] / "operator" / "studio_operator"
SOURCE = PACKAGE / "kinds/space/features/backup" / SCRIPT
AWS = Path(sys.executable).with_name("aws")
ASKED_AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
ASKED = "2026-02-03T04:05:06Z"


def test_bash_can_read_it() -> None:
    subprocess.run(["bash", "-n", SOURCE], check=True, timeout=10)


def test_the_home_folder_is_copied_when_the_app_starts(scene: Scene) -> None:
    scene.write("notebooks/churn.ipynb", "{}")
    scene.write(".bashrc", "alias ll='ls -l'")
    scene.write("Größe und Maß.txt", "37")
    inside = scene.start()
    said = scene.wait_completion(inside)
    assert scene.copied() == {
        ".bashrc": "alias ll='ls -l'",
        "Größe und Maß.txt": "37",
        "notebooks/churn.ipynb": "{}",
    }
    assert said["appType"] == "JupyterLab"
    assert said["startedAt"] <= said["completedAt"]
    assert scene.failure() is None


def test_what_the_script_tells_is_what_the_operator_reads(scene: Scene) -> None:
    scene.request(ASKED_AT)
    scene.wait_completion(scene.start(), ASKED)
    completion = parse_completion(scene.read(scene.place.completed_key) or "")
    assert completion
    assert completion.requested_at == ASKED_AT
    assert timedelta() <= datetime.now(UTC) - completion.started_at < timedelta(minutes=1)


def test_each_request_is_answered_once(scene: Scene) -> None:
    inside = scene.start()
    scene.wait_completion(inside)
    scene.write("new.txt", "made after the start")
    scene.request(ASKED_AT)
    first = scene.wait_completion(inside, ASKED)
    assert scene.copied() == {"new.txt": "made after the start"}
    scene.request(ASKED_AT)  # the operator, killed after it asked, asks again
    scene.request(ASKED_AT + timedelta(hours=1))
    scene.wait_completion(inside, "2026-02-03T05:05:06Z")
    assert inside.log.count(f"starts, as requested at {ASKED}") == 1
    assert first["appType"] == "JupyterLab"


def test_a_request_made_while_the_app_was_stopped_is_answered_at_its_start(scene: Scene) -> None:
    scene.request(ASKED_AT)
    inside = scene.start()
    scene.wait_completion(inside, ASKED)
    assert inside.log.count(" starts, ") == 1


def test_what_was_deleted_in_the_space_stays_in_the_back_up(scene: Scene) -> None:
    file = scene.write("model.bin", "old")
    inside = scene.start()
    scene.wait_completion(inside)
    file.unlink()
    scene.request(ASKED_AT)
    scene.wait_completion(inside, ASKED)
    assert scene.copied() == {"model.bin": "old"}


def test_caches_other_file_systems_and_links_are_left_out(scene: Scene) -> None:
    scene.write("kept/.cache/kept.txt")
    for left_out in (
        *(".cache/pip/x", ".conda/pkgs/x", "custom-file-systems/efs/fs-1/x", "user-default-efs/x"),
        *("mnt/team data/x", ".local/share/Trash/files/x", ".studio-operator/old.log"),
    ):
        scene.write(left_out)
    (scene.home / "link").symlink_to("/etc/hostname")
    mounts = scene.folder / "mounts"
    mounts.write_text(f"fs-1:/ {scene.home.resolve()}/mnt/team\\040data nfs4 rw 0 0\n")
    scene.wait_completion(scene.start({"STUDIO_BACKUP_MOUNTS": str(mounts)}))
    assert list(scene.copied()) == ["kept/.cache/kept.txt"]


def test_sockets_and_what_is_left_out_never_make_it_fail(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write("kept.txt")
    os.mkfifo(scene.home / "pipe")
    (scene.home / "lost+found").mkdir(mode=0o000)
    scene.write(".cache/secret").chmod(0o000)
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(scene.home)  # a socket's path has to be short
        listening.bind("agent.sock")
        scene.wait_completion(scene.start())
    assert list(scene.copied()) == ["kept.txt"]
    assert scene.failure() is None


def test_a_file_that_cannot_be_read_makes_a_failure_until_it_can(scene: Scene) -> None:
    scene.write("readable.txt")
    locked = scene.write("locked.txt")
    locked.chmod(0o000)
    scene.request(ASKED_AT)
    inside = scene.start()
    said = scene.wait_failure(inside)
    assert f"{locked}. File/Directory is not readable" in said["message"]
    assert (said["requestedAt"], scene.completion()) == (ASKED, None)
    failure = parse_failure(scene.read(scene.place.failed_key) or "")
    assert failure
    assert failure.requested_at == ASKED_AT
    locked.chmod(0o600)
    scene.wait_completion(inside, ASKED)
    assert sorted(scene.copied()) == ["locked.txt", "readable.txt"]


def test_a_file_that_goes_away_while_it_is_copied_is_no_failure(scene: Scene) -> None:
    scene.write("kept.txt")
    aws = scene.command(  # the CLI's own words, which it says of a file it finds no more
        "aws",
        'case "$*" in *sync*) if mkdir "$TMPDIR/seen" 2>/dev/null; then',
        '  echo "warning: Skipping file $5/gone.tmp. File does not exist." >&2; exit 2; fi; esac',
        f'exec {AWS} "$@"',
    )
    inside = scene.start({"PATH": aws})
    scene.wait_completion(inside)
    assert "try 1: " in inside.log
    assert (list(scene.copied()), scene.failure()) == (["kept.txt"], None)


def test_a_role_that_may_list_only_its_prefix_sees_that_nothing_is_requested(
    scene: Scene,
) -> None:
    path = scene.command(  # what S3 answers such a role where an object is not there
        "aws",
        f'{AWS} "$@" 2>"$TMPDIR/said"; code=$?',
        'sed "s/NoSuchKey/AccessDenied/" "$TMPDIR/said" >&2; exit $code',
    )
    inside = scene.start({"PATH": path})
    scene.wait_completion(inside)
    scene.request(ASKED_AT)
    scene.wait_completion(inside, ASKED)
    assert scene.failure() is None


def test_a_request_that_may_not_be_read_is_told(scene: Scene) -> None:
    path = scene.command(
        "aws",
        'case "$*" in *get-object*) echo "An error occurred (AccessDenied)" >&2; exit 254; esac',
        f'exec {AWS} "$@"',
    )
    scene.request(ASKED_AT)
    inside = scene.start({"PATH": path})
    said = scene.wait_failure(inside)
    assert said["message"] == "request.json can't be read: An error occurred (AccessDenied)"


def test_a_place_that_cannot_be_reached_is_tried_again(scene: Scene) -> None:
    scene.s3.delete_bucket(Bucket=scene.bucket)
    scene.write("kept.txt")
    inside = scene.start()
    wait_inside(inside, lambda: inside.log.count("failed: ") > 1, "failures")
    scene.s3.create_bucket(Bucket=scene.bucket)
    scene.wait_completion(inside)
    assert list(scene.copied()) == ["kept.txt"]


def test_a_stop_ends_it_at_once_and_leaves_no_completion(scene: Scene) -> None:
    scene.write("kept.txt")
    slow = scene.folder / "bin" / "aws"  # the CLI, at a copy that takes long
    slow.parent.mkdir()
    slow.write_text(
        '#!/bin/sh\ncase "$*" in *sync*) touch "$TMPDIR/copying"; exec sleep 60; esac\n'
    )
    slow.chmod(0o755)
    inside = scene.start({"PATH": f"{slow.parent}:{os.environ['PATH']}"})
    wait_inside(inside, (inside.temporary / "copying").exists, "a copy")
    os.kill(inside.loop, signal.SIGTERM)
    wait_inside(inside, lambda: not inside.is_looping, "its end")
    assert inside.log.endswith(" stops\n")
    assert [path.name for path in inside.temporary.iterdir() if path.is_dir()] == []
    assert scene.completion() is None
    scene.start(folder="next")
    scene.wait_completion(inside)


def test_two_starts_make_one_loop(scene: Scene) -> None:
    inside = scene.start()
    scene.wait_completion(inside)
    loop = inside.loop
    scene.start()
    wait_inside(inside, lambda: "another one runs already" in inside.log, "a word")
    assert inside.loop == loop
    assert inside.log.count(" starts, ") == 1


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"STUDIO_BACKUP_METADATA": "/nowhere"}, "/nowhere names no domain and space"),
        ({"STUDIO_BACKUP_HOME": "/nowhere"}, "there is no folder /nowhere"),
        ({"PATH": "/usr/bin:/bin"}, "the image has no AWS CLI"),
    ],
)
def test_an_app_starts_even_where_no_back_up_can_be_made(
    scene: Scene, variables: dict[str, str], word: str
) -> None:
    inside = scene.start(variables)  # returns when the app runs
    assert word in inside.printed


def test_the_app_s_role_is_used_whatever_is_in_the_home_folder(scene: Scene) -> None:
    scene.write(".aws/config", "[default]\nregion = nowhere\ncredential_process = /bin/false\n")
    scene.write(".aws/credentials", "[other]\naws_access_key_id = mine\n")
    scene.wait_completion(scene.start({"AWS_PROFILE": "other"}))
    assert sorted(scene.copied()) == [".aws/config", ".aws/credentials"]


def test_a_home_folder_that_is_a_link_is_followed(scene: Scene) -> None:
    scene.write("kept.txt")
    link = scene.folder / "link"
    link.symlink_to(scene.home)
    scene.wait_completion(scene.start({"STUDIO_BACKUP_HOME": str(link)}))
    assert list(scene.copied()) == ["kept.txt"]


def test_a_volume_that_takes_no_more_files_is_backed_up_all_the_same(scene: Scene) -> None:
    scene.write("kept.txt")
    scene.home.chmod(0o555)
    inside = scene.start()
    scene.wait_completion(inside)
    assert list(scene.copied()) == ["kept.txt"]
    assert " starts, " in (inside.temporary / "studio-operator-backup.log").read_text()


def test_code_editor_spaces_are_backed_up_too(scene: Scene) -> None:
    scene.identity = Identity("d-a1b2c3d4e5f6", "editor", "CodeEditor")
    assert scene.wait_completion(scene.start())["appType"] == "CodeEditor"


def test_the_log_is_bounded(scene: Scene) -> None:
    log = scene.home / ".studio-operator" / "backup.log"
    log.parent.mkdir()
    log.write_text("a line of long ago\n" * 20_000, encoding="utf-8")
    inside = scene.start()
    scene.wait_completion(inside)
    assert log.stat().st_size < 80_000
    assert " starts, " in inside.log


def test_a_bucket_of_another_account_gets_no_file(scene: Scene) -> None:
    scene.write("churn.ipynb", "{}")
    scene.owner = "444455556666"
    inside = scene.start()
    refused = "failed: the bucket of account 444455556666 can't be listed"
    wait_inside(inside, lambda: refused in inside.log, "a refusal")
    assert scene.copied() == {}
    assert scene.failure() is None, "not even that is written there"
