"""The Tpm protocol at the sandbox, both versions, with and without an enclave."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from helpers.issuing import rsa_key
from helpers.sandbox_client import (
    NOW,
    SandboxClient,
    error_of,
    message_of,
    provider_path,
)
from helpers.tpm_client import (
    EV_SEPARATOR,
    SoftTpm,
    enclave_report,
    identity_key,
    jwk,
    secure_boot,
    signed,
    windows,
)
from sealwright.policy import policy_hash
from sealwright.tokens.jose import b64_decode_lenient, b64url_encode, split
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

REQUEST_KEY = rsa_key("request key")
OTHER_KEY = rsa_key("other key")
IDENTITY = rsa_key("secure kernel")
PERMIT = (
    'version=1.2;configurationrules{=> issueproperty(type="require_valid_aik_cert", value=false);'
    "};authorizationrules{=> permit();};issuancerules{"
    'c:[type=="secureBootEnabled", issuer=="AttestationService"] => issue(type="secureBootEnabled",'
    " value=c.value);"
    'c:[type=="aikValidated"] => issue(type="aikValidated", value=c.value);'
    'c:[type=="vbsReportPresent"] => issue(type="vbs", value=c.value);'
    'c:[type=="enclaveSvn"] => issue(type="enclaveSvn", value=c.value);'
    'c:[issuer=="CustomClaim"] => issue(claim=c);'
    'k:[type=="x-ms-tpm-request-key"] => issue(type="bound", value=JmesPath(k.value, "info"));'
    'k:[type=="x-ms-tpm-other-keys"] => issue(type="others", value=JmesPath(k.value, "length(@)"));'
    "%s};"
)


def policy(more: str = "") -> str:
    return PERMIT % more


@dataclass
class Machine:
    """A client of the protocol, and what it makes differently from a good one."""

    client: SandboxClient
    tpm: SoftTpm = field(default_factory=SoftTpm)
    provider: str = "plain"
    wrapped: bool = True
    version: str = "attReqV2"
    binding: str = "tpm_quote"
    changes: dict[str, Any] = field(default_factory=dict)
    """Members of the data, as they are sent instead."""
    extra: bytes | None = None
    """Another extra data of the quote than the right one."""
    enclave: bool = False
    indices: range = range(24)
    key: Any = REQUEST_KEY

    async def send(self, message: dict[str, Any]) -> httpx.Response:
        outer = {"payload": message} if self.wrapped else message
        body = {"data": b64url_encode(json.dumps(outer).encode())}
        return await self.client.data("POST", self.provider, "/attest/Tpm", json.dumps(body))

    def opened(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        inner: dict[str, Any] = json.loads(b64_decode_lenient(answer.json()["data"]))
        assert ("payload" in inner) is self.wrapped
        return inner["payload"] if self.wrapped else inner

    async def challenge(self) -> tuple[bytes, str]:
        found = self.opened(await self.send({"type": "aikcert"}))
        return b64_decode_lenient(found["challenge"]), found["service_context"]

    def _keys(self, challenge: bytes) -> tuple[dict[str, Any], bytes]:
        """The members about the request key, and the quote's extra data."""
        public = REQUEST_KEY.public_key()
        if self.version == "attReq":
            return {"attest_key": jwk(public)}, challenge
        key: dict[str, Any] = {"jwk": jwk(public)}
        extra = challenge
        if self.binding == "tpm_quote":
            key["info"] = {"tpm_quote": {"hash_alg": "sha-256"}}
            text = json.dumps(key["jwk"]).encode()
            extra = hashlib.sha256(text + b"\0" + challenge).digest()
        elif self.binding == "tpm_certify":
            key["info"] = {"tpm_certify": self.tpm.certify(public, challenge)}
        return {"request_key": key}, extra

    def data(self, challenge: bytes, context: str) -> dict[str, Any]:
        keys, extra = self._keys(challenge)
        extra = extra if self.extra is None else self.extra
        if self.version == "attReq":
            tpm: dict[str, Any] = {
                "srtm_boot_log": b64url_encode(self.tpm.log),
                "aik_cert": b64url_encode(self.tpm.certificate),
                "aik_pub": jwk(self.tpm.aik.public_key()),
                "current_claim": b64url_encode(self.tpm.platform_claim(extra)),
            }
        else:
            tpm = {"current_attestation": self.tpm.attestation(extra, self.indices)}
        return {
            "rp_id": "https://relying.party",
            "rp_data": "cnAtZGF0YQ",
            "challenge": b64url_encode(challenge),
            "tpm_att_data": tpm,
            **keys,
            "custom_claims": [{"name": "zone", "value": "a", "value_type": "String"}],
            "service_context": context,
        } | self.changes

    async def ask(self, challenge: bytes | None = None, context: str = "") -> httpx.Response:
        if challenge is None:
            challenge, context = await self.challenge()
        text = json.dumps(self.data(challenge, context))
        kind = "vbs" if self.enclave else "basic"
        if self.enclave:
            report = b64url_encode(enclave_report(text.encode(), IDENTITY))
            member: Any = report if self.version == "attReq" else {"enclave": {"report": report}}
            text = f'{{"report_signed": {text}, "vsm_report": {json.dumps(member)}}}'
        payload = f'{{"att_type": "{kind}", "att_data": {text}}}'
        return await self.send({"request": signed(payload, self.version, self.key)})

    async def claims(self) -> dict[str, Any]:
        return dict(split(self.opened(await self.ask())["report"]).claims())


