"""`provider create|update|delete`: making, changing and deleting providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.command import HOLDS, Command
from sealwright.cli.dates import warn_of_dates
from sealwright.cli.inputs import read_input
from sealwright.cli.provider.known import add_cloud_options, the_subscription
from sealwright.cli.provider.policies import (
    add_policy_options,
    emit_made,
    initial_policies,
    signing_key,
    wanted_policies,
)
from sealwright.cli.provider.regional import at_location, in_region
from sealwright.errors import UsageError
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.making import Making
    from sealwright.services.model import Provider
    from sealwright.services.removal import Removed

_SWITCH = ("Enabled", "Disabled")
_SANDBOX_LOCATION = "sandbox"


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="3 to 24 letters, digits and hyphens")
    add_cloud_options(parser)
    parser.add_argument("--resource-group", metavar="GROUP", default="sealwright")
    parser.add_argument("--location", default=_SANDBOX_LOCATION)
    parser.add_argument(
        "--signer-file",
        metavar="FILE",
        action="append",
        default=[],
        help="certificate that may sign policies: makes an Isolated provider; may repeat",
    )
    parser.add_argument(
        "--signer-key",
        metavar="NAME",
        action="append",
        default=[],
        help="the same with the certificate of a key of the vault; may repeat",
    )
    parser.add_argument("--tag", metavar="NAME=VALUE", action="append", default=[])
    _access_options(parser, "Enabled")
    add_policy_options(parser)


def _access_options(parser: ArgumentParser, default: str | None) -> None:
    parser.add_argument("--public-network-access", choices=_SWITCH, default=default)
    parser.add_argument("--tpm-attestation-authentication", choices=_SWITCH, default=default)


def _create(arguments: Namespace, context: Context) -> int:
    files = [read_input(name) for name in arguments.signer_file]
    tags, wanted = _tags(arguments.tag), wanted_policies(arguments)

    async def job(services: Services) -> Making:
        given = [one for data in files for one in services.signers.read_certificates(data)]
        for one in given:
            warn_of_dates(context, one)
        certificates = [one.der for one in given]
        signers = [await services.keys.signer(name) for name in arguments.signer_key]
        certificates += [signer.certificate_chain[0] for signer in signers]
        async with at_location(services, arguments.cloud, arguments.location):
            new = NewProvider(
                subscription=await the_subscription(services, arguments),
                resource_group=arguments.resource_group,
                name=arguments.name,
                location=arguments.location,
                signing_certificates=tuple(dict.fromkeys(certificates)),
                tags=tags,
                public_network_access=arguments.public_network_access,
                tpm_attestation_authentication=arguments.tpm_attestation_authentication,
            )
            initial = await initial_policies(services, wanted)
            key = signing_key(arguments) if certificates and initial else ""
            return await services.making.prepare(arguments.cloud, new, initial, key).run()

    return emit_made(context, context.with_services(job))


def _update_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")
    parser.add_argument(
        "--tag",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="replaces all tags; may repeat",
    )
    parser.add_argument("--no-tags", action="store_true", help="remove all tags")
    _access_options(parser, None)


def _update(arguments: Namespace, context: Context) -> int:
    tags = _tags(arguments.tag)
    if tags and arguments.no_tags:
        raise UsageError("--tag and --no-tags contradict each other.")
    changed = tags or arguments.no_tags
    nothing = arguments.public_network_access is arguments.tpm_attestation_authentication is None
    if nothing and not changed:
        raise UsageError("Nothing is to be changed.", hint="Give --tag or another option.")

    async def job(services: Services) -> Provider:
        provider = await services.providers.find(arguments.provider)
        async with in_region(services, provider):
            return await services.providers.update(
                provider.id,
                tags=tags if changed else None,
                public_network_access=arguments.public_network_access,
                tpm_attestation_authentication=arguments.tpm_attestation_authentication,
            )

    return _emit(context, context.with_services(job), "Changed")


def _delete_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")
    parser.add_argument(
        "--confirm", metavar="NAME", default="", help="the provider's name again, instead of asking"
    )


def _delete(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> Removed:
        provider = await services.providers.find(arguments.provider)
        if not arguments.confirm:
            raise UsageError(
                f"Deleting `{provider.name}` also deletes its policies and signers for good.",
                hint=f"Give --confirm {provider.name} to delete it.",
            )
        async with in_region(services, provider):
            return await services.removal.delete(provider, typed_name=arguments.confirm)

    removed = context.with_services(job)
    name = removed.provider.name
    document: dict[str, object] = {
        "deleted": name,
        "backup": removed.archive,
        "missing": list(removed.missing),
    }
    context.output.result(document, f"Deleted {name}. Its backup is {removed.archive}\n")
    for word in removed.missing:
        context.output.note(f"Not in the backup: {word}")
    return HOLDS


def _tags(pairs: Sequence[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise UsageError(f"`{pair}` is no tag.", hint="Write it as NAME=VALUE.")
        tags[name] = value
    return tags


def _emit(context: Context, provider: Provider, verb: str) -> int:
    words = f"{verb} {provider.name} ({provider.trust_model.value}) at {provider.attest_uri}\n"
    context.output.result(shapes.provider(provider), words)
    return HOLDS


COMMANDS = {
    "create": Command(_create_arguments, _create),
    "update": Command(_update_arguments, _update),
    "delete": Command(_delete_arguments, _delete),
}
