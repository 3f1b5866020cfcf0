"""Did the chip that AMD vouches for sign this report (spec evidence, 6.3)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA384

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.chip import ChipFacts, chip_facts
from sealwright.evidence.basis.certificates import issuer_name, path_checks
from sealwright.evidence.basis.checks import Check, CheckStatus, judge, row, skip, warn
from sealwright.evidence.basis.trust import AMD_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.evidence.amd.snp import SnpReport, Tcb
    from sealwright.evidence.basis.trust import Trust

_P384_BYTES: Final = 48
_COMMITTED_SINCE: Final = 2


def verify_snp(
    report: SnpReport,
    chain: Sequence[x509.Certificate],
    trust: Trust,
    prefix: str = "",
) -> tuple[Check, ...]:
    """Check a report with the chain VCEK (or VLEK), ASK, ARK; ids begin with `prefix`."""
    title = "AMD certificate chain"
    facts = _facts(chain)
    if not chain:
        failed = judge(f"{prefix}chain.links", title, "The chain is missing.", passed=False)
        return (*row(f"{prefix}chain", title, (failed,)), *_policy(report, prefix))
    path = path_checks(f"{prefix}chain", chain, trust, AMD_ROOT)
    product = _product(f"{prefix}chain.product", report, facts)
    return (
        _rest(f"{prefix}structure.rest", report),
        *row(f"{prefix}chain", title, (*path, product)),
        _signature(f"{prefix}signature", report, chain[0]),
        *_chip(prefix, report, facts),
        _order(f"{prefix}tcb", report),
        *_policy(report, prefix),
    )


def without_issuer(
    checks: tuple[Check, ...], chain: Sequence[x509.Certificate]
) -> tuple[Check, ...]:
    """The checks, with the root left open where the issuer of the last certificate is not there.

    Of a chain that people collect themselves, what is missing is no proof of anything.
    """
    if not chain or chain[-1].subject == chain[-1].issuer:
        return checks
    title = "AMD certificate chain"
    found = {item.id: item for item in checks if item.id.startswith("chain.")}
    root = found["chain.root"]
    if root.status is not CheckStatus.FAIL:
        return checks
    why = f"give AMD's certificates too, `{issuer_name(chain[-1])}` and above it"
    found["chain.root"] = skip(root.id, root.title, why)
    summed, *parts = row("chain", title, tuple(found.values()))
    if summed.status is not CheckStatus.FAIL:
        summed = skip("chain", title, why)
    rest = [item for item in checks if item.id != "chain" and item.id not in found]
    return (*rest[:1], summed, *parts, *rest[1:])


def _rest(id_: str, report: SnpReport) -> Check:
    return judge(
        id_,
        "Nothing but zeros after the signature",
        "Bytes follow the signature that no chip vouches for.",
        passed=not any(report.rest),
    )


def _facts(chain: Sequence[x509.Certificate]) -> ChipFacts | None:
    try:
        return chip_facts(chain[0]) if chain else None
    except EvidenceError:
        return None


def _product(id_: str, report: SnpReport, facts: ChipFacts | None) -> Check:
    title = "Certificate and processor are of one product"
    if not report.product or facts is None or not facts.product:
        return skip(id_, title, "the report or the certificate names no product")
    return judge(
        id_,
        title,
        "The certificate is for another kind of processor.",
        passed=facts.product.startswith(report.product),
        expected=report.product,
        actual=facts.product,
    )


def _signature(id_: str, report: SnpReport, leaf: x509.Certificate) -> Check:
    key = leaf.public_key()
    return judge(
        id_,
        "Report signed by the chip",
        "The report was changed, or another chip signed it.",
        passed=isinstance(key, ec.EllipticCurvePublicKey) and _verifies(key, report),
    )


def _verifies(key: ec.EllipticCurvePublicKey, report: SnpReport) -> bool:
    if any(part.bit_length() > _P384_BYTES * 8 for part in report.signature):
        return False
    try:
        value = utils.encode_dss_signature(*report.signature)
        key.verify(value, report.signed, ec.ECDSA(SHA384()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _chip(prefix: str, report: SnpReport, facts: ChipFacts | None) -> tuple[Check, ...]:
    title = "Key belongs to this chip"
    if facts is None:
        why = "The certificate says nothing about a chip."
        return (judge(f"{prefix}chip", title, why, passed=False),)
    return row(
        f"{prefix}chip", title, (_chip_id(prefix, report, facts), _svns(prefix, report, facts))
    )


def _chip_id(prefix: str, report: SnpReport, facts: ChipFacts) -> Check:
    id_, title = f"{prefix}chip.id", "Chip id"
    if not facts.hardware_id:
        return skip(id_, title, "the key belongs to a cloud, not to a chip")
    if report.chip_masked:
        return skip(id_, title, "the chip masks its id")
    shown = report.chip_id[: len(facts.hardware_id)]
    return judge(
        id_,
        title,
        "The certificate is for another chip.",
        passed=facts.hardware_id == shown and not any(report.chip_id[len(shown) :]),
        expected=facts.hardware_id.hex(),
        actual=report.chip_id.hex(),
    )


def _svns(prefix: str, report: SnpReport, facts: ChipFacts) -> Check:
    certified = (facts.fmc or 0, facts.boot_loader, facts.tee, facts.snp, facts.microcode)
    return judge(
        f"{prefix}chip.tcb",
        "Key was made for this TCB",
        "The certificate is for another firmware level than the report.",
        passed=certified == report.reported_tcb.parts(),
        expected=_numbers(certified),
        actual=_numbers(report.reported_tcb.parts()),
    )


def _numbers(parts: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in parts)


def _order(id_: str, report: SnpReport) -> Check:
    title = "Reported ≤ committed ≤ current TCB"
    if report.version < _COMMITTED_SINCE:
        return skip(id_, title, "reports of the preview state no committed TCB")
    reported, committed, current = report.reported_tcb, report.committed_tcb, report.current_tcb
    return judge(
        id_,
        title,
        "The firmware levels in the report contradict each other.",
        passed=_not_above(reported, committed) and _not_above(committed, current),
        actual=" ≤ ".join(_numbers(item.parts()) for item in (reported, committed, current)),
    )


def _not_above(lower: Tcb, upper: Tcb) -> bool:
    return all(left <= right for left, right in zip(lower.parts(), upper.parts(), strict=True))


def paravisor_check(report: SnpReport, prefix: str = "") -> Check:
    """Check who in a confidential VM asked for a report: its paravisor runs at VMPL 0."""
    return judge(
        f"{prefix}policy-bits.vmpl",
        "The paravisor asked for the report",
        "Software of the guest asked for the report, so that it chose the runtime claims itself.",
        passed=report.vmpl == 0,
        expected="VMPL 0",
        actual=f"VMPL {report.vmpl}",
    )


def _policy(report: SnpReport, prefix: str) -> tuple[Check, ...]:
    id_, title = f"{prefix}policy-bits", "Guest cannot be debugged"
    if report.debug:
        return (warn(id_, title, "The host may read and change the guest."),)
    return (judge(id_, title, passed=True, actual=f"policy {report.policy:#x}"),)
