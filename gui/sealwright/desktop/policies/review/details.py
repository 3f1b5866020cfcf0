"""Words and facts around a review: titles, verbs, and the raw facts of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.review.parts import Frame, Section
from sealwright.desktop.policies.words import local_time, tr
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.labels import Label

if TYPE_CHECKING:
    from sealwright.services.policies.review import Review


class Details(Section):
    """The raw facts of a failure, to read and to copy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Details"), "", parent)
        frame = Frame()
        row = QHBoxLayout(frame)
        pad = theme.px(10)
        row.setContentsMargins(pad, pad, pad, pad)
        self._text = Label("", role=Role.CODE_SMALL, wrap=True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        copy = ToolButton("copy", tr("Copy the details"), size=24)
        copy.clicked.connect(self._on_copy)
        row.addWidget(self._text, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(frame)

    def tell(self, text: str) -> None:
        """Show raw facts, one a line."""
        self._text.setText(text)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.text())


def review_title(review: Review) -> str:
    """What is about to happen, and where."""
    name = review.provider.name
    if review.reset:
        return tr("Reset the policy of {0}").format(name)
    if review.origin == "rolled-back":
        return tr("Roll back {0}").format(name)
    return tr("Upload to {0}").format(name)


def review_subtitle(review: Review) -> str:
    """Type and trust model, and what the trust model demands."""
    need = {
        "required": tr("so it must be signed"),
        "optional": tr("so a signature is optional"),
        "impossible": tr("so nobody can change it"),
    }[review.need.value]
    model = f"{review.provider.trust_model.value}, {need}"
    return f"{review.attestation_type.value} · {model}"


def review_verb(review: Review) -> str:
    """The word on the button that does it."""
    if review.reset:
        return tr("Reset")
    if review.origin == "rolled-back":
        return tr("Roll back")
    return tr("Upload again") if review.unchanged else tr("Upload")


def confirmed_words() -> str:
    """When it was confirmed."""
    from datetime import UTC, datetime  # noqa: PLC0415 - after the first paint

    return tr("at {0}").format(local_time(datetime.now(UTC)))
