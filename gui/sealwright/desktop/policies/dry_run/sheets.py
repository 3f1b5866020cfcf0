"""Sheets that give the dry run its claims: form, JSON, token; and keep them as a case."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from sealwright.claims.claim import SERVICE_ISSUER, Claim
from sealwright.desktop import theme
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.fields import ComboBox, FormField, LineEdit
from sealwright.desktop.widgets.forms import FormSheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import ClaimEntry
    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services

_LIMIT = 1 << 63
_BOOLEANS = {"true": True, "false": False}


class ClaimsFormSheet(FormSheet):
    """One field a claim; an empty one stands for a claim that is not there."""

    def __init__(
        self, host: Host, window: QWidget, entries: Sequence[ClaimEntry], claims: Sequence[Claim]
    ) -> None:
        super().__init__(host, window, tr("Claims"), tr("Use claims"), icon="rows", size=(620, 640))
        self.add_words(tr("A claim left empty is not there."))
        self._fields: list[tuple[ClaimEntry, QWidget, FormField]] = []
        names = {entry.name for entry in entries}
        first: dict[str, Claim] = {}
        self._others: list[Claim] = []
        for claim in claims:
            if claim.type in names and claim.type not in first:
                first[claim.type] = claim
            else:
                self._others.append(claim)
        for entry in entries:
            field = _field(entry, first.get(entry.name))
            self._fields.append((entry, field, self.add_field(entry.name, field)))
            field.setToolTip(entry.description)
        if self._others:
            words = tr("{0} more claims, which the form does not show, stay as they are.")
            self.add_words(words.format(len(self._others)), "text3")
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """The claims, when every field holds a value of its type."""
        claims: list[Claim] = []
        good = True
        for entry, field, box in self._fields:
            text = _text(field)
            problem = _problem(entry, text)
            box.set_problem(problem)
            good = good and not problem
            if text and not problem:
                value = _value(entry, text)
                claims.append(Claim(entry.name, value, SERVICE_ISSUER, entry.read_only))
        if not good:
            return None
        return partial(_given, (*claims, *self._others))


async def _given(claims: tuple[Claim, ...]) -> object:
    return claims


def _field(entry: ClaimEntry, claim: Claim | None) -> QWidget:
    if entry.value_class is bool:
        box = ComboBox(entry.name)
        for word in (tr("not there"), "true", "false"):
            box.addItem(word)
        if claim is not None:
            box.setCurrentIndex(1 if claim.value else 2)
        return box
    line = LineEdit(entry.name, mono=True)
    if claim is not None:
        line.setText(str(claim.value))
        line.setCursorPosition(0)
    return line


def _text(field: QWidget) -> str:
    if isinstance(field, ComboBox):
        return field.currentText() if field.currentIndex() else ""
    return field.text() if isinstance(field, LineEdit) else ""


def _problem(entry: ClaimEntry, text: str) -> str:
    if entry.value_class is not int or not text:
        return ""
    try:
        number = int(text)
    except ValueError:
        return tr("A whole number is needed here.")
    return "" if -_LIMIT <= number < _LIMIT else tr("This does not fit into 64 bits.")


def _value(entry: ClaimEntry, text: str) -> str | int | bool:
    if entry.value_class is bool:
        return _BOOLEANS[text]
    return int(text) if entry.value_class is int else text


class ClaimsTextSheet(FormSheet):
    """Claims as JSON, or a token that holds some. `done` gives what `read` makes of the text."""

    def __init__(
        self,
        host: Host,
        window: QWidget,
        read: Callable[[str], Awaitable[object]],
        *,
        title: str,
        words: str,
        text: str = "",
    ) -> None:
        super().__init__(host, window, title, tr("Use claims"), icon="braces", size=(620, 560))
        self._read = read
        self.add_words(words)
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(title)
        self.text.setFont(theme.font(Role.CODE_SMALL))
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(theme.px(280))
        self.column.addWidget(self.text, 1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Read the text."""
        return partial(self._read, self.text.toPlainText())


class SaveCaseSheet(FormSheet):
    """Keeps the claims of a dry run under a name, with the decision that is expected."""

    def __init__(
        self,
        host: Host,
        window: QWidget,
        services: Services,
        claims: tuple[Claim, ...],
        kind: AttestationType | None,
        *,
        decision: str,
    ) -> None:
        super().__init__(
            host, window, tr("Save as test case"), tr("Save case"), icon="flag", size=(520, 360)
        )
        self._services, self._claims, self._kind = services, claims, kind
        self.name = LineEdit(tr("Name"))
        self._name_field = self.add_field(tr("Name"), self.name)
        self.decision = ComboBox(tr("Expected decision"))
        for value, word in (
            ("permit", tr("Permitted")),
            ("deny", tr("Not permitted")),
            ("error", tr("Fails")),
        ):
            self.decision.addItem(word, value)
        self.decision.setCurrentIndex(max(0, self.decision.findData(decision)))
        self.add_field(
            tr("Expected decision"),
            self.decision,
            tr("Tests compare with it; a review shows when it would change."),
        )
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Keep the case."""
        name = self.name.text().strip()
        self._name_field.set_problem("" if name else tr("A case needs a name."))
        if not name:
            return None
        decision = str(self.decision.currentData())
        return partial(self._services.cases.keep, name, self._claims, decision, self._kind)
