"""Synthetic evidence says what was asked for, holds under the sandbox's root and under no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.synthetic_evidence import WHEN, failed, made, roots, seen_at
from sealwright.claims.catalogue import Catalogue, Direction
from sealwright.errors import UsageError
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.examination import Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.guess import guess
from sealwright.evidence.intel.collateral import TcbStatus
from sealwright.evidence.synthetic.catalogue import NOT_RECOGNISED, SETTINGS
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.settings import REGISTERS, Setting, ValueType
from sealwright.store.resources import resource

VENDORS = parse_anchors(resource("trust/anchors.json").read_bytes())


@pytest.mark.parametrize("kind", Kind)
def test_it_holds_under_the_sandboxs_root_only(kind: Kind) -> None:
    found = synthesize(kind, roots(), {}, WHEN)
    own = found.given(Trust(roots().anchors(), WHEN))
    assert guess(found.evidence, own.companions) is kind
    seen = examine(found.evidence, own, kind)
    assert (seen.valid, seen.root) == (True, "sandbox")
    others = examine(found.evidence, found.given(Trust(VENDORS, WHEN)), kind)
    assert (others.valid, others.root) == (False, None)


@pytest.mark.parametrize("status", list(TcbStatus))
@pytest.mark.parametrize("kind", [Kind.SGX_QUOTE, Kind.TDX_QUOTE])
def test_collateral_rates_the_platform_as_asked(kind: Kind, status: TcbStatus) -> None:
    found = made(kind, tcb_status=status.value, advisories="SW-SA-1 SW-SA-2")
    assert (found.tcb_status, found.advisories) == (status, ("SW-SA-1", "SW-SA-2"))
    # The status decides nothing by itself except when the platform is revoked.
    assert found.valid is (status is not TcbStatus.REVOKED)
    table = found.tcb_table()
    assert table is not None
    assert [row.title for row in table.rows if row.chosen] == [status.value]


def test_what_collateral_refuses() -> None:
    assert failed(made(Kind.SGX_QUOTE, tcb_status=NOT_RECOGNISED)) == {"tcb"}
    assert failed(made(Kind.SGX_QUOTE, revoked="true")) == {"crl", "crl.pck"}
    late = failed(seen_at(WHEN + timedelta(days=31), Kind.SGX_QUOTE, {}))
    assert late >= {"collateral.tcb-info.validity", "crl.root"}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.TDX_QUOTE, {"version": "5"}),
        (Kind.TDX_QUOTE, {"version": "5", "body": "1.5", "mrservicetd": "ab"}),
        (Kind.SNP_REPORT, {"version": "2"}),
        (Kind.SNP_REPORT, {"version": "3", "product": "Genoa", "signer": "vlek"}),
        (Kind.SNP_REPORT, {"version": "5", "product": "Turin", "fmc_svn": "7"}),
        (Kind.SNP_ACI, {"policy_text": "package other\n", "product": "Genoa"}),
        (Kind.HCL_REPORT, {"hardware": "tdx"}),
        (Kind.VTPM_EVIDENCE, {"hardware": "tdx", "nonce": "question", "windows": "true"}),
        (Kind.AZURE_GUEST, {"isolation": "SevSnp", "windows": "true"}),
        (Kind.AZURE_GUEST, {"isolation": "Tdx", "client_nonce": "x"}),
        (Kind.OE_EVIDENCE, {"custom_claims": "colour=blue size=7"}),
        (Kind.TPM_QUOTE, {"pcr7": "77", "nonce": "question"}),
        (Kind.VBS_REPORT, {"runtime_data": "held"}),
    ],
)
def test_variants_hold(kind: Kind, values: dict[str, str]) -> None:
    found = made(kind, **values)
    assert (found.valid, found.root) == (True, "sandbox")


@pytest.mark.parametrize(
    ("kind", "values", "id_"),
    [
        (Kind.HCL_REPORT, {}, "policy-bits.vmpl"),
        (Kind.VTPM_EVIDENCE, {}, "policy-bits.vmpl"),
        (Kind.AZURE_GUEST, {"isolation": "SevSnp"}, "isolation.policy-bits.vmpl"),
    ],
)
def test_a_report_that_the_paravisor_did_not_ask_for(
    kind: Kind, values: dict[str, str], id_: str
) -> None:
    assert failed(made(kind, vmpl="2", **values)) >= {id_}
    # Containers ask from any level.
    assert made(Kind.SNP_REPORT, vmpl="2").valid is True


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.SGX_QUOTE, {}),
        (Kind.OE_REPORT, {}),
        (Kind.OE_EVIDENCE, {"custom_claims": "colour=blue"}),
        (Kind.TDX_QUOTE, {"version": "5", "body": "1.5"}),
        (Kind.SNP_REPORT, {"version": "5", "product": "Turin"}),
        (Kind.VBS_REPORT, {}),
        (Kind.AZURE_GUEST, {"isolation": "SevSnp"}),
        (Kind.AZURE_GUEST, {"isolation": "Tdx"}),
    ],
)
def test_every_byte_lies_in_one_field(kind: Kind, values: dict[str, str]) -> None:
    found = made(kind, **values)
    for number, part in enumerate(found.parts):
        if part.data.lstrip()[:1] == b"{":
            continue
        nodes = found.tree(number)
        ends = [node.offset + node.size for node in nodes]
        assert [node.offset for node in nodes] == [0, *ends[:-1]], part.name
        assert ends[-1] == len(part.data), part.name


def test_the_fields_of_a_tpms_key_are_its_own() -> None:
    found = made(Kind.AZURE_GUEST)
    number = next(at for at, part in enumerate(found.parts) if part.name == "TPM public key")
    fields = {node.name: node for node in found.tree(number)}
    assert fields["type"].meaning == "RSA"
    assert fields["auth_policy_size"].raw == bytes(2)
    assert fields["exponent"].raw == bytes(4)
    assert int.from_bytes(fields["bits"].raw, "big") == 2048


def test_the_banks_that_a_tpm_vouches_for_come_first() -> None:
    banks = [row.bank for row in made(Kind.AZURE_GUEST).register_rows()]
    assert banks[0] == "sha256"
    assert "sha1" in banks


def facts_by_name(facts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Every leaf of the facts by its own name; the body of a quote before its enclave."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            found = facts_by_name(value) | found if name != "qe" else found
        else:
            found.setdefault(name, value)
    return found


def written(setting: Setting) -> st.SearchStrategy[str]:
    if setting.type is ValueType.HEX:
        return st.binary(min_size=setting.size, max_size=setting.size).map(bytes.hex)
    if setting.type is ValueType.INTEGER:
        return st.integers(0, (1 << 8 * setting.size) - 1).map(str)
    return st.sampled_from(["true", "false"])


CHANGES_THE_VERDICT = {"mrsignerseam", "seam_attributes", "tee_tcb_svn", "runtime_data", "revoked"}
SAID = {
    kind: [
        item
        for item in SETTINGS[kind]
        if item.type in (ValueType.HEX, ValueType.INTEGER, ValueType.BOOLEAN)
        and item is not REGISTERS
        and item.name not in CHANGES_THE_VERDICT
    ]
    for kind in (Kind.SGX_QUOTE, Kind.OE_REPORT, Kind.TDX_QUOTE, Kind.SNP_REPORT, Kind.VBS_REPORT)
}


@settings(max_examples=40)
@given(st.data())
def test_what_is_set_is_what_is_read(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(SAID)))
    chosen = data.draw(st.lists(st.sampled_from(SAID[kind]), max_size=6, unique=True))
    values = {item.name: data.draw(written(item), label=item.name) for item in chosen}
    found = made(kind, **values)
    assert found.valid is True
    facts = facts_by_name(found.facts)
    claims = {claim.type: claim.value for claim in found.claims}
    for item in chosen:
        value, name = values[item.name], item.name
        if item.type is ValueType.HEX:
            expected: str | int | bool = value
        else:
            expected = value == "true" if item.type is ValueType.BOOLEAN else int(value)
        if name.endswith("_svn") and kind is Kind.SNP_REPORT and name != "guest_svn":
            if name != "fmc_svn":
                shown = name.replace("_svn", "-svn").replace("_", "-")
                assert claims[f"x-ms-sevsnpvm-{shown}"] == expected
        elif name == "kss":
            assert ("x-ms-sgx-config-id" in claims) is expected
        elif kind is Kind.VBS_REPORT and name not in facts:
            assert item.type is ValueType.BOOLEAN or name == "bitlocker"
        elif name != "mrservicetd":
            assert facts[name] == expected, name


def test_switches_of_the_start_reach_the_claims() -> None:
    values = {"windows": "true", "boot_debugging": "true", "flight_signing": "true"}
    values |= {"secure_boot": "false", "hvci": "true", "elam": "false", "os_version_major": "10"}
    claims = {claim.type: claim.value for claim in made(Kind.AZURE_GUEST, **values).claims}
    assert claims["secureboot"] is False
    shown = {name.removeprefix("x-ms-azurevm-"): value for name, value in claims.items()}
    assert shown["is-windows"] is True
    assert shown["bootdebug-enabled"] is True
    assert shown["debuggersdisabled"] is False
    assert shown["signingdisabled"] is False
    assert shown["elam-enabled"] is False
    assert shown["hvci-policy"] == 1
    assert shown["osversion-major"] == 10
    clean = {claim.type: claim.value for claim in made(Kind.AZURE_GUEST).claims}
    for name in ("default-securebootkeysvalidated", "dbvalidated", "dbxvalidated"):
        assert clean[f"x-ms-azurevm-{name}"] is True


def test_a_guest_on_hardware_brings_it_as_an_object() -> None:
    found = made(Kind.AZURE_GUEST, isolation="SevSnp", vm_id="0A", host_data="ff" * 32)
    tee: Any = found.objects["x-ms-isolation-tee"]
    assert tee["x-ms-attestation-type"] == "sevsnpvm"
    assert tee["x-ms-compliance-status"] == "azure-compliant-cvm"
    assert tee["x-ms-sevsnpvm-hostdata"] == "ff" * 32
    assert tee["x-ms-runtime"]["vm-configuration"]["vmUniqueId"] == "0A"
    assert "x-ms-isolation-tee" not in made(Kind.AZURE_GUEST).objects


@pytest.mark.parametrize(
    ("kind", "name", "value", "word"),
    [
        (Kind.SGX_QUOTE, "mrenclav", "00", "cannot be set"),
        (Kind.SGX_QUOTE, "mrenclave", "zz", "hex digits"),
        (Kind.SGX_QUOTE, "mrenclave", "00" * 33, "32 bytes"),
        (Kind.SGX_QUOTE, "isvsvn", "65536", "2 bytes"),
        (Kind.SGX_QUOTE, "isvsvn", "-1", "2 bytes"),
        (Kind.SGX_QUOTE, "debug", "maybe", "true or false"),
        (Kind.SGX_QUOTE, "tcb_status", "Fine", "is not"),
        (Kind.SGX_QUOTE, "pcr0", "00", "cannot be set"),
        (Kind.TPM_QUOTE, "pcr24", "00", "cannot be set"),
        (Kind.TDX_QUOTE, "body", "1.5", "version 5"),
        (Kind.OE_EVIDENCE, "custom_claims", "loose", "no custom claim"),
    ],
)
def test_what_cannot_be_set_is_refused(kind: Kind, name: str, value: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        synthesize(kind, roots(), {name: value}, WHEN)


def test_registers_that_the_log_does_not_explain_are_named() -> None:
    honest = synthesize(Kind.TPM_QUOTE, roots(), {}, WHEN)
    forged = synthesize(Kind.TPM_QUOTE, roots(), {"pcr7": "77"}, WHEN)
    own = honest.given(Trust(roots().anchors(), WHEN))
    found = examine(forged.evidence, own)
    assert failed(found) == {"event-log", "event-log.pcr7"}
    (row,) = [row for row in found.register_rows() if row.agrees is False]
    assert (row.index, row.quoted) == (7, "77" + "00" * 31)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.SGX_QUOTE, {"kss": "true"}),
        (Kind.SNP_REPORT, {}),
        (Kind.TDX_QUOTE, {}),
        (Kind.AZURE_GUEST, {}),
        (Kind.TPM_EVENTLOG, {}),
    ],
)
def test_policies_may_ask_for_every_claim_of_evidence(kind: Kind, values: dict[str, str]) -> None:
    catalogue = Catalogue.from_json(resource("claims.json").read_text("utf-8"))
    asked = {claim.type for claim in made(kind, **values).claims}
    assert {name for name in asked if catalogue.find(name, Direction.INCOMING) is None} == set()
