"""Long values in short entries: whatever fails half-way, one whole value can be read."""

from __future__ import annotations

import contextlib

import pytest

from sealwright.errors import StorageError
from sealwright.vault.sharding import ShardedEntries

LIMIT = 128


class Entries:
    """Entries in memory that refuse long texts and can fail after some calls."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.calls_left: int | None = None

    def get(self, name: str) -> str | None:
        return self.texts.get(name)

    def put(self, name: str, text: str) -> None:
        assert len(text) <= LIMIT
        self._count()
        self.texts[name] = text

    def remove(self, name: str) -> bool:
        self._count()
        return self.texts.pop(name, None) is not None

    def _count(self) -> None:
        if self.calls_left is None:
            return
        if self.calls_left == 0:
            raise StorageError("the store went away")
        self.calls_left -= 1


SHORT = b"short"
LONG = bytes(range(256)) * 2
LONGER = b"\xff" * 1000


@pytest.mark.parametrize("value", [b"", SHORT, b"x" * 80, LONG, LONGER])
def test_reads_what_was_written(value: bytes) -> None:
    stored = ShardedEntries(Entries(), LIMIT)
    stored.write("key", value)
    assert stored.read("key") == value


def test_says_none_for_what_was_never_written() -> None:
    assert ShardedEntries(Entries(), LIMIT).read("key") is None


@pytest.mark.parametrize("old", [None, SHORT, LONG, LONGER])
@pytest.mark.parametrize("new", [SHORT, LONG, LONGER])
def test_a_write_cut_off_anywhere_leaves_one_whole_value(old: bytes | None, new: bytes) -> None:
    for calls in range(40):
        entries = Entries()
        stored = ShardedEntries(entries, LIMIT)
        if old is not None:
            stored.write("key", old)
        entries.calls_left = calls
        try:
            stored.write("key", new)
            expected = new
        except StorageError:
            expected = old  # type: ignore[assignment]  # None is what was there
        entries.calls_left = None
        assert stored.read("key") == expected, calls


@pytest.mark.parametrize("old", [SHORT, LONG, LONGER])
@pytest.mark.parametrize("new", [SHORT, LONG, LONGER])
def test_nothing_is_left_behind_after_a_cut_off_write_and_a_removal(old: bytes, new: bytes) -> None:
    for calls in range(40):
        entries = Entries()
        stored = ShardedEntries(entries, LIMIT)
        stored.write("key", old)
        entries.calls_left = calls
        with contextlib.suppress(StorageError):
            stored.write("key", new)
            stored.write("key", old)
            stored.remove("key")
        entries.calls_left = None
        stored.remove("key")
        assert entries.texts == {}, calls


def test_parts_of_a_cut_off_write_go_with_the_next_one() -> None:
    entries = Entries()
    stored = ShardedEntries(entries, LIMIT)
    stored.write("key", LONG)
    whole = len(entries.texts)
    entries.calls_left = 9
    with pytest.raises(StorageError):
        stored.write("key", LONGER)
    entries.calls_left = None
    stored.write("key", LONG)
    assert len(entries.texts) == whole


def test_a_missing_part_is_an_error_and_not_a_shorter_secret() -> None:
    entries = Entries()
    stored = ShardedEntries(entries, LIMIT)
    stored.write("key", LONG)
    del entries.texts["key#1.2"]
    with pytest.raises(StorageError, match="damaged"):
        stored.read("key")


def test_a_changed_part_is_an_error() -> None:
    entries = Entries()
    stored = ShardedEntries(entries, LIMIT)
    stored.write("key", LONG)
    entries.texts["key#1.1"] = entries.texts["key#1.1"].replace("A", "B")
    with pytest.raises(StorageError, match="damaged"):
        stored.read("key")


@pytest.mark.parametrize("head", ["", "hello", "1:x:0:", "1:1:99999999:ab", "2:1:0:YQ=="])
def test_a_foreign_entry_is_an_error_that_a_new_write_heals(head: str) -> None:
    entries = Entries()
    entries.texts["key"] = head
    stored = ShardedEntries(entries, LIMIT)
    with pytest.raises(StorageError, match="damaged"):
        stored.read("key")
    stored.write("key", SHORT)
    assert stored.read("key") == SHORT


def test_a_reader_that_meets_a_writer_gets_the_new_value() -> None:
    class Racing(Entries):
        """Another process replaces the value between the head and its parts."""

        raced = False

        def get(self, name: str) -> str | None:
            text = super().get(name)
            if name == "key" and not self.raced:
                self.raced = True
                ShardedEntries(self, LIMIT).write("key", LONGER)
            return text

    entries = Racing()
    entries.raced = True
    stored = ShardedEntries(entries, LIMIT)
    stored.write("key", LONG)
    entries.raced = False
    assert stored.read("key") == LONGER
