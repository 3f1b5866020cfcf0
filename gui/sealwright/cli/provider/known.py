"""`provider list|show|defaults|check`: what is known, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.output import table
from sealwright.errors import UsageError
from sealwright.services.model import CheckStatus

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.providers.connection import ConnectionCheck
    from sealwright.services.providers.providers import Refreshed
    from sealwright.services.reaching.overview import PolicyCell, ProviderOverview

DEFAULT_CLOUD = "Sandbox"


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--refresh", action="store_true", help="ask every connected cloud first")


def _list(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> Refreshed | tuple[Provider, ...]:
        if arguments.refresh:
            return await services.providers.refresh()
        return await services.providers.known()

    found = context.with_services(job)
    if isinstance(found, tuple):
        providers = found
    else:
        providers = found.providers
        for cloud, problem in found.problems:
            context.output.note(f"{cloud}: {problem.summary} {problem.hint}".rstrip())
    if not providers and not arguments.refresh:
        context.output.note("Nothing is known yet; --refresh asks every connected cloud.")
    emit_providers(context, providers)
    return HOLDS


def emit_providers(context: Context, providers: Sequence[Provider]) -> None:
    """Write a list of providers."""
    heads = ("NAME", "CLOUD", "LOCATION", "TRUST MODEL", "STATUS", "ATTEST URI")
    rows = [
        (one.name, one.cloud, one.location, one.trust_model.value, one.status, one.attest_uri)
        for one in providers
    ]
    document: dict[str, object] = {"items": [shapes.provider(one) for one in providers]}
    context.output.result(document, table(heads, rows))


def _provider_argument(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")


def _show(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> ProviderOverview:
        provider = await services.providers.find(arguments.provider)
        return await services.providers.overview(provider.id)

    found = context.with_services(job)
    provider = found.provider
    document: dict[str, object] = {
        **shapes.provider(provider),
        "tags": dict(provider.tags),
        "publicNetworkAccess": provider.public_network_access,
        "tpmAttestationAuthentication": provider.tpm_attestation_authentication,
        "policies": [_cell_shape(cell) for cell in found.cells],
        "signers": found.signers.count,
        "signersProblem": found.signers.problem.summary if found.signers.problem else "",
    }
    rows = [
        (
            cell.attestation_type.value,
            cell.state.value,
            cell.problem.summary if cell.problem else cell.policy_hash,
            cell.signer or ("" if cell.problem else "unsigned"),
        )
        for cell in found.cells
    ]
    facts = "".join(f"{name:14} {value}\n" for name, value in shapes.provider(provider).items())
    text = table(("TYPE", "POLICY", "X-MS-POLICY-HASH", "SIGNER"), rows)
    signers = found.signers.problem.summary if found.signers.problem else found.signers.count
    context.output.result(document, f"{facts}{'signers':14} {signers}\n\n{text}")
    return HOLDS


def _cell_shape(cell: PolicyCell) -> dict[str, object]:
    return {
        "type": cell.attestation_type.value,
        "state": cell.state.value,
        "policyHash": cell.policy_hash,
        "signed": cell.signed,
        "signer": cell.signer,
        "drifted": cell.drifted,
        "problem": cell.problem.summary if cell.problem else "",
    }


def _defaults_arguments(parser: ArgumentParser) -> None:
    add_cloud_options(parser)


def _defaults(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> tuple[Provider, ...]:
        subscription = await the_subscription(services, arguments)
        return await services.providers.defaults(arguments.cloud, subscription)

    emit_providers(context, context.with_services(job))
    return HOLDS


def add_cloud_options(parser: ArgumentParser) -> None:
    """Options that say where a provider is."""
    parser.add_argument("--cloud", default=DEFAULT_CLOUD, help=f"default: {DEFAULT_CLOUD}")
    parser.add_argument("--subscription", metavar="ID", default="", help="id or name")


async def the_subscription(services: Services, arguments: Namespace) -> str:
    """The subscription that the options mean: the named one, or the only one.

    Raises:
        UsageError: no such cloud or subscription, or several to choose from.
    """
    clouds = [cloud.name for cloud in services.providers.clouds()]
    if arguments.cloud not in clouds:
        raise UsageError(
            f"There is no cloud `{arguments.cloud}`.", hint=f"Clouds: {', '.join(clouds)}."
        )
    found = await services.providers.subscriptions(arguments.cloud)
    wanted = arguments.subscription.lower()
    matching = [id_ for id_, name in found if wanted in ("", id_.lower(), name.lower())]
    if len(matching) == 1:
        return matching[0]
    known = ", ".join(f"{name} ({id_})" for id_, name in found) or "none"
    raise UsageError(
        "Name one subscription with --subscription.", hint=f"Subscriptions there: {known}."
    )


def _check(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> tuple[ConnectionCheck, ...]:
        provider = await services.providers.find(arguments.provider)
        return await services.connection.check(provider.id)

    found = context.with_services(job)
    holds = not any(one.status is CheckStatus.FAIL for one in found)
    document: dict[str, object] = {
        "ok": holds,
        "checks": [
            {
                "id": one.id,
                "title": one.title,
                "status": one.status.value,
                "detail": one.detail,
                "seconds": round(one.seconds, 3),
                "hint": one.hint,
                "facts": dict(one.facts or {}),
            }
            for one in found
        ],
    }
    rows = [(one.title, one.status.value, f"{one.seconds:.2f} s", one.detail) for one in found]
    context.output.result(document, table(("STEP", "STATUS", "TIME", "DETAIL"), rows))
    for one in found:
        if one.status is CheckStatus.FAIL:
            facts = [f"{name}: {value}" for name, value in (one.facts or {}).items()]
            context.output.note("\n".join([one.hint, *facts]).strip())
    return HOLDS if holds else DOES_NOT_HOLD


COMMANDS = {
    "list": Command(_list_arguments, _list),
    "show": Command(_provider_argument, _show),
    "defaults": Command(_defaults_arguments, _defaults),
    "check": Command(_provider_argument, _check),
}
