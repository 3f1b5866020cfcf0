"""Clouds: where their APIs are, and the clients of one cloud and account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sealwright.azure.attestation import AttestationClient
from sealwright.azure.exchange import Exchange
from sealwright.azure.management import ManagementClient

if TYPE_CHECKING:
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.services.ports import AttestationApi, HttpTransport, ManagementApi, TokenSource


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """Addresses of a cloud (spec rest-api, 1.1 and 1.3).

    `suffix` ends the hosts of its providers; empty takes any host, so only for anonymous calls.
    """

    name: str
    authority: str
    arm_endpoint: str
    arm_scope: str
    attest_scope: str
    suffix: str
    anchors: tuple[TrustAnchor, ...] = ()
    """Root keys that may vouch for the signing keys of its providers."""


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
ELSEWHERE: Final = CloudSettings(
    name="Other address",
    authority="",
    arm_endpoint="",
    arm_scope="",
    attest_scope="",
    suffix="",
)
"""Providers at addresses of no known cloud: called anonymously."""
KNOWN: Final = (PUBLIC, US_GOVERNMENT)
"""Azure operated by 21Vianet is not here: it has no known attestation host."""


class AzureCloud:
    """`Cloud` over HTTP; Azure and the sandbox differ in settings only."""

    def __init__(
        self, settings: CloudSettings, transport: HttpTransport, tokens: TokenSource
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._data = Exchange(transport, tokens, settings.attest_scope)
        self._arm = Exchange(transport, tokens, settings.arm_scope)

    @property
    def name(self) -> str:
        """Words for people."""
        return self._settings.name

    @property
    def anchors(self) -> tuple[TrustAnchor, ...]:
        """Root keys that may vouch for the signing keys of its providers."""
        return self._settings.anchors

    @property
    def account(self) -> str:
        """Who calls."""
        return self._tokens.account

    def serves(self, attest_uri: str) -> bool:
        """Whether a provider at this address is in this cloud, so that its token may go there."""
        parts = urlsplit(attest_uri)
        suffix = self._settings.suffix
        return parts.scheme == "https" and (
            not suffix or (parts.hostname or "").lower().endswith(f".{suffix}")
        )

    def attestation(self, attest_uri: str) -> AttestationApi:
        """The data plane of the provider at `attest_uri`."""
        return AttestationClient(attest_uri, self._data)

    def management(self) -> ManagementApi:
        """ARM of this cloud."""
        return ManagementClient(self._settings.name, self._settings.arm_endpoint, self._arm)
