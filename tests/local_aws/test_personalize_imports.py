# SPDX-License-Identifier: Apache-2.0
"""An import job is refused at once, fails later, or puts its records into the dataset."""

from datetime import UTC, datetime

import pytest

from local_aws.personalize import ReadRefused
from tests.local_aws.world import INTERACTIONS, ITEMS, ROLE, World, interactions


def test_a_job_goes_from_pending_over_in_progress_to_active(world: World) -> None:
    """The clock alone moves a job on."""
    dataset = world.dataset()
    arn = world.call("CreateDatasetImportJob", **world.job(dataset))["datasetImportJobArn"]

    statuses = []
    for seconds in (0, 59, 1, 539, 601):
        world.now += seconds
        statuses.append(world.describe(arn)["status"])

    assert statuses == ["CREATE PENDING"] * 2 + ["CREATE IN_PROGRESS"] * 2 + ["ACTIVE"]


@pytest.mark.parametrize("name", ["a", "b", "interactions-0123456789ab-1"])
def test_an_import_takes_ten_to_twenty_minutes_and_the_same_for_the_same_name(name: str) -> None:
    """The duration follows from the job's name."""
    ends = []
    for _ in range(2):
        world = World()
        job = world.imported(world.dataset(), name)
        ends.append((job["lastUpdatedDateTime"] - job["creationDateTime"]).total_seconds())

    assert 600 <= ends[0] <= 1200
    assert ends[0] == ends[1]


def test_a_job_is_described_with_what_it_was_created_with(world: World) -> None:
    """Describe gives back the request, the times, and FULL where no mode was asked for."""
    dataset = world.dataset()
    created = world.now

    job = world.imported(dataset, publishAttributionMetricsToS3=True)

    assert job["datasetImportJobArn"] == "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/job"
    assert (job["datasetArn"], job["roleArn"], job["jobName"]) == (dataset, ROLE, "job")
    assert job["dataSource"] == {"dataLocation": "s3://data/data.csv"}
    assert (job["importMode"], job["publishAttributionMetricsToS3"]) == ("FULL", True)
    assert job["creationDateTime"] == datetime.fromtimestamp(created, UTC)


def test_the_records_are_in_the_dataset_when_the_job_is_active_and_not_before(world: World) -> None:
    """A running import has put nothing in yet."""
    dataset = world.dataset()
    world.call("CreateDatasetImportJob", **world.job(dataset))

    before = world.service.records(dataset)
    world.now += 1200

    assert (before, world.service.records(dataset)) == (0, 1000)


def test_a_full_import_replaces_and_an_incremental_one_merges(world: World) -> None:
    """FULL leaves only its own records; INCREMENTAL adds new ids and updates known ones."""
    dataset = world.dataset("Items")
    header = "ITEM_ID,GENRE,PRICE\n"
    counts = []
    for name, rows, mode in (
        ("first", "a,x,1\nb,x,1\nc,x,1\n", "FULL"),
        ("more", "c,y,2\nd,x,1\n", "INCREMENTAL"),
        ("again", "a,x,1\n", "FULL"),
    ):
        world.imported(dataset, name, header + rows, importMode=mode)
        counts.append(world.service.records(dataset))

    assert counts == [3, 4, 1]


def test_the_first_bulk_import_cannot_be_incremental(world: World) -> None:
    """A dataset that holds nothing has nothing to add to."""
    error = world.error("CreateDatasetImportJob", **world.job(world.dataset(), importMode="INCREMENTAL"))

    assert error.code == "InvalidInputException"
    assert "FULL" in error.message


def test_a_name_is_taken_for_good(world: World) -> None:
    """The name of a job that ended, even of one that failed, cannot be used again."""
    dataset = world.dataset()
    job = world.imported(dataset, content=interactions(10))

    error = world.error("CreateDatasetImportJob", **world.job(dataset))

    assert job["status"] == "CREATE FAILED"
    assert error.code == "ResourceAlreadyExistsException"
    assert error.message == f"Another resource with Arn {job['datasetImportJobArn']} already exists."


