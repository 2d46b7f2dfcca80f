# SPDX-License-Identifier: Apache-2.0
"""The deployed role can stage data of this machine, and has no other permission for it."""

import aws_cdk as cdk
import pytest

from cdk_personalize_import import DatasetImportJob, DataSource
from local_aws import LocalAws
from tests.access.calls import ACCOUNT, REGION, Call, allowed, unused
from tests.access.deployed import HANDLER, Deployed, deploy
from tests.access.one_import import DATA, dataset_in
from tests.construct.imports import IMPORT

pytestmark = pytest.mark.slow

ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"


@pytest.fixture(scope="module")
def staged(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """A stack whose import has been created from a file of this machine."""
    data = tmp_path_factory.mktemp("data") / "interactions.csv"
    data.write_text(DATA)

    def build(stack: cdk.Stack) -> None:
        source = DataSource.from_asset(data)
        DatasetImportJob(stack, "Import", dataset=dataset_in(stack), data_source=source)

    deployed = deploy(aws, build)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=ASSETS)
    for file in deployed.properties["Staging"]["Files"]:
        s3.put_object(Bucket=file["Bucket"], Key=file["Key"], Body=DATA.encode())
    answer = deployed.run("Create", logical_id=logical_id_of(deployed))
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    return deployed


def logical_id_of(deployed: Deployed) -> str:
    """Return the logical id of the import."""
    resources: dict[str, dict[str, str]] = deployed.template["Resources"]
    (name,) = (name for name, resource in resources.items() if resource["Type"] == IMPORT)
    return name


def of_s3(calls: list[Call]) -> list[Call]:
    """Pick the calls of Amazon S3."""
    return [call for call in calls if call.action.startswith("s3:")]


def test_all_that_staging_calls_is_allowed(staged: Deployed) -> None:
    """It checks whether a copy exists, copies, and deletes."""
    policies = staged.policies(f"{HANDLER}Role")

    calls = of_s3(staged.calls)

    assert {call.action for call in calls} == {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
    assert [call for call in calls if not allowed(call, policies)] == []


def test_all_that_is_allowed_in_s3_is_called(staged: Deployed) -> None:
    """AbortMultipartUpload is used only if a copy in parts fails."""
    policies = staged.policies(f"{HANDLER}Role")
    abort = Call("s3:AbortMultipartUpload", f"arn:aws:s3:::{staged.bucket}/any")

    found = unused(policies, [*of_s3(staged.calls), abort])

    assert [action for action, _ in found if action.startswith("s3:")] == []


def test_no_copy_is_left_and_the_asset_is(staged: Deployed) -> None:
    """The handler deletes its copy, but not the asset of the CDK."""
    s3 = staged.aws.client("s3")

    assert s3.list_objects_v2(Bucket=staged.bucket)["KeyCount"] == 0
    assert s3.list_objects_v2(Bucket=ASSETS)["KeyCount"] == 1


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", f"{ASSETS}/0123456789abcdef.zip"),
        ("s3:PutObject", f"{ASSETS}/0123456789abcdef.csv"),
        ("s3:DeleteObject", f"{ASSETS}/0123456789abcdef.csv"),
        ("s3:GetObject", "other/0123456789abcdef.csv"),
        ("s3:DeleteObject", "other/0123456789abcdef.csv"),
        ("s3:DeleteBucket", "{bucket}"),
        ("s3:PutBucketPolicy", "{bucket}"),
    ],
)
def test_staging_is_denied(staged: Deployed, action: str, resource: str) -> None:
    """It has no access to other assets than data, to other buckets, and to the buckets themselves."""
    call = Call(action, f"arn:aws:s3:::{resource.format(bucket=staged.bucket)}")

    assert not allowed(call, staged.policies(f"{HANDLER}Role"))


def test_the_role_of_the_import_may_read_its_own_copies_alone(staged: Deployed) -> None:
    """It may not read those of another import."""
    policies = staged.policies("ImportServiceRole")
    prefix = staged.properties["Staging"]["Prefix"]

    def read(key: str) -> Call:
        return Call("s3:GetObject", f"arn:aws:s3:::{staged.bucket}/{key}")

    assert allowed(read(f"{prefix}part-0001.csv"), policies)
    assert not allowed(read("Other12345678/0123456789/part-0001.csv"), policies)
