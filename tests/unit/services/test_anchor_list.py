"""The list of trust anchors: every use stands in it, and what is wrong is said."""

from __future__ import annotations

from datetime import UTC, datetime

from sealwright.evidence.basis.trust import AMD_ROOT, SGX_ROOT, VTPM_ROOT, TrustAnchor
from sealwright.services.evidence.anchors import AnchorState, anchor_rows

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def anchor(use: str, name: str, *, until: str = "", sandbox: bool = False) -> TrustAnchor:
    key = name[:1].encode().hex() * 32
    return TrustAnchor(use, name, name, key, "a test", "1", "2026-01-01", until, sandbox)


def test_each_root_has_its_state_and_a_use_without_one_is_named() -> None:
    rows = anchor_rows(
        [
            anchor(SGX_ROOT, "own", sandbox=True),
            anchor(SGX_ROOT, "vendor"),
            anchor(SGX_ROOT, "own", sandbox=True),
            anchor(AMD_ROOT, "former", until="2026-11-27"),
            anchor(AMD_ROOT, "last day", until="2026-11-28"),
            anchor(VTPM_ROOT, "own", sandbox=True),
        ],
        NOW,
    )
    found = [(row.use, row.anchor.name if row.anchor else "", row.state.value) for row in rows]
    assert found[:6] == [
        ("sgx-root", "vendor", "trusted"),
        ("sgx-root", "own", "sandbox"),
        ("amd-root", "former", "expired"),
        ("amd-root", "last day", "trusted"),
        ("uvm-root", "", "missing"),
        ("vtpm-root", "own", "sandbox"),
    ]
    assert found[6:] == [("vtpm-root", "", "missing"), ("token-ca", "", "missing")]
    meanings = {row.state: row.meaning for row in rows}
    assert "until 2026-11-27 only" in meanings[AnchorState.EXPIRED]
    assert "no hardware" in meanings[AnchorState.SANDBOX]
    assert "nothing can be verified up to it" in meanings[AnchorState.MISSING]


def test_of_a_key_that_is_pinned_twice_the_one_that_lasts_is_listed() -> None:
    ended = anchor(AMD_ROOT, "root", until="2026-11-27")
    renewed = anchor(AMD_ROOT, "root", until="2027-11-27")
    for both in ([ended, renewed], [renewed, ended]):
        (row,) = (row for row in anchor_rows(both, NOW) if row.use == AMD_ROOT)
        assert row.anchor == renewed
        assert row.state is AnchorState.TRUSTED
