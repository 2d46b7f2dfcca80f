# SPDX-License-Identifier: Apache-2.0
"""What the simulated benchmarks take for granted, the same for everybody; docs/benchmarks.md repeats it."""

from __future__ import annotations

MESSAGE = 0.05
"""Seconds that a message takes one way: a call of AWS and its reply take two, a PUT to CloudFormation too."""

COLD_START = 1.0
"""Seconds from an invocation until its code runs where a new environment has to be made."""

WARM_START = 0.02
"""The same where there is an environment that waits for work."""

KEPT_WARM = 300.0
"""Seconds for which an environment without work is kept. AWS promises nothing; minutes are usual."""

LATE = (2.0, 60.0)
"""Seconds by which EventBridge may call late, drawn evenly from 0 on: what is usually seen, and the worst.

The worst is documented: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

SHORTEST_JOB, LONGEST_JOB = 300.0, 3600.0
"""Seconds that Personalize takes for an import, drawn evenly; the same draws for everybody."""

SEED = 20_261_124
