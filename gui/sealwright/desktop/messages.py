"""Errors in words for people: a title, what happened, what to do, and the raw facts.

Three outcomes are never mixed: an `AppError` is a message, a cancellation is silence, anything
else is a bug and goes to the crash report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from sealwright import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_BACKTICKS: Final = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Message:
    """What a notice, a banner or a dialog shows of an error."""

    title: str
    sentence: str
    hint: str = ""
    details: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """Sentence and hint as one paragraph."""
        return f"{self.sentence} {self.hint}".strip()

    @property
    def details_text(self) -> str:
        """The raw facts, one a line, as they are copied."""
        return "\n".join(f"{name}: {value}" for name, value in self.details)


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("messages", text)


def _titles() -> Mapping[type[errors.AppError], str]:
    return {
        errors.AppError: tr("This did not work"),
        errors.UsageError: tr("This cannot be used"),
        errors.PolicyError: tr("The policy has a problem"),
        errors.TokenError: tr("The token does not hold"),
        errors.EvidenceError: tr("The evidence cannot be read"),
        errors.KeyMaterialError: tr("This key or certificate cannot be used"),
        errors.ServiceError: tr("The service did not do it"),
        errors.UnreachableError: tr("No answer from the service"),
        errors.NobodyThereError: tr("Nothing answers at this address"),
        errors.ProxyError: tr("The proxy lets nothing through"),
        errors.UntrustedError: tr("The other side is not trusted"),
        errors.RefusedError: tr("The service does not allow this"),
        errors.RoleError: tr("Activate your role, or ask for one"),
        errors.ClockError: tr("This computer's clock is wrong"),
        errors.SignInError: tr("The sign-in did not work"),
        errors.RejectedError: tr("The service said no"),
        errors.BadAnswerError: tr("The answer cannot be trusted"),
        errors.StorageError: tr("This computer's storage refused"),
        errors.PinError: tr("The token did not open"),
        errors.FileChangedError: tr("The file was changed by another program"),
    }


def title_of(kind: type[errors.AppError]) -> str:
    """The title of the nearest known ancestor of an error class."""
    titles = _titles()
    return next(titles[base] for base in kind.__mro__ if base in titles)


def message(error: BaseException) -> Message:
    """What to show for `error`; a bug gets words that do not blame the user."""
    if not isinstance(error, errors.AppError):
        return Message(
            title=tr("Something in Sealwright went wrong"),
            sentence=tr("This is a mistake in the program; nothing was confirmed as done."),
            hint=tr("Try it again. If it stays, send the crash report."),
        )
    return Message(
        title=title_of(type(error)),
        sentence=_sentence(error.summary),
        hint=_sentence(error.hint or _advice(error)),
        details=tuple(_details(error)),
    )


def quoted(text: str) -> str:
    """A text of the program for a label: what stands in backticks gets quotation marks."""
    return _BACKTICKS.sub(_in_quotes, text)


def _in_quotes(found: re.Match[str]) -> str:
    # What has quotes of its own needs no others.
    words = found[1]
    alone = len(words) > 1 and words[0] == words[-1] == '"'
    return words if alone else f"\u201c{words}\u201d"


def _sentence(text: str) -> str:
    """First letter capital unless it is quoted, full stop at the end."""
    text = text.strip()
    if not text:
        return ""
    if text[-1] not in ".!?:":
        text += "."
    return text[0].upper() + text[1:]


def _advice(error: errors.AppError) -> str:
    match error:
        case errors.UnreachableError():
            return tr("Check the network, then try again.")
        case errors.RefusedError(status=401):
            return tr("Sign in, or ask for the role Attestation Contributor.")
        case errors.RefusedError():
            return tr("Ask for a role that allows it.")
        case errors.BadAnswerError():
            return tr("Nothing of it was believed. Look at the details before you repeat it.")
        case _:
            return ""


def _details(error: errors.AppError) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if isinstance(error, errors.ServiceError):
        if error.status is not None:
            rows.append((tr("Status"), str(error.status)))
        if error.service_code:
            rows.append((tr("Service code"), error.service_code))
        if error.request_id:
            rows.append((tr("Request ID"), error.request_id))
    if isinstance(error, errors.EvidenceError) and error.offset is not None:
        rows.append((tr("Offset"), str(error.offset)))
    rows.extend((name, str(value)) for name, value in error.details.items())
    return rows
