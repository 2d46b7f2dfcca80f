# SPDX-License-Identifier: Apache-2.0
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.cdk_cli import ROOT, CdkCli
from demo.cdk_output import is_passing, shorten
from demo.progress import Progress
from demo.results import Results, read_results
from demo.status_watch import StatusWatch
from local_aws import LocalAws
from personalize_import.status import StatusReader

STACK = "PersonalizeImportSample"
STEPS = STARTING, BOOTSTRAPPING, DEPLOYING = (
    "Starting an embedded AWS, in which Personalize is {speed} times as fast",
    "Bootstrapping it (cdk bootstrap)",
    "Deploying app.py (cdk deploy)",
)
LOG = ROOT / "build" / "demo" / "local-aws.log"


def deploy(data: Path | None, speed: int, progress: Progress) -> Results:
    """Start the embedded AWS, deploy app.py into it, and read the results.

    Every process that was started is stopped at the end, also after an error.

    Args:
        data: The folder with the training data; if omitted, the generated sample.
        speed: The factor by which Personalize runs faster.
        progress: Shows the progress.

    Raises:
        CdkFailedError: The CDK CLI failed.
        RuntimeError: The embedded AWS did not start.
    """
    context = ["-c", f"data={data.resolve()}"] if data else []

    def show(line: str) -> None:
        if is_passing(line):
            progress.passing(shorten(line))
        else:
            progress.detail(shorten(line))

    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    with ExitStack() as started:
        home = Path(started.enter_context(TemporaryDirectory(prefix="personalize-import-demo-")))
        with progress.step(STARTING.format(speed=speed)):
            aws = started.enter_context(LocalAws(speed=speed, log_path=LOG))
        progress.detail(f"Its log, and that of the functions in it: {LOG.relative_to(ROOT)}")
        account = aws.client("sts").get_caller_identity()["Account"]
        cdk = CdkCli(aws.environment, home, show)
        with progress.step(BOOTSTRAPPING):
            # In a folder without cdk.json, since it does not need the app.
            cdk.run("bootstrap", f"aws://{account}/{aws.region}", folder=home)
        reader = StatusReader(aws.client)
        with (
            progress.step(DEPLOYING),
            StatusWatch(lambda: reader.read([STACK]), lambda report: progress.imports(report.imports, speed)),
        ):
            cdk.run("deploy", "--require-approval", "never", "--progress", "events", *context)
        status = reader.read([STACK]).imports
        imports = read_results(
            STACK, status, aws.client("cloudformation"), aws.client("personalize"), aws.records
        )
        return Results(imports, status)
