# SPDX-License-Identifier: Apache-2.0
"""Lets numpy's threads for linear algebra sleep at once, because they have no work here.

They start when numpy is imported, and wait for work in a loop before they sleep. On two cores, that takes
0.05 seconds of CPU, and more on more cores. Where numpy has been imported before, nothing changes.
"""

import os

os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # the least: two to the power of it, in clock cycles
