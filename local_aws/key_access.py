# SPDX-License-Identifier: Apache-2.0
"""Checks the permissions for KMS keys of objects, with ministack's KMS and policy evaluator.

S3 uses the key on behalf of its caller: Decrypt to read, GenerateDataKey to write, both to write in parts.
ministack checks only the permissions for S3.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms, s3

DECRYPT, GENERATE = "kms:Decrypt", "kms:GenerateDataKey"
ENCRYPTION = "x-amz-server-side-encryption"
KEY_OF_OBJECT = "x-amz-server-side-encryption-aws-kms-key-id"


def apply() -> None:
    """Check each request to S3 for the keys that it uses."""
    checks, enforce = iam_actions.s3_additional_checks, evaluator.enforce

    def s3_additional_checks(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> list[tuple[str, str]]:
        return [*checks(method, path, headers, body, query), *_uses(method, path, headers, query)]

    def enforce_for_keys(
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        context = service_context
        if service == "s3" and action.startswith("kms:"):
            service, context = "kms", {**(context or {}), "kms:ViaService": f"s3.{region}.amazonaws.com"}
        return enforce(
            access_key, action, service, region, resource_arn=resource_arn, service_context=context
        )

    iam_actions.s3_additional_checks = s3_additional_checks
    evaluator.enforce = enforce_for_keys


def _uses(
    method: str, path: str, headers: dict[str, str], query: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the actions that a request for an object needs on keys, with the keys' ARNs."""
    bucket, _, name = unquote(path).lstrip("/").partition("/")
    action = iam_actions._s3_action(method, path, query)
    if name and method == "GET" and action in {"GetObject", "GetObjectVersion"}:
        yield from ((DECRYPT, key["Arn"]) for key in keys_of(bucket, [name]))
    if not name or action != "PutObject":
        return
    if source := headers.get("x-amz-copy-source"):
        read = unquote(source.partition("?")[0]).lstrip("/").partition("/")
        yield from ((DECRYPT, key["Arn"]) for key in keys_of(read[0], [read[2]]))
    key = _key_for_writing(bucket, headers, query)
    if key is not None:
        yield (DECRYPT if "uploadId" in query else GENERATE), key["Arn"]


def _key_for_writing(bucket: str, headers: dict[str, str], query: dict[str, Any]) -> dict[str, Any] | None:
    """Return the key with which S3 encrypts a new object or a part of one."""
    upload = s3._multipart_uploads.get((query.get("uploadId") or [""])[0])
    chosen = s3._stored_sse_headers(upload) if upload else headers
    default = s3._bucket_default_sse_headers(bucket)
    name = (chosen if chosen.get(ENCRYPTION) else default).get(KEY_OF_OBJECT)
    found: dict[str, Any] | None = kms._resolve_key(name) if name else None
    return found


def keys_of(bucket: str, names: list[str]) -> Iterator[dict[str, Any]]:
    """Return the KMS keys of objects. An object with an S3-managed key has none."""
    objects = (s3._buckets.get(bucket) or {"objects": {}})["objects"]
    named = {s3._stored_sse_headers(objects[name]).get(KEY_OF_OBJECT) for name in names if name in objects}
    for key in sorted(filter(None, named)):
        record = kms._resolve_key(key)
        if record is not None:
            yield record


def may_decrypt(key: dict[str, Any], role: dict[str, Any], service: str, source: dict[str, str]) -> bool:
    """Whether both the role and the service may decrypt with the key.

    The key's policy decides. If it delegates to the account, the role's policies must allow the action too.
    """
    as_role = _context(role["Arn"], "AssumedRole", key, {})
    as_service = _context(service, "Service", key, {"aws:principalisawsservice": "true", **source})
    named = evaluator.evaluate_resource_policy(key["Policy"], as_role, named_only=True).decision
    of_account = evaluator.evaluate_resource_policy(key["Policy"], as_role).decision
    policies = evaluator._gather_role_policies(role["RoleName"], get_account_id())
    own = evaluator.evaluate(as_role, policies).decision
    role_may = "Deny" not in (own, of_account) and (named == "Allow" or of_account == own == "Allow")
    by_service = evaluator.evaluate_resource_policy(key["Policy"], as_service, service=service).decision
    return role_may and bool(by_service == "Allow")


def _context(principal: str, kind: str, key: dict[str, Any], conditions: dict[str, str]) -> Any:
    return evaluator.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=get_account_id(),
        action=DECRYPT,
        resource_arn=key["Arn"],
        region=get_region(),
        source_ip="",
        secure_transport=True,
        service_context=conditions,
    )
