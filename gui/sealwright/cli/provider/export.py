"""`provider export|clone`: a provider in other tools' forms, and a new one like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.backup import restored_line
from sealwright.cli.command import FAILED, HOLDS, Command
from sealwright.cli.inputs import write_output
from sealwright.cli.provider.known import DEFAULT_CLOUD, the_subscription
from sealwright.cli.provider.regional import at_location
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.backup.restore import Restored
    from sealwright.services.bundle import Services
    from sealwright.services.clone import Cloned

_FORMS = ("bicep", "arm", "terraform", "az", "powershell")


def _export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("providers", metavar="PROVIDER", nargs="+", help="known provider")
    parser.add_argument("--form", choices=_FORMS, required=True, help="the other tool's form")
    parser.add_argument("--output", metavar="F", help="write it to F")


def _export(arguments: Namespace, context: Context) -> int:
    from sealwright.services.exports.model import ExportForm  # noqa: PLC0415 - when it runs

    async def job(services: Services) -> str:
        named = [await services.providers.find(name) for name in arguments.providers]
        return await services.exports.export(named, ExportForm(arguments.form))

    text = context.with_services(job)
    if arguments.output:
        write_output(arguments.output, text.encode("utf-8"))
    document: dict[str, object] = {"form": arguments.form, "text": text}
    context.output.result(document, "" if arguments.output else text, output=arguments.output)
    return HOLDS


def _clone_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="the provider to be like")
    parser.add_argument("name", metavar="NAME", help="the new one: 3 to 24 letters, digits, -")
    parser.add_argument("--cloud", help="default: the provider's own")
    parser.add_argument("--subscription", metavar="ID", default="", help="id or name")
    parser.add_argument("--resource-group", metavar="GROUP", help="default: the provider's own")
    parser.add_argument("--location", help="default: the provider's own")
    parser.add_argument(
        "--key", metavar="NAME", default="", help="makes it Isolated, with this key as signer"
    )


def _clone(arguments: Namespace, context: Context) -> int:
    def said(each: Restored) -> None:
        context.output.note(restored_line(each))

    async def job(services: Services) -> Cloned:
        source = await services.providers.find(arguments.provider)
        cloud = arguments.cloud or source.cloud or DEFAULT_CLOUD
        arguments.cloud = cloud
        certificates: tuple[bytes, ...] = ()
        if arguments.key:
            signer = await services.keys.signer(arguments.key)
            certificates = (signer.certificate_chain[0],)
        subscription = source.subscription
        if arguments.subscription or not subscription:
            subscription = await the_subscription(services, arguments)
        new = NewProvider(
            subscription=subscription,
            resource_group=arguments.resource_group or source.resource_group,
            name=arguments.name,
            location=arguments.location or source.location,
            signing_certificates=certificates,
            tags=dict(source.tags),
            public_network_access=source.public_network_access,
            tpm_attestation_authentication=source.tpm_attestation_authentication,
        )
        async with at_location(services, cloud, new.location):
            return await services.clones.clone(source, cloud, new, arguments.key, said)

    cloned = context.with_services(job)
    document: dict[str, object] = {
        **shapes.provider(cloned.provider),
        "proven": cloned.proven,
        "items": [
            {"kind": each.item.kind, "what": each.item.what, "proven": each.proven}
            for each in cloned.done
        ],
    }
    made = f"Made {cloned.provider.name} at {cloned.provider.attest_uri}\n"
    context.output.result(document, made)
    return HOLDS if cloned.proven else FAILED


COMMANDS = {
    "export": Command(_export_arguments, _export),
    "clone": Command(_clone_arguments, _clone),
}
