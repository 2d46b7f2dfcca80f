# SPDX-License-Identifier: Apache-2.0
"""What the documentation of AWS leaves open, and what a run has seen of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.account.run import Result, Run

NOT_SEEN = "not observed"


@dataclass(frozen=True)
class Fact:
    """A question that the documentation of AWS leaves open.

    Attributes:
        question: The question.
        place: Where the project relies on the answer, or says that it is not known.
        observe: What a run has seen.
    """

    question: str
    place: str
    observe: Callable[[Run], str]


def observed(fact: Fact, run: Run) -> str:
    """What a run has seen of a fact; if it cannot be read, why."""
    try:
        return fact.observe(run)
    except (ClientError, BotoCoreError) as error:
        return f"{NOT_SEEN}: {error}"


def _result(run: Run, step: str) -> Result | None:
    return next((result for result in run.results if result.step.name == step), None)


def _of(step: str, tell: Callable[[Result], str]) -> Callable[[Run], str]:
    """Make a fact of a step's result; it is not seen if the step has not run."""

    def observe(run: Run) -> str:
        result = _result(run, step)
        return tell(result) if result else NOT_SEEN

    return observe


def _duration(run: Run) -> str:
    seconds = [
        (job["lastUpdatedDateTime"] - job["creationDateTime"]).total_seconds()
        for result in run.results
        for job in result.jobs
        if job["status"] == "ACTIVE"
    ]
    return f"{min(seconds):.0f} to {max(seconds):.0f} s, {len(seconds)} imports" if seconds else NOT_SEEN


def _refusal(result: Result) -> str:
    return result.reason or NOT_SEEN


def _failure(result: Result) -> str:
    return next((str(job["failureReason"]) for job in result.jobs if job.get("failureReason")), NOT_SEEN)


def _end(result: Result) -> str:
    """Return how a step ended: its stack, its jobs and the reason of a failure."""
    jobs = ", ".join(str(job["status"]) for job in result.jobs) or "none"
    problem = f" {result.reason}" if result.reason else ""
    return f"stack {result.status or 'gone'}; new jobs: {jobs}.{problem}"


def _order(run: Run) -> str:
    """Return the order in which Personalize lists jobs."""
    times = [job["creationDateTime"] for job in run.jobs("imports") if "/INTERACTIONS" in job["datasetArn"]]
    if len(times) < 3:
        return NOT_SEEN
    if times == sorted(times, reverse=True):
        return "the newest first"
    return "the oldest first" if times == sorted(times) else "neither by age nor reversed"


def _kms(run: Run) -> str:
    """Return the calls of Personalize to KMS that CloudTrail has recorded."""
    calls = _trail(run, "kms.amazonaws.com")
    names = {call["EventName"] for call in calls if "personalize.amazonaws.com" in call["CloudTrailEvent"]}
    return ", ".join(sorted(names)) or f"{NOT_SEEN}: CloudTrail lists no call of Personalize"


def _trail(run: Run, source: str) -> list[dict[str, Any]]:
    """Return CloudTrail's events of a service in the last twelve hours."""
    attribute = {"AttributeKey": "EventSource", "AttributeValue": source}
    pages = run.target.client("cloudtrail").get_paginator("lookup_events").paginate(
        LookupAttributes=[attribute], StartTime=datetime.now(UTC) - timedelta(hours=12)
    )  # fmt: skip
    return [event for page in pages for event in page["Events"]]


def _dimensions(run: Run) -> str:
    """Return the metrics of import jobs, each with its dimensions."""
    found = set()
    for page in (
        run.target.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="AWS/Personalize")
    ):
        for metric in page["Metrics"]:
            if metric["MetricName"].startswith("DatasetImportJob"):
                names = "+".join(sorted(each["Name"] for each in metric["Dimensions"]))
                found.add(f"{metric['MetricName']}({names})")
    return ", ".join(sorted(found)) or NOT_SEEN


def _ticks(run: Run) -> str:
    """The gaps between invocations in the handler's log; EventBridge Scheduler makes one a minute."""
    described = run.target.client("cloudformation").describe_stack_resources(StackName=run.stack("imports"))
    groups = [
        each["PhysicalResourceId"]
        for each in described["StackResources"]
        if each["ResourceType"] == "AWS::Logs::LogGroup"
    ]
    starts = sorted(
        event["timestamp"]
        for group in groups
        for page in run.target.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
        if re.search(r"\bSTART RequestId|platform\.start", event["message"])
    )
    gaps = [(after - before) / 1000 for before, after in pairwise(starts) if after - before < 180_000]
    if not gaps:
        return NOT_SEEN
    return f"{len(gaps)} gaps, median {median(gaps):.1f} s, longest {max(gaps):.1f} s"


FACTS: Sequence[Fact] = (
    Fact("How long does an import of small data take?", "docs/faq.md", _duration),
    Fact("Does Personalize name its account and resource when it reads from S3?", "docs/access.md",
         _of("conditions", _end)),
    Fact("Which actions of KMS does Personalize call?", "docs/access.md", _kms),
    Fact("Does an import from an encrypted bucket succeed with the statements of the construct?",
         "docs/access.md", _of("encrypted bucket", _end)),
    Fact("How is data with a missing column refused?", "docs/troubleshooting.md",
         _of("refused update", _refusal)),
    Fact("How does a job with a bad value fail?", "docs/troubleshooting.md", _of("failed update", _failure)),
    Fact("Which dimensions do the metrics of imports have?", "docs/monitoring.md", _dimensions),
    Fact("In which order are import jobs listed?", "lambda/dataset_import/personalize.py", _order),
    Fact("How regular are the invocations by EventBridge Scheduler?", "docs/design.md", _ticks),
    Fact("What does a cancelled update end in?", "docs/local-aws.md", _of("cancelled update", _end)),
    Fact("What does a creation in express mode end in?", "docs/express-mode.md", _of("express mode", _end)),
)  # fmt: skip
