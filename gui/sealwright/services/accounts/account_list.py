"""Who is signed in: the accounts of this home, and which of them reaches what.

Invariants
- A profile is kept without any secret; secrets and tokens are in the vault, under its id.
- An account calls only the cloud that it was added to: never a guess from a token.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError, UsageError
from sealwright.services.ports.accounts import PERSONAL, AccountProfile, CloudSettings, Method

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.secret import Secret
    from sealwright.services.ports import Identity, Settings, TokenSource

_PROFILES: Final = "accounts"
_CHOSEN: Final = "accounts.chosen"
_REACHED: Final = "accounts.subscriptions"
_CLOUDS: Final = "clouds"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is shown."""

    profile: AccountProfile
    chosen: bool
    """Whether it is the one of its cloud that calls where no other is known."""
    kept: bool = True
    """False for one that the environment gives, which cannot be removed here."""

    @property
    def can_sign_in_again(self) -> bool:
        """Whether a person can renew it here."""
        return self.profile.method in PERSONAL or self.wants_pin

    @property
    def wants_pin(self) -> bool:
        """Whether it is renewed by the PIN of a token."""
        return self.profile.method is Method.PKCS11


class Source:
    """`TokenSource` of one account."""

    def __init__(self, identity: Identity, cloud: CloudSettings, profile: AccountProfile) -> None:
        self._identity = identity
        self._cloud = cloud
        self.profile = profile

    @property
    def account(self) -> str:
        """Its name."""
        return self.profile.name or self.profile.client_id

    async def bearer(self, scope: str, claims: str = "") -> Secret[str] | None:
        """A fresh access token; nobody is asked."""
        return await self._identity.bearer(self._cloud, self.profile, scope, claims)


