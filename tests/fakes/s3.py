# SPDX-License-Identifier: Apache-2.0
"""Amazon S3 as far as staging goes: copies within it, looks and removals, each an effect of an invocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.faults import error

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from boto3.s3.transfer import TransferConfig

    from tests.fakes.kernel import Kernel
    from tests.fakes.observer import Observer

    Effect: TypeAlias = Callable[[str, Callable[[], Any]], Any]


class S3:
    """The objects of an account.

    Args:
        kernel: Passes time.
        observer: Observes removals.

    Attributes:
        objects: The contents, by bucket and key.
        copied: The buckets and keys that were copied to, in order.
        seconds: How long one copy takes.
        refusal: The code of the error with which it refuses to remove an object; empty where it removes all.
    """

    def __init__(self, kernel: Kernel, observer: Observer) -> None:
        self._kernel = kernel
        self._observer = observer
        self.objects: dict[tuple[str, str], bytes] = {}
        self.copied: list[tuple[str, str]] = []
        self.seconds = 0.0
        self.refusal = ""

    def client(self, effect: Effect) -> S3Client:
        """Return a client whose calls are effects of an invocation."""
        return S3Client(self, effect)

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        """Copy an object."""
        if source not in self.objects:
            raise error("404", "Not Found", 404)
        if self.seconds:
            self._kernel.sleep(self.seconds)
        self.objects[target] = self.objects[source]
        self.copied.append(target)

    def delete(self, target: tuple[str, str]) -> None:
        """Remove an object, if it is there."""
        if self.objects.pop(target, None) is not None:
            self._observer.object_removed(*target)

    def delete_all(self, bucket: str, keys: list[str]) -> dict[str, Any]:
        """Remove objects; the reply lists those that could not be removed."""
        if self.refusal:
            return {"Errors": [{"Key": key, "Code": self.refusal, "Message": "as injected"} for key in keys]}
        for key in keys:
            self.delete((bucket, key))
        return {}

    def head(self, target: tuple[str, str]) -> dict[str, Any]:
        """Look at an object; without a permission to list, what is not there is forbidden."""
        if target not in self.objects:
            raise error("403", "Forbidden", 403)
        return {"ContentLength": len(self.objects[target])}


class S3Client:
    """The methods of boto3's client that the handler uses, among them the managed copy."""

    def __init__(self, s3: S3, effect: Effect) -> None:
        self._s3 = s3
        self._effect = effect

    def copy(self, source: dict[str, str], bucket: str, key: str, *, Config: TransferConfig) -> None:
        copied = (source["Bucket"], source["Key"])
        self._effect("CopyObject", lambda: self._s3.copy(copied, (bucket, key)))

    def head_object(self, *, Bucket: str, Key: str) -> Any:
        return self._effect("HeadObject", lambda: self._s3.head((Bucket, Key)))

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> Any:
        keys = [wanted["Key"] for wanted in Delete["Objects"]]
        return self._effect("DeleteObjects", lambda: self._s3.delete_all(Bucket, keys))
