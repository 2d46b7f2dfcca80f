# SPDX-License-Identifier: Apache-2.0
"""Pure functions: the imports in the template of a stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

IMPORT = "Custom::PersonalizeDatasetImportJob"

_PATH = "aws:cdk:path"
"""The metadata key of a resource's construct path."""

_INNER = ("/Default", "/Resource")
"""The ids of raw resources in the user's construct, at the end of a path."""


@dataclass(frozen=True)
class Template:
    """The resources of a stack's template.

    Attributes:
        imports: The logical ids of its imports.
        paths: The construct paths of its resources, by logical id.
        logical_ids: The logical ids of all its resources.
    """

    imports: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    logical_ids: frozenset[str] = frozenset()

    def path(self, logical_id: str) -> str:
        """Return the construct path of a resource; its logical id if the template has no path."""
        return self.paths.get(logical_id, logical_id)


def read_template(body: object) -> Template:
    """Read the body of a template as GetTemplate returns it. A body that is not JSON gives an empty template.

    The CDK writes JSON, and boto3 parses it.
    """
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return Template()
    resources = body.get("Resources") if isinstance(body, Mapping) else None
    found = {
        str(logical_id): resource
        for logical_id, resource in (resources.items() if isinstance(resources, Mapping) else ())
        if isinstance(resource, Mapping)
    }
    paths = {logical_id: _construct_path(resource.get("Metadata")) for logical_id, resource in found.items()}
    return Template(
        imports=tuple(name for name, resource in found.items() if resource.get("Type") == IMPORT),
        paths={logical_id: path for logical_id, path in paths.items() if path},
        logical_ids=frozenset(found),
    )


def _construct_path(metadata: object) -> str:
    path = metadata.get(_PATH) if isinstance(metadata, Mapping) else None
    if not isinstance(path, str):
        return ""
    for end in _INNER:
        path = path.removesuffix(end)
    return path
