"""Certificates and keys as rows of their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.progress import validity_tone
from sealwright.desktop.widgets.tables.cells import (
    Bar,
    CellChip,
    Column,
    Row,
    RowKind,
    Text,
    TwoLines,
)
from sealwright.desktop.wording import common_name, fingerprint, time_left, utc_time, validity

if TYPE_CHECKING:
    from sealwright.services.keys import KeyUse
    from sealwright.services.signers import PolicySigner


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("signers", text)


def signer_columns() -> tuple[Column, ...]:
    """Columns of the provider's certificates."""
    return (
        Column("subject", tr("Subject and issuer"), "CN=policy-signer-2026"),
        Column("sha256", tr("SHA-256"), "3f9a c1d0 … 77be", mono=True, drop=1),
        Column("key", tr("Key"), "RSA 4096", drop=2),
        Column("validity", tr("Validity"), "", fixed=176),
    )


def key_columns() -> tuple[Column, ...]:
    """My keys are one wide column."""
    return (Column("key", tr("My keys"), ""),)


def signer_row(signer: PolicySigner) -> Row:
    """A certificate that the provider trusts."""
    certificate = signer.certificate
    share, days = validity(certificate)
    issuer = tr("Self-signed") if certificate.self_signed else common_name(certificate.issuer)
    chip = (
        CellChip(tr("Key here"), "key", Tone.OK)
        if signer.key_here
        else CellChip(tr("Key elsewhere"), "external", Tone.NEU)
    )
    end = certificate.not_after
    return Row(
        certificate.sha256,
        (
            TwoLines(
                f"CN={common_name(certificate.subject)}",
                issuer,
                icon="cert",
                icon_color="accent_text" if signer.key_here else "text2",
                chips=(chip,),
                hint=certificate.subject,
            ),
            Text(fingerprint(certificate.sha256), mono=True, hint=certificate.sha256),
            Text(certificate.algorithm),
            Bar(share, time_left(end), validity_tone(days), hint=utc_time(end)),
        ),
        kind=RowKind.TALL,
        data=signer,
        search=f"{certificate.subject} {certificate.thumbprint}",
    )


def key_row(use: KeyUse) -> Row:
    """A key of mine and what it signs for."""
    key = use.key
    if use.signs_for:
        chip = CellChip(tr("Signer"), "ok", Tone.OK)
        names = [provider.name for provider in use.signs_for]
        where = names[0] if len(names) == 1 else tr("{0} providers").format(len(names))
    else:
        chip = CellChip(tr("On no provider"), "none", Tone.NEU)
        where = tr("signs for nobody yet")
    return Row(
        key.name,
        (
            TwoLines(
                key.name,
                f"{key.certificate.algorithm} · {where}",
                icon="key",
                icon_color="accent_text" if use.signs_for else "text2",
                chips=(chip,),
                hint=key.certificate.subject,
            ),
        ),
        kind=RowKind.TALL,
        data=use,
        search=key.certificate.sha256,
    )
