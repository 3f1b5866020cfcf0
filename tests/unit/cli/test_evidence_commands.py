"""`evidence inspect|verify|synthesize`: what is made is understood, held, and refused elsewhere."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from sealwright.evidence.examination import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine, Ran

AT = "2026-11-28T00:00:00Z"


def make(sw: CommandLine, folder: Path, kind: str, *more: str) -> tuple[dict[str, Any], list[str]]:
    path = folder / "made.bin"
    ran = sw(
        *("evidence", "synthesize", "--kind", kind, "--output", str(path), "--at", AT),
        *(*more, "--format", "json"),
    )
    assert ran.code == 0, ran.err
    told: dict[str, Any] = dict(ran.json)
    words = told["verify"].split()
    assert words[0] == "sealwright"
    return told, words[1:]


@pytest.mark.parametrize("kind", Kind)
def test_what_is_made_holds_as_the_hint_says(sw: CommandLine, tmp_path: Path, kind: Kind) -> None:
    told, verify = make(sw, tmp_path, kind.value)
    assert told["kind"] == kind.value
    ran = sw(*verify, "--at", AT, "--format", "json")
    found: dict[str, Any] = dict(ran.json)
    assert (ran.code, found["valid"], found["root"]) == (0, True, "sandbox")
    assert list(found) == ["kind", "facts", "claims", "checks", "valid", "tcbStatus", "root"]
    assert set(found["checks"][0]) == {"id", "title", "status", "detail", "expected", "actual"}


def test_fields_are_set(sw: CommandLine, tmp_path: Path) -> None:
    values = ("--set", "debug=true", "--set", "isvsvn=7", "--set", "tcb_status=OutOfDate")
    _, verify = make(sw, tmp_path, "sgx-quote", *values)
    found: dict[str, Any] = dict(sw(*verify, "--at", AT, "--format", "json").json)
    claims = {one["type"]: one["value"] for one in found["claims"]}
    assert (claims["x-ms-sgx-is-debuggable"], claims["x-ms-sgx-svn"]) == (True, 7)
    assert (found["valid"], found["tcbStatus"]) == (True, "OutOfDate")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--kind", "sgx", "--output", "F"), "is no kind of evidence"),
        (("--kind", "sgx-quote"), "where the evidence goes"),
        (("--kind", "sgx-quote", "--output", "F", "--set", "debug"), "sets nothing"),
        (("--kind", "sgx-quote", "--output", "F", "--set", "colour=blue"), "cannot be set"),
    ],
)
def test_wrong_usage(
    sw: CommandLine, tmp_path: Path, arguments: tuple[str, ...], word: str
) -> None:
    named = [str(tmp_path / "f") if one == "F" else one for one in arguments]
    ran = sw("evidence", "synthesize", *named, "--format", "json")
    assert ran.code == 2
    assert word in str(ran.error["message"])
    assert not (tmp_path / "f").exists()


def test_what_can_be_set_is_listed(sw: CommandLine) -> None:
    ran = sw("evidence", "synthesize", "--kind", "snp-report", "--list", "--format", "json")
    items: Any = ran.json["items"]
    assert {"name": "product", "type": "choice"}.items() <= items[1].items()
    assert items[1]["choices"] == ["Milan", "Genoa", "Turin"]


def checked(ran: Ran, name: str) -> dict[str, str]:
    checks: Any = ran.json["checks"]
    found: dict[str, str] = next(one for one in checks if one["id"] == name)
    return found


def test_without_certificates_nothing_is_decided(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "snp-report")
    ran = sw("evidence", "verify", told["evidence"], "--at", AT, "--format", "json")
    assert (ran.code, ran.json["valid"], ran.json["root"]) == (1, None, None)
    assert "give the chip's certificate" in checked(ran, "signature")["detail"]


def test_a_date_alone_is_its_first_moment(sw: CommandLine, tmp_path: Path) -> None:
    _, verify = make(sw, tmp_path, "sgx-quote")
    day, moment = (dict(sw(*verify, "--at", at, "--format", "json").json) for at in (AT[:10], AT))
    assert day == moment
    ran = sw(*verify, "--at", "2026-02-30", "--format", "json")
    assert (ran.code, ran.error["message"]) == (2, "`2026-02-30` is no time.")


def test_other_runtime_data_is_refused(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "sgx-quote", "--set", "runtime_data=held")
    other = tmp_path / "other.txt"
    other.write_bytes(b"other")
    given = ("--runtime-data", str(other), "--at", AT, "--format", "json")
    ran = sw("evidence", "verify", told["evidence"], *given)
    assert (ran.code, ran.json["valid"]) == (1, False)
    assert checked(ran, "report-data")["status"] == "fail"


def test_malformed_evidence_names_the_byte(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "sgx-quote")
    cut = tmp_path / "cut.bin"
    cut.write_bytes((tmp_path / "made.bin").read_bytes()[:1000])
    ran = sw("evidence", "verify", str(cut), "--format", "json")
    assert (ran.code, ran.json["valid"], told["kind"]) == (1, False, "sgx-quote")
    assert checked(ran, "structure")["actual"] == "byte 436"
    assert sw("evidence", "inspect", str(cut)).code == 1


def test_what_is_no_evidence_is_exit_2(sw: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("hello", "ascii")
    ran = sw("evidence", "inspect", str(path), "--format", "json")
    assert ran.code == 2
    assert "known kind" in str(ran.error["message"])


@pytest.mark.parametrize(
    ("content", "words"), [(b" \n", "is empty"), (b"eyJhbGciOiJub25lIn0.e30.", "is a token")]
)
def test_what_people_take_for_evidence_is_named(
    sw: CommandLine, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "given"
    path.write_bytes(content)
    ran = sw("evidence", "verify", str(path), "--format", "json")
    assert ran.code == 2
    assert words in str(ran.error["message"])


def test_evidence_comes_out_of_hex_base64_and_requests(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "sgx-quote")
    quote = (tmp_path / "made.bin").read_bytes()
    coded = base64.b64encode(quote)
    held = {"data": base64.urlsafe_b64encode(b"other data").decode(), "dataType": "Binary"}
    request = json.dumps({"quote": coded.decode(), "runtimeData": held}).encode()
    given = tmp_path / "given.txt"
    shown = []
    for content in (quote, coded, quote.hex().encode(), request):
        given.write_bytes(content)
        ran = sw("evidence", "verify", str(given), "--at", AT, "--format", "json")
        shown.append((ran.json["kind"], ran.json["valid"]))
    # The request brings data that the quote was not made with.
    assert shown == [(told["kind"], True)] * 3 + [(told["kind"], False)]
    assert checked(ran, "report-data")["status"] == "fail"


def test_several_files_are_a_list(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "sgx-quote")
    other = tmp_path / "other.bin"
    other.write_bytes((tmp_path / "made.bin").read_bytes())
    ran = sw("evidence", "inspect", told["evidence"], str(other), "--format", "json")
    items = json.loads(ran.text)["items"]
    assert [one["kind"] for one in items] == ["sgx-quote", "sgx-quote"]


def test_the_words_say_what_is_wrong(sw: CommandLine, tmp_path: Path) -> None:
    _, verify = make(sw, tmp_path, "sgx-quote", "--set", "tcb_status=Revoked")
    ran = sw(*verify, "--at", AT)
    assert ran.code == 1
    first, why, *_ = ran.text.splitlines()
    assert first.endswith("not valid, vouched for by sandbox, platform Revoked")
    assert why.endswith("The platform is revoked.")
    assert "The platform is revoked." in ran.text
    assert "x-ms-sgx-mrenclave" in sw("evidence", "inspect", str(tmp_path / "made.bin")).text


def test_names_of_files_come_from_a_list(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "sgx-quote")
    listed = tmp_path / "names.txt"
    listed.write_text(f"{told['evidence']}\n{told['evidence']}\n", "utf-8")
    ran = sw("evidence", "inspect", "--files-from", str(listed), "--format", "json")
    assert len(json.loads(ran.text)["items"]) == 2
    assert sw("evidence", "inspect").code == 2


def test_a_folder_is_judged_file_by_file(sw: CommandLine, tmp_path: Path) -> None:
    told, _ = make(sw, tmp_path, "sgx-quote")
    folder = tmp_path / "machines"
    folder.mkdir()
    quote = (tmp_path / "made.bin").read_bytes()
    (folder / "a.bin").write_bytes(quote)
    (folder / "b.bin").write_bytes(quote[:1000])
    (folder / "c.txt").write_text("hello", "ascii")
    ran = sw("evidence", "verify", str(folder), "--at", AT, "--format", "json")
    items: Any = ran.json["items"]
    assert ran.code == 1
    assert [item["file"] for item in items] == [
        str(folder / name) for name in ("a.bin", "b.bin")
    ] + [str(folder / "c.txt")]
    assert [item.get("valid") for item in items] == [True, False, None]
    assert "known kind" in items[2]["error"]["message"]
    text = sw("evidence", "verify", str(folder), "--at", AT).text
    rows = text.splitlines()
    assert [row.split()[1] for row in rows[1:3]] == [told["kind"]] * 2
    assert "not valid" in rows[2]
    assert "ends inside `signature_data`" in rows[2]
    assert "unreadable" in rows[3]
    assert rows[-1] == "1 of 3 valid"


def test_a_folder_of_what_holds_is_exit_0(sw: CommandLine, tmp_path: Path) -> None:
    make(sw, tmp_path, "sgx-quote")
    folder = tmp_path / "machines"
    folder.mkdir()
    (folder / "a.bin").write_bytes((tmp_path / "made.bin").read_bytes())
    assert sw("evidence", "verify", str(folder), "--at", AT).code == 0
    assert "1 of 1 readable" in sw("evidence", "inspect", str(folder)).text


def test_a_folder_without_files_or_a_name_too_many_is_wrong_usage(
    sw: CommandLine, tmp_path: Path
) -> None:
    make(sw, tmp_path, "sgx-quote")
    (tmp_path / "empty").mkdir()
    ran = sw("evidence", "verify", str(tmp_path / "empty"), "--format", "json")
    assert (ran.code, "holds no files" in str(ran.error["message"])) == (2, True)
    made, missing = str(tmp_path / "made.bin"), str(tmp_path / "none.bin")
    ran = sw("evidence", "verify", made, missing, "--format", "json")
    assert (ran.code, "There is no file" in str(ran.error["message"])) == (2, True)


def test_the_roots_are_listed_with_their_state(sw: CommandLine) -> None:
    words = sw("--home", "H", "evidence", "anchors")
    assert words.code == 0
    assert "No root is pinned" in words.text
    assert "A file `H/trust-anchors.json` renews or adds roots." in words.text
    found: Any = sw("evidence", "anchors", "--format", "json").json
    states = {(one["use"], one.get("id")): one["state"] for one in found["items"]}
    assert states["sgx-root", "intel-sgx-root"] == "trusted"
    assert states["vtpm-root", None] == "missing"
