"""`signer list|add|remove`: the certificates that a provider trusts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.changes import run_change
from sealwright.cli.command import HOLDS, Command
from sealwright.cli.dates import warn_of_dates
from sealwright.cli.inputs import read_input
from sealwright.cli.output import table
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.signers import PolicySigners, SignerRun

_LEAST_PREFIX = 8
"""Hex digits by which a certificate may be named."""


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")


def _list(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> PolicySigners:
        provider = await services.providers.find(arguments.provider)
        return await services.signers.list(provider.id)

    found = context.with_services(job).signers
    rows = [
        (
            one.certificate.subject,
            one.certificate.sha256[:16],
            shapes.time(one.certificate.not_after),
            one.key_here or "-",
        )
        for one in found
    ]
    document: dict[str, object] = {"items": [shapes.signer(one) for one in found]}
    context.output.result(document, table(("SUBJECT", "SHA-256", "EXPIRES", "KEY HERE"), rows))
    return HOLDS


def _add_arguments(parser: ArgumentParser) -> None:
    _list_arguments(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--certificate", metavar="FILE", help="certificate to add; - is stdin")
    which.add_argument("--certificate-of", metavar="NAME", help="add the certificate of this key")
    parser.add_argument("--key", metavar="NAME", required=True, help="trusted key that signs this")


def _add(arguments: Namespace, context: Context) -> int:
    data = read_input(arguments.certificate) if arguments.certificate else b""

    async def prepare(services: Services) -> SignerRun:
        from sealwright.services.certificates import describe_certificate  # noqa: PLC0415 - heavy

        provider = await services.providers.find(arguments.provider)
        if arguments.certificate_of:
            der = (await services.keys.signer(arguments.certificate_of)).certificate_chain[0]
        else:
            der = services.signers.read_signer(data).der
        warn_of_dates(context, describe_certificate(der))
        return await services.signers.add(provider.id, der, signing_key=arguments.key)

    return run_change(context, prepare)


def _remove_arguments(parser: ArgumentParser) -> None:
    _list_arguments(parser)
    parser.add_argument(
        "certificate", metavar="CERTIFICATE", help="its SHA-256, thumbprint, subject, or key name"
    )
    parser.add_argument("--key", metavar="NAME", required=True, help="trusted key that signs this")
    parser.add_argument(
        "--last-here",
        metavar="PROVIDER",
        default="",
        help="the provider's name again: remove the last signer whose key is on this computer",
    )


def _remove(arguments: Namespace, context: Context) -> int:
    async def prepare(services: Services) -> SignerRun:
        provider = await services.providers.find(arguments.provider)
        listed = await services.signers.list(provider.id)
        return await services.signers.remove(
            provider.id,
            _named(listed, arguments.certificate),
            signing_key=arguments.key,
            typed_name=arguments.last_here,
        )

    return run_change(context, prepare)


def _named(listed: PolicySigners, name: str) -> str:
    """SHA-256 of the one signer that `name` names."""
    wanted = name.strip().lower().replace(":", "")
    found = []
    for one in listed.signers:
        shown = one.certificate
        prefixes = (shown.sha256, shown.thumbprint.lower())
        exact = {shown.subject.lower(), one.key_here.lower()} - {""}
        by_prefix = len(wanted) >= _LEAST_PREFIX and any(
            value.startswith(wanted) for value in prefixes
        )
        if by_prefix or name.strip().lower() in exact:
            found.append(shown.sha256)
    if len(found) != 1:
        what = "no certificate" if not found else f"{len(found)} certificates"
        raise UsageError(
            f"`{name}` names {what} of `{listed.provider.name}`.",
            hint="`sealwright signer list` shows their SHA-256.",
        )
    return found[0]


COMMANDS = {
    "list": Command(_list_arguments, _list),
    "add": Command(_add_arguments, _add),
    "remove": Command(_remove_arguments, _remove),
}
