"""A connection that breaks around a change: what was changed, and that a repeat is safe."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from helpers.administrator import POLICY, claims_of
from helpers.relay import Cut, relay_to
from helpers.served_sandbox import ServedSandbox, served_sandbox
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = {"api-version": "2022-08-01"}
CUT = (httpx.RemoteProtocolError, httpx.NetworkError)
"""Which of them it is depends on how far the request had got when the connection broke."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("relay")
    with served_sandbox(home, "--provider", "one:AAD", "--open") as it:
        yield it


@pytest.mark.parametrize(
    ("where", "kind", "changed"),
    [
        (Cut.BEFORE, "SgxEnclave", False),
        (Cut.AFTER, "OpenEnclave", True),
        (Cut.INSIDE, "SevSnpVm", True),
    ],
)
def test_what_a_cut_leaves_behind(
    served: ServedSandbox, where: Cut, kind: str, *, changed: bool
) -> None:
    jws, path = unsecured_policy(POLICY), f"/policies/{kind}"
    context = ssl.create_default_context(cafile=served.ca_file)
    with relay_to(served.attest_uri("one")) as relay, httpx.Client(verify=context) as client:
        relay.cut(where, skip=1)
        before = client.get(f"{relay.uri}{path}", params=VERSION)
        with pytest.raises(CUT):
            client.put(f"{relay.uri}{path}", params=VERSION, content=jws)
        after = claims_of(client.get(f"{relay.uri}{path}", params=VERSION).json())
        again = client.put(f"{relay.uri}{path}", params=VERSION, content=jws)

        assert before.status_code == again.status_code == 200
        assert (after["x-ms-policy"] == jws) is changed
        assert after["iss"] == relay.uri
        assert (relay.cuts, relay.requests) == (1, 4)
