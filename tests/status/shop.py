# SPDX-License-Identifier: Apache-2.0
"""The stack Shop with one import, and its status."""

from personalize_import.status import ImportStatus, StatusReader
from tests.status.facts import job, record
from tests.status.fake_aws import IMPORT, TABLE, FakeAws, FakeStack

OWN = job("items-aaaaaaaaaaaa-1", -60)
OTHER = job("items-bbbbbbbbbbbb-1", -30)
COMPLETE = ("Import", IMPORT, "UPDATE_COMPLETE", OWN.arn)
DONE = record(job_name=OWN.name, jobs=(OWN.name,), physical_id=OWN.arn, outcome="SUCCESS", answered=True)
BEGUN = ("", "UPDATE_IN_PROGRESS", "", "", "")
PATHS = {"Import": "Shop/Import"}


def account(stack: FakeStack | None = None, **more: FakeStack) -> FakeAws:
    """An account with the stack Shop, and with others."""
    shop = stack or FakeStack("UPDATE_COMPLETE", [TABLE, COMPLETE], template=PATHS)
    return FakeAws({"Shop": shop, **more}, [DONE], jobs=[OWN])


def updating(*events: tuple[str, str, str, str, str], status: str = "UPDATE_IN_PROGRESS") -> FakeStack:
    """The stack Shop while it is updated."""
    return FakeStack(status, [TABLE, COMPLETE], [BEGUN, *events], PATHS)


def read(aws: FakeAws, *names: str) -> list[ImportStatus]:
    """Read the imports of stacks; those of Shop, where none is named."""
    return list(StatusReader(aws.client).read(names or ["Shop"]).imports)
