"""The evidence viewer: verdict, structure beside bytes, checks, claims, and what vouches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.evidence import tables
from sealwright.desktop.evidence.compare_view import CompareView
from sealwright.desktop.evidence.log_view import LogView
from sealwright.desktop.evidence.structure_view import StructureView
from sealwright.desktop.evidence.verdict import is_behind, verdict_of
from sealwright.desktop.evidence.words import tr
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.widgets.labels import Hairline, Label
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.widgets.tabs import CountTabs
from sealwright.services.attestation.check_hints import TCB_CHECK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.desktop.evidence.shown import ShownEvidence
    from sealwright.desktop.widgets.tables.cells import Column

STRUCTURE, CHECKS, CLAIMS, CERTIFICATES, TCB, LOG, COMPARE = range(7)


class EvidenceViewer(QWidget):
    """Shows one examination; bringing evidence is its owner's business."""

    add_wanted = Signal()
    """Certificates, collateral or another file of the same evidence shall be added."""

    time_wanted = Signal()
    """It shall be judged as of another time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ShownEvidence | None = None
        self._aged = False
        self._due: set[int] = set()
        self._fillers: dict[int, Callable[[ShownEvidence], None]] = {
            STRUCTURE: self._fill_structure,
            CHECKS: self._fill_checks,
            CLAIMS: self._fill_claims,
            CERTIFICATES: self._fill_certificates,
            TCB: self._fill_tcb,
            LOG: self._fill_log,
        }
        self.verdict = Banner(closable=False)
        self.verdict.acted.connect(self._on_acted)
        self.structure = StructureView()
        self.checks = _table(tr("Checks"), tables.check_columns(), "shield", tr("No checks"))
        self.claims = _table(
            tr("Claims of the evidence"),
            tables.claim_columns(),
            "rows",
            tr("No claim comes from this by itself"),
        )
        self.certificates = _table(
            tr("Certificates"),
            tables.certificate_columns(),
            "cert",
            tr("No certificates came with it"),
            tr("Add the vendor's certificates to have its signature judged."),
        )
        self.tcb = _table(
            tr("TCB levels"),
            tables.tcb_columns(),
            "chip",
            tr("The TCB was not judged"),
            tr("Add the vendor's collateral; it holds for a month, so choose the time as well."),
        )
        self.tcb_words = Label(role=Role.SMALL, color="text2", wrap=True)
        self.log = LogView()
        self.compare = CompareView()
        self.tabs = CountTabs(tr("Parts of the evidence"))
        self.pages = QStackedWidget()
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab)

    def _lay_out(self) -> None:
        pad = theme.px(16)
        for title, page in (
            (tr("Structure"), self.structure),
            (tr("Checks"), self.checks),
            (tr("Claims"), self.claims),
            (tr("Certificates"), self.certificates),
            (tr("TCB"), self._tcb_page()),
            (tr("Event log"), self.log),
            (tr("Compare"), self.compare),
        ):
            self.tabs.add(title)
            self.pages.addWidget(page)
        upper = QVBoxLayout()
        upper.setContentsMargins(pad, theme.px(12), pad, theme.px(4))
        upper.addWidget(self.verdict)
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(4), 0, pad, 0)
        row.addWidget(self.tabs)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper)
        column.addLayout(row)
        column.addWidget(Hairline())
        column.addWidget(self.pages, 1)

    def _tcb_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        holder = QVBoxLayout()
        holder.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        holder.addWidget(self.tcb_words)
        column.addLayout(holder)
        column.addWidget(self.tcb, 1)
        return page

    # --- content ------------------------------------------------------------------------------

    @property
    def shown(self) -> ShownEvidence | None:
        """What is shown."""
        return self._shown

    def show_evidence(self, shown: ShownEvidence) -> None:
        """Show another examination; the chosen tab stays where it says something."""
        self._shown = shown
        found = shown.examination
        verdict = verdict_of(found)
        failed = found.failed()
        # Collateral holds for a month: what failed may only be old.
        self._aged = bool(failed) and failed[0].id.endswith(".validity")
        action = tr("At a time\u2026") if self._aged else ""
        action = tr("Add files\u2026") if found.valid is None else action
        self.verdict.tell(
            verdict.tone, verdict.title, verdict.sentence, action=action, icon=verdict.icon
        )
        self._due = set(range(COMPARE))
        self.compare.forget()
        self._count(shown)
        self._fill(self.tabs.currentIndex())

    @Slot()
    def _on_acted(self) -> None:
        (self.time_wanted if self._aged else self.add_wanted).emit()

    @Slot(int)
    def _on_tab(self, tab: int) -> None:
        self.pages.setCurrentIndex(tab)
        self._fill(tab)

    def _fill(self, tab: int) -> None:
        """Fill a page when it is first looked at: all of them together would hold the window."""
        shown = self._shown
        if shown is None or tab not in self._due:
            return
        self._due.discard(tab)
        self._fillers[tab](shown)

    def _fill_structure(self, shown: ShownEvidence) -> None:
        refusal = shown.examination.refusal
        self.structure.show_structure(shown.structure, shown.examination.parts)
        if refusal is not None and refusal.offset is not None:
            self.structure.bytes.hex.mark(refusal.offset, refusal.offset + 1)
            self.structure.bytes.name_marked(tr("Here the reading stopped"))

    def _fill_checks(self, shown: ShownEvidence) -> None:
        self.checks.set_rows(shown.checks)
        self._fold_checks()

    def _fill_claims(self, shown: ShownEvidence) -> None:
        self.claims.set_rows(shown.claims)

    def _fill_certificates(self, shown: ShownEvidence) -> None:
        self.certificates.set_rows(shown.certificates)

    def _fill_log(self, shown: ShownEvidence) -> None:
        self.log.show_log(shown.log)

    def _fill_tcb(self, shown: ShownEvidence) -> None:
        self.tcb.set_rows(shown.tcb)
        self.tcb_words.setText(tr("This platform: {0}").format(shown.tcb_sentence))
        self.tcb_words.setVisible(bool(shown.tcb_sentence))

    def _count(self, shown: ShownEvidence) -> None:
        failed = len(shown.examination.failed())
        checks = len(shown.examination.checks)
        self.tabs.set_count(CHECKS, failed or checks, Tone.ERR if failed else Tone.NEU)
        self.tabs.set_count(CLAIMS, len(shown.claims))
        self.tabs.set_count(CERTIFICATES, len(shown.certificates))
        self.tabs.set_count(TCB, len(shown.tcb))
        differing = shown.log.differing
        tone = Tone.ERR if differing else Tone.NEU
        self.tabs.setTabVisible(LOG, bool(shown.log.events or shown.log.registers))
        self.tabs.set_count(LOG, differing or len(shown.log.events), tone)
        self.tabs.updateGeometry()

    def _fold_checks(self) -> None:
        """Open what does not hold, or else what is to be looked at; the reason is chosen."""
        failed = self._shown.examination.failed() if self._shown is not None else ()
        telling = "fail" if failed else "warn"
        for index in self.checks.rows.groups():
            row = self.checks.rows.row_at(index)
            status = getattr(getattr(row.data if row else None, "status", None), "value", "")
            self.checks.setExpanded(index, status == telling)
        if failed:
            self.checks.select_key(failed[0].id)
        elif self._shown is not None and is_behind(self._shown.examination):
            self.checks.select_key(TCB_CHECK)

    @Slot(int)
    def show_tab(self, tab: int) -> None:
        """Show one of the parts."""
        self.tabs.setCurrentIndex(tab)

    @property
    def first_stop(self) -> QWidget:
        """Where the focus begins: at the fields, or at the byte where the reading stopped."""
        refused = self._shown is not None and self._shown.examination.refusal is not None
        return self.structure.bytes.hex if refused else self.structure.table

    def panes(self) -> tuple[QWidget, ...]:
        """Where F6 stops."""
        return (self.tabs, self.structure.table, self.structure.bytes.hex, self.checks)


def _table(
    name: str,
    columns: Sequence[Column],
    icon: str,
    empty: str,
    sentence: str = "",
) -> TreeTable:
    table = TreeTable(name, columns)
    table.setUniformRowHeights(True)
    table.set_placeholder(EmptyState(icon, empty, sentence))
    return table
