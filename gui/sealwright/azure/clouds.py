"""Clouds: where their APIs are, and the clients of one cloud and account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sealwright.azure.attestation import AttestationClient
from sealwright.azure.exchange import Exchange
from sealwright.azure.management import ManagementClient
from sealwright.services.ports import NOT_SIGNED_IN, CloudPlaces, CloudSettings

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.services.ports import (
        AccountBook,
        AttestationApi,
        HttpTransport,
        ManagementApi,
        TokenSource,
    )

__all__ = ["CHINA", "ELSEWHERE", "KNOWN", "PUBLIC", "US_GOVERNMENT", "AzureCloud", "CloudSettings"]

_DELETED: Final = "A provider that was deleted has no address any more."


PUBLIC: Final = CloudSettings(
    name="Azure public",
    authority="https://login.microsoftonline.com",
    arm_endpoint="https://management.azure.com",
    arm_scope="https://management.azure.com/.default",
    attest_scope="https://attest.azure.net/.default",
    suffix="attest.azure.net",
)
US_GOVERNMENT: Final = CloudSettings(
    name="Azure US Government",
    authority="https://login.microsoftonline.us",
    arm_endpoint="https://management.usgovcloudapi.net",
    arm_scope="https://management.usgovcloudapi.net/.default",
    # Not published; inferred from the public cloud's (spec rest-api, 1.3).
    attest_scope="https://attest.azure.us/.default",
    suffix="attest.azure.us",
)
CHINA: Final = CloudSettings(
    name="Azure operated by 21Vianet",
    authority="https://login.chinacloudapi.cn",
    arm_endpoint="https://management.chinacloudapi.cn",
    arm_scope="https://management.chinacloudapi.cn/.default",
    # No attestation host is known there (spec rest-api, 12.4); inferred from the others.
    attest_scope="https://attest.azure.cn/.default",
    suffix="attest.azure.cn",
)
ELSEWHERE: Final = CloudSettings(
    name="Other address",
    authority="",
    arm_endpoint="",
    arm_scope="",
    attest_scope="",
    suffix="",
)
"""Providers at addresses of no known cloud: called anonymously."""
KNOWN: Final = (PUBLIC, US_GOVERNMENT, CHINA)


class AzureCloud:
    """`Cloud` over HTTP; Azure and the sandbox differ in settings only.

    Args:
        tokens: who calls when the book names nobody.
        book: the accounts of this cloud; None when `tokens` is the only one.
    """

    def __init__(
        self,
        settings: CloudSettings,
        transport: HttpTransport,
        tokens: TokenSource,
        book: AccountBook | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._alone = tokens
        self._book = book

    @property
    def name(self) -> str:
        """Words for people."""
        return self._settings.name

    @property
    def anchors(self) -> tuple[TrustAnchor, ...]:
        """Root keys that may vouch for the signing keys of its providers."""
        return self._settings.anchors

    @property
    def places(self) -> CloudPlaces:
        """Where its APIs are."""
        own = self._settings
        arm, attest = (_audience(scope) for scope in (own.arm_scope, own.attest_scope))
        return CloudPlaces(own.authority, own.arm_endpoint, arm, attest)

    @property
    def account(self) -> str:
        """Who calls."""
        return self._tokens("").account

    def accounts(self) -> tuple[AzureCloud, ...]:
        """This cloud once for each account that is signed in."""
        own = () if self._alone.account == NOT_SIGNED_IN else (self._alone,)
        found = self._book.sources(self.name) if self._book is not None else ()
        return tuple(self._with(source) for source in found or own)

    async def authorize(self, *, management: bool = False) -> str:
        """Get a token for a plane; the account, empty where calls go out without one."""
        source, settings = self._tokens(""), self._settings
        token = await source.bearer(settings.arm_scope if management else settings.attest_scope)
        return source.account if token is not None else ""

    def acting_for(self, subscription: str) -> AzureCloud:
        """This cloud with the account that reaches a subscription."""
        return self._with(self._tokens(subscription))

    async def note(self, subscriptions: tuple[str, ...]) -> None:
        """Remember that the account reaches these subscriptions."""
        if self._book is not None:
            await self._book.note(self._alone, subscriptions)

    def serves(self, attest_uri: str) -> bool:
        """Whether a provider at this address is in this cloud, so that its token may go there."""
        parts = urlsplit(attest_uri)
        suffix, host = self._settings.suffix, (parts.hostname or "").lower()
        return parts.scheme == "https" and (
            not suffix or host == suffix or host.endswith(f".{suffix}")
        )

    def attestation(self, attest_uri: str) -> AttestationApi:
        """The data plane of the provider at `attest_uri`."""
        scope = self._settings.attest_scope
        exchange = Exchange(self._transport, self._tokens(""), scope, absent=_DELETED)
        return AttestationClient(attest_uri, exchange)

    def management(self) -> ManagementApi:
        """ARM of this cloud."""
        exchange = Exchange(self._transport, self._tokens(""), self._settings.arm_scope)
        return ManagementClient(self._settings.name, self._settings.arm_endpoint, exchange)

    def _with(self, source: TokenSource) -> AzureCloud:
        return _OneAccount(self._settings, self._transport, source, self._book)

    def _tokens(self, subscription: str) -> TokenSource:
        if self._book is None:
            return self._alone
        return self._book.source_for(self.name, subscription) or self._alone


class _OneAccount(AzureCloud):
    """A cloud whose account is settled."""

    def _tokens(self, subscription: str) -> TokenSource:
        del subscription
        return self._alone


def _audience(scope: str) -> str:
    """For whom a token of this scope is."""
    return scope.removesuffix("/.default")
