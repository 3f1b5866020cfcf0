"""A document gives back the bytes it was made of, and an edit changes nothing else."""

from __future__ import annotations

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.memory_stores import MemoryDrafts, MemoryFiles, SetClock
from sealwright.errors import FileChangedError, StorageError
from sealwright.policy.digest import policy_hash
from sealwright.services.documents import MAX_DOCUMENT, DocumentsService, LineEnds, document

LINES = st.lists(st.text(alphabet="ab{};= \t", max_size=8), min_size=1, max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])


@given(lines=LINES, ends=st.lists(ENDS, min_size=8, max_size=8), mark=st.booleans())
def test_showing_and_keeping_changes_no_byte(
    lines: list[str], ends: list[str], *, mark: bool
) -> None:
    text = "".join(line + end for line, end in zip(lines, ends, strict=False))
    data = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    opened = document(data)
    assert "\r" not in opened.widget_text
    assert opened.edited(opened.widget_text).data == data


@given(lines=LINES, ends=st.lists(ENDS, min_size=8, max_size=8), at=st.integers(0, 7))
def test_a_new_line_leaves_the_others_alone(lines: list[str], ends: list[str], at: int) -> None:
    at = min(at, len(lines))
    pairs = list(zip(lines, ends, strict=False))
    opened = document("".join(line + end for line, end in pairs).encode())
    shown = opened.widget_text.split("\n")
    shown.insert(at, "// new line here")
    edited = opened.edited("\n".join(shown)).policy_text
    kept = edited.replace("// new line here\r\n", "", 1).replace("// new line here\n", "", 1)
    assert kept.count("\r\n") == sum(end == "\r\n" for _, end in pairs)
    assert kept == opened.policy_text


def test_crlf_file_keeps_its_hash_through_the_editor() -> None:
    data = b"version= 1.0;\r\nauthorizationrules{=> permit();};\r\n"
    opened = document(data)
    assert opened.line_ends is LineEnds.CRLF
    shown = opened.edited(opened.widget_text)
    assert policy_hash(shown.policy_text) == policy_hash(data.decode())
    assert policy_hash(shown.policy_text) != policy_hash(opened.widget_text)


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        (b"", LineEnds.NONE),
        (b"one line", LineEnds.NONE),
        (b"a\nb\n", LineEnds.LF),
        (b"a\r\nb", LineEnds.CRLF),
        (b"a\r\nb\n", LineEnds.MIXED),
    ],
)
def test_line_ends_are_named(data: bytes, ends: LineEnds) -> None:
    assert document(data).line_ends is ends


def test_line_ends_are_made_the_same_only_on_request() -> None:
    opened = document(b"\xef\xbb\xbfa\r\nb\nc")
    assert opened.edited("a\nb\nc").data == opened.data
    assert opened.with_line_ends(LineEnds.LF).data == b"\xef\xbb\xbfa\nb\nc"
    assert opened.with_line_ends(LineEnds.CRLF).data == b"\xef\xbb\xbfa\r\nb\r\nc"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"caf\xe9", "byte 3 (0xe9)"),
        ("version\u2028".encode(), "U+2028"),
        (b"a\nb\0c", "Line 2 holds the character U+0000"),
        (b"a\rb", "U+000D"),
        ("x\ufffc".encode(), "U+FFFC"),
        ("\ud83d\ude00".encode("utf-16", "surrogatepass"), "not UTF-8"),
    ],
)
def test_what_the_editor_cannot_hold_opens_read_only_with_the_reason(
    data: bytes, reason: str
) -> None:
    opened = document(data)
    assert reason in opened.read_only
    assert opened.data == data


def test_emoji_and_smart_quotes_can_be_edited() -> None:
    assert document("// \U0001f600 \u201cx\u201d\n".encode()).read_only == ""


def test_full_disk_keeps_the_earlier_draft_and_file() -> None:
    async def scene() -> None:
        drafts, files = MemoryDrafts(), MemoryFiles()
        service = DocumentsService(drafts, files, SetClock())
        files.kept["/w/a.policy"] = b"old"
        opened = await service.open("/w/a.policy")
        assert opened.title == "a.policy"
        draft = await service.keep_draft(opened.edited("new"))
        drafts.full = files.full = True
        with pytest.raises(StorageError, match="full"):
            await service.keep_draft(opened.edited("newer"), draft_id=draft.id)
        with pytest.raises(StorageError, match="full"):
            await service.save(opened.edited("newer"))
        assert (await service.drafts())[0].data == b"new"
        assert files.kept["/w/a.policy"] == b"old"

    anyio.run(scene)


def test_a_file_that_somebody_else_wrote_is_not_overwritten_unasked() -> None:
    async def scene() -> None:
        files = MemoryFiles()
        service = DocumentsService(MemoryDrafts(), files, SetClock())
        files.kept["/w/a.policy"] = b"old"
        edited = (await service.open("/w/a.policy")).edited("ours")
        saved = await service.save(edited)
        assert (await service.save(saved.edited("ours too"))).data == b"ours too"
        files.kept["/w/a.policy"] = b"theirs"
        with pytest.raises(FileChangedError, match="not read here") as asked:
            await service.save(edited)
        assert "another name" in asked.value.hint
        assert files.kept["/w/a.policy"] == b"theirs"
        await service.save(edited, "/w/b.policy")
        await service.save(edited, overwrite=True)
        assert files.kept == {"/w/a.policy": b"ours", "/w/b.policy": b"ours"}
        del files.kept["/w/a.policy"]
        await service.save(edited)
        # Of a draft from an earlier session it is not known which text it began with.
        with pytest.raises(FileChangedError):
            await service.save(document(b"a draft", path="/w/a.policy"))

    anyio.run(scene)


def test_document_without_a_file_has_to_be_given_one() -> None:
    async def scene() -> None:
        files = MemoryFiles()
        service = DocumentsService(MemoryDrafts(), files, SetClock())
        with pytest.raises(StorageError, match="no file"):
            await service.save(document(b"x"))
        saved = await service.save(document(b"x"), "/w/b.policy")
        assert (saved.path, saved.title, files.kept["/w/b.policy"]) == (
            "/w/b.policy",
            "b.policy",
            b"x",
        )

    anyio.run(scene)


def test_file_over_the_limit_is_refused() -> None:
    async def scene() -> None:
        files = MemoryFiles()
        files.kept["/big"] = b"x" * (MAX_DOCUMENT + 1)
        with pytest.raises(StorageError, match="too large"):
            await DocumentsService(MemoryDrafts(), files, SetClock()).open("/big")

    anyio.run(scene)