class AccountList:
    """`AccountBook`: who is signed in, kept in the settings. `load` comes first."""

    def __init__(
        self, identity: Identity, settings: Settings, known: Sequence[CloudSettings]
    ) -> None:
        self._identity = identity
        self._settings = settings
        self._clouds = {cloud.name: cloud for cloud in known}
        self._sources: dict[str, Source] = {}
        self._environment: set[str] = set()
        self._chosen: dict[str, str] = {}
        self._reached: dict[str, str] = {}

    async def load(self) -> None:
        """Read what is kept."""
        for item in _objects(await self._settings.get(_CLOUDS)):
            cloud = _cloud({str(k): str(v) for k, v in item.items()})
            self._clouds.setdefault(cloud.name, cloud)
        for item in _objects(await self._settings.get(_PROFILES)):
            self._put(_profile({str(k): str(v) for k, v in item.items()}))
        self._chosen = _texts(await self._settings.get(_CHOSEN))
        self._reached = _texts(await self._settings.get(_REACHED))

    def take_over(self, profile: AccountProfile) -> None:
        """Use the account that the environment gives; it is not kept."""
        self._environment.add(profile.id)
        self._put(profile)

    def _put(self, profile: AccountProfile) -> None:
        cloud = self._clouds.get(profile.cloud)
        if cloud is not None:
            self._sources[profile.id] = Source(self._identity, cloud, profile)

    # --- AccountBook ------------------------------------------------------------------------

    def sources(self, cloud: str) -> tuple[TokenSource, ...]:
        """The accounts of a cloud, the chosen one first."""
        return self._of(cloud)

    def source_for(self, cloud: str, subscription: str) -> TokenSource | None:
        """The account that was seen to reach a subscription, else the chosen one."""
        return self._for(cloud, subscription)

    def profile_for(self, cloud: str, subscription: str) -> AccountProfile | None:
        """The profile of that account."""
        found = self._for(cloud, subscription)
        return found.profile if found is not None else None

    def _for(self, cloud: str, subscription: str) -> Source | None:
        found = self._of(cloud)
        wanted = self._reached.get(subscription.lower()) if subscription else None
        first = found[0] if found else None
        return next((one for one in found if one.profile.id == wanted), first)

    async def note(self, source: TokenSource, subscriptions: tuple[str, ...]) -> None:
        """Remember that an account reaches these subscriptions."""
        if not isinstance(source, Source):
            return
        own = source.profile.id
        others = {
            one
            for one in subscriptions
            # Where several reach it, the first one that did keeps it while it is signed in.
            if self._reached.get(one.lower(), own) != own
            and self._reached[one.lower()] in self._sources
        }
        fresh = {one.lower(): own for one in subscriptions if one not in others}
        if any(self._reached.get(one) != own for one in fresh):
            self._reached |= fresh
            await self._settings.put(_REACHED, json.dumps(self._reached))

    # --- the list itself --------------------------------------------------------------------

    def _of(self, cloud: str) -> tuple[Source, ...]:
        found = [one for one in self._sources.values() if one.profile.cloud == cloud]
        chosen = self._chosen.get(cloud)
        return tuple(sorted(found, key=lambda one: one.profile.id != chosen))

    def all(self) -> tuple[Account, ...]:
        """Every account, by cloud."""
        return tuple(
            Account(one.profile, chosen=at == 0, kept=one.profile.id not in self._environment)
            for cloud in self._clouds
            for at, one in enumerate(self._of(cloud))
        )

    def clouds(self) -> tuple[CloudSettings, ...]:
        """Every cloud that an account can be added to."""
        return tuple(self._clouds.values())

    def cloud(self, name: str) -> CloudSettings:
        """The cloud of this name.

        Raises:
            UsageError: there is none.
        """
        wanted = name.strip().lower()
        for cloud in self._clouds.values():
            if cloud.name.lower() == wanted:
                return cloud
        known = ", ".join(f"`{one}`" for one in self._clouds)
        raise UsageError(f"There is no cloud `{name}`.", hint=f"Known: {known}.")

    def source(self, profile_id: str) -> Source:
        """The source of an account.

        Raises:
            UsageError: it is not there.
        """
        found = self._sources.get(profile_id)
        if found is None:
            raise UsageError("This account is not signed in any more.", hint="Add it again.")
        return found

    async def keep(self, profile: AccountProfile) -> None:
        """Add or replace an account."""
        self._put(profile)
        # What it reached may have changed with its tenant.
        gone = [one for one, owner in self._reached.items() if owner == profile.id]
        await self._let_go(gone)
        await self._save()

    async def drop(self, profile_id: str) -> None:
        """Forget an account."""
        self._sources.pop(profile_id, None)
        await self._let_go([one for one, owner in self._reached.items() if owner == profile_id])
        await self._save()

    async def choose(self, profile: AccountProfile) -> None:
        """Let an account call where no other is known."""
        self._chosen[profile.cloud] = profile.id
        await self._settings.put(_CHOSEN, json.dumps(self._chosen))

    async def put_cloud(self, cloud: CloudSettings) -> None:
        """Add or replace a cloud of the user's."""
        self._clouds[cloud.name] = cloud
        await self._save_clouds()

    async def drop_cloud(self, name: str) -> None:
        """Forget a cloud of the user's."""
        self._clouds.pop(name, None)
        await self._save_clouds()

    async def _let_go(self, subscriptions: list[str]) -> None:
        for one in subscriptions:
            del self._reached[one]
        if subscriptions:
            await self._settings.put(_REACHED, json.dumps(self._reached))

    async def _save(self) -> None:
        kept = [
            asdict(one.profile)
            for one in self._sources.values()
            if one.profile.id not in self._environment
        ]
        await self._settings.put(_PROFILES, json.dumps(kept))

    async def _save_clouds(self) -> None:
        names = ("name", "authority", "arm_endpoint", "arm_scope", "attest_scope", "suffix")
        kept = [
            {name: getattr(cloud, name) for name in names}
            for cloud in self._clouds.values()
            if cloud.custom
        ]
        await self._settings.put(_CLOUDS, json.dumps(kept))


def _cloud(kept: Mapping[str, str]) -> CloudSettings:
    return CloudSettings(
        name=kept["name"],
        authority=kept["authority"],
        arm_endpoint=kept["arm_endpoint"],
        arm_scope=kept["arm_scope"],
        attest_scope=kept["attest_scope"],
        suffix=kept["suffix"],
        custom=True,
    )


def _profile(kept: Mapping[str, str]) -> AccountProfile:
    if kept.get("method") not in list(Method):
        raise StorageError(
            f"The account `{kept.get('name', '')}` signs in in a way that is not known here.",
            hint="It was added by a newer Sealwright: update this one, or use another home.",
        )
    return AccountProfile(
        id=kept["id"],
        cloud=kept["cloud"],
        method=Method(kept["method"]),
        tenant=kept.get("tenant", ""),
        tenant_name=kept.get("tenant_name", ""),
        client_id=kept.get("client_id", ""),
        name=kept.get("name", ""),
        key=kept.get("key", ""),
        module=kept.get("module", ""),
        token=kept.get("token", ""),
        keep_pin=kept.get("keep_pin") == str(True),
        token_file=kept.get("token_file", ""),
    )


def _objects(text: str | None) -> tuple[Mapping[str, object], ...]:
    value = json.loads(text or "[]")
    return tuple(one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _texts(text: str | None) -> dict[str, str]:
    value = json.loads(text or "{}")
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
