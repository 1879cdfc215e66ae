"""Answers on stdout as text, JSON or YAML; progress on stderr.

Colours, bars and folding at the width of the terminal are for terminals only: a pipe gets plain
lines of any length. The environment's NO_COLOR turns colours off everywhere (rich sees to that).
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

import yaml
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from studio_operator.printable import is_printable, printable, printable_json, printable_lines

# Wider than any line of ours: what is piped is neither folded nor cut.
UNBOUNDED = 10_000


class Format(StrEnum):
    """The values of `-o`."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


def emit(format_: Format, data: Any, text: Callable[[], RenderableType]) -> None:
    """Write an answer to stdout: `data` (JSON types) by -o json|yaml, else what `text` gives."""
    if format_ is Format.TEXT:
        show(text())
    else:
        sys.stdout.write(serialise(format_, data))


def serialise(format_: Format, data: Any) -> str:
    """JSON types as JSON or YAML text that ends with a newline, members in the order given."""
    if format_ is Format.JSON:
        return printable_json(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"
    return dump_yaml(data)


def dump_yaml(data: Any, width: int = UNBOUNDED) -> str:
    """JSON types as YAML, in ASCII where a character would act on a terminal or hide there."""
    readable = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=width)
    if is_printable(readable):
        return readable
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=False, width=width)


def show(renderable: RenderableType, stream: IO[str] | None = None) -> None:
    """Write text, a table or another rich renderable to a stream (stdout when none is given)."""
    stream, renderable = stream or sys.stdout, _Printable(renderable)
    if Console(file=stream).is_terminal:
        Console(file=stream, highlight=False).print(renderable)
        return
    plain = Console(file=io.StringIO(), width=UNBOUNDED, highlight=False, color_system=None)
    with plain.capture() as captured:
        plain.print(renderable)
    # Rich fills each line of a table up to its width.
    stream.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


@dataclass(frozen=True, slots=True)
class _Printable:
    """A renderable whose text, whoever wrote it, does nothing in a terminal but show itself."""

    renderable: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.renderable, options):
            shown = segment.text if segment.control else printable_lines(segment.text)
            yield Segment(shown, segment.style, segment.control)


def words(text: str = "", style: str = "") -> Text:
    """Text that others may have written, on one line: it can't pass for a line of ours."""
    return Text(printable(text), style=style)


def joined(*parts: Text) -> Text:
    """Texts of several styles as one."""
    return Text.assemble(*parts)


def lines(*texts: str) -> RenderableType:
    """One line for each text."""
    return Group(*map(words, texts))


def note(message: str) -> None:
    """Tell the person something beside the answer, on stderr."""
    show(words(message), sys.stderr)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table as kubectl prints them: headings in capitals, no lines."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for column in columns:
        drawn.add_column(column.upper(), overflow="fold")
    for row in rows:
        drawn.add_row(*map(words, row))
    return drawn


Advance = Callable[[str, float], None]


@contextmanager
def progress(total: float | None = None) -> Iterator[Advance]:
    """Progress on stderr if that is a terminal, else nothing; it vanishes at the end.

    Yields a function that takes what goes on now and how much of `total` is done. Without a total
    there is a spinner and the time, for waits of unknown length.
    """
    console = Console(stderr=True)
    bar = (BarColumn(),) if total is not None else ()
    shown = Progress(
        SpinnerColumn(),
        *bar,
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with shown:
        task = shown.add_task("", total=total)

        def advance(description: str, done: float = 0.0) -> None:
            shown.update(task, description=description, completed=done)

        yield advance
