"""Every error a person can meet has words, and no word of ours leaks the program's insides."""

from __future__ import annotations

from sealwright import errors
from sealwright.desktop.messages import message, quoted, title_of


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
