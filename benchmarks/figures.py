"""Figures next to what they should be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured value; `at_most` is the target, None for a value that only explains others."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the target is met, in a word."""
        if self.at_most is None:
            return ""
        return "met" if self.value <= self.at_most else "missed"


def as_json(figures: list[Figure]) -> list[dict[str, Any]]:
    """The figures as data."""
    return [asdict(figure) | {"verdict": figure.verdict} for figure in figures]


def print_table(title: str, figures: list[Figure], console: Console) -> None:
    """The figures as people read them."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for column in ("measured", "target", ""):
        table.add_column(column, justify="right")
    for figure in figures:
        target = "" if figure.at_most is None else f"≤ {written(figure.at_most, figure.unit)}"
        style = "red" if figure.verdict == "missed" else None
        value = written(figure.value, figure.unit)
        table.add_row(figure.name, value, target, figure.verdict, style=style)
    console.print(table)


def written(value: float, unit: str) -> str:
    """A value as people read it."""
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{number} {unit}".strip()
