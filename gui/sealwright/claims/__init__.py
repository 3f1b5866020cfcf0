"""Claim values and sets, attestation types, the claims catalogue."""

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.catalogue import Catalogue, ClaimEntry, Direction
from sealwright.claims.claim import (
    CUSTOM_CLAIM,
    POLICY_ISSUER,
    SERVICE_ISSUER,
    Claim,
    ClaimSet,
    ClaimValue,
)
from sealwright.claims.notation import claim_from_json, claim_to_json, claims_from_json

__all__ = [
    "CUSTOM_CLAIM",
    "POLICY_ISSUER",
    "SERVICE_ISSUER",
    "AttestationType",
    "Catalogue",
    "Claim",
    "ClaimEntry",
    "ClaimSet",
    "ClaimValue",
    "Direction",
    "claim_from_json",
    "claim_to_json",
    "claims_from_json",
]
