# SPDX-License-Identifier: Apache-2.0
"""What the properties of a resource ask for."""

from typing import Any

import pytest

from dataset_import.request import (
    ImportRequest,
    InvalidPropertiesError,
    fingerprint_of,
    location_of,
    prefix_of,
    timeout_of,
)

DATASET = "arn:aws:personalize:us-east-1:123456789012:dataset/shop/INTERACTIONS"
LEAST: dict[str, Any] = {
    "DatasetArn": DATASET,
    "DataSource": {"DataLocation": "s3://shop/interactions.csv"},
    "RoleArn": "arn:aws:iam::123456789012:role/import",
    "JobNamePrefix": "interactions",
}


def test_what_is_left_out_has_the_defaults_of_the_api() -> None:
    """Mode FULL, no attribution, no tags; an hour, and waiting."""
    assert ImportRequest.from_properties(LEAST) == ImportRequest(
        dataset_arn=DATASET,
        data_location="s3://shop/interactions.csv",
        role_arn="arn:aws:iam::123456789012:role/import",
        job_name_prefix="interactions",
        import_mode="FULL",
        publish_attribution_metrics_to_s3=False,
        tags=(),
        revision="",
        timeout=3600.0,
        wait=True,
    )


def test_what_is_given_is_read_from_strings() -> None:
    """CloudFormation delivers numbers and booleans as strings."""
    request = ImportRequest.from_properties(
        {
            **LEAST,
            "ImportMode": "INCREMENTAL",
            "PublishAttributionMetricsToS3": "true",
            "Tags": [{"Key": "team", "Value": "shop"}],
            "Revision": "2",
            "Timeout": "90",
            "Wait": "false",
        }
    )

    assert (request.import_mode, request.publish_attribution_metrics_to_s3) == ("INCREMENTAL", True)
    assert (request.tags, request.revision) == ((("team", "shop"),), "2")
    assert (request.timeout, request.wait) == (90.0, False)


@pytest.mark.parametrize(
    "tag",
    [{"Key": "", "Value": ""}, {"Key": "team"}, {"Key": "team", "Value": 1}, "team"],
    ids=["no key", "no value", "a number", "a text"],
)
def test_tags_have_a_key_and_a_text(tag: object) -> None:
    """The value may be empty, the key may not."""
    with pytest.raises(ValueError, match="Tags must be a list of Key and Value"):
        ImportRequest.from_properties({**LEAST, "Tags": [tag]})
    assert ImportRequest.from_properties({**LEAST, "Tags": [{"Key": "team", "Value": ""}]}).tags


