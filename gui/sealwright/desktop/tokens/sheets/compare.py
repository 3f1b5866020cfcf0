"""Two tokens side by side, or a token beside what a policy would issue now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.tokens.rows import hint_of, shortened, tr
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.fields import ComboBox, SearchBox
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text
from sealwright.desktop.widgets.tables.delegate import counted_group
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.desktop.host import Host, TokenText
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.services.bundle import Services
    from sealwright.tokens.comparison import ComparedClaim
    from sealwright.tokens.jose import JsonValue

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sets of claims side by side, dressed."""

    rows: list[Row]
    differ: int
    whole: int


async def beside_token(services: Services, left: str, right: str) -> Compared:
    """Compare the claims of two tokens.

    Raises:
        TokenError: one of them is none.
    """
    from sealwright.tokens.comparison import compare_claims  # noqa: PLC0415 - on the worker

    ours = await services.tokens.inspect(left)
    theirs = await services.tokens.inspect(right)
    return await _dressed(lambda: compare_claims(ours.claims, theirs.claims))


async def _dressed(compare: Callable[[], tuple[ComparedClaim, ...]]) -> Compared:
    from anyio import to_thread  # noqa: PLC0415 - on the worker

    found = await to_thread.run_sync(compare)
    rows = await to_thread.run_sync(_rows, found)
    differ = sum(claim.difference.value != "equal" for claim in found)
    return Compared(rows, differ, len(found))


async def beside_file(services: Services, token: str, path: str) -> Compared:
    """Compare a token's claims with those that a policy in a file issues for what it shows.

    Raises:
        StorageError: the file cannot be read.
        TokenError: it is no token, or the file holds no policy.
        UsageError: as `beside_policy`; or no policy is about such a token.
    """
    from sealwright.claims.attestation_type import AttestationType  # noqa: PLC0415 - on the worker
    from sealwright.errors import UsageError  # noqa: PLC0415 - as above
    from sealwright.tokens.unwrap import unwrap  # noqa: PLC0415 - as above

    data = await services.files.read(path, limit=_LARGEST)
    policy = unwrap(data.decode("utf-8", "replace")).text
    claims = (await services.tokens.inspect(token)).claims
    kind = AttestationType.parse(str(claims.get("x-ms-attestation-type", claims.get("tee", ""))))
    if kind is None:
        raise UsageError("The token does not say what kind of environment it is about.")
    return await beside_policy(services, token, policy, kind)


async def beside_policy(
    services: Services, token: str, policy: str, attestation_type: AttestationType
) -> Compared:
    """Compare a token's claims with those that a policy issues for what the token shows.

    Raises:
        TokenError: it is no token.
        UsageError: the policy does not permit these claims, or cannot be evaluated.
    """
    from sealwright.errors import UsageError  # noqa: PLC0415 - on the worker
    from sealwright.tokens.comparison import compare_claims  # noqa: PLC0415 - as above

    given = await services.dry_run.from_token(token)
    run = await services.dry_run.run(policy, attestation_type, given)
    if run.decision != "permit":
        raise UsageError(f"The policy issues no token for these claims: {run.reason}")
    ours = (await services.tokens.inspect(token)).claims
    issued: dict[str, JsonValue] = {
        member.name: json.loads(json.dumps(member.value)) for member in run.token
    }
    # What the service adds by itself depends on the request, which a policy does not know.
    own = _OWN | await services.dry_run.added_by_service(ours)
    known = {name: value for name, value in ours.items() if name in issued or name not in own}
    return await _dressed(lambda: compare_claims(known, issued))


_OWN = frozenset({"iss", "iat", "nbf", "exp", "jti", "nonce"})
_LARGEST = 16 << 20
_FILE = "file"


