"""What can be done with the open token besides reading it: times, rules, comparisons, reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from sealwright.desktop.host import Notice, PolicyPlace
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.part_sheet import PartSheet
from sealwright.desktop.tokens.rows import moment
from sealwright.desktop.wording import day, utc_time

if TYPE_CHECKING:
    from sealwright.desktop.host import Host, TokenText
    from sealwright.desktop.tokens.panel import TokensPanel
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.evidence.collateral import Collateral
    from sealwright.services.bundle import Services
    from sealwright.services.token_rules import SavedRules
    from sealwright.services.tokens import Terms
    from sealwright.tokens.chain import ChainLink, Stop

_LARGEST = 16 << 20


class TokenDesk(QObject):
    """Acts on what the panel shows; the panel tells it what that is."""

    def __init__(self, host: Host, panel: TokensPanel) -> None:
        super().__init__(panel)
        self._host = host
        self._panel = panel
        self._services: Services | None = None
        self.at: datetime | None = None
        self.rules: SavedRules | None = None
        self._collateral: Collateral | None = None
        head, chain = panel.head, panel.chain
        head.copy.triggered.connect(self.copy_claims)
        head.collateral.triggered.connect(self.choose_collateral)
        head.close_token.triggered.connect(self._on_close)
        chain.policy.clicked.connect(self.open_policy)

    def set_services(self, services: Services) -> None:
        """The services are open."""
        self._services = services

    # --- what a check goes by -----------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether tokens are checked as of now."""
        return self.at is None

    def terms(self) -> Terms:
        """What the next check goes by besides its keys."""
        from sealwright.services.tokens import Terms  # noqa: PLC0415 - start-up stays light

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
        shown = self._panel.shown_token
        issued = moment(shown.found.report.claims.get("iat")) if shown is not None else None
        if issued is not None:
            self.check_at(issued + timedelta(seconds=1))

    def check_at(self, when: datetime | None) -> None:
        """Check the open token as of another time; None for now."""
        self.at = when.astimezone(UTC) if when is not None else None
        self._panel.check_again()

    @Slot()
    def choose_collateral(self) -> None:
        """Ask for the vendor's documents."""
        dialog = QFileDialog(self._panel, self.tr("Open Intel's collateral"))
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
        self._panel.check_again()

    # --- what is shown ------------------------------------------------------------------------

    def show_token(self, shown: Shown) -> None:
        """Another token is open, or it was checked again."""
        self._tell_policy(shown)

    def _tell_policy(self, shown: Shown) -> None:
        card, found = self._panel.chain.policy, shown.found
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
        shown = self._panel.shown_token
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
        shown = self._panel.shown_token
        if shown is not None:
            window = self._panel.window()
            sheet = PartSheet(window, part, shown.evidence, shown.found.evidence)
            sheet.open_sheet()

    @Slot()
    def copy_claims(self) -> None:
        """The claims as JSON, to the clipboard."""
        shown = self._panel.shown_token
        if shown is None:
            return
        QGuiApplication.clipboard().setText(shown.claims_json)
        self._host.notify(Notice(self.tr("The claims are on the clipboard"), key="clipboard"))

    def offer_key(self, token: TokenText, error: BaseException) -> None:
        """A text that is no token: say so."""
        del token
        self._host.fail(error, key="token")

    @Slot()
    def _on_close(self) -> None:
        self._panel.close_token()

    def time_words(self) -> str:
        """As of when tokens are checked, for people."""
        return self.tr("now") if self.at is None else utc_time(self.at)


async def _collateral_of(services: Services, path: str) -> Collateral:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.evidence.collateral import parse_collateral  # noqa: PLC0415 - as above

    data = await services.files.read(path, limit=_LARGEST)
    return await to_thread.run_sync(parse_collateral, data)
