"""Text of others does nothing but show itself, wherever it comes from."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.printable import (
    is_printable,
    printable,
    printable_json,
    printable_lines,
)

ANYTHING = st.text(alphabet=st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("churn notebooks, 20 GiB (50 %)", "churn notebooks, 20 GiB (50 %)"),
        ("Zoë's räume 例", "Zoë's räume 例"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("over\rwritten\b\b", r"over written\x08\x08"),
        ("a\nForged: line", "a Forged: line"),
        ("a\u2028b\u0085c", "a b c"),
        ("\u202edrawkcab\u202c", r"\u202edrawkcab\u202c"),
        ("\u2066isolated\u2069", r"\u2066isolated\u2069"),
        ("zero\u200bwidth\ufeff\u2060", r"zero\u200bwidth\ufeff\u2060"),
        ("soft\xadhyphen", r"soft\xadhyphen"),
        ("filler\u3164\u115f\u2800", r"filler\u3164\u115f\u2800"),
        ("tag\U000e0041\ue000", r"tag\U000e0041\ue000"),
        ("half \ud800", r"half \ud800"),
        ("no\xa0break", "no break"),
        ("", ""),
    ],
)
def test_what_acts_on_a_terminal_is_shown_instead(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANYTHING)
def test_nothing_is_left_that_acts_hides_or_reorders(text: str) -> None:
    shown = printable(text)
    assert "\n" not in shown
    assert is_printable(shown)
    assert {unicodedata.category(one)[0] for one in shown if one != " "} <= set("LMNPS")
    assert printable(shown) == shown


@given(ANYTHING)
def test_lines_stay_lines(text: str) -> None:
    shown = printable_lines(text)
    assert shown.count("\n") == text.count("\n")
    assert is_printable(shown)


@given(st.dictionaries(ANYTHING, ANYTHING))
def test_json_means_the_same(data: dict[str, str]) -> None:
    shown = printable_json(json.dumps(data, indent=2, ensure_ascii=False))
    assert is_printable(shown)
    assert json.loads(shown) == data
