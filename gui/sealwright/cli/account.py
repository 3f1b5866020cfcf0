"""`account list|add|renew|use|tenants|switch|remove`: who is signed in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sealwright.cli.command import CANCELLED, HOLDS, Command
from sealwright.cli.confirm import confirmed
from sealwright.cli.dates import warn_of_dates
from sealwright.cli.inputs import read_input
from sealwright.cli.output import table
from sealwright.cli.passphrases import ask_passphrase, read_passphrase
from sealwright.cli.signing import passphrase_of
from sealwright.errors import UsageError
from sealwright.services.accounts.accounts import NewAccount
from sealwright.services.ports import Method

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from sealwright.cli.context import Context
    from sealwright.secret import Secret
    from sealwright.services.accounts.account_list import Account
    from sealwright.services.bundle import Services
    from sealwright.services.ports import Prompt, Tenant

PUBLIC = "Azure public"


def _no_arguments(parser: ArgumentParser) -> None:
    del parser


def _account_argument(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="its name or id")


def _list(arguments: Namespace, context: Context) -> int:
    del arguments

    async def job(services: Services) -> tuple[Account, ...]:
        return services.accounts.list()

    found = context.with_services(job)
    heads = ("ID", "ACCOUNT", "CLOUD", "TENANT", "METHOD", "CALLS")
    rows = [
        (
            one.profile.id,
            one.profile.name,
            one.profile.cloud,
            one.profile.where or "-",
            one.profile.method.value,
            "first" if one.chosen else "",
        )
        for one in found
    ]
    if not found:
        context.output.note("Nobody is signed in; `sealwright account add` signs in.")
    document: dict[str, object] = {"items": [_shape(one) for one in found]}
    context.output.result(document, table(heads, rows))
    return HOLDS


def _shape(one: Account) -> dict[str, object]:
    return {
        "id": one.profile.id,
        "name": one.profile.name,
        "cloud": one.profile.cloud,
        "tenant": one.profile.tenant,
        "tenantName": one.profile.tenant_name,
        "method": one.profile.method.value,
        "clientId": one.profile.client_id,
        "chosen": one.chosen,
        "fromEnvironment": not one.kept,
    }


def _add_arguments(parser: ArgumentParser) -> None:
    methods = [method.value for method in Method]
    parser.add_argument(
        "--method", choices=methods, default=Method.BROWSER.value, help="default: browser"
    )
    parser.add_argument("--cloud", default=PUBLIC, help=f"default: {PUBLIC}")
    parser.add_argument("--tenant", default="", help="id or domain")
    parser.add_argument("--client-id", default="", metavar="ID", help="of the application")
    parser.add_argument("--secret-file", metavar="FILE", help="first line is the client secret")
    parser.add_argument(
        "--key", default="", metavar="NAME", help="key of the certificate; on a token label or id"
    )
    parser.add_argument("--pfx", metavar="FILE", help="import key and certificate (PKCS#12)")
    parser.add_argument("--passphrase-file", metavar="FILE", help="first line opens the PKCS#12")
    parser.add_argument("--token-file", default="", metavar="FILE", help="the federated token")
    parser.add_argument(
        "--module", default="", metavar="FILE", help="library of a PKCS#11 token (smart card, HSM)"
    )
    parser.add_argument(
        "--token",
        default="",
        metavar="NAME",
        help="its label or serial number, where several are",
    )
    _pin_arguments(parser)
    parser.add_argument(
        "--keep-pin", action="store_true", help="keep the PIN with the other secrets"
    )


def _pin_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--pin-file", metavar="FILE", help="first line is the PIN of the token")


def _add(arguments: Namespace, context: Context) -> int:
    method = Method(arguments.method)
    secret = _secret(arguments, method)
    pfx = read_input(arguments.pfx) if arguments.pfx else b""
    passphrase = passphrase_of(arguments.passphrase_file)

    async def job(services: Services) -> Account:
        key = arguments.key
        if pfx:
            key = key or f"sign-in {arguments.client_id}"
            await _require_new(services, key)
            made = await services.keys.import_key(key, pfx, certificates=b"", passphrase=passphrase)
            warn_of_dates(context, made.certificate)
        new = NewAccount(
            cloud=arguments.cloud,
            method=method,
            tenant=arguments.tenant,
            client_id=arguments.client_id,
            secret=secret,
            key=key,
            token_file=_absolute(arguments.token_file),
            module=_module(arguments.module),
            token=arguments.token,
            keep_pin=arguments.keep_pin,
        )
        return await services.accounts.add(new, _prompter(context))

    return _emit(context, context.with_services(job), "Signed in")


async def _require_new(services: Services, name: str) -> None:
    """A sign-in that was refused leaves its key, for the next try."""
    names = {use.key.name.casefold(): use.key.name for use in await services.keys.list()}
    there = names.get(name.casefold())
    if there is not None:
        raise UsageError(
            f"There is a key named `{there}` already.",
            hint=f'To sign in with it give --key "{there}" and no --pfx; for another key, both.',
        )


def _secret(arguments: Namespace, method: Method) -> Secret[str] | None:
    if method is Method.PKCS11:
        return _pin(arguments)
    if method is not Method.SECRET:
        return None
    if arguments.secret_file:
        return read_passphrase(arguments.secret_file)
    if not sys.stdin.isatty():
        raise UsageError("The client secret is missing.", hint="Give it with --secret-file FILE.")
    return ask_passphrase("of the application (its client secret)")


def _pin(arguments: Namespace) -> Secret[str] | None:
    """The PIN; None where nobody can be asked: a reader may have keys of its own."""
    if arguments.pin_file:
        return read_passphrase(arguments.pin_file, "PIN")
    return ask_passphrase("of the token (its PIN)") if sys.stdin.isatty() else None


def _module(name: str) -> str:
    """A path, or a name that the system finds where its libraries are."""
    return _absolute(name) if Path(name).name != name or Path(name).exists() else name


def _absolute(name: str) -> str:
    return str(Path(name).resolve()) if name else ""


def _prompter(context: Context) -> Callable[[Prompt], None]:
    """Tells on standard error what a person has to do, so that a pipeline's output stays clean."""

    def show(prompt: Prompt) -> None:
        if prompt.method is Method.DEVICE_CODE:
            context.output.note(
                f"To sign in, open {prompt.url} in any browser and enter the code {prompt.code}."
            )
        elif prompt.method is Method.BROWSER:
            context.output.note("A browser was opened to sign in. If none appears, open this page:")
            context.output.note(prompt.url)
        elif prompt.method in (Method.AZURE_CLI, Method.POWERSHELL):
            context.output.note(f"Waiting for {prompt.method.value}, up to {prompt.seconds} s ...")
        elif prompt.method is Method.PKCS11:
            context.output.note(
                "Waiting for the token; if its reader has keys, enter the PIN there."
            )

    return show