class CompareSheet(Sheet):
    """The open token at the left; the other one is chosen."""

    def __init__(
        self,
        host: Host,
        window: QWidget,
        services: Services,
        shown: Shown,
        others: Sequence[TokenText],
    ) -> None:
        size = QSize(theme.px(1010), theme.px(680))
        super().__init__(window, tr("Compare"), icon="compare", size=size)
        self._host = host
        self._services = services
        self._token = shown.found.text
        self._others = {f"token:{at}": held for at, held in enumerate(others)}
        self._policies = {
            f"policy:{match.entry.seq}": (match.entry.text, match.entry.attestation_type)
            for match in shown.found.matches
        }
        self._number = 0
        self.other = ComboBox(self.tr("Compare with"))
        self.search = SearchBox(self.tr("Filter differences"), placeholder=self.tr("Filter"))
        self.banner = Banner(closable=False)
        self._count = ElidingLabel(role=Role.SMALL, color="text2")
        self.table = TreeTable(self.tr("Differences"), _columns())
        self._fill_choices(shown)
        self._build()
        self.other.activated.connect(self._on_other)
        self.search.textChanged.connect(self.table.set_filter)
        if self._others or self._policies:
            # The clipboard is only read on request.
            self.other.setCurrentIndex(1)
            self._on_other(1)

    def _fill_choices(self, shown: Shown) -> None:
        self.other.addItem(self.tr("Choose what to compare with"), "")
        for key, held in self._others.items():
            self.other.addItem(held.title, key)
        words = self.tr("Outcome of the policy {0} on {1}")
        for match in shown.found.matches:
            where = match.provider.name if match.provider is not None else ""
            title = words.format(match.entry.attestation_type.value, where)
            # One policy is remembered for each time that it was set or read.
            if self.other.findText(title) < 0:
                self.other.addItem(title, f"policy:{match.entry.seq}")
        self.other.addItem(self.tr("The token on the clipboard"), "clipboard")
        self.other.addItem(self.tr("Outcome of the policy in a file…"), _FILE)

    def _build(self) -> None:
        self.table.set_placeholder(
            EmptyState(
                "compare",
                self.tr("Nothing is compared yet"),
                self.tr("Choose a token of this session, the clipboard, or a policy's outcome."),
            )
        )
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(Label(self.tr("With"), color="text2"))
        row.addWidget(self.other, 1)
        self.search.setMaximumWidth(theme.px(220))
        row.addWidget(self.search)
        row.addWidget(self._count)
        holder = QWidget()
        column = QVBoxLayout(holder)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(8))
        column.setSpacing(theme.px(8))
        column.addLayout(row)
        column.addWidget(self.banner)
        self.body.addWidget(holder)
        self.body.addWidget(self.table, 1)
        close = Button(self.tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.request_close)
        self.buttons.addWidget(close)

    @Slot(int)
    def _on_other(self, index: int) -> None:
        key = str(self.other.itemData(index) or "")
        if key == "clipboard":
            self._compare_clipboard(QGuiApplication.clipboard().text())
        elif key == _FILE:
            self._choose_file()
        elif key in self._others:
            self.compare_with(self._others[key].token)
        elif key in self._policies:
            policy = self._policies[key]
            self._run(partial(beside_policy, self._services, self._token, *policy))

    def _compare_clipboard(self, text: str) -> None:
        if text.strip():
            self.compare_with(text)
            return
        self._number += 1
        self._refuse(
            self.tr("There is no text on the clipboard"),
            self.tr("Copy a token, then choose the clipboard here once more."),
        )

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Compare with the outcome of a policy"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.compare_file)
        dialog.open()

    @Slot(str)
    def compare_file(self, path: str) -> None:
        """Compare with what the policy in a file issues."""
        self._run(partial(beside_file, self._services, self._token, path))

    def compare_with(self, text: str) -> None:
        """Compare with another token."""
        self._run(partial(beside_token, self._services, self._token, text))

    def _run(self, call: Callable[[], Awaitable[object]]) -> None:
        self._number += 1
        self.banner.hide()
        task = self._host.runner.start(call)
        task.then(self._on_compared, self._number)
        task.otherwise(self._on_failed, self._number)

    def _on_compared(self, number: int, found: Compared) -> None:
        if number != self._number:
            return
        self.table.set_rows(found.rows)
        words = self.tr("{0} differ, {1} equal")
        self._count.setText(words.format(found.differ, found.whole - found.differ))

    def _on_failed(self, number: int, error: BaseException) -> None:
        if number == self._number:
            shown = message(error)
            self._refuse(shown.title, shown.text)

    def _refuse(self, title: str, text: str) -> None:
        self.table.set_rows([])
        self._count.setText("")
        self.banner.tell(Tone.WARN, title, text)


def _columns() -> tuple[Column, ...]:
    return (
        Column("claim", tr("Claim"), "/x-ms-isolation-tee/x-ms-compliance-status"),
        Column("left", tr("This token"), '"e31c2a0b57f0…4a19"', mono=True, stretch=1),
        Column("right", tr("The other"), '"e31c2a0b57f0…4a19"', mono=True, stretch=1),
    )


def _rows(found: Sequence[ComparedClaim]) -> list[Row]:
    titles: Mapping[str, tuple[str, str]] = {
        "changed": (tr("Differ"), "drift"),
        "only left": (tr("Only in this token"), "minus"),
        "only right": (tr("Only in the other"), "plus"),
        "equal": (tr("Equal"), "check"),
    }
    rows = []
    for kind, (title, icon) in titles.items():
        claims = [claim for claim in found if claim.difference.value == kind]
        if claims:
            heading = counted_group(f"group:{kind}", title, len(claims), icon)
            heading.children = [_claim_row(claim) for claim in claims]
            rows.append(heading)
    return rows


def _claim_row(claim: ComparedClaim) -> Row:
    changed = claim.difference.value == "changed"
    color = "err.text" if changed else "text2"
    missing = claim.difference.value
    return Row(
        claim.path,
        (
            Text(shortened(claim.path[1:]), mono=True, hint=hint_of(claim.path)),
            _value(claim.left, color, missing=missing == "only right"),
            _value(claim.right, color, missing=missing == "only left"),
        ),
        kind=RowKind.CLAIM,
    )


def _value(value: JsonValue, color: str, *, missing: bool) -> Text:
    if missing:
        return Text("", color="text3")
    text = json.dumps(value, ensure_ascii=False)
    return Text(shortened(text, _SHOWN), color=color, mono=True, hint=hint_of(text))
