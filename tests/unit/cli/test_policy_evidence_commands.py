"""`policy eval --evidence` and `evidence:` in policy tests: the claims come out of a quote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine

AT = "2026-11-28T00:00:00Z"
POLICY = """version=1.0;
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-svn", value>=7, issuer=="AttestationService"] => permit();
};
issuancerules { c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value); };
"""
CASES = """policy: p.policy
attestationType: SgxEnclave
cases:
  - name: the quote passes
    evidence: quotes/good.bin
    expect: {decision: permit, issued: {level: 7}}
  - name: a quote of a debug build does not
    evidence: quotes/debug.bin
    expect: {decision: deny}
"""


def quote(sw: CommandLine, path: Path, *values: str) -> str:
    path.parent.mkdir(exist_ok=True)
    settings = [word for value in ("isvsvn=7", *values) for word in ("--set", value)]
    made = ("evidence", "synthesize", "--kind", "sgx-quote", "--output", str(path), "--at", AT)
    ran = sw(*made, *settings)
    assert ran.code == 0, ran.err
    return str(path)


def test_eval_decides_on_the_claims_of_evidence(sw: CommandLine, tmp_path: Path) -> None:
    policy = tmp_path / "p.policy"
    policy.write_text(POLICY, "utf-8")
    evidence = quote(sw, tmp_path / "good.bin")
    line = ("policy", "eval", str(policy), "--type", "sgx", "--at", AT, "--format", "json")
    ran = sw(*line, "--evidence", evidence, "--collateral", f"{tmp_path}/good.collateral.json")
    assert (ran.code, ran.json["decision"], ran.err) == (0, "permit", "")
    incoming: Any = ran.json["incoming"]
    assert {claim["type"]: claim["value"] for claim in incoming}["x-ms-sgx-svn"] == 7
    assert {claim["issuer"] for claim in incoming} == {"AttestationService", "AttestationPolicy"}
    assert sw(*line, "--evidence", quote(sw, tmp_path / "d.bin", "debug=true")).code == 1


def test_eval_says_when_a_provider_would_not_come_to_the_policy(
    sw: CommandLine, tmp_path: Path
) -> None:
    policy, other = tmp_path / "p.policy", tmp_path / "other"
    policy.write_text(POLICY, "utf-8")
    other.write_bytes(b"other")
    evidence = quote(sw, tmp_path / "good.bin", "runtime_data=held")
    ran = sw(
        *("policy", "eval", str(policy), "--evidence", evidence),
        *("--runtime-data", str(other), "--at", AT),
    )
    assert ran.code == 0
    assert "does not hold (" in ran.err


def test_eval_takes_claims_or_evidence(sw: CommandLine, tmp_path: Path) -> None:
    policy = tmp_path / "p.policy"
    policy.write_text(POLICY, "utf-8")
    assert sw("policy", "eval", str(policy)).code == 2
    cut = tmp_path / "cut.bin"
    cut.write_bytes((tmp_path / quote(sw, tmp_path / "good.bin")).read_bytes()[:1000])
    ran = sw("policy", "eval", str(policy), "--evidence", str(cut), "--format", "json")
    assert (ran.code, ran.error["code"]) == (2, "EvidenceError")
    both = ("--claims", str(policy), "--evidence", str(cut))
    assert sw("policy", "eval", str(policy), *both).code == 2


def test_a_case_names_its_evidence(sw: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "p.policy").write_text(POLICY, "utf-8")
    (tmp_path / "p.policytest.yaml").write_text(CASES, "utf-8")
    quote(sw, tmp_path / "quotes" / "good.bin")
    quote(sw, tmp_path / "quotes" / "debug.bin", "debug=true")
    ran = sw("policy", "test", str(tmp_path), "--format", "json")
    assert ran.code == 0, ran.text
    files: Any = ran.json["files"]
    assert [(case["decision"], case["ok"]) for case in files[0]["cases"]] == [
        ("permit", True),
        ("deny", True),
    ]
    (tmp_path / "quotes" / "debug.bin").unlink()
    ran = sw("policy", "test", str(tmp_path))
    assert ran.code == 2
    assert "debug.bin" in ran.err


MEASURED = """version=1.2;
authorizationrules {
    [type=="secureBootEnabled", value==true] && [type=="aikValidated", value==true] => permit();
};
issuancerules {
    c:[type=="events", issuer=="AttestationService"] =>
        issue(type="measured", value=JmesPath(c.value,
            "Events[? ProcessedData.UnicodeName == 'SecureBoot'] | length(@)"));
};
"""


def test_eval_takes_a_quote_with_its_log_beside_it_and_says_what_lacks(
    sw: CommandLine, tmp_path: Path
) -> None:
    policy = tmp_path / "tpm.policy"
    policy.write_text(MEASURED, "utf-8")
    evidence = f"{tmp_path}/machine.json"
    made = ("evidence", "synthesize", "--kind", "tpm-quote", "--output", evidence, "--at", AT)
    assert sw(*made).code == 0
    log, certs = f"{tmp_path}/machine.eventlog.bin", f"{tmp_path}/machine.certs.pem"
    line = ("policy", "eval", str(policy), "--type", "tpm", "--at", AT, "--format", "json")
    given = ("--with", log, "--certs", certs)
    whole = sw(*line, "--evidence", evidence, *given)
    assert (whole.code, whole.err) == (0, "")
    issued: Any = whole.json["outgoing"]
    assert [(claim["type"], claim["value"]) for claim in issued] == [("measured", "1")]
    # The same from the other side: the log, and the quote that vouches for it.
    assert sw(*line, "--evidence", log, "--with", evidence, "--certs", certs).code == 0
    quote = sw(*line, "--evidence", evidence)
    assert quote.code == 1
    assert "give the event log beside it. (--with" in quote.err
    bare = sw(*line, "--evidence", log)
    assert bare.code == 1
    assert "Nothing vouches for a log alone; give the TPM quote" in bare.err
    incoming: Any = bare.json["incoming"]
    assert {"events", "secureBootEnabled"} <= {claim["type"] for claim in incoming}


MACHINES = """policy: tpm.policy
attestationType: Tpm
cases:
  - name: a machine with its log and the certificate of its key
    evidence: quotes/machine.json
    with: [quotes/machine.eventlog.bin, quotes/machine.certs.pem]
    expect: {decision: permit, issued: {measured: "1"}}
  - name: its log, which the quote vouches for
    evidence: quotes/machine.eventlog.bin
    with: quotes/machine.json
    expect: {decision: deny}
  - name: nobody answers for the key
    evidence: quotes/machine.json
    with: [quotes/machine.eventlog.bin]
    expect: {decision: deny}
"""


def test_a_case_names_what_lies_beside_its_evidence(sw: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "tpm.policy").write_text(MEASURED, "utf-8")
    (tmp_path / "tpm.policytest.yaml").write_text(MACHINES, "utf-8")
    (tmp_path / "quotes").mkdir()
    made = ("evidence", "synthesize", "--kind", "tpm-quote")
    assert sw(*made, "--output", str(tmp_path / "quotes" / "machine.json")).code == 0

    ran = sw("policy", "test", str(tmp_path), "--format", "json")

    assert ran.code == 0, ran.text
    (tmp_path / "quotes" / "machine.eventlog.bin").unlink()
    ran = sw("policy", "test", str(tmp_path))
    assert ran.code == 2
    assert "machine.eventlog.bin" in ran.err
