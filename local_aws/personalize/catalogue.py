# SPDX-License-Identifier: Apache-2.0
"""Schemas, dataset groups and datasets."""

from typing import Any

from .avro import check_for_type, columns
from .errors import ServiceError, already_exists, in_use, invalid_input
from .lifecycle import creation_times, describe, find, start_deletion, without_none
from .pages import page
from .scope import Scope, when
from .state import ACTIVE, Dataset, DatasetGroup, Schema
from .tagging import Tagging

MOST_SCHEMAS = 500
MOST_GROUPS = 5
"""Quotas an account and region; the second can be raised on request."""


class Catalogue:
    """Create, Describe, List and Delete of schemas, dataset groups and datasets."""

    def __init__(self, scope: Scope, tagging: Tagging) -> None:
        self._scope = scope
        self._tagging = tagging
        self._state = scope.state

    # Schemas

    def create_schema(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """CreateSchema."""
        arn = self._scope.arn("schema", params["name"])
        if arn in self._state.schemas:
            raise already_exists(arn)
        columns(params["schema"])
        if len(self._state.schemas) >= MOST_SCHEMAS:
            raise ServiceError("LimitExceededException", f"More than {MOST_SCHEMAS} schemas.")
        self._state.schemas[arn] = Schema(
            params["name"], arn, params["schema"], params.get("domain"), self._scope.clock()
        )
        return {"schemaArn": arn}

    def describe_schema(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DescribeSchema."""
        schema = self._schema(params["schemaArn"])
        return {"schema": {**_schema_summary(schema), "schema": schema.text}}

    def list_schemas(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListSchemas."""
        shown, more = page(list(self._state.schemas.values()), params)
        return {"schemas": [_schema_summary(schema) for schema in shown], **more}

    def delete_schema(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DeleteSchema; refused while a dataset has it."""
        schema = self._schema(params["schemaArn"])
        if any(dataset.schema_arn == schema.arn for dataset in self._state.datasets.values()):
            raise in_use(schema.arn, "a dataset has this schema.")
        del self._state.schemas[schema.arn]
        self._state.tags.pop(schema.arn, None)
        return {}

    # Dataset groups

    def create_dataset_group(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """CreateDatasetGroup."""
        arn = self._scope.arn("dataset-group", params["name"])
        if arn in self._state.groups:
            raise already_exists(arn)
        if len(self._state.groups) >= MOST_GROUPS:
            raise ServiceError("LimitExceededException", f"More than {MOST_GROUPS} dataset groups.")
        self._tagging.put(arn, params.get("tags"))
        self._state.groups[arn] = DatasetGroup(
            params["name"],
            arn,
            *creation_times(self._scope),
            role_arn=params.get("roleArn"),
            kms_key_arn=params.get("kmsKeyArn"),
            domain=params.get("domain"),
        )
        return {"datasetGroupArn": arn} | without_none(domain=params.get("domain"))

    def describe_dataset_group(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DescribeDatasetGroup."""
        group = self._group(params["datasetGroupArn"])
        return {
            "datasetGroup": self._group_summary(group)
            | without_none(roleArn=group.role_arn, kmsKeyArn=group.kms_key_arn)
        }

    def list_dataset_groups(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListDatasetGroups."""
        shown, more = page(list(self._state.groups.values()), params)
        return {"datasetGroups": [self._group_summary(group) for group in shown], **more}

    def delete_dataset_group(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DeleteDatasetGroup; refused while it has datasets, solutions or recommenders."""
        group = self._group(params["datasetGroupArn"])
        if any(solution.group_arn == group.arn for solution in self._state.solutions.values()):
            raise in_use(group.arn, "it has solutions.")
        if any(recommender.group_arn == group.arn for recommender in self._state.recommenders.values()):
            raise in_use(group.arn, "it has recommenders.")
        if any(dataset.group_arn == group.arn for dataset in self._state.datasets.values()):
            raise in_use(group.arn, "it has datasets.")
        start_deletion(self._scope, group)
        return {}

    # Datasets

    def create_dataset(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """CreateDataset."""
        group = self._group(params["datasetGroupArn"])
        schema = self._schema(params["schemaArn"])
        kind = params["datasetType"]
        # A group has at most one dataset of each type, and the type is the end of the dataset's ARN.
        arn = self._scope.arn("dataset", f"{group.name}/{kind.upper()}")
        if arn in self._state.datasets:
            raise already_exists(arn)
        if group.status(self._scope.clock()) != ACTIVE:
            raise in_use(group.arn, "the dataset group is not ACTIVE.")
        if schema.domain != group.domain:
            raise invalid_input(
                f"The schema's domain ({schema.domain}) is not the dataset group's ({group.domain})."
            )
        check_for_type(columns(schema.text), kind, group.domain)
        self._tagging.put(arn, params.get("tags"))
        self._state.datasets[arn] = Dataset(
            params["name"],
            arn,
            *creation_times(self._scope),
            group_arn=group.arn,
            schema_arn=schema.arn,
            dataset_type=kind,
        )
        return {"datasetArn": arn}

    def describe_dataset(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DescribeDataset."""
        dataset = self._dataset(params["datasetArn"])
        links = {"datasetGroupArn": dataset.group_arn, "schemaArn": dataset.schema_arn}
        return {"dataset": self._dataset_summary(dataset) | links}

    def list_datasets(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListDatasets, of one group when it is named."""
        group = params.get("datasetGroupArn")
        kept = [dataset for dataset in self._state.datasets.values() if group in (None, dataset.group_arn)]
        shown, more = page(kept, params)
        return {"datasets": [self._dataset_summary(dataset) for dataset in shown], **more}

    def delete_dataset(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DeleteDataset; refused while an import into it is pending or in progress."""
        dataset = self._dataset(params["datasetArn"])
        now = self._scope.clock()
        if any(job.dataset_arn == dataset.arn and job.unfinished(now) for job in self._state.jobs.values()):
            raise in_use(dataset.arn, "a dataset import job is PENDING or IN_PROGRESS.")
        start_deletion(self._scope, dataset)
        return {}

    # Helpers

    def _schema(self, arn: str) -> Schema:
        return find(self._state.schemas, arn)

    def _group(self, arn: str) -> DatasetGroup:
        return find(self._state.groups, arn)

    def _dataset(self, arn: str) -> Dataset:
        return find(self._state.datasets, arn)

    def _group_summary(self, group: DatasetGroup) -> dict[str, Any]:
        return (
            describe(self._scope, group) | {"datasetGroupArn": group.arn} | without_none(domain=group.domain)
        )

    def _dataset_summary(self, dataset: Dataset) -> dict[str, Any]:
        return describe(self._scope, dataset) | {
            "datasetArn": dataset.arn,
            "datasetType": dataset.dataset_type,
        }


def _schema_summary(schema: Schema) -> dict[str, Any]:
    return {
        "name": schema.name,
        "schemaArn": schema.arn,
        "creationDateTime": when(schema.created),
        "lastUpdatedDateTime": when(schema.created),
    } | without_none(domain=schema.domain)
