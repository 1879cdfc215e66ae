"""The README's tables say what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import studio_simulator
from pydantic.alias_generators import to_camel
from studio_simulator.cli import main
from studio_simulator.operations.catalogue import OPERATIONS
from studio_simulator.requests.barriers import BarrierRequest
from studio_simulator.requests.control import Control
from studio_simulator.requests.faults import Mode
from studio_simulator.settings import Options, durations_named
from studio_simulator.simulator import Simulator
from studio_simulator.state.acts import ACTS

README = (Path(studio_simulator.__file__).parent.parent / "README.md").read_text()


def table(head: str) -> list[list[str]]:
    """Return the cells of the rows below a table's head."""
    _, found, rest = README.partition(f"\n| {head} |")
    assert found, f"no table with the head {head}"
    lines = rest.split("\n")[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def test_the_table_of_the_command_line() -> None:
    options = {option for action in main.params for option in action.opts}
    assert {row[0] for row in table("option | meaning")} == options - {"-h", "--help"}


def test_the_table_of_operations() -> None:
    named = {name for row in table("kind | operations") for name in row[1].split(", ")}
    assert named == set(OPERATIONS)


def test_the_table_of_durations() -> None:
    realistic, fast = durations_named("realistic"), durations_named("fast")
    expected = {
        to_camel(name): (getattr(realistic, name), getattr(fast, name))
        for name in type(fast).model_fields
    }
    rows = table("name | realistic | fast")
    assert {row[0]: (float(row[1]), float(row[2])) for row in rows} == expected


def test_the_table_of_options() -> None:
    expected = {}
    for name, field in Options.model_fields.items():
        others = [value for value in get_args(field.annotation) if value != field.default]
        expected[to_camel(name)] = (field.default, ", ".join(others))
    rows = table("name | default | otherwise | decides")
    assert {row[0]: (row[1], row[2]) for row in rows} == expected


def test_the_table_of_the_control_api() -> None:
    named = {tuple(row[0].split(" ")) for row in table("request | does")}
    assert named == set(Control(Simulator()).routes())


def test_the_table_of_fault_modes() -> None:
    rows = table("mode | the call is | the client gets")
    assert [row[0] for row in rows] == list(get_args(Mode))


def test_the_table_of_what_happens_on_a_disconnect() -> None:
    head = "the client goes away at `before`, and onDisconnect is | the call"
    field = BarrierRequest.model_fields["on_disconnect"]
    assert [row[0] for row in table(head)] == list(get_args(field.annotation))


def test_the_table_of_acts_and_their_details() -> None:
    rows = table("act | details")
    assert [row[0] for row in rows] == list(ACTS)
    common = {"domainId", "spaceName", "instantly"}
    for name, details in rows:
        fields = {to_camel(field) for field in ACTS[name][0].model_fields}
        assert set(re.findall(r"`?(\w+)`", f"`{details}`")) & fields == fields - common, name
