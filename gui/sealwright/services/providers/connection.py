"""The connection test: the way to a provider step by step, each timed, and where it stops."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError, BadAnswerError
from sealwright.services.model import CheckStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sealwright.services.ports import Network, WayOut
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.reach import Clouds, ProviderSession

    Step = tuple[str, str, Callable[[], Awaitable[str]]]
    Listener = Callable[["ConnectionCheck"], None]

NO_PROXY: Final = "no proxy in between"
PROXY: Final = "proxy"


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """One step of the connection test."""

    id: str
    title: str
    status: CheckStatus
    detail: str
    seconds: float
    hint: str = ""
    facts: Mapping[str, str] | None = None
    """What a failure knows beside its words, such as the certificate that was shown."""


class ConnectionService:
    """Tests the way to providers."""

    def __init__(self, providers: ProvidersService, clouds: Clouds, network: Network) -> None:
        self._providers = providers
        self._clouds = clouds
        self._network = network

    async def check(
        self, provider_id: str, on_step: Listener | None = None
    ) -> tuple[ConnectionCheck, ...]:
        """Every step in order; `on_step` hears of each as it ends."""
        import anyio  # noqa: PLC0415 - the window reads this module before its first paint

        session = await self._providers.session(provider_id)
        way = await self._network.way_to(session.provider.attest_uri)
        try:
            steps = (*_network_steps(way), *self._service_steps(session))
            return await _in_order(steps, on_step)
        finally:
            if way is not None:
                with anyio.CancelScope(shield=True):
                    await way.aclose()

    def _service_steps(self, session: ProviderSession) -> tuple[Step, ...]:
        async def metadata() -> str:
            issuer = (await session.api.metadata()).issuer
            if issuer and issuer.rstrip("/") != session.provider.attest_uri:
                raise BadAnswerError(f"It calls itself `{issuer}`.")
            return issuer or "the metadata names no issuer"

        async def token() -> str:
            account = await self._clouds.of(session.provider).authorize()
            return f"as {account}" if account else "nobody is signed in; going on without a token"

        async def policy() -> str:
            found = await session.policy(AttestationType.SGX_ENCLAVE)
            found.require()
            return f"policy hash {found.policy_hash}"

        return (
            ("metadata", "Metadata", metadata),
            ("token", "Token", token),
            ("policy", "Policy", policy),
        )


def _network_steps(way: WayOut | None) -> tuple[Step, ...]:
    if way is None:
        return ()

    async def proxy() -> str:
        return await way.pass_proxy() if way.proxy else NO_PROXY

    return (
        ("dns", "DNS", way.resolve),
        ("tcp", "TCP", way.connect),
        (PROXY, "Proxy", proxy),
        ("tls", "TLS", way.secure),
    )


async def _in_order(steps: Sequence[Step], on_step: Listener | None) -> tuple[ConnectionCheck, ...]:
    made: list[ConnectionCheck] = []
    for id_, title, step in steps:
        if any(check.status is CheckStatus.FAIL for check in made):
            check = ConnectionCheck(id_, title, CheckStatus.SKIP, "not tried", 0.0)
        else:
            check = await _timed(id_, title, step)
        made.append(check)
        if on_step is not None:
            on_step(check)
    return tuple(made)


async def _timed(id_: str, title: str, step: Callable[[], Awaitable[str]]) -> ConnectionCheck:
    begun = time.monotonic()
    try:
        detail = await step()
    except AppError as error:
        return ConnectionCheck(
            id_,
            title,
            CheckStatus.FAIL,
            error.summary,
            time.monotonic() - begun,
            error.hint,
            dict(error.details),
        )
    status = CheckStatus.SKIP if detail == NO_PROXY else CheckStatus.PASS
    return ConnectionCheck(id_, title, status, detail, time.monotonic() - begun)
