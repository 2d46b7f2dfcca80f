# SPDX-License-Identifier: Apache-2.0
import enum


class ImportMode(enum.Enum):
    """How the data of an import meets the data that the dataset already holds.

    See https://docs.aws.amazon.com/personalize/latest/dg/API_CreateDatasetImportJob.html
    """

    FULL = "FULL"
    """Replaces the bulk data of the dataset, up to 100 GB. The first import of a dataset must be this one."""

    INCREMENTAL = "INCREMENTAL"
    """Adds records, up to 1 GB, and updates those with the same id."""
