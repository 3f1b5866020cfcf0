"""Azure's virtual machines: HCL reports, virtual TPM evidence, AzureGuest requests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.azure.azure_guest import SHA256, AzureGuest, Isolation, parse_azure_guest
from sealwright.evidence.azure.azure_guest_verify import verify_azure_guest
from sealwright.evidence.azure.hcl import (
    HARDWARE_AT,
    TYPE_TDX,
    TYPE_VBS,
    HclReport,
    parse_hcl_report,
)
from sealwright.evidence.azure.hcl_verify import attestation_key, verify_hcl
from sealwright.evidence.azure.vbs_vm import VbsVmReport, parse_vbs_vm
from sealwright.evidence.basis.certificates import load_filled
from sealwright.evidence.basis.chains import readable, root_id
from sealwright.evidence.basis.checks import Check, CheckStatus, skip
from sealwright.evidence.basis.document import member_fields, read_document, read_json
from sealwright.evidence.basis.reader import Field
from sealwright.evidence.basis.trust import AMD_ROOT, SGX_ROOT, VTPM_ROOT
from sealwright.evidence.derived.guest import guest_claims, guest_objects
from sealwright.evidence.derived.hardware import snp_claims, tdx_claims
from sealwright.evidence.examination import ISOLATION, Examination, Fact, Given, Kind
from sealwright.evidence.intel.td_report import td_report_fields
from sealwright.evidence.intel.tdx import TdxQuote, parse_tdx_quote
from sealwright.evidence.kinds.amd import snp_chain
from sealwright.evidence.kinds.amd_facts import snp_facts
from sealwright.evidence.kinds.intel import certificates_of, collateral_for
from sealwright.evidence.kinds.intel_facts import passes, tdx_facts
from sealwright.evidence.kinds.tpm import (
    attestation_facts,
    checks_of,
    log_among,
    log_fields,
    quote_parts,
)
from sealwright.evidence.structure import Part
from sealwright.evidence.tpm.aik_verify import aik_chain
from sealwright.evidence.tpm.tpm_quote import TpmQuote, is_quote, parse_tpm_quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.evidence.tpm.tpm import TpmPublic

_TYPES: Final = {1: "vbs", 2: "snp", 3: "trusted-launch", 4: "tdx"}
_HASHES: Final = {1: "sha256", 2: "sha384", 3: "sha512"}
_TD_HEADER: Final = (bytes.fromhex("0400"), bytes.fromhex("0500"))


def examine_hcl(data: bytes, given: Given) -> Examination:
    """An HCL report; the TD quote and certificates of the hardware may come beside it."""
    return _hcl(Kind.HCL_REPORT, data, given)


def examine_vtpm(data: bytes, given: Given) -> Examination:
    """An HCL report with the quote of the virtual TPM that it names."""
    found = _hcl(Kind.VTPM_EVIDENCE, data, given)
    report = parse_hcl_report(data)
    quote = _tpm_quote(given)
    if quote is None:
        why = "no TPM quote; give it beside the HCL report"
        missing = skip("pcr-quote", "Registers quoted by the TPM", why)
        return replace(found, checks=(*found.checks, missing))
    raw, parsed = quote
    log = log_among(given)
    checks = checks_of(parsed, attestation_key(report), given, log)
    facts: dict[str, Fact] = {
        "attest": attestation_facts(parsed.attestation),
        "signature_valid_under_HCLAkPub": passes(checks, "pcr-quote.signature"),
        "pcr_digest_matches": passes(checks, "pcr-quote.digest"),
        "pcrs": [value.hex() for bank in parsed.banks.values() for value in bank.values()],
    }
    return replace(
        found,
        facts={**found.facts, "tpm_quote": facts},
        checks=(*found.checks, *checks),
        parts=(*found.parts, *quote_parts(raw, parsed)),
        log=log,
        quoted=parsed.banks,
    )


def _tpm_quote(given: Given) -> tuple[bytes, TpmQuote] | None:
    found = next((item for item in given.companions if is_quote(item)), None)
    return None if found is None else (found, parse_tpm_quote(found, given.companions))


def td_quote_among(given: Given) -> TdxQuote | None:
    """The TD quote among the companions."""
    for item in given.companions:
        if item[:2] in _TD_HEADER and item[4:5] == b"\x81":
            return parse_tdx_quote(item)
    return None


def _hcl(kind: Kind, data: bytes, given: Given) -> Examination:
    report = parse_hcl_report(data)
    quote = td_quote_among(given) if report.report_type == TYPE_TDX else None
    chain = certificates_of(quote) if quote is not None else snp_chain(given)
    collateral = collateral_for(given, chain)
    checks, status = verify_hcl(report, chain, given.trust, quote, collateral)
    if report.snp is not None and not chain:
        why = "no certificates; give the chip's certificate and AMD's"
        checks = (*checks, skip("chain", "AMD certificate chain", why))
    facts: dict[str, Fact] = {"hcl": dict(hcl_facts(report, checks))}
    if report.report_type == TYPE_VBS:
        facts["vbs"] = dict(vbs_vm_facts(parse_vbs_vm(report.hardware, base=HARDWARE_AT)))
    if report.snp is not None:
        facts["snp"] = dict(snp_facts(report.snp, chain, checks))
    if quote is not None:
        facts["td_quote"] = {
            "layout": "raw_quote",
            "evidence_len": quote.size + len(quote.padding),
            **tdx_facts(quote, chain, checks),
        }
        facts["td_quote_report_data_equals_hcl"] = passes(checks, "isolation.report-data")
    use = AMD_ROOT if report.snp is not None else SGX_ROOT
    return Examination(
        kind=kind,
        form=f"HCL report v{report.version} on {_TYPES[report.report_type]}",
        facts=facts,
        checks=checks,
        claims=snp_claims(report.snp) if report.snp else tdx_claims(quote, status) if quote else (),
        objects={"x-ms-runtime": runtime_object(report.claims_raw)},
        tcb_status=status,
        root=root_id(chain, given.trust, use),
        parts=(Part("HCL report", data, hcl_fields(report)),),
        certificates=tuple(item.public_bytes(Encoding.DER) for item in chain),
        levels=report.snp,
    )


def hcl_fields(report: HclReport) -> tuple[Field, ...]:
    """The report's fields, with those of the hardware's report inside."""
    inner = report.snp.fields if report.snp is not None else ()
    if report.report_type == TYPE_TDX:
        inner = td_report_fields(report.hardware, base=HARDWARE_AT)
    if report.report_type == TYPE_VBS:
        inner = parse_vbs_vm(report.hardware, base=HARDWARE_AT).fields
    return (
        *report.fields,
        *(Field(f"hardware_report.{item.name}", item.offset, item.size) for item in inner),
    )


def runtime_object(raw: bytes) -> Fact:
    """The runtime claims as the service puts them into tokens."""
    try:
        return cast("Fact", read_json(raw, "runtime claims"))
    except EvidenceError:
        return None


def hcl_facts(report: HclReport, checks: Sequence[Check]) -> dict[str, Fact]:
    """The header of an HCL report, and what its runtime claims hold."""
    claims = runtime_object(report.claims_raw)
    members = claims if isinstance(claims, dict) else {}
    return {
        "signature": "HCLA",
        "version": report.version,
        "report_size": report.report_size,
        "request_type": report.request_type,
        "status": report.status,
        "data_size": len(report.claims_raw) + 20,
        "data_version": report.data_version,
        "report_type": _TYPES[report.report_type],
        "hash_type": _HASHES[report.hash_type],
        "var_size": len(report.claims_raw),
        "report_data": report.report_data.hex(),
        "report_data_matches_sha256_vardata": passes(checks, "report-data"),
        "claims_keys": _kids(members.get("keys")),
        "vm_configuration": members.get("vm-configuration"),
        "user_data": members.get("user-data"),
    }


def vbs_vm_facts(found: VbsVmReport) -> dict[str, Fact]:
    """The hypervisor's report of a virtual machine."""
    return {
        "version": found.version,
        "report_data": found.report_data.hex(),
        "owner_id": found.owner_id.hex(),
        "measurement": found.measurement.hex(),
        "signer": found.signer.hex(),
        "host_data": found.host_data.hex(),
        "enabled_vtls": found.enabled_vtls,
        "policy": found.policy,
        "debug": found.debug,
        "guest_vtl": found.guest_vtl,
        "svn": found.svn,
        "product_id": found.product_id,
        "module_id": found.module_id,
    }


