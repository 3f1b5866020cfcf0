"""`sealwright attest`: what is sent, what comes back, and how every way to fail ends."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from helpers.key_files import certificate, pem, rsa_key
from sealwright.errors import RefusedError, RejectedError, UnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine

POLICY = "version=1.0;authorizationrules{=>permit();};issuancerules{};"


@pytest.fixture
def quote(tmp_path: Path) -> str:
    path = tmp_path / "quote.bin"
    path.write_bytes(b"\x03\x00" + bytes(700))
    return str(path)


def test_a_token_and_its_exchange(sw: CommandLine, quote: str) -> None:
    ran = sw("attest", "open", "--type", "sgx", "--evidence", quote, "--format", "json")
    assert ran.code == 0
    told: Any = ran.json
    assert list(told) == ["token", "secured", "claims", "exchange"]
    assert told["secured"] is True
    assert told["claims"]["x-ms-ver"] == "1.0"
    assert told["exchange"]["status"] == 200
    assert told["exchange"]["request_body"]["quote"].startswith("AwAA")
    assert "Bearer" not in ran.text


def test_steps_are_told_beside_the_token(sw: CommandLine, quote: str) -> None:
    ran = sw("attest", "open", "--type", "sgx", "--evidence", quote)
    assert ran.text.count(".") == 2
    assert "Request: done" in ran.err
    assert "Token: done" in ran.err


def test_data_nonce_and_draft_are_sent(sw: CommandLine, quote: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"a":1}', "utf-8")
    (tmp_path / "init.bin").write_bytes(b"\x01")
    (tmp_path / "p.policy").write_text(POLICY, "utf-8")
    ran = sw(
        *("attest", "open", "--type", "SgxEnclave", "--evidence", quote, "--nonce", "7"),
        *("--runtime-data", str(tmp_path / "run.json")),
        *("--init-data", str(tmp_path / "init.bin"), "--init-type", "binary"),
        *("--draft-policy", str(tmp_path / "p.policy"), "--format", "json"),
    )
    assert ran.code == 0
    told: Any = ran.json
    body = told["exchange"]["request_body"]
    assert body["runtimeData"] == {"data": "eyJhIjoxfQ", "dataType": "JSON"}
    assert body["initTimeData"] == {"data": "AQ", "dataType": "Binary"}
    assert body["nonce"] == "7"
    assert body["draftPolicyForAttestation"].startswith("eyJ")
    assert ran.json["secured"] is False
    assert "proves nothing" in ran.err


def test_a_saved_exchange_is_replayed(sw: CommandLine, quote: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    first = sw("attest", "open", "--type", "sgx", "--evidence", quote, "--save-exchange", str(kept))
    assert first.code == 0
    assert json.loads(kept.read_bytes())["method"] == "POST"
    again = sw("attest", "isolated", "--replay", str(kept), "--format", "json")
    assert again.code == 0
    told: Any = again.json
    assert told["exchange"]["request_body"] == json.loads(kept.read_bytes())["request_body"]


def test_a_refusal_is_exit_3_with_the_exchange(sw: CommandLine, quote: str) -> None:
    refused = RejectedError(
        "The service refused.", status=400, service_code="InvalidParameter", request_id="r"
    )
    sw.world.open.faults.fail_before("attest", refused, refused)
    ran = sw("attest", "open", "--type", "sgx", "--evidence", quote, "--format", "json")
    assert ran.code == 3
    told: Any = ran.json
    assert told["error"]["details"]["serviceCode"] == "InvalidParameter"
    assert (told["token"], told["secured"], told["claims"]) == ("", False, {})
    assert told["exchange"]["status"] == 400
    words = sw("attest", "open", "--type", "sgx", "--evidence", quote)
    assert words.code == 3
    assert "The service refused." in words.err
    assert words.text == ""


def test_a_refusal_names_the_check_of_the_evidence(sw: CommandLine, quote: str) -> None:
    refused = RejectedError("The service refused.", status=400, service_code="InvalidParameter")
    sw.world.open.faults.fail_before("attest", refused, refused)
    told: Any = sw("attest", "open", "--type", "sgx", "--evidence", quote, "--format", "json").json
    assert told["reason"]["about"] == "evidence"
    assert told["reason"]["check"]
    words = sw("attest", "open", "--type", "sgx", "--evidence", quote).err
    assert f"{told['reason']['title']}." in words


def test_who_may_not_attest_is_not_sent_to_the_evidence(sw: CommandLine, quote: str) -> None:
    refused = RefusedError("No role.", status=403, service_code="Forbidden")
    sw.world.open.faults.fail_before("attest", refused)
    told: Any = sw("attest", "open", "--type", "sgx", "--evidence", quote, "--format", "json").json
    assert (told["reason"]["about"], told["reason"]["check"]) == ("request", "")


def test_a_refusal_names_the_rule_and_the_value(sw: CommandLine, tmp_path: Path) -> None:
    evidence = str(tmp_path / "q.bin")
    assert sw("evidence", "synthesize", "--kind", "sgx-quote", "--output", evidence).code == 0
    policy = tmp_path / "p.policy"
    policy.write_text(
        'version=1.0;\nauthorizationrules{\n[type=="x-ms-sgx-svn", value>=9] => permit();\n};\n'
        "issuancerules{};\n",
        "utf-8",
    )
    assert sw("policy", "set", "open", str(policy), "--type", "sgx").code == 0
    refused = RejectedError("A claim is missing.", status=400, service_code="PolicyEvaluationError")
    sw.world.open.faults.fail_before("attest", refused)
    ran = sw("attest", "open", "--type", "sgx", "--evidence", evidence)
    assert ran.code == 3
    assert "Not permitted by the policy, line 3." in ran.err
    assert "needs x-ms-sgx-svn >= 9, and it is 1" in ran.err


def test_no_answer_is_exit_3(sw: CommandLine, quote: str) -> None:
    sw.world.open.faults.fail_before("attest", UnreachableError("No answer came."))
    ran = sw("attest", "open", "--type", "sgx", "--evidence", quote, "--format", "json")
    assert ran.code == 3
    assert ran.error["code"] == "Unreachable"


def test_a_token_that_does_not_verify_is_exit_1(sw: CommandLine, quote: str) -> None:
    sw.world.open.faults.signed_by = "stranger"
    ran = sw("attest", "open", "--type", "sgx", "--evidence", quote)
    assert ran.code == 1
    assert "Token: FAILED" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "PROVIDER"),
        (("open",), "--type"),
        (("open", "--type", "sgx"), "--evidence"),
        (("open", "--type", "quantum", "--evidence", "{quote}"), "`quantum`"),
        (("open", "--type", "aihsm", "--evidence", "{quote}"), "no operation"),
        (("open", "--type", "snp", "--evidence", "{quote}"), "needs its certificates"),
        (("open", "--type", "azurevm", "--evidence", "{quote}"), "not JSON"),
        (("open", "--type", "tpm", "--evidence", "{quote}", "--nonce", "1"), "no runtime data"),
        (("nobody", "--type", "sgx", "--evidence", "{quote}"), "no provider `nobody`"),
        (("open", "--replay", "{quote}"), "no saved exchange"),
        (("open", "--replay", "{quote}", "--type", "sgx"), "its own evidence"),
    ],
)
def test_wrong_usage_is_exit_2(
    sw: CommandLine, quote: str, arguments: tuple[str, ...], words: str
) -> None:
    ran = sw("attest", *(part.format(quote=quote) for part in arguments))
    assert (ran.code, ran.text) == (2, "")
    assert words in ran.err


def test_evidence_may_be_text_and_snp_may_be_in_parts(
    sw: CommandLine, quote: str, tmp_path: Path
) -> None:
    with open(quote, "rb") as file:  # noqa: PTH123 - a text path
        data = file.read()
    (tmp_path / "quote.hex").write_text(data.hex(), "ascii")
    (tmp_path / "vcek.pem").write_bytes(pem(certificate(rsa_key())))
    hexed = sw(
        *("attest", "open", "--type", "sgx", "--evidence", str(tmp_path / "quote.hex")),
        *("--format", "json"),
    )
    parts = sw(
        *("attest", "open", "--type", "snp", "--evidence", quote),
        *("--certs", str(tmp_path / "vcek.pem"), "--format", "json"),
    )
    told: Any = hexed.json
    assert told["exchange"]["request_body"]["quote"].startswith("AwAA")
    assert parts.code == 0


def test_the_pretended_tpm_answers_for_an_event_log(sw: CommandLine, tmp_path: Path) -> None:
    log = str(tmp_path / "log.bin")
    assert sw("evidence", "synthesize", "--kind", "tpm-eventlog", "--output", log).code == 0
    ran = sw("attest", "open", "--type", "tpm", "--evidence", log, "--format", "json")
    told: Any = ran.json
    data = told["exchange"]["request_body"]["data"]
    asked = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    # Not the log itself: the TPM asks for the challenge first.
    assert json.loads(asked) == {"payload": {"type": "aikcert"}}


def test_a_vbs_enclave_is_attested_with_the_log_of_its_tpm(sw: CommandLine, tmp_path: Path) -> None:
    report = str(tmp_path / "vbs")
    assert sw("evidence", "synthesize", "--kind", "vbs-report", "--output", report).code == 0
    words = ("attest", "open", "--type", "tpm", "--evidence", report, "--format", "json")
    told: Any = sw(*words, "--event-log", f"{report}.eventlog.bin").json
    data = told["exchange"]["request_body"]["data"]
    assert json.loads(base64.urlsafe_b64decode(data)) == {"payload": {"type": "aikcert"}}
    bare = sw(*words)
    assert bare.code == 2
    assert "--event-log" in str(bare.error["hint"])


def test_a_tpm_quote_by_itself_answers_no_challenge(sw: CommandLine, tmp_path: Path) -> None:
    quote = str(tmp_path / "quote.json")
    assert sw("evidence", "synthesize", "--kind", "tpm-quote", "--output", quote).code == 0
    ran = sw("attest", "open", "--type", "tpm", "--evidence", quote, "--format", "json")
    assert ran.code == 2
    assert "asks the TPM for a new one" in str(ran.error["message"])
