"""What the left half of the panel shows: the start, a token, many tokens, or what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.tokens.batch.view import BatchView
from sealwright.desktop.tokens.view.refused_view import RefusedView
from sealwright.desktop.tokens.view.token_view import TokenView
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.drop_zone import DropZone
from sealwright.desktop.widgets.surfaces import EmptyState

if TYPE_CHECKING:
    from sealwright.desktop.host import Host


class TokenPages(QStackedWidget):
    """Start page and token."""

    sample_wanted = Signal()
    paste_wanted = Signal()
    batch_wanted = Signal()

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = TokenView()
        self.batch = BatchView(host)
        self.refused = RefusedView()
        self.drop = DropZone(
            self.tr("Drop a token here"),
            self.tr("Compact JWS, a file with one, or paste with Ctrl+V"),
        )
        self.addWidget(self._make_start())
        self.addWidget(self.view)
        self.addWidget(self.batch)
        self.addWidget(self.refused)

    def _make_start(self) -> QWidget:
        empty = EmptyState(
            "tokens",
            self.tr("No token is open"),
            self.tr(
                "Look at an answer of a provider, or bring a token of your own: it stays on this "
                "computer."
            ),
            action=self.tr("Show an answer of a provider"),
            action_icon="tokens",
        )
        empty.acted.connect(self.sample_wanted)
        start = QWidget()
        column = QVBoxLayout(start)
        pad = theme.px(16)
        column.setContentsMargins(pad, pad, pad, pad)
        column.addWidget(empty, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        for text, icon, signal in (
            (self.tr("From clipboard"), "import", self.paste_wanted),
            (self.tr("Many tokens…"), "rows", self.batch_wanted),
        ):
            button = Button(text, icon=icon)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(theme.px(12))
        column.addWidget(self.drop)
        return start

    def show_token(self) -> None:
        """A token is open."""
        self.setCurrentWidget(self.view)

    def show_batch(self) -> None:
        """Many tokens are looked at."""
        self.setCurrentWidget(self.batch)

    def show_refused(self) -> None:
        """What was brought is no token."""
        self.setCurrentWidget(self.refused)

    def show_start(self) -> None:
        """None is."""
        self.setCurrentIndex(0)
