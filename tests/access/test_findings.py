# SPDX-License-Identifier: Apache-2.0
"""The sample and the examples have no finding without an acknowledgement and a reason."""

from pathlib import Path

import aws_cdk as cdk
import pytest

from app import PersonalizeImportSample
from nag_acknowledgements import acknowledge
from sample_data import read_folder, write_sample
from tests.access.findings_of import checked_app, lint_findings, nag_findings, parliament_findings
from tests.examples.synthesised import build_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/*/app.py"))
CONTEXT = {"bucket_and_key_of_another_team": {"pasted": "2026-11-24"}}
"""Of that example, the app after the other team has pasted what it prints."""

PACKS = ("NIST.800.53.R5::NIST.800.53.R5", "HIPAA.Security::HIPAA.Security")
BESIDE_THE_IMPORTS = {
    "AwsSolutions::AwsSolutions-S1": "An example; a bucket with real data wants a bucket for its logs.",
    "{pack}-S3BucketLoggingEnabled": "The same.",
    "{pack}-S3BucketReplicationEnabled": "The data has been made elsewhere, and can be put there again.",
    "{pack}-S3DefaultEncryptionKMS": "S3 encrypts the data with keys of its own.",
    "{pack}-SNSEncryptedKMS": "The messages contain names, ARNs and errors of Personalize, and no data.",
    "AwsSolutions::AwsSolutions-IAM5[Resource::<ExportsBucket5A12738B.Arn>/training/Shop/*]": (
        "The copies, by the function that makes and removes them."
    ),
    "AwsSolutions::AwsSolutions-SF1": "The state machine has one step, and fails with what Personalize says.",
    "AwsSolutions::AwsSolutions-SF2": "The same.",
    "AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::"
    "data-of-another-team/interactions/*]": "The folder of the data.",
}
"""What the examples have that the sample has not."""
NEWER_THAN_CFN_LINT = {"AWS::Personalize::Recommender"}
"""Resource types that CloudFormation has had since September 2026, and the newest cfn-lint does not know."""

Checked = tuple[Path, list[str]]


def sample(app: cdk.App) -> None:
    """The sample environment, with its generated data."""
    data = read_folder(write_sample(Path(app.outdir).with_name("data")))
    PersonalizeImportSample(app, "PersonalizeImportSample", training_data=data)


def acknowledge_example(app: cdk.App) -> None:
    """Acknowledge what may stand in an example. They do not do it themselves, to be short."""
    for rule, reason in BESIDE_THE_IMPORTS.items():
        for pack in PACKS:
            acknowledgment = cdk.Acknowledgment(id=rule.format(pack=pack), reason=reason)
            cdk.Validations.of(app).acknowledge(acknowledgment)
    for resource in app.node.find_all():
        if isinstance(resource, cdk.CfnResource) and resource.cfn_resource_type in NEWER_THAN_CFN_LINT:
            resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3006"]}})
    for stack in app.node.find_all():
        if isinstance(stack, cdk.Stack) and stack.node.try_find_child("PersonalizeImportHandler"):
            acknowledge(stack)


@pytest.fixture(scope="module", params=[None, *EXAMPLES], ids=["sample", *(p.name for p in EXAMPLES)])
def checked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """Synthesise an app; where it lies, and what cdk-nag finds in it."""
    outdir = tmp_path_factory.mktemp("checked") / "cdk.out"
    app = checked_app(outdir)
    if request.param:
        for key, value in CONTEXT.get(request.param.name, {}).items():
            app.node.set_context(key, value)
        build_of(request.param)(app)
        acknowledge_example(app)
    else:
        sample(app)
    return outdir, nag_findings(app)


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(checked: Checked) -> None:
    """The packs are AwsSolutions, NIST 800-53 R5 and HIPAA."""
    assert checked[1] == []


def test_cfn_lint_finds_nothing(checked: Checked) -> None:
    """The metadata of a template may ignore a rule."""
    assert lint_findings(checked[0]) == []


def test_parliament_finds_nothing(checked: Checked) -> None:
    """Every action exists, and its resources and condition keys are valid for it."""
    assert parliament_findings(checked[0]) == []
