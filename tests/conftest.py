"""Fixtures that many tests share."""

from __future__ import annotations

import gc
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # `sandbox` is a folder of the repository, not an installed package

from sandbox.access import Access  # noqa: E402 - after the path is set
from sandbox.sharing import shared_control_plane  # noqa: E402

if TYPE_CHECKING:
    from tests.e2e.product import Product

# How long an example takes tells how busy the machine is, and nothing of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection() -> None:
    """Don't look for garbage while thousands of tests are collected: there is next to none.

    Together with what follows it saves a worker that collects all tests some 5 s of 60 s.
    """
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor ever again among what was collected: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """A real API server with the project's CRDs, one for all of pytest-xdist's workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the run's, of which each worker has a subfolder
    with shared_control_plane(folder / "control-plane", apply=[ROOT / "crds"]) as access:
        yield access


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A control plane, a simulated AWS and an operator; each of pytest-xdist's workers has its own.

    So no test sees another's faults, and a test may kill its operator. It stands here because the
    tests of several folders share it. In all of them the operator asks for nothing that the chart's
    account may not.
    """
    from tests.e2e.product import OPERATOR_USER, run_product  # noqa: PLC0415 - most need none of it
    from tests.e2e.rights import missing  # noqa: PLC0415

    with run_product(tmp_path_factory.mktemp("product")) as started:
        yield started
        # An API server that has just been started may refuse even what is granted, for a moment.
        assert missing(started.rights, started.requests(OPERATOR_USER)) == []


@pytest.fixture
def namespace(control_plane: Access) -> str:
    """A fresh namespace. Nothing removes it: there is no controller that could."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    control_plane.create_namespace(name)
    return name


@pytest.fixture(autouse=True, scope="session")
def logs_in_words() -> Iterator[None]:
    """Whatever the operator logs has words of its own: no class, record or enum as Python shows it.

    The same is asked of each line that any test in this process makes it log.
    """
    make = logging.getLogRecordFactory()

    def check(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = make(*arguments, **more)
        if record.name.startswith("studio_operator"):
            given = record.args if isinstance(record.args, tuple) else ()
            wordless = [one for one in given if not has_words(one)]
            assert not wordless, f"{record.name} logs {wordless}: give it a __str__"
        return record

    logging.setLogRecordFactory(check)
    yield
    logging.setLogRecordFactory(make)


def has_words(value: object) -> bool:
    """Whether a value reads as words in a log."""
    if isinstance(value, (str, int, float, list, BaseException)):
        return True
    return type(value).__str__ not in {object.__str__, tuple.__str__, Enum.__str__}
