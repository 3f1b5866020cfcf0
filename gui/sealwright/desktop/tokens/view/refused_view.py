"""What stands in place of a token when what was brought is none: what it is, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.bundle import Services

_BEGINNING = 120
"""Characters of it that are shown, so that it is recognised."""
_WIDEST = 720


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("RefusedView", text)


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that is no token."""

    title: str
    """Where it came from."""
    kind: str
    """A value of `tokens.pasted.Pasted`, `sealed`, or `unread` for a file that was not read."""
    reason: str
    length: int = 0
    beginning: str = field(default="", repr=False)
    """How it begins; empty for what nobody should see."""


async def refused(services: Services, text: str, title: str, reason: str) -> Refused:
    """Find out what a text is that was brought as a token."""
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.tokens.pasted import Pasted, guess  # noqa: PLC0415 - as above

    sealed = await services.tokens.is_sealed(text)
    kind = "sealed" if sealed else await to_thread.run_sync(guess, text)
    secret = kind in (Pasted.PRIVATE_KEY, Pasted.BINARY)
    beginning = "" if secret else " ".join(text[: 4 * _BEGINNING].split())[:_BEGINNING]
    if sealed:
        reason = tr("It is encrypted: what is inside is a token once it is opened.")
    return Refused(title, str(kind), reason, len(text.strip()), beginning)


def _looks() -> Mapping[str, tuple[str, str]]:
    """What each kind is called, and what to do about it."""
    return {
        "nothing": (tr("Nothing but blanks"), tr("Copy the token again, whole.")),
        "sealed": (
            tr("A sealed answer of Azure guest attestation"),
            tr("Only the machine that asked can open it: give its key."),
        ),
        "private key": (
            tr("A private key"),
            tr("Take it off the clipboard. Keys are imported in Signers; nothing was kept here."),
        ),
        "certificate": (
            tr("A certificate or another PEM text"),
            tr("Open the token that it signed, or import it in Signers."),
        ),
        "policy": (
            tr("The text of a policy"),
            tr("Open it in Policies. A token is what a provider answers."),
        ),
        "key set": (
            tr("A key document (JWKS)"),
            tr("Open a token, then choose this file at `Keys of` as a key document."),
        ),
        "claims": (
            tr("Claims or a header that were already decoded"),
            tr("Without its signature nothing can be checked: bring the token as it was issued."),
        ),
        "json": (
            tr("JSON without a token in it"),
            tr("A member `token` was looked for. Copy the answer of the service, or its token."),
        ),
        "encrypted token": (
            tr("An encrypted token (JWE)"),
            tr("Five parts instead of three: whoever it is for must decrypt it first."),
        ),
        "address": (
            tr("An address"),
            tr("Nothing is fetched because a text says so. Bring what the address answers."),
        ),
        "markup": (
            tr("A web page or XML"),
            tr("A proxy or a sign-in page may have answered in place of the service."),
        ),
        "bytes": (
            tr("Bytes in hex or Base64"),
            tr("If it is evidence (a quote or a report), open it in Attest. A token has dots."),
        ),
        "binary": (
            tr("A binary file"),
            tr("Evidence is opened in Attest, a certificate in Signers. A token is text."),
        ),
        "unread": (tr("A file that was not read"), tr("Choose another file.")),
        "text": (
            tr("Text without a token in it"),
            tr("A token begins with `ey` and has three parts with dots between them."),
        ),
    }


class RefusedView(QWidget):
    """The page."""

    back_wanted = Signal()
    paste_wanted = Signal()
    open_wanted = Signal()
    key_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner(closable=False)
        self._values = {
            name: ElidingLabel() if name == "from" else Label(wrap=True)
            for name in ("is", "why", "do", "from")
        }
        self._beginning = Label(role=Role.CODE_SMALL, color="text2", wrap=True)
        self.back = Button(self.tr("Back"), icon="undo")
        self.key = Button(self.tr("Choose key…"), icon="key", kind=Kind.PRIMARY)
        self.paste = Button(self.tr("From clipboard"), icon="import")
        self.open = Button(self.tr("Open token"), icon="folder")
        self._build()
        self.back.clicked.connect(self.back_wanted)
        self.key.clicked.connect(self.key_wanted)
        self.paste.clicked.connect(self.paste_wanted)
        self.open.clicked.connect(self.open_wanted)

    def _build(self) -> None:
        pad = theme.px(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(pad, theme.px(12), pad, pad)
        column.setSpacing(theme.px(6))
        column.addWidget(self.banner)
        column.addSpacing(theme.px(8))
        for name, title in (
            ("is", self.tr("What it looks like")),
            ("why", self.tr("Why it is refused")),
            ("do", self.tr("What to do")),
            ("from", self.tr("Where it came from")),
        ):
            column.addWidget(Label(title, role=Role.SECTION, color="text3"))
            value = self._values[name]
            value.setMaximumWidth(theme.px(_WIDEST))
            column.addWidget(value)
            column.addSpacing(theme.px(6))
        self._beginning.setMaximumWidth(theme.px(_WIDEST))
        column.addWidget(self._beginning)
        column.addSpacing(theme.px(8))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for button in (self.key, self.back, self.paste, self.open):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    @property
    def kind(self) -> str:
        """What it looks like, in words."""
        return self._values["is"].text()

    @property
    def source(self) -> str:
        """Where it came from."""
        return self._values["from"].text()

    def show_refused(self, found: Refused, back: str) -> None:
        """Show why; `back` says where the way back leads."""
        name, advice = _looks()[found.kind]
        sealed = found.kind == "sealed"
        title = self.tr("Sealed for the machine that asked") if sealed else self.tr("No token")
        tone = Tone.INFO if sealed else Tone.ERR
        sentence = self.tr("Nothing was checked. What was open before is not shown here.")
        self.banner.tell(tone, title, sentence)
        count = self.tr("{0} characters").format(f"{found.length:,}")
        self._values["is"].setText(f"{name}, {count}" if found.length else name)
        self._values["why"].setText(quoted(found.reason))
        self._values["do"].setText(quoted(advice))
        self._values["from"].setText(found.title)
        self._beginning.setText(found.beginning)
        self._beginning.setVisible(bool(found.beginning))
        self.back.setText(back)
        self.back.setAccessibleName(back)
        self.key.setVisible(sealed)
