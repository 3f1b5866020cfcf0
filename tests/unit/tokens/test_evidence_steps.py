"""Each step of the evidence of a signing key is broken once: the report names that step."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509.oid import NameOID

from helpers.issuing import ISSUER, NOW, Issuer, b64, certificate, rsa_key
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import load, spki, spki_sha256
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import TOKEN_CA, TrustAnchor
from sealwright.evidence.intel.sgx import FLAG_INIT, ReportBody
from sealwright.evidence.synthetic.quotes import SandboxPlatform, make_report, new_platform
from sealwright.evidence.synthetic.snp_reports import (
    SandboxSnpPlatform,
    SnpFields,
    SnpTcb,
    make_snp_body,
    make_snp_report,
    make_uvm,
    new_snp_platform,
)
from sealwright.tokens.chain import draw_chain
from sealwright.tokens.jose import MAX_TOKEN
from sealwright.tokens.keyset import issued_kid, key_digest, parse_key_set
from sealwright.tokens.verification.key_container import KIND, OID_KIND, OID_SNP
from sealwright.tokens.verification.key_evidence import OID_2021
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from sealwright.tokens.verification.report import Report

SERVICE = Issuer()
PREFIX = "key-attestation."
# Where the parts of a quote with its 16 bytes of Open Enclave's before it begin.
VENDOR, SIGNATURE, KEY, QE_REPORT = 16 + 12, 452, 452 + 64, 452 + 128
QE_SIGNATURE = QE_REPORT + 384


@cache
def platform() -> SandboxPlatform:
    return new_platform()


@cache
def machine() -> SandboxSnpPlatform:
    return new_snp_platform()


def bound() -> bytes:
    return key_digest(spki(load(SERVICE.der))) + bytes(32)


def carrying(extensions: dict[str, bytes]) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    whole = load(SERVICE.der)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key().public_key())
        .serial_number(1)
        .not_valid_before(whole.not_valid_before_utc)
        .not_valid_after(whole.not_valid_after_utc)
    )
    for oid, value in extensions.items():
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(rsa_key(), SHA256()).public_bytes(Encoding.DER)


def check(leaf: bytes) -> Report:
    entry = {"kid": SERVICE.kid, "kty": "RSA", "x5c": [b64(leaf)]}
    keys = parse_key_set(json.dumps({"keys": [entry]}).encode())
    anchors = (platform().anchor(), *machine().anchors())
    report = verify(SERVICE.token(), keys, issuer=ISSUER, now=NOW, anchors=anchors)
    drawn = draw_chain(report, keys)
    bad = report.check("key-attestation")
    assert bad is not None
    if bad.status is CheckStatus.FAIL:
        assert drawn.first_problem is not None
        assert drawn.first_problem.status is CheckStatus.FAIL
        assert drawn.first_problem.advice
    return report


def failed(report: Report) -> set[str]:
    names = {item.id.removeprefix(PREFIX) for item in report.failures if "." in item.id}
    return names - {"chain"}


def quote_changed(at: int) -> bytes:
    body = ReportBody(bytes(32), b"\7" * 32, 1, 1, bound(), flags=FLAG_INIT)
    changed = bytearray(make_report(platform(), body))
    changed[at] ^= 1
    return carrying({OID_2021: bytes(changed)})


@pytest.mark.parametrize(
    ("at", "names"),
    [
        (VENDOR, {"structure.vendor", "signature"}),
        (SIGNATURE + 1, {"signature"}),
        (KEY + 1, {"qe-binding", "signature"}),
        (QE_REPORT + 320, {"qe-binding", "qe-report"}),
        (QE_SIGNATURE + 1, {"qe-report"}),
    ],
)
def test_each_part_of_a_quote_has_its_step(at: int, names: set[str]) -> None:
    report = check(quote_changed(at))
    assert failed(report) == names
    assert not report.valid


def test_a_platforms_chain_must_hold() -> None:
    other = replace(platform(), authority=new_platform().authority)
    body = ReportBody(bytes(32), b"\7" * 32, 1, 1, bound(), flags=FLAG_INIT)
    assert failed(check(carrying({OID_2021: make_report(other, body)}))) == {"chain.links"}


def test_a_platforms_issuer_must_be_an_authority() -> None:
    known = load(platform().authority)
    root = load_der_private_key(platform().root_key, None)
    assert isinstance(root, ec.EllipticCurvePrivateKey)
    plain = (
        x509.CertificateBuilder()
        .subject_name(known.subject)
        .issuer_name(known.issuer)
        .public_key(known.public_key())
        .serial_number(7)
        .not_valid_before(known.not_valid_before_utc)
        .not_valid_after(known.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(root, SHA256())
    )
    other = replace(platform(), authority=plain.public_bytes(Encoding.DER))
    body = ReportBody(bytes(32), b"\7" * 32, 1, 1, bound(), flags=FLAG_INIT)
    found = failed(check(carrying({OID_2021: make_report(other, body)})))
    assert found == {"chain.authorities"}


def container(
    fields: SnpFields = SnpFields(),  # noqa: B008 - a value that does not change
    of: SandboxSnpPlatform | None = None,
    *,
    last: int = 0,
) -> Report:
    stated = replace(fields, report_data=bound())
    raw = bytearray(make_snp_report(of or machine(), stated))
    raw[-1] ^= last
    image = make_uvm(machine(), stated.measurement, signed_at=NOW)
    text = make_snp_body(machine(), bytes(raw), image)
    kind = der.encode(der.UTF8_STRING, KIND.encode())
    return check(carrying({OID_SNP: der.encode(der.UTF8_STRING, text), OID_KIND: kind}))


def test_a_containers_report_must_be_of_the_chip_of_its_certificate() -> None:
    assert failed(container()) == set()
    strange = replace(machine(), chip_id=bytes(range(64)))
    assert failed(container(of=strange)) == {"chip", "chip.id"}
    older = container(SnpFields(tcb=SnpTcb(1, 0, 1, 1)))
    assert failed(older) >= {"chip.tcb"}
    assert "chain.product" in failed(container(SnpFields(version=3, product="Genoa")))
    assert failed(container(last=1)) >= {"structure.rest"}


def test_a_container_that_can_be_debugged_is_named() -> None:
    found = container(SnpFields(policy=SnpFields().policy | 1 << 19)).check(f"{PREFIX}policy-bits")
    assert found is not None
    assert found.status is CheckStatus.WARN


def issued(*, may_sign: bool) -> tuple[bytes, bytes]:
    root = certificate(rsa_key("root"), "Root", ca=True)
    usage = x509.KeyUsage(
        digital_signature=may_sign,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    whole = load(SERVICE.der)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Attestation")]))
        .issuer_name(load(root).subject)
        .public_key(rsa_key().public_key())
        .serial_number(1)
        .not_valid_before(whole.not_valid_before_utc)
        .not_valid_after(whole.not_valid_after_utc)
        .add_extension(usage, critical=True)
        .sign(rsa_key("root"), SHA256())
    )
    return leaf.public_bytes(Encoding.DER), root


@pytest.mark.parametrize("may_sign", [True, False])
def test_an_issued_certificate_must_be_for_signatures(*, may_sign: bool) -> None:
    leaf, root = issued(may_sign=may_sign)
    anchor = TrustAnchor(
        TOKEN_CA, "usage-root", "Root", spki_sha256(load(root)), "test", "1", "2026-01-01"
    )
    kid = issued_kid(leaf)
    entry = {"kid": kid, "kty": "RSA", "x5c": [b64(leaf), b64(root)]}
    keys = parse_key_set(json.dumps({"keys": [entry]}).encode())
    token = SERVICE.token(header=SERVICE.header(kid=kid))
    report = verify(token, keys, issuer=ISSUER, now=NOW, anchors=(anchor,))
    assert failed(report) == (set() if may_sign else {"certificate.usage"})


def test_a_token_that_is_too_large_is_refused_unread() -> None:
    token = SERVICE.token()
    report = verify(
        token + "A" * (MAX_TOKEN + 1 - len(token)), SERVICE.key_set(), issuer=ISSUER, now=NOW
    )
    assert failed(report) == {"shape.size"}
    assert report.claims == {}