def _renew_arguments(parser: ArgumentParser) -> None:
    _account_argument(parser)
    _pin_arguments(parser)


def _renew(arguments: Namespace, context: Context) -> int:
    async def look(services: Services) -> Account:
        found = services.accounts.find(arguments.account)
        if not found.can_sign_in_again:
            raise UsageError(
                f"`{found.profile.name}` needs nobody to sign in.",
                hint="Remove it and add it again to change its secret or key.",
            )
        return found

    found = context.with_services(look)
    pin = _pin(arguments) if found.wants_pin else None

    async def job(services: Services) -> Account:
        return await services.accounts.sign_in_again(found.profile.id, _prompter(context), pin=pin)

    return _emit(context, context.with_services(job), "Signed in again")


def _use(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> Account:
        return await services.accounts.choose(services.accounts.find(arguments.account).profile.id)

    return _emit(context, context.with_services(job), "Calls first")


def _tenants(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> tuple[Tenant, ...]:
        return await services.accounts.tenants(services.accounts.find(arguments.account).profile.id)

    found = context.with_services(job)
    items: list[dict[str, object]] = [
        {"id": one.id, "name": one.name, "domain": one.domain} for one in found
    ]
    rows = [(one.id, one.name, one.domain) for one in found]
    context.output.result({"items": items}, table(("ID", "NAME", "DOMAIN"), rows))
    return HOLDS


def _switch_arguments(parser: ArgumentParser) -> None:
    _account_argument(parser)
    parser.add_argument("tenant", metavar="TENANT", help="id or domain")


def _switch(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> Account:
        found = services.accounts.find(arguments.account)
        return await services.accounts.switch_tenant(
            found.profile.id, arguments.tenant, _prompter(context)
        )

    return _emit(context, context.with_services(job), "Switched")


def _remove_arguments(parser: ArgumentParser) -> None:
    _account_argument(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _remove(arguments: Namespace, context: Context) -> int:
    async def look(services: Services) -> Account:
        return services.accounts.find(arguments.account)

    async def job(services: Services) -> None:
        await services.accounts.remove(found.profile.id)

    found = context.with_services(look)
    name = found.profile.name
    if not (arguments.yes or confirmed(f"Sign `{name}` out and forget its tokens?")):
        return CANCELLED
    context.with_services(job)
    context.output.result({"removed": found.profile.id}, f"Signed out {name}.\n")
    return HOLDS


def _emit(context: Context, account: Account, verb: str) -> int:
    profile = account.profile
    words = f"{verb}: {profile.name}, {profile.cloud}, tenant {profile.where or '-'}\n"
    context.output.result(_shape(account), words)
    return HOLDS


COMMANDS = {
    "list": Command(_no_arguments, _list),
    "add": Command(_add_arguments, _add),
    "renew": Command(_renew_arguments, _renew),
    "use": Command(_account_argument, _use),
    "tenants": Command(_account_argument, _tenants),
    "switch": Command(_switch_arguments, _switch),
    "remove": Command(_remove_arguments, _remove),
}
