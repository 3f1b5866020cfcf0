"""Signing keys of confidential containers: SEV-SNP evidence in the certificate.

The extension holds a JSON text with report, certificates and the image's endorsement; another one
names the kind of environment (spec tokens, 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography import x509

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.snp_body import parse_snp_body
from sealwright.evidence.amd.snp_verify import verify_snp
from sealwright.evidence.amd.uvm import verify_uvm
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import spki
from sealwright.evidence.basis.checks import Check, judge, skip
from sealwright.tokens.keyset import key_digest

if TYPE_CHECKING:
    from sealwright.evidence.amd.snp_body import SnpBody
    from sealwright.evidence.basis.trust import Trust
    from sealwright.tokens.verification.case import Rules

OID_SNP: Final = "1.3.6.1.4.1.311.105.1000.1"
OID_KIND: Final = "1.3.6.1.4.1.311.105.1000.2"
KIND: Final = "acisevsnp"
PREFIX: Final = "key-attestation."


def bound(leaf: x509.Certificate, report_data: bytes) -> Check:
    """Whether evidence reports the key of the certificate, and nothing besides."""
    expected = key_digest(spki(leaf)) + bytes(32)
    return judge(
        f"{PREFIX}report-data",
        "Evidence is about this key",
        "The evidence reports another key than the one in the certificate.",
        passed=report_data == expected,
        expected=expected.hex(),
        actual=report_data.hex(),
    )


def container_evidence(value: bytes) -> SnpBody:
    """The evidence in the content of the extension.

    Raises:
        EvidenceError: not a UTF8String with the JSON, or a part of it cannot be read.
    """
    return parse_snp_body(_text(value))


def _text(value: bytes) -> bytes:
    node = der.read(value)
    if node.tag != der.UTF8_STRING:
        raise EvidenceError("The evidence is not a UTF8String.", offset=0)
    return node.content


def appraise_container(
    leaf: x509.Certificate,
    body: SnpBody,
    trust: Trust,
    rules: Rules,
) -> tuple[Check, ...]:
    """The checks of spec tokens, 6 steps 2 to 7, in their order."""
    return (
        _kind(leaf),
        *verify_snp(body.report, body.chain, trust, PREFIX),
        *_endorsed(body, trust),
        _host_data(body, rules),
        bound(leaf, body.report.report_data),
    )


def _kind(leaf: x509.Certificate) -> Check:
    return judge(
        f"{PREFIX}kind",
        "Kind of environment",
        "The certificate does not name a confidential container.",
        passed=_named_kind(leaf) == KIND,
        expected=KIND,
        actual=_named_kind(leaf) or "missing",
    )


def _named_kind(leaf: x509.Certificate) -> str:
    try:
        found = leaf.extensions.get_extension_for_oid(x509.ObjectIdentifier(OID_KIND))
        value = found.value.value if isinstance(found.value, x509.UnrecognizedExtension) else b""
        return _text(value).decode("utf-8", "replace")[:80]
    except (x509.ExtensionNotFound, EvidenceError):
        return ""


def _endorsed(body: SnpBody, trust: Trust) -> tuple[Check, ...]:
    if not body.endorsements:
        id_, title = f"{PREFIX}endorsement", "Image endorsed by Microsoft"
        return (judge(id_, title, "The image comes without an endorsement.", passed=False),)
    return verify_uvm(body.endorsements[0], body.report.measurement, trust, PREFIX)


def _host_data(body: SnpBody, rules: Rules) -> Check:
    id_, title = f"{PREFIX}host-data", "Container policy of the service"
    actual = body.report.host_data.hex()
    if not rules.container_policies:
        return skip(id_, title, "no expected container policy is configured")
    return judge(
        id_,
        title,
        "The service runs under another container policy.",
        passed=actual in rules.container_policies,
        expected=", ".join(sorted(rules.container_policies)),
        actual=actual,
    )
