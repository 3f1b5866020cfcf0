"""Providers: those known here, their state, and making and deleting them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.errors import AppError, BadAnswerError, UsageError
from sealwright.services.failure_log import FailureLog
from sealwright.services.model import NewActivity, Provider, TrustModel
from sealwright.services.ports import NOT_SIGNED_IN
from sealwright.services.providers.presence import holder_of, reached_by, require_free, require_gone
from sealwright.services.reaching.reach import ProviderSession
from sealwright.services.reaching.survey import Survey, backed_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.services.ports import (
        ActivityLog,
        Clock,
        Cloud,
        CloudPlaces,
        KeyVault,
        ManagementApi,
        NewProvider,
        PolicyHistory,
        ProviderDirectory,
    )
    from sealwright.services.reaching.key_archive import KeyArchive
    from sealwright.services.reaching.overview import OverviewListener, ProviderOverview
    from sealwright.services.reaching.reach import Clouds
    from sealwright.services.reaching.trust import SignerMemory

_NONE_KNOWN: Final = (
    "None is known yet: refresh the list of providers, or make the sandbox's example "
    "(`sealwright sandbox example`)."
)
_STRANGER: Final = "https://stranger.invalid"


@dataclass(frozen=True, slots=True)
class CloudInfo:
    """A cloud that can be used from here."""

    name: str
    account: str
    signed_in: bool


@dataclass(frozen=True, slots=True)
class Location:
    """Where a provider can be made."""

    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found. A cloud that failed keeps its known providers."""

    providers: tuple[Provider, ...]
    problems: tuple[tuple[str, AppError], ...]
    """(cloud name, what went wrong)."""


@dataclass(frozen=True, slots=True)
class ProviderPorts:
    """What the service of providers needs."""

    directory: ProviderDirectory
    clouds: Clouds
    history: PolicyHistory
    log: ActivityLog
    vault: KeyVault
    memory: SignerMemory
    clock: Clock
    archive: KeyArchive | None = None


