"""What can be done with the open token besides reading it: times, rules, comparisons, reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from sealwright.desktop.host import EvidenceBytes, Notice, PolicyPlace, TokenText
from sealwright.desktop.messages import message, quoted
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.chain.part_sheet import PartSheet
from sealwright.desktop.tokens.keeping import TokenKeeping
from sealwright.desktop.tokens.reporting import json_report, rules_from, write_report
from sealwright.desktop.tokens.rows import moment
from sealwright.desktop.tokens.sheets.compare import CompareSheet
from sealwright.desktop.tokens.sheets.release import ReleaseSheet, count_of, judge_release
from sealwright.desktop.tokens.sheets.rules import RulesSheet
from sealwright.desktop.tokens.sheets.small import ReportSheet, TimeSheet
from sealwright.desktop.wording import day, file_name

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.desktop.tokens.stage import TokenStage
    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.services.bundle import Services
    from sealwright.services.tokens.rules import SavedRules
    from sealwright.services.tokens.tokens import Terms
    from sealwright.tokens.chain import ChainLink, Stop
    from sealwright.tokens.release import Outcome

_LARGEST = 16 << 20


class TokenDesk(QObject):
    """Acts on what the panel shows; the panel tells it what that is."""

    def __init__(self, host: Host, stage: TokenStage) -> None:
        super().__init__(stage.pages)
        self._host = host
        self._stage = stage
        self._services: Services | None = None
        self.at: datetime | None = None
        self.rules: SavedRules | None = None
        self._collateral: Collateral | None = None
        self._release = ""
        self.keeping = TokenKeeping(host, stage)
        head, chain = stage.head, stage.chain
        head.compare.triggered.connect(self.compare)
        head.release.triggered.connect(self.check_release)
        head.rules.triggered.connect(self.choose_rules)
        head.time.triggered.connect(self.choose_time)
        head.report.triggered.connect(self.make_report)
        chain.release.clicked.connect(self.check_release)
        chain.rules.clicked.connect(self.choose_rules)
        head.copy.triggered.connect(self.copy_claims)
        head.collateral.triggered.connect(self.choose_collateral)
        chain.policy.clicked.connect(self.open_policy)

    def set_services(self, services: Services) -> None:
        """The services are open."""
        self._services = services
        self.keeping.set_services(services)

    def keep(self, token: TokenText) -> None:
        """A token was looked at."""
        self.keeping.add(token)

    # --- what a check goes by -----------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether tokens are checked as of now."""
        return self.at is None

    def terms(self) -> Terms:
        """What the next check goes by besides its keys."""
        from sealwright.services.tokens.tokens import Terms  # noqa: PLC0415 - start-up stays light

        expect = self.rules.expect if self.rules is not None else None
        return Terms(self.at, expect, self._collateral)

    def forget_time(self) -> None:
        """The next token is checked as of now."""
        self.at = None

    @Slot(str)
    def help(self, what: str) -> None:
        """Do what the chain's advice proposes."""
        if what == "time":
            self.check_at_its_time()
        elif what == "collateral":
            self.choose_collateral()

    def check_at_its_time(self) -> None:
        """As of just after the token was issued."""
        shown = self._stage.shown_token
        issued = moment(shown.found.report.claims.get("iat")) if shown is not None else None
        if issued is not None:
            self.check_at(issued + timedelta(seconds=1))

    def check_at(self, when: datetime | None) -> None:
        """Check the open token as of another time; None for now."""
        self.at = when.astimezone(UTC) if when is not None else None
        self._stage.check_again()

    @Slot()
    def choose_collateral(self) -> None:
        """Ask for the vendor's documents."""
        dialog = QFileDialog(self._stage.pages, self.tr("Open Intel's collateral"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_collateral)
        dialog.open()

    @Slot(str)
    def open_collateral(self, path: str) -> None:
        """Judge the service's own platform by the documents in a file."""
        if self._services is not None:
            task = self._host.runner.start(partial(_collateral_of, self._services, path))
            task.succeeded.connect(self._on_collateral)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_collateral(self, collateral: Collateral) -> None:
        self._collateral = collateral
        self._stage.check_again()

    # --- what is shown ------------------------------------------------------------------------

    def show_token(self, shown: Shown) -> None:
        """Another token is open, or it was checked again."""
        self._tell_policy(shown)
        self._tell_rules(shown)
        card = self._stage.chain.release
        if not self._release:
            card.tell(self.tr("Try the release policy of a key vault's key"))
        else:
            claims = shown.found.report.claims
            task = self._host.runner.start(partial(judge_release, self._release, claims))
            task.succeeded.connect(self._on_released)
            task.failed.connect(self._on_no_release)

    def _tell_rules(self, shown: Shown) -> None:
        card = self._stage.chain.rules
        if self.rules is None:
            card.tell(self.tr("None chosen: only what every token must hold is checked"))
            return
        wrong = [check for check in shown.found.report.failures if "." in check.id]
        asked = ("relying-party.", "issuer.expected", "schema.type", "key-attestation.")
        first = next((check for check in wrong if check.id.startswith(asked)), None)
        if first is not None:
            words = f"{self.rules.name} · {first.title}: {quoted(first.detail)}"
            card.tell(words, self.tr("Fails"), Tone.ERR, "err")
        else:
            card.tell(self.rules.name, self.tr("Holds"), Tone.OK, "check")

    @Slot(object)
    def _on_released(self, found: Outcome) -> None:
        held, whole = count_of(found)
        one, many = self.tr("{0} of 1 condition holds"), self.tr("{0} of {1} conditions hold")
        words = (one if whole == 1 else many).format(held, whole)
        card = self._stage.chain.release
        if found.holds:
            card.tell(words, self.tr("Holds"), Tone.OK, "check")
        else:
            card.tell(words, self.tr("Fails"), Tone.ERR, "err")

    @Slot(object)
    def _on_no_release(self, error: BaseException) -> None:
        self._stage.chain.release.tell(message(error).sentence, self.tr("Unread"), Tone.WARN)

    def _tell_policy(self, shown: Shown) -> None:
        card, found = self._stage.chain.policy, shown.found
        if not found.policy_hash:
            card.tell(self.tr("The token names no policy"))
        elif not found.matches:
            words = self.tr("No policy known here has the hash {0}").format(found.policy_hash)
            card.tell(words, self.tr("Unknown"), Tone.NEU, "none")
        else:
            match = found.matches[0]
            name = match.provider.name if match.provider else self.tr("a provider of before")
            words = self.tr("{0} on {1}, same hash, {2}").format(
                match.entry.attestation_type.value, name, day(match.entry.time)
            )
            card.tell(words, self.tr("Holds"), Tone.OK, "check")

    @Slot()
    def open_policy(self) -> None:
        """Show the policy whose hash the token names."""
        shown = self._stage.shown_token
        if shown is None:
            return
        for match in shown.found.matches:
            if match.provider is not None:
                place = PolicyPlace(match.provider.id, match.entry.attestation_type)
                self._host.panel_wanted.emit("policies")
                self._host.policy_wanted.emit(place)
                return
        words = self.tr("No provider known here has this policy")
        hint = self.tr(
            "Read the provider's policies once; what was seen is remembered by its hash."
        )
        self._host.notify(Notice(words, hint, Tone.INFO, key="policy-match"))

    @Slot(object)
    def show_part(self, part: Stop | ChainLink) -> None:
        """Details of a card or link."""
        shown = self._stage.shown_token
        if shown is not None:
            window = self._stage.pages.window()
            sheet = PartSheet(window, part, shown.evidence, shown.found.evidence)
            title = self.tr("Evidence of the signing key")
            given = EvidenceBytes(shown.found.evidence, title)
            sheet.viewer_wanted.connect(partial(self._host.evidence_wanted.emit, given))
            sheet.open_sheet()

    # --- sheets -------------------------------------------------------------------------------

    @Slot()
    def compare(self) -> None:
        """Beside another token, or beside what a policy issues."""
        stage, shown = self._stage, self._stage.shown_token
        if shown is None or self._services is None or stage.current is None:
            return
        text = stage.current.token
        others = [held for held in stage.opened if held.token != text]
        window = stage.pages.window()
        CompareSheet(self._host, window, self._services, shown, others).open_sheet()

    @Slot()
    def check_release(self) -> None:
        """Would a vault release a key?"""
        shown = self._stage.shown_token
        if shown is None or self._services is None:
            return
        claims = shown.found.report.claims
        sheet = ReleaseSheet(self._host, self._stage.pages.window(), self._services, claims)
        sheet.text.setPlainText(self._release)
        sheet.judged.connect(self._on_judged)
        sheet.open_sheet()

    @Slot(str, object)
    def _on_judged(self, text: str, found: Outcome) -> None:
        self._release = text
        self._on_released(found)

    @Slot()
    def choose_rules(self) -> None:
        """Write, save or choose rules."""
        if self._services is None:
            return
        shown = self._stage.shown_token
        begin = rules_from(shown.found) if shown is not None else ""
        current = self.rules.name if self.rules is not None else ""
        sheet = RulesSheet(self._host, self._stage.pages.window(), self._services, begin, current)
        sheet.chosen.connect(self._on_rules)
        sheet.open_sheet()

    @Slot(object)
    def _on_rules(self, rules: SavedRules | None) -> None:
        self.rules = rules
        self._stage.check_again()

    @Slot()
    def choose_time(self) -> None:
        """Ask as of when."""
        sheet = TimeSheet(self._host, self._stage.pages.window(), self.at)
        sheet.chosen.connect(self._on_time)
        sheet.open_sheet()

    @Slot(object)
    def _on_time(self, when: datetime | None) -> None:
        self.check_at(when)

    @Slot()
    def make_report(self) -> None:
        """Ask what goes into the report, and where it goes."""
        sheet = ReportSheet(self._host, self._stage.pages.window())
        sheet.file_wanted.connect(self._on_report_file)
        sheet.copy_wanted.connect(self._on_report_copy)
        sheet.open_sheet()

    @Slot(bool)
    def _on_report_file(self, redact: bool) -> None:  # noqa: FBT001 - Qt's signal
        dialog = QFileDialog(self._stage.pages, self.tr("Save the report as"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [self.tr("PDF (*.pdf)"), self.tr("Web page, made for printing too (*.html)")]
        )
        dialog.setDefaultSuffix("pdf")
        dialog.filterSelected.connect(partial(_follow_filter, dialog))
        dialog.selectFile("token-report.pdf")
        dialog.fileSelected.connect(partial(self.save_report, redact=redact))
        dialog.open()

    def save_report(self, path: str, *, redact: bool) -> None:
        """Write the report as PDF, or as one page of HTML when the name ends so."""
        stage, services = self._stage, self._services
        if stage.shown_token is None or stage.current is None or services is None:
            return
        found, title = stage.shown_token.found, stage.current.title
        call = partial(write_report, services, found, title, path, redact=redact)
        task = self._host.runner.start(call, title=self.tr("Writing the report"))
        task.succeeded.connect(self._on_saved)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_saved(self, path: object) -> None:
        self._host.notify(Notice(self.tr("The report was saved"), str(path), Tone.OK))

    @Slot(bool)
    def _on_report_copy(self, redact: bool) -> None:  # noqa: FBT001 - Qt's signal
        shown = self._stage.shown_token
        if shown is not None:
            task = self._host.runner.start(partial(json_report, shown.found, redact=redact))
            task.succeeded.connect(self._on_json)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_json(self, text: object) -> None:
        QGuiApplication.clipboard().setText(str(text))
        self._host.notify(Notice(self.tr("The report is on the clipboard"), key="clipboard"))

    @Slot()
    def copy_claims(self) -> None:
        """The claims as JSON, to the clipboard."""
        shown = self._stage.shown_token
        if shown is None:
            return
        QGuiApplication.clipboard().setText(shown.claims_json)
        self._host.notify(Notice(self.tr("The claims are on the clipboard"), key="clipboard"))

    def choose_key(self, token: TokenText) -> None:
        """Ask for the key of a sealed answer."""
        dialog = QFileDialog(self._stage.pages, self.tr("Open the key of the sealed answer"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(partial(self.unseal, token))
        dialog.open()

    def unseal(self, token: TokenText, path: str) -> None:
        """Open a sealed answer with the key in a file."""
        if self._services is not None:
            task = self._host.runner.start(partial(_unsealed, self._services, token.token, path))
            task.then(self._on_unsealed, token)
            task.failed.connect(self._host.fail)

    def _on_unsealed(self, token: TokenText, text: object) -> None:
        self._stage.open_token(TokenText(str(text), token.title))


def _follow_filter(dialog: QFileDialog, chosen: str) -> None:
    """The name's ending is that of the kind of file."""
    ending = "html" if "html" in chosen else "pdf"
    dialog.setDefaultSuffix(ending)
    name = file_name(next(iter(dialog.selectedFiles()), ""))
    dialog.selectFile(f"{name.rpartition('.')[0] or name or 'token-report'}.{ending}")


async def _unsealed(services: Services, text: str, path: str) -> str:
    key = await services.files.read(path, limit=_LARGEST)
    return await services.tokens.unseal(text, key)


async def _collateral_of(services: Services, path: str) -> Collateral:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.evidence.intel.collateral import parse_collateral  # noqa: PLC0415 - as above

    data = await services.files.read(path, limit=_LARGEST)
    return await to_thread.run_sync(parse_collateral, data)
