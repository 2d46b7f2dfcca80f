# SPDX-License-Identifier: Apache-2.0
"""The service role of an import, and the patterns that mean the roles of the imports of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import jsii
from aws_cdk import IAnyProducer, IResolveContext, Lazy, Names, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IValidation

from cdk_personalize_import._access import PERSONALIZE, on_behalf_of, role_statements
from cdk_personalize_import._cdk import cached_by_identity, find_child, is_token, stack_of
from cdk_personalize_import._data_location import DataLocation

_SUFFIX = "ServiceRole"

_LONGEST_STACK_NAME = 24
"""Characters in the path: the policy of the function names each role, and is limited in length."""


class ServiceRole(iam.Role):
    """The role in which Amazon Personalize reads the data of one import, and can read nothing else.

    The policy is part of the role, so that the role never exists without it.
    """

    @classmethod
    def beside(cls, job: Construct, location: DataLocation) -> ServiceRole:
        """Make the role of an import, beside the import.

        Not in the import, because the policy of the shared function names all roles and every import waits
        for that policy. If one import depended on another, its role would be part of it and a circle.
        """
        scope = cast(Construct, job.node.scope)
        construct_id = f"{job.node.id}{_SUFFIX}"
        # The role of an import that has been removed from the tree, and whose id is used again.
        if find_child(scope, construct_id, cls):
            scope.node.try_remove_child(construct_id)
        return cls(scope, construct_id, location=location)

    def __init__(self, scope: Construct, construct_id: str, *, location: DataLocation) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Lets Amazon Personalize read the data of one import",
            assumed_by=_personalize_for(stack_of(scope)),
            path=_path_of(stack_of(scope)),
            inline_policies={
                "ReadTrainingData": iam.PolicyDocument(statements=role_statements(scope, location)),
            },
        )
        _roles_in(stack_of(scope)).append(self)


@jsii.implements(IValidation)
class TrustValidation:
    """The check that Personalize may assume a role of the app; its trust is complete only at synth."""

    def __init__(self, job: Construct, role: iam.Role) -> None:
        self._job = job
        self._role = role

    def validate(self) -> list[str]:
        """Return that it may not, if that is certain. Called by the CDK, which adds the path."""
        trust = self._role.assume_role_policy
        document = stack_of(self._role).resolve(trust.to_json() if trust else {})
        statements = (document or {}).get("Statement", [])
        if any(_may_trust_personalize(statement) for statement in statements):
            return []
        return [
            f"role must trust {PERSONALIZE}, got {self._role.node.path}, which does not. Make the role with "
            f"assumed_by=iam.ServicePrincipal({PERSONALIZE!r}), or add that to its assume_role_policy; or "
            "leave role= out."
        ]


def _may_trust_personalize(statement: Mapping[str, Any]) -> bool:
    """Whether a statement lets Personalize assume a role; a principal of the deployment's may be it."""
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else principal
    listed = services if isinstance(services, list) else [services]
    return statement["Effect"] == "Allow" and any(
        service in (PERSONALIZE, "*") or not isinstance(service, str) for service in listed
    )


def role_pattern(scope: Construct, given: iam.IRole | None) -> Any:
    """Return what the policy of a bucket or key compares `aws:PrincipalArn` with, to mean the import's role.

    No such policy names a role of the app by a reference, which would make its stack depend on the role's.

    Args:
        scope: The import.
        given: The role that the user has passed. If omitted, the import has one of its own, and the pattern
            means the own roles of all imports of the stack. It follows from the roles as they are when the
            template is written, after aspects of the user have changed their paths or names.
    """
    if given is None or isinstance(given, ServiceRole):
        home = stack_of(scope if given is None else given)
        return Lazy.uncached_any(cast(IAnyProducer, _PatternsOfRoles(home)))
    return _arn(given, "*") if is_token(given.role_arn) else given.role_arn


@jsii.implements(IAnyProducer)
class _PatternsOfRoles:
    """The shortest patterns that mean the roles of a stack's imports."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def produce(self, *_: IResolveContext) -> str | list[str]:
        """Return them. Called by the CDK."""
        patterns = sorted(set(_patterns(_roles_in(self._stack))))
        return patterns[0] if len(patterns) == 1 else patterns


def _patterns(roles: Iterable[ServiceRole]) -> Iterable[str]:
    for role in roles:
        made = role.node.default_child
        if not isinstance(made, iam.CfnRole):
            # Made outside of the app, by iam.Role.customize_roles.
            yield role.role_arn
            continue
        path, name = made.path or "/", made.role_name
        if is_token(path):
            yield _arn(role, "*")
        elif name is None or is_token(name):
            yield _arn(role, f"{path[1:]}*")
        else:
            yield _arn(role, f"{path[1:]}{name}")


@cached_by_identity
def _roles_in(stack: Stack) -> list[ServiceRole]:
    """Return the own roles of the imports of a stack so far, to be added to."""
    return []


@cached_by_identity
def _personalize_for(stack: Stack) -> iam.ServicePrincipal:
    """Return Personalize on behalf of this account and region only."""
    return iam.ServicePrincipal(PERSONALIZE, conditions=on_behalf_of(stack))


@cached_by_identity
def _path_of(stack: Stack) -> str:
    """Return the path of the roles of a stack, by which other policies can mean just these."""
    name = Names.unique_resource_name(stack, max_length=_LONGEST_STACK_NAME, allowed_special_characters="-")
    return f"/personalize/{name}/"


def _arn(scope: IConstruct, name: str) -> str:
    return stack_of(scope).format_arn(service="iam", region="", resource="role", resource_name=name)
