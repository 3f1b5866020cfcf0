"""Sessions of the Azure CLI and of Azure PowerShell: tokens from programs that are signed in.

They are slow (the programs need seconds to start), so tokens are kept until shortly before they
end, and a program gets a minute.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.errors import BadAnswerError, SignInError, UnreachableError, UsageError
from sealwright.secret import Secret
from sealwright.services.ports import Method

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyio.abc import ByteReceiveStream, Process

    from sealwright.services.ports import CredentialVault

PATIENCE: Final = 60.0
"""Seconds that a program may take."""
_EARLY: Final = 300.0
"""Seconds before its end that a token is not used any more."""
_MAX_OUTPUT: Final = 256 * 1024
_SAFE: Final = re.compile(r"[A-Za-z0-9:/._@-]+")
"""What may stand in a script: scopes and tenants, nothing that a shell reads."""
_SIGNED_OUT: Final = re.compile(
    r"az login|Connect-AzAccount|No subscription|AADSTS|not logged in|no account", re.IGNORECASE
)
_CLI: Final = "Azure CLI"
_POWERSHELL: Final = "Azure PowerShell"
_SCRIPT: Final = """
$ErrorActionPreference = 'Stop'
$WarningPreference = $ProgressPreference = 'SilentlyContinue'
Import-Module Az.Accounts -MinimumVersion 2.2.0
$context = Get-AzContext
$found = Get-AzAccessToken -ResourceUrl '{resource}'{tenant}
$token = $found.Token
if ($token -is [System.Security.SecureString]) {{
  $token = [System.Net.NetworkCredential]::new('', $token).Password
}}
@{{ token = $token; expires = $found.ExpiresOn.ToUnixTimeSeconds();
   user = $context.Account.Id; tenant = $context.Tenant.Id }} | ConvertTo-Json -Compress
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A token, and whose it is."""

    token: Secret[str]
    expires: float
    user: str = ""
    tenant: str = ""


class CommandSession:
    """The account of a program that is signed in on this computer."""

    def __init__(
        self,
        method: Method,
        tenant: str,
        vault: CredentialVault | None,
        entry: str,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._method = method
        self._tenant = tenant
        self._vault = vault
        self._entry = entry
        self._patience = patience
        self._kept: dict[str, Session] | None = None
        self._lock = anyio.Lock()

    async def bearer(self, scope: str, claims: str = "") -> Secret[str]:
        """A kept token that is still good, or a new one.

        Raises:
            UsageError: the program is not installed.
            SignInError: nobody is signed in there.
            UnreachableError: it took too long.
        """
        async with self._lock:
            kept = await self._load()
            found = kept.get(scope)
            if found is None or claims or found.expires - _EARLY < time.time():
                found = await self._ask(scope)
                kept[scope] = found
                await self._keep(kept)
        return found.token

    async def who(self, scope: str) -> Session:
        """Whose session it is; asks the program."""
        async with self._lock:
            found = await self._ask(scope)
            kept = await self._load()
            kept[scope] = found
            await self._keep(kept)
            if self._method is Method.AZURE_CLI:
                shown = _json(await self._run(["az", "account", "show", "--output", "json"]), _CLI)
                user = shown.get("user")
                name = str(user.get("name") or "") if isinstance(user, dict) else ""
                return Session(found.token, found.expires, name, str(shown.get("tenantId") or ""))
        return found

    async def _ask(self, scope: str) -> Session:
        for word in (scope, self._tenant):
            if word and not _SAFE.fullmatch(word):
                raise UsageError(f"`{word}` cannot be given to a program.")
        if self._method is Method.AZURE_CLI:
            return await self._ask_cli(scope)
        return await self._ask_powershell(scope)

    async def _ask_cli(self, scope: str) -> Session:
        command = ["az", "account", "get-access-token", "--output", "json", "--scope", scope]
        if self._tenant:
            command += ["--tenant", self._tenant]
        answer = _json(await self._run(command), _CLI)
        return _session(answer, "accessToken", _cli_end(answer), _CLI)

    async def _ask_powershell(self, scope: str) -> Session:
        tenant = f" -TenantId '{self._tenant}'" if self._tenant else ""
        script = _SCRIPT.format(resource=scope.removesuffix("/.default"), tenant=tenant)
        encoded = base64.b64encode(script.encode("utf-16-le")).decode()
        program = "pwsh" if shutil.which("pwsh") else "powershell"
        command = [program, "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]
        answer = _json(await self._run(command), _POWERSHELL)
        end = answer.get("expires")
        return _session(answer, "token", float(end) if isinstance(end, int) else 0.0, _POWERSHELL)

    async def _run(self, command: Sequence[str]) -> bytes:
        product = _CLI if self._method is Method.AZURE_CLI else _POWERSHELL
        program = shutil.which(command[0])
        if program is None:
            raise UsageError(
                f"`{command[0]}` is not installed, or not on the path.",
                hint=f"Install {product}, or add the account in another way.",
            )
        try:
            with anyio.fail_after(self._patience):
                code, out, errors = await _finished([program, *command[1:]])
        except TimeoutError as error:
            raise UnreachableError(
                f"{product} gave no token within {self._patience:.0f} seconds.",
                hint="Run it in a terminal to see what it waits for, then try again.",
            ) from error
        except OSError as error:
            raise UsageError(
                f"{product} cannot be started: {error.strerror}.", hint=f"Look at `{program}`."
            ) from error
        if code:
            raise _failure(product, errors, code)
        return out

    # --- keeping ----------------------------------------------------------------------------

    async def _load(self) -> dict[str, Session]:
        if self._kept is None:
            kept = await self._vault.get(self._entry) if self._vault is not None else None
            self._kept = _sessions(kept.reveal()) if kept is not None else {}
        return self._kept

    async def _keep(self, kept: Mapping[str, Session]) -> None:
        if self._vault is None:
            return
        shown = {scope: [one.token.reveal(), one.expires] for scope, one in kept.items()}
        await self._vault.put(self._entry, Secret(json.dumps(shown)))


async def _finished(command: Sequence[str]) -> tuple[int, bytes, bytes]:
    """Exit code and output; cancelling ends the program with all that it started."""
    process = await anyio.open_process(
        command, stdin=None, start_new_session=sys.platform != "win32"
    )
    out, errors = bytearray(), bytearray()
    try:
        async with process, anyio.create_task_group() as group:
            group.start_soon(_gather, process.stdout, out)
            group.start_soon(_gather, process.stderr, errors)
            code = await process.wait()
    except BaseException:
        _end(process)
        with anyio.CancelScope(shield=True):
            await process.wait()
        raise
    return code, bytes(out), bytes(errors)


async def _gather(stream: ByteReceiveStream | None, into: bytearray) -> None:
    if stream is None:
        return
    async for part in stream:
        if len(into) < _MAX_OUTPUT:
            into += part


def _end(process: Process) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _failure(product: str, errors: bytes, code: int) -> SignInError:
    said = errors.decode("utf-8", errors="replace").strip()[-2_000:]
    details = {"exit code": str(code), "it said": said}
    if _SIGNED_OUT.search(said):
        verb = "az login" if product == _CLI else "Connect-AzAccount"
        return SignInError(
            f"Nobody is signed in to {product}.",
            hint=f"Run `{verb}` in a terminal, then try again.",
            details=details,
        )
    return SignInError(
        f"{product} gave no token.", hint="Look at the details for what it said.", details=details
    )


def _json(out: bytes, product: str) -> Mapping[str, object]:
    text = out.decode("utf-8-sig", errors="replace").strip()
    try:
        # PowerShell may print a banner of a profile first; the answer is its last line.
        value = json.loads(text if text.startswith("{") else text.rpartition("\n")[2])
    except ValueError as error:
        raise BadAnswerError(
            f"The answer of {product} cannot be read.", hint="Update it, then try again."
        ) from error
    if not isinstance(value, dict):
        raise BadAnswerError(f"The answer of {product} holds no token.")
    return value


def _cli_end(answer: Mapping[str, object]) -> float:
    """`expires_on` (seconds), or in older versions `expiresOn` (local time) only."""
    seconds = answer.get("expires_on")
    if isinstance(seconds, int):
        return float(seconds)
    try:
        local = datetime.fromisoformat(str(answer.get("expiresOn")))
    except ValueError:
        return 0.0
    return local.astimezone(UTC).timestamp()


def _session(answer: Mapping[str, object], name: str, end: float, product: str) -> Session:
    token = answer.get(name)
    if not isinstance(token, str) or not token:
        raise BadAnswerError(
            f"The answer of {product} holds no token.", hint="Update it, then try again."
        )
    user, tenant = str(answer.get("user") or ""), str(answer.get("tenant") or "")
    return Session(Secret(token), end, user, tenant)


def _sessions(text: str) -> dict[str, Session]:
    value = json.loads(text)
    return {
        str(scope): Session(Secret(str(token)), float(end)) for scope, (token, end) in value.items()
    }
