"""How lines look, for people and for machines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from studio_operator.cli.logs import Format, set_up_logs
from studio_operator.engine.context import about
from studio_operator.engine.queue import Backoff
from studio_operator.kube.resources import Key
from studio_operator.plan.types import FailureKind
from studio_operator.printable import is_printable

from tests.aws_ids import scope_at

SPACE = Key("Space", "ml-team", "churn-notebooks")
log = logging.getLogger("studio_operator.test")


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def logged(style: Format, *, verbose: bool = False) -> str:
    """What is written while a space is resized."""
    stream = StringIO()
    set_up_logs(style, verbose=verbose, stream=stream)
    with about(object=SPACE, reconcile_id="1f", generation=2, operation="Resize"):
        log.info("UpdateSpace: done", extra={"aws_operation": "UpdateSpace", "aws_request_id": "a"})
        log.debug("DescribeSpace: done")
    log.info("Stopped.")
    return stream.getvalue()


def test_lines_for_people_name_the_resource_and_the_request() -> None:
    update, stopped = logged("text").splitlines()
    said = "INFO    [Space ml-team/churn-notebooks] UpdateSpace: done (request a)"
    assert update.endswith(said)
    assert stopped.endswith("INFO    Stopped.")


def test_lines_for_machines_have_a_member_for_each_thing() -> None:
    update, stopped = (json.loads(line) for line in logged("json").splitlines())
    del update["time"]
    assert update == {
        "level": "info",
        "logger": "studio_operator.test",
        "message": "UpdateSpace: done",
        "object": {"kind": "Space", "namespace": "ml-team", "name": "churn-notebooks"},
        "reconcile_id": "1f",
        "generation": 2,
        "operation": "Resize",
        "aws_operation": "UpdateSpace",
        "aws_request_id": "a",
    }
    assert stopped.keys() == {"time", "level", "logger", "message"}


def test_what_is_not_known_is_left_out() -> None:
    stream = StringIO()
    set_up_logs("json", verbose=False, stream=stream)
    with about(object=SPACE, operation=None, aws_request_id=None):
        log.warning("No answer.")
    assert not {"operation", "aws_request_id"} & json.loads(stream.getvalue()).keys()


def test_an_error_brings_its_traceback_in_one_line() -> None:
    stream = StringIO()
    set_up_logs("json", verbose=False, stream=stream)
    try:
        json.loads("oh")
    except ValueError:
        log.exception("An error nobody expected")
    assert "JSONDecodeError: Expecting value" in json.loads(stream.getvalue())["error"]


def test_details_are_logged_on_request() -> None:
    assert "DescribeSpace" not in logged("text")
    assert "DescribeSpace" in logged("text", verbose=True)


@pytest.mark.parametrize("value", [FailureKind.BUSY, (1, 2), Backoff(1.0, 2.0), object()])
def test_what_has_no_words_is_never_logged(value: object) -> None:
    """The check that all tests run under: see logs_in_words in tests/conftest.py."""
    with pytest.raises(AssertionError, match="give it a __str__"):
        log.warning("Could not look at %s", value)
    log.warning("Could not look at %s", scope_at("eu-central-1", "d-1"))


# --- as somebody who chooses a name that ends up in a log ---

FORGED = "churn\n02:10:33 ERROR   the operator stops\x1b[2J\u202e"


@pytest.mark.parametrize("style", ["text", "json"])
def test_nobody_forges_a_line_or_acts_on_a_terminal(style: Format) -> None:
    stream = StringIO()
    set_up_logs(style, verbose=False, stream=stream)
    with about(object=SPACE, operation=FORGED):
        log.info("UpdateSpace: %s", FORGED)
    written = stream.getvalue()
    assert is_printable(written)
    assert len(written.splitlines()) == 1
    if style == "json":
        assert json.loads(written)["message"] == f"UpdateSpace: {FORGED}"


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_error_forges_a_line(style: Format) -> None:
    stream = StringIO()
    set_up_logs(style, verbose=False, stream=stream)
    log.error("UpdateSpace: failed", exc_info=ValueError(FORGED))
    written = stream.getvalue()
    assert is_printable(written)
    first, *others = written.splitlines()
    assert "UpdateSpace: failed" in first
    assert all(line.startswith("  ") for line in others)
