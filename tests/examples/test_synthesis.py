# SPDX-License-Identifier: Apache-2.0
"""Each example synthesises to what its README says."""

import ast
import json
import re

import aws_cdk as cdk
import pytest

from tests.examples.synthesised import EXAMPLES, IMPORT, NAMES, imports, synthesise, warnings

EXPECTED_WARNINGS = {"bucket_and_key_of_another_team": ["policy of bucket", "policy of key"]}


ONE_SCREEN = 100
"""Lines of an app.py, with its imports and docstrings."""


@pytest.mark.parametrize("name", NAMES)
def test_every_readme_has_commands_for_stacks_of_its_example(name: str) -> None:
    """They run in the example's folder, so they name no app."""
    text = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")

    deployed = re.findall(r"^npx cdk deploy(.*)$", text, re.MULTILINE)

    arguments = [word for each in deployed for word in each.split("#")[0].split()]
    named = {word.strip('"') for word in arguments if re.fullmatch(r'[A-Z][A-Za-z]+|"\w+/\*"', word)}
    assert text.startswith("# ")
    assert deployed
    assert "--app" not in text
    assert named <= {part for stack in synthesise(name) for part in names_for_the_cli(stack.hierarchical_id)}


def names_for_the_cli(path: str) -> set[str]:
    """What selects a stack: its path, or all stacks of its stage."""
    return {path, f"{path.split('/')[0]}/*"}


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_an_app_with_a_stack_class_that_fits_a_screen(name: str) -> None:
    """The CDK CLI finds it by the folder's own cdk.json; the other tests run a copy of the folder."""
    source = (EXAMPLES / name / "app.py").read_text(encoding="utf-8")
    settings = json.loads((EXAMPLES / name / "cdk.json").read_text(encoding="utf-8"))

    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]

    assert settings["app"] == "python3 app.py"
    assert any(ast.unparse(base) == "cdk.Stack" for each in classes for base in each.bases)
    assert len(source.splitlines()) <= ONE_SCREEN


def test_the_list_names_every_example() -> None:
    """And nothing else."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| \[(\w+)\]", text, re.MULTILINE)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_example_has_an_import_and_warns_of_nothing_unexpected(name: str) -> None:
    """It is an example of an import, and a user is not worried by what it prints."""
    stacks = synthesise(name)

    assert imports(stacks)
    printed = warnings(stacks)
    expected = EXPECTED_WARNINGS.get(name, [])
    assert len(printed) == len(expected)
    assert all(words in each for words, each in zip(expected, printed, strict=True))


@pytest.mark.parametrize(
    ("name", "stack", "output"),
    [
        ("import_of_several_hours", "Data", "BucketName"),
        ("key_bucket_and_import_in_three_stacks", "Data", "BucketName"),
        ("alarm_when_an_import_fails", "Notifications", "TopicArn"),
    ],
)
def test_what_a_readme_leaves_to_fill_in_is_an_output(name: str, stack: str, output: str) -> None:
    """Who copies data or subscribes between two deployments finds the name that the command needs."""
    text = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")

    stacks = {each.stack_name: each for each in synthesise(name)}

    assert f"the output `{output}` of the stack `{stack}`" in text
    assert output in stacks[stack].template["Outputs"]


def test_an_existing_stack_learns_of_the_dataset_group_when_the_import_is_complete() -> None:
    """The parameter that the shop's servers read depends on the import."""
    (stack,) = synthesise("embed_in_an_existing_stack")
    resources = stack.template["Resources"]

    (parameter,) = (each for each in resources.values() if each["Type"] == "AWS::SSM::Parameter")

    assert any(name.startswith("RecommendationsInteractions") for name in parameter["DependsOn"])


def test_a_recommender_depends_on_all_imports() -> None:
    """So CloudFormation creates it when the data is in the datasets."""
    (stack,) = synthesise("recommender_after_import")
    resources = stack.template["Resources"]

    (recommender,) = (each for each in resources.values() if each["Type"] == "AWS::Personalize::Recommender")

    assert {name for name, each in resources.items() if each["Type"] == IMPORT} <= set(
        recommender["DependsOn"]
    )


