"""The trust model of a new provider: what each means, what it costs, and who signs first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.providers.making.signer_list import SignerList
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.widgets.fields import FormField
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import Banner
from sealwright.desktop.widgets.tabs import SegmentedControl

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services

_ISOLATED = 1
_LEAD = 108


class _Explained(QWidget):
    """Three sentences with what each is about before it."""

    def __init__(self, name: str, lines: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnMinimumWidth(0, theme.px(_LEAD))
        grid.setColumnStretch(1, 1)
        for number, (lead, sentence) in enumerate(lines):
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(Label(lead, role=Role.SMALL, color="text3"), number, 0, top)
            words = Label(sentence, role=Role.SMALL, color="text2", wrap=True)
            grid.addWidget(words, number, 1)


class TrustChoice(QWidget):
    """AAD or Isolated, explained; for Isolated the list of its first signers."""

    changed = Signal()

    def __init__(self, host: Host, services: Services) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.bar = SegmentedControl(
            self.tr("Trust model"), [self.tr("AAD: who has the role"), self.tr("Isolated: signed")]
        )
        column.addWidget(FormField(self.tr("Trust model"), self.bar))
        self._aad = _Explained(self.tr("What AAD means"), self._aad_lines())
        self._isolated = _Explained(self.tr("What Isolated means"), self._isolated_lines())
        column.addWidget(self._aad)
        column.addWidget(self._isolated)
        self.signers = SignerList(host, services)
        self._field = FormField(self.tr("First signers"), self.signers)
        column.addWidget(self._field)
        self._alone = Banner(closable=False)
        column.addWidget(self._alone)
        self.bar.currentChanged.connect(self._show)
        self.signers.changed.connect(self._show)
        self._show()

    @property
    def isolated(self) -> bool:
        """Whether policies have to be signed."""
        return bool(self.bar.currentIndex() == _ISOLATED)

    def set_problem(self, words: str) -> None:
        """What is wrong with the signers."""
        self._field.set_problem(words)

    def _aad_lines(self) -> tuple[tuple[str, str], ...]:
        return (
            (
                self.tr("What it means"),
                self.tr(
                    "Roles decide. Every account with Attestation Contributor, Contributor or"
                    " Owner here sets policies, signed or not."
                ),
            ),
            (
                self.tr("What it costs"),
                self.tr(
                    "No key has to be kept, but whoever gets such a role, by inheritance or a"
                    " stolen session, decides what is attested."
                ),
            ),
            (
                self.tr("For good"),
                self.tr(
                    "It cannot be changed later. Clone… makes an Isolated provider with the same"
                    " policies, at another address."
                ),
            ),
        )

    def _isolated_lines(self) -> tuple[tuple[str, str], ...]:
        return (
            (
                self.tr("What it means"),
                self.tr(
                    "Keys decide. Only a policy signed with the key of one of its signers is taken,"
                    " whatever roles somebody has."
                ),
            ),
            (
                self.tr("What it costs"),
                self.tr(
                    "Every change, reset and change of signers needs such a key, so the keys have"
                    " to be kept, backed up and rotated."
                ),
            ),
            (
                self.tr("For good"),
                self.tr(
                    "It cannot be changed later. When the keys of all its signers are lost, nobody,"
                    " Microsoft included, can change its policies again: it can only be deleted."
                ),
            ),
        )

    @Slot()
    def _show(self) -> None:
        isolated = self.isolated
        self._aad.setVisible(not isolated)
        self._isolated.setVisible(isolated)
        self._field.setVisible(isolated)
        self.set_problem("")
        count = len(self.signers.certificates)
        if isolated and count == 1:
            self._alone.tell(
                Tone.WARN,
                self.tr("One signer only"),
                self.tr(
                    "If its key is lost, the provider is locked for good. Add a second one, whose"
                    " key is kept in another place."
                ),
            )
        elif isolated and count and not self.signers.signing_key:
            self._alone.tell(
                Tone.INFO,
                self.tr("No key of these signers is here"),
                self.tr("Its policies can then be changed from another computer only."),
            )
        else:
            self._alone.hide()
        self.changed.emit()
