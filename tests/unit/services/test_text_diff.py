"""A difference shows everything that changes the policy hash, and where in the line it is."""

from __future__ import annotations

from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st

from sealwright.services.policies.textdiff import LineKind, TextDiff, diff_texts

TEXT = st.text(alphabet="ab \n\r=", max_size=60)
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=20)


def side(diff: TextDiff, gone: LineKind) -> str:
    """One of the two texts, put together from the lines of a diff with all its context."""
    lines = [line for hunk in diff.hunks for line in hunk.lines if line.kind is not gone]
    return "".join(line.text + line.line_end for line in lines)


@given(old=TEXT, new=TEXT)
def test_both_texts_can_be_read_off_the_diff(old: str, new: str) -> None:
    diff = diff_texts(old, new, context=10_000)
    assert diff.equal == (old == new)
    if not diff.equal:
        assert side(diff, LineKind.ADDED) == old
        assert side(diff, LineKind.REMOVED) == new


@given(old=LINES, new=LINES, context=st.integers(0, 3))
def test_the_hunks_turn_one_text_into_the_other(
    old: list[str], new: list[str], context: int
) -> None:
    diff = diff_texts("".join(old), "".join(new), context=context)
    made: list[str] = []
    place = 0
    for hunk in diff.hunks:
        start = hunk.old_start - bool(hunk.old_count)
        assert start >= place
        made += old[place:start]
        assert len(made) == hunk.new_start - bool(hunk.new_count)
        made += [f"{line.text}\n" for line in hunk.lines if line.kind is not LineKind.REMOVED]
        kept = [f"{line.text}\n" for line in hunk.lines if line.kind is not LineKind.ADDED]
        place = start + hunk.old_count
        assert kept == old[start:place]
        for lines in (hunk.lines, reversed(hunk.lines)):
            assert len([*takewhile(lambda line: line.kind is LineKind.SAME, lines)]) <= context
    assert [*made, *old[place:]] == new


def test_one_changed_line_among_equal_ones_is_the_only_change() -> None:
    rules = ["=> permit();\n"] * 100
    changed = [*rules[:2], "=> permit(); // x\n", *rules[3:]]
    diff = diff_texts("".join(rules), "".join(changed))
    assert (diff.added, diff.removed, len(diff.hunks)) == (1, 1, 1)
    assert [line.old_number for line in diff.hunks[0].lines] == [1, 2, 3, None, 4, 5, 6]


def test_changed_words_are_marked_on_both_sides() -> None:
    diff = diff_texts(
        '[type=="a", value==false] => permit();\n', '[type=="a", value==true] => permit();\n'
    )
    removed, added = diff.hunks[0].lines
    assert [removed.text[c.start : c.end] for c in removed.changes] == ["false"]
    assert [added.text[c.start : c.end] for c in added.changes] == ["true"]
    assert (removed.old_number, removed.new_number) == (1, None)
    assert (added.old_number, added.new_number) == (None, 1)


def test_lines_that_have_nothing_in_common_are_not_marked_by_word() -> None:
    diff = diff_texts("alpha beta gamma\n", "=> permit();\n")
    assert all(not line.changes for line in diff.hunks[0].lines)


def test_line_ends_alone_are_a_difference_and_said_to_be_the_only_one() -> None:
    diff = diff_texts("a\nb\n", "a\r\nb\r\n")
    assert not diff.equal
    assert diff.only_line_ends
    assert (diff.added, diff.removed) == (2, 2)
    assert not diff_texts("a\n", "b\r\n").only_line_ends


def test_missing_last_line_end_is_a_difference() -> None:
    diff = diff_texts("a\nb\n", "a\nb")
    assert diff.hunks[0].lines[-1].line_end == ""
    assert diff.only_line_ends


def test_context_and_header() -> None:
    old = "".join(f"line {n}\n" for n in range(1, 31))
    diff = diff_texts(old, old.replace("line 10\n", "line ten\n").replace("line 25\n", ""))
    assert [hunk.header for hunk in diff.hunks] == ["@@ -7,7 +7,7 @@", "@@ -22,7 +22,6 @@"]
    assert len(diff.hunks[0].lines) == 8


def test_from_nothing() -> None:
    diff = diff_texts("", "a\n")
    assert diff.hunks[0].header == "@@ -0,0 +1,1 @@"
    assert diff.added == 1


def test_emoji_counts_as_one_code_point() -> None:
    diff = diff_texts("// \U0001f600 old end\n", "// \U0001f600 new end\n")
    change = diff.hunks[0].lines[0].changes[0]
    assert (change.start, change.end) == (5, 8)
