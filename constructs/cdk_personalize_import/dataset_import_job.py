# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import (
    CfnResource,
    CfnWaitCondition,
    Duration,
    ITaggableV2,
    TagManager,
    TagType,
)
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from cdk_personalize_import._access import ReadPrincipals, bucket_statements, key_statements
from cdk_personalize_import._cdk import environment_of, is_token, stack_of
from cdk_personalize_import._data_location import name_of
from cdk_personalize_import._dataset import check_dataset, dataset_arn_of, dataset_type_of
from cdk_personalize_import._grants import let_bucket_be_read, let_key_be_used, let_role_read
from cdk_personalize_import._import_handler import ImportHandler
from cdk_personalize_import._job_name_prefix import (
    check_job_name_prefix,
    check_prefix_is_free,
    default_prefix,
    take_prefix,
)
from cdk_personalize_import._monitoring import MonitoredImport
from cdk_personalize_import._service_role import ServiceRole, TrustValidation, role_pattern
from cdk_personalize_import._validation import (
    LONGEST_WITHOUT_WAIT_CONDITION,
    Problems,
    TagValidation,
    check_flag,
    check_revision,
    check_role,
    check_timeout,
)
from cdk_personalize_import._wait_condition import add_wait_condition, after
from cdk_personalize_import.data_source import DataSource, ImportMode, check_data_source, check_import_mode

if TYPE_CHECKING:
    # Not in the oldest CDK that is supported; all that is used is `dataset_ref.dataset_arn`.
    from aws_cdk.interfaces.aws_personalize import IDatasetRef

_RESOURCE_TYPE = "Custom::PersonalizeDatasetImportJob"

_DATA = ("DatasetArn", "DataSource", "ImportMode", "PublishAttributionMetricsToS3", "Revision")
"""The properties that decide what the dataset will hold: a change of one imports again."""