class ProvidersService:
    """Finds, reads, makes and deletes attestation providers."""

    def __init__(self, ports: ProviderPorts) -> None:
        self._ports = ports
        self._guests: dict[str, Provider] = {}

    def clouds(self) -> tuple[CloudInfo, ...]:
        """Clouds that can be used, the sandbox first."""
        return tuple(
            CloudInfo(cloud.name, cloud.account, signed_in=cloud.account != NOT_SIGNED_IN)
            for cloud in self._ports.clouds.all()
        )

    def places(self, provider: Provider) -> CloudPlaces:
        """Where the APIs of a provider's cloud are.

        Raises:
            UsageError: the cloud is not connected here.
        """
        return self._ports.clouds.named(provider.cloud).places

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """The root keys of all clouds, each once."""
        every = (anchor for cloud in self._ports.clouds.all() for anchor in cloud.anchors)
        return tuple(dict.fromkeys(every))

    def anchors_for(self, attest_uri: str) -> tuple[TrustAnchor, ...]:
        """The root keys that may vouch for a provider's keys; none for an address of no cloud."""
        cloud = self._configured(attest_uri)
        return () if cloud is None else cloud.anchors

    def is_configured(self, attest_uri: str) -> bool:
        """Whether an address is in a configured cloud: only there may be asked unbidden."""
        return self._configured(attest_uri) is not None

    def _configured(self, attest_uri: str) -> Cloud | None:
        # A cloud that takes any address is for those that a person typed, not a token.
        return next(
            (
                cloud
                for cloud in self._ports.clouds.all()
                if cloud.serves(attest_uri) and not cloud.serves(_STRANGER)
            ),
            None,
        )

    async def known(self) -> tuple[Provider, ...]:
        """What the local directory holds; no network."""
        return await self._ports.directory.providers()

    async def find(self, name_or_uri: str) -> Provider:
        """The provider of this name, id or attest URI; an unknown address is asked what it is.

        Raises:
            UsageError: no such provider, or several of that name.
        """
        wanted = name_or_uri.strip().rstrip("/").lower()
        known = await self.known()
        found = [
            each
            for each in known
            if wanted in (each.id, each.name.lower(), each.attest_uri.lower())
        ]
        if len(found) > 1:
            uris = ", ".join(f"`{each.attest_uri}`" for each in found)
            raise UsageError(f"`{name_or_uri}` is the name of {len(found)} providers: {uris}.")
        if found:
            return found[0]
        if wanted.startswith("https://"):
            return await self._guest(wanted)
        names = ", ".join(f"`{each.name}`" for each in known)
        hint = f"Known: {names}." if names else _NONE_KNOWN
        raise UsageError(f"There is no provider `{name_or_uri}` here.", hint=hint)

    async def session(self, provider_id: str) -> ProviderSession:
        """Reach a provider for one use case.

        Raises:
            UsageError: it is not known here, or its cloud is not connected.
        """
        provider = self._guests.get(provider_id) or await self._known(provider_id)
        ports = self._ports
        return ProviderSession(provider, ports.clouds.of(provider), ports.clock, ports.archive)

    async def refresh(self) -> Refreshed:
        """Ask every cloud for its providers and put them into the directory, all at once."""
        problems: list[tuple[str, AppError]] = []

        async def ask(cloud: Cloud) -> None:
            problems.extend((cloud.name, error) for error in await self._refresh(cloud))

        async with anyio.create_task_group() as group:
            for cloud in self._ports.clouds.all():
                if cloud.accounts():
                    group.start_soon(ask, cloud)
        return Refreshed(await self.known(), tuple(problems))

    async def overview(
        self,
        provider_id: str,
        on_part: OverviewListener | None = None,
        types: Sequence[AttestationType] = (),
    ) -> ProviderOverview:
        """Read policies and signers; `on_part` hears of each as it comes in."""
        ports = self._ports
        session = await self.session(provider_id)
        survey = Survey(session, ports.history, ports.vault, ports.memory, on_part)
        return await survey.run(types or MAIN_TYPES, ports.clock.now())

    async def subscriptions(self, cloud: str) -> tuple[tuple[str, str], ...]:
        """Subscriptions as (id, name)."""
        found: dict[str, str] = {}
        reached = self._ports.clouds.named(cloud)
        for account in reached.accounts() or (reached,):
            seen = await account.management().subscriptions()
            await account.note(tuple(each.id for each in seen))
            found |= {each.id: each.name for each in seen}
        return tuple(found.items())

    async def resource_groups(self, cloud: str, subscription: str) -> tuple[str, ...]:
        """Names of the groups."""
        return await self._management(cloud, subscription).resource_groups(subscription)

    async def locations(self, cloud: str, subscription: str) -> tuple[Location, ...]:
        """Where providers can be made."""
        found = await self._management(cloud, subscription).locations(subscription)
        return tuple(Location(name, display) for name, display in found)

    async def holder_of(
        self, cloud: str, subscription: str, group: str, name: str
    ) -> Provider | None:
        """Who has this name already, as far as the account can see; None when nobody."""
        return await holder_of(self._management(cloud, subscription), subscription, group, name)

    async def create(self, cloud: str, new: NewProvider) -> Provider:
        """Make a provider and its group where that is missing; read back before it is shown.

        Raises:
            UsageError: there is a provider of this name in that group.
            BadAnswerError: it was made, but not as it was asked for.
        """
        what = f"Create provider {new.name}"
        who = self._ports.clouds.named(cloud).acting_for(new.subscription).account
        async with self._logging(who, new.name, what):
            management = self._management(cloud, new.subscription)
            await require_free(management, new)
            groups = await management.resource_groups(new.subscription)
            if new.resource_group.lower() not in (name.lower() for name in groups):
                await management.create_resource_group(
                    new.subscription, new.resource_group, new.location
                )
            await management.create(new)
            provider = await management.provider(new.subscription, new.resource_group, new.name)
            named = (e.subscription_name for e in await self.known() if _together(e, provider))
            provider = replace(
                provider, last_seen=self._ports.clock.now(), subscription_name=next(named, "")
            )
            await self._ports.directory.put(provider)
            await self._require_as_asked(provider, new)
        await self._log(who, new.name, what, "proven", f"Trust model {provider.trust_model}.")
        return provider

    async def update(
        self,
        provider_id: str,
        *,
        tags: dict[str, str] | None = None,
        public_network_access: str | None = None,
        tpm_attestation_authentication: str | None = None,
    ) -> Provider:
        """Change what is given, keep the rest."""
        provider = await self._known(provider_id)
        what = f"Update provider {provider.name}"
        who = self._ports.clouds.of(provider).account
        async with self._logging(who, provider.name, what):
            changed = await self._management(provider.cloud, provider.subscription).update(
                provider,
                tags=tags,
                public_network_access=public_network_access,
                tpm_attestation_authentication=tpm_attestation_authentication,
            )
        now, name = self._ports.clock.now(), provider.subscription_name
        changed = replace(changed, last_seen=now, subscription_name=name)
        await self._ports.directory.put(changed)
        await self._log(who, provider.name, what, "done", "")
        return changed

    async def require_deletable(self, provider_id: str, *, typed_name: str) -> Provider:
        """The provider, where somebody who typed its name may delete it.

        Raises:
            UsageError: `typed_name` is not the provider's name, or it is a shared one.
        """
        provider = await self._known(provider_id)
        if provider.trust_model is TrustModel.SHARED:
            raise UsageError(f"`{provider.name}` is a shared provider; nobody here can delete it.")
        if typed_name != provider.name:
            raise UsageError(
                f"`{typed_name}` is not the name of this provider.",
                hint=f"To delete it for good, give its name: `{provider.name}`.",
            )
        return provider

    async def delete(self, provider_id: str, *, typed_name: str) -> None:
        """Delete for good, after its policies were kept in history; `removal` writes a backup too.

        Raises:
            UsageError: `typed_name` is not the provider's name, or it is a shared one.
            BadAnswerError: it is still there afterwards.
        """
        provider = await self.require_deletable(provider_id, typed_name=typed_name)
        what = f"Delete provider {provider.name}"
        kept = await backed_up(await self.session(provider_id), self._ports.history)
        who = self._ports.clouds.of(provider).account
        async with self._logging(who, provider.name, what):
            management = self._management(provider.cloud, provider.subscription)
            await management.delete(provider)
            await require_gone(management, provider)
        await self._ports.directory.remove(provider.id)
        await self._log(who, provider.name, what, "proven", kept)

    async def defaults(self, cloud: str, subscription: str) -> tuple[Provider, ...]:
        """The shared providers."""
        return await self._management(cloud, subscription).default_providers(subscription)

    # --- inside ---------------------------------------------------------------------------------

    def _management(self, cloud: str, subscription: str) -> ManagementApi:
        return self._ports.clouds.named(cloud).acting_for(subscription).management()

    async def _known(self, provider_id: str) -> Provider:
        provider = await self._ports.directory.provider(provider_id)
        if provider is not None:
            return provider
        raise UsageError(
            f"The provider `{provider_id.rpartition('/')[2]}` is not known here any more.",
            hint="It may have been deleted. Refresh the list of providers.",
        )

    async def _guest(self, uri: str) -> Provider:
        # A cloud of its own comes before the one that takes any address.
        any_of = (each for each in self._ports.clouds.all() if each.serves(uri))
        cloud = self._configured(uri) or next(any_of, None)
        if cloud is None:
            raise UsageError(f"`{uri}` belongs to no cloud that is connected here.")
        name = uri.removeprefix("https://").split(".")[0].split(":")[0]
        guest = Provider(
            id=uri,
            name=name,
            attest_uri=uri,
            trust_model=TrustModel.AAD,
            location="",
            status="",
            cloud=cloud.name,
        )
        trusted = await ProviderSession(guest, cloud, self._ports.clock).trusted_set()
        if trusted.certificates:
            guest = replace(guest, trust_model=TrustModel.ISOLATED)
        self._guests[uri] = guest
        return guest

    async def _refresh(self, cloud: Cloud) -> tuple[AppError, ...]:
        """Ask each account of a cloud; what did not work. One account never holds another."""
        now, found = self._ports.clock.now(), dict[str, Provider]()
        problems: list[AppError] = []
        for account in cloud.accounts():
            try:
                for provider in await reached_by(account):
                    found.setdefault(provider.id, replace(provider, last_seen=now))
            except AppError as error:
                problems.append(error)
        own = [each.id for each in await self.known() if each.cloud == cloud.name]
        gone = [] if problems else [each for each in own if each not in found]
        await self._ports.directory.change(tuple(found.values()), gone)
        return tuple(problems)

    async def _require_as_asked(self, provider: Provider, new: NewProvider) -> None:
        wanted = TrustModel.ISOLATED if new.signing_certificates else TrustModel.AAD
        if provider.trust_model is not wanted:
            raise BadAnswerError(
                f"`{new.name}` was made with trust model {provider.trust_model}, not {wanted}."
            )
        if not new.signing_certificates:
            return
        trusted = await (await self.session(provider.id)).trusted_set()
        found = {certificate.der for certificate in trusted.certificates}
        if found != set(new.signing_certificates):
            raise BadAnswerError(
                f"`{new.name}` was made, but trusts other certificates than given."
            )
        await self._ports.memory.remember(provider.id, trusted.certificates)

    def _logging(self, who: str, name: str, what: str) -> FailureLog:
        async def failed(result: str, error: AppError) -> None:
            await self._log(who, name, what, result, error.summary)

        return FailureLog(failed)

    async def _log(self, who: str, name: str, what: str, result: str, detail: str) -> None:
        await self._ports.log.append(NewActivity(who, name, what, result, detail=detail))


def _together(one: Provider, other: Provider) -> bool:
    """Whether one knows the name of the other's subscription."""
    same = one.subscription.lower() == other.subscription.lower()
    return same and bool(one.subscription_name)
