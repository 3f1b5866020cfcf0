"""The hardware evidence in a signing certificate binds the key, or the report says why not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from helpers.issuing import ISSUER, NOW, Issuer, b64, rsa_key
from helpers.issuing import certificate as certificate_of
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import load, spki
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.intel.open_enclave import parse_report
from sealwright.evidence.intel.sgx import FLAG_DEBUG, FLAG_INIT, ReportBody
from sealwright.evidence.synthetic.authority import dump_key
from sealwright.evidence.synthetic.quotes import (
    SandboxPlatform,
    make_quote,
    make_report,
    new_platform,
    sandbox_measurement,
)
from sealwright.evidence.synthetic.snp_reports import (
    SandboxSnpPlatform,
    SnpFields,
    make_snp_body,
    make_snp_report,
    make_uvm,
    new_snp_platform,
)
from sealwright.tokens.chain import draw_chain
from sealwright.tokens.keyset import KeySet, key_digest, parse_key_set
from sealwright.tokens.signing_certificate import signing_certificate
from sealwright.tokens.verification.case import Rules
from sealwright.tokens.verification.key_container import KIND, OID_KIND, OID_SNP
from sealwright.tokens.verification.key_evidence import OID_2020, OID_2021, evidence_of
from sealwright.tokens.verification.report import Report, Verdict
from sealwright.tokens.verification.verify import DEFAULT_RULES, verify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.evidence.basis.trust import TrustAnchor

SERVICE = Issuer()


@cache
def platform() -> SandboxPlatform:
    return new_platform()


@cache
def made() -> bytes:
    return signing_certificate(rsa_key(), ISSUER, platform())


def keys(certificate: bytes) -> KeySet:
    entry = {"kid": SERVICE.kid, "kty": "RSA", "x5c": [b64(certificate)]}
    return parse_key_set(json.dumps({"keys": [entry]}).encode())


def check(
    certificate: bytes,
    *,
    rules: Rules = DEFAULT_RULES,
    anchors: tuple[TrustAnchor, ...] | None = None,
    now: datetime = NOW,
) -> Report:
    roots = (platform().anchor(),) if anchors is None else anchors
    return verify(
        SERVICE.token(), keys(certificate), issuer=ISSUER, now=now, rules=rules, anchors=roots
    )


def status(report: Report, name: str) -> CheckStatus:
    found = report.check(f"key-attestation.{name}" if name else "key-attestation")
    assert found is not None
    return found.status


def with_extension(
    value: bytes, oid: str = OID_2021, more: Mapping[str, bytes] | None = None
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key().public_key())
        .serial_number(1)
        .not_valid_before(datetime(2019, 5, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 12, 31, tzinfo=UTC))
    )
    for name_, content in ({oid: value} | dict(more or {})).items():
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(name_), content)
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(rsa_key(), SHA256()).public_bytes(Encoding.DER)


def body(report_data: bytes | None = None, flags: int = FLAG_INIT) -> ReportBody:
    digest = key_digest(spki(load(SERVICE.der))) + bytes(32)
    return ReportBody(bytes(32), b"\7" * 32, 1, 1, report_data or digest, flags=flags)


def test_a_root_that_ended_after_the_certificates_began_vouches_no_longer() -> None:
    day = NOW.date() - timedelta(days=1)
    ended = replace(platform().anchor(), until=day.isoformat())
    assert status(check(made(), anchors=(ended,)), "chain.root") is CheckStatus.FAIL
    on_its_last_day = check(made(), anchors=(ended,), now=NOW - timedelta(days=1))
    assert status(on_its_last_day, "chain.root") is CheckStatus.WARN


def test_the_sandbox_certificate_is_made_as_the_services_are() -> None:
    certificate = load(made())
    assert certificate.serial_number == 1
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == f"CN={ISSUER}"
    assert certificate.not_valid_before_utc == datetime(2019, 5, 1, tzinfo=UTC)
    assert certificate.not_valid_after_utc == datetime(2050, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert made().count(b"\x18\x0f20190501000000Z\x18\x0f20501231235959Z") == 1
    names = [item.oid.dotted_string for item in certificate.extensions]
    assert names == ["2.5.29.19", "2.5.29.14", "2.5.29.35", OID_2021]
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert not constraints.value.ca
    subject = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    expected = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    assert subject.value == expected


def test_its_evidence_binds_key_and_id() -> None:
    found = evidence_of(load(made()))
    assert found is not None
    quote = parse_report(found[1]).quote
    assert quote.body.report_data == key_digest(spki(load(made()))) + bytes(32)
    assert b64(quote.body.report_data[:32]) == SERVICE.kid


def test_it_is_accepted_under_the_sandbox_root_and_refused_under_any_other() -> None:
    good = check(made())
    assert good.valid
    assert status(good, "") is CheckStatus.WARN
    assert status(good, "chain.root") is CheckStatus.WARN
    foreign = check(made(), anchors=())
    assert foreign.verdict is Verdict.UNTRUSTED
    assert status(foreign, "chain.root") is CheckStatus.FAIL


def test_an_unknown_root_can_count_as_no_evidence() -> None:
    report = check(made(), anchors=(), rules=Rules(root_required=False))
    assert report.valid
    assert status(report, "chain.root") is CheckStatus.WARN
    changed = bytearray(make_report(platform(), body()))
    changed[16 + 48 + 64] ^= 1
    tampered = check(with_extension(bytes(changed)), anchors=(), rules=Rules(root_required=False))
    assert status(tampered, "signature") is CheckStatus.FAIL


def test_every_request_may_make_a_fresh_quote() -> None:
    again = signing_certificate(rsa_key(), ISSUER, platform())
    assert again != made()
    assert check(again).valid


def test_the_longest_name_that_a_certificate_may_carry_fits() -> None:
    uri = "https://a-provider-of-24-letters.sandbox.attest.localhost:65535"
    assert len(uri) == 63
    certificate = load(signing_certificate(rsa_key(), uri, platform()))
    assert uri in certificate.subject.rfc4514_string()


@pytest.mark.parametrize("layout", ["octets around a quote", "report", "bare quote"])
def test_the_layouts_of_every_generation_are_read(layout: str) -> None:
    quote = make_quote(platform(), body())
    value, oid = {
        "octets around a quote": (der.encode(der.OCTET_STRING, quote), OID_2020),
        "report": (make_report(platform(), body()), OID_2020),
        "bare quote": (quote, OID_2021),
    }[layout]
    report = check(with_extension(value, oid))
    assert report.valid
    assert status(report, "report-data") is CheckStatus.PASS


def test_evidence_about_another_key_is_refused() -> None:
    other = hashlib.sha256(b"another key").digest() + bytes(32)
    report = check(with_extension(make_report(platform(), body(other))))
    assert status(report, "report-data") is CheckStatus.FAIL
    assert report.verdict is Verdict.UNTRUSTED


def test_a_second_half_of_report_data_that_is_not_zero_is_refused() -> None:
    value = make_report(platform(), body(body().report_data[:32] + b"\1" * 32))
    assert status(check(with_extension(value)), "report-data") is CheckStatus.FAIL


@pytest.mark.parametrize("value", [b"", b"\4\1", b"garbage", bytes(500)])
def test_evidence_that_cannot_be_read_is_refused(value: bytes) -> None:
    report = check(with_extension(value))
    assert status(report, "structure") is CheckStatus.FAIL
    assert not report.valid


def test_a_debug_enclave_is_a_warning_or_a_refusal_by_rule() -> None:
    certificate = with_extension(make_report(platform(), body(flags=FLAG_DEBUG)))
    assert status(check(certificate), "debug") is CheckStatus.WARN
    assert check(certificate).valid
    strict = check(certificate, rules=Rules(refuse_debug_enclave=True))
    assert status(strict, "debug") is CheckStatus.FAIL


def test_the_enclave_signer_can_be_insisted_on() -> None:
    mine = frozenset({sandbox_measurement("attestation service signer").hex()})
    assert status(check(made()), "identity") is CheckStatus.SKIP
    assert status(check(made(), rules=Rules(enclave_signers=mine)), "identity") is CheckStatus.PASS
    other = check(made(), rules=Rules(enclave_signers=frozenset({"00" * 32})))
    assert status(other, "identity") is CheckStatus.FAIL


def test_a_key_without_evidence_is_named_and_can_be_refused() -> None:
    report = check(SERVICE.der)
    assert status(report, "evidence") is CheckStatus.WARN
    assert report.valid
    strict = check(SERVICE.der, rules=Rules(require_evidence=True))
    assert status(strict, "evidence") is CheckStatus.FAIL


def test_a_platform_certificate_that_has_expired_is_refused_then() -> None:
    assert check(made()).valid
    late = check(made(), now=datetime(2050, 6, 1, tzinfo=UTC))
    assert status(late, "chain.validity") is CheckStatus.FAIL


@cache
def machine() -> SandboxSnpPlatform:
    return new_snp_platform()


def container(
    *,
    kind: str | None = KIND,
    report_data: bytes | None = None,
    endorsed: bytes | None = bytes(48),
    tag: int = der.UTF8_STRING,
    image: bytes | None = None,
) -> bytes:
    fields = SnpFields(report_data=report_data or body().report_data, host_data=b"\7" * 32)
    if endorsed is not None:
        image = image or make_uvm(machine(), endorsed, signed_at=NOW)
    text = make_snp_body(machine(), make_snp_report(machine(), fields), image)
    more = {} if kind is None else {OID_KIND: der.encode(der.UTF8_STRING, kind.encode())}
    return with_extension(der.encode(tag, text), OID_SNP, more)


def container_failures(certificate: bytes, rules: Rules = DEFAULT_RULES) -> set[str]:
    report = check(certificate, rules=rules, anchors=machine().anchors())
    prefix = "key-attestation."
    return {item.id.removeprefix(prefix) for item in report.failures} - {"key-attestation"}


def test_a_key_of_a_confidential_container_is_verified() -> None:
    report = check(container(), anchors=machine().anchors())
    assert report.valid
    assert container_failures(container()) == set()
    assert status(report, "signature") is CheckStatus.PASS
    assert status(report, "endorsement") is CheckStatus.WARN
    assert status(report, "host-data") is CheckStatus.SKIP


@pytest.mark.parametrize(
    ("change", "subs"),
    [
        ({"kind": None}, {"kind"}),
        ({"kind": "other"}, {"kind"}),
        ({"report_data": b"\1" * 64}, {"report-data"}),
        ({"endorsed": None}, {"endorsement"}),
        ({"endorsed": b"\1" * 48}, {"endorsement", "endorsement.measurement"}),
        ({"tag": der.OCTET_STRING}, {"structure"}),
    ],
)
def test_each_step_of_a_containers_evidence_matters(change: dict[str, Any], subs: set[str]) -> None:
    assert container_failures(container(**change)) == subs


def test_the_containers_policy_can_be_insisted_on() -> None:
    good = Rules(container_policies=frozenset({"07" * 32}))
    assert container_failures(container(), good) == set()
    other = Rules(container_policies=frozenset({"08" * 32}))
    assert container_failures(container(), other) == {"host-data"}


def signer_of_images(first: datetime, last: datetime) -> SandboxSnpPlatform:
    """The machine with an endorser of images whose certificate is valid from one day to another."""
    root_key, key = rsa_key("images"), rsa_key("image")
    root = certificate_of(root_key, "Images", ca=True)
    leaf = certificate_of(
        key, "Image", issuer="Images", issuer_key=root_key, first=first, last=last
    )
    return replace(machine(), uvm_root=root, uvm_leaf=leaf, uvm_key=dump_key(key))


@pytest.mark.parametrize("signed_at", [None, NOW])
def test_an_endorsement_without_a_time_must_hold_when_the_token_is_checked(
    signed_at: datetime | None,
) -> None:
    signer = signer_of_images(NOW - timedelta(days=9), NOW + timedelta(days=9))
    made = container(image=make_uvm(signer, bytes(48), signed_at=signed_at))

    def validity(days: int) -> CheckStatus:
        report = check(made, anchors=signer.anchors(), now=NOW + timedelta(days=days))
        return status(report, "endorsement.validity")

    expected = CheckStatus.FAIL if signed_at is None else CheckStatus.PASS
    assert validity(0) is CheckStatus.PASS
    assert validity(10) is expected
    assert validity(-10) is expected
    assert validity(8) is CheckStatus.PASS


def test_a_container_under_an_unknown_root_is_refused() -> None:
    report = check(container(), anchors=())
    assert report.verdict is Verdict.UNTRUSTED
    assert status(report, "chain.root") is CheckStatus.FAIL


def pictured(certificate: bytes, anchors: tuple[TrustAnchor, ...]) -> tuple[str, str, str]:
    """Where the picture shows the trouble, why, and what it says to do."""
    problem = draw_chain(check(certificate, anchors=anchors), keys(certificate)).first_problem
    assert problem is not None
    return problem.place, problem.reason, problem.advice


def test_the_picture_of_a_containers_key_says_which_part_is_not_vouched_for() -> None:
    place, _, advice = pictured(container(), ())
    assert place == "root"
    assert "no hardware vendor known here" in advice
    place, reason, advice = pictured(container(endorsed=None), machine().anchors())
    assert (place, reason) == ("evidence", "The image comes without an endorsement.")
    assert "image" in advice
    place, reason, advice = pictured(container(), machine().anchors())
    assert place == "evidence"
    assert "sandbox" in reason
    assert advice.startswith("Use it for practice only")
