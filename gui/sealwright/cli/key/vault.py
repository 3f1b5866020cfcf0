"""`key vault`: where secrets are kept, and choosing another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import FAILED, HOLDS, Command
from sealwright.cli.passphrases import ask_passphrase, read_passphrase

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.model import VaultStatus


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--use", choices=("keyring", "file"), help="keep new secrets there from now on"
    )


def _run(arguments: Namespace, context: Context) -> int:
    name = context.options.vault_passphrase_file

    async def job(services: Services) -> VaultStatus:
        if arguments.use is None:
            return await services.keys.status()
        passphrase = None
        if arguments.use == "file":
            passphrase = (
                read_passphrase(name)
                if name
                else ask_passphrase("of the vault file", option="--vault-passphrase-file")
            )
        return await services.vault.choose(arguments.use, passphrase)

    status = context.with_services(job)
    document: dict[str, object] = {
        "backend": status.backend,
        "kind": status.kind,
        "usable": status.usable,
        "problem": status.problem,
        "hint": status.hint,
    }
    words = f"Secrets are kept in: {status.backend}\n"
    if not status.usable:
        words += f"It does not work: {status.problem} {status.hint}\n"
    context.output.result(document, words)
    return HOLDS if status.usable else FAILED


COMMANDS = {"vault": Command(_arguments, _run)}
