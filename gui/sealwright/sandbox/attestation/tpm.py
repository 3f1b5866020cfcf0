"""Judges the signed request of the Tpm protocol, with or without an enclave (spec evidence, 9).

Claims of TPMs and enclaves are for the policy only: the token says what the policy issues, whose
key was attested, and what the relying party sent (spec tokens, 3.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.azure.vbs import parse_vbs_report
from sealwright.evidence.azure.vbs_verify import identity_check, identity_keys, verify_vbs
from sealwright.evidence.basis.checks import Check, CheckStatus, judge
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.examination import Given
from sealwright.evidence.kinds.tpm import checks_of
from sealwright.evidence.tpm.aik_verify import aik_checks
from sealwright.sandbox.attestation.appraisal import Appraisal, invalid_evidence, require
from sealwright.sandbox.vendors import TcbRule
from sealwright.tokens.tpm.claims import request_claims
from sealwright.tokens.tpm.keys import binding
from sealwright.tokens.tpm.parts import parts_of

if TYPE_CHECKING:
    from sealwright.sandbox.attestation.appraisal import Case
    from sealwright.tokens.jose import JsonObject
    from sealwright.tokens.tpm.parts import TpmParts, TpmState
    from sealwright.tokens.tpm.request import TpmRequest

_ALL_REGISTERS: Final = 0xFFFFFF
_REGISTERS: Final = 24
_AIK_UNJUDGED: Final = (
    "Who answers for the attestation key was not judged: the certificates of its authority did not "
    "come with the request."
)


def appraise_tpm(case: Case, request: TpmRequest) -> Appraisal:
    """Judge a request whose signature and challenge hold.

    Raises:
        RefusalError: something else does not.
    """
    try:
        return _appraise(case, request, parts_of(request))
    except EvidenceError as error:
        raise invalid_evidence(f"The specified request was invalid. {error.summary}") from None


def _appraise(case: Case, request: TpmRequest, parts: TpmParts) -> Appraisal:
    trust = Trust(case.anchors, case.when)
    nonce, key_checks = binding(request, parts.key)
    require(
        (
            *key_checks,
            *_state(parts.current, parts, trust, nonce),
            *_covered(case, parts.current),
            *(() if parts.boot is None else _state(parts.boot, parts, trust, None)),
        ),
        "request",
    )
    valid, notes = _attestation_key(case, parts, trust)
    if parts.current.log is None:
        raise invalid_evidence("The specified request was invalid. It brings no event log.")
    _require_enclave(request, parts)
    kind, *others = request_claims(request, parts, aik_validated=valid)
    return Appraisal(
        claims=(kind,),
        members=_members(request),
        hidden=tuple(others),
        notes=(*parts.notes, *notes),
    )


def _members(request: TpmRequest) -> JsonObject:
    found: JsonObject = {"cnf": {"jwk": request.key.jwk}}
    if request.rp_data:
        found |= {"rp_data": request.rp_data, "nonce": request.rp_data}
    return found


def _state(
    state: TpmState, parts: TpmParts, trust: Trust, nonce: bytes | None
) -> tuple[Check, ...]:
    checks = checks_of(state.quote, parts.key, Given(trust, nonce=nonce), state.log)
    return tuple(_answered(check) for check in checks)


def _answered(check: Check) -> Check:
    """What a person may leave open, a request may not."""
    if check.status is not CheckStatus.SKIP:
        return check
    if check.id.startswith("event-log."):
        # A register that the log extends, but in another bank, would be vouched for by nobody.
        words = "The log has no digests of the quoted bank."
        return judge(check.id, check.title, words, passed=False)
    if check.id == "pcr-quote.digest":
        return judge(check.id, check.title, "The register values did not come.", passed=False)
    return check


def _covered(case: Case, state: TpmState) -> tuple[Check, ...]:
    """The registers that the policy wants quoted."""
    wanted = case.configuration.get("required_pcr_mask", _ALL_REGISTERS)
    mask = wanted if type(wanted) is int else _ALL_REGISTERS
    quoted = state.quote.attestation.registers
    missing = [at for at in range(_REGISTERS) if mask >> at & 1 and at not in quoted]
    return (
        judge(
            "pcr-quote.mask",
            "Quote covers the registers that the policy asks for",
            f"The quote lacks the registers {', '.join(map(str, missing))}.",
            passed=not missing,
            expected=f"{mask:#08x}",
        ),
    )


def _attestation_key(case: Case, parts: TpmParts, trust: Trust) -> tuple[bool, tuple[str, ...]]:
    """Whether the key's certificate holds; the policy may want to judge that by itself."""
    notes: tuple[str, ...] = ()
    if parts.certificate is None:
        checks: tuple[Check, ...] = (
            judge("chain", "Attestation key's certificate", "There is none.", passed=False),
        )
    else:
        checks = aik_checks(parts.certificate, parts.key, case.certificates, trust)
    failed = any(check.status is CheckStatus.FAIL for check in checks)
    open_ = any(check.status is CheckStatus.SKIP for check in checks)
    if open_ and not failed:
        notes = (_AIK_UNJUDGED,)
    valid = not failed and (not open_ or case.rule is TcbRule.NOT_JUDGED)
    if not valid and case.configuration.get("require_valid_aik_cert", True):
        words = _AIK_UNJUDGED if not failed else ""
        raise invalid_evidence(f"The AIK certificate of the request is not valid. {words}", checks)
    return valid, notes


def _require_enclave(request: TpmRequest, parts: TpmParts) -> None:
    if not request.vsm_report:
        return
    report = parse_vbs_report(request.vsm_report)
    logs = [
        (state.log, state.quote.attestation.registers)
        for state in (parts.boot, parts.current)
        if state is not None and state.log is not None
    ]
    named = tuple(identity_check(log, quoted) for log, quoted in logs)
    if all(check.status is CheckStatus.FAIL for check in named):
        require(named, "enclave report")
    keys = [key for log, quoted in logs for key in identity_keys(log, quoted)]
    require(verify_vbs(report, keys, request.report_signed), "enclave report")
