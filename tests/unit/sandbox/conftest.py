"""A sandbox with one provider of each trust model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.administrator import Administrator
from helpers.sandbox_client import SandboxClient, open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SandboxClient]:
    """A sandbox with providers `plain` (AAD) and `isolated` (signer `root`)."""
    client = open_client(tmp_path / "sandbox.db")
    async with client.http:
        await client.sign_in()
        await client.create("plain")
        await client.create("isolated", Administrator("root").certificate)
        yield client
    client.sandbox.close()
