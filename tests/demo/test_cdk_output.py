# SPDX-License-Identifier: Apache-2.0
import pytest

from demo.cdk_output import is_passing, shorten

EVENT = "Sample |  3/38 | 9:45:12 PM | {} | AWS::S3::Bucket      | Data/Bucket (DataBucketAE09D4D5)"


@pytest.mark.parametrize(
    "line",
    [
        EVENT.format("CREATE_IN_PROGRESS     "),
        "Sample: start: Publishing Code",
        "Bundling asset Sample/Code ...",
    ],
)
def test_what_only_begins_is_passing(line: str) -> None:
    """A line that a later one makes superfluous does not stay."""
    assert is_passing(line)


@pytest.mark.parametrize(
    "line", [EVENT.format("CREATE_COMPLETE"), EVENT.format("CREATE_FAILED"), "✅  Sample"]
)
def test_what_is_done_or_failed_stays(line: str) -> None:
    """Results are never hidden."""
    assert not is_passing(line)


def test_the_event_of_a_complete_resource_is_shortened() -> None:
    """Count, status, type and path are left."""
    assert shorten(EVENT.format("CREATE_COMPLETE")) == " 3/38  CREATE_COMPLETE  AWS::S3::Bucket  Data/Bucket"


@pytest.mark.parametrize(
    "line", [EVENT.format("CREATE_FAILED") + " Access Denied (403)", "✨  Synthesis time: 7s"]
)
def test_any_other_line_stays_as_it_is(line: str) -> None:
    """A failure keeps its whole reason."""
    assert shorten(line) == line
