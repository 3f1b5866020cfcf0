"""First start: a sandbox that is already worth looking at.

Everything is made through the services, over the wire, as a user would: the example's policies are
proven uploads and its tokens real answers. A part that is there is not made again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError, BadAnswerError, UsageError
from sealwright.services.first_start import example
from sealwright.services.ports import NewKey, NewProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.first_start.example_attestations import ExampleAttestations
    from sealwright.services.keys import KeysService
    from sealwright.services.model import Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.ports import Settings
    from sealwright.services.providers.providers import ProvidersService

_MADE: Final = "first-start.made"
_CARD: Final = "first-start.card"


@dataclass(frozen=True, slots=True)
class FirstStartResult:
    """What was made. `key` is the example's signing key, empty when no secret store is usable."""

    created: bool
    providers: tuple[str, ...]
    key: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryCard:
    """The first-run card: which of its steps are done."""

    dismissed: bool = False
    looked_at_policy: bool = False
    uploaded: bool = False
    checked_token: bool = False


_MARKS: Final = {
    "dismissed": "dismissed",
    "look": "looked_at_policy",
    "upload": "uploaded",
    "token": "checked_token",
}


class FirstStart:
    """Fills a new home with the sandbox's example."""

    def __init__(  # noqa: PLR0913 - the parts of an example
        self,
        cloud: str,
        providers: ProvidersService,
        policies: PoliciesService,
        keys: KeysService,
        settings: Settings,
        *,
        attestations: ExampleAttestations | None = None,
    ) -> None:
        self._cloud = cloud
        self._providers = providers
        self._policies = policies
        self._keys = keys
        self._settings = settings
        self._attestations = attestations

    async def ensure(self, on_progress: Callable[[str], None] | None = None) -> FirstStartResult:
        """Make the example once a sandbox; nothing happens where all of it was made before.

        Raises:
            AppError: what the sandbox, the database or the secret store says.
        """
        made = await self._read(_MADE)
        # A sandbox that was thrown away comes back with a new subscription, and empty.
        subscription = (await self._providers.subscriptions(self._cloud))[0][0]
        if made.get("done") == subscription:
            return FirstStartResult(created=False, providers=(), key="", notes=())
        tell = on_progress or (lambda _: None)
        await self._providers.refresh()
        tell("Making a provider without signers")
        created = [await self._open(subscription)]
        tell("Making a provider that takes signed policies only")
        key, notes = await self._isolated(subscription, created)
        if self._attestations is not None:
            tell("Attesting a few enclaves and machines")
            notes = (*notes, *await self._attestations.make(created))
        if key:
            await self._settings.put(_MADE, json.dumps({"done": subscription, "key": key}))
        names = tuple(provider.name for provider in created)
        return FirstStartResult(created=True, providers=names, key=key, notes=notes)

    async def card(self) -> TryCard:
        """Where the first-run card stands."""
        kept = await self._read(_CARD)
        return TryCard(**{name: bool(kept.get(name)) for name in _MARKS.values()})

    async def mark(self, step: str) -> TryCard:
        """Mark `look`, `upload`, `token` or `dismissed` as done.

        Raises:
            UsageError: there is no such step.
        """
        if step not in _MARKS:
            raise UsageError(f"The first-run card has no step `{step}`.")
        card = replace(await self.card(), **{_MARKS[step]: True})
        await self._settings.put(_CARD, json.dumps(asdict(card)))
        return card

    async def _open(self, subscription: str) -> Provider:
        provider = await self._provider(subscription, example.OPEN, ())
        for kind, text in example.OPEN_POLICIES.items():
            await self._upload(provider, kind, text, None)
        return provider

    async def _isolated(
        self, subscription: str, created: list[Provider]
    ) -> tuple[str, tuple[str, ...]]:
        # Without a secret store there is no key, and a provider that nobody can sign for would be
        # a riddle. The next start tries again.
        status = await self._keys.status()
        if not status.usable:
            return "", (_not_made(status.problem, status.hint),)
        try:
            key = await self._key()
        except AppError as error:
            return "", (_not_made(error.summary, error.hint),)
        provider = await self._provider(subscription, example.ISOLATED, (key[1],))
        created.append(provider)
        for kind, text in example.ISOLATED_POLICIES.items():
            await self._upload(provider, kind, text, key[0])
        return key[0], ()

    async def _key(self) -> tuple[str, bytes]:
        known = [use.key for use in await self._keys.list() if use.key.name == example.KEY]
        new = NewKey(name=example.KEY, bits=3072, subject=example.SUBJECT)
        key = known[0] if known else await self._keys.generate(new)
        return key.name, key.certificate.der

    async def _provider(
        self, subscription: str, name: str, certificates: tuple[bytes, ...]
    ) -> Provider:
        known = await self._providers.known()
        for provider in known:
            if (provider.cloud, provider.name) == (self._cloud, name):
                return provider
        locations = await self._providers.locations(self._cloud, subscription)
        new = NewProvider(
            subscription=subscription,
            resource_group=example.GROUP,
            name=name,
            location=locations[0].name,
            signing_certificates=certificates,
            tags=example.TAGS,
        )
        return await self._providers.create(self._cloud, new)

    async def _upload(
        self, provider: Provider, kind: AttestationType, text: str, key: str | None
    ) -> None:
        review = await self._policies.review(text.encode("utf-8"), provider.id, kind)
        if review.unchanged:
            return
        outcome = await (await self._policies.start(review, key)).run()
        failed = outcome.failed
        if failed is not None:
            raise failed.error or BadAnswerError(failed.detail)

    async def _read(self, name: str) -> dict[str, object]:
        try:
            value = json.loads(await self._settings.get(name) or "{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


def _not_made(problem: str, hint: str) -> str:
    return f"No isolated provider was made: {problem} {hint}".strip()
