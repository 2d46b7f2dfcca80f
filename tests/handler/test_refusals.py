# SPDX-License-Identifier: Apache-2.0
import pytest

from dataset_import.refusals import names_a_cause, what_to_check

S3 = (
    "Insufficient privileges for accessing data in S3. Please look at https://docs.aws.amazon.com/personalize/"
    "latest/dg/granting-personalize-s3-access.html#attach-bucket-policy and fix bucket policy on shop."
)
PASS = (
    "User: arn:aws:iam::123456789012:role/handler is not authorized to perform: iam:PassRole on resource: "
    "arn:aws:iam::123456789012:role/import because no identity-based policy allows the iam:PassRole action"
)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        (S3, "(1) the bucket's policy", "(4) the role's trust policy"),
        (PASS, "(1) the policy of the import's function", "(1) the policy of the import's function"),
        ("Unable to assume role x.", "(1) the role: it exists", "(2) the role's trust policy"),
        ("Invalid Data location.", "(1) the location", "(3) the role's policy"),
        (
            "Input csv is missing the following columns: [ITEM_ID]",
            "(1) the header of each file",
            "(1) the header of each file",
        ),
        ("Resource Arn aws:x:dataset/a/ITEMS does not exist.", "(1) the dataset", "(3) the role: it exists"),
        (
            "User: x is not authorized to perform: personalize:CreateDatasetImportJob on resource: y",
            "(1) the policies of the import's function",
            "(1) the policies of the import's function",
        ),
        ("Something new.", "(1) the location", "(5) the role's trust policy"),
    ],
)
def test_the_nearest_cause_comes_first(words: str, first: str, last: str) -> None:
    """What Personalize speaks of is checked before what lies behind it."""
    told = what_to_check(words)

    assert told.startswith(f"Check {first}")
    assert last in told
    assert told.count("(") == int(last[1])
    assert told.endswith(". Then deploy again.")


def test_a_dataset_that_is_in_use_is_there() -> None:
    """Who names it says nothing of what to check: its turn has to come."""
    assert not names_a_cause("Resource aws:x:dataset/a/ITEMS is in use.")


def test_the_key_comes_after_the_policies_that_everybody_needs() -> None:
    """Personalize blames the bucket's policy also where the key's is at fault."""
    told = what_to_check(S3)

    assert told.index("role's policy") < told.index("KMS key") < told.index("trust policy")
