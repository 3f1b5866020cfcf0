"""Warnings about certificates whose time is over or has not come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sealwright.cli import shapes

if TYPE_CHECKING:
    from sealwright.cli.context import Context
    from sealwright.services.model import Certificate


def warn_of_dates(context: Context, certificate: Certificate) -> None:
    """Say when a certificate is not valid now; providers look at its key only."""
    now = datetime.now(UTC)
    if certificate.not_after < now:
        when = shapes.time(certificate.not_after)
        words = f"expired on {when}. Replace it: other tools may refuse it."
    elif certificate.not_before > now:
        when = shapes.time(certificate.not_before)
        words = f"is not valid before {when}. Check this computer's clock."
    else:
        return
    context.output.note(f"Warning: the certificate `{certificate.subject}` {words}")
