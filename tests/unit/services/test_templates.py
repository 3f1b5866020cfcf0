"""Every template: clean for lint, formatted, permits what it says and refuses what it must."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from helpers.simulators import bundled
from sealwright.claims import SERVICE_ISSUER, AttestationType, Claim
from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.policy import evaluate, format_policy, lint, parse
from sealwright.services.policies.claims_input import sample_claims
from sealwright.services.reference import Reference, Template

REFERENCE = Reference(bundled)
TEMPLATES = {each.id: each for each in REFERENCE.templates()}


class Trial(NamedTuple):
    """A template for one of its types, with claims that pass and claims that must not."""

    template: Template
    kind: AttestationType
    permits: dict[str, str | int | bool] | None
    """None when it permits nothing."""
    refuses: dict[str, str | int | bool]
    """Empty when it refuses nothing."""
    findings: tuple[str, ...]
    """What the lint says about what the template does on purpose."""


TRIALS = [
    Trial(
        TEMPLATES[each["id"]],
        AttestationType(kind),
        each["permits"],
        each["refuses"],
        tuple(each.get("findings", ())),
    )
    for each in json.loads(bundled("templates/index.json"))["templates"]
    for kind in each["types"]
]


def decision(trial: Trial, changes: dict[str, str | int | bool]) -> str:
    claims = {each.type: each for each in sample_claims(REFERENCE.catalogue(), trial.kind)}
    for name, value in changes.items():
        claims[name] = Claim(name, value, SERVICE_ISSUER)
    policy = parse(trial.template.text)
    return evaluate(policy, claims.values(), attestation_type=trial.kind).decision


@pytest.mark.parametrize("trial", TRIALS, ids=lambda each: f"{each.template.id}-{each.kind}")
def test_a_template_is_clean_and_decides_as_it_says(trial: Trial) -> None:
    text = trial.template.text
    found = lint(parse(text), REFERENCE.catalogue(), trial.kind)
    assert tuple(each.code for each in found) == trial.findings
    assert format_policy(text) == text
    if trial.permits is None:
        assert decision(trial, {}) == "deny"
        return
    assert decision(trial, trial.permits) == "permit"
    if trial.refuses:
        assert decision(trial, {**trial.permits, **trial.refuses}) == "deny"


def test_there_are_templates_for_every_type_and_titles_are_unique() -> None:
    covered = {kind for each in TEMPLATES.values() for kind in each.types}
    assert covered == set(AttestationType)
    for kind in MAIN_TYPES:
        assert sum(kind in each.types for each in TEMPLATES.values()) >= 4
    titles = [each.title for each in TEMPLATES.values()]
    assert len(set(titles)) == len(titles)
