"""Would a key vault release a key for this token? A policy, its outcome, and a form to make one."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.tokens.rows import hint_of, shortened, tr
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text, TwoLines
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.tokens.jose import JsonValue
    from sealwright.tokens.release import Outcome

_PAUSE = 200
_LARGEST = 1 << 20


async def judge_release(text: str, claims: Mapping[str, JsonValue]) -> Outcome:
    """Evaluate a release policy away from the Qt thread.

    Raises:
        UsageError: the text is no release policy; says where.
    """
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.tokens.release import (  # noqa: PLC0415 - as above
        evaluate_release,
        parse_release_policy,
    )

    policy = await to_thread.run_sync(parse_release_policy, text.encode("utf-8"))
    return await to_thread.run_sync(evaluate_release, policy, claims)


def count_of(found: Outcome) -> tuple[int, int]:
    """How many comparisons hold, of how many."""
    if found.condition.kind == "claim":
        return int(found.holds), 1
    parts = [count_of(part) for part in found.parts]
    return sum(part[0] for part in parts), sum(part[1] for part in parts)


class ReleaseSheet(Sheet):
    """The policy at the left, what it says about the token at the right."""

    judged = Signal(str, object)
    """The text and its `Outcome`."""

    def __init__(
        self, host: Host, window: QWidget, services: Services, claims: Mapping[str, JsonValue]
    ) -> None:
        size = QSize(theme.px(1010), theme.px(660))
        super().__init__(window, tr("Release check"), icon="unlock", size=size)
        self.set_subtitle(self.tr("Azure Key Vault and Managed HSM secure key release"))
        self._host = host
        self._services = services
        self._claims = claims
        self._number = 0
        self.text = QPlainTextEdit()
        self.claims = TreeTable(self.tr("Claims of the token"), _claim_columns())
        self.banner = Banner(closable=False)
        self.conditions = TreeTable(self.tr("Conditions"), (Column("c", tr("Condition"), ""),))
        self._open = Button(self.tr("Open policy…"), icon="folder", small=True)
        self.make = Button(self.tr("Make from chosen claims"), icon="plus", small=True)
        self._no_policy = (
            self.tr("No release policy yet"),
            self.tr("Open one, paste one, or choose claims below to make one."),
        )
        self._nothing = EmptyState("unlock", *self._no_policy)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._build()
        self._connect()
        task = host.runner.start(partial(_listed, claims))
        task.succeeded.connect(self._on_listed)
        task.failed.connect(host.fail)

    @Slot(object)
    def _on_listed(self, rows: list[Row]) -> None:
        self.claims.set_rows(rows)

    def _build(self) -> None:
        self.text.setAccessibleName(self.tr("Release policy"))
        self.text.setFont(theme.font(Role.CODE_SMALL))
        self.text.setPlaceholderText('{"version": "1.0.0", "anyOf": [{"authority": …}]}')
        self.text.setTabChangesFocus(True)
        self.conditions.setHeaderHidden(True)
        self.conditions.set_placeholder(self._nothing)
        splitter = QSplitter()
        splitter.addWidget(self._make_left())
        splitter.addWidget(self._make_right())
        splitter.setSizes([theme.px(500), theme.px(500)])
        self.body.addWidget(splitter, 1)
        close = Button(self.tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.request_close)
        self.buttons.addWidget(close)
        self.set_footer(
            self.tr("This compares claims. Whether the token itself holds is the chain's answer.")
        )

    def _make_left(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), theme.px(8), theme.px(12))
        column.setSpacing(theme.px(8))
        column.addLayout(_row(Label(self.tr("Policy"), role=Role.SECTION), self._open))
        column.addWidget(self.text, 3)
        words = Label(self.tr("Claims of the token (mark several with Ctrl)"), role=Role.SECTION)
        column.addLayout(_row(words, self.make))
        column.addWidget(self.claims, 2)
        return left

    def _make_right(self) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(theme.px(8), theme.px(12), theme.px(16), theme.px(12))
        column.setSpacing(theme.px(8))
        column.addWidget(self.banner)
        column.addWidget(self.conditions, 1)
        return right

    def _connect(self) -> None:
        self.text.textChanged.connect(self._timer.start)
        self._timer.timeout.connect(self._judge)
        self._open.clicked.connect(self._on_open)
        self.make.clicked.connect(self._on_make)
        self.claims.selectionModel().selectionChanged.connect(self._on_selection)
        self._on_selection()

    @Slot()
    def _on_selection(self) -> None:
        chosen = self.claims.selected_rows()
        self.make.set_available("" if chosen else self.tr("Choose claims in the list first."))

    @Slot()
    def _on_make(self) -> None:
        from sealwright.tokens.release import make_release_policy  # noqa: PLC0415 - a few claims

        known = dict(_comparable("", self._claims))
        chosen = [(row.key, known[row.key]) for row in self.claims.selected_rows()]
        issuer = self._claims.get("iss")
        authority = issuer if isinstance(issuer, str) else ""
        self.text.setPlainText(make_release_policy(authority, chosen))

    @Slot()
    def _on_open(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a release policy"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_file)
        dialog.open()

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Read a policy from a file."""
        call = partial(self._services.files.read, path, limit=_LARGEST)
        task = self._host.runner.start(call)
        task.succeeded.connect(self._on_file)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_file(self, data: bytes) -> None:
        self.text.setPlainText(data.decode("utf-8", "replace"))

    @Slot()
    def _judge(self) -> None:
        text = self.text.toPlainText()
        self._number += 1
        if not text.strip():
            self._nothing.tell(*self._no_policy)
            self.conditions.set_rows([])
            self.banner.hide()
            return
        task = self._host.runner.start(partial(judge_release, text, self._claims))
        task.then(self._on_judged, self._number, text)
        task.otherwise(self._on_failed, self._number)

    def _on_judged(self, number: int, text: str, found: Outcome) -> None:
        if number != self._number:
            return
        held, whole = count_of(found)
        one, many = self.tr("{0} of 1 condition holds."), self.tr("{0} of {1} conditions hold.")
        words = (one if whole == 1 else many).format(held, whole)
        if found.holds:
            self.banner.tell(Tone.OK, self.tr("The key would be released"), words)
        else:
            self.banner.tell(Tone.ERR, self.tr("The key would not be released"), words)
        self.conditions.set_rows([_outcome_row(found)])
        self.judged.emit(text, found)

    def _on_failed(self, number: int, error: BaseException) -> None:
        if number == self._number:
            shown = message(error)
            self._nothing.tell(self.tr("Nothing is compared"), self.tr("Correct the policy first."))
            self.conditions.set_rows([])
            self.banner.tell(Tone.WARN, shown.title, shown.text)


