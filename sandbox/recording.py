"""Keeps what was printed as a picture, for the README."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

# Wide enough for a table of spaces.
WIDTH = 116
# A picture is to show what it shows without fetching anything, and in a font that is there.
FONT_FACES = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
FONT = "Fira Code, monospace"
FONTS = "Fira Code, Menlo, Consolas, DejaVu Sans Mono, monospace"


class Recording:
    """A console whose output nobody sees until it is saved as SVG."""

    def __init__(self) -> None:
        self.console = Console(
            record=True,
            width=WIDTH,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
        )

    def save(self, path: Path, *, title: str) -> None:
        """Write all that was printed; the same text always gives the same file."""
        svg = self.console.export_svg(title=title, theme=DIMMED_MONOKAI, unique_id="recording")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FONT_FACES.sub("", svg).replace(FONT, FONTS))
