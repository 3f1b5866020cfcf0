"""Was an enclave report signed by the identity key that the boot log measured (spec evidence, 9)?

The secure kernel's identity key stands in the boot log as the event VSM IDK info; so a report is as
good as the log, which a TPM quote vouches for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.checks import Check, judge, skip, warn
from sealwright.evidence.boot import sipa
from sealwright.evidence.boot.event_data import windows_events

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from sealwright.evidence.azure.vbs import VbsReport
    from sealwright.evidence.boot.event_log import EventLog

_KEY_HEADER: Final = 16
_MAX_BITS: Final = 8192


def identity_keys(
    log: EventLog, quoted: Container[int] | None = None
) -> tuple[rsa.RSAPublicKey, ...]:
    """The keys that a boot log names for the secure kernel, those for signing first.

    Args:
        log: the boot log.
        quoted: registers that a TPM quote covers, which alone count; None for all.
    """
    found: dict[int, list[rsa.RSAPublicKey]] = {}
    for event in windows_events(log):
        if quoted is not None and event.register not in quoted:
            continue
        try:
            tagged = tuple(sipa.flattened(sipa.parse_sipa(event.data)))
        except EvidenceError:
            continue
        for item in tagged:
            key = identity_key(item.value) if item.type in _KEYS else None
            if key is not None:
                found.setdefault(item.type, []).append(key)
    return tuple(key for kind in _KEYS for key in found.get(kind, ()))


_KEYS: Final = (sipa.VSM_IDENTITY_KEY_SIGNING, sipa.VSM_IDENTITY_KEY)


def identity_key(value: bytes) -> rsa.RSAPublicKey | None:
    """The RSA key in an identity event: algorithm, bits, sizes, exponent, modulus."""
    numbers = [int.from_bytes(value[at : at + 4], "little") for at in (4, 8, 12)]
    bits, exponent_size, modulus_size = numbers
    if bits > _MAX_BITS or len(value) != _KEY_HEADER + exponent_size + modulus_size:
        return None
    middle = _KEY_HEADER + exponent_size
    exponent, modulus = value[_KEY_HEADER:middle], value[middle:]
    try:
        public = rsa.RSAPublicNumbers(
            int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")
        )
        return public.public_key()
    except ValueError:
        return None


def encode_identity_key(key: rsa.RSAPublicKey) -> bytes:
    """The value of an identity event that `identity_key` reads."""
    numbers = key.public_numbers()
    exponent = numbers.e.to_bytes(3, "big")
    modulus = numbers.n.to_bytes(key.key_size // 8, "big")
    header = (1, key.key_size, len(exponent), len(modulus))
    return b"".join(number.to_bytes(4, "little") for number in header) + exponent + modulus


def identity_check(log: EventLog, quoted: Container[int] | None, prefix: str = "") -> Check:
    """Check that the log names an identity key, in a register that a quote covers."""
    named = identity_keys(log)
    return judge(
        f"{prefix}event-log.identity-key",
        "Boot log names the secure kernel's identity key",
        "The quote does not cover the register that the identity key was measured into."
        if named
        else "The boot log names no identity key of the secure kernel.",
        passed=bool(identity_keys(log, quoted)),
    )


def verify_vbs(
    report: VbsReport, keys: Sequence[rsa.RSAPublicKey], data: bytes | None = None, prefix: str = ""
) -> tuple[Check, ...]:
    """Check a report with the keys of the boot log; `data` is what the enclave was to report."""
    return (
        _signature(report, keys, prefix),
        *_enclave_data(report, data, prefix),
        _debug(report, prefix),
    )


def _signature(report: VbsReport, keys: Sequence[rsa.RSAPublicKey], prefix: str) -> Check:
    id_, title = f"{prefix}signature", "Report signed by the secure kernel's identity key"
    if not keys:
        return skip(id_, title, "no identity key; give the boot log that names it")
    return judge(
        id_,
        title,
        "The report was changed, or another machine signed it.",
        passed=any(_verifies(key, report) for key in keys),
    )


def _verifies(key: rsa.RSAPublicKey, report: VbsReport) -> bool:
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
    try:
        key.verify(report.signature, report.signed, pss, SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _enclave_data(report: VbsReport, data: bytes | None, prefix: str) -> tuple[Check, ...]:
    if data is None:
        return ()
    digest = hashlib.sha512(data).digest()
    return (
        judge(
            f"{prefix}report-data",
            "Enclave reported the given data",
            "The enclave data is not the SHA-512 of the given data.",
            passed=report.enclave_data == digest,
            expected=digest.hex(),
            actual=report.enclave_data.hex(),
        ),
    )


def _debug(report: VbsReport, prefix: str) -> Check:
    id_, title = f"{prefix}policy-bits", "Enclave cannot be debugged"
    if report.debug:
        return warn(id_, title, "Whoever runs the machine may read and change the enclave.")
    return judge(id_, title, passed=True, actual=f"flags {report.flags:#x}")
