# SPDX-License-Identifier: Apache-2.0
import datetime

import pytest

from benchmarks.assumptions import COLD_START, KEPT_WARM, WARM_START
from benchmarks.meter import TRANSITION, Function, Meter
from benchmarks.prices import LAMBDA_REQUEST, LAMBDA_SECOND, PRICES, STATE_TRANSITION, Price
from tests.fakes.kernel import START, Kernel

FUNCTION = Function("function", memory=512, architecture="arm64")


@pytest.fixture
def kernel() -> Kernel:
    """Make a clock."""
    return Kernel()


def run(kernel: Kernel, meter: Meter, after: float, seconds: float) -> None:
    """Invoke the function after a while, for so many seconds of its own."""

    def invoke() -> None:
        kernel.sleep(after)
        with meter.invocation(FUNCTION):
            kernel.sleep(seconds)

    kernel.start(invoke)


def test_the_first_invocation_starts_an_environment_and_the_next_finds_it(kernel: Kernel) -> None:
    """A cold start, then a warm one, then a cold one when the environment has gone."""
    meter = Meter(kernel)
    for after in (0, 60, 60 + KEPT_WARM + 60):
        run(kernel, meter, after, 1.0)

    kernel.run()

    assert [round(each.ended - each.began - 1.0, 6) for each in meter.runs] == [
        COLD_START,
        WARM_START,
        COLD_START,
    ]
    assert meter.runs[0].began == START


def test_invocations_at_once_are_counted(kernel: Kernel) -> None:
    """Two overlap, the third comes later."""
    meter = Meter(kernel)
    for after in (0, 1, 100):
        run(kernel, meter, after, 10.0)

    kernel.run()

    assert meter.most_at_once == 2


def test_everything_that_has_a_price_is_billed(kernel: Kernel) -> None:
    """Duration by memory and architecture, requests, and what else was used."""
    meter = Meter(kernel)
    run(kernel, meter, 0, 9.0)
    kernel.run()
    meter.used[TRANSITION] = 3

    seconds = 0.5 * (9.0 + COLD_START)
    expected = (
        seconds * LAMBDA_SECOND["arm64"].dollars + LAMBDA_REQUEST.dollars + 3 * STATE_TRANSITION.dollars
    )
    assert meter.gigabyte_seconds == pytest.approx(seconds)
    assert meter.dollars == pytest.approx(expected)


@pytest.mark.parametrize("price", PRICES, ids=lambda price: str(price.unit))
def test_every_price_has_a_source_and_a_date(price: Price) -> None:
    """A figure in dollars can be checked."""
    assert price.source.startswith("https://aws.amazon.com/")
    assert price.source.endswith("/pricing/")
    assert datetime.date.fromisoformat(price.read) <= datetime.datetime.now(datetime.UTC).date()
    assert price.dollars >= 0
