# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import RemovalPolicy, Size, Stack, Stage
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment
from constructs import Construct

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.file_set import FileSet
from cdk_personalize_import.find_child import find_child

LARGEST_UPLOAD = 4 * 1024**3
"""Bytes: the function that copies holds the data twice, zipped and not, on a disk of at most 10 GiB."""

_LOGS = "PersonalizeDataUploadLogs"
_MEMORY_MIB = 2048  # one whole CPU, and the AWS CLI's own appetite


@dataclass(frozen=True)
class Copy:
    """Where a copy lies in a bucket that is given, and the path of the import that it was made for."""

    bucket_name: str
    prefix: str
    job: str

    def meets(self, other: Copy) -> bool:
        """Whether the two would remove each other: a copy removes whatever else lies under its prefix."""
        return self.bucket_name == other.bucket_name and (
            self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        )


@asked_once
def copies_in(stage: Stage) -> list[Copy]:
    """Return the copies that a stage has so far, to be added to."""
    return []


def data_files(path: Path) -> FileSet:
    """Return the file, or what of the folder Personalize would read.

    Hidden files, such as a file manager leaves behind, would fail the import: every file needs the header.
    """
    if path.is_dir():
        return FileSet(
            {file.name: file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")}
        )
    return FileSet({path.name: path})


def uploaded_key(path: Path, prefix: str) -> str:
    """Return the key of the file's copy, or the prefix of the folder's."""
    return prefix if path.is_dir() else prefix + path.name


class UploadedData(Construct):
    """Files of this machine in a bucket; the bucket is part of it unless one is given."""

    def __init__(
        self, scope: Construct, construct_id: str, *, path: Path, bucket: s3.IBucket | None, prefix: str
    ) -> None:
        super().__init__(scope, construct_id)
        files = data_files(path)
        bucket = bucket or self._bucket()
        self.location = DataLocation(
            bucket,
            uploaded_key(path, prefix),
            ready=[self._deployment(path, files, bucket, prefix)],
            revision=files.fingerprint,
        )

    def _bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _deployment(
        self, path: Path, files: FileSet, bucket: s3.IBucket, prefix: str
    ) -> s3_deployment.BucketDeployment:
        folder = path if path.is_dir() else path.parent
        return s3_deployment.BucketDeployment(
            self,
            "Deployment",
            # Absolute, for Node.js does not hear when Python's working directory changes.
            sources=[s3_deployment.Source.asset(str(folder.absolute()), **files.asset_options())],
            destination_bucket=bucket,
            destination_key_prefix=prefix,
            # The data is a copy: it goes with the stack, and leaves its bucket empty to be deleted too.
            retain_on_delete=False,
            memory_limit=_MEMORY_MIB,
            ephemeral_storage_size=Size.gibibytes(10),
            log_group=self._log_group(),
        )

    def _log_group(self) -> logs.ILogGroup:
        """Logs that go with the stack, where the CDK's own would stay; the function is one in a stack too."""
        stack = Stack.of(self)
        return find_child(stack, _LOGS, logs.LogGroup) or logs.LogGroup(
            stack, _LOGS, retention=logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY
        )
