# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import CfnResource, Duration, ITaggableV2, TagManager, TagType
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_personalize_import._access import ReadPrincipals, bucket_statements, key_statements
from cdk_personalize_import._cdk import environment_of, stack_of
from cdk_personalize_import._dataset import check_dataset, dataset_arn_of, dataset_type_of
from cdk_personalize_import._grants import grant_bucket_read, grant_key_use, grant_role_read
from cdk_personalize_import._import_handler import ImportHandler
from cdk_personalize_import._job_name_prefix import (
    check_job_name_prefix,
    check_prefix_is_unused,
    default_prefix,
    reserve_prefix,
)
from cdk_personalize_import._monitoring import MonitoredImport
from cdk_personalize_import._service_role import ServiceRole, role_pattern, validate_trust
from cdk_personalize_import._validation import (
    LONGEST_WITHOUT_WAIT_CONDITION,
    Problems,
    TagValidation,
    check_flags,
    check_revision,
    check_role,
    check_timeout,
)
from cdk_personalize_import._wait_condition import add_wait_condition, after
from cdk_personalize_import.data_source import DataSource, ImportMode, check_data_source, check_import_mode

if TYPE_CHECKING:
    # The oldest supported CDK does not have it. Only `dataset_ref.dataset_arn` is used.
    from aws_cdk.interfaces.aws_personalize import IDatasetRef

_RESOURCE_TYPE = "Custom::PersonalizeDatasetImportJob"


