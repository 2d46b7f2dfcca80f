# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportError, DataSource, ImportMode, InvalidPropertiesError
from tests.construct.imports import Imports


def refusal(imports: Imports, **properties: Any) -> str:
    """Return what an import with these properties is refused with."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(**properties)
    return str(refused.value)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            {"dataset_arn": "shop"},
            "dataset_arn must be the ARN of a dataset, arn:...:dataset/GROUP/TYPE, got 'shop' "
            "(Stack/Import). Pass the attr_dataset_arn of the dataset, or the dataset itself as dataset=.",
        ),
        (
            {"dataset_arn": "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"},
            "dataset_arn must be the ARN of a dataset, arn:...:dataset/GROUP/TYPE, got "
            "'arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop' (Stack/Import). "
            "Pass the attr_dataset_arn of the dataset, or the dataset itself as dataset=.",
        ),
        (
            {"dataset_arn": "arn:aws:personalize:::dataset/shop/INTERACTIONS"},
            "dataset_arn must be the ARN of a dataset, arn:...:dataset/GROUP/TYPE, got "
            "'arn:aws:personalize:::dataset/shop/INTERACTIONS' (Stack/Import). "
            "Pass the attr_dataset_arn of the dataset, or the dataset itself as dataset=.",
        ),
        (
            {"dataset_arn": "arn:aws:personalize:eu-west-1:111122223333:dataset/" + "s" * 206},
            f"dataset_arn must have at most 256 characters, got 257: 'arn:aws:personalize:eu-west-1:"
            f"111122223333:dataset/{'s' * 206}' (Stack/Import). Pass the "
            "attr_dataset_arn of the dataset, or the dataset itself as dataset=.",
        ),
        (
            {"dataset_arn": 7},
            "dataset_arn must be a string, got 7 (Stack/Import). "
            "Pass the attr_dataset_arn of the dataset, or the dataset itself as dataset=.",
        ),
        (
            {"data_source": "s3://bucket/key"},
            "data_source must be a DataSource, got 's3://bucket/key' (Stack/Import). "
            "Make one with DataSource.from_bucket or DataSource.from_asset.",
        ),
        (
            {"import_mode": "full"},
            "import_mode must be one of ImportMode.FULL, ImportMode.INCREMENTAL, got 'full' (Stack/Import). "
            "Pass the member, not its name.",
        ),
        (
            {"publish_attribution_metrics_to_s3": "no"},
            "publish_attribution_metrics_to_s3 must be True or False, got 'no' (Stack/Import). "
            "Pass a boolean.",
        ),
        (
            {"wait": 0},
            "wait must be True or False, got 0 (Stack/Import). Pass a boolean.",
        ),
        (
            {"job_name_prefix": "n" * 46},
            f"job_name_prefix must have at most 45 characters, got 46: '{'n' * 46}' (Stack/Import). Shorten "
            "it: of the 63 characters that the API allows, the import needs 18 to make each name unique.",
        ),
        (
            {"job_name_prefix": "_nightly"},
            "job_name_prefix must match ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*, got '_nightly' (Stack/Import). "
            "Use letters, digits, '-' and '_', a letter or digit first; or omit it.",
        ),
        (
            {"revision": 20261123},
            "revision must be a string, got 20261123 (Stack/Import). "
            "Pass a text, such as a date, and change it to import the data again.",
        ),
        (
            {"revision": "r" * 257},
            "revision must have 1 to 256 characters, got 257 (Stack/Import). "
            "Pass a text, such as a date, and change it to import the data again.",
        ),
        (
            {"role": "arn:aws:iam::111122223333:role/reader"},
            "role must be an iam.IRole, got 'arn:aws:iam::111122223333:role/reader' (Stack/Import). "
            "Make one of an ARN with iam.Role.from_role_arn.",
        ),
        (
            {"timeout": 600},
            "timeout must be a Duration, got 600 (Stack/Import). "
            "Pass a Duration, such as Duration.minutes(30).",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_rule_value_place_and_fix(
    imports: Imports, properties: dict[str, Any], message: str
) -> None:
    """Each message can be understood alone."""
    assert message == refusal(imports, **properties)


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (cdk.Duration.seconds(30), "got 30 seconds (Stack/Import). Pass more: the smallest import takes"),
        (cdk.Duration.millis(59_999), "got 59 seconds 999 millis"),
        (
            cdk.Duration.hours(13),
            "got 13 hours (Stack/Import). CloudFormation cannot wait longer. To deploy without waiting, pass",
        ),
        (cdk.Duration.seconds(43_201), "got 12 hours 1 second"),
    ],
)
def test_the_timeout_is_between_a_minute_and_12_hours(
    imports: Imports, timeout: cdk.Duration, expected: str
) -> None:
    """CloudFormation waits at most 12 hours for a wait condition."""
    message = refusal(imports, timeout=timeout)

    assert message.startswith("timeout must be between 1 minute and 12 hours, ")
    assert expected in message


@pytest.mark.parametrize(
    ("timeout", "got", "rounded"),
    [
        (cdk.Duration.millis(90_600), "90.6", "Duration.seconds(91)"),
        (cdk.Duration.hours(1.1), "3960.0000000000005", "Duration.minutes(66)"),
    ],
)
def test_the_timeout_is_in_whole_seconds(
    imports: Imports, timeout: cdk.Duration, got: str, rounded: str
) -> None:
    """A fraction may also come from the conversion of hours."""
    message = refusal(imports, timeout=timeout)

    assert message == (
        f"timeout must be a whole number of seconds, got {got} (Stack/Import). "
        f"Round it, such as to {rounded}."
    )


@pytest.mark.parametrize("minutes", [1, 60, 720])
def test_a_minute_an_hour_and_12_hours_are_allowed(imports: Imports, minutes: int) -> None:
    """The limits themselves are allowed."""
    imports.add(timeout=cdk.Duration.minutes(minutes))

    imports.template().has_resource_properties(
        "Custom::PersonalizeDatasetImportJob", {"Timeout": minutes * 60}
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "/items.csv",
            "key_or_prefix must not begin with '/', got '/items.csv' (Stack/Import). Use 'items.csv'.",
        ),
        (
            "s3://bucket/items.csv",
            "key_or_prefix must be a key or a prefix without its bucket, got 's3://bucket",
        ),
        (None, "key_or_prefix must be a string, got None"),
        ("line\nbreak", "data_source must match (s3|http|https)://.+, got 's3://BUCKET/line\\nbreak'"),
        (
            "/",
            "key_or_prefix must not begin with '/', got '/' (Stack/Import). "
            "To import the whole bucket, use ''.",
        ),
    ],
)
def test_a_wrong_key_is_refused(imports: Imports, key: Any, expected: str) -> None:
    """The error has the rule and, if possible, the right value."""
    assert expected in refusal(imports, data_source=DataSource.from_bucket(imports.bucket, key))


def test_a_location_has_256_characters_at_most(imports: Imports, stack: cdk.Stack) -> None:
    """The bucket's name counts; a name that synth does not know counts as three characters."""
    known = s3.Bucket.from_bucket_name(stack, "Known", "b" * 63)
    longest = 256 - len("s3:///")

    imports.add("Longest", data_source=DataSource.from_bucket(imports.bucket, "k" * (longest - 3)))
    imports.add("LongestKnown", data_source=DataSource.from_bucket(known, "k" * (longest - 63)))

    rule = "data_source must have a location s3://BUCKET/KEY of at most 256 characters, got"
    too_long = {
        "Unknown": (imports.bucket, "k" * (longest - 2), f"at least 257 with the key '{'k' * 248}'"),
        "Known": (known, "k" * (longest - 62), f"257: 's3://{'b' * 63}/{'k' * 188}'"),
    }
    for name, (bucket, key, got) in too_long.items():
        source = DataSource.from_bucket(bucket, key)
        message = refusal(imports, construct_id=f"TooLong{name}", data_source=source)
        assert message == f"{rule} {got} (Stack/TooLong{name}). Use a shorter key."


