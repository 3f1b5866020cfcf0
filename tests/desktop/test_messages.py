"""Every error a person can meet has words, and no word of ours leaks the program's insides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QDesktopServices

from sealwright import errors
from sealwright.azure.failures import activation_page
from sealwright.desktop.messages import message, quoted, title_of

if TYPE_CHECKING:
    import pytest
    from PySide6.QtCore import QUrl

    from sealwright.desktop.host import Host, Notice


def children(kind: type[errors.AppError]) -> list[type[errors.AppError]]:
    found = [kind]
    for child in kind.__subclasses__():
        found += children(child)
    return found


def test_every_application_error_has_a_title_of_its_own() -> None:
    kinds = [kind for kind in children(errors.AppError) if kind.__module__ == errors.__name__]
    titles = [title_of(kind) for kind in kinds]
    assert len(kinds) >= 12
    assert len(set(titles)) == len(titles)


def test_every_application_error_becomes_sentence_hint_and_details() -> None:
    for kind in children(errors.AppError):
        shown = message(kind("the key `k1` is gone", hint="import it again"))
        assert shown.sentence == "The key `k1` is gone."
        assert shown.hint == "Import it again."
        assert kind.__name__ not in shown.title + shown.text


def test_the_request_id_stands_under_details_only() -> None:
    error = errors.RefusedError(
        "no role", status=401, service_code="Unauthorized", request_id="r-1"
    )
    shown = message(error)
    assert ("Request ID", "r-1") in shown.details
    assert "Service code: Unauthorized" in shown.details_text
    assert "r-1" not in shown.text
    assert "Contributor" in shown.hint


def test_a_bug_is_not_blamed_on_the_user_and_shows_no_insides() -> None:
    shown = message(KeyError("secret-name"))
    assert "KeyError" not in shown.title + shown.text + shown.details_text
    assert "secret-name" not in shown.title + shown.text + shown.details_text


def test_a_label_quotes_what_stands_in_backticks() -> None:
    assert (
        quoted("The key `k1` signs for `p`.") == "The key \u201ck1\u201d signs for \u201cp\u201d."
    )
    assert quoted("one ` alone") == "one ` alone"


def test_a_role_that_may_sleep_comes_with_the_page_where_it_is_activated(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    notices: list[Notice] = []
    host.noticed.connect(notices.append)

    def opens(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", opens)
    page = activation_page("one.weu.attest.azure.net")
    host.fail(errors.RoleError("You may not set the policy.", status=401, activation=page))
    (notice,) = notices
    assert notice.title == "Activate your role, or ask for one"
    assert notice.action is not None
    assert notice.action.text == "Activate a role…"
    notice.action.run()
    assert opened == [page]
