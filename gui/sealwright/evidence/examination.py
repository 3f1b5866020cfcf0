"""What an examination of evidence gives: facts, claims, checks, and what a viewer shows of it.

Everything is a plain value. What costs more than a few microseconds and is only looked at (the
structure tree, the rows of tables) is made when asked for, by the methods of `Examination`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from sealwright.evidence.basis.checks import Check, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.claims import Claim
    from sealwright.evidence.amd.snp import SnpReport
    from sealwright.evidence.basis.trust import Trust
    from sealwright.evidence.boot.event_log import EventLog
    from sealwright.evidence.boot.event_rows import EventRow, RegisterRow
    from sealwright.evidence.certificate_rows import CertificateRow
    from sealwright.evidence.intel.collateral import Collateral, TcbInfo, TcbStatus
    from sealwright.evidence.intel.tcb import Platform
    from sealwright.evidence.structure import Node, Part
    from sealwright.evidence.tcb_table import TcbTable

Fact: TypeAlias = "str | int | bool | list[Fact] | dict[str, Fact] | None"
"""A fact as JSON has it; octets are lower-case hex."""

ISOLATION: Final = "isolation."
"""Prefix of the checks of hardware below a virtual TPM."""

_NEEDED: Final = frozenset(
    {
        "signature",
        "chain",
        "qe-report",
        "qe-binding",
        "pcr-quote",
        "certify",
        "event-log",
        "endorsement",
    }
)
_OPTIONAL: Final = frozenset({"chain.product"})


class Kind(StrEnum):
    """A kind of evidence by its name on the command line (spec cli, Commands)."""

    SGX_QUOTE = "sgx-quote"
    OE_REPORT = "oe-report"
    OE_EVIDENCE = "oe-evidence"
    TDX_QUOTE = "tdx-quote"
    SNP_REPORT = "snp-report"
    SNP_ACI = "snp-aci"
    HCL_REPORT = "hcl-report"
    VTPM_EVIDENCE = "vtpm-evidence"
    TPM_QUOTE = "tpm-quote"
    TPM_EVENTLOG = "tpm-eventlog"
    AZURE_GUEST = "azure-guest"
    VBS_REPORT = "vbs-report"
    AMD_CHAIN = "amd-chain"
    COLLATERAL = "collateral"


@dataclass(frozen=True, slots=True)
class Given:
    """What an examination goes by, beside the evidence itself."""

    trust: Trust
    """Root keys and the time at which everything must hold."""
    certificates: tuple[bytes, ...] = ()
    """DER, in any order; those that do not belong are ignored."""
    collateral: Collateral | None = None
    runtime_data: bytes | None = None
    """What the report data must be the hash of."""
    init_data: bytes | None = None
    """What CONFIG_ID, HOST_DATA or MRCONFIGID must be the hash of."""
    nonce: bytes | None = None
    """What a TPM must have been asked with (extraData)."""
    companions: tuple[bytes, ...] = ()
    """Other files of the same evidence, in any order: TPM quote, TD quote, endorsement of the
    image, policy text, event log."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why evidence could not be read, and at which byte."""

    summary: str
    offset: int | None
    hint: str


@dataclass(frozen=True, slots=True)
class Examination:
    """One piece of evidence, taken apart and checked."""

    kind: Kind
    form: str
    """The kind and version for people: `SGX quote v3`."""
    facts: Mapping[str, Fact] = field(repr=False)
    """Names of the evidence reference in lower snake case."""
    checks: tuple[Check, ...] = field(repr=False)
    claims: tuple[Claim, ...] = field(repr=False, default=())
    """What the service would derive: each incoming, all but `pcrs` and `events` outgoing too."""
    objects: Mapping[str, Fact] = field(repr=False, default_factory=dict)
    """What the service puts into tokens as objects and no policy can test."""
    tcb_status: TcbStatus | None = None
    advisories: tuple[str, ...] = ()
    root: str | None = None
    """Id of the trusted root that vouches: `intel-sgx-root`, `amd-ark-milan`, `sandbox`."""
    parts: tuple[Part, ...] = field(repr=False, default=())
    """The file first, then what is encoded inside it or came beside it, each with its fields."""
    certificates: tuple[bytes, ...] = field(repr=False, default=())
    """DER of what vouches, from the leaf to the root."""
    levels: tuple[Platform, TcbInfo] | SnpReport | None = field(repr=False, default=None)
    """What `tcb_table` compares."""
    log: EventLog | None = field(repr=False, default=None)
    quoted: Mapping[int, Mapping[int, bytes]] = field(repr=False, default_factory=dict)
    """Register values that a TPM signed, by TPM_ALG_ID of the bank and index."""
    refusal: Refusal | None = None
    """Set when the evidence could not be read; then there is nothing but the check `structure`."""

    @property
    def valid(self) -> bool | None:
        """Whether all holds; None when something needed was not given (spec cli, JSON results)."""
        if any(check.status is CheckStatus.FAIL for check in self.checks):
            return False
        return None if self.missing() else True

    def missing(self) -> tuple[Check, ...]:
        """The needed checks that could not be made; each says what to give."""
        needed = _NEEDED | {"collateral"} if self.kind is Kind.COLLATERAL else _NEEDED
        return tuple(check for check in self.checks if _is_missing(check, needed))

    def failed(self) -> tuple[Check, ...]:
        """What does not hold, the reasons before the rows that sum them up."""
        found = [check for check in self.checks if check.status is CheckStatus.FAIL]
        return tuple(sorted(found, key=lambda check: -check.id.count(".")))

    def tree(self, part: int = 0) -> tuple[Node, ...]:
        """The structure of one of `parts`, every byte in its place."""
        from sealwright.evidence.structure import tree  # noqa: PLC0415 - only a viewer needs it

        return tree(self.parts[part])

    def certificate_rows(self) -> tuple[CertificateRow, ...]:
        """What each certificate says, and whether the next one signed it."""
        from sealwright.evidence.certificate_rows import rows  # noqa: PLC0415 - as above

        return rows(self.certificates)

    def tcb_table(self) -> TcbTable | None:
        """The platform's security versions beside the vendor's levels; None without any."""
        from sealwright.evidence.tcb_table import table  # noqa: PLC0415 - as above

        return None if self.levels is None else table(self.levels)

    def event_rows(self) -> tuple[EventRow, ...]:
        """The event log, one row an event; empty when there is none."""
        from sealwright.evidence.boot.event_rows import event_rows  # noqa: PLC0415 - as above

        return event_rows(self.log) if self.log is not None else ()

    def register_rows(self) -> tuple[RegisterRow, ...]:
        """What the registers hold by the log's replay and by the TPM's word, bank by bank."""
        from sealwright.evidence.boot.event_rows import register_rows  # noqa: PLC0415 - as above

        return register_rows(self.log, self.quoted)


def _is_missing(check: Check, needed: frozenset[str]) -> bool:
    if check.status is not CheckStatus.SKIP:
        return False
    name = check.id.removeprefix(ISOLATION)
    return name.partition(".")[0] in needed and name not in _OPTIONAL
