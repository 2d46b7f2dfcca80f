# SPDX-License-Identifier: Apache-2.0
"""Files of the app's assets, staged under a location of the import's own where Personalize may read them.

Each file is copied within S3 before the job is started. The copy is removed when the job has ended, because
Personalize keeps one of its own. So imports share nothing, and no deployment depends on an earlier one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.s3.transfer import TransferConfig

from dataset_import.errors import ErrorKind, PollingError, StagingError, service_errors
from dataset_import.poll_loop import NEXT_TICK
from dataset_import.request import text_of
from dataset_import.table import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from dataset_import.open_request import OpenRequest
    from dataset_import.poll_loop import Clock

logger = logging.getLogger(__name__)

_TRANSFER = TransferConfig(multipart_threshold=1024**3, multipart_chunksize=256 * 1024**2)
"""One call up to a gibibyte, then parts of a quarter of that, ten at a time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
"""

_TRIES = 3


class StagedFile(NamedTuple):
    """A file: its bucket and key, and the name of its copy."""

    bucket: str
    key: str
    name: str


class Staging(NamedTuple):
    """The files of an import, and where they are copied to.

    Attributes:
        bucket: The bucket that they are copied to.
        prefix: The prefix of the copies. It ends in the logical id of the import and a hash of the contents.
        files: The files.
    """

    bucket: str
    prefix: str
    files: tuple[StagedFile, ...]

    @classmethod
    def from_properties(cls, properties: object, logical_id: str) -> Staging | None:
        """Read a resource's property `Staging`; None where there is none.

        Raises:
            ValueError: It has another form, or its prefix is not one of this resource's own.
        """
        given = properties.get("Staging") if isinstance(properties, Mapping) else None
        if given is None:
            return None
        try:
            files = tuple(StagedFile(file["Bucket"], file["Key"], file["Name"]) for file in given["Files"])
            staging = cls(given["Bucket"], given["Prefix"], files)
            texts: list[object] = [staging.bucket, staging.prefix, *(text for file in files for text in file)]
            is_own = re.fullmatch(rf"(?:.*/)?{re.escape(logical_id)}/[0-9a-f]+/", staging.prefix)
        except (KeyError, TypeError) as error:
            raise ValueError("Staging must have a Bucket, a Prefix and Files") from error
        if not all(texts) or not all(isinstance(text, str) for text in texts) or not is_own:
            raise ValueError(f"Staging.Prefix must end in {logical_id}/HASH/")
        if any("/" in file.name for file in files):
            raise ValueError("Staging.Files must have names without a slash")
        return staging

    def copies(self) -> list[tuple[StagedFile, str]]:
        """Return each file with the key of its copy."""
        return [(file, f"{self.prefix}{file.name}") for file in self.files]


class StagedData:
    """The copies of an import in Amazon S3; none where its data is not staged.

    Args:
        client: Makes the boto3 client, on first use.
        staging: The files of the request, if they are staged.
        old: Those before an Update of the same dataset. Their copies may be left of a superseded request.
        is_shared: Whether the copies lie where those before the Update do.
    """

    def __init__(
        self,
        client: Callable[[], S3Client],
        staging: Staging | None,
        old: Staging | None = None,
        *,
        is_shared: bool = False,
    ) -> None:
        self._client = client
        self._staging = staging
        self._old = old
        self._is_shared = is_shared
        self._is_copying = False
        self._is_complete = False

    @classmethod
    def of(cls, client: Callable[[], S3Client], event: Mapping[str, Any]) -> StagedData:
        """Return the copies of an event's import.

        Raises:
            ValueError: The property `Staging` has the wrong form.
        """
        given, before = event.get("ResourceProperties"), event.get("OldResourceProperties")
        logical_id = str(event["LogicalResourceId"])
        staging, old = Staging.from_properties(given, logical_id), None
        with suppress(ValueError):
            old = Staging.from_properties(before, logical_id)
        is_shared = bool(staging and old and (staging.bucket, staging.prefix) == (old.bucket, old.prefix))
        if text_of(given, "DatasetArn") != text_of(before, "DatasetArn"):
            old = None  # the Delete of the old id removes its copies
        return cls(client, staging, old, is_shared=is_shared)

    @property
    def is_staged(self) -> bool:
        """Whether the data is staged."""
        return self._staging is not None

    @property
    def has_copies(self) -> bool:
        """Whether the data is staged, or was so before an Update."""
        return bool(self._staging or self._old)

    def copy(self, request: OpenRequest) -> float:
        """Copy the files that are not there yet.

        Returns:
            The seconds to pause before the next call; 0 if all files are there.

        Raises:
            StagingError: A file cannot be copied.
        """
        staging = self._staging
        if staging is None or self._is_complete:
            return 0.0
        if not self._is_copying and request.clock.time() < request.record.busy_until:
            return NEXT_TICK  # another invocation copies
        # A newer request waits until this invocation can no longer copy.
        request.write(replace(request.record, busy_until=request.invocation_ends))
        self._is_copying = True
        try:
            for file, key in staging.copies():
                if self._exists(staging.bucket, key):
                    continue
                if not request.has_time():
                    return NEXT_TICK
                with service_errors(f"Amazon S3 (s3://{file.bucket}/{file.key})", StagingError):
                    source: Any = {"Bucket": file.bucket, "Key": file.key}
                    self._client().copy(source, staging.bucket, key, Config=_TRANSFER)
            self._is_complete = True
            return 0.0
        finally:
            request.note(busy_until=0.0)

    def remove(self, request: OpenRequest, *, has_run: bool = True, only_old: bool = False) -> None:
        """Remove the copies and nothing else. A copy that cannot be removed is logged.

        Args:
            request: The request. If a newer one has come, which may need the same copies, none is removed.
            has_run: Whether the request's own job has run. Then the job before has ended, because a dataset
                runs one job at a time, and the copies of before an Update are removed, too.
            only_old: Whether only the copies of before an Update are removed.

        Raises:
            SupersededError: A newer request has come.
        """
        old = self._old if has_run else None
        own = None if only_old else self._staging
        if self._is_shared and (only_old or not has_run):
            return  # the job before, or the own one, may still read the same copies
        stagings = dict.fromkeys(staging for staging in (own, old) if staging)
        if stagings:
            _write(request)
        for staging in stagings:
            for _, key in staging.copies():
                self._remove(staging.bucket, key, request.clock)

    def _remove(self, bucket: str, key: str, clock: Clock) -> None:
        for tries_left in reversed(range(_TRIES)):
            try:
                with service_errors(f"Amazon S3 (s3://{bucket}/{key})", StagingError):
                    self._client().delete_object(Bucket=bucket, Key=key)
                return
            except StagingError as error:
                if error.kind is not ErrorKind.TEMPORARY or not tries_left:
                    logger.warning("A copy could not be removed: %s", error)
                    return
                clock.sleep(1.0)

    def _exists(self, bucket: str, key: str) -> bool:
        """Whether an object exists. Its key contains its hash, so the content is right."""
        try:
            self._client().head_object(Bucket=bucket, Key=key)
        except Exception:  # without s3:ListBucket, S3 answers 403 for a key that does not exist
            return False
        return True


def _write(request: OpenRequest) -> None:
    """Write the record, which a newer request would not let happen."""
    while True:
        try:
            return request.write()
        except ConflictError:
            continue
        except PollingError as error:
            logger.warning("Copies are removed although the record could not be written: %s", error)
            return
