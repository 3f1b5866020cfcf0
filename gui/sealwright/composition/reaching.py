"""The ways out of a home: transport, clouds, accounts and their sign-in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from sealwright.services.accounts.account_list import AccountList
from sealwright.services.accounts.accounts import AccountsService
from sealwright.services.network import (
    NetworkService,
    NetworkSettings,
    ProxyMode,
    kept_password,
    read_network,
)
from sealwright.services.reaching.reach import Clouds
from sealwright.vault.credentials import StoredCredentials
from sealwright.vault.pkcs11_child import Pkcs11Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.azure.http import HttpxTransport
    from sealwright.azure.network import Ways
    from sealwright.azure.route import HttpOptions
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.identity.directory import Directory
    from sealwright.sandbox.sandbox import Sandbox
    from sealwright.secret import Secret
    from sealwright.services.ports import (
        ActivityLog,
        Clock,
        Cloud,
        CloudSettings,
        KeyVault,
        Settings,
    )
    from sealwright.vault.stores import SecretStores

SANDBOX: Final = "Sandbox"
_SUFFIX: Final = "sandbox.invalid"


@dataclass(frozen=True, slots=True)
class Reaching:
    """How a home gets out, and as whom."""

    transport: HttpxTransport
    ways: Ways
    network: NetworkService
    accounts: AccountsService
    clouds: Clouds


async def reach(  # noqa: PLR0913 - the parts of a home
    settings: Settings,
    stores: SecretStores,
    *,
    keys: KeyVault,
    log: ActivityLog,
    local: tuple[Sandbox, TrustAnchor],
    environ: Mapping[str, str],
    clock: Clock,
) -> Reaching:
    """Put the ways out together; nothing is asked over the network yet."""
    from sealwright.azure.http import HttpxTransport  # noqa: PLC0415 - heavy
    from sealwright.azure.network import Ways  # noqa: PLC0415 - as above
    from sealwright.azure.system_proxy import proxy_script  # noqa: PLC0415 - as above
    from sealwright.identity.directory import Directory  # noqa: PLC0415 - as above

    sandbox, vouched = local
    credentials = StoredCredentials(stores)
    wanted = await read_network(settings)
    options = _options(wanted, await kept_password(wanted, credentials))
    transport = HttpxTransport(clock, replace(options, apps={_SUFFIX: sandbox.app}))

    async def apply(changed: NetworkSettings, password: Secret[str] | None) -> None:
        await transport.apply(_options(changed, password))

    async def script() -> str:
        return await to_thread.run_sync(proxy_script)

    directory = Directory(transport, credentials, keys, Pkcs11Token())
    known = _known()
    listed = AccountList(directory, settings, known)
    await _load(listed, directory, environ, known)
    pinned = sandbox.core.vendors.anchors
    own = _local_cloud(sandbox, vouched, transport)
    clouds = Clouds(_clouds(listed, transport, own, pinned))
    accounts = AccountsService(
        listed, directory, clouds, log, lambda cloud: _cloud(cloud, transport, listed, pinned)
    )
    return Reaching(
        transport=transport,
        ways=Ways(transport),
        network=NetworkService(settings, credentials, apply, script),
        accounts=accounts,
        clouds=clouds,
    )


def _options(wanted: NetworkSettings, password: Secret[str] | None) -> HttpOptions:
    from sealwright.azure.route import HttpOptions, read_proxy  # noqa: PLC0415 - with it

    options = HttpOptions(
        ca_files=wanted.ca_files,
        proxy=wanted.proxy if wanted.mode is ProxyMode.MANUAL else "",
        proxy_user=wanted.proxy_user,
        proxy_password=password,
        proxy_loopback=wanted.proxy_loopback,
        direct=wanted.mode is ProxyMode.NONE,
    )
    if options.proxy:
        read_proxy(options.proxy, options)
    return options


def _known() -> tuple[CloudSettings, ...]:
    from sealwright.azure.clouds import KNOWN  # noqa: PLC0415 - with the transport

    return KNOWN


async def _load(
    listed: AccountList,
    directory: Directory,
    environ: Mapping[str, str],
    known: tuple[CloudSettings, ...],
) -> None:
    from sealwright.identity.environment import account_of  # noqa: PLC0415 - with the transport

    await listed.load()
    found = account_of(environ, listed.clouds() or known)
    if found is not None:
        profile, secret = found
        if secret is not None:
            directory.remember(profile, secret)
        listed.take_over(profile)


def _local_cloud(sandbox: Sandbox, vouched: TrustAnchor, transport: HttpxTransport) -> Cloud:
    from sealwright.azure.clouds import AzureCloud, CloudSettings  # noqa: PLC0415 - with it
    from sealwright.identity.client_credentials import (  # noqa: PLC0415 - as above
        Application,
        ClientCredentials,
    )

    who = sandbox.identity
    settings = CloudSettings(
        name=SANDBOX,
        authority=who.authority,
        arm_endpoint=who.management,
        arm_scope="https://management.azure.com/.default",
        attest_scope="https://attest.azure.net/.default",
        suffix=_SUFFIX,
        # The sandbox's root vouches for the sandbox only, and no other for it.
        anchors=(vouched,),
    )
    owner = Application(
        authority=who.authority,
        tenant=who.tenant,
        client_id=who.client_id,
        secret=who.client_secret,
        name="Sandbox owner",
    )
    return AzureCloud(settings, transport, ClientCredentials(owner, transport))


def _clouds(
    listed: AccountList,
    transport: HttpxTransport,
    local: Cloud,
    pinned: tuple[TrustAnchor, ...],
) -> tuple[Cloud, ...]:
    from sealwright.azure.clouds import ELSEWHERE  # noqa: PLC0415 - with the transport

    named = tuple(_cloud(settings, transport, listed, pinned) for settings in listed.clouds())
    # Last, since it takes any address.
    return (local, *named, _cloud(ELSEWHERE, transport, listed, pinned))


def _cloud(
    settings: CloudSettings,
    transport: HttpxTransport,
    listed: AccountList,
    pinned: tuple[TrustAnchor, ...],
) -> Cloud:
    from sealwright.azure.clouds import AzureCloud  # noqa: PLC0415 - with the transport
    from sealwright.identity.anonymous import Anonymous  # noqa: PLC0415 - as above

    return AzureCloud(replace(settings, anchors=pinned), transport, Anonymous(), listed)
