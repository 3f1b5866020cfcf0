"""Signing in and out, several accounts at once, tenants, and clouds of one's own.

Nothing here ever opens a browser but `add`, `sign_in_again` and `switch_tenant`, which a person
asked for.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError, SignInError, UsageError
from sealwright.services.model import NewActivity
from sealwright.services.ports.accounts import PERSONAL, AccountProfile, CloudSettings, Method

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.secret import Secret
    from sealwright.services.accounts.account_list import Account, AccountList
    from sealwright.services.ports import ActivityLog, Cloud, Identity, Prompt, Tenant
    from sealwright.services.reaching.reach import Clouds

_ADDRESSES: Final = ("authority", "arm_endpoint")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person gives to add an account."""

    cloud: str
    method: Method
    tenant: str = ""
    client_id: str = ""
    secret: Secret[str] | None = None
    key: str = ""
    token_file: str = ""
    module: str = ""
    token: str = ""
    keep_pin: bool = False
    """Where `secret` is the PIN of a PKCS#11 token."""


class AccountsService:
    """What a person does with accounts."""

    def __init__(
        self,
        accounts: AccountList,
        identity: Identity,
        clouds: Clouds,
        log: ActivityLog,
        make_cloud: Callable[[CloudSettings], Cloud],
    ) -> None:
        self._accounts = accounts
        self._identity = identity
        self._clouds = clouds
        self._log = log
        self._make_cloud = make_cloud

    def list(self) -> tuple[Account, ...]:
        """Every account; no network."""
        return self._accounts.all()

    def clouds(self) -> tuple[CloudSettings, ...]:
        """Every cloud that an account can be added to."""
        return self._accounts.clouds()

    def calling(self, cloud: str, subscription: str) -> Account | None:
        """The account that calls the providers of a subscription; None when nobody does."""
        found = self._accounts.profile_for(cloud, subscription)
        return next((one for one in self.list() if one.profile is found), None)

    def find(self, name_or_id: str) -> Account:
        """The account of this id, or of this name when there is one only.

        Raises:
            UsageError: none, or several.
        """
        wanted = name_or_id.strip().lower()
        every = self.list()
        found = [
            one for one in every if wanted in (one.profile.id.lower(), one.profile.name.lower())
        ]
        if len(found) == 1:
            return found[0]
        names = ", ".join(f"`{one.profile.name}` ({one.profile.id})" for one in every) or "none"
        what = f"{len(found)} accounts are" if found else "No account is"
        raise UsageError(f"{what} named `{name_or_id}`.", hint=f"Known: {names}.")

    async def add(self, new: NewAccount, on_prompt: Callable[[Prompt], None]) -> Account:
        """Sign in and keep the account.

        Raises:
            SignInError, UnreachableError, StorageError, UsageError: nothing is kept then.
        """
        cloud = self._accounts.cloud(new.cloud)
        profile = AccountProfile(
            id=uuid.uuid4().hex[:12],
            cloud=cloud.name,
            method=new.method,
            tenant=new.tenant.strip(),
            client_id=new.client_id.strip(),
            key=new.key,
            token_file=new.token_file.strip(),
            module=new.module.strip(),
            token=new.token.strip(),
            keep_pin=new.keep_pin,
        )
        return await self._sign_in(cloud, profile, new.secret, on_prompt, what="Sign in")

    async def sign_in_again(
        self,
        profile_id: str,
        on_prompt: Callable[[Prompt], None],
        *,
        claims: str = "",
        pin: Secret[str] | None = None,
    ) -> Account:
        """Renew the sign-in of a person, as after a refusal that only a person can clear.

        `pin` opens the token of an account that wants one; it is kept as the account says.
        """
        profile = self._accounts.source(profile_id).profile
        cloud = self._accounts.cloud(profile.cloud)
        return await self._sign_in(
            cloud, profile, pin, on_prompt, what="Sign in again", claims=claims
        )

    async def switch_tenant(
        self, profile_id: str, tenant: str, on_prompt: Callable[[Prompt], None]
    ) -> Account:
        """Use an account in another tenant; silently where the authority allows it.

        Raises:
            SignInError: the account is not known in that tenant.
        """
        profile = self._accounts.source(profile_id).profile
        cloud = self._accounts.cloud(profile.cloud)
        moved = replace(profile, tenant=tenant.strip(), tenant_name="")
        try:
            await self._identity.bearer(cloud, moved, cloud.arm_scope)
        except SignInError as error:
            if profile.method not in PERSONAL or not error.needs_person:
                raise
            what = "Switch tenant"
            return await self._sign_in(cloud, moved, None, on_prompt, what=what)
        await self._accounts.keep(moved)
        await self._note(moved, "Switch tenant", "done", f"Tenant {tenant}.")
        return await self._named(moved)

    async def tenants(self, profile_id: str) -> tuple[Tenant, ...]:
        """The tenants that an account can use."""
        source = self._accounts.source(profile_id)
        at = self._accounts.sources(source.profile.cloud).index(source)
        cloud = self._clouds.named(source.profile.cloud).accounts()[at]
        return await cloud.management().tenants()

    async def choose(self, profile_id: str) -> Account:
        """Let an account call where no other is known to reach the provider."""
        profile = self._accounts.source(profile_id).profile
        await self._accounts.choose(profile)
        return self._shown(profile_id)

    async def remove(self, profile_id: str) -> None:
        """Sign out: forget the account with its secrets and tokens.

        Raises:
            UsageError: the environment gives it.
            StorageError: the vault does not let go of them; the account stays then.
        """
        account = self._shown(profile_id)
        if not account.kept:
            raise UsageError(
                "This account comes from the environment.",
                hint="Unset the variables AZURE_CLIENT_ID and its like, then start again.",
            )
        await self._identity.forget(account.profile)
        await self._accounts.drop(profile_id)
        await self._note(account.profile, "Sign out", "done", "")

    async def add_cloud(self, cloud: CloudSettings) -> None:
        """Add a cloud of one's own, such as a sandbox that is served elsewhere.

        Raises:
            UsageError: an address or name cannot be.
        """
        cloud = replace(cloud, name=cloud.name.strip(), custom=True)
        taken = {one.name.lower() for one in self._accounts.clouds() if not one.custom}
        if not cloud.name or cloud.name.lower() in taken:
            raise UsageError(
                f"A cloud cannot be named `{cloud.name}`.", hint="Choose a name that is free."
            )
        for name in _ADDRESSES:
            address = str(getattr(cloud, name))
            if not address.startswith("https://") or address.endswith("/"):
                raise UsageError(
                    f"`{address}` is no address of a cloud.",
                    hint="It begins with `https://` and has no slash at its end.",
                )
        if not cloud.suffix.strip("."):
            raise UsageError(
                "Say how the host names of its providers end.",
                hint="Tokens are sent to such hosts only.",
            )
        await self._accounts.put_cloud(cloud)
        self._clouds.add(self._make_cloud(cloud))

    async def remove_cloud(self, name: str) -> None:
        """Forget a cloud of one's own, with its accounts.

        Raises:
            UsageError: it is one of Microsoft's.
        """
        cloud = self._accounts.cloud(name)
        if not cloud.custom:
            raise UsageError(f"`{cloud.name}` is always there.")
        for account in self.list():
            if account.profile.cloud == cloud.name:
                await self.remove(account.profile.id)
        await self._accounts.drop_cloud(cloud.name)
        self._clouds.remove(cloud.name)

    # --- inside -----------------------------------------------------------------------------

    async def _sign_in(  # noqa: PLR0913 - what one sign-in needs
        self,
        cloud: CloudSettings,
        profile: AccountProfile,
        secret: Secret[str] | None,
        on_prompt: Callable[[Prompt], None],
        *,
        what: str,
        claims: str = "",
    ) -> Account:
        try:
            done = await self._identity.sign_in(cloud, profile, secret, on_prompt, claims=claims)
        except AppError as error:
            await self._note(profile, what, "refused", error.summary)
            raise
        twin = next((one for one in self.list() if _same(one.profile, done)), None)
        await self._accounts.keep(done)
        if twin is not None and twin.profile.id != done.id and twin.kept:
            # Signed in a second time: the newer sign-in takes the older one's place.
            if twin.chosen:
                await self._accounts.choose(done)
            await self.remove(twin.profile.id)
        await self._note(done, what, "done", f"By {done.method.value}.")
        return await self._named(done)

    async def _named(self, profile: AccountProfile) -> Account:
        """The account with the name of its tenant, where Resource Manager tells it."""
        with suppress(AppError):
            for tenant in await self.tenants(profile.id):
                if tenant.id == profile.tenant and tenant.domain:
                    await self._accounts.keep(replace(profile, tenant_name=tenant.domain))
        return self._shown(profile.id)

    def _shown(self, profile_id: str) -> Account:
        for account in self.list():
            if account.profile.id == profile_id:
                return account
        raise UsageError("This account is not signed in any more.", hint="Add it again.")

    async def _note(self, profile: AccountProfile, what: str, result: str, detail: str) -> None:
        who = profile.name or profile.client_id or profile.method.value
        await self._log.append(NewActivity(who, profile.cloud, what, result, detail=detail))


def _same(one: AccountProfile, other: AccountProfile) -> bool:
    def key(profile: AccountProfile) -> tuple[str, ...]:
        return (
            profile.cloud,
            profile.tenant.lower(),
            profile.name.lower(),
            profile.client_id.lower(),
            profile.method.value,
        )

    return key(one) == key(other)
