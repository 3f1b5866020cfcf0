"""Synthetic TPM quotes, event logs and VBS enclave reports."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING

from sealwright.evidence.azure.vbs import FLAG_FULL_DEBUG, SCHEME_RSA_PSS, VbsReport
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.boot import BootSettings, make_boot_log
from sealwright.evidence.synthetic.made import Synthetic
from sealwright.evidence.synthetic.tpm import (
    make_quote_document,
    make_vbs_report,
    registers_after,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.synthetic.roots import SandboxRoots
    from sealwright.evidence.synthetic.settings import Values


def boot_settings(values: Values, *, windows: bool | None = None) -> BootSettings:
    """How the machine was started."""
    names = [
        item.name for item in fields(BootSettings) if item.name not in ("bitlocker", "windows")
    ]
    switches = {name: values.flag(name) for name in names}
    on_windows = values.flag("windows") if windows is None else windows
    return BootSettings(**switches, windows=on_windows, bitlocker=values.number("bitlocker"))


def boot_log(values: Values, roots: SandboxRoots, *, windows: bool | None = None) -> bytes:
    """The log of that start."""
    settings = boot_settings(values, windows=windows)
    return make_boot_log(settings, roots.tpm.root, roots.tpm.identity)


def tpm_quote(values: Values, roots: SandboxRoots) -> tuple[bytes, dict[str, bytes], bytes]:
    """A quote as JSON, its log unless registers were set otherwise, and the nonce."""
    log = boot_log(values, roots)
    changed = values.registers()
    nonce = values.text("nonce").encode("utf-8")
    quote = make_quote_document(roots.tpm, registers_after(log) | changed, nonce)
    return quote, {} if changed else {"eventlog.bin": log}, nonce


def make_tpm_quote(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """A quote of all registers, the event log and certificates beside it."""
    del when
    quote, logs, nonce = tpm_quote(values, roots)
    return Synthetic(
        Kind.TPM_QUOTE,
        quote,
        certificates=(roots.tpm.aik_certificate, roots.tpm.root),
        nonce=nonce,
        companions=logs,
    )


def make_log(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """An event log, the quote that vouches for it beside it."""
    del when
    log = boot_log(values, roots)
    quote = make_quote_document(roots.tpm, registers_after(log), b"")
    return Synthetic(
        Kind.TPM_EVENTLOG,
        log,
        certificates=(roots.tpm.aik_certificate, roots.tpm.root),
        companions={"tpm-quote.json": quote},
    )


def make_vbs(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """A VBS enclave report, the quoted boot log that names its key beside it."""
    del when
    runtime = None
    data = values.octets("enclave_data")
    if values.is_set("runtime_data") and not values.is_set("enclave_data"):
        runtime = values.text("runtime_data").encode("utf-8")
        data = hashlib.sha512(runtime).digest()
    report = VbsReport(
        enclave_data=data,
        owner_id=values.octets("owner_id"),
        unique_id=values.octets("unique_id"),
        author_id=values.octets("author_id"),
        family_id=values.octets("family_id"),
        image_id=values.octets("image_id"),
        enclave_svn=values.number("enclave_svn"),
        secure_kernel_svn=values.number("secure_kernel_svn"),
        platform_svn=values.number("platform_svn"),
        flags=FLAG_FULL_DEBUG * values.flag("debug"),
        signing_level=0,
        enclave_type=1,
        modules=(),
        signature_scheme=SCHEME_RSA_PSS,
        signature=b"",
        signed=b"",
        fields=(),
    )
    log = boot_log(values, roots, windows=True)
    return Synthetic(
        Kind.VBS_REPORT,
        make_vbs_report(roots.tpm, report),
        certificates=(roots.tpm.aik_certificate, roots.tpm.root),
        runtime_data=runtime,
        companions={
            "eventlog.bin": log,
            "tpm-quote.json": make_quote_document(roots.tpm, registers_after(log), b""),
        },
    )
