# SPDX-License-Identifier: Apache-2.0
"""The errors of the service, with its messages where they are known."""

GRANTING_ACCESS = "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html#attach-bucket-policy"
FORMATTING = "https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html"


class ServiceError(Exception):
    """An answer other than success: an error code of the API, its message and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid_input(message: str) -> ServiceError:
    """A wrong value, or access that is missing or not propagated yet. Only the message distinguishes them."""
    return ServiceError("InvalidInputException", message)


def not_found(arn: str) -> ServiceError:
    """The resource in the request does not exist."""
    return ServiceError("ResourceNotFoundException", f"Resource Arn {arn} does not exist.")


def already_exists(arn: str) -> ServiceError:
    """The name is in use."""
    return ServiceError("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")


def in_use(arn: str, why: str) -> ServiceError:
    """The resource is changing, or another resource uses it."""
    return ServiceError("ResourceInUseException", f"Resource {arn} is in use: {why}")


def too_many_unfinished(limit: int) -> ServiceError:
    """The quota of unfinished jobs per account and region is exhausted. A retry succeeds later."""
    return ServiceError(
        "LimitExceededException", f"More than {limit} resources with PENDING or IN_PROGRESS status."
    )


def no_data() -> ServiceError:
    """The location has no object."""
    return invalid_input("Invalid Data location.")


def no_s3_access(bucket: str) -> ServiceError:
    """The policy of the role or of the bucket does not allow the service to read the data."""
    return invalid_input(
        "Insufficient privileges for accessing data in S3. "
        f"Please look at {GRANTING_ACCESS} and fix bucket policy on {bucket}."
    )


def missing_columns(columns: list[str]) -> ServiceError:
    """The data's header lacks columns that the dataset's schema has."""
    return invalid_input(f"Input csv is missing the following columns: [{', '.join(columns)}]")


def pass_role_denied(caller: str, role_arn: str) -> ServiceError:
    """The caller may not pass the role to the service."""
    return ServiceError(
        "AccessDeniedException",
        f"User: {caller} is not authorized to perform: iam:PassRole on resource: {role_arn} "
        "because no identity-based policy allows the iam:PassRole action",
    )
