# SPDX-License-Identifier: Apache-2.0
"""The sample environment: a dataset group whose datasets are filled with training data.

`cdk deploy -c data=FOLDER` imports any of interactions.csv, items.csv and users.csv, each beside its Avro
schema NAME.avsc.json. Without a folder it imports generated sample data.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from constructs import Construct

from cdk_personalize_import import DatasetImportError, DatasetImportJob, DataSource
from nag_acknowledgements import acknowledge
from sample_data import DataFolderError, TrainingData, read_folder, write_sample

SAMPLE = Path(__file__).parent / "build" / "sample-data"


class PersonalizeImportSample(cdk.Stack):
    """A dataset group, and for each file of training data a schema, a dataset and an import."""

    def __init__(
        self, scope: Construct, construct_id: str, *, training_data: Sequence[TrainingData], **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "DatasetGroup", name=self.stack_name)

        for data in training_data:
            name = f"{self.stack_name}-{data.name}"
            schema = personalize.CfnSchema(self, f"{data.dataset_type}Schema", name=name, schema=data.schema)
            dataset = personalize.CfnDataset(
                self,
                f"{data.dataset_type}Dataset",
                name=name,
                dataset_type=data.dataset_type,
                dataset_group_arn=group.attr_dataset_group_arn,
                schema_arn=schema.attr_schema_arn,
            )
            job = DatasetImportJob(
                self,
                f"{data.dataset_type}Import",
                dataset=dataset,
                data_source=DataSource.from_asset(str(data.csv)),
                job_name_prefix=data.name,
            )
            cdk.CfnOutput(self, f"{data.dataset_type}ImportJobArn", value=job.dataset_import_job_arn)

        acknowledge(self)


def main() -> None:
    """Synthesise the app. For an error in data or properties, print only its message."""
    app = cdk.App()
    folder = app.node.try_get_context("data")
    try:
        training_data = read_folder(Path(folder) if folder else write_sample(SAMPLE))
        PersonalizeImportSample(app, "PersonalizeImportSample", training_data=training_data)
    except (DataFolderError, DatasetImportError) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
