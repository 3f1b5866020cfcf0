"""Evidence of the user's own making: every field of a kind can be set, the sandbox signs it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.words import tr
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.fields import CheckBox, ComboBox, FormField, LineEdit, SearchBox
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.desktop.host import Host
    from sealwright.evidence.synthetic.settings import Setting
    from sealwright.services.bundle import Services

_TRUE, _FALSE = "true", "false"


def kind_words() -> tuple[tuple[str, str], ...]:
    """Kinds that can be made, what is attested most first."""
    return (
        ("sgx-quote", tr("SGX quote")),
        ("oe-report", tr("Open Enclave report")),
        ("oe-evidence", tr("Open Enclave evidence with custom claims")),
        ("snp-aci", tr("SEV-SNP request with certificates and endorsement")),
        ("snp-report", tr("SEV-SNP report")),
        ("tdx-quote", tr("TDX quote")),
        ("azure-guest", tr("Azure guest request")),
        ("vbs-report", tr("VBS enclave report")),
        ("tpm-quote", tr("TPM quote")),
        ("tpm-eventlog", tr("TPM event log")),
        ("hcl-report", tr("HCL report of a confidential VM")),
        ("vtpm-evidence", tr("Virtual TPM evidence")),
    )


class SettingField(QWidget):
    """One setting; empty or as by default means that it is not set."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        name = setting.name.replace("_", " ")
        self._check: CheckBox | None = None
        self._choice: ComboBox | None = None
        self._line: LineEdit | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.box: FormField | None = None
        kind = setting.type.value
        if kind == "boolean":
            self._check = CheckBox(_sentence(setting.meaning), name=name)
            self._check.setChecked(setting.default == _TRUE)
            column.addWidget(self._check)
            return
        if kind == "choice":
            self._choice = ComboBox(name)
            self._choice.addItems(list(setting.choices))
            field: QWidget = self._choice
        else:
            self._line = LineEdit(name, placeholder=_placeholder(setting), mono=kind == "hex")
            field = self._line
        self.box = FormField(name, field, hint=_sentence(setting.meaning))
        column.addWidget(self.box)

    @property
    def words(self) -> str:
        """What the filter looks through."""
        return f"{self.setting.name} {self.setting.name.replace('_', ' ')} {self.setting.meaning}"

    @property
    def value(self) -> str:
        """What was set; empty when it is as by default."""
        if self._check is not None:
            text = _TRUE if self._check.isChecked() else _FALSE
        elif self._choice is not None:
            text = self._choice.currentText()
        else:
            text = self._line.text().strip() if self._line is not None else ""
        return "" if text == self.setting.default else text

    def set_value(self, value: str) -> None:
        """Set something."""
        if self._check is not None:
            self._check.setChecked(value == _TRUE)
        elif self._choice is not None:
            self._choice.setCurrentText(value)
        elif self._line is not None:
            self._line.setText(value)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _placeholder(setting: Setting) -> str:
    if setting.default:
        return setting.default
    return (
        tr("{0} bytes of hex, zeros or a sandbox value").format(setting.size)
        if (setting.type.value == "hex" and setting.size)
        else tr("not set")
    )


class SyntheticSheet(FormSheet):
    """Choose a kind, set what matters, make it. `done` gives the `Evidence`."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        title = tr("Make synthetic evidence")
        super().__init__(host, window, title, tr("Make"), icon="chip", size=(640, 700))
        self._services = services
        self._settings: Mapping[str, tuple[Setting, ...]] = {}
        self._kept: dict[str, str] = {}
        self.fields: list[SettingField] = []
        words = tr(
            "The structures and signatures are real; the roots are the sandbox's own. No service "
            "but a sandbox accepts it."
        )
        self.column.addWidget(Label(words, role=Role.SMALL, color="text2", wrap=True))
        self.kind = ComboBox(tr("Kind of evidence"))
        for key, name in kind_words():
            self.kind.addItem(theme.icon("chip"), name, key)
        self.add_field(tr("Kind of evidence"), self.kind)
        self.filter = SearchBox(
            tr("Filter settings"), placeholder=tr("Filter settings, for example debug")
        )
        self.column.addWidget(self.filter)
        self._holder = QWidget()
        self._holder.setProperty("k", "clear")
        self._list = QVBoxLayout(self._holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(12))
        self.column.addWidget(self._holder)
        self.column.addStretch(1)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.filter.textChanged.connect(self._on_filter)
        task = host.runner.start(services.evidence.settings)
        task.succeeded.connect(self._on_settings)
        task.failed.connect(host.fail)

    @Slot(object)
    def _on_settings(self, settings: Mapping[str, tuple[Setting, ...]]) -> None:
        self._settings = settings
        self._show_kind()

    def choose(self, kind: str, values: Mapping[str, str]) -> None:
        """Begin with a kind and some values."""
        self._forget_fields()
        self._kept |= values
        self.kind.setCurrentIndex(max(self.kind.findData(kind), 0))
        self._show_kind()

    def _forget_fields(self) -> None:
        for field in self.fields:
            self._kept[field.setting.name] = field.value
            self._list.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.fields = []

    @Slot()
    def _show_kind(self) -> None:
        """Other settings; what was set before stays where the name is the same."""
        self._forget_fields()
        chosen = str(self.kind.currentData())
        self.fields = [SettingField(setting) for setting in self._settings.get(chosen, ())]
        for field in self.fields:
            kept = self._kept.get(field.setting.name, "")
            if kept:
                field.set_value(kept)
            self._list.addWidget(field)
        self._on_filter(self.filter.text())

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        wanted = text.lower().split()
        for field in self.fields:
            found = all(word in field.words.lower() for word in wanted)
            field.setVisible(found or bool(field.value))

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Make it."""
        from sealwright.evidence.examination import Kind  # noqa: PLC0415 - after the first paint

        if not self.fields:
            return None
        values = {field.setting.name: field.value for field in self.fields if field.value}
        kind = Kind(str(self.kind.currentData()))
        return partial(self._services.evidence.make, kind, values)
