# SPDX-License-Identifier: Apache-2.0
import pytest

from demo.cdk_output import is_passing, shorten

EVENT = "Sample |  3/38 | 9:45:12 PM | {} | AWS::S3::Bucket      | Data/Bucket (DataBucketAE09D4D5)"
IMPORT = EVENT.replace("AWS::S3::Bucket      ", "Custom::PersonalizeDatasetImportJob")
STACK = EVENT.replace("AWS::S3::Bucket      ", "AWS::CloudFormation::Stack")
BUNDLING = "Bundling asset Sample/PersonalizeImportHandler/Function/Code/Stage..."


@pytest.mark.parametrize(
    "line",
    [
        EVENT.format("CREATE_IN_PROGRESS     "),
        "Sample: start: Publishing Code",
        BUNDLING,
        EVENT.format("CREATE_COMPLETE"),
        IMPORT.format("CREATE_IN_PROGRESS     "),
    ],
)
def test_what_only_begins_and_other_resources_pass(line: str) -> None:
    """The imports are what the demo is about."""
    assert is_passing(line)


@pytest.mark.parametrize(
    "line",
    [
        IMPORT.format("CREATE_COMPLETE"),
        STACK.format("CREATE_COMPLETE"),
        EVENT.format("CREATE_FAILED"),
        "✅  Sample",
    ],
)
def test_imports_stacks_and_failures_stay(line: str) -> None:
    """Results are never hidden."""
    assert not is_passing(line)


def test_the_event_of_a_complete_resource_is_shortened() -> None:
    """Status, type and path are left."""
    assert shorten(EVENT.format("CREATE_COMPLETE")) == "CREATE_COMPLETE  AWS::S3::Bucket  Data/Bucket"


def test_bundling_says_what_it_does() -> None:
    """The CLI's line names a stage that nobody knows of."""
    assert shorten(BUNDLING) == (
        "Putting the code of the function Sample/PersonalizeImportHandler/Function together, without Docker"
    )


@pytest.mark.parametrize(
    "line", [EVENT.format("CREATE_FAILED") + " Access Denied (403)", "✨  Synthesis time: 7s"]
)
def test_any_other_line_stays_as_it_is(line: str) -> None:
    """A failure keeps its whole reason."""
    assert shorten(line) == line