def _kids(keys: Fact) -> list[Fact]:
    items = keys if isinstance(keys, list) else []
    return [item.get("kid") for item in items if isinstance(item, dict)]


def examine_guest(data: bytes, given: Given) -> Examination:
    """What a guest sends: virtual TPM, event log, and the hardware below a confidential VM."""
    data = unwrapped(data)
    guest = parse_azure_guest(data)
    pool = readable(given.certificates)
    checks, status = verify_azure_guest(guest, given.trust, given.collateral, pool)
    isolation = guest.isolation
    facts = guest_facts(guest, checks)
    chain: tuple[x509.Certificate, ...] = ()
    key = _key_chain(guest, pool)
    root, levels = root_id(key, given.trust, VTPM_ROOT), None
    if isolation is not None:
        chain = _hardware_chain(isolation)
        root = root_id(chain, given.trust, AMD_ROOT if isolation.snp else SGX_ROOT)
        levels = isolation.snp.report if isolation.snp else None
        facts["isolation_info"] = _isolation_facts(isolation, chain, checks)
    outer = Part("Attestation information", data, member_fields(data, "attestation information"))
    return Examination(
        kind=Kind.AZURE_GUEST,
        form=f"AzureGuest request {guest.protocol}",
        facts=facts,
        checks=checks,
        claims=guest_claims(guest),
        objects=guest_objects(guest, status),
        tcb_status=status,
        root=root,
        parts=(outer, *_guest_parts(guest)),
        certificates=tuple(item.public_bytes(Encoding.DER) for item in (*key, *chain)),
        levels=levels,
        log=guest.log,
        quoted={SHA256: guest.tpm.pcrs},
    )


