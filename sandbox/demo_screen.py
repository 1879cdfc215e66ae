"""Shows the demo: live on a terminal, line by line elsewhere, and for a recording its last word."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sandbox.demo_story import Line, without_age
from sandbox.recording import WIDTH

INDENT = 3
# So that lines stand below each other, whether printed at once or one by one.
SECONDS_WIDTH, NAME_WIDTH, PHASE_WIDTH, STEP_WIDTH = 5, 15, 9, 13
# Lines of the terminal that the headline, the command and the table take.
ROOM_FOR_TABLE = 12
WORDS = (
    (r"\b(InService|True)\b", "green"),
    (r"\b(Pending|Starting|Stopping|Resizing|Updating|False)\b", "yellow"),
    (r"\b(Stopped)\b", "cyan"),
    (r"\b(Failed)\b", "red"),
)


class View:
    """A table and what happened since the headline; ``update`` is called whenever one changes."""

    def __init__(self, screen: Screen, command: str) -> None:
        self._screen = screen
        self._command = command
        self._began = time.monotonic()
        self._table = ""
        self._story: list[tuple[int, Line]] = []
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._screen.is_live:
            self._live = Live(
                get_renderable=self._frame, console=self._screen.console, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._screen.console.print(self._whole())
        for recording in self._screen.recordings:
            recording.print(self._whole())

    def update(self, table: str, lines: Sequence[Line]) -> None:
        """Show the table, and the lines below those shown before."""
        seconds = round(time.monotonic() - self._began)
        fresh = [(seconds, line) for line in lines]
        self._story += fresh
        changed = without_age(table) != without_age(self._table)
        self._table = table
        if self._live is not None:
            self._live.refresh()
            return
        if fresh:
            first = len(fresh) == len(self._story)
            self._screen.console.print(_indented(_story(fresh, with_head=first)))
        if changed:
            self._screen.console.print(self._shown_table())

    def _frame(self) -> RenderableType:
        """What fits on the terminal: the table, and the end of the story."""
        room = max(3, self._screen.console.height - ROOM_FOR_TABLE)
        seconds = f"{time.monotonic() - self._began:.0f} s"
        waiting = Text(f"... {seconds}", style="dim")
        return Group(
            self._shown_table(), _indented(_story(self._story[-room:])), _indented(waiting)
        )

    def _whole(self) -> RenderableType:
        table = self._shown_table()
        return Group(_indented(_story(self._story)), table) if self._story else table

    def _shown_table(self) -> RenderableType:
        return Group(_command_line(self._command), _indented(_coloured(self._table)))


class Screen:
    """Where the demo is shown, and the consoles that record it."""

    def __init__(self, console: Console, recordings: Sequence[Console] = ()) -> None:
        self.console = console
        self.recordings = tuple(recordings)
        self._headlines = 0

    @property
    def is_live(self) -> bool:
        """Whether what was shown can be drawn over."""
        return self.console.is_terminal

    def headline(self, sentence: str) -> None:
        """Begin a stage."""
        self._headlines += 1
        number = (f"{self._headlines}  ", "bold cyan")
        self._print(Text(""))
        self._print(Text.assemble(number, (sentence, "bold cyan")))

    def command(self, command: str) -> None:
        """Show a command that is run."""
        self._print(_command_line(command))

    def say(self, text: str) -> None:
        """Show a line."""
        self._print(_indented(Text(text)))

    def condition(self, kind: str, message: str) -> None:
        """Show a condition that something is not as it should be."""
        self._print(_indented(Text.assemble((kind, "yellow"), f": {message}")))

    def facts(self, facts: Mapping[str, str]) -> None:
        """Show named facts below each other."""
        grid = Table.grid(padding=(0, 2))
        for name, text in facts.items():
            grid.add_row(name, text)
        self._print(_indented(grid))

    def view(self, command: str) -> View:
        """Return a view of what a command shows, as it changes."""
        return View(self, command)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Tell that something takes a moment."""
        with self.console.status(what) if self.is_live else nullcontext():
            yield

    def _print(self, renderable: RenderableType) -> None:
        for console in (self.console, *self.recordings):
            console.print(renderable)


def make_console() -> Console:
    """Return the console of standard output; wide where no terminal says how wide it is."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def _indented(renderable: RenderableType) -> RenderableType:
    return Padding(renderable, (0, 0, 0, INDENT), expand=False)


def _command_line(command: str) -> RenderableType:
    return _indented(Text.assemble(("$ ", "dim"), (command, "bold")))


def _coloured(table: str) -> Text:
    text = Text(table.rstrip("\n"))
    for pattern, style in WORDS:
        text.highlight_regex(pattern, style)
    return text


def _story(story: Sequence[tuple[int, Line]], *, with_head: bool = True) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for width in (SECONDS_WIDTH, NAME_WIDTH, PHASE_WIDTH, STEP_WIDTH):
        grid.add_column(no_wrap=True, min_width=width)
    grid.add_column()
    if with_head:
        grid.add_row("AFTER", "NAME", "STATUS", "STEP", "EVENT", style="bold")
    for seconds, line in story:
        style = "red" if line.is_warning else "default"
        note = Text(line.note, style=style)
        grid.add_row(f"{seconds} s", line.name, _coloured(line.phase), line.step, note)
    return grid