@jsii.implements(ITaggableV2, iam.IGrantable)
class DatasetImportJob(MonitoredImport):
    """An import of data into an Amazon Personalize dataset that is complete when the data is in the dataset.

    The deployment waits for the import. If the import fails, the deployment fails with the message of
    Personalize. A change of dataset, data source, mode, attribution or revision imports again; a change of
    role, tags or timeout does not. If the import is removed from the stack, the data stays in the dataset.

    The class is a construct, not a `Resource` of the CDK: its stack is `Stack.of(job)`, and its raw resource,
    for an escape hatch, is `job.node.default_child`. `Tags.of(scope)` tags the import job. Limits and
    patterns are those of
    https://docs.aws.amazon.com/personalize/latest/dg/API_CreateDatasetImportJob.html

    Args:
        scope: The parent construct. All imports of a stack share one handler.
        construct_id: The id of the import in its scope.
        dataset: The dataset that receives the data, such as a `CfnDataset`, in the account and the region of
            the stack. It must not depend on an import of the same stack: every import depends on the policy
            of the handler, and that policy refers to the dataset. Exactly one of `dataset` and `dataset_arn`
            is required.
        dataset_arn: The ARN of the dataset, instead of `dataset`.
        data_source: The data to import.
        import_mode: Whether the data replaces the bulk data of the dataset or is added to it.
        publish_attribution_metrics_to_s3: Whether Personalize publishes metrics of the events in the data to
            S3. The metric attribution of the dataset group configures the metrics.
        job_name_prefix: The beginning of the names of the import's jobs: up to 45 letters, digits, `-` and
            `_`, a letter or digit first. The API allows 63 characters. The import appends 18 that make each
            name unique, because a name can never be used again. Two imports of a stack into one dataset need
            different prefixes. If omitted, the prefix is derived from the construct's path.
        revision: Any text of up to 256 characters. Change it to import again from an unchanged location.
        role: The role that Personalize assumes to read the data. It must belong to the account of the stack
            and trust `personalize.amazonaws.com`. It is granted read access to the location. If the app
            cannot change the role, such as `role.without_policy_updates()`, a warning at synth prints the
            statements that it needs. If omitted, the import gets its own role, which can read only this
            location. That role is a sibling of the import; its id is that of the import and `ServiceRole`.
        confused_deputy_conditions: Whether the policies of the bucket and of its key let Personalize read
            only on behalf of this account and region, by `aws:SourceAccount` and `aws:SourceArn`. No document
            says that Personalize sends these keys when it reads, so try it before you rely on it.
        timeout: The longest time that the import may take, from one minute to 12 hours. CloudFormation waits
            at most one hour for a custom resource and 12 hours for a wait condition. Over one hour, the
            import therefore has two more resources, a wait condition and its handle. They are replaced when
            the imported data changes. If synth cannot see the change, as with a parameter or the ARN of a
            dataset that is replaced, change `revision` too. An escape hatch on the import's resource, such as
            a `Condition`, does not apply to them. After the timeout the deployment fails, but the job
            continues. If omitted, the timeout is one hour. A token counts as one hour at most.
        wait: Whether the deployment waits until the data is in the dataset. If False, the deployment
            continues when Personalize has accepted the job, within one hour, and does not fail if the job
            fails later.

    Raises:
        InvalidPropertiesError: Values are wrong. The message lists all of them.
        MissingHandlerError: The library is installed without the code of its function.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_source: DataSource,
        dataset: IDatasetRef | None = None,
        dataset_arn: str | None = None,
        import_mode: ImportMode = ImportMode.FULL,
        publish_attribution_metrics_to_s3: bool = False,
        job_name_prefix: str | None = None,
        revision: str | None = None,
        role: iam.IRole | None = None,
        confused_deputy_conditions: bool = False,
        timeout: Duration | None = None,
        wait: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)

        problems = Problems(self.node.path)
        environment = environment_of(stack_of(self))
        self._dataset_arn = dataset_arn_of(dataset, dataset_arn)
        self._prefix = job_name_prefix or default_prefix(self.node.path)
        self._wait = wait

        check_dataset(problems, dataset, dataset_arn, environment)
        check_data_source(problems, data_source, self, import_mode, dataset_type_of(self._dataset_arn))
        check_import_mode(problems, import_mode)
        check_job_name_prefix(problems, job_name_prefix)
        check_prefix_is_unused(problems, self, self._dataset_arn, self._prefix)
        check_revision(problems, revision)
        check_role(problems, role, environment)
        check_timeout(problems, timeout)
        check_flags(
            problems,
            publish_attribution_metrics_to_s3=publish_attribution_metrics_to_s3,
            confused_deputy_conditions=confused_deputy_conditions,
            wait=wait,
        )
        problems.raise_if_any()

        reserve_prefix(self, self._dataset_arn, self._prefix)
        self._tags = self._define_tags()
        self._location = data_source.bind(self)
        self._role = role or ServiceRole.beside(self, self._location)
        self._readers = ReadPrincipals(self, role_pattern(self, role), confused_deputy_conditions)
        self._handler = self._define_handler()
        properties = self._properties(import_mode, publish_attribution_metrics_to_s3, revision, timeout)
        self._wait_condition = add_wait_condition(self, properties, self._location)
        self._resource = self._define_resource(properties)
        self._grant_access(role)
        validate_trust(self, role)

    @property
    def dataset_import_job_arn(self) -> str:
        """The ARN of the import job. A resource that uses it waits for the import, whatever the timeout.

        Each import has a new ARN. CloudFormation does not change an export that is in use, so a strong
        reference from another stack, the CDK's default, makes the next import fail. Use the ARN in the stack
        of the import, or see docs/troubleshooting.md, "An export that is in use". If the timeout is more than
        one hour, `stack.export_value` requires a `name`.
        """
        arn = self._attribute("DatasetImportJobArn")
        return after(self._wait_condition, arn) if self._wait_condition else arn

    @property
    def dataset_arn(self) -> str:
        """The ARN of the dataset. A resource that uses it does not wait for the import."""
        return self._dataset_arn

    @property
    def status(self) -> str:
        """The status of the job when the resource was complete: ACTIVE, unless `wait` is False.

        If the timeout is more than one hour, the status and the times are those of the accepted job. A
        resource that uses them does not wait for the import: use `dataset_import_job_arn`, or depend on the
        construct.
        """
        return self._attribute("Status")

    @property
    def creation_date_time(self) -> str:
        """When the job was created, in ISO 8601."""
        return self._attribute("CreationDateTime")

    @property
    def last_updated_date_time(self) -> str:
        """When the job changed for the last time before the resource was complete, in ISO 8601."""
        return self._attribute("LastUpdatedDateTime")

    @property
    def handler(self) -> lambda_.Function:
        """The Lambda function that performs the imports. All imports of the stack share it.

        Use it for alarms on its errors, for its role and for its log group. A change of the function applies
        to every import of the stack.
        """
        return self._handler.function

    @property
    def record_table(self) -> dynamodb.Table:
        """The DynamoDB table with one record per import. All imports of the stack share it.

        A record holds the state of an import, such as its job and its request, and no imported data.
        DynamoDB encrypts the table with a key that AWS owns. To use your own key, set `sse_specification` of
        the raw resource and call `key.grant_encrypt_decrypt(job.handler)`. A property injector that sets
        `encryption_key` of `dynamodb.Table` works too, and needs no grant.
        """
        return self._handler.record_table

    @property
    def role(self) -> iam.IRole:
        """The role that Personalize assumes to read the data."""
        return self._role

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal of the role, so that grants such as `key.grant_decrypt(job)` work."""
        return self._role.grant_principal

    @property
    def bucket_policy_statements(self) -> list[iam.PolicyStatement]:
        """The statements that the bucket's policy needs, for `add_to_resource_policy` in another app."""
        return bucket_statements(self._location, self._readers.of_bucket(self._location.bucket))

    @property
    def key_policy_statements(self) -> list[iam.PolicyStatement]:
        """The statements that the policy of the bucket's key needs; empty if the bucket has no key."""
        return key_statements(self._location, self._readers.of_key())

    @property
    def cdk_tag_manager(self) -> TagManager:
        """The tags of the import job. The CDK uses it; to add tags, use `Tags.of(...)`."""
        return self._tags

    @property
    def _waits_for_data(self) -> bool:
        return self._wait

    def _define_tags(self) -> TagManager:
        tags = TagManager(TagType.KEY_VALUE, _RESOURCE_TYPE)
        self.node.add_validation(TagValidation(tags))
        return tags

    def _define_handler(self) -> ImportHandler:
        """The handler of the stack, which may import into the dataset with the role."""
        handler = ImportHandler.of(self)
        handler.grant_import(self._dataset_arn, self._role, self._tags)
        return handler

    def _properties(
        self,
        import_mode: ImportMode,
        publish_attribution_metrics_to_s3: bool,
        revision: str | None,
        timeout: Duration | None,
    ) -> dict[str, Any]:
        return {
            "DatasetArn": self._dataset_arn,
            "DataSource": {"DataLocation": self._location.url},
            "Staging": self._location.staging,
            "RoleArn": self._role.role_arn,
            "JobNamePrefix": self._prefix,
            "ImportMode": import_mode.value,
            "PublishAttributionMetricsToS3": publish_attribution_metrics_to_s3,
            "Tags": self._tags.rendered_tags,
            "Revision": revision,
            "Wait": None if self._wait else False,
            "Timeout": LONGEST_WITHOUT_WAIT_CONDITION if timeout is None else timeout.to_seconds(),
        }

    def _define_resource(self, properties: dict[str, Any]) -> CfnResource:
        # No ServiceTimeout: CloudFormation waits its full hour, and the function enforces the timeout. The
        # timeout does not count while a job of an earlier update is still running.
        condition = self._wait_condition
        resource = CfnResource(
            self,
            "Resource",
            type=_RESOURCE_TYPE,
            properties={
                "ServiceToken": self._handler.function_arn,
                **properties,
                "WaitConditionHandle": condition.handle if condition else None,
            },
        )
        if condition:
            condition.node.add_dependency(resource)
        return resource

    def _grant_access(self, given_role: iam.IRole | None) -> None:
        """Grant read access to the data, and let the import depend on the policies."""
        self._resource.node.add_dependency(
            self._handler,
            *(grant_role_read(self, given_role, self._location) if given_role else ()),
            *grant_bucket_read(self._location, self._readers),
            *grant_key_use(self._location, self._readers),
        )

    def _attribute(self, name: str) -> str:
        return self._resource.get_att(name).to_string()
