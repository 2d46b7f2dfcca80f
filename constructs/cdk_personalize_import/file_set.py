# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools
import hashlib
import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, BundlingOutput, DockerImage, ILocalBundling


@jsii.implements(ILocalBundling)
class FileSet:
    """Named files from anywhere on this machine that become one asset: just these, under just these names.

    A file is given by its path or by its content. The asset's hash depends on the names and the content
    alone, so it is the same on every machine.
    """

    def __init__(self, files: Mapping[str, Path | bytes]) -> None:
        self._files = dict(sorted(files.items()))

    @property
    def names(self) -> list[str]:
        """The names, sorted."""
        return list(self._files)

    @property
    def size(self) -> int:
        """Bytes that the files hold together."""
        return sum(
            len(file) if isinstance(file, bytes) else file.stat().st_size for file in self._files.values()
        )

    @functools.cached_property
    def fingerprint(self) -> str:
        """A hash of names and content that no later version of the CDK can change."""
        content = hashlib.sha256()
        for name, given in self._files.items():
            with io.BytesIO(given) if isinstance(given, bytes) else given.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            content.update(f"{name}\0{digest}\n".encode())
        return content.hexdigest()

    def asset_options(self) -> dict[str, Any]:
        """Return the options with which an asset of any folder holds these files instead."""
        return {
            "asset_hash_type": AssetHashType.OUTPUT,
            "bundling": BundlingOptions(
                # Never pulled: the files are copied here, and where that fails it raises.
                image=DockerImage.from_registry("none"),
                local=self,
                # Never run. The CDK makes one asset of a folder with the same options, whatever `local` is.
                command=[self.fingerprint],
                # Files as they are, even if the only one is an archive.
                output_type=BundlingOutput.NOT_ARCHIVED,
            ),
        }

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Copy the files to where the CDK makes its assets.

        Called by the CDK. It never answers False, which would make the CDK turn to Docker.
        """
        for name, given in self._files.items():
            target = Path(output_dir, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(given, bytes):
                target.write_bytes(given)
            else:
                shutil.copyfile(given, target)
        return True
