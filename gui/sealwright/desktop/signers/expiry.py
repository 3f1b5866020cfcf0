"""What to say of signers whose certificates end soon, or have ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.wording import common_name, days_left, time_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.model import Certificate

_SOON = 30
"""Days."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """A banner about the certificate that ends first, and how many end soon."""

    title: str
    sentence: str
    gone: bool
    count: int


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("expiry", text)


def expiry(certificates: Sequence[Certificate]) -> Expiry | None:
    """What to say of these certificates; None while none of them ends soon."""
    ending = sorted(
        (each for each in certificates if days_left(each.not_after) < _SOON),
        key=lambda each: each.not_after,
    )
    if not ending:
        return None
    first = ending[0]
    name, left = common_name(first.subject), time_left(first.not_after)
    gone = days_left(first.not_after) < 0
    title = tr("{0} is expired") if gone else tr("{0} expires in {1}")
    words = (
        tr("Add another signer, and sign the policies with it.")
        if gone
        else tr("Add another signer before, and sign the policies with it.")
    )
    if len(ending) > 1:
        words += " " + tr("{0} signers have ended or end within 30 days.").format(len(ending))
    return Expiry(title.format(name, left), words, gone, len(ending))
