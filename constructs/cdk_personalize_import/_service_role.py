# SPDX-License-Identifier: Apache-2.0
"""The service role of an import, and the patterns that match the roles of a stack's imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import jsii
from aws_cdk import IAnyProducer, IResolveContext, Lazy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IValidation

from cdk_personalize_import._access import PERSONALIZE, on_behalf_of, role_statements
from cdk_personalize_import._cdk import cached_by_identity, find_child, is_token, stack_of, unique_name_of
from cdk_personalize_import._data_location import DataLocation

_SUFFIX = "ServiceRole"

_OF_THE_STACK = ({"Ref": "AWS::Partition"}, {"Ref": "AWS::AccountId"})
"""Parts of an ARN that have other values in the stack of a bucket or key."""


class ServiceRole(iam.Role):
    """The role that Amazon Personalize assumes to read the data of one import. It can read nothing else.

    The policy is inline, so that the role never exists without it.
    """

    @classmethod
    def beside(cls, job: Construct, location: DataLocation) -> ServiceRole:
        """Create the role of an import as a sibling of the import.

        It is not a child of the import. The policy of the shared function refers to all roles, and every
        import depends on that policy. If one import depended on another, the role would be part of a circle.
        """
        scope = cast(Construct, job.node.scope)
        construct_id = f"{job.node.id}{_SUFFIX}"
        # An import of this id may have been removed from the tree, which leaves its role behind.
        if find_child(scope, construct_id, cls):
            scope.node.try_remove_child(construct_id)
        return cls(scope, construct_id, location=location)

    def __init__(self, scope: Construct, construct_id: str, *, location: DataLocation) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Lets Amazon Personalize read the data of one import",
            assumed_by=_personalize_for(stack_of(scope)),
            # One pattern matches the roles of the stack. A stack of this name in another region shares it.
            path=f"/personalize/{unique_name_of(stack_of(scope))}/",
            inline_policies={
                "ReadTrainingData": iam.PolicyDocument(statements=role_statements(scope, location)),
            },
        )
        _roles_in(stack_of(scope)).append(self)


def validate_trust(job: Construct, role: iam.IRole | None) -> None:
    """Check at synth that Personalize may assume the role of an import, if the app creates the role."""
    if isinstance(role, iam.Role):
        job.node.add_validation(cast(IValidation, _TrustValidation(role)))


@jsii.implements(IValidation)
class _TrustValidation:
    """The check at synth, when the trust policy is complete."""

    def __init__(self, role: iam.Role) -> None:
        self._role = role

    def validate(self) -> list[str]:
        """Return an error if Personalize certainly may not. The CDK calls it, and adds the path."""
        trust = self._role.assume_role_policy
        document = stack_of(self._role).resolve(trust.to_json() if trust else {})
        statements = (document or {}).get("Statement", [])
        if any(_may_trust_personalize(statement) for statement in statements):
            return []
        return [
            f"role must trust {PERSONALIZE}, got {self._role.node.path}, which does not. Create the role "
            f"with assumed_by=iam.ServicePrincipal({PERSONALIZE!r}), add that to its assume_role_policy, or "
            "omit role."
        ]


def _may_trust_personalize(statement: Mapping[str, Any]) -> bool:
    """Whether a statement may allow Personalize to assume a role. A principal that is a token may be it."""
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else principal
    listed = services if isinstance(services, list) else [services]
    return statement["Effect"] == "Allow" and any(
        service in (PERSONALIZE, "*") or not isinstance(service, str) for service in listed
    )


def role_pattern(scope: Construct, given: iam.IRole | None) -> Any:
    """Return the pattern with which the policy of a bucket or key compares `aws:PrincipalArn`.

    The policy contains no reference to a role, because its stack would then depend on the role's. The pattern
    has the path and the name that a role has when the template is written, after all aspects.

    Args:
        scope: The import.
        given: The role that the user has passed. None means the import's own role. The pattern then matches
            the own roles of all imports of the stack.
    """
    if given is None or isinstance(given, ServiceRole):
        return _pattern_of_own_roles(stack_of(scope if given is None else given))
    return _pattern_of(given)


@cached_by_identity
def _pattern_of_own_roles(stack: Stack) -> Any:
    return Lazy.uncached_any(cast(IAnyProducer, _PatternsOfRoles(_roles_in(stack))))


@cached_by_identity
def _pattern_of(role: iam.IRole) -> Any:
    return Lazy.uncached_any(cast(IAnyProducer, _PatternsOfRoles([role])))


@jsii.implements(IAnyProducer)
class _PatternsOfRoles:
    """The patterns of roles, without repetitions."""

    def __init__(self, roles: Sequence[iam.IRole]) -> None:
        self._roles = roles

    def produce(self, *_: IResolveContext) -> str | list[str]:
        """Return the patterns. The CDK calls it."""
        patterns = sorted(set(map(_pattern, self._roles)))
        return patterns[0] if len(patterns) == 1 else patterns


def _pattern(role: iam.IRole) -> str:
    made = role.node.default_child
    if not isinstance(made, iam.CfnRole):
        # A role that was created outside of the app. iam.Role.customize_roles uses one too.
        return _known_arn(role)
    path, name = made.path or "/", made.role_name
    if is_token(path):
        return _arn(role, "*")
    return _arn(role, f"{path[1:]}*" if name is None or is_token(name) else f"{path[1:]}{name}")


def _known_arn(role: iam.IRole) -> str:
    """Return the ARN of a role with the account of its stack, and a wildcard if its name is not known."""
    resolved = stack_of(role).resolve(role.role_arn)
    if isinstance(resolved, str):
        return resolved
    parts = resolved["Fn::Join"][1] if "Fn::Join" in resolved else [resolved]
    if not all(isinstance(part, str) or part in _OF_THE_STACK for part in parts):
        return _arn(role, "*")
    name = "".join(part for part in parts if isinstance(part, str)).partition(":role/")[2]
    return _arn(role, name or "*")


@cached_by_identity
def _roles_in(stack: Stack) -> list[ServiceRole]:
    """Return a list, kept with the stack, of the own roles of its imports."""
    return []


@cached_by_identity
def _personalize_for(stack: Stack) -> iam.ServicePrincipal:
    """Return Personalize as a principal, only on behalf of this account and region."""
    return iam.ServicePrincipal(PERSONALIZE, conditions=on_behalf_of(stack))


def _arn(scope: IConstruct, name: str) -> str:
    return stack_of(scope).format_arn(service="iam", region="", resource="role", resource_name=name)
