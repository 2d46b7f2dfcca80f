# SPDX-License-Identifier: Apache-2.0
"""The arguments of a data source, as far as they can be judged by themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping

from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import.data_location import name_of
from cdk_personalize_import.environments import differ, environment_of, stack_of
from cdk_personalize_import.tokens import is_token
from cdk_personalize_import.validation import Problems, check_region

_NOT_THE_WHOLE_BUCKET = (
    "Name a prefix such as 'training/': the function may write and delete under it, so it cannot be the "
    "whole bucket."
)


def check_own_account(problems: Problems, bucket: s3.IBucket, job: Construct) -> None:
    """Check that a bucket to copy into is of the account of the stack, as the function is."""
    if isinstance(bucket, type) or not callable(getattr(bucket, "arn_for_objects", None)):
        return
    ours, theirs = environment_of(stack_of(job)).account, environment_of(bucket).account
    if differ(ours, theirs):
        rule = f"bucket of DataSource.from_asset must be of the stack's account {ours}, got one of {theirs}"
        problems.add(rule, f"Pass a bucket of {ours}, or leave it out.")


def bucket_name_of(problems: Problems, method: str, bucket: s3.IBucket, job: Construct) -> str | None:
    """The name of a bucket that the import can use, if it is known."""
    argument = f"bucket of DataSource.{method}"
    # What only IBucket has: a bucket's name is in its attributes too, its reference, its raw resource.
    if not isinstance(bucket, type) and callable(getattr(bucket, "arn_for_objects", None)):
        name = name_of(bucket)
        check_region(problems, argument, bucket, environment_of(stack_of(job)))
        return None if is_token(name) else name
    fix = "Make one with s3.Bucket.from_bucket_name, or of a CfnBucket with s3.Bucket.from_cfn_bucket."
    problems.add(f"{argument} must be an s3.IBucket, got {bucket!r}", fix)
    return None


def is_path(problems: Problems, path: object) -> bool:
    """Whether it can be a path; the empty text would be the working directory."""
    if not _is_text_or_path(path):
        rule = f"path of DataSource.from_asset must be a string or a pathlib.Path, got {path!r}"
        problems.add(rule, "Pass the path of a file or of a folder.")
        return False
    if not str(path).strip():
        rule = f"path of DataSource.from_asset must not be empty, got {path!r}"
        problems.add(rule, "Pass the path of a file or of a folder; '.' is the working directory.")
        return False
    return True


def is_pattern(problems: Problems, pattern: object) -> bool:
    """Whether it is a pattern of names, if there is one."""
    if pattern is None or (isinstance(pattern, str) and pattern and "/" not in pattern):
        return True
    rule = f"pattern of DataSource.from_asset must be a pattern of file names, got {pattern!r}"
    problems.add(rule, "Pass e.g. '*.csv', or leave it out.")
    return False


def is_schema(problems: Problems, schema: object) -> bool:
    """Whether it can be a schema, if there is one; what it holds is for the check."""
    if schema is None or isinstance(schema, Mapping) or (_is_text_or_path(schema) and schema != ""):
        return True
    rule = f"schema of DataSource.from_asset must be a path, a JSON text or a mapping, got {schema!r}"
    problems.add(rule, "Pass the schema's file, its text, or what that holds; or leave it out.")
    return False


def _is_text_or_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike) and isinstance(os.fspath(value), str)


def is_key(problems: Problems, key: object) -> bool:
    """Whether it is a key or a prefix, as far as can be seen: where it is a token, that is not far."""
    if not isinstance(key, str):
        rule = f"key_or_prefix must be a string, got {key!r}"
        problems.add(rule, "Pass a key, or a prefix that ends in '/'.")
        return False
    right = key.lstrip("/")
    fix = f"Use {right!r}." if right else "Use '' only if you mean the whole bucket."
    return _begins_as_key(problems, "key_or_prefix", key, fix)


def is_prefix(problems: Problems, prefix: object) -> bool:
    """Whether it is a prefix for copies, as far as can be seen."""
    if not isinstance(prefix, str):
        problems.add(f"prefix must be a string, got {prefix!r}", "Pass a prefix that ends in '/'.")
        return False
    right = prefix.strip("/")
    fix = f"Use {right + '/'!r}." if right else _NOT_THE_WHOLE_BUCKET
    if not prefix:
        problems.add("prefix must not be empty, got ''", fix)
    elif not _begins_as_key(problems, "prefix", prefix, fix):
        return False
    elif not is_token(prefix) and not prefix.endswith("/"):
        problems.add(f"prefix must end in '/', got {prefix!r}", fix)
    else:
        return True
    return False


def _begins_as_key(problems: Problems, name: str, key: str, fix: str) -> bool:
    if "://" in key and not is_token(key):
        without = "Leave out what names the bucket: the bucket is an argument of its own."
        problems.add(f"{name} must be a key or a prefix without its bucket, got {key!r}", without)
    elif key.startswith("/"):
        problems.add(f"{name} must not begin with '/', got {key!r}", fix)
    else:
        return True
    return False
