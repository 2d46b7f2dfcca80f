# SPDX-License-Identifier: Apache-2.0
"""The findings of tools that check templates and policies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks

FLAGS = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]


def checked_app(outdir: Path) -> cdk.App:
    """Return an app with the flags of cdk.json that cdk-nag checks at synth."""
    app = cdk.App(context=FLAGS, outdir=str(outdir))
    packs = (AwsSolutionsChecks(app), NIST80053R5Checks(app), HIPAASecurityChecks(app))
    cdk.Validations.of(app).add_plugins(*packs)
    return app


def nag_findings(app: cdk.App) -> list[str]:
    """Return the findings of cdk-nag that the app does not acknowledge."""
    try:
        app.synth()
    except RuntimeError as error:
        if "validation-report.json" not in str(error):
            raise
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    assert {found["pluginName"] for found in report["pluginReports"]} >= {
        "AwsSolutions",
        "NIST.800.53.R5",
        "HIPAA.Security",
    }
    return [
        f"{violation['ruleName']}: {construct['constructPath']}"
        for found in report["pluginReports"]
        for violation in found["violations"]
        for construct in violation["violatingConstructs"]
    ]


def lint_findings(outdir: Path) -> list[str]:
    """Return the findings of cfn-lint in the templates."""
    templates = [str(path) for path in outdir.rglob("*.template.json")]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "-t", *templates]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


def parliament_findings(outdir: Path) -> list[str]:
    """Return the findings of parliament in the policies of roles."""
    with warnings.catch_warnings():
        # It does not close the files that it reads at import.
        warnings.simplefilter("ignore", ResourceWarning)
        import parliament  # type: ignore[import-untyped]
    return [
        f"{name}: {finding}"
        for name, document in policies(outdir)
        for finding in parliament.analyze_policy_string(json.dumps(document)).findings
    ]


def policies(outdir: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the policies of roles, with a plain value for each intrinsic function."""
    for path in sorted(outdir.rglob("*.template.json")):
        for name, resource in json.loads(path.read_text())["Resources"].items():
            properties = resource.get("Properties", {})
            documents = [properties.get("PolicyDocument")] if "IAM" in resource["Type"] else []
            documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            for document in filter(None, documents):
                yield f"{path.stem}/{name}", _plain(document)


def _plain(value: Any) -> Any:
    """Replace references and intrinsic functions by values that a deployment could have."""
    match value:
        case {"Fn::Join": [separator, list(parts)]}:
            return separator.join(str(_plain(part)) for part in parts)
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Ref": "AWS::AccountId"}:
            return "111122223333"
        case {"Ref": "AWS::Region"}:
            return "eu-west-1"
        case {"Ref": "AWS::StackId"}:
            return "arn:aws:cloudformation:eu-west-1:111122223333:stack/stack/1"
        case {"Ref": name} if name.startswith("Training"):
            return "arn:aws:states:eu-west-1:111122223333:stateMachine:training"
        case {"Ref": name}:
            return name.replace(":", "")
        case {"Fn::GetAtt": [name, _]}:
            return _arn(name)
        case {"Fn::GetStackOutput": {"OutputName": name}}:
            return _arn(str(name))
        case {"Fn::Sub": text}:
            return re.sub(
                r"\$\{AWS::(\w+)\}", lambda found: str(_plain({"Ref": f"AWS::{found[1]}"})), str(text)
            )
        case dict():
            return {key: _plain(member) for key, member in value.items()}
        case list():
            return [_plain(member) for member in value]
    return value


def _arn(name: str) -> str:
    """Return an ARN for a logical id."""
    place = "eu-west-1:111122223333"
    kinds = {
        "Bucket": "arn:aws:s3:::bucket",
        "Staging": "arn:aws:s3:::staging",
        "Dataset": f"arn:aws:personalize:{place}:dataset/group/ITEMS",
        "Role": "arn:aws:iam::111122223333:role/role",
        "Logs": f"arn:aws:logs:{place}:log-group:logs:*",
        "Records": f"arn:aws:dynamodb:{place}:table/records",
        "Solution": f"arn:aws:personalize:{place}:solution/solution",
        "Function": f"arn:aws:lambda:{place}:function:function",
        "Key": f"arn:aws:kms:{place}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }
    return next(arn for kind, arn in kinds.items() if kind in name)
