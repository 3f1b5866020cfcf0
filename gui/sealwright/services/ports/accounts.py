"""Accounts: who signs in where and how, and the authority that they sign in at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.ports.network import TokenSource


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """Addresses of a cloud (spec rest-api, 1.1 and 1.3).

    `suffix` ends the hosts of its providers, or is such a host; empty takes any host, so only for
    anonymous calls.
    """

    name: str
    authority: str
    arm_endpoint: str
    arm_scope: str
    attest_scope: str
    suffix: str
    anchors: tuple[TrustAnchor, ...] = ()
    """Root keys that may vouch for the signing keys of its providers."""
    custom: bool = False
    """Whether the user added it."""


class Method(StrEnum):
    """How an account proves itself."""

    BROWSER = "browser"
    DEVICE_CODE = "device-code"
    SECRET = "secret"  # noqa: S105 - the name of a method
    CERTIFICATE = "certificate"
    PKCS11 = "pkcs11"
    MANAGED_IDENTITY = "managed-identity"
    WORKLOAD = "workload"
    AZURE_CLI = "azure-cli"
    POWERSHELL = "azure-powershell"


PERSONAL = frozenset({Method.BROWSER, Method.DEVICE_CODE})
"""Methods by which a person signs in here, so that a refusal can be cleared here."""


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """An account as it is kept; its secrets and tokens are in the vault under its id."""

    id: str
    cloud: str
    method: Method
    tenant: str = ""
    """Id or domain; empty is the account's own."""
    tenant_name: str = ""
    """Domain of the tenant, where Resource Manager told it."""
    client_id: str = ""
    """The application: that which signs in, or that which the person lets act."""
    name: str = ""
    """User name, or name of the application."""
    key: str = ""
    """The key whose certificate proves the application: its name in the vault, or its label or id
    on a PKCS#11 token."""
    module: str = ""
    """Path of the library of that token."""
    token: str = ""
    """Label or serial number of that token."""
    keep_pin: bool = False
    """Whether its PIN is kept in the vault; if not, it is asked for in each session."""
    token_file: str = ""
    """Where the platform puts the federated token."""

    @property
    def where(self) -> str:
        """The tenant as people know it."""
        return self.tenant_name or self.tenant


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person has to do elsewhere for a sign-in to go on."""

    method: Method
    url: str = ""
    """The page that was opened, or that has to be."""
    code: str = field(default="", repr=False)
    """What to enter there."""
    seconds: int = 0
    """How long it is waited for."""


class Identity(Protocol):
    """Signs accounts in and gives their tokens; the one place that knows the authority.

    Raises:
        SignInError: the authority refuses.
        UnreachableError, BadAnswerError: it does not answer, or not as an authority.
        StorageError: the vault refuses.
        UsageError: the profile lacks something, or a program is not there.
    """

    async def sign_in(
        self,
        cloud: CloudSettings,
        profile: AccountProfile,
        secret: Secret[str] | None,
        on_prompt: Callable[[Prompt], None],
        *,
        claims: str = "",
    ) -> AccountProfile:
        """Sign in, asking the person where the method needs it; the profile with its name."""
        ...

    async def bearer(
        self, cloud: CloudSettings, profile: AccountProfile, scope: str, claims: str = ""
    ) -> Secret[str]:
        """A fresh access token; never asks a person."""
        ...

    async def forget(self, profile: AccountProfile) -> None:
        """Forget secrets and tokens."""
        ...


class AccountBook(Protocol):
    """Which accounts call a cloud."""

    def sources(self, cloud: str) -> tuple[TokenSource, ...]:
        """The accounts of a cloud, the chosen one first."""
        ...

    def source_for(self, cloud: str, subscription: str) -> TokenSource | None:
        """The account that was seen to reach a subscription, else the chosen one."""
        ...

    async def note(self, source: TokenSource, subscriptions: tuple[str, ...]) -> None:
        """Remember that an account reaches these subscriptions."""
        ...
