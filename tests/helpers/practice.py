"""A believable fleet to practise on: two clouds, three tenants, many providers, behind a proxy.

`python3 packaging/dev.py practice [COUNT]` opens the window on it; tests use `practice`.
Some providers, all over the fleet, let debuggable enclaves pass: somebody once "only tried
something". The workspace says how all of them should be.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from helpers.connect_proxy import connect_proxy, tinyproxy
from helpers.entra import entra
from helpers.served_sandbox import ServedSandbox, served_sandbox
from sealwright.claims.attestation_type import AttestationType
from sealwright.services.ports import Method, NewProvider
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.azure.clouds import AzureCloud

GOOD = """version= 1.0;
authorizationrules
{
    // Nobody can look into the enclave,
    [type=="x-ms-sgx-is-debuggable", value==false]
    // and it is ours.
    && [type=="x-ms-sgx-mrsigner", value=="{signer}"] => permit();
};
issuancerules
{
};
""".replace("{signer}", "2f" * 32)
DRIFTED = GOOD.replace("value==false", "value==true")
WORKSPACE = """version: 1
assignments:
- providers: [fleet-*]
  policies:
    sgx: sgx.policy
"""
PROXY_USER, PROXY_PASSWORD = "mira", "secret"
_EVERY = 40
"""One in so many has drifted, and at least two."""
_GROUPS = ("payments", "identity", "analytics", "platform")
_AT_ONCE = 8


@dataclass(frozen=True)
class CloudUnderTest:
    """A served sandbox under the name that the newcomer gives it."""

    name: str
    served: ServedSandbox

    @property
    def options(self) -> tuple[str, ...]:
        """How `cloud add` is told of it."""
        ready = self.served.ready
        return (
            *("--authority", ready["authority"], "--arm-endpoint", ready["armEndpoint"]),
            *("--suffix", "127.0.0.1"),
        )


@dataclass
class Practice:
    """What a newcomer is given."""

    clouds: tuple[CloudUnderTest, ...]
    proxy: str
    workspace: Path
    people: tuple[tuple[str, str], ...]
    """(cloud, who signs in there), one for each tenant."""
    drifted: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @property
    def ca_files(self) -> tuple[str, ...]:
        return tuple(one.served.ca_file for one in self.clouds)


@contextmanager
def practice(folder: Path, count: int) -> Iterator[Practice]:
    """Serve it for as long as the context lasts."""
    with ExitStack() as stack:
        first = stack.enter_context(
            served_sandbox(folder / "public", "--operator", "--tenant", "fabrikam")
        )
        second = stack.enter_context(served_sandbox(folder / "sovereign", "--operator"))
        workspace = folder / "fleet"
        workspace.mkdir()
        (workspace / "sealwright.yaml").write_text(WORKSPACE, encoding="utf-8")
        (workspace / "sgx.policy").write_bytes(GOOD.encode())
        made = Practice(
            clouds=(CloudUnderTest("Contoso", first), CloudUnderTest("Contoso sovereign", second)),
            proxy=_proxy(stack, folder),
            workspace=workspace,
            people=(
                ("Contoso", "owner@sandbox.invalid"),
                ("Contoso", "owner@fabrikam.sandbox.invalid"),
                ("Contoso sovereign", "owner@sandbox.invalid"),
            ),
        )
        places = ((first, made.people[0]), (first, made.people[1]), (second, made.people[2]))
        for at, (served, (_, person)) in enumerate(places):
            numbers = range(at, count, len(places))
            anyio.run(_fill, made, served, person, numbers)
        yield made


def _proxy(stack: ExitStack, folder: Path) -> str:
    """The real program where it is there, else our own; both ask for a sign-in."""
    if shutil.which("tinyproxy"):
        return f"http://127.0.0.1:{stack.enter_context(tinyproxy(folder))}"
    own = stack.enter_context(connect_proxy())
    own.user = f"{PROXY_USER}:{PROXY_PASSWORD}"
    return own.url


async def _fill(made: Practice, served: ServedSandbox, person: str, numbers: Sequence[int]) -> None:
    """Make a tenant's providers, as its owner does."""
    async with entra(served) as stage:
        stage.browser.user = person
        profile = await stage.sign_in(stage.profile(Method.BROWSER))
        cloud = stage.cloud_of(profile)
        (subscription,) = await cloud.management().subscriptions()
        for name in _GROUPS:
            await cloud.management().create_resource_group(subscription.id, name, "sandbox")
        limit = anyio.CapacityLimiter(_AT_ONCE)
        async with anyio.create_task_group() as group:
            for number in numbers:
                group.start_soon(_make, made, cloud, subscription.id, number, limit)


async def _make(
    made: Practice, cloud: AzureCloud, subscription: str, number: int, limit: anyio.CapacityLimiter
) -> None:
    name = f"fleet-{number:03}"
    new = NewProvider(
        subscription=subscription,
        resource_group=_GROUPS[number // 3 % len(_GROUPS)],
        name=name,
        location="sandbox",
        tags={"env": ("prod", "test")[number % 7 == 0]},
    )
    drifted = number % _EVERY in (1, 2) if number < _EVERY else number % _EVERY == 1
    async with limit:
        provider = await cloud.management().create(new)
        api = cloud.attestation(provider.attest_uri)
        text = DRIFTED if drifted else GOOD
        await api.set_policy(AttestationType.SGX_ENCLAVE, unsecured_policy(text))
    made.names.add(name)
    if drifted:
        made.drifted.add(name)


def _prepared(home: Path, made: Practice, folder: Path) -> None:
    """What an administrator of the network would have set up: proxy, certificates, clouds."""
    password = folder / "proxy-password"
    password.write_text(f"{PROXY_PASSWORD}\n", encoding="utf-8")
    files = [word for name in made.ca_files for word in ("--ca-file", name)]
    _sealwright(home, "network", "set", *files)
    for cloud in made.clouds:
        _sealwright(home, "cloud", "add", cloud.name, *cloud.options)


def _sealwright(home: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "sealwright", "--home", str(home), *words], check=True)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Serve it, say how to begin, and open the window until it is closed."""
    parser = argparse.ArgumentParser(prog="dev.py practice", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=500, help="default: 500 providers")
    parser.add_argument("--no-window", action="store_true", help="serve until Enter is pressed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sealwright-practice-") as name:
        folder = Path(name)
        _say(f"Making {options.count} providers ...")
        with practice(folder, options.count) as made:
            home = folder / "home"
            _prepared(home, made, folder)
            people = "\n".join(f"       {cloud}: {person}" for cloud, person in made.people)
            _say(_WORDS.format(proxy=made.proxy, workspace=made.workspace, people=people))
            line = [sys.executable, "-m", "sealwright", "--home", str(home)]
            _say(" ".join(line))
            if options.no_window:
                input()
                return 0
            return subprocess.run(line, check=False).returncode


_WORDS = """
Both clouds and their certificates are known to this home. To practise:
  1. Settings, Proxy and certificates: {proxy}, mira, secret, also for this computer's addresses
  2. Connect to Azure, once for each of these people (the browser warns of the sandbox's own CA):
{people}
  3. Providers: find what has drifted, look at the difference
  4. Fleet: open {workspace}, compare, review, apply
  5. Activity: the proof of each change
"""

if __name__ == "__main__":
    sys.exit(main())
