"""What the certificate of a signing key says, taken apart for reading; nothing is judged here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import AppError, KeyMaterialError
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import common_name, load, spki_sha256
from sealwright.evidence.intel.open_enclave import is_report
from sealwright.evidence.intel.pck import pck_facts
from sealwright.evidence.intel.sgx_verify import pck_chain
from sealwright.tokens.verification.certificate_checks import is_self_signed
from sealwright.tokens.verification.key_container import OID_SNP, container_evidence
from sealwright.tokens.verification.key_evidence import embedded_quote, evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from sealwright.evidence.amd.snp import SnpReport
    from sealwright.evidence.intel.sgx import SgxQuote
    from sealwright.tokens.keyset import KeyEntry, KeySet

OPEN_ENCLAVE_REPORT: Final = "Open Enclave report"
WRAPPED_QUOTE: Final = "SGX quote in an OCTET STRING"
RAW_QUOTE: Final = "SGX quote"
CONTAINER: Final = "SEV-SNP report of a confidential container"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Root:
    """The certificate at the end of a chain."""

    name: str
    spki_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The hardware evidence in a certificate; at most one of quote and report is there."""

    oid: str
    layout: str
    raw: bytes
    """The content of the extension."""
    quote: SgxQuote | None = None
    report: SnpReport | None = None
    chain: tuple[x509.Certificate, ...] = ()
    """What the evidence brings, from the platform's certificate to the vendor's root."""

    @property
    def root(self) -> Root | None:
        """Where its chain ends."""
        return _root(self.chain)


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """A signing key's certificate."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    """As published, leaf first, as far as it can be read."""
    self_signed: bool
    key: str
    """`RSA 2048`."""
    sha256: str
    evidence: Evidence | None

    @property
    def root(self) -> Root | None:
        """Of an issued certificate: the last one that came with it."""
        return None if self.self_signed else _root(self.chain)


@lru_cache(maxsize=256)
def signing_facts(chain: tuple[bytes, ...]) -> SigningFacts | None:
    """The facts of a published chain (DER, leaf first); None when its leaf cannot be read."""
    try:
        leaf = load(chain[0])
    except (KeyMaterialError, IndexError):
        return None
    return SigningFacts(
        certificate=leaf,
        chain=tuple(_readable(chain)),
        self_signed=is_self_signed(leaf),
        key=key_words(leaf),
        sha256=hashlib.sha256(chain[0]).hexdigest(),
        evidence=_evidence(leaf),
    )


def _readable(chain: tuple[bytes, ...]) -> Iterator[x509.Certificate]:
    for item in chain:
        try:
            yield load(item)
        except KeyMaterialError:
            return


def key_words(certificate: x509.Certificate) -> str:
    """Kind and size of a certificate's key."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.strip("_")


def _evidence(leaf: x509.Certificate) -> Evidence | None:
    found = evidence_of(leaf)
    if found is None:
        return None
    oid, raw = found
    try:
        if oid == OID_SNP:
            body = container_evidence(raw)
            return Evidence(oid, CONTAINER, raw, report=body.report, chain=body.chain)
        quote = embedded_quote(raw)
    except AppError:
        return Evidence(oid, UNREADABLE, raw)
    return Evidence(oid, _layout(raw), raw, quote=quote, chain=_pck(quote))


def _layout(raw: bytes) -> str:
    if raw[:1] == bytes((der.OCTET_STRING,)):
        return WRAPPED_QUOTE
    return OPEN_ENCLAVE_REPORT if is_report(raw) else RAW_QUOTE


def _pck(quote: SgxQuote) -> tuple[x509.Certificate, ...]:
    try:
        return pck_chain(quote)
    except KeyMaterialError:
        return ()


def _root(chain: tuple[x509.Certificate, ...]) -> Root | None:
    if not chain:
        return None
    last = chain[-1]
    digest = hashlib.sha256(last.public_bytes(Encoding.DER)).hexdigest()
    return Root(common_name(last) or last.subject.rfc4514_string(), spki_sha256(last), digest)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: a name in words and its value as text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    title: str
    facts: tuple[Fact, ...]


