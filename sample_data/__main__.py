# SPDX-License-Identifier: Apache-2.0
"""Write the sample: `python -m sample_data FOLDER [--seed N]`."""

import argparse
from pathlib import Path

from sample_data import SEED, write_sample

parser = argparse.ArgumentParser(prog="python -m sample_data", description="Write sample training data.")
parser.add_argument("folder", type=Path, help="where to write it")
parser.add_argument("--seed", type=int, default=SEED, help="decides the data (default: %(default)s)")
arguments = parser.parse_args()
print(f"Sample data in {write_sample(arguments.folder, arguments.seed)}")
