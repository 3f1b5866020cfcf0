"""Synthetic evidence of Azure's virtual machines."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sealwright.evidence.basis.certificates import load_pem_chain
from sealwright.evidence.examination import Kind
from sealwright.evidence.intel.td_report import encode_td_report_struct
from sealwright.evidence.synthetic.azure import (
    GuestSystem,
    Machine,
    isolation_info,
    make_guest,
    make_hcl,
    runtime_claims,
    snp_proof,
)
from sealwright.evidence.synthetic.enclave_kinds import collateral_of, td_body
from sealwright.evidence.synthetic.made import Synthetic
from sealwright.evidence.synthetic.snp_kinds import snp_fields
from sealwright.evidence.synthetic.snp_reports import make_snp_report, snp_chain_pem
from sealwright.evidence.synthetic.tdx import make_tdx_quote
from sealwright.evidence.synthetic.tpm_kinds import boot_log, tpm_quote

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.synthetic.roots import SandboxRoots
    from sealwright.evidence.synthetic.settings import Values


def _claims(values: Values, roots: SandboxRoots) -> bytes:
    machine = Machine(
        vm_id=values.text("vm_id"),
        secure_boot=values.flag("secure_boot"),
        user_data=values.octets("user_data"),
    )
    return runtime_claims(roots.tpm, machine)


def make_hcl_report(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """An HCL report, with what vouches for its hardware beside it."""
    claims = _claims(values, roots)
    if values.text("hardware") == "tdx":
        body = td_body(values, hashlib.sha256(claims).digest() + bytes(32))
        return Synthetic(
            Kind.HCL_REPORT,
            make_hcl(claims, encode_td_report_struct(body), td=True),
            collateral=collateral_of(values, roots, when, td=True),
            companions={"tdquote.bin": make_tdx_quote(roots.intel, body)},
        )
    found = snp_fields(values, hashlib.sha256(claims).digest() + bytes(32))
    return Synthetic(
        Kind.HCL_REPORT,
        make_hcl(claims, make_snp_report(roots.amd, found)),
        certificates=load_pem_chain(snp_chain_pem(roots.amd, found)),
    )


def make_vtpm(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """An HCL report with a quote of the virtual TPM that it names."""
    hardware = make_hcl_report(values, roots, when)
    quote, logs, nonce = tpm_quote(values, roots)
    return Synthetic(
        Kind.VTPM_EVIDENCE,
        hardware.evidence,
        certificates=hardware.certificates,
        collateral=hardware.collateral,
        nonce=nonce,
        companions={"tpm-quote.json": quote, **logs, **hardware.companions},
    )


def make_azure_guest(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """The attestation information of a guest."""
    kind, windows = values.text("isolation"), values.flag("windows")
    nonce = values.text("client_nonce").encode("utf-8")
    system = GuestSystem(
        os_type=values.text("os_type") or ("Windows" if windows else "Linux"),
        os_distro=values.text("os_distro") or ("Microsoft" if windows else "Ubuntu"),
        os_build=values.text("os_build"),
        os_version=(values.number("os_version_major"), values.number("os_version_minor")),
        client_payload={"nonce": nonce} if nonce else {},
    )
    claims = _claims(values, roots) if kind != "TrustedLaunch" else b""
    proof = _proof(kind, values, roots, claims)
    isolation = isolation_info(kind, proof, claims)
    return Synthetic(
        Kind.AZURE_GUEST,
        make_guest(roots.tpm, boot_log(values, roots), system, isolation),
        certificates=roots.certificates(),
        collateral=collateral_of(values, roots, when, td=True) if kind == "Tdx" else b"",
    )


def _proof(kind: str, values: Values, roots: SandboxRoots, claims: bytes) -> bytes:
    report_data = hashlib.sha256(claims).digest() + bytes(32)
    if kind == "Tdx":
        return make_tdx_quote(roots.intel, td_body(values, report_data))
    if kind == "SevSnp":
        found = snp_fields(values, report_data)
        return snp_proof(make_snp_report(roots.amd, found), snp_chain_pem(roots.amd, found))
    return b""