def test_the_role_has_the_arn_of_a_role(imports: Imports, stack: cdk.Stack) -> None:
    """The CDK accepts any ARN whose resource begins with role."""
    given = iam.Role.from_role_arn(stack, "Given", "arn:aws:iam::0123:role/reader")

    assert refusal(imports, role=given) == (
        "role must have the ARN of a role of IAM, arn:...:iam::ACCOUNT:role/NAME, got "
        "'arn:aws:iam::0123:role/reader' (Stack/Import). Pass a role by its whole ARN."
    )


def test_a_role_that_is_looked_up_is_taken(app: cdk.App) -> None:
    """Until the CDK CLI has looked it up, the CDK returns a role of another account."""
    stack = cdk.Stack(app, "Looking", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    role = iam.Role.from_lookup(stack, "Role", role_name="reader")

    job = Imports(stack, s3.Bucket(stack, "Bucket")).add(role=role)

    assert job.role is role


def test_a_reference_to_a_role_is_refused(imports: Imports) -> None:
    """It has an ARN, but its policy cannot be changed."""

    class Reference:
        role_arn = "arn:aws:iam::111122223333:role/reader"

    assert refusal(imports, role=Reference()).startswith("role must be an iam.IRole, got <")


@pytest.mark.parametrize("way", ["from_bucket", "from_asset"])
@pytest.mark.parametrize(
    "given", ["name", "class", "raw resource", "named raw resource", "reference", "attributes", "location"]
)
def test_what_is_not_a_bucket_is_refused(imports: Imports, stack: cdk.Stack, way: str, given: str) -> None:
    """An object with a bucket's name is not sufficient, because the bucket's policy must be changed."""
    given_as: dict[str, Callable[[], Any]] = {
        "name": lambda: "my-data",
        "class": lambda: s3.Bucket,
        "raw resource": lambda: s3.CfnBucket(stack, "Raw"),
        "named raw resource": lambda: s3.CfnBucket(stack, "Raw", bucket_name="my-data"),
        "reference": lambda: imports.bucket.bucket_ref,
        "attributes": lambda: s3.BucketAttributes(bucket_name="my-data"),
        "location": lambda: s3.Location(bucket_name="my-data", object_key="items.csv"),
    }
    bucket = given_as[given]()
    source = {
        "from_bucket": lambda: DataSource.from_bucket(bucket, "items.csv"),
        "from_asset": lambda: DataSource.from_asset(Path(__file__), bucket=bucket),
    }[way]()

    assert refusal(imports, data_source=source) == (
        f"bucket of DataSource.{way} must be an s3.IBucket, got {bucket!r} (Stack/Import). "
        "Create one with s3.Bucket.from_bucket_name, or with s3.Bucket.from_cfn_bucket of a CfnBucket."
    )


def test_a_raw_bucket_may_be_made_one(imports: Imports, stack: cdk.Stack) -> None:
    """The message says so."""
    raw = s3.Bucket.from_cfn_bucket(s3.CfnBucket(stack, "Raw"))

    imports.add(data_source=DataSource.from_bucket(raw, "items.csv"))

    assert '"Ref": "Raw"' in json.dumps(imports.properties()["DataSource"])


def test_one_error_lists_all_problems(imports: Imports) -> None:
    """One message has a line for each problem."""
    message = refusal(
        imports,
        dataset_arn="shop",
        data_source=DataSource.from_bucket(imports.bucket, "/items.csv"),
        import_mode="FULL",
        job_name_prefix="a job",
        timeout=cdk.Duration.days(1),
        wait=None,
    )

    assert [line.split(" must ")[0] for line in message.splitlines()] == [
        "dataset_arn",
        "key_or_prefix",
        "import_mode",
        "job_name_prefix",
        "timeout",
        "wait",
    ]
    assert all("(Stack/Import)" in line for line in message.splitlines())


def test_a_refusal_is_a_value_error_of_this_library(imports: Imports) -> None:
    """An app can catch it by either class."""
    with pytest.raises(DatasetImportError) as refused:
        imports.add(job_name_prefix="")

    assert isinstance(refused.value, ValueError)


def test_tokens_pass(imports: Imports, stack: cdk.Stack) -> None:
    """Synth does not know the values of tokens, so the service checks them."""
    text = cdk.CfnParameter(stack, "Text").value_as_string
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    imports.add(
        dataset_arn=text,
        data_source=DataSource.from_bucket(s3.Bucket.from_bucket_name(stack, "Named", text), text),
        job_name_prefix=text,
        revision=text,
        role=iam.Role.from_role_arn(stack, "Given", text),
        timeout=cdk.Duration.seconds(number),
        import_mode=ImportMode.INCREMENTAL,
    )

    properties = imports.properties()

    assert (
        {"Ref": "Text"} == properties["DatasetArn"] == properties["JobNamePrefix"] == properties["Revision"]
    )
    assert properties["RoleArn"] == {"Ref": "Text"}
    assert properties["Timeout"] == {"Ref": "Number"}


def test_a_token_of_minutes_cannot_be_turned_into_seconds(imports: Imports, stack: cdk.Stack) -> None:
    """CloudFormation cannot calculate."""
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number

    message = refusal(imports, timeout=cdk.Duration.minutes(number))

    assert message == (
        "timeout must be in seconds where it is a token, got minutes (Stack/Import). Use Duration.seconds."
    )
