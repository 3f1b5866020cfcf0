"""`key list|generate|import|export|rename|delete`: the signing keys of this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.command import CANCELLED, HOLDS, Command
from sealwright.cli.confirm import confirmed
from sealwright.cli.dates import warn_of_dates
from sealwright.cli.inputs import read_input, require_new, write_output
from sealwright.cli.output import table
from sealwright.cli.passphrases import ask_passphrase
from sealwright.cli.signing import passphrase_of
from sealwright.errors import KeyMaterialError, UsageError
from sealwright.services.ports import NewKey

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.secret import Secret
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import SigningKey


def _no_arguments(parser: ArgumentParser) -> None:
    del parser


def _name_argument(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the key")


def _list(arguments: Namespace, context: Context) -> int:
    del arguments

    async def job(services: Services) -> tuple[KeyUse, ...]:
        return await services.keys.list()

    found = context.with_services(job)
    rows = [
        (
            use.key.name,
            f"RSA {use.key.bits}",
            use.key.certificate.subject,
            shapes.time(use.key.certificate.not_after),
            ", ".join(provider.name for provider in use.signs_for) or "-",
        )
        for use in found
    ]
    heads = ("NAME", "KEY", "SUBJECT", "EXPIRES", "SIGNS FOR")
    document: dict[str, object] = {"items": [shapes.key_use(use) for use in found]}
    context.output.result(document, table(heads, rows))
    return HOLDS


def _generate_arguments(parser: ArgumentParser) -> None:
    _name_argument(parser)
    parser.add_argument("--bits", type=int, default=3072, help="2048, 3072 (default) or 4096")
    parser.add_argument("--subject", default="", help="as CN=Contoso policies,O=Contoso")
    parser.add_argument("--days", type=int, default=730, help="validity of the certificate")


def _generate(arguments: Namespace, context: Context) -> int:
    new = NewKey(arguments.name, arguments.bits, arguments.subject, arguments.days)

    async def job(services: Services) -> SigningKey:
        return await services.keys.generate(new)

    return _emit(context, context.with_services(job), "Made")


def _import_arguments(parser: ArgumentParser) -> None:
    _name_argument(parser)
    parser.add_argument("file", metavar="FILE", help="PEM, DER or PKCS#12; - is stdin")
    parser.add_argument("--cert-file", metavar="FILE", help="its certificate and chain")
    parser.add_argument("--passphrase-file", metavar="FILE", help="first line opens the key")


def _import(arguments: Namespace, context: Context) -> int:
    data = read_input(arguments.file)
    certificates = read_input(arguments.cert_file) if arguments.cert_file else b""
    given = passphrase_of(arguments.passphrase_file)

    async def job(services: Services, passphrase: Secret[str] | None) -> SigningKey:
        return await services.keys.import_key(
            arguments.name, data, certificates=certificates, passphrase=passphrase
        )

    try:
        key = context.with_services(lambda services: job(services, given))
    except KeyMaterialError as error:
        if given or error.details.get("check") != "passphrase-missing":
            raise
        asked = ask_passphrase(f"of `{arguments.file}`")
        key = context.with_services(lambda services: job(services, asked))
    warn_of_dates(context, key.certificate)
    return _emit(context, key, "Imported")


_FORMS = {"pkcs8": "encrypted PKCS#8 (PEM)", "pkcs12": "PKCS#12"}
_PEM_ENDINGS = (".pem", ".key", ".p8")


def _export_arguments(parser: ArgumentParser) -> None:
    _name_argument(parser)
    parser.add_argument("--output", metavar="FILE", required=True, help="file to write")
    parser.add_argument(
        "--form",
        choices=tuple(_FORMS),
        help="pkcs8 (PEM, the key alone) or pkcs12 (with its certificates); "
        "default: pkcs8 for a file that ends in .pem, .key or .p8, else pkcs12",
    )
    parser.add_argument(
        "--passphrase-file", metavar="FILE", help="first line protects the file; else it is asked"
    )


def _export(arguments: Namespace, context: Context) -> int:
    require_new(arguments.output, "it may hold the only copy of a key")
    form = arguments.form or _form_of(arguments.output)
    given = passphrase_of(arguments.passphrase_file)
    passphrase = given or ask_passphrase("for the file", twice=True)

    async def job(services: Services) -> bytes:
        return await services.keys.export_key(arguments.name, form=form, passphrase=passphrase)

    data = context.with_services(job)
    write_output(arguments.output, data, private=True)
    document: dict[str, object] = {"output": arguments.output, "form": form}
    context.output.result(document, "", output=arguments.output)
    context.output.note(f"Written to {arguments.output} as {_FORMS[form]}.")
    return HOLDS


def _form_of(file: str) -> str:
    """What the name of a file promises to whoever reads it."""
    return "pkcs8" if file.lower().endswith(_PEM_ENDINGS) else "pkcs12"


def _rename_arguments(parser: ArgumentParser) -> None:
    _name_argument(parser)
    parser.add_argument("new", metavar="NEW", help="its new name")


def _rename(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> SigningKey:
        return await services.keys.rename(arguments.name, arguments.new)

    return _emit(context, context.with_services(job), "Renamed to")


def _delete_arguments(parser: ArgumentParser) -> None:
    _name_argument(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--in-use", action="store_true", help="with --yes: also a key that signs for a provider"
    )


def _delete(arguments: Namespace, context: Context) -> int:
    async def look(services: Services) -> KeyUse | None:
        wanted = arguments.name.strip().casefold()
        uses = await services.keys.list()
        return next((use for use in uses if use.key.name.casefold() == wanted), None)

    async def job(services: Services) -> None:
        await services.keys.delete(arguments.name)

    use = context.with_services(look)
    names = ", ".join(f"`{provider.name}`" for provider in use.signs_for) if use else ""
    warning = f" It signs for {names}." if names else ""
    if arguments.yes and names and not arguments.in_use:
        raise UsageError(
            f"`{arguments.name}` signs for {names}: it could sign nothing there any more.",
            hint="Export it first. Give --in-use as well to delete it all the same.",
        )
    if use and not arguments.yes:
        question = f"Delete `{use.key.name}` for good?{warning}"
        if not confirmed(question, give="--yes --in-use" if names else "--yes"):
            return CANCELLED
    context.with_services(job)
    context.output.result({"deleted": arguments.name}, f"Deleted {arguments.name}.{warning}\n")
    return HOLDS


def _emit(context: Context, key: SigningKey, verb: str) -> int:
    words = f"{verb} {key.name}: RSA {key.bits}, certificate {key.certificate.sha256}\n"
    context.output.result(shapes.key(key), words)
    return HOLDS


COMMANDS = {
    "list": Command(_no_arguments, _list),
    "generate": Command(_generate_arguments, _generate),
    "import": Command(_import_arguments, _import),
    "export": Command(_export_arguments, _export),
    "rename": Command(_rename_arguments, _rename),
    "delete": Command(_delete_arguments, _delete),
}
