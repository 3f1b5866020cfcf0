"""The account that a pipeline's environment gives, named as Microsoft's own tools name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.secret import Secret
from sealwright.services.ports import AccountProfile, Method

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.services.ports import CloudSettings

ENVIRONMENT: Final = "environment"
"""Id of that account."""


def account_of(
    environ: Mapping[str, str], clouds: Sequence[CloudSettings]
) -> tuple[AccountProfile, Secret[str] | None] | None:
    """The account of the environment and its secret; None when the environment gives none."""
    tenant, client_id = (
        environ.get(name, "").strip() for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
    )
    secret, token_file = (
        environ.get(name, "").strip()
        for name in ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE")
    )
    cloud = _cloud(environ.get("AZURE_AUTHORITY_HOST", ""), clouds)
    if cloud is None or not (tenant and client_id and (secret or token_file)):
        return None
    profile = AccountProfile(
        id=ENVIRONMENT,
        cloud=cloud.name,
        method=Method.SECRET if secret else Method.WORKLOAD,
        tenant=tenant,
        client_id=client_id,
        name=client_id,
        token_file="" if secret else token_file,
    )
    return profile, Secret(secret) if secret else None


def _cloud(host: str, clouds: Sequence[CloudSettings]) -> CloudSettings | None:
    wanted = host.strip().rstrip("/").lower()
    if wanted and not wanted.startswith("https://"):
        wanted = f"https://{wanted}"
    return next(
        (one for one in clouds if wanted in ("", one.authority.lower())),
        None,
    )
