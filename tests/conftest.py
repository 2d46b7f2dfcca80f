# SPDX-License-Identifier: Apache-2.0
"""The tests find the programs of the environment, Node.js among them, however pytest is started."""

import os
import sys
from pathlib import Path

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
