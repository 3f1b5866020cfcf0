"""Facts of SGX and TD quotes, by the names of the evidence reference in lower snake case."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.certificates import (
    broken_link,
    is_ca,
    serial_hex,
    sha256_hex,
    spki_sha256,
    subject_text,
)
from sealwright.evidence.basis.checks import Check, CheckStatus
from sealwright.evidence.intel import tdx
from sealwright.evidence.intel.collateral_verify import is_list_signed, is_revoked, load_list
from sealwright.evidence.intel.pck import pck_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography import x509

    from sealwright.evidence.examination import Fact
    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.evidence.intel.endorsements import Endorsements
    from sealwright.evidence.intel.sgx import ReportBody, SgxQuote, SignatureData
    from sealwright.evidence.intel.tdx import TdxQuote

_TD_FLAGS: Final = {
    "debug": tdx.ATTRIBUTE_DEBUG,
    "septve_disable": tdx.ATTRIBUTE_SEPT_VE_DISABLE,
    "migratable": tdx.ATTRIBUTE_MIGRATABLE,
    "protection_keys": tdx.ATTRIBUTE_PROTECTION_KEYS,
    "key_locker": tdx.ATTRIBUTE_KEY_LOCKER,
    "perfmon": tdx.ATTRIBUTE_PERFMON,
}


def passes(checks: Sequence[Check], id_: str) -> bool:
    """Whether the check of that id was made and passed."""
    return any(check.id == id_ and check.status is CheckStatus.PASS for check in checks)


def body_facts(body: ReportBody) -> dict[str, Fact]:
    """An enclave's report."""
    return {
        "cpusvn": body.cpu_svn.hex(),
        "miscselect": body.misc_select,
        "isvextprodid": body.isv_ext_prod_id.hex(),
        "attributes": (body.flags.to_bytes(8, "little") + body.xfrm.to_bytes(8, "little")).hex(),
        "flags": body.flags,
        "xfrm": body.xfrm,
        "debug": body.debug,
        "mrenclave": body.mrenclave.hex(),
        "mrsigner": body.mrsigner.hex(),
        "configid": body.config_id.hex(),
        "isvprodid": body.isv_prod_id,
        "isvsvn": body.isv_svn,
        "configsvn": body.config_svn,
        "isvfamilyid": body.isv_family_id.hex(),
        "report_data": body.report_data.hex(),
    }


def sgx_facts(
    quote: SgxQuote, chain: Sequence[x509.Certificate], checks: Sequence[Check]
) -> dict[str, Fact]:
    """A quote v3, and how its parts verify."""
    return {
        "version": quote.version,
        "att_key_type": quote.key_type,
        "tee_type": "sgx",
        "total_len": quote.size,
        "qe_svn": quote.qe_svn,
        "pce_svn": quote.pce_svn,
        "qe_vendor_id": quote.qe_vendor_id.hex(),
        "user_data": quote.user_data.hex(),
        "body": body_facts(quote.body),
        "sig_data_len": quote.size - len(quote.signed) - 4,
        "trailing": 0,
        "quote_len": quote.size,
        **_vouched(quote.auth, chain, checks),
    }


def tdx_facts(
    quote: TdxQuote, chain: Sequence[x509.Certificate], checks: Sequence[Check]
) -> dict[str, Fact]:
    """A TD quote, and how its parts verify."""
    body: dict[str, Fact] = {
        item.name: getattr(quote.body, item.name).hex() for item in fields(quote.body)
    }
    body |= {name: quote.body.has(bit) for name, bit in _TD_FLAGS.items()}
    numbered: dict[str, Fact] = {}
    if quote.version == 4:  # noqa: PLR2004 - version 4 has one kind of body only
        del body["tee_tcb_svn_2"], body["mrservicetd"]
    else:
        size = len(quote.signed) - 54
        numbered = {"body_type": quote.body_type, "body_size": size}
    return {
        "version": quote.version,
        "att_key_type": quote.key_type,
        "tee_type": "0x81",
        "total_len": quote.size + len(quote.padding),
        "qe_vendor_id": quote.qe_vendor_id.hex(),
        "user_data": quote.user_data.hex(),
        **numbered,
        "body": body,
        "sig_data_len": quote.size - len(quote.signed) - 4,
        "trailing": len(quote.padding),
        "quote_len": quote.size,
        "outer_cert_type": 6,
        **_vouched(quote.auth, chain, checks),
    }


