# SPDX-License-Identifier: Apache-2.0
"""The table of the handler's records, and the keys that can encrypt it."""

from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from constructs import Construct

from tests.construct.imports import HANDLER_POLICY, TABLE, Imports, circle, of_type, statements


def test_the_records_are_in_an_encrypted_table_that_goes_with_the_stack(imports: Imports) -> None:
    """It is on demand with a time to live; DynamoDB encrypts it with a key that AWS owns."""
    imports.add()

    table = of_type(imports.template(), TABLE)["PersonalizeImportHandlerRecords6A6F7591"]

    assert table == {
        "Type": TABLE,
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": "Key", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "Key", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
        },
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }


def test_the_table_can_have_a_key_of_the_users(imports: Imports) -> None:
    """The docstring of `record_table` describes it: the raw resource, and a grant to the function."""
    job = imports.add()
    key = kms.Key(imports.stack, "Key")
    raw = job.record_table.node.default_child
    assert isinstance(raw, dynamodb.CfnTable)
    raw.sse_specification = dynamodb.CfnTable.SSESpecificationProperty(
        sse_enabled=True, sse_type="KMS", kms_master_key_id=key.key_arn
    )
    key.grant_encrypt_decrypt(job.handler)

    template = imports.template()

    arn_of_key = {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    template.has_resource_properties(
        TABLE, {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn_of_key}}
    )
    assert key_actions(template, arn_of_key) == [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]
    assert circle(template) == []


def test_a_key_that_a_property_injector_gives_to_the_table_is_granted(imports: Imports) -> None:
    """An organisation's property injector for tables needs no further grant."""
    key = kms.Key(imports.stack, "Key")
    cdk.PropertyInjectors.of(imports.stack).add(KeyForTables(key))
    job = imports.add()

    template = imports.template()

    assert job.record_table.encryption_key is not None
    assert key_actions(template, {"Fn::GetAtt": ["Key961B73FD", "Arn"]}) == [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]


@jsii.implements(cdk.IPropertyInjector)
class KeyForTables:
    """Encrypts each table with a key."""

    def __init__(self, key: kms.Key) -> None:
        self._key = key

    @property
    def construct_unique_id(self) -> str:
        return dynamodb.Table.PROPERTY_INJECTION_ID

    def inject(self, original_props: Any, *, id: str, scope: Construct) -> Any:
        return {**original_props, "encryptionKey": self._key}


def key_actions(template: Template, arn_of_key: dict[str, Any]) -> list[str]:
    """Return what the function may do with a key."""
    return sorted(
        action
        for statement in statements(template, HANDLER_POLICY)
        if statement["Resource"] == arn_of_key
        for action in statement["Action"]
    )
