"""One edit between two texts: it makes the one into the other and touches no more than needed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sealwright.policy.diagnostics import Fix
from sealwright.policy.writing.edits import changed_range

TEXTS = st.text(alphabet="ab\n\N{GRINNING FACE}", max_size=30)


@given(TEXTS, TEXTS)
def test_the_edit_makes_the_old_text_into_the_new_one(old: str, new: str) -> None:
    edit = changed_range(old, new)
    assert Fix("", (edit,)).apply(old) == new


@given(TEXTS, TEXTS, TEXTS)
def test_what_both_texts_share_at_the_ends_is_left_alone(head: str, gone: str, tail: str) -> None:
    edit = changed_range(head + gone + tail, head + tail)
    assert edit.new_text == ""
    assert edit.span.end - edit.span.start == len(gone)


def test_typing_one_letter_is_one_letter() -> None:
    edit = changed_range("permit();", "permit(x);")
    assert (edit.span, edit.new_text) == ((7, 7), "x")