def test_a_sixth_unfinished_job_is_refused_until_one_ends(world: World) -> None:
    """Five jobs may be pending or in progress in an account and region."""
    datasets = [world.dataset(group=f"g{number}") for number in range(5)]
    sixth = world.dataset("Items", group="g0")
    for number, dataset in enumerate(datasets):
        world.call("CreateDatasetImportJob", **world.job(dataset, f"job-{number}"))
    items = "ITEM_ID,GENRE,PRICE\na,x,1\n"

    error = world.error("CreateDatasetImportJob", **world.job(sixth, "sixth", items))
    world.now += 1200

    assert error.code == "LimitExceededException"
    assert error.message == "More than 5 resources with PENDING or IN_PROGRESS status."
    assert world.call("CreateDatasetImportJob", **world.job(sixth, "sixth", items))


def test_a_dataset_takes_one_import_at_a_time(world: World) -> None:
    """A second job on the same dataset is refused while the first runs."""
    dataset = world.dataset()
    world.call("CreateDatasetImportJob", **world.job(dataset, "first"))

    assert (
        world.error("CreateDatasetImportJob", **world.job(dataset, "second")).code == "ResourceInUseException"
    )


def test_a_dataset_that_is_not_active_takes_no_import(world: World) -> None:
    """A dataset comes into being for about a minute."""
    dataset = world.dataset()
    world.now -= 30

    assert world.error("CreateDatasetImportJob", **world.job(dataset)).code == "ResourceInUseException"


def test_a_dataset_that_is_not_there_is_not_found(world: World) -> None:
    """The error names the ARN."""
    arn = "arn:aws:personalize:us-east-1:123456789012:dataset/none/ITEMS"

    error = world.error("CreateDatasetImportJob", **world.job(arn))

    assert error.code == "ResourceNotFoundException"
    assert arn in error.message


def test_denied_reads_are_told_with_the_bucket_and_the_remedy(world: World) -> None:
    """The message is the service's own."""
    dataset = world.dataset()
    world.refused = ReadRefused.POLICY

    error = world.error("CreateDatasetImportJob", **world.job(dataset))

    assert error.code == "InvalidInputException"
    assert error.message == (
        "Insufficient privileges for accessing data in S3. Please look at "
        "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html"
        "#attach-bucket-policy and fix bucket policy on data."
    )


def test_the_judge_is_asked_about_role_job_and_objects(world: World) -> None:
    """What is judged is this job's read of these objects with this role."""
    world.call("CreateDatasetImportJob", **world.job(world.dataset()))

    (asked,) = world.asked
    assert (asked.role_arn, asked.bucket, asked.prefix, list(asked.keys)) == (
        ROLE,
        "data",
        "data.csv",
        ["data.csv"],
    )
    assert asked.source_arn.endswith(":dataset-import-job/job")


def test_a_caller_that_may_not_pass_the_role_is_told_so(world: World) -> None:
    """iam:PassRole is checked before anything else."""
    dataset = world.dataset()
    world.passes_roles = False

    error = world.error("CreateDatasetImportJob", **world.job(dataset))

    assert error.code == "AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {ROLE}" in error.message


@pytest.mark.parametrize(
    "location", ["s3://data/other.csv", "s3://data/folder/", "s3://nowhere/data.csv", "https://x/y"]
)
def test_a_location_without_an_object_is_invalid(world: World, location: str) -> None:
    """A key has to be there, a folder has to hold a file, a bucket has to exist."""
    job = world.job(world.dataset()) | {"dataSource": {"dataLocation": location}}

    assert world.error("CreateDatasetImportJob", **job).message == "Invalid Data location."


def test_a_folder_takes_in_its_first_level_only(world: World) -> None:
    """Deeper folders and the folder's own marker are left alone."""
    dataset = world.dataset()
    world.put("", "in/")
    world.put(interactions(600), "in/a.csv")
    world.put(interactions(600), "in/b.csv")
    world.put("no data at all", "in/deeper/c.csv")
    job = world.job(dataset) | {"dataSource": {"dataLocation": "s3://data/in/"}}

    world.call("CreateDatasetImportJob", **job)
    world.now += 1200

    assert world.service.records(dataset) == 1200


def test_missing_columns_are_told_by_the_create_call(world: World) -> None:
    """The header is checked against the schema before there is a job."""
    content = interactions(header="USER_ID,ITEM,TIMESTAMP")

    error = world.error("CreateDatasetImportJob", **world.job(world.dataset(), content=content))

    assert error.code == "InvalidInputException"
    assert error.message == "Input csv is missing the following columns: [ITEM_ID]"
    assert world.call("ListDatasetImportJobs")["datasetImportJobs"] == []


