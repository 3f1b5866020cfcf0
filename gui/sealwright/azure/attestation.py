"""The data plane of one provider (spec rest-api, 3.1 rows 1-18, and 11.1)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from sealwright.azure.exchange import Call, Exchange, bad_answer, read_json
from sealwright.azure.reading import member, text
from sealwright.claims.attestation_type import API_VERSION, AttestationType
from sealwright.services.exchanges import Message
from sealwright.services.ports import Answer, AttestAnswer, KeyDocument, Metadata
from sealwright.services.reaching.clock_gap import server_time

if TYPE_CHECKING:
    from collections.abc import Mapping


_BASELINES_VERSION: Final = "2025-06-01"
_ATTEST_TIMEOUT: Final = 300.0
"""Seconds: the service fetches collateral meanwhile (spec rest-api, 11.1)."""
_HINTS: Final = {
    "InvalidParameter": (
        "Look at the evidence: `sealwright evidence verify` names each check that does not hold."
    ),
    "Bad request": "This type has no default policy. Set one, then attest again.",
    "InvalidOperation": "Attest at a provider of your own, of a trust model that takes this type.",
}
"""What to do, by the service's code, where attesting means something else than a change."""


class AttestationClient:
    """`AttestationApi` on HTTP, and the list of TCB baselines."""

    def __init__(self, attest_uri: str, exchange: Exchange, *, version: str = "") -> None:
        self._uri = attest_uri.rstrip("/")
        self._exchange = exchange
        self._version = version

    @property
    def attest_uri(self) -> str:
        """The provider's address, without a trailing slash."""
        return self._uri

    async def get_policy(self, attestation_type: AttestationType) -> Answer:
        """`GET /policies/{type}`."""
        url = self._policy_url(attestation_type)
        return await self._token(Call("GET", url, "read the policy", safe=True))

    async def set_policy(self, attestation_type: AttestationType, jws: str) -> Answer:
        """`PUT /policies/{type}`, the JWS bare as the specifications say (spec rest-api, 3.3)."""
        url = self._policy_url(attestation_type)
        return await self._token(_text_call("PUT", url, "set the policy", jws))

    async def reset_policy(self, attestation_type: AttestationType, jws: str) -> Answer:
        """`POST /policies/{type}:reset`."""
        url = self._policy_url(attestation_type, ":reset")
        return await self._token(_text_call("POST", url, "reset the policy", jws))

    async def get_certificates(self) -> Answer:
        """`GET /certificates`."""
        call = Call("GET", self._url("/certificates"), "read the policy signers", safe=True)
        return await self._token(call)

    async def add_certificate(self, jws: str) -> Answer:
        """`POST /certificates:add`, the JWS as one JSON string (spec rest-api, 3.6)."""
        url = self._url("/certificates:add")
        return await self._token(_json_call(url, "add the policy signer", jws))

    async def remove_certificate(self, jws: str) -> Answer:
        """`POST /certificates:remove`."""
        url = self._url("/certificates:remove")
        return await self._token(_json_call(url, "remove the policy signer", jws))

    async def attest(
        self, attestation_type: AttestationType, body: Mapping[str, object]
    ) -> AttestAnswer:
        """`POST /attest/{type}`; a refusal is an answer too."""
        call = Call(
            "POST",
            self._typed_url("/attest", attestation_type),
            f"attest {attestation_type.value}",
            json.dumps(body, separators=(",", ":")).encode("utf-8"),
            "application/json",
            timeout=_ATTEST_TIMEOUT,
        )
        return await self._asked(call)

    async def tcb_baselines(self, attestation_type: AttestationType) -> AttestAnswer:
        """`GET /tcbbaselines/{type}`, which 2025-06-01 made generally available."""
        version = self._version or _BASELINES_VERSION
        url = f"{self._uri}/tcbbaselines/{attestation_type.value}?api-version={version}"
        return await self._asked(Call("GET", url, "read the TCB baselines", safe=True))

    async def _asked(self, call: Call) -> AttestAnswer:
        begun = time.monotonic()
        answer, error = await self._exchange.ask(call)
        elapsed = time.monotonic() - begun
        if error is not None:
            error.hint = _HINTS.get(error.service_code, error.hint)
        message = Message(
            method=call.method,
            url=call.url,
            request=call.body,
            status=answer.status,
            headers=answer.headers,
            response=answer.body,
            elapsed=elapsed,
        )
        return AttestAnswer(message, error)

    async def signing_keys(self, url: str) -> KeyDocument:
        """`GET` of the key document at `url`, anonymous (spec rest-api, 3.7)."""
        what = "read the provider's keys"
        asked = f"{url}{'&' if '?' in url else '?'}api-version={self._default}"
        answer = await self._exchange.send(Call("GET", asked, what, safe=True, anonymous=True))
        return KeyDocument(url, answer.body, server_time(answer))

    async def metadata(self) -> Metadata:
        """`GET /.well-known/openid-configuration`, anonymous; the issuer may be left out."""
        what = "read the provider's metadata"
        url = self._url("/.well-known/openid-configuration")
        answer = await self._exchange.send(Call("GET", url, what, safe=True, anonymous=True))
        value = read_json(answer, what)
        jwks_uri = text(member(value, "jwks_uri"))
        if not jwks_uri:
            raise bad_answer(answer, "The provider's metadata names no key document.")
        return Metadata(text(member(value, "issuer")), jwks_uri, answer.body)

    @property
    def _default(self) -> str:
        return self._version or API_VERSION

    def _url(self, path: str) -> str:
        return f"{self._uri}{path}?api-version={self._default}"

    def _policy_url(self, attestation_type: AttestationType, action: str = "") -> str:
        return self._typed_url("/policies", attestation_type, action)

    def _typed_url(self, path: str, attestation_type: AttestationType, action: str = "") -> str:
        version = self._version or attestation_type.api_version
        return f"{self._uri}{path}/{attestation_type.value}{action}?api-version={version}"

    async def _token(self, call: Call) -> Answer:
        begun = time.monotonic()
        answer = await self._exchange.send(call)
        elapsed = time.monotonic() - begun
        token = text(member(read_json(answer, call.what), "token"))
        if not token:
            raise bad_answer(answer, f"The answer to `{call.what}` holds no token.")
        return Answer(
            token=token,
            request_id=answer.headers.get("x-ms-request-id", ""),
            elapsed=elapsed,
            server_time=server_time(answer),
        )


def _text_call(method: str, url: str, what: str, jws: str) -> Call:
    return Call(method, url, what, jws.encode("ascii"), "text/plain")


def _json_call(url: str, what: str, jws: str) -> Call:
    return Call("POST", url, what, json.dumps(jws).encode("ascii"), "application/json")
