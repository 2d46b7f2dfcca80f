# SPDX-License-Identifier: Apache-2.0
"""The acceptance test for a real account: `make account REGION=eu-west-1`.

It runs in an embedded AWS first, then in the account of your credentials, after you have typed "yes".
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from botocore.exceptions import BotoCoreError, ClientError

from demo.cdk_cli import ROOT
from tests.account.acceptance import clean_up, test
from tests.account.cost import estimate
from tests.account.report import write
from tests.account.run import Run
from tests.account.steps import NAMES, chosen
from tests.account.target import Target, embedded, real

SPEED = 300
REPORT = ROOT / "build" / "account"
PASSED, FAILED, COULD_NOT_RUN = 0, 1, 2


def main(
    arguments: Sequence[str] | None = None,
    ask: Callable[[str], str] = input,
    target_of: Callable[[str | None, str | None], Target] = real,
) -> int:
    """Run the acceptance test; 0 if every required step has passed and nothing is left behind.

    Args:
        arguments: The command line.
        ask: Asks the user a question.
        target_of: Makes the real target of a region and a profile.
    """
    options = _options(arguments)
    try:
        steps = chosen(options.steps)
        if options.embedded_only:
            with embedded(SPEED) as target:
                reports = [test(target, options.prefix, steps, _show)]
        else:
            account = target_of(options.region, options.profile)
            if options.clean:
                return _clean(account, options.prefix)
            if not account.is_bootstrapped():
                print(
                    f"Run `npx cdk bootstrap aws://{account.account}/{account.region}` first.",
                    file=sys.stderr,
                )
                return COULD_NOT_RUN
            print(f"In account {account.account}, region {account.region}: stacks {options.prefix}-*.")
            print(estimate(steps))
            if ask('Type "yes" to deploy: ').strip() != "yes":
                print("Nothing was deployed.")
                return COULD_NOT_RUN
            with embedded(SPEED) as target:
                reports = [test(target, options.prefix, steps, _show)]
            reports.append(test(account, options.prefix, steps, _show))
    except (ValueError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    print(f"Report: {write(reports, options.report)}")
    return PASSED if all(report.passed for report in reports) else FAILED


def _clean(target: Target, prefix: str) -> int:
    """Delete what a run has left that was ended by force."""
    with TemporaryDirectory() as folder:
        left = clean_up(Run(target, prefix, Path(folder), _show), _show)
    for each in left:
        print(each, file=sys.stderr)
    return FAILED if left else PASSED


def _show(line: str) -> None:
    print(f"{datetime.now():%H:%M:%S}  {line}", flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.account", description=__doc__)
    parser.add_argument("--region", help="default: as of the AWS CLI")
    parser.add_argument("--profile", help="default: as of the AWS CLI")
    parser.add_argument("--steps", default="", help=f"some of: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--prefix", default=f"pia-{datetime.now(UTC):%m%d-%H%M}", help="of every name")
    parser.add_argument("--report", type=Path, default=REPORT, help="folder of the report")
    parser.add_argument("--embedded-only", action="store_true", help="do not touch any account")
    parser.add_argument("--clean", action="store_true", help="only delete the stacks of --prefix")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
