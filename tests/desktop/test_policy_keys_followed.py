"""What a key changes is found on the Qt thread at once; what takes longer, by a worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal

from sealwright.claims import AttestationType, Catalogue
from sealwright.desktop.policies.writing.analyser import Analyser
from sealwright.desktop.policies.writing.analysis import MOST_FOLLOWED, Analysis, Question, analyse
from sealwright.policy.checking.linter import Analysis as Linted
from sealwright.services.documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

RESOURCES = Path(__file__).parents[2] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
SGX = AttestationType.SGX_ENCLAVE
RULE = '    [type=="x-ms-sgx-svn", value>=1] => permit();\n'
TEXT = f"version=1.1;\nauthorizationrules {{\n{RULE * 100}}};\n"


class Waiting(QObject):
    """A task that ends when the test says so."""

    succeeded = Signal(object)
    failed = Signal(object)


class Hands:
    """A text, its analyser, and a worker that is led by hand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.read: list[Analysis] = []
        self.failures: list[object] = []
        self.tasks: list[tuple[Waiting, Question]] = []
        self.parent = QObject()
        self.analyser = Analyser(self, self._question, self.parent)  # type: ignore[arg-type]  # as a runner
        self.analyser.done.connect(self.read.append)
        self.analyser.failed.connect(self.failures.append)
        self.asked = Question(0, document(b""), "", None, None)

    def start(self, call: object) -> Waiting:
        """As `TaskRunner.start`: nothing runs before `work`."""
        task = Waiting(self.parent)
        self.tasks.append((task, call.args[0]))  # type: ignore[attr-defined]  # a partial
        return task

    def _question(self, number: int) -> Question:
        return Question(number, document(TEXT.encode()), self.text, SGX, TEXT, lambda: CATALOGUE)

    def work(self) -> None:
        """The worker does what it was asked first."""
        task, question = self.tasks.pop(0)
        task.succeeded.emit(analyse(question))

    def type_at(self, words: str, new: str) -> None:
        """A change behind the first of these words."""
        at = self.text.index(words) + len(words)
        self.text = self.text[:at] + new + self.text[at:]
        self.analyser.ask()

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.read[-1].findings]


@pytest.fixture
def hands(qtbot: QtBot) -> Iterator[Hands]:  # noqa: ARG001 - Qt first
    made = Hands(TEXT)
    made.analyser.ask_now()
    made.work()
    assert made.read[-1].is_whole
    yield made
    made.parent.deleteLater()


def current(hands: Hands, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: hands.analyser.current)


def test_a_key_is_followed_without_a_worker(hands: Hands, qtbot: QtBot) -> None:
    hands.type_at('[type=="x-ms-sgx-sv', "m")
    assert not hands.analyser.current
    current(hands, qtbot)
    assert hands.tasks == []
    assert "SW301" in hands.codes
    assert not hands.read[-1].is_whole
    fresh = Linted.of(hands.text, CATALOGUE, SGX)
    assert tuple(hands.read[-1].findings) == fresh.diagnostics
    assert hands.read[-1].document.policy_text == hands.text


@pytest.mark.parametrize("turns", range(8))
def test_a_key_between_two_steps_of_the_reading_is_followed_too(
    hands: Hands, qtbot: QtBot, turns: int
) -> None:
    hands.type_at('[type=="x-ms-sgx-sv', "m")
    for _ in range(turns):
        QCoreApplication.processEvents()
    hands.type_at("permit();", ' [type=="x-ms-sgx-svq"] => permit();')
    current(hands, qtbot)
    assert hands.tasks == []
    assert hands.read[-1].text == hands.text
    fresh = Linted.of(hands.text, CATALOGUE, SGX)
    assert tuple(hands.read[-1].findings) == fresh.diagnostics


def test_the_rest_is_found_out_when_asked_for(hands: Hands, qtbot: QtBot) -> None:
    hands.type_at("permit();", " // x")
    current(hands, qtbot)
    assert not hands.analyser.settled
    hands.analyser.finish()
    hands.work()
    assert hands.analyser.settled
    assert hands.read[-1].is_whole
    assert list(hands.read[-1].changes or ()) == [2]
    assert hands.read[-1].placed is hands.read[-2].placed


def test_an_answer_about_an_older_text_is_dropped(hands: Hands, qtbot: QtBot) -> None:
    hands.analyser.ask_now()
    hands.type_at('[type=="x-ms-sgx-sv', "m")
    current(hands, qtbot)
    seen = len(hands.read)
    hands.work()
    assert len(hands.read) == seen
    hands.analyser.finish()
    hands.work()
    assert hands.read[-1].is_whole
    assert hands.read[-1].text == hands.text
    assert "SW301" in hands.codes


def test_what_is_asked_while_a_worker_reads_is_not_forgotten(hands: Hands, qtbot: QtBot) -> None:
    hands.analyser.ask_now()
    hands.type_at("permit();", " // x")
    current(hands, qtbot)
    hands.analyser.finish()
    hands.work()
    assert not hands.analyser.settled
    hands.work()
    assert hands.analyser.settled
    assert hands.read[-1].text == hands.text


def test_a_worker_that_reads_the_newest_text_first_has_read_it(hands: Hands, qtbot: QtBot) -> None:
    hands.analyser.ask_now()
    hands.analyser.ask_now()
    hands.type_at("permit();", " // x")
    hands.work()
    hands.work()
    assert hands.analyser.current
    qtbot.waitUntil(lambda: hands.analyser.settled)
    assert hands.read[-1].is_whole


@pytest.mark.parametrize("new", ["};\n", RULE * 60])
def test_a_change_that_takes_long_goes_to_a_worker(hands: Hands, qtbot: QtBot, new: str) -> None:
    hands.type_at("authorizationrules {\n", new)
    qtbot.waitUntil(lambda: bool(hands.tasks))
    assert not hands.analyser.current
    hands.work()
    assert hands.analyser.settled
    assert tuple(hands.read[-1].findings) == Linted.of(hands.text, CATALOGUE, SGX).diagnostics


def test_a_very_long_text_goes_to_a_worker(hands: Hands, qtbot: QtBot) -> None:
    hands.type_at("authorizationrules {\n", f"// {'x' * MOST_FOLLOWED}\n")
    qtbot.waitUntil(lambda: bool(hands.tasks))
    hands.work()
    hands.type_at("permit();", " ")
    qtbot.waitUntil(lambda: bool(hands.tasks))


def test_a_failure_leaves_the_next_key_alone(hands: Hands, qtbot: QtBot) -> None:
    hands.analyser.ask_now()
    task, _ = hands.tasks.pop()
    task.failed.emit(ValueError("lost"))
    assert len(hands.failures) == 1
    assert hands.analyser.settled
    hands.type_at('[type=="x-ms-sgx-sv', "m")
    current(hands, qtbot)
    assert "SW301" in hands.codes
