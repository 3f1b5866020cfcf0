"""Attest calls of the data-plane client: what goes out, and that a refusal is an answer too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.scripted import REQUEST_ID, Scripted, answer, refusal
from sealwright.azure.attestation import AttestationClient
from sealwright.azure.exchange import Exchange
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import BadAnswerError, RefusedError, RejectedError, UnreachableError

if TYPE_CHECKING:
    from sealwright.services.ports import AttestAnswer

URI = "https://contoso.eus.attest.azure.net"
SGX = AttestationType.SGX_ENCLAVE


def asked(script: Scripted, kind: AttestationType = SGX) -> AttestAnswer:
    exchange = Exchange(script, script, "https://attest.azure.net/.default", pause=script.pause)
    client = AttestationClient(URI, exchange)

    async def scene() -> AttestAnswer:
        return await client.attest(kind, {"quote": "AwAC"})

    return anyio.run(scene)


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        (AttestationType.SGX_ENCLAVE, "2022-08-01"),
        (AttestationType.SEV_SNP_VM, "2022-08-01"),
        (AttestationType.TPM, "2022-08-01"),
        (AttestationType.TDX_VM, "2025-06-01"),
        (AttestationType.AZURE_GUEST, "2025-06-01"),
        (AttestationType.MDEP_TZ, "2026-03-11-preview"),
    ],
)
def test_each_type_is_sent_with_a_version_that_knows_it(
    kind: AttestationType, version: str
) -> None:
    script = Scripted(answer({"token": "a.b.c"}))
    found = asked(script, kind)
    [request] = script.requests
    assert request.url == f"{URI}/attest/{kind.value}?api-version={version}"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {"quote": "AwAC"}
    assert found.result("token") == "a.b.c"
    assert found.message.request == request.body
    assert found.message.request_id == REQUEST_ID
    assert b"access-token" not in found.message.request


def test_nobody_needs_to_be_signed_in() -> None:
    script = Scripted(answer({"Token": "sealed"}), signed_in=False)
    assert asked(script).result("token") == "sealed"
    assert "Authorization" not in script.requests[0].headers


def test_a_refusal_is_an_answer_with_its_message() -> None:
    found = asked(Scripted(refusal(400, "InvalidParameter", "The quote was invalid.")))
    assert isinstance(found.error, RejectedError)
    assert found.message.status == 400
    assert b"The quote was invalid." in found.message.response
    assert "evidence verify" in found.error.hint
    with pytest.raises(RejectedError):
        found.result("token")


def test_no_role_is_said_to_be_that() -> None:
    found = asked(Scripted(refusal(401, "Unauthorized", "no token")))
    assert isinstance(found.error, RefusedError)


def test_throttling_is_waited_for_and_a_failure_is_not_repeated() -> None:
    busy = refusal(429, "", "slow down", retry_after="2")
    script = Scripted(busy, answer({"token": "t"}))
    assert asked(script).result("token") == "t"
    assert script.pauses == [2.0]
    # Whether the first one was attested is not known; a second token would do no harm, but the
    # answer says what happened.
    broken = Scripted(refusal(503, "", "down"))
    assert isinstance(asked(broken).error, UnreachableError)
    assert len(broken.requests) == 1


def test_no_answer_at_all_is_no_message() -> None:
    with pytest.raises(UnreachableError):
        asked(Scripted(UnreachableError("cut")))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"token": 1}', b'{"token": ""}'])
def test_an_answer_without_a_token_breaks_the_contract(body: bytes) -> None:
    found = asked(Scripted(answer(body)))
    with pytest.raises(BadAnswerError):
        found.result("token")


def test_baselines_are_asked_with_the_version_that_has_them() -> None:
    script = Scripted(answer({"tcbBaselines": []}))
    exchange = Exchange(script, script, "https://attest.azure.net/.default", pause=script.pause)

    async def scene() -> AttestAnswer:
        return await AttestationClient(URI, exchange).tcb_baselines(SGX)

    assert json.loads(anyio.run(scene).message.response) == {"tcbBaselines": []}
    assert script.requests[0].url == f"{URI}/tcbbaselines/SgxEnclave?api-version=2025-06-01"
