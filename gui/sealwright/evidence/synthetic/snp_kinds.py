"""Synthetic SEV-SNP evidence."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.certificates import load_pem_chain
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.authority import pem
from sealwright.evidence.synthetic.enclave_kinds import report_data
from sealwright.evidence.synthetic.made import Synthetic
from sealwright.evidence.synthetic.snp_reports import (
    SnpFields,
    SnpTcb,
    make_snp_body,
    make_snp_report,
    make_uvm,
    snp_chain_pem,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.synthetic.roots import SandboxRoots
    from sealwright.evidence.synthetic.settings import Values

_ABI: Final = 0x1F
_RESERVED: Final = 1 << 17
_POLICY: Final = {
    "smt_allowed": 1 << 16,
    "migrate_ma": 1 << 18,
    "debug": 1 << 19,
    "single_socket": 1 << 20,
}


def snp_fields(values: Values, data: bytes, host_data: bytes = b"") -> SnpFields:
    """A report over report data; `host_data` holds where none was set."""
    policy = _ABI | _RESERVED | sum(bit for name, bit in _POLICY.items() if values.flag(name))
    tcb = SnpTcb(
        boot_loader=values.number("bootloader_svn"),
        tee=values.number("tee_svn"),
        snp=values.number("snpfw_svn"),
        microcode=values.number("microcode_svn"),
        fmc=values.number("fmc_svn"),
    )
    return SnpFields(
        report_data=data,
        measurement=values.octets(
            "measurement", hashlib.sha384(b"Sealwright sandbox image").digest()
        ),
        host_data=values.octets("host_data", host_data),
        policy=policy,
        vmpl=values.number("vmpl"),
        guest_svn=values.number("guest_svn"),
        family_id=values.octets("family_id"),
        image_id=values.octets("image_id"),
        id_key_digest=values.octets("id_key_digest"),
        author_key_digest=values.octets("author_key_digest"),
        report_id=values.octets("report_id"),
        version=values.number("version"),
        product=values.text("product"),
        vlek=values.text("signer") == "vlek",
        tcb=tcb,
    )


def make_snp(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """A bare report, its certificates beside it."""
    del when
    data, runtime = report_data(values)
    found = snp_fields(values, data)
    return Synthetic(
        Kind.SNP_REPORT,
        make_snp_report(roots.amd, found),
        certificates=load_pem_chain(snp_chain_pem(roots.amd, found)),
        runtime_data=runtime,
    )


def make_aci(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """The JSON of a confidential container group, its policy beside it."""
    data, runtime = report_data(values)
    policy = values.text("policy_text").encode("utf-8")
    found = snp_fields(values, data, hashlib.sha256(policy).digest())
    report = make_snp_report(roots.amd, found)
    endorsement = (
        make_uvm(roots.amd, found.measurement, signed_at=when, guest_svn=found.guest_svn)
        if values.flag("endorsed")
        else None
    )
    chain = snp_chain_pem(roots.amd, found)
    return Synthetic(
        Kind.SNP_ACI,
        make_snp_body(roots.amd, report, endorsement, chain),
        runtime_data=runtime,
        companions={"policy.rego": policy},
    )


def make_chain(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """AMD's intermediate and root, as the sandbox has them."""
    del values, when
    return Synthetic(Kind.AMD_CHAIN, pem(roots.amd.ask, roots.amd.ark))
