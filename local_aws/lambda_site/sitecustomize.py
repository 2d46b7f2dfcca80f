# SPDX-License-Identifier: Apache-2.0
"""Makes the Python of a function like Lambda's. Python loads this module if its folder is on the path."""

import sys

if sys.orig_argv[-1].endswith("_worker.py"):  # not in what a function starts in its turn
    import _local_aws_layers  # type: ignore[import-not-found]
    import _local_aws_logging  # type: ignore[import-not-found]

    _local_aws_layers.set_up()
    _local_aws_logging.set_up()