def test_a_recommender_needs_no_newer_cdk_than_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """In aws-cdk-lib 2.222.0, the oldest that the library supports, there is nothing to acknowledge."""
    monkeypatch.delattr(cdk, "Acknowledgment")

    (stack,) = synthesise("recommender_after_import")

    assert len(imports([stack])) == 3


def test_an_existing_dataset_is_imported_into_by_its_arn() -> None:
    """The stack has no dataset of its own."""
    arn = "arn:aws:personalize:eu-west-1:222222222222:dataset/shop/INTERACTIONS"

    (stack,) = synthesise("existing_dataset", {"dataset": arn})

    (job,) = imports([stack]).values()
    assert job["Properties"]["DatasetArn"] == arn
    assert not [
        each for each in stack.template["Resources"].values() if each["Type"].startswith("AWS::Personalize")
    ]


def test_the_imports_of_a_domain_wait_for_nothing_of_each_other() -> None:
    """Three side by side, one of each dataset."""
    found = imports(synthesise("three_datasets_of_a_domain"))

    assert list(found) == ["InteractionsImport", "ItemsImport", "UsersImport"]
    for name, each in found.items():
        named = re.findall("(Interactions|Items|Users)Import[0-9A-F]{8}", str(each))
        assert {f"{kind}Import" for kind in named} == {name}  # its own, in the location of its data


def test_the_increment_is_a_revision_of_the_full_import() -> None:
    """So it waits for that, and is imported again after each full job to come."""
    found = imports(synthesise("incremental_after_full"))

    revision = str(found["MoreInteractions"]["Properties"]["Revision"])
    assert re.search(r"'Fn::GetAtt': \['Interactions[0-9A-F]{8}', 'DatasetImportJobArn'\]", revision)
    assert [each["Properties"]["ImportMode"] for each in found.values()] == ["FULL", "INCREMENTAL"]


def test_the_statements_for_another_team_name_bucket_and_key_of_the_context() -> None:
    """They can be pasted as they are."""
    context = {"bucket": "their-bucket", "key": "arn:aws:kms:us-east-1:222222222222:key/abc"}

    of_bucket, of_key = warnings(synthesise("bucket_and_key_of_another_team", context))

    assert '"arn:aws:s3:::their-bucket/interactions/*"' in of_bucket.replace("arn:PARTITION", "arn:aws")
    assert '"kms:Decrypt"' in of_key
    assert context["key"] in of_key


def test_the_warnings_end_when_the_statements_are_pasted() -> None:
    """As the app says by its context."""
    assert warnings(synthesise("bucket_and_key_of_another_team", {"pasted": "2026-11-24"})) == []


def test_the_stages_go_to_accounts_of_their_own() -> None:
    """The context says to which."""
    stacks = synthesise("stages_in_accounts_of_their_own", {"dev": "111111111111", "prod": "222222222222"})

    assert {stack.stack_name: stack.environment.account for stack in stacks} == {
        "dev-Recommendations": "111111111111",
        "prod-Recommendations": "222222222222",
    }


def test_the_rule_for_failures_is_deployed_before_the_import() -> None:
    """The stack with the rule waits for no other."""
    stacks = {stack.stack_name: stack for stack in synthesise("alarm_when_an_import_fails")}

    needed = [each.id for each in stacks["Notifications"].dependencies if each.id in stacks]
    kinds = {each["Type"] for each in stacks["Notifications"].template["Resources"].values()}

    assert needed == []
    assert {"AWS::Events::Rule", "AWS::SNS::Topic"} <= kinds


def test_the_rule_and_the_alarm_may_publish_to_the_topic() -> None:
    """The topic's own policy replaces the default one, which would let everything of the account publish."""
    stacks = {stack.stack_name: stack for stack in synthesise("alarm_when_an_import_fails")}
    resources = stacks["Notifications"].template["Resources"].values()

    (policy,) = (each["Properties"] for each in resources if each["Type"] == "AWS::SNS::TopicPolicy")

    allowed = {
        statement["Principal"]["Service"]
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Action"]) == ("Allow", "sns:Publish")
    }
    assert allowed == {"events.amazonaws.com", "cloudwatch.amazonaws.com"}
