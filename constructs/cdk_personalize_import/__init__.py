# SPDX-License-Identifier: Apache-2.0
"""The missing `AWS::Personalize::DatasetImportJob` for the AWS CDK."""

from cdk_personalize_import.data_source import DataSource, ImportMode
from cdk_personalize_import.dataset_import_job import DatasetImportJob
from cdk_personalize_import.errors import DatasetImportError, InvalidPropertiesError, MissingHandlerError

__all__ = [
    "DatasetImportJob",
    "DataSource",
    "ImportMode",
    "DatasetImportError",
    "InvalidPropertiesError",
    "MissingHandlerError",
]
