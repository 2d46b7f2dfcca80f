# SPDX-License-Identifier: Apache-2.0
"""What an import needs in an account, made with the API: bucket, data, roles, dataset."""

import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import boto3

from local_aws import LocalAws
from tests.local_aws.world import INTERACTIONS, interactions, schema

ACCOUNT = "123456789012"
PERSONALIZE = "personalize.amazonaws.com"
READS = ["s3:GetObject", "s3:ListBucket"]
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
DENIED = "Insufficient privileges for accessing data in S3."
_numbers = itertools.count(1)


def statement(actions: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    """Make a statement that allows, unless `Effect` says otherwise."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> str:
    """Make a policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str, **condition: Any) -> str:
    """Make a trust policy that lets a service assume the role."""
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return policy(allowed | ({"Condition": condition} if condition else {}))


def for_service(actions: list[str] = READS, **more: Any) -> Callable[[str], list[dict[str, Any]]]:
    """Return the statements of a bucket's policy that lets the service read."""

    def statements(bucket: str) -> list[dict[str, Any]]:
        principal = {"Principal": {"Service": PERSONALIZE}}
        return [statement(actions, [bucket, f"{bucket}/*"], **principal, **more)]

    return statements


class Account:
    """An instance as the root of its account sees it, with what an import needs."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.personalize, self.iam, self.s3 = (aws.client(name) for name in ("personalize", "iam", "s3"))

    def name(self, stem: str) -> str:
        """Return a name that is not taken."""
        return f"{stem}-{next(_numbers)}"

    def bucket(self, statements: Callable[[str], list[dict[str, Any]]]) -> str:
        """Make a bucket with interactions in `in/data.csv`; its policy's statements follow from its ARN."""
        name = self.name("data")
        self.s3.create_bucket(Bucket=name)
        self.s3.put_object(Bucket=name, Key="in/data.csv", Body=interactions().encode())
        made = statements(f"arn:aws:s3:::{name}")
        if made:
            self.s3.put_bucket_policy(Bucket=name, Policy=policy(*made))
        return name

    def role(self, trusted: str, *statements: dict[str, Any]) -> str:
        """Make a role and return its ARN."""
        name = self.name("role")
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return str(role["Arn"])

    def function(self, code: str, *statements: dict[str, Any], **configuration: Any) -> str:
        """Make a function in Python with this code and a role with these permissions; return its name."""
        packed, name = io.BytesIO(), self.name("function")
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", code)
        self.aws.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role(trust("lambda.amazonaws.com"), *statements),
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
            Timeout=60,
            **configuration,
        )
        return name

    def invoke(self, function: str, **event: Any) -> Any:
        """Return what the function answers to the event."""
        payload = json.dumps(event)
        return json.load(self.aws.client("lambda").invoke(FunctionName=function, Payload=payload)["Payload"])

    def client_as(self, service: str, *statements: dict[str, Any]) -> Any:
        """Return a client of a user that may do what the statements allow."""
        return self.clients_as([service], *statements)[service]

    def clients_as(self, services: Iterable[str], *statements: dict[str, Any]) -> dict[str, Any]:
        """Return clients of some services of a user that may do what the statements allow."""
        name = self.name("user")
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        session = boto3.Session(
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            region_name=self.aws.region,
        )
        return {
            service: session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.aws.endpoint_url,
                verify=self.aws.environment["AWS_CA_BUNDLE"],
            )
            for service in services
        }

    def dataset(self) -> str:
        """Make an ACTIVE dataset of interactions in a group of its own and return its ARN."""
        name = self.name("group")
        schema_arn = self.personalize.create_schema(name=name, schema=schema(INTERACTIONS))["schemaArn"]
        group_arn = self.personalize.create_dataset_group(name=name)["datasetGroupArn"]
        self.until(
            lambda: self.personalize.describe_dataset_group(datasetGroupArn=group_arn)["datasetGroup"][
                "status"
            ]
        )
        arn = self.personalize.create_dataset(
            name=name, schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType="Interactions"
        )["datasetArn"]
        self.until(lambda: self.personalize.describe_dataset(datasetArn=arn)["dataset"]["status"])
        return str(arn)

    def start_import(self, dataset: str, bucket: str, role: str, **request: Any) -> str:
        """Start an import of the data in the bucket and return the ARN of its job."""
        given: dict[str, Any] = {
            "jobName": self.name("job"),
            "datasetArn": dataset,
            "dataSource": {"dataLocation": f"s3://{bucket}/in/"},
            "roleArn": role,
        }
        return str(self.personalize.create_dataset_import_job(**(given | request))["datasetImportJobArn"])

    def end_of(self, job: str) -> str:
        """Wait until a job has ended and return its status."""
        deadline = time.monotonic() + 30
        while (status := self.job_status(job)) in ("CREATE PENDING", "CREATE IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise AssertionError(f"it is still {status}")
            time.sleep(0.02)
        return status

    def job_status(self, job: str) -> str:
        """Return the status of a job."""
        found = self.personalize.describe_dataset_import_job(datasetImportJobArn=job)
        return str(found["datasetImportJob"]["status"])

    def until(self, status: Callable[[], str], wanted: str = "ACTIVE") -> None:
        """Read the status until it is the wanted one."""
        deadline = time.monotonic() + 30
        while status() != wanted:
            if time.monotonic() > deadline:
                raise AssertionError(f"it is still {status()}")
            time.sleep(0.02)
