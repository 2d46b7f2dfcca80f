# SPDX-License-Identifier: Apache-2.0
"""Virtual time."""

START = 1_795_000_000.0
"""Where each test's time begins, in seconds since the epoch."""


class Died(BaseException):
    """The process of an invocation is gone: out of time, or killed by a test."""


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = START
        self.killed_at = float("inf")

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a pause takes time"
        self.now += seconds
        if self.now >= self.killed_at:
            raise Died
