"""The card that explains what stands in the text, under the pointer or at the cursor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import plain_sentence, severity_tone
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.editor.positions import Positions
from sealwright.desktop.widgets.labels import Hairline, KeyCaps, Label
from sealwright.desktop.widgets.surfaces import TONE_ICONS, HoverCard, Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.policies.writing.quick_fixes import QuickFixes
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor
    from sealwright.policy import Diagnostic, Fix
    from sealwright.policy.writing.hover import Card

_LINGER_MS = 300
_MOST_FINDINGS = 3


class _ExplainCard(HoverCard):
    """One explanation with the findings of its place; Esc puts it away."""

    def __init__(self, window: QWidget, back: Callable[[], object]) -> None:
        super().__init__(window)
        self.setAccessibleName(self.tr("Explanation"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._back = back

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._back()
        else:
            super().keyPressEvent(event)

    def explain(self, card: Card) -> None:
        """Name, what it is, and what it means."""
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(Label(card.title, role=Role.CODE))
        row.addWidget(Label(card.detail, role=Role.SMALL, color="text3"))
        row.addStretch(1)
        text = card.text
        if card.replacement:
            row.addWidget(Chip(self.tr("Deprecated"), Tone.WARN, "warn"))
            if card.replacement not in text:
                text = self.tr("{0} The newer name is {1}.").format(text, card.replacement)
        self.body.addLayout(row)
        self.body.addWidget(Label(text, wrap=True))

    def tell(self, finding: Diagnostic) -> None:
        """What is wrong, and what to do about it."""
        tone = severity_tone(finding)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        icon = Picture(TONE_ICONS[tone], f"{tone.value}.mark", size=16)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        parts = (plain_sentence(finding.message) + ".", finding.help)
        row.addWidget(Label(" ".join(part for part in parts if part), wrap=True), 1)
        self.body.addLayout(row)

    def offer(self, fixes: list[Fix], apply: Callable[[Fix], object]) -> Button | None:
        """Links that make the change; the first one is given back."""
        first: Button | None = None
        for place, fix in enumerate(fixes):
            row = QHBoxLayout()
            row.setSpacing(theme.px(8))
            row.addWidget(Picture("bulb", "warn.mark", size=14))
            link = Button(plain_sentence(fix.title), kind=Kind.LINK)
            link.clicked.connect(partial(apply, fix))
            row.addWidget(link)
            row.addStretch(1)
            if not place:
                first = link
                row.addWidget(KeyCaps("Ctrl+."))
            self.body.addLayout(row)
        return first

    def divide(self) -> None:
        """A line between what is explained and what was found."""
        if self.body.count():
            self.body.addWidget(Hairline())

    @virtual_value(QSize(420, 80))
    def sizeHint(self) -> QSize:
        return self.body.sizeHint()


class HoverHelp(QObject):
    """Opens the card when the pointer rests in the text, or by key; then it can be entered."""

    def __init__(
        self,
        editor: CodeEditor,
        fixes: QuickFixes,
        describe: Callable[[str, int], Card | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._fixes = fixes
        self._describe = describe
        self._card: _ExplainCard | None = None
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(_LINGER_MS)
        self._leaving.timeout.connect(self.close)
        editor.viewport().installEventFilter(self)
        editor.viewport().setMouseTracking(True)
        editor.edited.connect(self.close)
        editor.place_changed.connect(self.close)
        editor.verticalScrollBar().valueChanged.connect(self.close)

    @property
    def card(self) -> HoverCard | None:
        """The card, when it is open."""
        card = self._card
        return card if card is not None and card.isVisible() else None

    @Slot()
    def open_at_cursor(self) -> None:
        """Explain the word at the cursor and go into the card."""
        cursor = QTextCursor(self._editor.textCursor())
        cursor.setPosition(cursor.selectionStart())
        self._open(cursor, enter=True)

    @Slot()
    def close(self) -> None:
        """Put the card away; the keyboard goes back to the text."""
        self._leaving.stop()
        card, self._card = self._card, None
        if card is None:
            return
        focused = QApplication.focusWidget()
        inside = focused is card or (focused is not None and card.isAncestorOf(focused))
        card.hide()
        card.deleteLater()
        if inside:
            self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, cursor: QTextCursor, *, enter: bool) -> None:
        text = self._editor.text()
        offset = Positions(text).to_points(cursor.position())
        card = self._describe(text, offset)
        findings = self._fixes.findings_at(offset)[:_MOST_FINDINGS]
        self.close()
        if card is None and not findings:
            return
        shown = self._card = _ExplainCard(self._editor.window(), self.close)
        shown.installEventFilter(self)
        if card is not None:
            shown.explain(card)
        if findings:
            shown.divide()
        for finding in findings:
            shown.tell(finding)
        editable = not self._editor.isReadOnly()
        fixes = [each.fix for each in findings if each.fix is not None and editable]
        first = shown.offer(fixes, self._on_fix)
        shown.body.activate()
        shown.open_at(self._anchor(cursor))
        if enter:
            (first or shown).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _anchor(self, cursor: QTextCursor) -> QRect:
        place = self._editor.cursorRect(cursor)
        corner = self._editor.viewport().mapTo(self._editor.window(), place.topLeft())
        return QRect(corner, place.size())

    def _on_fix(self, fix: Fix, _checked: object = None) -> None:
        self.close()
        self._fixes.apply(fix)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._card:
            if kind == QEvent.Type.Enter:
                self._leaving.stop()
            elif kind == QEvent.Type.Leave:
                self._leaving.start()
        elif isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip:
            self._open(self._editor.cursorForPosition(event.pos()), enter=False)
            return True
        elif kind == QEvent.Type.MouseMove and self._card is not None:
            self._leaving.start()
        return False
