# SPDX-License-Identifier: Apache-2.0
"""The CDK's own BucketDeployment runs here: its handler, its layer with the AWS CLI, its role."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment

from local_aws import LocalAws
from tests.local_aws.stacks import Stacks

ASSETS = "assets-of-the-tests"


class Site(cdk.Stack):
    """A bucket, and the files of a folder copied into it."""

    def __init__(self, scope: cdk.App, folder: Path) -> None:
        synthesizer = cdk.DefaultStackSynthesizer(
            file_assets_bucket_name=ASSETS, generate_bootstrap_version_rule=False
        )
        super().__init__(scope, "Site", synthesizer=synthesizer)
        bucket = s3.Bucket(self, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY)
        deployment.BucketDeployment(
            self,
            "Deployment",
            destination_bucket=bucket,
            destination_key_prefix="data",
            sources=[
                deployment.Source.asset(str(folder)),
                deployment.Source.json_data("where.json", {"bucket": bucket.bucket_arn}),
            ],
            retain_on_delete=False,
        )
        cdk.CfnOutput(self, "Name", value=bucket.bucket_name)


def published(aws: LocalAws, folder: Path) -> dict[str, Any]:
    """Return the stack's template after its assets are put into their bucket."""
    app = cdk.App()
    Site(app, folder)
    assembly = Path(app.synth().directory)
    manifest = json.loads((assembly / "Site.assets.json").read_text())
    client = aws.client("s3")
    client.create_bucket(Bucket=ASSETS)
    there = {entry["Key"] for entry in client.list_objects_v2(Bucket=ASSETS).get("Contents", [])}
    for asset in manifest["files"].values():
        keys = {destination["objectKey"] for destination in asset["destinations"].values()}
        if keys <= there:
            continue
        source = assembly / asset["source"]["path"]
        content = zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
        for key in keys:
            client.put_object(Bucket=ASSETS, Key=key, Body=content)
    template: dict[str, Any] = json.loads((assembly / "Site.template.json").read_text())
    return template


def zipped(folder: Path) -> bytes:
    """Return the folder's files as an archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return packed.getvalue()


def test_files_are_copied_replaced_pruned_and_removed(aws: LocalAws, stacks: Stacks, tmp_path: Path) -> None:
    """A deployment fills in markers, the next one prunes, and the stack's end removes all files."""
    client, name = aws.client("s3"), stacks.name()

    def files(bucket: str) -> dict[str, str]:
        listed = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        read = {o["Key"]: client.get_object(Bucket=bucket, Key=o["Key"])["Body"].read() for o in listed}
        return {key: content.decode() for key, content in read.items()}

    (tmp_path / "a.csv").write_text("one")
    (tmp_path / "b.csv").write_text("gone soon")
    template = published(aws, tmp_path)
    first = stacks.deploy(name, template["Resources"], template["Outputs"])
    outputs = stacks.client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    bucket = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "Name")
    copied = files(bucket)

    (tmp_path / "a.csv").write_text("two")
    (tmp_path / "b.csv").unlink()
    template = published(aws, tmp_path)
    second = stacks.deploy(name, template["Resources"], template["Outputs"])
    replaced = files(bucket)
    last = stacks.delete(name)

    where = f'{{"bucket":"arn:aws:s3:::{bucket}"}}'
    assert (first, second, last) == ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
    assert copied == {"data/a.csv": "one", "data/b.csv": "gone soon", "data/where.json": where}
    assert replaced == {"data/a.csv": "two", "data/where.json": where}
    assert bucket not in {entry["Name"] for entry in client.list_buckets()["Buckets"]}
