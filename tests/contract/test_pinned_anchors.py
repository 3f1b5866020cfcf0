"""Trust anchors are renewed by a file in the home; an expired or missing one is explained."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from helpers.simulators import SimulatedMachines
from sealwright.composition.vendors import pinned_anchors
from sealwright.errors import StorageError
from sealwright.evidence.basis.trust import SGX_ROOT, Trust, TrustAnchor
from sealwright.evidence.examination import Examination, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.making import synthesize
from sealwright.store.home import Home

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2026, 11, 28, tzinfo=UTC)


def entry(**changes: object) -> dict[str, object]:
    """The sandbox's root, as if it were a vendor's."""
    spki = SimulatedMachines().roots().intel.anchor().spki_sha256
    found: dict[str, object] = {"use": SGX_ROOT, "id": "new-root", "name": "New root"}
    found |= {"spki_sha256": spki, "source": "a test", "version": "1", "date": "2026-11-28"}
    return found | changes


def home_with(folder: Path, *entries: dict[str, object]) -> Home:
    home = Home(folder)
    home.trust_anchors.write_text(json.dumps({"anchors": entries}), "utf-8")
    return home


def seen(anchors: tuple[TrustAnchor, ...]) -> Examination:
    made = synthesize(Kind.SGX_QUOTE, SimulatedMachines().roots(), {}, WHEN)
    return examine(made.evidence, made.given(Trust(anchors, WHEN)))


def why(found: Examination) -> str:
    return next(check.detail for check in found.checks if check.id == "chain.root")


def test_a_file_adds_a_root(tmp_path: Path) -> None:
    bundled = pinned_anchors(Home(tmp_path))
    assert seen(bundled).valid is False
    found = seen(pinned_anchors(home_with(tmp_path, entry())))
    assert (found.valid, found.root) == (True, "new-root")


def test_a_file_replaces_a_root_of_the_same_name(tmp_path: Path) -> None:
    bundled = pinned_anchors(Home(tmp_path))
    renewed = pinned_anchors(home_with(tmp_path, entry(id="intel-sgx-root")))
    assert len(renewed) == len(bundled)
    assert seen(renewed).root == "intel-sgx-root"


def test_an_expired_root_is_explained(tmp_path: Path) -> None:
    found = seen(pinned_anchors(home_with(tmp_path, entry(until="2026-11-27"))))
    assert found.valid is False
    assert "trusted until 2026-11-27" in why(found)
    assert seen(pinned_anchors(home_with(tmp_path, entry(until="2026-11-28")))).valid is True


def test_a_missing_root_is_explained() -> None:
    assert "No root is pinned for this use" in why(seen(()))


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"anchors": []}',
        b'{"anchors": [{"use": "sgx-root"}]}',
        json.dumps({"anchors": [{"until": "soon"}]}).encode(),
    ],
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, content: bytes) -> None:
    home = Home(tmp_path)
    home.trust_anchors.write_bytes(content)
    with pytest.raises(StorageError, match="holds no trust anchors"):
        pinned_anchors(home)


@pytest.mark.parametrize("changes", [{"sandbox": True}, {"until": "soon"}, {"spki_sha256": "00"}])
def test_entries_that_cannot_be_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(StorageError):
        pinned_anchors(home_with(tmp_path, entry(**changes)))
