# SPDX-License-Identifier: Apache-2.0
"""What happens while an import waits or runs, by the real CDK CLI."""

from pathlib import Path

import pytest

from tests.deploy.environment import Environment, interactions

pytestmark = pytest.mark.deploy

SPEED = 30
"""Slow enough that an import outlasts the start of the next command."""


def test_a_bucket_that_cannot_be_granted_fails_in_personalizes_words(environment: Environment) -> None:
    """An imported bucket takes no policy from the stack: synth warns, the deploy fails with the reason."""
    s3 = environment.aws.client("s3")
    s3.create_bucket(Bucket="somebody-elses")
    s3.put_object(Bucket="somebody-elses", Key="interactions.csv", Body=interactions(1000).encode())

    assert not environment.deploy("Refused", bucket="somebody-elses", minutes="1")

    said = "\n".join(environment.output)
    assert "personalize.amazonaws.com" in said
    assert "Insufficient privileges for accessing data in S3." in environment.reasons("Refused")
    assert "Check (1) the bucket's policy" in environment.reasons("Refused")
    assert environment.status("Refused") == "ROLLBACK_COMPLETE"
    assert environment.jobs("Refused") == []


def test_a_destroy_waits_for_the_import_that_runs(environment: Environment, tmp_path: Path) -> None:
    """The dataset could not be deleted before."""
    data = tmp_path / "interactions.csv"
    data.write_text(interactions(1000))
    assert environment.deploy("Running", data=str(data), wait="no"), environment.output
    [job] = environment.jobs("Running")
    assert job["status"] in ("CREATE PENDING", "CREATE IN_PROGRESS")

    assert environment.destroy("Running", data=str(data), wait="no"), environment.output

    assert environment.aws.client("personalize").list_datasets()["datasets"] == []
