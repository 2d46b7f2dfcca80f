# SPDX-License-Identifier: Apache-2.0
"""Training data for Amazon Personalize: a generated sample, and the reading of a folder that holds some."""

from sample_data.bookshop import SEED, generate
from sample_data.folder import DATASETS, DataFolderError, TrainingData, read_folder
from sample_data.sample import write_sample

__all__ = [
    "write_sample",
    "generate",
    "SEED",
    "read_folder",
    "TrainingData",
    "DataFolderError",
    "DATASETS",
]