@pytest.mark.parametrize(
    "change",
    [
        {"DatasetArn": DATASET + "2"},
        {"DataSource": {"DataLocation": "s3://shop/other.csv"}},
        {"ImportMode": "INCREMENTAL"},
        {"PublishAttributionMetricsToS3": "true"},
        {"Revision": "2"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_decides_the_data_is_in_the_fingerprint(change: dict[str, Any]) -> None:
    """Old properties and new are compared by it, so that both ways to compute it agree."""
    changed = {**LEAST, **change}

    assert fingerprint_of(changed) == ImportRequest.from_properties(changed).fingerprint
    assert fingerprint_of(changed) != fingerprint_of(LEAST)


@pytest.mark.parametrize(
    "change",
    [
        {"RoleArn": "other"},
        {"JobNamePrefix": "other"},
        {"Tags": [{"Key": "team", "Value": "shop"}]},
        {"Timeout": "60"},
        {"Wait": "false"},
        {"ImportMode": "FULL"},
        {"PublishAttributionMetricsToS3": "false"},
        {"Revision": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_does_not_decide_the_data_is_not(change: dict[str, Any]) -> None:
    """Nor is a default that is spelt out."""
    changed = {**LEAST, **change}

    assert fingerprint_of(changed) == fingerprint_of(LEAST)
    assert ImportRequest.from_properties(changed).fingerprint == fingerprint_of(LEAST)


def test_a_fingerprint_stays_the_same_from_version_to_version() -> None:
    """Another would import everybody's data again."""
    assert fingerprint_of(LEAST) == "8d0daf8c69b1"
    assert fingerprint_of({}) == "d2fae93c15bd"


@pytest.mark.parametrize("source", [None, "s3://shop/", {}, {"DataLocation": ""}])
def test_a_location_that_is_not_there_is_empty(source: object) -> None:
    """Whatever stands in its place."""
    assert location_of({"DataSource": source}) == location_of({}) == ""


def test_everything_that_is_missing_is_named_at_once() -> None:
    """One deployment shows all problems."""
    with pytest.raises(InvalidPropertiesError) as caught:
        ImportRequest.from_properties({})

    for name in ("DatasetArn", "DataSource.DataLocation", "RoleArn", "JobNamePrefix"):
        assert f"{name} must be" in str(caught.value)


@pytest.mark.parametrize(
    ("length", "shown"),
    [(1, "'x'"), (98, f"'{'x' * 98}'"), (99, f"'{'x' * 99}…"), (5000, f"'{'x' * 99}…")],
)
def test_a_wrong_value_is_shown_up_to_a_hundred_characters(length: int, shown: str) -> None:
    """A reason has little room, and several problems may have to share it."""
    with pytest.raises(InvalidPropertiesError) as caught:
        ImportRequest.from_properties({**LEAST, "Timeout": "x" * length})

    assert str(caught.value).removesuffix(".").endswith(f" above 0, got {shown}")


@pytest.mark.parametrize("timeout", [None, "", "soon", [1]])
def test_a_timeout_that_cannot_be_read_is_an_hour(timeout: object) -> None:
    """A Delete must not fail for it."""
    assert timeout_of({"Timeout": timeout}) == timeout_of({}) == 3600.0
    assert timeout_of({"Timeout": "90"}) == 90.0


def test_more_than_an_hour_takes_a_wait_condition() -> None:
    """CloudFormation waits no longer for a resource; a timeout that was a token may ask for more."""
    hours = {"Timeout": "7200"}

    assert timeout_of(hours) == 3600.0
    assert timeout_of({**hours, "WaitConditionHandle": "https://handle.test"}) == 7200.0


def test_the_prefix_has_an_earlier_name_in_stacks_of_an_earlier_handler() -> None:
    """Where both are given, the new one counts."""
    assert prefix_of({"JobName": "shop"}) == "shop"
    assert prefix_of({"JobName": "shop", "JobNamePrefix": "interactions"}) == "interactions"
    assert prefix_of({}) == ""


def test_each_rule_that_is_broken_is_told_with_the_value() -> None:
    """The reason is all that the user sees of it."""
    with pytest.raises(InvalidPropertiesError) as caught:
        ImportRequest.from_properties(
            {
                "DatasetArn": 7,
                "DataSource": {"DataLocation": ""},
                "RoleArn": ["role"],
                "JobNamePrefix": None,
                "ImportMode": "SOME",
                "PublishAttributionMetricsToS3": "maybe",
                "Tags": "team",
                "Revision": 2,
                "Timeout": "soon",
                "WaitConditionHandle": "http://shop",
            }
        )

    assert str(caught.value).split("; ") == [
        "DatasetArn must be the ARN of a dataset, got 7",
        "DataSource.DataLocation must be an S3 URL, got ''",
        "RoleArn must be the ARN of a role, got ['role']",
        "JobNamePrefix must be a text, got None",
        "PublishAttributionMetricsToS3 must be true or false, got 'maybe'",
        "Tags must be a list of Key and Value, got 'team'",
        "Revision must be a text, got 2",
        "Timeout must be a number of seconds above 0, got 'soon'",
        "ImportMode must be FULL or INCREMENTAL, got 'SOME'",
        "WaitConditionHandle must be an https URL",
    ]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "DatasetArn",
            DATASET.replace(":dataset/", ":schema/"),
            "DatasetArn must be the ARN of a dataset, got 'arn:",
        ),
        ("ImportMode", 7, "ImportMode must be a text, got 7"),
    ],
)
def test_a_value_of_another_form_is_told(name: str, value: object, message: str) -> None:
    """The message names the property as the template does."""
    with pytest.raises(InvalidPropertiesError) as caught:
        ImportRequest.from_properties({**LEAST, name: value})

    assert str(caught.value).startswith(message)