def _row(label: Label, button: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(label)
    row.addStretch(1)
    row.addWidget(button)
    return row


def _claim_columns() -> tuple[Column, ...]:
    return (
        Column("claim", tr("Claim"), "x-ms-isolation-tee.x-ms-compliance"),
        Column("value", tr("Value"), "azure-compliant-cvm", mono=True, stretch=1),
    )


async def _listed(claims: Mapping[str, JsonValue]) -> list[Row]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(_claim_rows, claims)


def _claim_rows(claims: Mapping[str, JsonValue]) -> list[Row]:
    return [
        Row(path, (Text(shortened(path), mono=True), _value(value)), RowKind.CLAIM)
        for path, value in _comparable("", claims)
    ]


def _value(value: JsonValue) -> Text:
    text = json.dumps(value, ensure_ascii=False)
    return Text(shortened(text), mono=True, hint=hint_of(text))


def _comparable(base: str, claims: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Claims that a release policy can compare, nested ones by their dotted path."""
    for name, value in claims.items():
        path = f"{base}.{name}" if base else name
        if isinstance(value, dict):
            yield from _comparable(path, value)
        elif isinstance(value, str | int | bool):
            yield path, value


def _outcome_row(found: Outcome) -> Row:
    condition = found.condition
    icon, color = ("ok", "ok.mark") if found.holds else ("err", "err.mark")
    titles = {"anyOf": tr("Any of"), "allOf": tr("All of")}
    title = condition.claim or titles[condition.kind]
    if condition.authority:
        title = tr("{0}, from {1}").format(title, condition.authority)
    row = Row(
        condition.path or "/",
        (TwoLines(title, found.reason, icon=icon, icon_color=color, hint=found.reason),),
        kind=RowKind.TALL,
    )
    row.children = [_outcome_row(part) for part in found.parts]
    return row
