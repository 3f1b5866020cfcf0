"""Sign-in, credentials and the network in memory, for services and windows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from sealwright.secret import Secret
from sealwright.services.ports import AccountProfile, CloudSettings, Method, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.errors import AppError

CLOUD = CloudSettings(
    name="Azure public",
    authority="https://login.microsoftonline.com",
    arm_endpoint="https://management.azure.com",
    arm_scope="https://management.azure.com/.default",
    attest_scope="https://attest.azure.net/.default",
    suffix="attest.azure.net",
)


class MemoryCredentials:
    """The port CredentialVault."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret[str]] = {}

    async def get(self, name: str) -> Secret[str] | None:
        return self.kept.get(name)

    async def put(self, name: str, value: Secret[str]) -> None:
        self.kept[name] = value

    async def remove(self, name: str) -> None:
        self.kept.pop(name, None)


class SimulatedIdentity:
    """Signs everybody in under a given name, or raises what it is told.

    `wait` makes a sign-in hang until it is cancelled or `go` is set from the loop.
    """

    def __init__(self) -> None:
        self.name = "mira@contoso.com"
        self.tenant = "contoso.com"
        self.wait = False
        self.refusals: list[AppError] = []
        self.signed_in: list[AccountProfile] = []
        self.secrets: list[Secret[str] | None] = []
        self.forgotten: list[str] = []
        self.cancelled = 0

    async def sign_in(
        self,
        cloud: CloudSettings,
        profile: AccountProfile,
        secret: Secret[str] | None,
        on_prompt: Callable[[Prompt], None],
        *,
        claims: str = "",
    ) -> AccountProfile:
        del cloud, claims
        code = "ABCD2345" if profile.method is Method.DEVICE_CODE else ""
        on_prompt(Prompt(profile.method, "https://microsoft.com/devicelogin", code, 900))
        if self.wait:
            try:
                await anyio.sleep_forever()
            finally:
                self.cancelled += 1
        if self.refusals:
            raise self.refusals.pop(0)
        self.secrets.append(secret)
        done = replace(
            profile,
            name=profile.client_id or self.name,
            tenant=profile.tenant or self.tenant,
        )
        self.signed_in.append(done)
        return done

    async def bearer(
        self, cloud: CloudSettings, profile: AccountProfile, scope: str, claims: str = ""
    ) -> Secret[str]:
        del cloud, scope, claims
        if self.refusals:
            raise self.refusals.pop(0)
        return Secret(f"token of {profile.name}")

    async def forget(self, profile: AccountProfile) -> None:
        self.forgotten.append(profile.name)


class NoNetwork:
    """The port Network where everything runs in this process."""

    async def way_to(self, url: str) -> None:
        del url