@pytest.fixture
async def machine(client: SandboxClient) -> Machine:
    await client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(policy()))
    return Machine(client)


def enclave_machine(machine: Machine) -> Machine:
    events = (secure_boot(), windows(identity_key(IDENTITY.public_key())))
    return replace(machine, tpm=SoftTpm(events), enclave=True)


async def test_without_a_policy_even_the_challenge_is_refused(client: SandboxClient) -> None:
    answer = await Machine(client).send({"type": "aikcert"})

    assert error_of(answer) == (400, "Bad request")
    assert message_of(answer) == (
        "A VBS attestation policy has not been set on the attestation provider."
    )


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_challenge_has_the_recorded_form(machine: Machine, *, wrapped: bool) -> None:
    challenge, context = await replace(machine, wrapped=wrapped).challenge()

    inner = json.loads(b64_decode_lenient(context))
    assert len(challenge) == 16
    assert list(inner) == ["ProtectionKeyName", "ProtectedContext"]
    assert len(inner["ProtectionKeyName"]) == 64


@pytest.mark.parametrize("version", ["attReq", "attReqV2"])
@pytest.mark.parametrize("enclave", [False, True])
async def test_a_request_becomes_a_report(machine: Machine, version: str, *, enclave: bool) -> None:
    made = replace(enclave_machine(machine) if enclave else machine, version=version)
    made.enclave = enclave

    token = split(made.opened(await made.ask())["report"])

    claims: dict[str, Any] = dict(token.claims())
    assert claims["x-ms-attestation-type"] == ("vbs" if enclave else "tpm")
    assert claims["cnf"] == {"jwk": jwk(REQUEST_KEY.public_key())}
    assert (claims["rp_data"], claims["nonce"]) == ("cnAtZGF0YQ", "cnAtZGF0YQ")
    assert claims["x-ms-policy-hash"] == policy_hash(policy())
    assert claims["secureBootEnabled"] is True
    assert claims["aikValidated"] is False
    assert claims["vbs"] is enclave
    assert claims["zone"] == "a"
    assert ("enclaveSvn" in claims) is enclave
    assert not {"events", "pcrs", "aikPubHash", "tpmVersion"} & set(claims)
    assert claims["exp"] - claims["iat"] == 86_400
    x5c: Any = token.header["x5c"]
    assert [base64.b64decode(der)[:1] for der in x5c] == [b"\x30"]


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        ("tpm_quote", '{"tpm_quote":{"hash_alg":"sha-256"}}'),
        ("tpm_certify", '{"tpm_certify":{"name_alg":11,"obj_attr":262258,"auth_policy":""}}'),
        ("", "null"),
    ],
)
async def test_how_the_request_key_is_bound_can_be_asked_by_the_policy(
    machine: Machine, binding: str, said: str
) -> None:
    claims = await replace(machine, binding=binding).claims()

    assert claims["bound"] == said


async def test_other_keys_are_certified_too(machine: Machine) -> None:
    challenge, context = await machine.challenge()
    public = OTHER_KEY.public_key()
    good = {"jwk": jwk(public), "info": {"tpm_certify": machine.tpm.certify(public, challenge)}}
    stale = {"jwk": jwk(public), "info": {"tpm_certify": machine.tpm.certify(public, b"old")}}
    loose = {"jwk": jwk(public)}

    async def ask(*keys: dict[str, Any]) -> httpx.Response:
        return await replace(machine, changes={"other_keys": [*keys]}).ask(challenge, context)

    claims = split(machine.opened(await ask(good, loose))["report"]).claims()
    refused = await ask(loose, stale)
    many = await ask(good, good, good)

    assert claims["others"] == "2"
    assert [item["target"] for item in refused.json()["error"]["details"]] == [
        "certify.other-2.challenge"
    ]
    assert "more than 2" in message_of(many)


