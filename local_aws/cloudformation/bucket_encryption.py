# SPDX-License-Identifier: Apache-2.0
"""A bucket of a stack encrypts its objects as its property BucketEncryption says; ministack ignores it."""

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Hand the property to S3 when a bucket is made, changed, or loses it."""
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("BucketEncryption", _xml, s3._put_bucket_encryption, s3._delete_bucket_encryption),
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
