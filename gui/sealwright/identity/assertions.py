"""Proofs of an application: a statement signed by its certificate's key, or a platform's token."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.errors import UsageError
from sealwright.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sealwright.services.ports import Signer

_LIFE: Final = 600
_MAX_TOKEN: Final = 64 * 1024


def signed_by(
    signer: Signer, client_id: str
) -> Callable[[str], Coroutine[object, object, Secret[str]]]:
    """Makes statements (RFC 7523 section 3) signed with a certificate's key."""

    async def make(address: str) -> Secret[str]:
        leaf = signer.certificate_chain[0]
        header = {
            "alg": signer.algorithm,
            "typ": "JWT",
            # Entra ID finds the certificate by its SHA-1 thumbprint; nothing rests on that hash.
            "x5t": _b64(hashlib.sha1(leaf, usedforsecurity=False).digest()),
            "x5t#S256": _b64(hashlib.sha256(leaf).digest()),
            "x5c": [base64.b64encode(der).decode() for der in signer.certificate_chain],
        }
        now = int(time.time())
        claims = {
            "aud": address,
            "iss": client_id,
            "sub": client_id,
            "jti": str(uuid.uuid4()),
            "nbf": now - 30,
            "iat": now,
            "exp": now + _LIFE,
        }
        text = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
        signature = await signer.sign(text.encode())
        return Secret(f"{text}.{_b64(signature)}")

    return make


def from_file(path: str) -> Callable[[str], Coroutine[object, object, Secret[str]]]:
    """Reads the platform's token, which it renews in place."""

    async def make(_address: str) -> Secret[str]:
        try:
            async with await anyio.open_file(path, encoding="utf-8") as file:
                text = (await file.read(_MAX_TOKEN)).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The federated token `{path}` cannot be read.",
                hint="The platform names the file in AZURE_FEDERATED_TOKEN_FILE.",
            ) from error
        if not text:
            raise UsageError(f"The federated token `{path}` is empty.")
        return Secret(text)

    return make


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
