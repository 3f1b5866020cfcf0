"""Clients of azure-security-attestation, sync and async, at a served sandbox."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.security.attestation import AttestationAdministrationClient, AttestationClient
from azure.security.attestation import aio as async_attestation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from helpers.served_sandbox import ServedSandbox

Client: TypeAlias = Any
"""A client of the package, which has no types."""
Result: TypeAlias = Any

KINDS = ("sync", "async")


async def done(value: Result) -> Result:
    """The result of a call of either kind of client."""
    return await value if inspect.isawaitable(value) else value


@dataclass
class Clients:
    """Clients of one kind for one sandbox; their own validation is on as far as it goes."""

    served: ServedSandbox
    credential: Any
    administration: type[Any]
    attestation: type[Any]

    def _options(self, provider: str) -> dict[str, Any]:
        uri = self.served.attest_uri(provider)
        return {
            "endpoint": uri,
            "credential": self.credential,
            "connection_verify": self.served.ca_file,
            "validate_token": True,
            "validate_signature": True,
            "validate_expiration": True,
            "validate_not_before_time": True,
            "validate_issuer": True,
            "issuer": uri,
            "validation_slack": 1.0,
            "retry_total": 0,
        }

    def admin(self, provider: str, **options: str) -> Client:
        return self.administration(**self._options(provider), **options)

    def client(self, provider: str) -> Client:
        return self.attestation(**self._options(provider))


@asynccontextmanager
async def signed_in(served: ServedSandbox, kind: str) -> AsyncIterator[Clients]:
    """Clients of a kind of `KINDS`, signed in with azure-identity."""
    sign_in = {
        "tenant_id": served.ready["tenant"],
        "client_id": served.ready["clientId"],
        "client_secret": served.ready["clientSecret"],
        "authority": served.ready["authority"],
        "disable_instance_discovery": True,
        "connection_verify": served.ca_file,
    }
    if kind == "sync":
        with ClientSecretCredential(**sign_in) as credential:
            yield Clients(served, credential, AttestationAdministrationClient, AttestationClient)
    else:
        async with AsyncClientSecretCredential(**sign_in) as async_credential:
            yield Clients(
                served,
                async_credential,
                async_attestation.AttestationAdministrationClient,
                async_attestation.AttestationClient,
            )
