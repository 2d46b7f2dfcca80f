# SPDX-License-Identifier: Apache-2.0
"""The property BucketEncryption of a bucket, and the refusal to delete a bucket that is not empty.

ministack ignores the property, and deletes a bucket with its objects.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

import uuid
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3
from ministack.services.cloudformation import provisioners

BUCKET = "AWS::S3::Bucket"


def apply() -> None:
    """Apply the property when a bucket is created or updated, and delete buckets by the API of S3."""
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("BucketEncryption", _xml, s3._put_bucket_encryption, s3._delete_bucket_encryption),
    )
    provisioners._RESOURCE_HANDLERS[BUCKET]["delete"] = _delete


def _delete(name: str, props: dict[str, Any]) -> None:
    status, _, _ = s3._delete_bucket(name)
    if status == 409:
        request = f"Service: S3, Status Code: 409, Request ID: {uuid.uuid4().hex[:16].upper()}"
        raise RuntimeError(
            f'Resource handler returned message: "The bucket you tried to delete is not empty ({request})" '
            f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: GeneralServiceException)"
        )


def _xml(encryption: dict[str, Any]) -> bytes:
    rules = encryption.get("ServerSideEncryptionConfiguration") or []
    defaults = [rule.get("ServerSideEncryptionByDefault") or {} for rule in rules]
    text = "".join(f"<Rule>{_default(default)}</Rule>" for default in defaults)
    name = "ServerSideEncryptionConfiguration"
    return f'<{name} xmlns="{s3.S3_NS}">{text}</{name}>'.encode()


def _default(default: dict[str, Any]) -> str:
    if default.get("SSEAlgorithm") == "aws:kms" and not default.get("KMSMasterKeyID"):
        # The account's key aws/s3, as for the bucket that `cdk bootstrap` makes. ministack has no such key.
        default = {"SSEAlgorithm": "AES256"}
    members = "".join(
        f"<{name}>{escape(str(default[name]))}</{name}>"
        for name in ("SSEAlgorithm", "KMSMasterKeyID")
        if name in default
    )
    return f"<ApplyServerSideEncryptionByDefault>{members}</ApplyServerSideEncryptionByDefault>"
