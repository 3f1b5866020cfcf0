"""`cloud list|add|remove`: Microsoft's clouds, and one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import CANCELLED, HOLDS, Command
from sealwright.cli.confirm import confirmed
from sealwright.cli.output import table
from sealwright.services.ports import CloudSettings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services


def _no_arguments(parser: ArgumentParser) -> None:
    del parser


def _list(arguments: Namespace, context: Context) -> int:
    del arguments

    async def job(services: Services) -> tuple[CloudSettings, ...]:
        return services.accounts.clouds()

    found = context.with_services(job)
    rows = [(one.name, one.authority, one.arm_endpoint, one.suffix) for one in found]
    document: dict[str, object] = {"items": [_shape(one) for one in found]}
    context.output.result(document, table(("NAME", "AUTHORITY", "RESOURCE MANAGER", "HOSTS"), rows))
    return HOLDS


def _shape(one: CloudSettings) -> dict[str, object]:
    return {
        "name": one.name,
        "authority": one.authority,
        "armEndpoint": one.arm_endpoint,
        "armScope": one.arm_scope,
        "attestScope": one.attest_scope,
        "suffix": one.suffix,
        "custom": one.custom,
    }


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="how it is called here")
    parser.add_argument("--authority", required=True, metavar="URL", help="without a tenant")
    parser.add_argument("--arm-endpoint", required=True, metavar="URL", help="Resource Manager")
    parser.add_argument("--suffix", required=True, metavar="HOST", help="ends its providers' hosts")
    parser.add_argument(
        "--arm-scope", default="https://management.azure.com/.default", metavar="SCOPE"
    )
    parser.add_argument(
        "--attest-scope", default="https://attest.azure.net/.default", metavar="SCOPE"
    )


def _add(arguments: Namespace, context: Context) -> int:
    new = CloudSettings(
        name=arguments.name,
        authority=arguments.authority.rstrip("/"),
        arm_endpoint=arguments.arm_endpoint.rstrip("/"),
        arm_scope=arguments.arm_scope,
        attest_scope=arguments.attest_scope,
        suffix=arguments.suffix.lower().lstrip("."),
    )

    async def job(services: Services) -> None:
        await services.accounts.add_cloud(new)

    context.with_services(job)
    context.output.result(_shape(new), f"Added {new.name}.\n")
    return HOLDS


def _remove_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _remove(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> None:
        await services.accounts.remove_cloud(arguments.name)

    question = f"Forget the cloud `{arguments.name}` and sign its accounts out?"
    if not (arguments.yes or confirmed(question)):
        return CANCELLED
    context.with_services(job)
    context.output.result({"removed": arguments.name}, f"Removed {arguments.name}.\n")
    return HOLDS


COMMANDS = {
    "list": Command(_no_arguments, _list),
    "add": Command(_add_arguments, _add),
    "remove": Command(_remove_arguments, _remove),
}
