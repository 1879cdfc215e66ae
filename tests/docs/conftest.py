"""What tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stack import Stack
from tests.docs.installed import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An installation with an estate, as the how-to pages have it."""
    with Stack(tmp_path / "stack") as stack:
        found = Site(stack, tmp_path / "programs")
        found.install()
        found.declare()
        yield found
        found.aws.close()
