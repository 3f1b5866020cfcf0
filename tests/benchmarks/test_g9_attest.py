"""G9, attest: evidence to token through ASGI, against the sum of its parts.

The parts are done bare in the same round: one request of the same size to a Starlette application
that does nothing, the quote parsed and checked by its roots, its claims, the prepared policy
evaluated, the token's JSON made and signed. What the sandbox adds is its file, base64, the
hashes of the collateral, and the rules of the request. Rounds are short and many: a host that takes
the core away for some milliseconds then spoils few of them.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.rounds import measure, repeated, report
from helpers.attesting import quote_of, sent
from helpers.sandbox_client import NOW, SandboxClient, open_client
from sealwright.claims.attestation_type import AttestationType
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.derived.hardware import sgx_claims
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.sgx import parse_quote
from sealwright.policy import parse, prepare, token_claims
from sealwright.sandbox import keys
from sealwright.sandbox.default_policies import default_policy
from sealwright.sandbox.issuing import anchor_of
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

_TIMES = 15
RUNTIME = b'{"keys":[]}'


HASHES = {f"hash{number}": "0" * 64 for number in range(7)}


class Parts:
    """What an attestation cannot do without."""

    def __init__(self, client: SandboxClient, quote: bytes) -> None:
        core = client.sandbox.core
        self._quote = quote
        self._trust = Trust((anchor_of(core.state),), NOW)
        self._policy = prepare(parse(default_policy(AttestationType.SGX_ENCLAVE)))
        self._key = core.keys.get(keys.REGION)
        self._claims = sgx_claims(parse_quote(quote))

    def verify(self) -> None:
        quote = parse_quote(self._quote)
        judge_quote(quote, self._trust, None)
        sgx_claims(quote)

    def evaluate(self) -> Any:  # noqa: ANN401 - an outcome
        return self._policy.evaluate(self._claims)

    def issue(self) -> None:
        service: dict[str, object] = {claim.type: claim.value for claim in self._claims}
        service |= dict.fromkeys(("x-ms-sgx-collateral", "maa-attestationcollateral"), HASHES)
        members = token_claims(service, self.evaluate().outgoing)
        text = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
        signed = f"{b64url_encode(b'{}')}.{b64url_encode(text)}".encode()
        b64url_encode(self._key.sign(signed, padding.PKCS1v15(), SHA256()))

    def all(self) -> None:
        self.verify()
        self.issue()


async def call(app: Any, body: bytes) -> int:  # noqa: ANN401 - an ASGI application
    """One request without any client library."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/attest/SgxEnclave",
        "raw_path": b"/attest/SgxEnclave",
        "query_string": b"api-version=2022-08-01",
        "headers": [(b"host", b"sharedlocal.sandbox.invalid")],
        "server": ("sharedlocal.sandbox.invalid", 443),
    }
    await app(scope, receive, send)
    return status


async def _nothing(request: Request) -> Response:
    return Response(await request.body(), headers={"content-type": "application/json"})


BARE = Starlette(routes=[Route("/{path:path}", _nothing, methods=["POST"])])


def test_g9_attest(tmp_path: Path) -> None:
    client = open_client(tmp_path / "sandbox.db")
    quote = quote_of(client, RUNTIME)
    request = {"quote": b64url_encode(quote), "runtimeData": sent(RUNTIME, "JSON"), "nonce": "1"}
    body, parts = json.dumps(request).encode(), Parts(client, quote)
    with asyncio.Runner() as runner:

        async def attest() -> None:
            for _ in range(_TIMES):
                assert await call(client.sandbox.app, body) == 200

        async def all_parts() -> None:
            for _ in range(_TIMES):
                await call(BARE, body)
                parts.all()

        found = measure(
            {
                "attest through ASGI": lambda: runner.run(attest()),
                "its parts": lambda: runner.run(all_parts()),
                "verify": repeated(parts.verify, _TIMES),
                "evaluate and issue": repeated(parts.issue, _TIMES),
            },
            rounds=50,
        )
        runner.run(client.http.aclose())
    client.sandbox.close()
    report(found, "attest through ASGI", "its parts", 1.5)
    report(found, "verify", "its parts", 1.0)
    report(found, "evaluate and issue", "its parts", 1.0)