async def test_properties_shape_the_report(machine: Machine) -> None:
    more = (
        '=> issueproperty(type="report_validity_in_minutes", value=999999);'
        '=> issueproperty(type="omit_x5c", value=true);'
    )
    await machine.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(policy(more)))

    token = split(machine.opened(await machine.ask())["report"])

    claims: dict[str, Any] = dict(token.claims())
    assert claims["exp"] - claims["iat"] == 525_600 * 60
    assert "x5c" not in token.header
    assert len(b64_decode_lenient(str(token.header["x5t"]))) == 20


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "another extra data": ({"extra": b"x" * 16}, "made for another nonce"),
    "signed by another key": ({"key": OTHER_KEY}, "not signed by the key"),
    "no service context": ({"changes": {"service_context": ""}}, "not one of ours"),
    "foreign context": ({"changes": {"service_context": "e30"}}, "not one of ours"),
    "another challenge": ({"changes": {"challenge": "AAAA"}}, "not the one"),
    "no TPM data": ({"changes": {"tpm_att_data": None}}, "no `tpm_att_data`"),
    "too few registers": ({"indices": range(8)}, "lacks the registers 8"),
    "claim without a type": (
        {"changes": {"custom_claims": [{"name": "n", "value": "x", "value_type": "Integer"}]}},
        "no value of its type",
    ),
    "unknown version": ({"version": "attReqV3"}, "PS256, attReq"),
    "unknown binding": ({"version": "attReqV2", "binding": "bad"}, "another nonce"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_request_that_does_not_hold_is_refused(machine: Machine, case: str) -> None:
    changes, words = BROKEN[case]
    made = replace(machine, **changes)
    if case == "unknown binding":
        made.extra = b"y"

    answer = await made.ask()

    assert error_of(answer) == (400, "InvalidParameter")
    assert words in message_of(answer)


async def test_a_log_that_was_changed_is_refused(machine: Machine) -> None:
    class Lying(SoftTpm):
        @property
        def registers(self) -> list[bytes]:
            return SoftTpm((secure_boot(0), (7, EV_SEPARATOR, bytes(4)))).registers

    answer = await replace(machine, tpm=Lying()).ask()

    assert error_of(answer) == (400, "InvalidParameter")
    assert [item["target"] for item in answer.json()["error"]["details"]] == ["event-log.pcr7"]


async def test_an_enclave_must_have_reported_what_was_signed(machine: Machine) -> None:
    made = enclave_machine(machine)
    challenge, context = await made.challenge()
    text = json.dumps(made.data(challenge, context))
    report = b64url_encode(enclave_report(text.encode() + b" ", IDENTITY))
    inner = f'{{"report_signed": {text}, "vsm_report": {{"enclave": {{"report": "{report}"}}}}}}'
    payload = f'{{"att_type": "vbs", "att_data": {inner}}}'

    answer = await made.send({"request": signed(payload, made.version, made.key)})

    assert "enclave report was invalid" in message_of(answer)
    assert [item["target"] for item in answer.json()["error"]["details"]] == ["report-data"]


async def test_an_enclave_needs_the_identity_key_in_the_log(machine: Machine) -> None:
    answer = await replace(machine, enclave=True).ask()

    assert "names no identity key" in message_of(answer)


async def test_a_challenge_expires_and_is_of_one_provider(
    machine: Machine, client: SandboxClient
) -> None:
    challenge, context = await machine.challenge()
    await client.create("second")
    await client.data("PUT", "second", "/policies/Tpm", unsecured_policy(policy()))
    elsewhere = await replace(machine, provider="second").ask(challenge, context)
    client.sandbox.core.clock.fixed = NOW + timedelta(minutes=6)

    late = await machine.ask(challenge, context)

    assert "not the one" in message_of(elsewhere)
    assert "expired" in message_of(late)


async def test_the_certificate_must_hold_unless_the_policy_judges_it(machine: Machine) -> None:
    strict = "version=1.0;authorizationrules{=> permit();};"
    await machine.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(strict))

    answer = await machine.ask()

    assert error_of(answer) == (400, "InvalidParameter")
    assert "AIK certificate" in message_of(answer)


@pytest.mark.parametrize("mask", [0xFFFF, 0])
async def test_the_policy_chooses_the_registers(machine: Machine, mask: int) -> None:
    text = (
        f'version=1.2;configurationrules{{=> issueproperty(type="required_pcr_mask", value={mask});'
        '=> issueproperty(type="require_valid_aik_cert", value=false);};'
        "authorizationrules{=> permit();};"
    )
    await machine.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(text))

    answer = await replace(machine, indices=range(16)).ask()

    assert answer.status_code == 200, answer.text


async def test_who_may_attest_a_tpm(machine: Machine, client: SandboxClient) -> None:
    kept, client.attestation_token = client.attestation_token, ""
    anonymous = await machine.send({"type": "aikcert"})
    client.attestation_token = kept
    body = {"properties": {"tpmAttestationAuthentication": "Disabled"}}
    patched = await client.arm("PATCH", provider_path("plain"), body)
    client.attestation_token = ""
    allowed = await machine.send({"type": "aikcert"})
    client.attestation_token = kept
    shared = await replace(machine, provider="sharedlocal").send({"type": "aikcert"})

    assert anonymous.status_code == 401
    assert patched.status_code == 200
    assert allowed.status_code == 200
    assert error_of(shared) == (400, "InvalidOperation")


@pytest.mark.parametrize("body", [{}, {"data": "!"}, {"data": "W10"}, {"data": "e30"}, {"data": 3}])
async def test_messages_that_are_none(machine: Machine, body: dict[str, Any]) -> None:
    answer = await machine.client.data("POST", "plain", "/attest/Tpm", json.dumps(body))

    assert error_of(answer) == (400, "InvalidParameter")
