"""A page of a list is read while it comes in, wherever its bytes are cut."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.kube.list_pages import read_page

METADATA = {"resourceVersion": "17", "continue": "abc"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
items = st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=4), max_size=5)


def compact(page: dict[str, Any]) -> bytes:
    return json.dumps(page, separators=(",", ":"), ensure_ascii=False).encode()


def cut(text: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


@pytest.mark.parametrize("metadata_first", [False, True])
@given(items=items, size=st.integers(1, 50))
def test_every_item_is_read_wherever_the_bytes_are_cut(
    items: list[dict[str, Any]], size: int, metadata_first: bool
) -> None:
    members: dict[str, Any] = {"apiVersion": "v1", "items": items, "metadata": METADATA}
    if metadata_first:
        members = {"kind": "List", "metadata": METADATA, "items": items}
    taken: list[Any] = []
    result, metadata = read_page(cut(compact(members), size), taken.append)
    assert (taken, metadata) == (items, METADATA)
    assert result == [None] * len(items)


@pytest.mark.parametrize("nothing", [None, []])
def test_a_list_without_items_has_metadata(nothing: object) -> None:
    page = {"items": nothing, "metadata": METADATA}
    assert read_page(cut(compact(page), 7), dict) == ([], METADATA)


@pytest.mark.parametrize(
    "text",
    [b"", b"<html>", b'{"items":[{"a":1}', b'{"items":[{"a":1},', b'{"items":[{"a', b'{"items":[}'],
)
def test_what_is_no_list_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_page(cut(text, 3), dict)


def test_no_more_than_one_large_item_is_held() -> None:
    large = "x" * 1_000_000

    def chunks() -> Iterator[bytes]:
        yield b'{"items":['
        for number in range(50):
            text = json.dumps({"name": number, "large": large}).encode()
            yield from cut(text + (b"," if number < 49 else b""), 65_536)
        yield b'],"metadata":{"resourceVersion":"1"}}'

    tracemalloc.start()
    try:
        names, _ = read_page(chunks(), lambda item: item["name"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert names == list(range(50))
    assert peak < 8_000_000
