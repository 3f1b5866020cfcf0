"""SGX and TDX quotes, Open Enclave wrappings and the vendor's collateral."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.chains import readable, root_id
from sealwright.evidence.basis.checks import Check, judge, skip, warn
from sealwright.evidence.basis.document import member_fields
from sealwright.evidence.basis.trust import SGX_ROOT
from sealwright.evidence.bindings import init_data_checks, runtime_data_checks
from sealwright.evidence.derived.hardware import sgx_claims, tdx_claims
from sealwright.evidence.examination import Examination, Fact, Given, Kind
from sealwright.evidence.intel.collateral import parse_collateral, parse_qe_identity, parse_tcb_info
from sealwright.evidence.intel.collateral_verify import (
    signer_chain,
    verify_documents,
    verify_lists,
    with_signers,
)
from sealwright.evidence.intel.endorsements import (
    collateral_of,
    is_endorsements,
    parse_endorsements,
)
from sealwright.evidence.intel.open_enclave import is_report, parse_evidence, parse_report
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.sgx import SgxQuote, parse_quote
from sealwright.evidence.intel.sgx_verify import pck_chain
from sealwright.evidence.intel.tdx import TdxQuote, parse_tdx_quote
from sealwright.evidence.kinds.intel_facts import (
    endorsement_facts,
    passes,
    revocation_facts,
    sgx_facts,
    tdx_facts,
)
from sealwright.evidence.structure import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.evidence.intel.endorsements import Endorsements
    from sealwright.evidence.intel.open_enclave import OpenEnclaveEvidence
    from sealwright.evidence.intel.quote_verify import QuoteVerdict


def examine_sgx(data: bytes, given: Given) -> Examination:
    """An SGX quote v3."""
    quote = parse_quote(data)
    part = Part("SGX quote", data, quote.fields)
    return _enclave(Kind.SGX_QUOTE, "SGX quote v3", part, quote, given)


def examine_report(data: bytes, given: Given) -> Examination:
    """An Open Enclave report, or the raw quote that some clients send for one."""
    report = parse_report(data)
    form = "Open Enclave report" if is_report(data) else "SGX quote v3"
    part = Part("Open Enclave report", data, report.fields)
    return _enclave(Kind.OE_REPORT, form, part, report.quote, given)


def examine_evidence(data: bytes, given: Given) -> Examination:
    """Open Enclave evidence: a quote, custom claims, and endorsements beside it."""
    evidence = parse_evidence(data)
    brought = _endorsements(given)
    if brought is not None and given.collateral is None:
        given = replace(given, collateral=collateral_of(brought[1]))
    part = Part("Open Enclave evidence", data, evidence.fields)
    found = _enclave(Kind.OE_EVIDENCE, "Open Enclave evidence", part, evidence.quote, given)
    bound = _claims_check(evidence)
    facts: dict[str, Fact] = {
        **found.facts,
        "format": "" if evidence.format is None else str(evidence.format),
        "trailing_is_custom_claims": len(evidence.claims_raw),
        "report_data_equals_sha256_of_trailing_custom_claims": passes((bound,), bound.id),
        "custom_claims": {name: value.hex() for name, value in evidence.claims},
    }
    parts = found.parts
    if brought is not None:
        facts["endorsements"] = endorsement_facts(brought[1])
        parts = (*parts, Part("Open Enclave endorsements", brought[0], brought[1].fields))
    return replace(found, facts=facts, checks=(*found.checks, bound), parts=parts)


def _endorsements(given: Given) -> tuple[bytes, Endorsements] | None:
    found = next((item for item in given.companions if is_endorsements(item)), None)
    return None if found is None else (found, parse_endorsements(found))


def _claims_check(evidence: OpenEnclaveEvidence) -> Check:
    id_, title = "report-data.custom-claims", "Custom claims are those in the report data"
    if not evidence.binds_claims:
        if not evidence.claims_raw:
            return skip(id_, title, "evidence of this format has none")
        return warn(id_, title, "Nothing vouches for the custom claims in evidence of this format.")
    digest = evidence.claims_digest
    have = evidence.quote.body.report_data[: len(digest)]
    return judge(
        id_,
        title,
        "The custom claims were changed: the quote was made for others.",
        passed=have == digest,
        expected=digest.hex(),
        actual=have.hex(),
    )


def examine_tdx(data: bytes, given: Given) -> Examination:
    """A TDX quote v4 or v5."""
    quote = parse_tdx_quote(data)
    part = Part("TDX quote", data, quote.fields)
    chain = certificates_of(quote)
    verdict = judge_quote(quote, given.trust, collateral_for(given, chain))
    bound = (
        *runtime_data_checks(given, quote.body.report_data),
        *init_data_checks(given, quote.body.mrconfigid, "MRCONFIGID"),
    )
    layout: dict[str, Fact] = {"layout": "raw_quote", "evidence_len": len(data)}
    found = Examination(
        kind=Kind.TDX_QUOTE,
        form=f"TDX quote v{quote.version}",
        facts=layout | tdx_facts(quote, chain, verdict.checks),
        checks=(*verdict.checks, *bound),
        claims=tdx_claims(quote, verdict.status),
        parts=(part,),
    )
    return with_verdict(found, verdict, chain, given)


def _enclave(kind: Kind, form: str, part: Part, quote: SgxQuote, given: Given) -> Examination:
    chain = certificates_of(quote)
    verdict = judge_quote(quote, given.trust, collateral_for(given, chain))
    bound = (
        *runtime_data_checks(given, quote.body.report_data),
        *init_data_checks(given, quote.body.config_id, "CONFIG_ID"),
    )
    wrapped = kind is Kind.OE_REPORT and is_report(part.data)
    layout: dict[str, Fact] = {
        "layout": "oe_report" if wrapped else "raw_quote",
        "evidence_len": len(part.data),
    }
    if given.runtime_data is not None:
        layout["enclave_held_data_sha256_is_report_data_first32"] = passes(bound, "report-data")
    found = Examination(
        kind=kind,
        form=form,
        facts=layout | sgx_facts(quote, chain, verdict.checks),
        checks=(*verdict.checks, *bound),
        claims=sgx_claims(quote),
        parts=(part,),
    )
    return with_verdict(found, verdict, chain, given)


def certificates_of(quote: SgxQuote | TdxQuote) -> tuple[x509.Certificate, ...]:
    """The chain inside a quote; empty when it brings none that can be read."""
    try:
        return pck_chain(quote)
    except KeyMaterialError:
        return ()


def collateral_for(given: Given, chain: Sequence[x509.Certificate]) -> Collateral | None:
    """The given collateral, with its signer's certificates where they came apart from it."""
    if given.collateral is None or not given.certificates:
        return given.collateral
    return with_signers(given.collateral, (*readable(given.certificates), *chain[-1:]))


