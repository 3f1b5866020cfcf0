"""Everything that helps while a policy is written, for one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.desktop.messages import message
from sealwright.desktop.policies.writing.completer import Completer
from sealwright.desktop.policies.writing.formatting import Formatter
from sealwright.desktop.policies.writing.hover_help import HoverHelp
from sealwright.desktop.policies.writing.names import Names
from sealwright.desktop.policies.writing.quick_fixes import QuickFixes
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.policies.writing.analyser import Analyser
    from sealwright.desktop.policies.writing.analysis import Analysis, Lint
    from sealwright.desktop.tasks import TaskRunner
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor
    from sealwright.desktop.widgets.surfaces import Banner
    from sealwright.policy.writing.completion import Completion
    from sealwright.policy.writing.hover import Card
    from sealwright.policy.writing.references import References


class Assist(QObject):
    """Quick fixes, the formatter, completion, explanations and names of a text."""

    def __init__(
        self,
        runner: TaskRunner,
        editor: CodeEditor,
        analyser: Analyser,
        banner: Banner,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._runner, self._editor, self._banner = runner, editor, banner
        self.fixes = QuickFixes(editor, lambda: analyser.current, self)
        self.formatter = Formatter(runner, editor, self)
        self.completer = Completer(editor, self._complete)
        self.hover = HoverHelp(editor, self.fixes, self._describe, self)
        self.names = Names(editor, self._references, self)
        self._lint: Lint | None = None
        self._refused = ""
        self.formatter.refused.connect(self._on_not_formatted)

    def calls(self) -> dict[str, Callable[[], object]]:
        """What keys and buttons can start, by name."""
        return {
            "explain": self.hover.open_at_cursor,
            "definition": self.names.go_to_definition,
            "uses": self.names.find_uses,
            "rename": self.names.rename,
            "fix": self.fixes.offer,
            "fix-now": self.fixes.apply_first,
            "format": self.formatter.format,
            "fold": self._editor.folds.fold_here,
            "unfold": self._editor.folds.unfold_here,
        }

    @Slot(object)
    def show_analysis(self, analysis: Analysis) -> None:
        """The text was read again."""
        if self._lint is None:
            # Or the first key and the first look would wait for it: 40 ms.
            self._runner.start(_loaded)
        self._lint = analysis.lint
        self.fixes.show_analysis(analysis)
        if self._refused and self._lint is not None and self._lint.found.policy.parses:
            # Another banner may stand there by now.
            if self._banner.title == self._refused:
                self._banner.hide()
            self._refused = ""

    def _complete(self, text: str, offset: int) -> Completion | None:
        if self._lint is None:
            return None
        from sealwright.policy.writing.completion import complete  # noqa: PLC0415 - after the first paint

        return complete(text, offset, self._lint.catalogue, self._lint.attestation_type)

    def _describe(self, text: str, offset: int) -> Card | None:
        if self._lint is None or self._lint.text != text:
            return None
        from sealwright.policy.writing.hover import describe  # noqa: PLC0415 - after the first paint

        return describe(self._lint.found.policy, text, offset, self._lint.catalogue)

    def _references(self, text: str, offset: int) -> References | None:
        if self._lint is None or self._lint.text != text:
            return None
        from sealwright.policy.writing.references import references_at  # noqa: PLC0415 - as above

        return references_at(self._lint.found.policy, text, offset)

    @Slot(object)
    def _on_not_formatted(self, error: BaseException) -> None:
        self._refused = self.tr("The text could not be formatted")
        self._banner.tell(
            Tone.WARN,
            self._refused,
            self.tr("{0} Correct what is underlined in red first.").format(message(error).sentence),
        )


async def _loaded() -> None:
    """Import, on a worker, what helps while one types."""
    from anyio import to_thread  # noqa: PLC0415 - imported by now

    await to_thread.run_sync(_load)


def _load() -> None:
    import sealwright.policy.writing.completion  # noqa: PLC0415 - after the first paint
    import sealwright.policy.writing.hover  # noqa: PLC0415 - as above
    import sealwright.policy.writing.references  # noqa: F401, PLC0415 - as above
