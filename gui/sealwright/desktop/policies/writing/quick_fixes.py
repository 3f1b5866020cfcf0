"""Quick fixes of the findings at the cursor: by one key, a menu, and a bulb beside the line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu, QToolTip

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.policies.words import plain_sentence
from sealwright.desktop.widgets.editor.edits import apply_edits
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.policies.writing.analysis import Analysis
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor
    from sealwright.policy import Diagnostic, Fix


_GRAVEST_FIRST = ("error", "warning", "info", "hint")


def _gravity(finding: Diagnostic) -> int:
    return _GRAVEST_FIRST.index(finding.severity)


def _label(text: str) -> str:
    # An ampersand would underline what follows it.
    return quoted(plain_sentence(text)).replace("&", "&&")


class QuickFixes(QObject):
    """Knows the fixes at the cursor. `opened` follows when its menu stands open."""

    opened = Signal()

    def __init__(self, editor: CodeEditor, settled: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._settled = settled
        self._analysis: Analysis | None = None
        self._wanted: Callable[[], object] | None = None
        self.menu = QMenu(editor)
        editor.place_changed.connect(self._show_bulb)
        editor.gutter.bulb_pressed.connect(self.open_menu)
        # What was said stands over the text, and nobody moves the mouse while typing.
        editor.edited.connect(QToolTip.hideText)

    def show_analysis(self, analysis: Analysis) -> None:
        """The text was read anew."""
        self._analysis = analysis
        self._show_bulb()
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            wanted()

    @Slot()
    def offer(self) -> None:
        """Make the change that is offered here when it is the only one; else ask which."""
        if not self._settled():
            self._wanted = self.offer
            return
        fixes = [each.fix for each in self.here() if each.fix is not None]
        if len(fixes) == 1:
            self.apply(fixes[0])
        else:
            self.open_menu()

    @Slot()
    def open_menu(self) -> None:
        """Offer what can be done about the findings here, once the newest text has been read."""
        if not self._settled():
            self._wanted = self.open_menu
            return
        self.menu.clear()
        self.menu.setToolTipsVisible(True)
        for finding in self.here():
            if finding.fix is not None:
                entry = self.menu.addAction(
                    theme.icon("bulb", "warn.mark"), _label(finding.fix.title)
                )
                entry.setToolTip(_label(finding.message))
                entry.triggered.connect(partial(self._on_chosen, finding.fix))
        corner = self._editor.viewport().mapToGlobal(self._editor.cursorRect().bottomLeft())
        if self.menu.isEmpty():
            # A menu would take the keys that are typed next.
            QToolTip.showText(corner, self._instead(), self._editor)
            return
        self.menu.setActiveAction(self.menu.actions()[0])
        self.menu.popup(corner)
        self.opened.emit()

    def _instead(self) -> str:
        """What to do where nothing can be done by itself."""
        advice = next((each.help for each in self._on_line() if each.help), "")
        if advice:
            return self.tr("No quick fix here. {0}").format(quoted(advice))
        return self.tr("No quick fix on this line. F8 goes to the next problem.")

    @Slot()
    def apply_first(self) -> None:
        """Make the first change that is offered here; the menu says so where there is none."""
        if not self._settled():
            self._wanted = self.apply_first
            return
        fix = next((each.fix for each in self.here()), None)
        if fix is not None:
            self.apply(fix)
        else:
            self.open_menu()

    def here(self) -> list[Diagnostic]:
        """Findings with a fix that the cursor stands in, else those of its line."""
        if self._editor.isReadOnly():
            return []
        on_line = [each for each in self._on_line() if each.fix is not None]
        at = self._point() if on_line else 0
        touched = [each for each in on_line if each.span.start <= at <= each.span.end]
        # What keeps the policy from being accepted comes before what is merely untidy.
        return sorted(touched or on_line, key=_gravity)

    def _on_line(self) -> list[Diagnostic]:
        """Findings that begin on the line of the cursor."""
        if self._analysis is None:
            return []
        line = self._editor.textCursor().block()
        return list(
            self._analysis.placed.beginning(line.position(), line.position() + line.length() - 1)
        )

    def findings_at(self, offset: int) -> list[Diagnostic]:
        """What was found at a place of the text that was read; nothing of an older text."""
        known = self._analysis
        if known is None or known.text != self._editor.text():
            return []
        return list(known.placed.all.touching(offset, offset))

    def apply(self, fix: Fix) -> None:
        """Make the change as one step; nothing when the text is no longer the one that was read."""
        known = self._analysis
        if known is not None and known.text == self._editor.text():
            apply_edits(self._editor, self._editor.text(), fix.edits)

    def _point(self) -> int:
        return Positions(self._editor.text()).to_points(self._editor.textCursor().selectionStart())

    @Slot()
    def _show_bulb(self) -> None:
        if self._settled():
            line = self._editor.textCursor().blockNumber() if self.here() else None
            self._editor.gutter.show_bulb(line)

    def _on_chosen(self, fix: Fix, _checked: object = None) -> None:
        self.apply(fix)
