# SPDX-License-Identifier: Apache-2.0
"""The invariant of deployments, D.

After every deployment that ends, rolled back or not, the dataset holds what the deployed template says, or
the deployment said that it does not: by a FAILED answer to a rollback, or by a line of the log at WARNING or
above that names the dataset. An addition of an INCREMENTAL import stays, whatever comes of its deployment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.stacks import content_of
from tests.simulation.dataset_contents import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request
    from tests.fakes.deployments import Deployment
    from tests.fakes.stacks import Content, Properties
    from tests.simulation.dataset_contents import DatasetContents


@dataclass(eq=False)
class Expectation:
    """What one deployment promises for one dataset.

    Attributes:
        dataset: The ARN.
        before: What the dataset held when the deployment began.
        created: When the dataset was created, by which another one of the same name is recognised.
        is_ambiguous: Whether somebody else has changed the dataset meanwhile: then nothing can be expected.
        warnings: The lines of the log that named the dataset.
    """

    deployment: Deployment
    dataset: str
    before: Held
    created: float
    is_ambiguous: bool = False
    warnings: list[str] = field(default_factory=list)


class DeployedData:
    """Checks the invariant of deployments.

    Args:
        account: The account.
        contents: What datasets hold.
        violate: Records a violation.
    """

    def __init__(
        self, account: Account, contents: DatasetContents, violate: Callable[[str, str], None]
    ) -> None:
        self._account = account
        self._contents = contents
        self._violate = violate
        self._open: list[Expectation] = []

    def began(self, deployment: Deployment) -> None:
        """Remember what the datasets of a deployment hold. Whatever else concerns them is ambiguous now."""
        for arn in sorted(_datasets(deployment)):
            dataset = self._account.personalize.datasets.get(arn)
            earlier = [each for each in self._open if each.dataset == arn]
            is_busy = self._account.personalize.is_importing(arn) or bool(earlier)
            for each in earlier:
                each.is_ambiguous = True
            created = dataset.created if dataset else 0.0
            expectation = Expectation(
                deployment, arn, self._contents.held(arn), created, is_busy or not dataset
            )
            self._open.append(expectation)

    def touched(self, request: Request, arn: str) -> None:
        """A request has started a job. It is ambiguous for deployments that the request is no part of."""
        job = self._account.personalize.jobs[arn]
        if job.import_mode != "INCREMENTAL":
            for each in self._open:
                if each.dataset == job.dataset_arn and request not in each.deployment.requests:
                    each.is_ambiguous = True

    def changed_outside(self, dataset_arn: str) -> None:
        """Somebody else has changed a dataset."""
        for each in self._open:
            if each.dataset == dataset_arn:
                each.is_ambiguous = True

    def warned(self, message: str) -> None:
        """A line of the log at WARNING or above."""
        for each in self._open:
            if each.dataset in message:
                each.warnings.append(message)

    def ended(self, deployment: Deployment) -> None:
        """Check a deployment, unless an import of it goes on."""
        for each in [each for each in self._open if each.deployment is deployment]:
            if not self._goes_on(each):
                self._open.remove(each)
                self._check(each)

    def check_rest(self) -> None:
        """Check the deployments whose imports went on after their end."""
        for each in self._open:
            self._check(each)
        self._open.clear()

    def _goes_on(self, expectation: Expectation) -> bool:
        """Whether an import of the deployment runs or is queued after its end."""
        answers = [request.answer for request in expectation.deployment.requests if request.answer]
        is_queued = any(answer["Data"].get("Status", "ACTIVE") != "ACTIVE" for answer in answers)
        return is_queued or self._account.personalize.is_importing(expectation.dataset)

    def _check(self, expectation: Expectation) -> None:
        dataset = self._account.personalize.datasets.get(expectation.dataset)
        is_same = dataset is not None and dataset.created == expectation.created
        if expectation.is_ambiguous or not is_same or self._is_said(expectation):
            return
        outcome = expectation.deployment.outcome
        if outcome == "complete":
            self._check_complete(expectation)
        elif outcome == "rolled back":
            self._check_rolled_back(expectation)

    def _is_said(self, expectation: Expectation) -> bool:
        """Whether the deployment said that the dataset does not hold what the template says."""
        if expectation.warnings:
            return True
        no_wait = [
            request
            for request in expectation.deployment.requests
            if request.properties.get("Wait") == "false"
            and request.properties.get("DatasetArn") == expectation.dataset
        ]
        return any(self._failed(arn) for request in no_wait for arn in self._jobs_of(request))

    def _jobs_of(self, request: Request) -> list[str]:
        """Return the jobs that a request has started or answered with."""
        answered = [answer["Data"].get("DatasetImportJobArn", "") for answer in request.answers]
        return [*request.started, *answered]

    def _failed(self, arn: str) -> bool:
        """Whether a job has failed or does not exist."""
        job = self._account.personalize.jobs.get(arn)
        return job is None or job.status(self._account.kernel.now) == "CREATE FAILED"

    def _check_complete(self, expectation: Expectation) -> None:
        deployment, dataset, before = expectation.deployment, expectation.dataset, expectation.before
        old = _contents(_of_dataset(deployment.before.values(), dataset))
        wanted = _of_dataset((each for each in deployment.wanted.values() if each is not None), dataset)
        full = _contents(each for each in wanted if each.get("ImportMode") != "INCREMENTAL")
        added = _contents(each for each in wanted if each.get("ImportMode") == "INCREMENTAL")
        held = self._contents.held(dataset)
        new_full = full - old
        unchanged = {before.base} if before.base in full and len(full) == 1 else {before.base, *full}
        # Of several full imports into one dataset, any may be the last one.
        may_be_held = (new_full if len(full) == 1 else full) if new_full else unchanged
        if held.base not in may_be_held:
            self._violate("D", f"{dataset} holds {held}, but {sorted(map(str, may_be_held))} is deployed")
        elif not new_full and held.base_job == before.base_job and not set(before.added) <= set(held.added):
            self._violate("D", f"{dataset} has lost what was added to it: {before}, {held}")
        if (added - old) - set(held.added):
            self._violate("D", f"{dataset} holds {held}, without what was added: {added - old}")

    def _check_rolled_back(self, expectation: Expectation) -> None:
        dataset, before = expectation.dataset, expectation.before
        deployment = expectation.deployment
        others = [
            stack.template
            for stack in self._account.cloudformation.stacks.values()
            if stack.is_made and stack not in deployment.before
        ]
        deployed = _of_dataset([*deployment.before.values(), *others], dataset)
        full = _contents(each for each in deployed if each.get("ImportMode") != "INCREMENTAL")
        held = self._contents.held(dataset)
        if not deployed or before.base is None:
            return  # no template says anything of the dataset, or it was made anew outside
        # Of several full imports into one dataset, any may be the last one again.
        may_be_held = {before.base} if len(full) <= 1 and before.base in full else {before.base, *full}
        if held.base not in may_be_held:
            self._violate("D", f"{dataset} holds {held} after a rollback to {before}")
        elif held.base_job == before.base_job and not set(before.added) <= set(held.added):
            self._violate("D", f"{dataset} has lost what was added to it: {before}, {held}")


def _datasets(deployment: Deployment) -> set[str]:
    templates = [*deployment.before.values(), *(each for each in deployment.wanted.values() if each)]
    arns = {each.get("DatasetArn") for template in templates for each in template.values()}
    return {arn for arn in arns if isinstance(arn, str)}


def _of_dataset(templates: Iterable[dict[str, Properties]], dataset: str) -> list[Properties]:
    return [each for template in templates for each in template.values() if each.get("DatasetArn") == dataset]


def _contents(resources: Iterable[Properties]) -> set[Content | None]:
    return {content_of(each) for each in resources}