def fact_groups(facts: SigningFacts) -> tuple[FactGroup, ...]:
    """Everything about the key's certificate and its evidence, in the order of the chain."""
    groups = [FactGroup("Certificate of the signing key", tuple(_certificate(facts)))]
    evidence = facts.evidence
    if evidence is None:
        return tuple(groups)
    lines = [Fact("Extension", evidence.oid), Fact("Layout", evidence.layout)]
    if evidence.quote is not None:
        lines += _quote(evidence.quote)
    if evidence.report is not None:
        lines += _report(evidence.report)
    groups.append(FactGroup("Hardware evidence", tuple(lines)))
    if evidence.chain:
        groups.append(FactGroup("Platform's certificates", tuple(_platform(evidence))))
    return tuple(groups)


def key_set_facts(keys: KeySet) -> FactGroup:
    """Every key of a set by its id."""
    return FactGroup("Key set", tuple(Fact(entry.kid, _entry(entry)) for entry in keys.entries))


def _entry(entry: KeyEntry) -> str:
    try:
        leaf = load(entry.chain[0])
    except (KeyMaterialError, IndexError):
        return entry.problem or "its certificate cannot be read"
    count = len(entry.chain)
    kind = "self-signed" if is_self_signed(leaf) else f"issued, {count} certificates"
    return f"{key_words(leaf)}, {kind}, {leaf.subject.rfc4514_string()}"


def _certificate(facts: SigningFacts) -> Iterator[Fact]:
    leaf = facts.certificate
    yield Fact("Subject", leaf.subject.rfc4514_string())
    yield Fact("Issuer", leaf.issuer.rfc4514_string())
    yield Fact("Self-signed", "yes" if facts.self_signed else "no")
    yield Fact("Valid from", leaf.not_valid_before_utc.isoformat())
    yield Fact("Valid to", leaf.not_valid_after_utc.isoformat())
    yield Fact("Key", facts.key)
    yield Fact("SHA-256", facts.sha256)
    algorithm = leaf.signature_hash_algorithm
    yield Fact("Signature hash", algorithm.name if algorithm else "none")
    yield Fact("Extensions", ", ".join(item.oid.dotted_string for item in leaf.extensions))
    for number, item in enumerate(facts.chain[1:], 2):
        yield Fact(f"Certificate {number}", item.subject.rfc4514_string())


def _quote(quote: SgxQuote) -> Iterator[Fact]:
    body = quote.body
    yield Fact("Quote version", str(quote.version))
    yield Fact("MRENCLAVE", body.mrenclave.hex())
    yield Fact("MRSIGNER", body.mrsigner.hex())
    yield Fact("Product", str(body.isv_prod_id))
    yield Fact("Security version", str(body.isv_svn))
    yield Fact("Debug", "on" if body.debug else "off")
    yield Fact("Report data", body.report_data.hex())
    yield Fact("CPU SVN", body.cpu_svn.hex())
    yield Fact("Quoting enclave SVN", str(quote.qe_svn))


def _report(report: SnpReport) -> Iterator[Fact]:
    yield Fact("Report version", str(report.version))
    yield Fact("Measurement", report.measurement.hex())
    yield Fact("Host data", report.host_data.hex())
    yield Fact("Report data", report.report_data.hex())
    yield Fact("VMPL", str(report.vmpl))
    yield Fact("Guest SVN", str(report.guest_svn))
    yield Fact("Debug", "on" if report.debug else "off")
    yield Fact("Chip id", report.chip_id.hex())
    yield Fact("Reported TCB", report.reported_tcb.raw.hex())


def _platform(evidence: Evidence) -> Iterator[Fact]:
    for item in evidence.chain:
        yield Fact(common_name(item) or "?", f"{key_words(item)}, SPKI {spki_sha256(item)}")
    root = evidence.root
    if root is not None:
        yield Fact("Root certificate SHA-256", root.sha256)
    if evidence.quote is None:
        return
    try:
        platform = pck_facts(evidence.chain[0])
    except AppError:
        return
    yield Fact("FMSPC", platform.fmspc.hex())
    yield Fact("PCE SVN", str(platform.pce_svn))
    yield Fact("TCB components", " ".join(str(number) for number in platform.components))
