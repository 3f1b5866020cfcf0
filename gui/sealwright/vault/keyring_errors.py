"""What keyring backends raise, as `StorageError`; the one place that knows their exceptions."""

from __future__ import annotations

from typing import Final

from sealwright.errors import StorageError

OTHER_WAYS: Final = (
    "choose a passphrase-protected vault file (at the command line: `sealwright key vault --use "
    "file`) or memory only"
)

_NONE: Final = (
    "No OS keyring was found on this computer.",
    f"Install and start one (GNOME Keyring, KWallet, KeePassXC), or {OTHER_WAYS}.",
)
_NO_PROMPT: Final = (
    "The OS keyring cannot be opened: nobody could be asked for its password.",
    f"Unlock it in a desktop session, or {OTHER_WAYS}.",
)
_LOCKED: Final = ("The OS keyring is locked.", "Unlock it and try again.")
_NOT_UNLOCKED: Final = (
    "The OS keyring is locked, and it was not unlocked when it asked.",
    "Give its password when it asks, or unlock it first, and try again.",
)
_DENIED: Final = (
    "Access to the OS keyring was denied.",
    "Allow Sealwright when you are asked, and try again.",
)
_GONE: Final = (
    "The OS keyring does not answer.",
    f"Check that it is running and try again, or {OTHER_WAYS}.",
)
_NOT_KEPT: Final = ("The OS keyring did not take the secret.", "Check it and try again.")
_NOT_REMOVED: Final = ("The OS keyring did not remove the secret.", "Check it and try again.")
_TOO_LONG: Final = ("The secret is too long for the OS keyring.", "")
_FAILED: Final = (
    "The OS keyring failed.",
    f"Check it and try again, or {OTHER_WAYS}.",
)

_BY_NAME: Final = {
    # keyring.errors
    "NoKeyringError": _NONE,
    "InitError": _NO_PROMPT,
    # keyring asks for the password first: this is what a dismissed question comes to.
    "KeyringLocked": _NOT_UNLOCKED,
    "PasswordSetError": _NOT_KEPT,
    "PasswordDeleteError": _NOT_REMOVED,
    "KeyringError": _FAILED,
    # keyring.backends.macOS.api, which keyring turns into the ones above, as their cause
    "KeychainDenied": _DENIED,
    "SecAuthFailure": _DENIED,
    # secretstorage.exceptions
    "SecretServiceNotAvailableException": _GONE,
    "LockedException": _LOCKED,
    "ItemNotFoundException": _GONE,
    "PromptDismissedException": _DENIED,
    "SecretStorageException": _FAILED,
    # jeepney, below secretstorage
    "DBusErrorResponse": _GONE,
    "AuthenticationError": _GONE,
    "RouterClosed": _GONE,
    "FDError": _GONE,
}

_KEYCHAIN_DENIALS: Final = frozenset({"KeychainDenied", "SecAuthFailure"})

_BY_WINDOWS_CODE: Final = {
    5: _DENIED,  # ERROR_ACCESS_DENIED
    1223: _DENIED,  # ERROR_CANCELLED
    1312: (  # ERROR_NO_SUCH_LOGON_SESSION
        "Windows keeps no credentials in this kind of session.",
        f"Sign in interactively, or {OTHER_WAYS}.",
    ),
    1783: _TOO_LONG,  # RPC_X_BAD_STUB_DATA, what CredWrite says of a value that is too long
}


def keyring_error(error: Exception, backend: str) -> StorageError:
    """The message for whatever a backend raised; `backend` is its name in words."""
    summary, hint = _words(error)
    # Only the kind of an unknown exception is shown: its text might hold the secret.
    details = {"backend": backend, "reason": type(error).__name__}
    code = getattr(error, "winerror", None)
    if isinstance(code, int):
        details["code"] = str(code)
    return StorageError(summary, hint=hint, details=details)


def _words(error: Exception) -> tuple[str, str]:
    code = getattr(error, "winerror", None)
    if isinstance(code, int) and code in _BY_WINDOWS_CODE:
        return _BY_WINDOWS_CODE[code]
    # keyring calls a locked and a denied Keychain the same; only the cause tells.
    if type(error.__cause__).__name__ in _KEYCHAIN_DENIALS:
        return _DENIED
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_NAME:
            return _BY_NAME[kind.__name__]
    if isinstance(error, OSError):
        return _GONE
    return _FAILED
