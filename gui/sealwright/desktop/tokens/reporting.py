"""Reports and rules made out of an examined token, away from the Qt thread."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.services.bundle import Services
    from sealwright.services.tokens.tokens import Examination

_IDENTITY = (
    "x-ms-sgx-mrsigner",
    "x-ms-sgx-product-id",
    "x-ms-sevsnpvm-launchmeasurement",
    "tdx_mrtd",
    "x-ms-compliance-status",
    "attester_tcb_status",
)
"""Claims that say what was attested; a rule about the others is for who knows why."""


async def write_report(
    services: Services, found: Examination, title: str, path: str, *, redact: bool
) -> str:
    """Write a report, as PDF when the name ends so; its path.

    Raises:
        StorageError: the file cannot be written.
    """
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.services.tokens.report import report_html  # noqa: PLC0415 - as above

    page = await to_thread.run_sync(partial(report_html, found, title, redact=redact))
    if path.lower().endswith(".pdf"):
        from sealwright.desktop.tokens.report_pdf import report_pdf  # noqa: PLC0415 - as above

        page = await to_thread.run_sync(report_pdf, page, title)
    await services.files.write(path, page)
    return path


async def json_report(found: Examination, *, redact: bool) -> str:
    """The report as JSON."""
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.services.tokens.report import report_json  # noqa: PLC0415 - as above

    return await to_thread.run_sync(partial(report_json, found, redact=redact))


def rules_from(found: Examination) -> str:
    """Rules that the token itself holds, to begin with."""
    claims = found.report.claims
    rules: dict[str, object] = {}
    if isinstance(claims.get("iss"), str):
        rules["issuer"] = claims["iss"]
    if isinstance(claims.get("x-ms-attestation-type"), str):
        rules["attestationType"] = claims["x-ms-attestation-type"]
    if found.policy_hash:
        rules["policyHashes"] = [found.policy_hash]
    rules["allowDebug"] = False
    rules["claims"] = [
        {"claim": name, "equals": claims[name]} for name in _IDENTITY if name in claims
    ]
    return json.dumps(rules, indent=2, ensure_ascii=False)