def test_every_file_of_a_folder_needs_the_header(world: World) -> None:
    """One good file does not make up for another."""
    dataset = world.dataset()
    world.put(interactions(), "in/a.csv")
    world.put("USER_ID,ITEM_ID\n", "in/b.csv")
    job = world.job(dataset) | {"dataSource": {"dataLocation": "s3://data/in/"}}

    assert world.error("CreateDatasetImportJob", **job).message.endswith("[TIMESTAMP]")


def test_the_case_of_a_header_does_not_count_and_more_columns_do_no_harm(world: World) -> None:
    """AWS publishes data whose header differs from its schema in case."""
    dataset = world.dataset("Items", fields=[*ITEMS[:2], ("item_value", "float")])

    job = world.imported(dataset, content="OTHER,ITEM_VALUE,GENRE,ITEM_ID\n1,0.5,x,a\n")

    assert job["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("a,x,cheap", "Column PRICE has the value 'cheap', which is not of type float."),
        ("a,x,", "Column PRICE has a missing value, but is not nullable in the schema."),
        (",x,1", "Column ITEM_ID has a missing value, but is not nullable in the schema."),
        ("a,x", "Row 2 of the input has 2 values, but the header has 3."),
        ("", "The input has no records."),
        ("a," + "x" * 1001 + ",1", "Length cannot be more than 1000 characters for GENRE. If no values"),
        ("a" * 257 + ",x,1", "Length cannot be more than 256 characters for ITEM_ID. If no values"),
    ],
)  # fmt: skip
def test_bad_rows_fail_the_job_with_the_column_and_the_rule(world: World, rows: str, reason: str) -> None:
    """The create call succeeds; the job ends CREATE FAILED and the dataset keeps what it had."""
    dataset = world.dataset("Items")

    job = world.imported(dataset, content=f"ITEM_ID,GENRE,PRICE\n{rows}\n")

    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"].startswith(reason)
    assert world.service.records(dataset) == 0


def test_the_reason_of_a_failure_shows_only_when_the_job_has_ended(world: World) -> None:
    """A running job has no reason."""
    arn = world.call("CreateDatasetImportJob", **world.job(world.dataset(), content=interactions(5)))

    assert "failureReason" not in world.describe(arn["datasetImportJobArn"])


def test_fewer_than_a_thousand_interactions_fail_the_job(world: World) -> None:
    """The least number counts for interactions only."""
    job = world.imported(world.dataset(), content=interactions(999))

    assert job["failureReason"] == "The input has 999 interactions, but at least 1000 are required."


def test_empty_values_of_nullable_columns_are_fine(world: World) -> None:
    """A union with null lets a value be left out."""
    job = world.imported(world.dataset("Items"), content="ITEM_ID,GENRE,PRICE\na,,1.5e3\n")

    assert job["status"] == "ACTIVE"


def test_the_data_are_read_once_a_job(world: World) -> None:
    """Describing a job reads nothing."""
    world.imported(world.dataset())

    assert world.reads == 1


def test_jobs_are_listed_by_dataset_in_pages(world: World) -> None:
    """The parameter maxResults cuts, nextToken goes on, the summaries carry no dataset."""
    dataset, other = world.dataset(), world.dataset("Items")
    for number in range(3):
        world.imported(dataset, f"job-{number}")
    world.imported(other, "items", "ITEM_ID,GENRE,PRICE\na,x,1\n")

    first = world.call("ListDatasetImportJobs", datasetArn=dataset, maxResults=2)
    rest = world.call("ListDatasetImportJobs", datasetArn=dataset, maxResults=2, nextToken=first["nextToken"])

    names = [[job["jobName"] for job in page["datasetImportJobs"]] for page in (first, rest)]
    assert names == [["job-0", "job-1"], ["job-2"]]
    assert "nextToken" not in rest
    assert not {"datasetArn", "dataSource"} & set(first["datasetImportJobs"][0])


def test_a_schema_of_interactions_needs_its_fields(world: World) -> None:
    """The dataset is refused, not the import."""
    world.call("CreateDatasetGroup", name="group")
    world.now += 60

    with pytest.raises(Exception, match=r"missing the following fields: \[TIMESTAMP\]"):
        world.dataset(fields=INTERACTIONS[:2])
