"""The front door to evidence: what it is, what it says, and whether it holds.

    given = Given(Trust(anchors, when), certificates=ders, collateral=collateral)
    found = examine(data, given)            # the kind is guessed from the content
    found = examine(data, given, Kind.OE_EVIDENCE)

`found` is an `Examination` (module `examination`): facts, claims and checks; `valid` is True, False
or, when something needed was not given, None; `failed()` says why, the reasons first. What a viewer
shows comes from its methods: `tree(n)` the structure of `parts[n]` (name, offset, size, raw bytes,
meaning, children) for a tree beside a hex view of `parts[n].data`; `certificate_rows()`,
`tcb_table()`, `event_rows()` and `register_rows()`. Files that people give are read by the module
`given_files`: certificates in any form and order, collateral in all its forms.

Contract
- Pure: no I/O, no clock; the time and the roots come in `Given.trust`.
- Evidence of a known kind that cannot be read is no exception but an Examination whose `valid` is
  False, with `refusal` (summary, offset, hint) and the check `structure` failed.
- Only when the kind cannot be told, EvidenceError is raised.
- Work and memory are linear in the evidence, whose size is bounded by MAX_SIZE.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError, EvidenceError
from sealwright.evidence.basis.checks import Check, CheckStatus, judge, row
from sealwright.evidence.examination import Examination, Given, Kind, Refusal
from sealwright.evidence.guess import guess
from sealwright.evidence.kinds import amd, azure, intel, tpm, vbs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_SIZE: Final = 16 << 20
"""Bytes of one piece of evidence."""

_EXAMINERS: Final[Mapping[Kind, Callable[[bytes, Given], Examination]]] = {
    Kind.SGX_QUOTE: intel.examine_sgx,
    Kind.OE_REPORT: intel.examine_report,
    Kind.OE_EVIDENCE: intel.examine_evidence,
    Kind.TDX_QUOTE: intel.examine_tdx,
    Kind.SNP_REPORT: amd.examine_snp,
    Kind.SNP_ACI: amd.examine_aci,
    Kind.HCL_REPORT: azure.examine_hcl,
    Kind.VTPM_EVIDENCE: azure.examine_vtpm,
    Kind.TPM_QUOTE: tpm.examine_quote,
    Kind.TPM_EVENTLOG: tpm.examine_log,
    Kind.AZURE_GUEST: azure.examine_guest,
    Kind.VBS_REPORT: vbs.examine_vbs,
    Kind.AMD_CHAIN: amd.examine_chain,
    Kind.COLLATERAL: intel.examine_collateral,
}
_TITLE: Final = "Evidence is well formed"


def examine(data: bytes, given: Given, kind: Kind | None = None) -> Examination:
    """Take one piece of evidence apart and check it.

    Raises:
        EvidenceError: it is too large, or of no kind that is known here.
    """
    if len(data) > MAX_SIZE:
        raise EvidenceError(f"The evidence has more than {MAX_SIZE >> 20} MB.")
    kind = kind or guess(data, given.companions)
    try:
        found = _EXAMINERS[kind](data, given)
    except AppError as error:
        return _refused(kind, error)
    return replace(found, checks=_with_structure(found.checks, found.form))


def _with_structure(checks: tuple[Check, ...], form: str) -> tuple[Check, ...]:
    """The checks with their row `structure` in front."""
    inner = [check for check in checks if check.id.startswith("structure.")]
    rest = [check for check in checks if not check.id.startswith("structure.")]
    read = Check("structure.read", "Every field is in its place", CheckStatus.PASS, actual=form)
    return (*row("structure", _TITLE, (read, *inner)), *rest)


def _refused(kind: Kind, error: AppError) -> Examination:
    offset = error.offset if isinstance(error, EvidenceError) else None
    where = "" if offset is None else f"byte {offset}"
    failed = judge("structure", _TITLE, error.summary, passed=False, actual=where)
    return Examination(
        kind=kind,
        form="Malformed",
        facts={},
        checks=(failed,),
        refusal=Refusal(error.summary, offset, error.hint),
    )