def with_verdict(
    found: Examination, verdict: QuoteVerdict, chain: Sequence[x509.Certificate], given: Given
) -> Examination:
    """The examination with what was judged about its platform."""
    facts = dict(found.facts)
    if given.runtime_data is not None:
        facts["runtime_data_sha256_is_report_data_first32"] = passes(found.checks, "report-data")
    if given.collateral is not None:
        facts |= revocation_facts(given.collateral, chain)
    if verdict.status is not None:
        judged: dict[str, Fact] = {
            "at": given.trust.when.isoformat(),
            "status": verdict.status.value,
            "advisory_ids": list(verdict.advisories),
        }
        facts["tcb"] = [judged]
    return replace(
        found,
        facts=facts,
        tcb_status=verdict.status,
        advisories=verdict.advisories,
        root=root_id(chain, given.trust, SGX_ROOT),
        certificates=tuple(item.public_bytes(Encoding.DER) for item in chain),
        levels=verdict.levels,
    )


def examine_collateral(data: bytes, given: Given) -> Examination:
    """TCB info and QE identity, collected or as one answer of the provisioning service."""
    collateral = parse_collateral(data)
    fields = member_fields(data, "collateral")
    facts: dict[str, Fact] = {"top": [field.name for field in fields]}
    if collateral.tcb_info is not None:
        info = parse_tcb_info(collateral.tcb_info.body)
        facts["tcb_info"] = {
            "id": info.id,
            "version": info.version,
            "issue_date": info.issued.isoformat(),
            "next_update": info.next_update.isoformat(),
            "fmspc": info.fmspc.hex(),
            "pce_id": info.pce_id.hex(),
            "tcb_evaluation_data_number": info.evaluation_number,
            "levels": len(info.levels),
        }
    if collateral.qe_identity is not None:
        identity = parse_qe_identity(collateral.qe_identity.body)
        facts["qe_identity"] = {
            "id": identity.id,
            "version": identity.version,
            "issue_date": identity.issued.isoformat(),
            "next_update": identity.next_update.isoformat(),
            "mrsigner": identity.mrsigner.hex(),
            "isvprodid": identity.isv_prod_id,
            "tcb_evaluation_data_number": identity.evaluation_number,
        }
    collateral = with_signers(collateral, readable(given.certificates))
    believed = verify_documents(collateral, given.trust)
    chain = signer_chain(collateral)
    return Examination(
        kind=Kind.COLLATERAL,
        form="Collateral of Intel's provisioning service",
        facts=facts,
        checks=(*believed.checks, *verify_lists(collateral, given.trust)),
        root=root_id(chain, given.trust, SGX_ROOT),
        parts=(Part("Collateral", data, fields),),
        certificates=tuple(item.public_bytes(Encoding.DER) for item in chain),
    )