def _vouched(
    auth: SignatureData, chain: Sequence[x509.Certificate], checks: Sequence[Check]
) -> dict[str, Fact]:
    linked = broken_link(chain) is None and all(is_ca(item) for item in chain[1:])
    return {
        "quote_signature_valid": passes(checks, "signature"),
        "qe": body_facts(auth.qe_report),
        "qe_auth_len": len(auth.qe_auth_data),
        "cert_data_type": auth.certification_type,
        "cert_data_len": len(auth.certification_data),
        "qe_report_data_binds_ak": passes(checks, "qe-binding"),
        "n_certs": len(chain),
        "qe_report_signature_valid": passes(checks, "qe-report"),
        "chain_ok": bool(chain) and linked,
        **(_chain_facts(tuple(chain)) if chain else {}),
    }


@lru_cache(maxsize=1024)
def _chain_facts(chain: tuple[x509.Certificate, ...]) -> Mapping[str, Fact]:
    leaf, root = chain[0], chain[-1]
    return {
        "root_sha256": sha256_hex(root),
        "root_spki_sha256": spki_sha256(root),
        "pck_ca": subject_text(chain[min(1, len(chain) - 1)]),
        "pck_not_before": leaf.not_valid_before_utc.isoformat(),
        "pck_not_after": leaf.not_valid_after_utc.isoformat(),
        "pck_serial": serial_hex(leaf),
        "pck": platform_facts(leaf),
    }


def platform_facts(leaf: x509.Certificate) -> dict[str, Fact]:
    """What the PCK certificate says about the platform; empty when it says nothing."""
    try:
        facts = pck_facts(leaf)
    except EvidenceError:
        return {}
    found: dict[str, Fact] = {
        "ppid": facts.ppid.hex(),
        "tcb_comp_svn": list(facts.components),
        "pcesvn": facts.pce_svn,
        "cpusvn": facts.cpu_svn.hex(),
        "pceid": facts.pce_id.hex(),
        "fmspc": facts.fmspc.hex(),
        "sgx_type": facts.sgx_type,
    }
    if facts.instance_id:
        found["platform_instance_id"] = facts.instance_id.hex()
    flags = (facts.dynamic_platform, facts.cached_keys, facts.smt_enabled)
    found |= {f"config_7.{at}": flag for at, flag in enumerate(flags, 1) if flag is not None}
    return found


def endorsement_facts(found: Endorsements) -> dict[str, Fact]:
    """The header of Open Enclave endorsements."""
    return {
        "version": 1,
        "enclave_type": found.enclave_type,
        "buffer_size": found.buffer_size,
        "num_elements": len(found.offsets),
        "offsets": list(found.offsets),
    }


def revocation_facts(collateral: Collateral, chain: Sequence[x509.Certificate]) -> dict[str, Fact]:
    """The revocation lists that came with the collateral, against the chain of the quote."""
    found: dict[str, Fact] = {}
    if len(chain) != 3:  # noqa: PLR2004 - leaf, CA and root
        return found
    leaf, authority, root = chain
    for name, raw, issuer in (
        ("root_crl", collateral.root_crl, root),
        ("pck_crl", collateral.pck_crl, authority),
    ):
        try:
            listed = _list_facts(raw, issuer) if raw else None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if listed is not None:
            found[name] = dict(listed)
    pck = found.get("pck_crl")
    if isinstance(pck, dict):
        pck["pck_revoked"] = is_revoked(load_list(collateral.pck_crl), leaf)
    return found


@lru_cache(maxsize=64)
def _list_facts(raw: bytes, issuer: x509.Certificate) -> Mapping[str, Fact]:
    listed = load_list(raw)
    return {
        "issuer": listed.issuer.rfc4514_string(),
        "this_update": str(listed.last_update_utc),
        "next_update": str(listed.next_update_utc),
        "entries": len(listed),
        "signature_valid": is_list_signed(raw, issuer),
    }
