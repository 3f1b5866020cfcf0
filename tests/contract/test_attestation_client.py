"""The data-plane client: what it sends, how it reads, when it repeats, what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.scripted import REQUEST_ID, Scripted, answer, refusal
from sealwright.azure.attestation import AttestationClient
from sealwright.azure.exchange import Exchange
from sealwright.azure.failures import read_failure
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import (
    BadAnswerError,
    RefusedError,
    RejectedError,
    RoleError,
    ServiceError,
    UnreachableError,
)
from sealwright.services.ports import NOT_SIGNED_IN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.ports import Answer, HttpResponse

SGX = AttestationType.SGX_ENCLAVE
URI = "https://contoso.eus.attest.azure.net"
PARSER = (
    "Native operation failed with 65526: ..\\\\x.cpp(14)\\\\enclave.dll!00007FF: (caller: 00007FF) "
    "LogHr(1) tid(5) 83FFFFF6 Invalid policy was specified    Msg:[Policy Parser Exception Thrown: "
    "Offending symbol: '[' Line: '2', Column: '17' Failure message: 'mismatched input' Failing "
    "rule: 'policy > versionInfo'] ..\\\\y.cpp(3) LogHr(0) 83FFFFF6 x Msg:[Unhandled Enclave "
    'Exception: "Policy Parser Exception Thrown"]'
)


def client(script: Scripted, uri: str = URI) -> AttestationClient:
    exchange = Exchange(script, script, "https://attest.azure.net/.default", pause=script.pause)
    return AttestationClient(uri, exchange)


def run(
    script: Scripted, call: Callable[[AttestationClient], Awaitable[Answer]], uri: str = URI
) -> Answer:
    async def scene() -> Answer:
        return await call(client(script, uri))

    return anyio.run(scene)


def test_policy_is_read_with_a_token_and_the_default_version() -> None:
    script = Scripted(answer({"token": "a.b.c"}))
    found = run(script, lambda api: api.get_policy(SGX), f"{URI}/")
    request = script.requests[0]
    assert (request.method, request.url) == (
        "GET",
        f"{URI}/policies/SgxEnclave?api-version=2022-08-01",
    )
    assert request.headers["Authorization"] == "Bearer access-token"
    assert script.scopes == ["https://attest.azure.net/.default"]
    assert (found.token, found.request_id) == ("a.b.c", REQUEST_ID)


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        (AttestationType.OPEN_ENCLAVE, "2022-08-01"),
        (AttestationType.TPM, "2022-08-01"),
        (AttestationType.SEV_SNP_VM, "2022-08-01"),
        (AttestationType.TDX_VM, "2025-06-01"),
        (AttestationType.AZURE_GUEST, "2025-06-01"),
        (AttestationType.AI_HSM, "2026-03-11-preview"),
    ],
)
def test_version_is_the_first_that_knows_the_type(kind: AttestationType, version: str) -> None:
    script = Scripted(answer({"token": "t"}))
    run(script, lambda api: api.get_policy(kind))
    assert script.requests[0].url.endswith(f"/policies/{kind.value}?api-version={version}")


def test_bodies_are_sent_as_the_service_takes_them() -> None:
    script = Scripted(*(answer({"token": "t"}) for _ in range(4)))

    async def scene() -> None:
        api = client(script)
        await api.set_policy(SGX, "h.p.s")
        await api.reset_policy(SGX, "h..s")
        await api.add_certificate("h.c.s")
        await api.remove_certificate("h.c.s")

    anyio.run(scene)
    sent = [(r.method, r.url.removeprefix(URI).partition("?")[0], r.body) for r in script.requests]
    assert sent == [
        ("PUT", "/policies/SgxEnclave", b"h.p.s"),
        ("POST", "/policies/SgxEnclave:reset", b"h..s"),
        ("POST", "/certificates:add", b'"h.c.s"'),
        ("POST", "/certificates:remove", b'"h.c.s"'),
    ]
    kinds = [request.headers["Content-Type"] for request in script.requests]
    assert kinds == ["text/plain", "text/plain", "application/json", "application/json"]


def test_keys_and_metadata_are_read_anonymously() -> None:
    keys = {"keys": [{"kid": "k", "kty": "RSA", "x5c": ["AQID"]}]}
    script = Scripted(answer(keys), answer({"jwks_uri": f"{URI}/certs"}))

    async def scene() -> None:
        api = client(script)
        found = await api.signing_keys(f"{URI}/certs")
        assert found.url == f"{URI}/certs"
        assert json.loads(found.raw) == keys
        assert (await api.metadata()).issuer == ""

    anyio.run(scene)
    assert not any("Authorization" in request.headers for request in script.requests)


def test_without_an_account_calls_go_out_anonymously() -> None:
    script = Scripted(answer({"token": "t"}), signed_in=False)
    run(script, lambda api: api.get_policy(SGX))
    assert "Authorization" not in script.requests[0].headers


@pytest.mark.parametrize("body", [{"Token": "a.b.c"}, {"TOKEN": "a.b.c", "other": 1}])
def test_member_names_are_read_in_any_case(body: object) -> None:
    found = run(Scripted(answer(body)), lambda api: api.get_policy(SGX))
    assert found.token.split(".") == ["a", "b", "c"]


@pytest.mark.parametrize(
    "body", [b"<html>proxy</html>", b"", b"[]", b'{"token": 7}', b'"text"', b"[" * 100_000]
)
def test_answer_without_a_token_breaks_the_contract(body: bytes) -> None:
    with pytest.raises(BadAnswerError) as caught:
        run(Scripted(answer(body)), lambda api: api.get_policy(SGX))
    assert caught.value.request_id == REQUEST_ID


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (refusal(401, "Unauthorized", "Access requires a valid JWT bearer token"), RefusedError),
        (refusal(403, "Forbidden", "Public network access is disabled"), RefusedError),
        (refusal(400, "PolicyParsingError", PARSER), RejectedError),
        (refusal(404, "ResourceNotFound", "gone"), RejectedError),
        (answer(b"<html><title>Bad gateway</title>", 400), RejectedError),
        (answer(b"", 302), BadAnswerError),
    ],
)
def test_refusals_keep_what_identifies_them(
    response: HttpResponse, kind: type[ServiceError]
) -> None:
    with pytest.raises(kind) as caught:
        run(Scripted(response), lambda api: api.set_policy(SGX, "h.p.s"))
    assert caught.value.status == response.status
    assert caught.value.request_id == REQUEST_ID


def test_refused_names_both_causes_to_whoever_is_not_signed_in() -> None:
    script = Scripted(refusal(401, "Unauthorized", "no"))
    script.account = NOT_SIGNED_IN
    with pytest.raises(RefusedError) as caught:
        run(script, lambda api: api.get_policy(SGX))
    assert not isinstance(caught.value, RoleError)
    assert "signed in" in caught.value.hint
    assert "Attestation Reader" in caught.value.hint


def test_refused_is_a_matter_of_roles_for_whoever_is_signed_in() -> None:
    """Spec rest-api, 1.5: a missing role gives 401."""
    with pytest.raises(RoleError) as caught:
        run(Scripted(refusal(401, "Unauthorized", "no")), lambda api: api.get_policy(SGX))
    assert "Attestation Reader" in caught.value.hint
    assert caught.value.activation in caught.value.hint
    other = Scripted(refusal(403, "Forbidden", "Public network access is disabled"))
    with pytest.raises(RefusedError, match="network access") as caught_other:
        run(other, lambda api: api.get_policy(SGX))
    assert not isinstance(caught_other.value, RoleError)


def test_place_in_the_policy_is_found_in_the_message() -> None:
    script = Scripted(refusal(400, "PolicyParsingError", PARSER))
    with pytest.raises(RejectedError) as caught:
        run(script, lambda api: api.set_policy(SGX, "h.p.s"))
    error = caught.value
    assert (error.details["line"], error.details["column"]) == ("2", "17")
    assert error.details["offending symbol"] == "["
    assert error.service_code == "PolicyParsingError"
    assert "Failing rule: 'policy > versionInfo'" in error.summary
    assert "Unhandled Enclave" not in error.summary
    assert "Native operation" not in error.summary


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error":{"code":"C","message":"M"}}', "C", "M"),
        (b'{"Error":{"Code":"C","Message":"M"}}', "C", "M"),
        (b'{"code":"C","message":"M"}', "C", "M"),
        (b'{"error":{"code":"C"}}', "C", ""),
        (b'{"error":null}', "", ""),
        (b'"only text"', "", "only text"),
        (b"plain", "", "plain"),
        (b"\xff\xfe", "", "\ufffd\ufffd"),
        (b'{"error":"invalid_client","error_description":"D"}', "invalid_client", "D"),
        (
            b'{"error":{"code":"C","message":"a Msg:[in [x] side] LogHr(0) Msg:[again]"}}',
            "C",
            "in [x] side",
        ),
    ],
)
def test_error_bodies_of_every_shape_are_read(body: bytes, code: str, message: str) -> None:
    found = read_failure(body)
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize("begun", [b"Offending symbol: '", b"<title>", b"Msg:[", b"Line: '"])
def test_an_error_body_that_never_ends_what_it_begins_is_read_once(begun: bytes) -> None:
    body = b"<" + begun * 100_000

    found = read_failure(body)

    assert (found.code, found.symbol, found.line) == ("", "", None)


def test_reading_is_repeated_after_a_cut_and_a_failure() -> None:
    script = Scripted(UnreachableError("cut"), answer(b"", 503), answer({"token": "t"}))
    assert run(script, lambda api: api.get_policy(SGX)).request_id == REQUEST_ID
    assert len(script.pauses) == 2
    assert 0 < script.pauses[0] < script.pauses[1] <= 1.0


@pytest.mark.parametrize("status", [500, 502, 503])
def test_changes_are_not_repeated_blindly(status: int) -> None:
    for call in (
        lambda api: api.set_policy(SGX, "h.p.s"),
        lambda api: api.reset_policy(SGX, "h..s"),
        lambda api: api.add_certificate("h.c.s"),
        lambda api: api.remove_certificate("h.c.s"),
    ):
        script = Scripted(answer(b"", status))
        with pytest.raises(UnreachableError):
            run(script, call)
        assert len(script.requests) == 1
        script = Scripted(UnreachableError("cut"))
        with pytest.raises(UnreachableError):
            run(script, call)
        assert len(script.requests) == 1


def test_throttled_change_waits_as_long_as_it_is_told() -> None:
    script = Scripted(refusal(429, "", "slow down", retry_after="7"), answer({"token": "t"}))
    run(script, lambda api: api.set_policy(SGX, "h.p.s"))
    assert script.pauses == [7.0]


def test_very_long_throttling_is_passed_on_to_the_user() -> None:
    script = Scripted(refusal(429, "", "slow down", retry_after="600"))
    with pytest.raises(UnreachableError) as caught:
        run(script, lambda api: api.get_policy(SGX))
    assert caught.value.hint == "Try again in 600 seconds."
    assert script.pauses == []


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        (
            {
                "retry_after": "Mon, 02 Nov 2026 09:00:05 GMT",
                "date": "Mon, 02 Nov 2026 09:00:01 GMT",
            },
            4.0,
        ),
        (
            {
                "retry_after": "Mon, 02 Nov 2026 09:00:00 GMT",
                "date": "Mon, 02 Nov 2026 09:00:01 GMT",
            },
            0.0,
        ),
        ({"retry_after": "3"}, 3.0),
    ],
)
def test_wait_may_be_a_date_by_the_services_clock(headers: dict[str, str], pause: float) -> None:
    script = Scripted(refusal(429, "", "slow down", **headers), answer({"token": "t"}))
    run(script, lambda api: api.get_policy(SGX))
    assert script.pauses == [pause]


@pytest.mark.parametrize("wished", ["soon", "", "-1", "1e9", "Mon, 02 Nov 2026 09:00:05 GMT"])
def test_wait_that_cannot_be_read_is_our_own(wished: str) -> None:
    script = Scripted(refusal(429, "", "slow down", retry_after=wished), answer({"token": "t"}))
    run(script, lambda api: api.get_policy(SGX))
    assert 0 < script.pauses[0] < 1


def test_repeats_end() -> None:
    script = Scripted(*(UnreachableError("cut") for _ in range(9)))
    with pytest.raises(UnreachableError):
        run(script, lambda api: api.get_policy(SGX))
    assert len(script.requests) == 4
