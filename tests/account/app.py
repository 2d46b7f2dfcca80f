# SPDX-License-Identifier: Apache-2.0
"""The app that the acceptance test deploys, shaped by context. Run by the CDK CLI.

Three stacks: PREFIX-data with the buckets, PREFIX-imports with the imports from them, and PREFIX-express for
express mode. Every name begins with the prefix.
"""

import json

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

TAG = "cdk-personalize-import:acceptance-test"
FIELDS = {
    "Interactions": [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long")],
    "Items": [("ITEM_ID", "string"), ("PRICE", "float")],
    "Users": [("USER_ID", "string"), ("AGE", "int")],
}


class Data(cdk.Stack):
    """The buckets of the data, which the test empties before it deletes the stack."""

    def __init__(self, scope: Construct, construct_id: str, *, with_key: bool) -> None:
        super().__init__(scope, construct_id)

        self.bucket = self._bucket("Bucket", None)
        self.encrypted = None
        if with_key:
            key = kms.Key(
                self,
                "Key",
                removal_policy=cdk.RemovalPolicy.DESTROY,
                pending_window=cdk.Duration.days(7),
            )
            self.encrypted = self._bucket("Encrypted", key)

    def _bucket(self, construct_id: str, key: kms.IKey | None) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            construct_id,
            encryption_key=key,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.CfnOutput(self, f"{construct_id}Name", value=bucket.bucket_name)
        return bucket


class Imports(cdk.Stack):
    """A dataset group with the imports that the context asks for."""

    def __init__(self, scope: Construct, construct_id: str, *, data: Data, minimal: bool = False) -> None:
        super().__init__(scope, construct_id)

        context = self.node.try_get_context
        self._group = personalize.CfnDatasetGroup(self, "Group", name=self.stack_name)
        key = "good-1.csv" if minimal else context("key")
        role = self._role(data.bucket) if context("role") and not minimal else None
        DatasetImportJob(
            self,
            "Interactions",
            dataset=self._dataset("Interactions"),
            data_source=DataSource.from_bucket(data.bucket, key),
            revision=None if minimal else context("revision"),
            role=role,
            confused_deputy_conditions=bool(context("conditions")) and not minimal,
            timeout=cdk.Duration.hours(1 if minimal else int(context("hours") or 1)),
        )
        if context("asset") and not minimal:
            source = DataSource.from_asset(context("asset"))
            DatasetImportJob(self, "Items", dataset=self._dataset("Items"), data_source=source)
        if context("kms") and data.encrypted and not minimal:
            source = DataSource.from_bucket(data.encrypted, "users.csv")
            DatasetImportJob(self, "Users", dataset=self._dataset("Users"), data_source=source)

    def _dataset(self, kind: str) -> personalize.CfnDataset:
        name = f"{self.stack_name}-{kind}"
        fields = [{"name": field, "type": of_type} for field, of_type in FIELDS[kind]]
        avro = {
            "type": "record",
            "name": kind,
            "namespace": "com.amazonaws.personalize.schema",
            "fields": fields,
            "version": "1.0",
        }
        schema = personalize.CfnSchema(self, f"{kind}Schema", name=name, schema=json.dumps(avro))
        return personalize.CfnDataset(
            self,
            f"{kind}Dataset",
            name=name,
            dataset_type=kind,
            dataset_group_arn=self._group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )

    def _role(self, bucket: s3.Bucket) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
        bucket.grant_read(role)
        return role


def main() -> None:
    """Synthesise the app."""
    app = cdk.App()
    prefix = app.node.try_get_context("prefix")
    data = Data(app, f"{prefix}-data", with_key=bool(app.node.try_get_context("key-of-kms")))
    Imports(app, f"{prefix}-imports", data=data)
    Imports(app, f"{prefix}-express", data=data, minimal=True)
    cdk.Tags.of(app).add(TAG, prefix)
    app.synth()


if __name__ == "__main__":
    main()
