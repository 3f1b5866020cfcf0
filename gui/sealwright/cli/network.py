"""`network show|set`: proxy, and certificates that are trusted in addition to the system's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sealwright.cli.command import HOLDS, Command
from sealwright.cli.passphrases import read_passphrase
from sealwright.services.network import NetworkSettings, ProxyMode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services


def _no_arguments(parser: ArgumentParser) -> None:
    del parser


def _show(arguments: Namespace, context: Context) -> int:
    del arguments

    async def job(services: Services) -> tuple[NetworkSettings, str]:
        return await services.network.read(), await services.network.proxy_script()

    found, script = context.with_services(job)
    if script and found.mode is ProxyMode.SYSTEM:
        context.output.note(
            f"The system names a proxy script (PAC), {script}, which is not run here: "
            "name the proxy with `sealwright network set --proxy`."
        )
    return _emit(context, found, script)


def _set_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--system-proxy", action="store_true", help="as this computer's settings")
    which.add_argument("--no-proxy", action="store_true", help="go out directly")
    which.add_argument("--proxy", metavar="URL", help="http://host:port")
    parser.add_argument("--proxy-user", metavar="NAME")
    parser.add_argument("--proxy-password-file", metavar="FILE", help="first line is the password")
    parser.add_argument(
        "--proxy-loopback", action="store_true", help="also for this computer's own addresses"
    )
    parser.add_argument(
        "--ca-file",
        action="append",
        metavar="FILE",
        help="trust these certificates (PEM) in addition; may be repeated",
    )
    parser.add_argument("--no-ca-files", action="store_true", help="trust the system alone")


def _set(arguments: Namespace, context: Context) -> int:
    name = arguments.proxy_password_file
    password = read_passphrase(name) if name else None

    async def job(services: Services) -> NetworkSettings:
        wanted = _changed(await services.network.read(), arguments)
        await services.network.save(wanted, password)
        return wanted

    return _emit(context, context.with_services(job), "")


def _changed(before: NetworkSettings, arguments: Namespace) -> NetworkSettings:
    wanted = before
    if arguments.system_proxy:
        wanted = replace(wanted, mode=ProxyMode.SYSTEM)
    if arguments.no_proxy:
        wanted = replace(wanted, mode=ProxyMode.NONE)
    if arguments.proxy:
        wanted = replace(
            wanted,
            mode=ProxyMode.MANUAL,
            proxy=arguments.proxy,
            proxy_loopback=arguments.proxy_loopback,
        )
    if arguments.proxy_user is not None:
        wanted = replace(wanted, proxy_user=arguments.proxy_user)
    if arguments.no_ca_files:
        wanted = replace(wanted, ca_files=())
    if arguments.ca_file:
        files = tuple(str(Path(name).resolve()) for name in arguments.ca_file)
        wanted = replace(wanted, ca_files=files)
    return wanted


def _emit(context: Context, found: NetworkSettings, script: str) -> int:
    document: dict[str, object] = {
        "proxyMode": found.mode.value,
        "proxy": found.proxy,
        "proxyUser": found.proxy_user,
        "proxyLoopback": found.proxy_loopback,
        "caFiles": list(found.ca_files),
        "proxyScript": script,
    }
    proxy = {"system": "as the system", "none": "none", "manual": found.proxy}[found.mode.value]
    user = f" as {found.proxy_user}" if found.proxy_user else ""
    trust = "".join(f"\n        and {name}" for name in found.ca_files)
    context.output.result(document, f"Proxy:  {proxy}{user}\nTrust:  the system{trust}\n")
    return HOLDS


COMMANDS = {
    "show": Command(_no_arguments, _show),
    "set": Command(_set_arguments, _set),
}