def _key_chain(guest: AzureGuest, pool: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    try:
        return aik_chain(load_filled(guest.tpm.aik_certificate), pool)
    except KeyMaterialError:
        return ()


def unwrapped(data: bytes) -> bytes:
    """The attestation information, out of the request that carries it."""
    document = read_document(data, "attestation information")
    for name in ("AttestationInfo", "attestationInfo"):
        if name in document:
            return document.base64(name)
    return data


def _hardware_chain(isolation: Isolation) -> tuple[x509.Certificate, ...]:
    if isolation.snp is not None:
        return isolation.snp.chain
    return certificates_of(isolation.td_quote) if isolation.td_quote else ()


def _isolation_facts(
    isolation: Isolation, chain: Sequence[x509.Certificate], checks: Sequence[Check]
) -> dict[str, Fact]:
    inner = [
        check._replace(id=check.id.removeprefix(ISOLATION))
        for check in checks
        if check.id.startswith(ISOLATION)
    ]
    found: dict[str, Fact] = {"runtime": runtime_object(isolation.runtime_raw)}
    if isolation.snp is not None:
        found["snp"] = dict(snp_facts(isolation.snp.report, chain, inner))
    if isolation.td_quote is not None:
        found["td_quote"] = dict(tdx_facts(isolation.td_quote, chain, inner))
    return found


def guest_facts(guest: AzureGuest, checks: Sequence[Check]) -> dict[str, Fact]:
    """A request, and how its parts hang together."""
    certificate = load_filled(guest.tpm.aik_certificate)
    replayed = {
        check.id.removeprefix("event-log.pcr"): check.status is CheckStatus.PASS
        for check in checks
        if check.id.startswith("event-log.pcr")
    }
    return {
        "protocol": guest.protocol,
        "isolation": guest.isolation_type or None,
        "os": {
            "OSType": guest.os_type,
            "OSDistro": guest.os_distro,
            "OSBuild": guest.os_build,
            "OSVersionMajor": guest.os_version[0],
            "OSVersionMinor": guest.os_version[1],
        },
        "client_payload": {
            name: value.decode("utf-8", "replace") for name, value in guest.client_payload.items()
        },
        "pcr_quote": attestation_facts(guest.tpm.quote),
        "pcr_signature_valid": passes(checks, "pcr-quote.signature"),
        "pcr_digest_matches": passes(checks, "pcr-quote.digest"),
        "aik_public": _key_facts(guest.tpm.aik),
        "aik_cert": {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "key_matches_AikPub": passes(checks, "chain.key"),
        },
        "enc_key": _key_facts(guest.tpm.encryption_key),
        "certify": {
            "signature_valid": passes(checks, "certify.signature"),
            "name_matches": passes(checks, "certify.name"),
        },
        "event_log": {
            "events": len(guest.log.events),
            "algs": {f"{name:#x}": size for name, size in guest.log.algorithms.items()},
            "replay_matches_pcrs": dict(replayed),
        },
        "pcrs": {str(index): value.hex() for index, value in sorted(guest.tpm.pcrs.items())},
    }


def _key_facts(key: TpmPublic) -> dict[str, Fact]:
    return {
        "type": f"{key.type:#x}",
        "nameAlg": f"{key.name_algorithm:#x}",
        "attrs": f"{key.attributes:#x}",
        "policy": key.auth_policy.hex(),
        "sym": f"{key.symmetric:#x}",
        "scheme": f"{key.scheme:#x}",
        "bits": key.bits,
        "e": key.exponent,
        "name": key.name.hex(),
    }


def _guest_parts(guest: AzureGuest) -> tuple[Part, ...]:
    tpm = guest.tpm
    found = [
        Part("TPM attestation", tpm.quote.raw, tpm.quote.fields),
        Part("TPM public key", tpm.aik.sized, tpm.aik.fields),
        Part("TPM public key", tpm.encryption_key.sized, tpm.encryption_key.fields),
        Part("TPM attestation", tpm.certify.raw, tpm.certify.fields),
        Part("Event log", guest.log.raw, log_fields(guest.log)),
    ]
    isolation = guest.isolation
    if isolation is not None and isolation.snp is not None:
        found.append(Part("SNP report", isolation.snp.report_raw, isolation.snp.report.fields))
    if isolation is not None and isolation.td_quote is not None:
        found.append(Part("TDX quote", isolation.td_quote.raw, isolation.td_quote.fields))
    return tuple(found)
