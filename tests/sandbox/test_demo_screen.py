"""The demo draws over itself on a terminal, adds lines elsewhere, and records its last word."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from sandbox.demo_screen import Screen
from sandbox.demo_story import Line
from sandbox.recording import Recording

STARTING = "NAME    STATUS      AGE\nchurn   Starting    1s\n"
RUNNING = "NAME    STATUS      AGE\nchurn   InService   9s\n"
AGED = RUNNING.replace("9s", "10s")


def tell(screen: Screen) -> None:
    screen.headline("A space starts.")
    with screen.view("kubectl get spaces") as view:
        view.update(STARTING, [Line("churn", "Starting", note="it starts")])
        view.update(RUNNING, [Line("churn", "InService")])
        view.update(AGED, [])


def shown(*, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, height=40)
    tell(Screen(console))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_each_change_once() -> None:
    text = shown(terminal=False)
    assert "1  A space starts." in text
    assert text.count("it starts") == 1
    assert text.count("EVENT") == 1
    assert text.count("Starting    1s") == 1
    assert text.count("InService   9s") == 1
    assert "10s" not in text
    assert "\x1b" not in text


def test_a_terminal_ends_with_the_whole_story_and_the_last_table() -> None:
    text = shown(terminal=True)
    last = text.rpartition("\x1b[2K")[2]
    assert "it starts" in last
    assert "10s" in last
    assert "\x1b[?25h" in text  # the cursor is there again


@pytest.mark.parametrize("terminal", [True, False])
def test_a_table_that_changes_without_a_story_stands_alone(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, height=40)
    screen = Screen(console)
    with screen.view("kubectl get spaces") as view:
        view.update(RUNNING, [])
    screen.condition("PendingRestart", "waiting for the app to be stopped")
    assert isinstance(console.file, io.StringIO)
    last = console.file.getvalue().rpartition("\x1b[2K")[2]
    assert "InService" in last
    assert "EVENT" not in last
    assert "waiting for the app to be stopped" in last


def test_a_recording_holds_the_last_word_of_each_stage() -> None:
    recording = Recording()
    tell(Screen(Console(file=io.StringIO()), [recording.console]))
    text = recording.console.export_text()
    assert text.count("kubectl get spaces") == 1
    assert "10s" in text
    assert "1s\n" not in text


def test_the_same_run_gives_the_same_picture_which_fetches_nothing(tmp_path: Path) -> None:
    pictures = []
    for name in ("first.svg", "second.svg"):
        recording = Recording()
        tell(Screen(Console(file=io.StringIO()), [recording.console]))
        recording.save(tmp_path / "images" / name, title="make demo")
        pictures.append((tmp_path / "images" / name).read_text())
    assert pictures[0] == pictures[1]
    assert "url(http" not in pictures[0]
    assert "churn" in "".join(ElementTree.fromstring(pictures[0]).itertext())
