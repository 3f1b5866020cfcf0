"""The main job from first start to roll back, done through the services as the window does it.

Invariants
- It is given a home that nobody uses; it makes and changes what it likes in it.
- A step that fails ends the job: later steps would report about nothing.
- Nothing is counted as done that a run did not prove.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError, StorageError, UsageError
from sealwright.services.model import TrustModel
from sealwright.services.ports import NewKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.bundle import Services
    from sealwright.services.changes.upload import UploadRun
    from sealwright.services.model import HistoryEntry, Provider
    from sealwright.services.policies.review import Review
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.signers import SignerRun

KEY_NAME: Final = "selftest"
TYPE: Final = AttestationType.SGX_ENCLAVE
POLICY: Final = """\
version= 1.0;
authorizationrules
{
    [ type=="x-ms-sgx-is-debuggable", value==false ] => permit();
};
issuancerules
{
    c:[ type=="x-ms-sgx-mrsigner" ] => issue(type="signer", value=c.value);
};
"""


@dataclass(frozen=True, slots=True)
class SelftestStep:
    """One thing that was tried. `detail` is a fact when it worked, the reason when it did not."""

    id: str
    title: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SelftestReport:
    """All that `selftest` prints (spec cli, selftest)."""

    steps: tuple[SelftestStep, ...]
    keyring: str
    qt_platform: str
    resources: str

    @property
    def ok(self) -> bool:
        """Whether every step was done."""
        return bool(self.steps) and all(step.ok for step in self.steps)


class MainJob:
    """Does the steps in order and tells of each as it ends."""

    def __init__(self, services: Services, on_step: Callable[[SelftestStep], None]) -> None:
        self._services = services
        self._on_step = on_step
        self._steps: list[SelftestStep] = []
        self._provider: Provider | None = None
        self._before: DeployedPolicy | None = None
        self._first_key = ""
        self._certificate = b""
        self.keyring = "not reached"

    async def run(self) -> tuple[SelftestStep, ...]:
        """Every step up to the first that fails."""
        steps: tuple[tuple[str, str, Callable[[], Awaitable[str]]], ...] = (
            ("keyring", "Write, read and remove a canary in the secret store", self._vault),
            ("first-start", "Make the example of a first start", self._first_start),
            ("deployed", "Read and verify the deployed policy", self._deployed),
            ("generate", "Generate a signing key", self._generate),
            ("add-signer", "Add it as policy signer, signed by the existing one", self._add_signer),
            ("upload", "Upload a policy signed with it, and prove it", self._upload),
            ("proof", "Read the policy back from the provider", self._proof),
            ("roll-back", "Roll back to the earlier policy, and prove it", self._roll_back),
            ("proof-roll-back", "Read the earlier policy back", self._proof_roll_back),
            ("activity", "Check the activity log's chain", self._activity),
        )
        for name, title, action in steps:
            if not await self._step(name, title, action):
                break
        return tuple(self._steps)

    async def _step(self, name: str, title: str, action: Callable[[], Awaitable[str]]) -> bool:
        start = time.monotonic()
        try:
            detail, ok = await action(), True
        except AppError as error:
            detail, ok = f"{error.summary} {error.hint}".strip(), False
        step = SelftestStep(name, title, ok, detail, time.monotonic() - start)
        self._steps.append(step)
        self._on_step(step)
        return ok

    async def _first_start(self) -> str:
        made = await self._services.first_start.ensure()
        self._first_key = made.key
        known = await self._services.providers.known()
        for each in known:
            if each.trust_model is TrustModel.ISOLATED and each.name in made.providers:
                self._provider = each
        if self._provider is None:
            raise UsageError(
                "The first start made no Isolated provider.", hint=" ".join(made.notes)
            )
        return ", ".join(f"{each.name} ({each.trust_model})" for each in known)

    async def _vault(self) -> str:
        self.keyring, detail = await settle_vault(self._services)
        return detail

    async def _deployed(self) -> str:
        self._before = await self._trusted_policy()
        return f"{self._before.state} policy, {self._before.policy_hash}"

    async def _generate(self) -> str:
        key = await self._services.keys.generate(NewKey(KEY_NAME))
        self._certificate = key.certificate.der
        return f"{key.certificate.algorithm}, {key.certificate.subject}"

    async def _add_signer(self) -> str:
        signers = self._services.signers
        provider = self._chosen()
        run = await signers.add(provider.id, self._certificate, signing_key=self._first_key)
        await _proven(run)
        listed = await signers.list(provider.id)
        if KEY_NAME not in {signer.key_here for signer in listed.signers}:
            raise UsageError("The provider does not list the new signer.")
        return f"{len(listed.signers)} signers"

    async def _upload(self) -> str:
        policies = self._services.policies
        review = await policies.review(POLICY.encode(), self._chosen().id, TYPE)
        return await self._make(review)

    async def _proof(self) -> str:
        return await self._stands(POLICY)

    async def _roll_back(self) -> str:
        return await self._make(
            await self._services.policies.review_roll_back(await self._earlier())
        )

    async def _proof_roll_back(self) -> str:
        return await self._stands((await self._earlier()).text)

    async def _activity(self) -> str:
        chain = await self._services.activity.verify()
        if not chain.holds:
            raise StorageError(f"The activity log is broken at row {chain.first_broken}.")
        return f"{chain.rows} rows"

    async def _make(self, review: Review) -> str:
        return await _proven(await self._services.policies.start(review, KEY_NAME))

    async def _stands(self, text: str) -> str:
        deployed = await self._trusted_policy()
        if deployed.text != text:
            raise UsageError("The provider holds another text than the one that was sent.")
        signer = deployed.signer.subject if deployed.signer else "nobody"
        return f"{deployed.policy_hash}, signed by {signer}"

    async def _trusted_policy(self) -> DeployedPolicy:
        deployed = await self._services.policies.deployed(self._chosen().id, TYPE)
        if not deployed.trusted:
            raise UsageError("The provider's answer does not verify.")
        return deployed

    async def _earlier(self) -> HistoryEntry:
        wanted = self._before.policy_hash if self._before else ""
        for entry in await self._services.policies.history(self._chosen().id, TYPE):
            if entry.policy_hash == wanted:
                return entry
        raise UsageError("The earlier policy is not in the history.")

    def _chosen(self) -> Provider:
        if self._provider is None:
            raise UsageError("No provider was chosen.")
        return self._provider


async def settle_vault(services: Services) -> tuple[str, str]:
    """The secret store in use, and words about it; memory only where no keyring works.

    The home is thrown away, so memory is no loss here; the words say that it was not the keyring.

    Raises:
        StorageError: not even memory works.
    """
    status = await services.keys.status()
    if status.usable:
        return status.backend, status.backend
    chosen = await services.vault.choose("memory")
    return chosen.backend, f"{chosen.backend}, since there is no keyring: {status.problem}"


async def _proven(run: UploadRun | SignerRun) -> str:
    outcome = await run.run()
    if outcome.proven:
        return f"{outcome.result}: " + ", ".join(step.id for step in outcome.steps)
    failed = outcome.failed
    if failed is not None and failed.error is not None:
        raise failed.error
    raise UsageError(f"The change was not proven at `{failed.id if failed else 'its end'}`.")
