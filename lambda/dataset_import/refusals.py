# SPDX-License-Identifier: Apache-2.0
"""What to check when Personalize refuses a job, nearest cause first, by the words that it refuses with."""

from __future__ import annotations

_SERVICE = "personalize.amazonaws.com"
_LOCATION = "the location: it exists, in the region of the dataset, and a folder ends in '/'"
_BUCKET = f"the bucket's policy: it lets {_SERVICE} s3:GetObject the objects and s3:ListBucket the bucket"
_ROLE = "the role's policy: it allows the same two"
_KEY = f"if the bucket is encrypted with a KMS key, the key's policy: it lets {_SERVICE} and the role use it"
_EXISTS = "the role: it exists, in this account"
_TRUST = f"the role's trust policy: it lets {_SERVICE} assume it, on behalf of this account and region"
_HEADER = "the header of each file: its first line names every field of the schema, spelled as it is there"
_DATASET = "the dataset: it exists, in this account and region, and is ACTIVE"
_CALL = "the policies of the import's function and of your organization: they allow the action"
_PASS = f"the policy of the import's function: it allows iam:PassRole on the role, to {_SERVICE}"

_BY_WORDS = (
    ("missing the following columns", (_HEADER,)),
    ("iam:passrole", (_PASS,)),
    ("not authorized to perform: personalize:", (_CALL,)),
    ("assume", (_EXISTS, _TRUST)),
    ("does not exist", (_DATASET, _LOCATION, _EXISTS)),
    ("privileges", (_BUCKET, _ROLE, _KEY, _TRUST)),
    ("data location", (_LOCATION, _BUCKET, _ROLE)),
)
_ANYTHING = (_LOCATION, _BUCKET, _ROLE, _KEY, _TRUST)


def names_a_cause(words: str) -> bool:
    """Whether Personalize speaks of something that can be checked."""
    return any(part in words.lower() for part, _ in _BY_WORDS)


def what_to_check(words: str) -> str:
    """Tell what to check, in the order of how near it lies to what Personalize said."""
    causes = next((causes for part, causes in _BY_WORDS if part in words.lower()), _ANYTHING)
    listed = "; ".join(f"({number}) {cause}" for number, cause in enumerate(causes, 1))
    return f"Check {listed}. Then deploy again."
