"""`provider rights|endpoints|region|register`: roles, private endpoints, outages, registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.output import table
from sealwright.cli.provider.known import add_cloud_options, the_subscription
from sealwright.cli.provider.regional import in_region
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.ports import PrivateEndpointConnection
    from sealwright.services.providers.regions import RegionState
    from sealwright.services.providers.rights import Rights


def _provider_argument(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")


def _rights(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> Rights:
        return await services.rights.of(await services.providers.find(arguments.provider))

    found = context.with_services(job)
    document: dict[str, object] = {
        "account": found.account,
        "known": found.known,
        "allowed": sorted(found.allowed),
        "detail": found.words,
    }
    context.output.result(document, f"{found.words}\n")
    return HOLDS if found.known else DOES_NOT_HOLD


def _endpoints_arguments(parser: ArgumentParser) -> None:
    _provider_argument(parser)
    parser.add_argument("--approve", metavar="NAME", help="approve this connection")
    parser.add_argument("--reject", metavar="NAME", help="reject this connection")
    parser.add_argument("--remove", metavar="NAME", help="remove this connection")
    parser.add_argument("--description", metavar="TEXT", default="", help="why, for its owner")


def _endpoints(arguments: Namespace, context: Context) -> int:
    asked = [name for name in ("approve", "reject", "remove") if getattr(arguments, name)]
    if len(asked) > 1:
        raise UsageError(f"--{asked[0]} and --{asked[1]} contradict each other.")

    async def job(services: Services) -> tuple[PrivateEndpointConnection, ...]:
        provider = await services.providers.find(arguments.provider)
        async with in_region(services, provider):
            if arguments.remove:
                await services.endpoints.remove(provider, arguments.remove)
            elif asked:
                await services.endpoints.decide(
                    provider,
                    arguments.approve or arguments.reject,
                    approve=bool(arguments.approve),
                    description=arguments.description,
                )
            return await services.endpoints.list(provider)

    found = context.with_services(job)
    items: list[dict[str, object]] = [
        {
            "name": each.name,
            "status": each.status,
            "description": each.description,
            "endpoint": each.endpoint_id,
        }
        for each in found
    ]
    rows = [(each.name, each.status, each.description, each.endpoint_id) for each in found]
    text = table(("NAME", "STATUS", "DESCRIPTION", "ENDPOINT"), rows)
    context.output.result({"items": items}, text if found else "No private endpoint connections.\n")
    return HOLDS


def _region(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> RegionState:
        return await services.regions.look(await services.providers.find(arguments.provider))

    found = context.with_services(job)
    document: dict[str, object] = {
        "region": found.region,
        "whole": found.whole,
        "failedOver": found.failed_over,
        "lookedAt": shapes.time(found.looked_at),
        "attestation": found.attestation.summary if found.attestation else "",
        "management": found.management.summary if found.management else "",
        "detail": found.words,
    }
    text = f"{found.region} answers.\n" if found.whole else f"{found.words}\n"
    context.output.result(document, text)
    return HOLDS if found.whole else DOES_NOT_HOLD


def _register_arguments(parser: ArgumentParser) -> None:
    add_cloud_options(parser)
    parser.add_argument(
        "--yes", action="store_true", help="register; without it the state is shown"
    )


def _register(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> str:
        subscription = await the_subscription(services, arguments)
        if arguments.yes:
            return await services.endpoints.register(arguments.cloud, subscription)
        return await services.endpoints.registration(arguments.cloud, subscription)

    state = context.with_services(job)
    context.output.result({"state": state}, f"Microsoft.Attestation: {state}\n")
    return HOLDS if state == "Registered" else DOES_NOT_HOLD


COMMANDS = {
    "rights": Command(_provider_argument, _rights),
    "endpoints": Command(_endpoints_arguments, _endpoints),
    "region": Command(_provider_argument, _region),
    "register": Command(_register_arguments, _register),
}