@jsii.implements(ITaggableV2, iam.IGrantable)
class DatasetImportJob(MonitoredImport):
    """An import of data into an Amazon Personalize dataset that is complete when the data is in the dataset.

    The deployment waits for the import, and fails with Personalize's own words if the import does. A change
    of dataset, data source, mode, attribution or revision imports again; a change of role, tags or timeout
    does not. Removing it from the stack leaves the data in the dataset.

    It is a construct, not a `Resource` of the CDK: its stack is `Stack.of(job)`, and the raw resource, for an
    escape hatch, `job.node.default_child`. `Tags.of(scope)` reaches the import job. Limits and patterns are
    those of
    https://docs.aws.amazon.com/personalize/latest/dg/API_CreateDatasetImportJob.html

    Args:
        scope: Where it belongs. All imports of a stack share one handler.
        construct_id: Its name in the scope.
        dataset: The dataset that receives the data, such as a `CfnDataset`, in the account and the region of
            the stack. It must not depend on an import of its own stack: the handler's policy names it, so the
            two would wait for each other. Exactly one of `dataset` and `dataset_arn` is required.
        dataset_arn: The dataset by its ARN, instead of `dataset`.
        data_source: Where the data comes from.
        import_mode: Whether the data replaces the bulk data of the dataset or is added to it.
        publish_attribution_metrics_to_s3: Whether Personalize publishes metrics of the events in the data to
            S3, as the metric attribution of the dataset group says.
        job_name_prefix: What the names of the import's jobs begin with: up to 45 letters, digits, `-` and
            `_`, a letter or digit first. The import appends 18 characters that make each name unique, because
            Personalize never frees a name; the API allows 63. Two imports of a stack into one dataset need
            different prefixes. If omitted, it is made of the construct's path.
        revision: Any text of up to 256 characters. Change it to import again from an unchanged location.
        role: The role in which Personalize reads the data, of the stack's account, since IAM passes no other.
            It has to trust `personalize.amazonaws.com`. It is granted to read the location. A role that the
            app cannot change, such as `role.without_policy_updates()`, stays as it is, and a warning at synth
            says what it must hold. If omitted, the import gets a role of its own that can read just this
            location; it is a construct beside the import, whose id is that of the import followed by
            `ServiceRole`.
        confused_deputy_conditions: Whether the policies of the bucket and of its key let Personalize read on
            behalf of this account and region only, by `aws:SourceAccount` and `aws:SourceArn`. No document
            says that Personalize sends these when it reads, so try it before you rely on it.
        timeout: How long the import may take, from one minute to 12 hours, the longest that CloudFormation
            waits for a wait condition. Over one hour, the longest that it waits for a custom resource, the
            import has a wait condition and its handle, two more resources. They are made anew when what is
            imported changes; where only the deployment can see that, as in a parameter or the ARN of a
            dataset that is replaced, change `revision` too. What an escape hatch does to the import's
            resource, such as a `Condition`, does not reach them. When the timeout is over the deployment
            fails, but the job goes on. If omitted, it is one hour. A token counts as one hour at most.
        wait: Whether the deployment waits for the data to be in the dataset. If not, it continues when
            Personalize has accepted the job, within one hour, and does not fail if the job fails later.

    Raises:
        InvalidPropertiesError: Some of the values are wrong; the message lists all of them.
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

        node = self.node
        path = node.path
        problems = Problems(path)
        here = environment_of(stack_of(self))
        check_dataset(problems, dataset, dataset_arn, here)
        arn = dataset_arn_of(dataset, dataset_arn)
        check_data_source(problems, data_source, self, import_mode, dataset_type_of(arn))
        check_import_mode(problems, import_mode)
        check_flag(problems, "publish_attribution_metrics_to_s3", publish_attribution_metrics_to_s3)
        prefix = job_name_prefix or default_prefix(path)
        check_job_name_prefix(problems, job_name_prefix)
        check_prefix_is_free(problems, self, arn, prefix)
        check_revision(problems, revision)
        check_role(problems, role, here)
        check_flag(problems, "confused_deputy_conditions", confused_deputy_conditions)
        check_timeout(problems, timeout)
        check_flag(problems, "wait", wait)
        problems.raise_if_any()

        take_prefix(self, arn, prefix)
        self._dataset_arn = arn
        self._wait = wait
        self._tags = TagManager(TagType.KEY_VALUE, _RESOURCE_TYPE)
        node.add_validation(TagValidation(self._tags))
        self._location = location = data_source.bind(self)
        self._role = role or ServiceRole.beside(self, location)
        if isinstance(role, iam.Role):
            node.add_validation(cast(IValidation, TrustValidation(self, role)))
        self._readers = ReadPrincipals(self, role_pattern(self, role), confused_deputy_conditions)
        self._handler = ImportHandler.of(self)
        self._handler.let_import(arn, self._role, self._tags)
        properties = {
            "DatasetArn": arn,
            "DataSource": {"DataLocation": location.url},
            "Staging": location.staging,
            "RoleArn": self._role.role_arn,
            "JobNamePrefix": prefix,
            "ImportMode": import_mode.value,
            "PublishAttributionMetricsToS3": publish_attribution_metrics_to_s3,
            "Tags": self._tags.rendered_tags,
            "Revision": revision,
            "Wait": None if wait else False,
            "Timeout": LONGEST_WITHOUT_WAIT_CONDITION if timeout is None else timeout.to_seconds(),
        }
        self._condition = self._define_wait_condition(properties)
        self._resource = self._define_resource(properties)
        self._wait_for_access(role)

    @property
    def dataset_import_job_arn(self) -> str:
        """The ARN of the import job; whatever uses it waits for the import, however long that takes.

        It is another one after each import. CloudFormation does not change an export that is in use, so a
        strong reference to it from another stack, the CDK's default, makes the next import fail: use it in
        the stack of the import, or see docs/troubleshooting.md, "An export that is in use". With a timeout
        of more than one hour `stack.export_value` takes it with a `name` only.
        """
        arn = self._attribute("DatasetImportJobArn")
        return after(self._condition, arn) if self._condition else arn

    @property
    def dataset_arn(self) -> str:
        """The ARN of the dataset; using it does not wait for the import."""
        return self._dataset_arn

    @property
    def status(self) -> str:
        """The status of the job when the resource was complete: ACTIVE, unless the deployment does not wait.

        With a timeout of more than one hour it is, like the times, that of the accepted job, and what uses it
        does not wait for the import: use `dataset_import_job_arn` for that, or depend on the construct.
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
        """The function that performs the imports of the stack, shared by all of them.

        For alarms on its errors, for its role and its log group. What is changed there counts for every
        import of the stack.
        """
        return self._handler.function

    @property
    def record_table(self) -> dynamodb.Table:
        """The DynamoDB table with one record per import of the stack, shared by all of them.

        A record holds the state of an import: its job, its request, its answer; none of the imported data.
        DynamoDB encrypts the table with a key that AWS owns. For a key of your own, set the raw resource's
        `sse_specification` and grant the key to the function with `key.grant_encrypt_decrypt(job.handler)`;
        or give `dynamodb.Table` its `encryption_key` by a property injector, which needs no grant.
        """
        return self._handler.record_table

    @property
    def role(self) -> iam.IRole:
        """The role in which Personalize reads the data."""
        return self._role

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal to grant to, so that e.g. `key.grant_decrypt(job)` works: that of the role."""
        return self._role.grant_principal

    @property
    def bucket_policy_statements(self) -> list[iam.PolicyStatement]:
        """What the policy of the bucket must hold, for `bucket.add_to_resource_policy` in another app."""
        return bucket_statements(self._location, self._readers.of_bucket(self._location.bucket))

    @property
    def key_policy_statements(self) -> list[iam.PolicyStatement]:
        """The same for the policy of the key that the bucket is encrypted with; none without a key."""
        return key_statements(self._location, self._readers.of_key())

    @property
    def cdk_tag_manager(self) -> TagManager:
        """The tags that reach the import job. Used by the CDK; use `Tags.of(...)`."""
        return self._tags

    @property
    def _waits_for_data(self) -> bool:
        return self._wait

    def _define_wait_condition(self, properties: dict[str, Any]) -> CfnWaitCondition | None:
        seconds = properties["Timeout"]
        waits = properties["Wait"] is None and not is_token(seconds)
        if not waits or seconds <= LONGEST_WITHOUT_WAIT_CONDITION:
            return None
        data = {name: properties[name] for name in _DATA}
        if self._location.identity is not None:
            # The location has the logical id of the resource in it, which does not exist yet.
            data["DataSource"] = {"Bucket": name_of(self._location.bucket), "Hash": self._location.identity}
        return add_wait_condition(self, seconds, data)

    def _define_resource(self, properties: dict[str, Any]) -> CfnResource:
        # Without a ServiceTimeout, so that CloudFormation waits for its full hour: the function keeps the
        # timeout, which does not count while a job that an earlier update has left is still running.
        resource = CfnResource(
            self,
            "Resource",
            type=_RESOURCE_TYPE,
            properties={
                "ServiceToken": self._handler.function_arn,
                **properties,
                "WaitConditionHandle": self._condition and self._condition.handle,
            },
        )
        if self._condition:
            self._condition.add_resource_dependency(resource)
        return resource

    def _wait_for_access(self, given_role: iam.IRole | None) -> None:
        """Start the import only when all that reads and writes for it is there, and allowed to."""
        self._resource.node.add_dependency(
            self._handler,
            *(let_role_read(self, given_role, self._location) if given_role else ()),
            *let_bucket_be_read(self._location, self._readers),
            *let_key_be_used(self._location, self._readers),
        )

    def _attribute(self, name: str) -> str:
        return self._resource.get_att(name).to_string()
