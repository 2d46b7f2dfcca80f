# SPDX-License-Identifier: Apache-2.0
import pytest

from cdk_personalize_import._limits import StringLimit, most_tags, string_limit


@pytest.mark.parametrize(
    ("path", "minimum", "maximum"),
    [
        (("jobName",), 1, 63),
        (("datasetArn",), 0, 256),
        (("dataSource", "dataLocation"), 0, 256),
        (("roleArn",), 0, 256),
        (("tags", "tagKey"), 1, 128),
        (("tags", "tagValue"), 0, 256),
    ],
)
def test_limits_are_those_of_the_service_model(path: tuple[str, ...], minimum: int, maximum: int) -> None:
    """If a limit changes here, read the documentation and check the handler first."""
    limit = string_limit(*path)

    assert (minimum, maximum) == (limit.minimum, limit.maximum)


def test_the_number_of_tags_is_that_of_the_service_model() -> None:
    """It is the limit of the list's length."""
    assert most_tags() == 200


def test_a_pattern_is_compared_with_the_whole_value() -> None:
    """The service does so, although the model's patterns are not anchored."""
    assert not StringLimit(0, 9, "[a-z]+").matches("abc!")
    assert not StringLimit(0, 9, "[a-z]+").matches("!abc")
    assert not StringLimit(0, 9, "^[a-z]+$").matches("abc\n")


def test_digits_are_ascii_unless_the_pattern_says_unicode() -> None:
    r"""In Java's patterns "\\d" is ASCII and "\\p{N}" is Unicode."""
    assert not StringLimit(0, 9, r"\d+").matches("٣")
    assert StringLimit(0, 9, r"[\p{L}\p{N}_]+").matches("٣")


def test_limits_do_not_depend_on_the_configuration_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Synth works although a profile of the AWS configuration is missing."""
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    string_limit.cache_clear()

    assert string_limit("jobName").maximum == 63
