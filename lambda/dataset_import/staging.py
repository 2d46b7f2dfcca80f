# SPDX-License-Identifier: Apache-2.0
"""Files of the app's assets, staged under a location of the import's own where Personalize may read them.

Each file is copied within S3 before the job is started. The copies are removed when none of the import's own
jobs runs, because Personalize keeps one of its own. So imports share nothing, and no deployment depends on an
earlier one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from dataset_import.errors import CallError, ErrorKind, StagingError, service_errors
from dataset_import.jobs import job_name, repeats
from dataset_import.open_request import CONFLICT_PAUSE, TIME_TO_ANSWER
from dataset_import.poll_loop import LOOK_PAUSE, NEXT_TICK
from dataset_import.record import IN_FLIGHT
from dataset_import.request import text_of
from dataset_import.table import ConflictError

if TYPE_CHECKING:
    from dataset_import.open_request import OpenRequest
    from dataset_import.personalize import Personalize
    from dataset_import.record import Record
    from dataset_import.services import Services

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
        services: Makes the clients of S3, on first use.
        dataset_arn: The dataset of the request.
        staging: The files of the request, if they are staged.
        old: Those before an Update. Their copies may be left of an earlier request.
    """

    def __init__(
        self, services: Services, dataset_arn: str, staging: Staging | None, old: Staging | None
    ) -> None:
        self._services = services
        self._dataset_arn = dataset_arn
        self._staging = staging
        self._old = old
        self._is_complete = False
        self._busy_until = 0.0  # what this invocation has written

    @classmethod
    def of(cls, services: Services, event: Mapping[str, Any]) -> StagedData:
        """Return the copies of an event's import.

        Raises:
            ValueError: The property `Staging` has the wrong form.
        """
        given, logical_id = event.get("ResourceProperties"), str(event["LogicalResourceId"])
        staging, old = Staging.from_properties(given, logical_id), None
        with suppress(ValueError):
            old = Staging.from_properties(event.get("OldResourceProperties"), logical_id)
        return cls(services, text_of(given, "DatasetArn"), staging, old)

    @property
    def places(self) -> str:
        """The locations of the copies."""
        return ", ".join(f"s3://{each.bucket}/{each.prefix}" for each in self._places)

    @property
    def _places(self) -> Sequence[Staging]:
        return list(dict.fromkeys(each for each in (self._staging, self._old) if each))

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
        if self._is_busy(request):
            request.read_again()  # the next look sees whether that invocation has ended
            return LOOK_PAUSE
        # A newer request waits until this invocation can no longer copy.
        request.write(replace(request.record, busy_until=request.invocation_ends))
        self._busy_until = request.invocation_ends
        try:
            self._is_complete = self._copy(request, staging)
        except StagingError as error:
            is_over = error.kind is not ErrorKind.TEMPORARY
            self._release(request, 0.0 if is_over else request.clock.time() + IN_FLIGHT)
            raise
        if not self._release(request, 0.0):
            return CONFLICT_PAUSE  # another invocation may have chosen a job
        return 0.0 if self._is_complete else NEXT_TICK

    def _copy(self, request: OpenRequest, staging: Staging) -> bool:
        """Copy files while there is time, and return whether all are there."""
        for file, key in staging.copies():
            if self._exists(staging.bucket, key):
                continue
            if not request.has_time():
                return False
            with service_errors(f"Amazon S3 (s3://{file.bucket}/{file.key})", StagingError):
                source: Any = {"Bucket": file.bucket, "Key": file.key}
                self._services.s3_copies().copy(source, staging.bucket, key, Config=_TRANSFER)
        return True

    def _release(self, request: OpenRequest, until: float) -> bool:
        """Write until when the last call to copy may still take effect; others may copy after that.

        Returns:
            Whether no other invocation has written the record since this one began to copy.
        """
        for tries in range(_TRIES):
            self._busy_until = until
            request.note(busy_until=until)
            with suppress(ConflictError):
                request.write()
                return tries == 0
        return False

    def remove(self, request: OpenRequest, personalize: Personalize) -> None:
        """Remove the copies and nothing else, unless an own job that may read them runs.

        The record says whether copies are left that a later try may remove. What S3 refuses to remove is
        logged.

        Args:
            request: The request.
            personalize: Describes the own jobs.

        Raises:
            SupersededError: A newer request has come, which may need the same copies.
        """
        if not self.has_copies:
            return
        in_flight_until = request.record.in_flight_until
        reason = ""
        for _ in range(_TRIES):
            asked = request.clock.time()
            try:
                if self._is_used(request, personalize):
                    return request.write(replace(request.record, copies_left=True))
                self._remove(request)
                return request.note(copies_left=False, in_flight_until=in_flight_until)
            except (CallError, ConflictError) as error:
                is_temporary = isinstance(error, ConflictError) or error.kind is ErrorKind.TEMPORARY
                request.note(copies_left=is_temporary)
                if is_temporary and isinstance(error, StagingError):  # the call may still take effect
                    in_flight_until = max(in_flight_until, asked + IN_FLIGHT)
                reason = str(error) or "another invocation has written the record"
            if not is_temporary or request.clock.time() >= request.invocation_ends - TIME_TO_ANSWER:
                break
            request.clock.sleep(1.0)
        return logger.warning("The copies in %s could not be removed: %s", self.places, reason)

    def _is_busy(self, request: OpenRequest) -> bool:
        """Whether another invocation copies."""
        return request.clock.time() < request.record.busy_until != self._busy_until

    def _is_used(self, request: OpenRequest, personalize: Personalize) -> bool:
        """Whether a copy may still be made, or a job runs or is being started that may read the copies."""
        if request.clock.time() < max(request.record.busy_until, request.record.starting_until):
            return True
        own = own_jobs(request.record)
        found = personalize.jobs(self._dataset_arn, also=own)
        running = [job.name for job in found if not job.has_ended]
        # A rollback of another import may run an own job again.
        return any(name == each or repeats(name, each) for name in running for each in own)

    def _remove(self, request: OpenRequest) -> None:
        # Nobody copies to the same place until this invocation can no longer remove anything.
        ends = request.invocation_ends
        request.write(replace(request.record, copies_left=True, in_flight_until=ends))
        for staging in self._places:
            # One call removes up to 1,000 objects. An import has at most 200.
            wanted: Any = {"Objects": [{"Key": key} for _, key in staging.copies()], "Quiet": True}
            with service_errors(f"Amazon S3 (s3://{staging.bucket}/{staging.prefix})", StagingError):
                reply: Any = self._services.s3().delete_objects(Bucket=staging.bucket, Delete=wanted)
                for refusal in reply.get("Errors", ()):
                    raise ClientError({"Error": refusal}, "DeleteObjects")

    def _exists(self, bucket: str, key: str) -> bool:
        """Whether an object exists. Its key contains its hash, so the content is right."""
        try:
            self._services.s3().head_object(Bucket=bucket, Key=key)
        except Exception:  # without s3:ListBucket, S3 answers 403 for a key that does not exist
            return False
        return True


def own_jobs(record: Record) -> list[str]:
    """Return the names of the resource's own jobs, the newest first.

    They may be jobs of several datasets: an import that moves has the same files at the same place.
    """
    names = (record.job_name, *reversed(record.jobs or ()), job_name(record.request.physical_id))
    return [name for name in dict.fromkeys(names) if name]
