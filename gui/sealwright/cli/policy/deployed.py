"""`policy show|set|reset|history`: what providers apply, and verified changes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.cli import shapes
from sealwright.cli.changes import run_change
from sealwright.cli.command import HOLDS, Command
from sealwright.cli.dates import warn_of_dates
from sealwright.cli.inputs import read_input, write_output
from sealwright.cli.output import table
from sealwright.cli.signing import add_signer_options, check_signer_options, file_signer
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.changes.upload import UploadRun
    from sealwright.services.model import HistoryEntry
    from sealwright.services.policies.review import Review
    from sealwright.services.reaching.overview import DeployedPolicy


def _place_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")
    parser.add_argument("--type", metavar="T", required=True, help="attestation type, as sgx")


def _show_arguments(parser: ArgumentParser) -> None:
    _place_arguments(parser)
    parser.add_argument("--output", metavar="FILE", help="write the text to FILE")


def attestation_type(name: str) -> AttestationType:
    """The type of a name in any case, or of an alias.

    Raises:
        UsageError: it is none.
    """
    found = AttestationType.parse(name)
    if found is None:
        known = ", ".join(AttestationType)
        raise UsageError(f"There is no attestation type `{name}`.", hint=f"Types: {known}.")
    return found


def _show(arguments: Namespace, context: Context) -> int:
    kind = attestation_type(arguments.type)

    async def job(services: Services) -> DeployedPolicy:
        provider = await services.providers.find(arguments.provider)
        found = await services.policies.deployed(provider.id, kind)
        found.require()
        return found

    found = context.with_services(job)
    signer = found.signer
    document: dict[str, object] = {
        "provider": found.provider.name,
        "type": kind.value,
        "state": found.state.value,
        "text": found.text,
        "policyHash": found.policy_hash,
        "jws": found.jws,
        "signer": None if signer is None else shapes.certificate(signer),
    }
    if arguments.output:
        write_output(arguments.output, found.text.encode("utf-8"))
    words = "" if arguments.output else found.text
    context.output.result(document, words, output=arguments.output)
    if not context.output.json:
        by = f", signed by {signer.subject}" if signer else ""
        state = found.state.value if found.text else "no"
        context.output.note(f"{found.provider.name} {kind.value}: {state} policy{by}")
    return HOLDS


def _set_arguments(parser: ArgumentParser) -> None:
    _place_arguments(parser)
    parser.add_argument("file", metavar="FILE", nargs="?", help="policy text; - is stdin")
    parser.add_argument(
        "--from-history", metavar="HASH", help="send the text with this x-ms-policy-hash again"
    )
    add_signer_options(parser)


def _set(arguments: Namespace, context: Context) -> int:
    check_signer_options(arguments, required=False)
    kind = attestation_type(arguments.type)
    if bool(arguments.file) == bool(arguments.from_history):
        raise UsageError("One policy is sent.", hint="Give FILE or --from-history HASH.")
    data = read_input(arguments.file) if arguments.file else b""

    async def prepare(services: Services) -> UploadRun:
        provider = await services.providers.find(arguments.provider)
        if arguments.from_history:
            entry = await _entry(services, provider.id, kind, arguments.from_history)
            review = await services.policies.review_roll_back(entry)
        else:
            review = await services.policies.review(data, provider.id, kind)
        return await _start(arguments, context, services, review)

    return run_change(context, prepare)


def _reset(arguments: Namespace, context: Context) -> int:
    check_signer_options(arguments, required=False)
    kind = attestation_type(arguments.type)

    async def prepare(services: Services) -> UploadRun:
        provider = await services.providers.find(arguments.provider)
        review = await services.policies.review_reset(provider.id, kind)
        return await _start(arguments, context, services, review)

    return run_change(context, prepare)


def _reset_arguments(parser: ArgumentParser) -> None:
    _place_arguments(parser)
    add_signer_options(parser)


async def _start(
    arguments: Namespace, context: Context, services: Services, review: Review
) -> UploadRun:
    for obstacle in review.obstacles:
        if not obstacle.certain:
            context.output.note(f"Warning: {obstacle.message} {obstacle.hint}".rstrip())
    if arguments.key_file:
        from sealwright.services.certificates import describe_certificate  # noqa: PLC0415 - heavy

        signer = file_signer(arguments, context)
        warn_of_dates(context, describe_certificate(signer.certificate_chain[0]))
        return await services.policies.start_signed(review, signer, arguments.key_file)
    for choice in review.choices:
        if choice.key.name == arguments.key:
            warn_of_dates(context, choice.key.certificate)
    return await services.policies.start(review, arguments.key)


async def _entry(
    services: Services, provider_id: str, kind: AttestationType, wanted: str
) -> HistoryEntry:
    for entry in await services.policies.history(provider_id, kind):
        if entry.policy_hash == wanted:
            return entry
    raise UsageError(
        f"No text with the hash `{wanted}` was seen there.",
        hint="`sealwright policy history` lists the hashes.",
    )


def _history(arguments: Namespace, context: Context) -> int:
    kind = attestation_type(arguments.type)

    async def job(services: Services) -> tuple[HistoryEntry, ...]:
        provider = await services.providers.find(arguments.provider)
        return await services.policies.history(provider.id, kind)

    entries = context.with_services(job)
    document: dict[str, object] = {
        "items": [
            {
                "seq": entry.seq,
                "time": shapes.time(entry.time),
                "origin": entry.origin,
                "policyHash": entry.policy_hash,
                "tokenHash": entry.token_hash,
                "signer": entry.signer or None,
                "text": entry.text,
            }
            for entry in entries
        ]
    }
    rows = [(shapes.time(one.time), one.origin, one.policy_hash) for one in entries]
    context.output.result(document, table(("TIME", "ORIGIN", "X-MS-POLICY-HASH"), rows))
    return HOLDS


COMMANDS = {
    "show": Command(_show_arguments, _show),
    "set": Command(_set_arguments, _set),
    "reset": Command(_reset_arguments, _reset),
    "history": Command(_place_arguments, _history),
}
