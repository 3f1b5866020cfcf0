"""What is to be attested, and the body that says so on the wire (spec rest-api, 2.3 to 3.15)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import TokenError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class DataType(StrEnum):
    """How the service shows data in the token: as its text, or as the JSON object it is."""

    BINARY = "Binary"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class AttachedData:
    """Runtime or init data: the bytes that the evidence commits to."""

    data: bytes = field(repr=False)
    kind: DataType = DataType.BINARY

    @classmethod
    def guessed(cls, data: bytes) -> AttachedData:
        """JSON when it is a JSON object, else Binary."""
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return cls(data, DataType.BINARY)
        return cls(data, DataType.JSON if isinstance(value, dict) else DataType.BINARY)


class TpmResponder(Protocol):
    """A TPM, or what stands for one, that answers a challenge (spec evidence, 9)."""

    def respond(self, challenge: bytes, service_context: str) -> str:
        """The request JWS over this challenge; blocking."""
        ...


@dataclass(frozen=True, slots=True)
class AttestRequest:
    """One attestation that a user asks for.

    Args:
        provider: id, name or attest URI.
        attestation_type: which operation.
        evidence: the file's bytes, of one of these forms:
            SgxEnclave - raw quote; OpenEnclave - report with its header, or a raw quote;
            TdxVm - TD quote; SevSnpVm - the JSON with `SnpReport` and `VcekCertChain`, or a raw
            report with `certificates`; AzureGuest - the attestation info as JSON, or its body;
            Tpm - one inner message, JSON, sent as it is (or none, with `tpm`).
        certificates: PEM of VCEK, ASK and ARK for a raw SNP report.
        endorsement: COSE_Sign1 endorsement of the utility VM for a raw SNP report.
        collateral: files of the vendor's. Only a sandbox takes them; Azure fetches its own.
        runtime_data, init_data: None when there is none.
        nonce: echoed in the token, bound to nothing.
        draft_policy: text of a policy, or a policy JWS, to be evaluated instead of the stored one;
            the token then is unsecured. Not for TdxVm and Tpm.
        tpm: answers the challenge; only for Tpm.
        guest_key: opens the sealed token: the private key of `EncKeyPub` (PEM or DER), or the AES
            key; only for AzureGuest, and only where somebody has it.
    """

    provider: str
    attestation_type: AttestationType
    evidence: bytes = field(default=b"", repr=False)
    certificates: bytes = field(default=b"", repr=False)
    endorsement: bytes = field(default=b"", repr=False)
    collateral: tuple[bytes, ...] = field(default=(), repr=False)
    runtime_data: AttachedData | None = None
    init_data: AttachedData | None = None
    nonce: str = ""
    draft_policy: str = field(default="", repr=False)
    tpm: TpmResponder | None = None
    guest_key: bytes = field(default=b"", repr=False)


DRAFT_TYPES: Final = frozenset(
    {
        AttestationType.SGX_ENCLAVE,
        AttestationType.OPEN_ENCLAVE,
        AttestationType.SEV_SNP_VM,
        AttestationType.AZURE_GUEST,
        AttestationType.KEY_GUARD,
    }
)
"""Types whose operation takes a draft policy (spec rest-api, 2.5)."""
DATA_TYPES: Final = frozenset(
    {
        AttestationType.SGX_ENCLAVE,
        AttestationType.OPEN_ENCLAVE,
        AttestationType.SEV_SNP_VM,
        AttestationType.TDX_VM,
        AttestationType.MDEP_TZ,
    }
)
"""Types whose operation takes runtime data, init data and a nonce."""
_EVIDENCE_MEMBER: Final = {
    AttestationType.SGX_ENCLAVE: "quote",
    AttestationType.OPEN_ENCLAVE: "report",
    AttestationType.SEV_SNP_VM: "report",
    AttestationType.TDX_VM: "quote",
    AttestationType.AZURE_GUEST: "attestationInfo",
    AttestationType.TPM: "data",
    AttestationType.PLUTON: "data",
    AttestationType.KEY_GUARD: "attestationInfo",
    AttestationType.MDEP_TZ: "report",
}
_COLLATERAL: Final = "sandboxCollateral"
_DOTS: Final = 2


def require_possible(request: AttestRequest) -> None:
    """See that the operation takes what the request brings.

    Raises:
        UsageError: it does not.
    """
    kind = request.attestation_type
    if kind not in _EVIDENCE_MEMBER:
        raise UsageError(f"There is no operation that attests `{kind.value}`.")
    if not request.evidence and request.tpm is None:
        raise UsageError("There is no evidence to attest.", hint="Choose a file, or synthesize.")
    if request.draft_policy and kind not in DRAFT_TYPES:
        raise UsageError(
            f"`{kind.value}` takes no draft policy.",
            hint="Try the policy in a dry run, or upload it.",
        )
    if (request.runtime_data or request.init_data or request.nonce) and kind not in DATA_TYPES:
        raise UsageError(
            f"`{kind.value}` takes no runtime data, init data or nonce.",
            hint="They are part of its evidence.",
        )


def request_body(request: AttestRequest) -> Mapping[str, object]:
    """The JSON of the call; blocking, it encodes megabytes.

    Raises:
        UsageError: the operation does not take what the request brings.
    """
    from sealwright.tokens.jose import b64url_encode  # noqa: PLC0415 - after the first paint

    require_possible(request)
    body: dict[str, object] = {
        _EVIDENCE_MEMBER[request.attestation_type]: b64url_encode(_evidence(request))
    }
    for name, data in (("runtimeData", request.runtime_data), ("initTimeData", request.init_data)):
        if data is not None:
            body[name] = {"data": b64url_encode(data.data), "dataType": data.kind.value}
    if request.draft_policy:
        body["draftPolicyForAttestation"] = draft_token(request.draft_policy)
    if request.nonce:
        body["nonce"] = request.nonce
    if request.collateral:
        files = [b64url_encode(data) for data in request.collateral]
        body[_COLLATERAL] = files if len(files) > 1 else files[0]
    return body


def draft_token(policy: str) -> str:
    """A policy text as an unsecured policy token; a token stays as it is."""
    from sealwright.tokens.policy_jws import unsecured_policy  # noqa: PLC0415 - as above

    bare = policy.strip()
    return bare if _is_token(bare) else unsecured_policy(policy)


def draft_text(policy: str) -> str:
    """The text of a draft, whether it came as text or as a policy token."""
    from sealwright.tokens.unwrap import unwrap  # noqa: PLC0415 - as above

    if not _is_token(policy.strip()):
        return policy
    try:
        return unwrap(policy).text
    except TokenError:
        return ""


def _is_token(text: str) -> bool:
    # No policy text begins like one.
    return text.startswith("eyJ") and text.count(".") == _DOTS


def _evidence(request: AttestRequest) -> bytes:
    raw = request.evidence
    if request.attestation_type is AttestationType.AZURE_GUEST:
        from sealwright.evidence.kinds.azure import unwrapped  # noqa: PLC0415 - as above

        return unwrapped(raw)
    if request.attestation_type is not AttestationType.SEV_SNP_VM or raw.lstrip()[:1] == b"{":
        return raw
    if not request.certificates:
        raise UsageError(
            "A raw SNP report needs its certificates.",
            hint="Give VCEK, ASK and ARK as PEM, or the JSON that holds all of it.",
        )
    from sealwright.tokens.jose import b64url_encode  # noqa: PLC0415 - as above

    body = {
        "SnpReport": b64url_encode(raw),
        "VcekCertChain": b64url_encode(request.certificates),
    }
    if request.endorsement:
        inner = json.dumps({"Uvm": [b64url_encode(request.endorsement)]}).encode("ascii")
        body["Endorsements"] = b64url_encode(inner)
    return json.dumps(body).encode("ascii")
