# SPDX-License-Identifier: Apache-2.0
"""What the service says when it refuses, word for word where its words are known."""

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
    """A wrong value, or access that does not stand (yet): only the message tells which."""
    return ServiceError("InvalidInputException", message)


def not_found(arn: str) -> ServiceError:
    """The resource that the request names is not there."""
    return ServiceError("ResourceNotFoundException", f"Resource Arn {arn} does not exist.")


def already_exists(arn: str) -> ServiceError:
    """The name is taken."""
    return ServiceError("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")


def in_use(arn: str, why: str) -> ServiceError:
    """The resource is busy, or something else still needs it."""
    return ServiceError("ResourceInUseException", f"Resource {arn} is in use: {why}")


def too_many_unfinished(limit: int) -> ServiceError:
    """The quota of unfinished jobs an account and region is used up; passes with time."""
    return ServiceError(
        "LimitExceededException", f"More than {limit} resources with PENDING or IN_PROGRESS status."
    )


def no_data() -> ServiceError:
    """Nothing lies at the location."""
    return invalid_input("Invalid Data location.")


def no_s3_access(bucket: str) -> ServiceError:
    """The role, the bucket's policy, or both do not let the service read the data."""
    return invalid_input(
        "Insufficient privileges for accessing data in S3. "
        f"Please look at {GRANTING_ACCESS} and fix bucket policy on {bucket}."
    )


def missing_columns(columns: list[str]) -> ServiceError:
    """The data's header lacks columns that the dataset's schema has."""
    return invalid_input(f"Input csv is missing the following columns: [{', '.join(columns)}]")


def pass_role_denied(caller: str, role_arn: str) -> ServiceError:
    """The caller may not hand the role to the service."""
    return ServiceError(
        "AccessDeniedException",
        f"User: {caller} is not authorized to perform: iam:PassRole on resource: {role_arn} "
        "because no identity-based policy allows the iam:PassRole action",
    )
