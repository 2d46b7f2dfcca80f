# SPDX-License-Identifier: Apache-2.0
"""Outputs are deployed on their own, and an export stays as it is while another stack imports it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from typing import Any

from tests.local_aws.stacks import Stacks

QUEUE = {"Type": "AWS::SQS::Queue"}


def export(name: str, value: Any) -> dict[str, Any]:
    """Return outputs that export the value."""
    return {"Exported": {"Value": value, "Export": {"Name": name}}}


def importer(name: str) -> dict[str, Any]:
    """Return resources that import the value."""
    return {"Reader": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::ImportValue": name}}}}  # fmt: skip


def exported(stacks: Stacks) -> dict[str, str]:
    """Return the exports of the account."""
    return {entry["Name"]: entry["Value"] for entry in stacks.client.list_exports()["Exports"]}


def test_a_change_set_that_changes_outputs_alone_is_executed(stacks: Stacks) -> None:
    """An export that another stack is about to import is added without any change to the resources."""
    name = stacks.name()
    stacks.deploy(name, {"Queue": QUEUE})

    change = stacks.change(name, {"Queue": QUEUE}, export(name, "one"))

    assert change == "CREATE_COMPLETE"
    stacks.execute(name)
    assert stacks.wait(name) == "UPDATE_COMPLETE"
    assert stacks.outputs(name) == {"Exported": "one"}
    assert exported(stacks)[name] == "one"


def test_a_change_set_that_changes_nothing_has_failed(stacks: Stacks) -> None:
    """The outputs are compared as well as the resources."""
    name = stacks.name()
    stacks.deploy(name, {"Queue": QUEUE}, export(name, "one"))

    assert stacks.change(name, {"Queue": QUEUE}, export(name, "one")) == "FAILED"


def test_the_value_of_an_export_in_use_does_not_change(stacks: Stacks) -> None:
    """The update is rolled back and names the stack that imports the export."""
    name, other = stacks.name(), stacks.name()
    stacks.deploy(name, {"Queue": QUEUE}, export(name, "one"))
    stacks.deploy(other, importer(name))

    status = stacks.deploy(name, {"Queue": QUEUE, "Second": QUEUE}, export(name, "two"))

    said = f"Export {name} cannot be updated as it is in use by {other}"
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert said in stacks.reasons(name)
    assert exported(stacks)[name] == "one"
    assert stacks.outputs(name) == {"Exported": "one"}


def test_an_export_in_use_is_not_removed(stacks: Stacks) -> None:
    """It can be removed with its output after its importer no longer uses it."""
    name, other = stacks.name(), stacks.name()
    stacks.deploy(name, {"Queue": QUEUE}, export(name, "one"))
    stacks.deploy(other, importer(name))

    refused = stacks.deploy(name, {"Queue": QUEUE})
    stacks.delete(other)
    accepted = stacks.deploy(name, {"Queue": QUEUE})

    said = f"Export {name} cannot be deleted as it is in use by {other}"
    assert refused == "UPDATE_ROLLBACK_COMPLETE"
    assert said in stacks.reasons(name)
    assert accepted == "UPDATE_COMPLETE"
    assert name not in exported(stacks)


def test_an_export_that_nobody_imports_changes(stacks: Stacks) -> None:
    """Only an import holds the value."""
    name = stacks.name()
    stacks.deploy(name, {"Queue": QUEUE}, export(name, "one"))

    assert stacks.deploy(name, {"Queue": QUEUE}, export(name, "two")) == "UPDATE_COMPLETE"
    assert exported(stacks)[name] == "two"
