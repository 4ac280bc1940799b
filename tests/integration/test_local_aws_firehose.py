# SPDX-License-Identifier: Apache-2.0
"""Firehose in local-aws: buffering, names, the transform's contract, and what survives."""

import contextlib
import gzip
import json
import re
import sqlite3
import threading

import pytest
from botocore.exceptions import ClientError

from support.lambdas import FakeLambda, decode, encode, newline, ok
from support.procs import free_port, wait_until

STREAM = "users-to-s3"
BUCKET = "userdata"
KEY = re.compile(r"^\d{4}/\d\d/\d\d/\d\d/users-to-s3-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


UNCHECKED = {"parameter_validation": False}  # Debian 12's boto3 wants intervals of 60 s and more


def put(aws, *records, stream=STREAM):
    answer = aws.client("firehose").put_record_batch(
        DeliveryStreamName=stream, Records=[{"Data": record} for record in records])
    assert answer["FailedPutCount"] == 0
    assert len({entry["RecordId"] for entry in answer["RequestResponses"]}) == len(records)


def delivered(aws, bucket=BUCKET):
    """Bytes of all objects with good records, in the order of their records."""
    return b"".join(path.read_bytes() for path in sorted(objects(aws, bucket), key=lambda p: p.stat().st_mtime_ns))


def objects(aws, bucket=BUCKET):
    return [path for path in aws.s3_files(bucket) if "processing-failed" not in str(path)]


def failed(aws, bucket=BUCKET):
    """The lines of the error output."""
    return [json.loads(line) for path in aws.s3_files(bucket) if "processing-failed" in str(path)
            for line in path.read_text().splitlines()]


def settled(aws):
    """Waits until nothing is buffered."""
    wait_until(lambda: aws.metrics().sum("local_aws_firehose_buffered_records") == 0, "an empty buffer")


# --- without a transform ---------------------------------------------------------------------------------


def test_records_are_concatenated_byte_for_byte_after_the_interval(start_local_aws):
    aws = start_local_aws()
    put(aws, b'{"a":1}', b"", b"\x00\xff\n", b"end")
    settled(aws)
    assert delivered(aws) == b'{"a":1}\x00\xff\nend'
    (path,) = objects(aws)
    assert KEY.match(str(path.relative_to(aws.s3_dir / BUCKET)))
    listed = aws.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [item["Size"] for item in listed] == [13]
    assert aws.metrics()["local_aws_firehose_delivered_records_total", STREAM] == 4


def test_a_full_buffer_is_delivered_at_once(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_BUFFER_INTERVAL_MS": "900000", "LOCAL_AWS_BUFFER_BYTES": "1000"})
    put(aws, b"x" * 999)
    assert aws.metrics()["local_aws_firehose_buffered_records", STREAM] == 1
    put(aws, b"y")
    settled(aws)
    assert delivered(aws) == b"x" * 999 + b"y"
    assert len(objects(aws)) == 1


def test_an_interval_ends_with_the_second_of_the_oldest_record(start_local_aws, tmp_path):
    """Never before the interval, counted from the oldest record; and then all of the buffer in one object."""
    aws = start_local_aws({"LOCAL_AWS_BUFFER_INTERVAL_MS": "3000"})
    mark = tmp_path / "mark"
    mark.touch()  # times of files are of a coarser clock than time.time(): one is compared with the other
    put(aws, b"first")
    put(aws, b"second")
    settled(aws)
    (path,) = objects(aws)
    assert path.read_bytes() == b"firstsecond"
    assert path.stat().st_mtime >= mark.stat().st_mtime + 3


def make(aws, name, **more):
    """A delivery stream with a buffer of 1 MiB and the longest interval."""
    destination = {"RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": f"arn:aws:s3:::{BUCKET}",
                   "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 900}, **more}
    aws.client("firehose", config=UNCHECKED).create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)


def lambda_processor(retries):
    return {"Enabled": True, "Processors": [
        {"Type": "Lambda", "Parameters": [
            {"ParameterName": "LambdaArn", "ParameterValue": "arn:aws:lambda:us-east-1:000000000000:function:f"},
            {"ParameterName": "NumberOfRetries", "ParameterValue": str(retries)}]},
        {"Type": "AppendDelimiterToRecord", "Parameters": [
            {"ParameterName": "Delimiter", "ParameterValue": "\\n"}]}]}


def test_a_buffer_of_a_mebibyte_is_exact_at_the_byte(start_local_aws):
    aws = start_local_aws()
    make(aws, "exact")
    put(aws, b"x" * 1000000, b"y" * (1024 * 1024 - 1000000 - 1), stream="exact")
    aws.metrics()  # a turn of its loop later
    assert objects(aws) == []
    put(aws, b"z", stream="exact")
    settled(aws)
    (path,) = objects(aws)
    assert path.stat().st_size == 1024 * 1024


def test_a_gzipped_object_is_written_again_after_kill_9(start_local_aws):
    aws = start_local_aws()
    make(aws, "packed", CompressionFormat="GZIP")
    put(aws, *[b"%d\n" % i for i in range(100)], stream="packed")
    aws.kill()
    again = start_local_aws(directory=aws.directory)
    assert again.stop() == 0
    (path,) = objects(again)
    assert path.suffix == ".gz" and gzip.decompress(path.read_bytes()) == b"".join(b"%d\n" % i for i in range(100))


def test_a_changed_destination_counts_from_the_next_delivery(start_local_aws):
    with FakeLambda(newline) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        make(aws, "changed", ProcessingConfiguration=lambda_processor(0))
        put(aws, b"waits for the transform", stream="changed")
        aws.client("firehose", config=UNCHECKED).update_destination(
            DeliveryStreamName="changed", CurrentDeliveryStreamVersionId="1",
            DestinationId="destinationId-000000000001", ExtendedS3DestinationUpdate={
                "Prefix": "new/", "ProcessingConfiguration": {"Enabled": False},
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}})
        settled(aws)
        (path,) = objects(aws)
        assert path.read_bytes() == b"waits for the transform"
        assert "new/" in str(path) and "/changed-2-" in str(path)
        aws.kill()
        again = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url}, aws.directory)
        described = again.client("firehose").describe_delivery_stream(DeliveryStreamName="changed")
        assert described["DeliveryStreamDescription"]["VersionId"] == "2"
    assert function.events == []


def test_sigterm_delivers_what_is_buffered(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_BUFFER_INTERVAL_MS": "900000"})
    put(aws, b"1", b"2")
    assert aws.stop() == 0
    assert aws.service.find_event("stopped")["records_kept_for_the_next_start"] == 0
    assert delivered(aws) == b"12"


def test_delivery_streams_are_created_described_listed_and_deleted(start_local_aws):
    with FakeLambda() as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        firehose = aws.client("firehose", config=UNCHECKED)
        arn = firehose.create_delivery_stream(
            DeliveryStreamName="made", DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": f"arn:aws:s3:::{BUCKET}",
                "Prefix": "good/!{timestamp:yyyy-MM}/!{firehose:random-string}/",
                "ErrorOutputPrefix": "bad/!{firehose:error-output-type}/",
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
                "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                    {"ParameterName": "LambdaArn",
                     "ParameterValue": "arn:aws:lambda:us-east-1:000000000000:function:mine:$LATEST"},
                    {"ParameterName": "NumberOfRetries", "ParameterValue": "2"}]}]}})["DeliveryStreamARN"]
        assert arn == "arn:aws:firehose:us-east-1:000000000000:deliverystream/made"
        assert firehose.list_delivery_streams()["DeliveryStreamNames"] == ["made", STREAM]
        description = firehose.describe_delivery_stream(DeliveryStreamName="made")["DeliveryStreamDescription"]
        destination = description["Destinations"][0]["ExtendedS3DestinationDescription"]
        assert description["DeliveryStreamStatus"] == "ACTIVE"
        assert destination["BufferingHints"] == {"SizeInMBs": 1, "IntervalInSeconds": 0}
        assert destination["ProcessingConfiguration"]["Enabled"]
        firehose.put_record(DeliveryStreamName="made", Record={"Data": b"one"})
        settled(aws)
        (path,) = objects(aws)
        assert re.match(r"^good/\d{4}-\d\d/[a-zA-Z0-9]{11}/made-1-", str(path.relative_to(aws.s3_dir / BUCKET)))
        assert path.read_bytes() == b"one\n"
        assert function.paths == ["/2015-03-31/functions/mine/invocations"]
        firehose.delete_delivery_stream(DeliveryStreamName="made")
        with pytest.raises(ClientError) as caught:
            firehose.put_record(DeliveryStreamName="made", Record={"Data": b"one"})
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_limits_and_wrong_requests(start_local_aws):
    aws = start_local_aws()
    firehose = aws.client("firehose", config=UNCHECKED)

    def batch(count, size):
        return firehose.put_record_batch(DeliveryStreamName=STREAM, Records=[{"Data": b"x" * size}] * count)

    def create(**configuration):
        return firehose.create_delivery_stream(DeliveryStreamName="x", ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{BUCKET}", **configuration})

    cases = (
        ("ValidationException", lambda: batch(501, 1)),
        ("ValidationException", lambda: batch(0, 1)),
        ("ValidationException", lambda: batch(1, 1024001)),
        ("InvalidArgumentException", lambda: batch(5, 1000000)),
        ("InvalidArgumentException", lambda: create(Prefix="!{nonsense}")),
        ("InvalidArgumentException", lambda: create(Prefix="!{timestamp:yyyy}/")),
        ("InvalidArgumentException", lambda: create(CompressionFormat="Snappy")),
        ("InvalidArgumentException", lambda: create(BufferingHints={"SizeInMBs": 5})),
        ("ValidationException", lambda: create(BufferingHints={"SizeInMBs": 500, "IntervalInSeconds": 1})),
        ("ValidationException", lambda: create(BucketARN="nonsense")),
        ("ResourceInUseException", lambda: firehose.create_delivery_stream(
            DeliveryStreamName=STREAM, S3DestinationConfiguration={"BucketARN": f"arn:aws:s3:::{BUCKET}"})),
    )
    for code, call in cases:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == code
    assert batch(1, 1024000)["FailedPutCount"] == 0
    settled(aws)
    assert len(delivered(aws)) == 1024000


def test_a_missing_bucket_keeps_the_records_until_it_is_there(start_local_aws):
    aws = start_local_aws()
    firehose = aws.client("firehose", config=UNCHECKED)
    firehose.create_delivery_stream(DeliveryStreamName="early", ExtendedS3DestinationConfiguration={
        "RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": "arn:aws:s3:::later",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}})
    firehose.put_record(DeliveryStreamName="early", Record={"Data": b"kept"})
    aws.service.wait_for_event("delivery failed, trying again")
    aws.client("s3").create_bucket(Bucket="later")
    settled(aws)
    assert delivered(aws, "later") == b"kept"
    assert len(aws.s3_files("later")) == 1


def test_a_kinesis_stream_as_source(start_local_aws):
    with FakeLambda() as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        firehose, kinesis = aws.client("firehose", config=UNCHECKED), aws.client("kinesis")
        role = "arn:aws:iam::000000000000:role/r"
        source = "arn:aws:kinesis:us-east-1:000000000000:stream/users"
        kinesis.put_records(StreamName="users", Records=[
            {"Data": b"%d" % i, "PartitionKey": str(i)} for i in range(100)])
        firehose.create_delivery_stream(
            DeliveryStreamName="piped", DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": source, "RoleARN": role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": role, "BucketARN": f"arn:aws:s3:::{BUCKET}",
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
                "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
                    {"ParameterName": "LambdaArn",
                     "ParameterValue": "arn:aws:lambda:us-east-1:000000000000:function:newline"}]}]}})
        kinesis.put_record(StreamName="users", Data=b"100", PartitionKey="k")
        wait_until(lambda: sorted(map(int, delivered(aws).split())) == list(range(101)), "all records in S3")
        assert function.events[0]["sourceKinesisStreamArn"] == source
        with pytest.raises(ClientError) as caught:
            firehose.put_record(DeliveryStreamName="piped", Record={"Data": b"x"})
        assert caught.value.response["Error"]["Code"] in ("InvalidSourceException", "InvalidArgumentException")


# --- the transform ---------------------------------------------------------------------------------------


def run_transform(start_local_aws, handler, records, **settings):
    """Sends records through `handler`; returns local-aws and the function."""
    with FakeLambda(handler) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url, **settings})
        put(aws, *records)
        settled(aws)
    return aws, function


def test_the_event_has_the_form_of_the_contract(start_local_aws):
    aws, function = run_transform(start_local_aws, newline, [b"a", b"b"])
    (event,) = function.events
    assert set(event) == {"invocationId", "deliveryStreamArn", "region", "records"}
    assert event["deliveryStreamArn"] == f"arn:aws:firehose:us-east-1:000000000000:deliverystream/{STREAM}"
    for record in event["records"]:
        assert set(record) == {"recordId", "approximateArrivalTimestamp", "data"}
        assert isinstance(record["approximateArrivalTimestamp"], int)
    assert [decode(record["data"]) for record in event["records"]] == [b"a", b"b"]
    assert delivered(aws) == b"a\nb\n"
    assert aws.metrics()["local_aws_lambda_calls_total", "ok"] == 1


def test_every_result_is_treated_as_the_contract_says(start_local_aws):
    def handler(event):
        answer = []
        for record in event["records"]:
            data = decode(record["data"])
            if data == b"drop":
                answer.append({"recordId": record["recordId"], "result": "Dropped", "data": record["data"]})
            elif data == b"fail":
                answer.append({"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]})
            elif data == b"twice":
                answer += [ok(record, b"1"), ok(record, b"2")]
            elif data != b"missing":
                answer.append(ok(record, data + b";"))
        answer.append({"recordId": "unknown", "result": "Ok", "data": encode(b"stray")})
        return {"records": list(reversed(answer))}

    aws, function = run_transform(start_local_aws, handler,
                                  [b"good", b"drop", b"fail", b"missing", b"twice", b"last"])
    assert delivered(aws) == b"good;last;"
    lines = failed(aws)
    assert {(decode(line["rawData"]), line["errorCode"]) for line in lines} == {
        (b"fail", "Lambda.ProcessingFailedStatus"), (b"missing", "Lambda.MissingRecordId"),
        (b"twice", "Lambda.DuplicatedRecordId")}
    for line in lines:
        assert set(line) == {"attemptsMade", "arrivalTimestamp", "errorCode", "errorMessage",
                             "attemptEndingTimestamp", "rawData", "lambdaArn"}
        assert line["attemptsMade"] == 1
        assert line["lambdaArn"] == "arn:aws:lambda:us-east-1:000000000000:function:newline"
    keys = [str(path.relative_to(aws.s3_dir / BUCKET)) for path in aws.s3_files(BUCKET)]
    assert any(re.match(r"^processing-failed/\d{4}/\d\d/\d\d/\d\d/users-to-s3-1-", key) for key in keys)
    metrics = aws.metrics()
    assert metrics["local_aws_firehose_delivered_records_total", STREAM] == 2
    assert metrics["local_aws_firehose_dropped_records_total", STREAM] == 1
    assert metrics["local_aws_firehose_failed_records_total", STREAM] == 3
    assert metrics["local_aws_firehose_records_total", STREAM] == 6


@pytest.mark.parametrize("handler, code", (
    (lambda event: b"not json", "Lambda.JsonProcessingException"),
    (lambda event: {"nothing": 1}, "Lambda.JsonProcessingException"),
    (lambda event: {"records": [{"recordId": "x"}]}, "Lambda.JsonProcessingException"),
    (lambda event: {"records": [dict(ok(event["records"][0], b"x"), result="ok")]}, "Lambda.JsonProcessingException"),
    (lambda event: {"records": [dict(ok(event["records"][0], b"x"), data="!")]}, "Lambda.FunctionError"),
), ids=("no json", "no records", "no result", "unknown result", "bad base64"))
def test_an_answer_of_another_form_fails_the_batch(start_local_aws, handler, code):
    aws, function = run_transform(start_local_aws, handler, [b"1", b"2"])
    assert [(decode(line["rawData"]), line["errorCode"]) for line in failed(aws)] == [(b"1", code), (b"2", code)]
    assert delivered(aws) == b""
    assert len(function.events) == 1


@pytest.mark.parametrize("answer", (
    (200, {"X-Amz-Function-Error": "Unhandled"}, {"errorMessage": "boom", "errorType": "Error"}),
    (200, {}, {"errorMessage": "boom", "errorType": "Error"}),
    (500, {}, b"Internal"),
    (429, {}, b"slow down"),
), ids=("function error", "error without header", "500", "429"))
def test_a_failing_function_is_called_again_and_then_the_batch_is_given_up(start_local_aws, answer):
    aws, function = run_transform(start_local_aws, lambda event: answer, [b"1"])
    assert len(function.events) == 4  # one and NumberOfRetries, 3 by default
    assert len({event["invocationId"] for event in function.events}) == 4
    assert len({event["records"][0]["recordId"] for event in function.events}) == 1
    (line,) = failed(aws)
    assert (line["errorCode"], line["attemptsMade"]) == ("Lambda.FunctionError", 4)


@pytest.mark.parametrize("retries", (0, 2))
def test_a_function_is_called_again_as_often_as_was_asked(start_local_aws, retries):
    with FakeLambda(lambda event: (500, {}, b"")) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        make(aws, "tried", ProcessingConfiguration=lambda_processor(retries),
             BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
        put(aws, b"1", stream="tried")
        settled(aws)
    assert len(function.events) == 1 + retries
    (line,) = failed(aws)
    assert line["attemptsMade"] == 1 + retries


def test_an_answer_above_6_mb_counts_as_a_failure(start_local_aws):
    def handler(event):
        return {"records": [ok(event["records"][0], b"x" * (6 * 1024 * 1024))]}

    aws, function = run_transform(start_local_aws, handler, [b"1"])
    assert len(function.events) == 4
    assert [line["errorCode"] for line in failed(aws)] == ["Lambda.FunctionError"]


def test_the_delimiter_comes_behind_what_the_function_made(start_local_aws):
    with FakeLambda(lambda event: {"records": [ok(r, decode(r["data"]).upper()) for r in event["records"]]}) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        make(aws, "both", ProcessingConfiguration=lambda_processor(0),
             BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
        put(aws, b"a", b"b", stream="both")
        settled(aws)
    assert delivered(aws) == b"A\nB\n"


def test_a_function_that_recovers_loses_nothing(start_local_aws):
    calls = []

    def handler(event):
        calls.append(1)
        return (500, {}, b"") if len(calls) < 3 else newline(event)

    aws, _ = run_transform(start_local_aws, handler, [b"1", b"2"])
    assert delivered(aws) == b"1\n2\n" and failed(aws) == []


def test_a_function_that_takes_too_long_counts_as_failed(start_local_aws):
    release = threading.Event()

    def handler(event):
        release.wait(30)
        return newline(event)

    with FakeLambda(handler) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url, "LOCAL_AWS_LAMBDA_TIMEOUT_MS": "50"})
        put(aws, b"1")
        settled(aws)
        release.set()
    assert [line["errorCode"] for line in failed(aws)] == ["Lambda.FunctionTimedOut"]


def test_a_function_that_is_away_is_waited_for(start_local_aws):
    port = free_port()
    aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": f"http://127.0.0.1:{port}"})
    put(aws, b"1", b"2")
    aws.service.wait_for_metric(("local_aws_lambda_calls_total", "unreachable"), 5)  # more than all attempts
    with FakeLambda(newline, port):
        settled(aws)
    assert delivered(aws) == b"1\n2\n" and failed(aws) == []


def test_large_batches_are_cut_below_the_payload_limit(start_local_aws):
    sizes = []

    def handler(event):
        sizes.append(sum(len(record["data"]) for record in event["records"]))
        return newline(event)

    records = [bytes([65 + i % 26]) * 100_000 for i in range(100)]
    with FakeLambda(handler) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url, "LOCAL_AWS_BUFFER_BYTES": "50000000",
                               "LOCAL_AWS_BUFFER_INTERVAL_MS": "900000"})
        for i in range(0, 100, 20):
            put(aws, *records[i:i + 20])
        assert aws.stop() == 0
    assert delivered(aws) == b"".join(record + b"\n" for record in records)
    assert len(sizes) >= 9 and max(sizes) < 6 * 1024 * 1024
    assert len(objects(aws)) == 1


# --- durability ------------------------------------------------------------------------------------------


def test_accepted_records_survive_kill_9_and_are_delivered_once(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_BUFFER_INTERVAL_MS": "900000"})
    accepted = [b"%d\n" % i for i in range(200)]
    put(aws, *accepted)
    aws.kill()
    assert objects(aws) == []
    again = start_local_aws(directory=aws.directory)
    assert again.service.wait_for_event("records wait from before")["records"] == 200
    assert again.stop() == 0
    assert delivered(again) == b"".join(accepted)
    third = start_local_aws(directory=aws.directory)
    assert third.stop() == 0
    assert delivered(third) == b"".join(accepted)


def test_an_object_under_way_is_written_again_under_its_name(start_local_aws):
    """The state as kill -9 leaves it between naming an object and letting its records go."""
    aws = start_local_aws({"LOCAL_AWS_BUFFER_INTERVAL_MS": "900000"})
    put(aws, *[b"%d\n" % i for i in range(10)])
    aws.kill()
    with contextlib.closing(sqlite3.connect(aws.directory / "state.db")) as state:
        stream, sixth = state.execute(
            "SELECT stream_id, id FROM firehose_records ORDER BY id LIMIT 1 OFFSET 5").fetchone()
        state.execute("INSERT INTO firehose_objects(stream_id, state, last_id, key) VALUES(?, 1, ?, 'old/name')",
                      (stream, sixth))
        state.commit()
    written = aws.s3_dir / BUCKET / "old/name"
    written.parent.mkdir(parents=True)
    written.write_bytes(b"0\n1\n2\n3\n4\n5\n")
    again = start_local_aws(directory=aws.directory)
    again.service.wait_for_event("records delivered", records=6, key="old/name")
    listed = again.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [item["Key"] for item in listed] == ["old/name"]
    assert again.stop() == 0
    assert written.read_bytes() == b"0\n1\n2\n3\n4\n5\n"
    (other,) = [path for path in objects(again) if path != written]
    assert other.read_bytes() == b"6\n7\n8\n9\n"


def test_kill_9_while_objects_are_written_duplicates_and_loses_nothing(start_local_aws):
    """Killed at random moments under load: each confirmed record is in S3 exactly once in the end."""
    directory = None
    confirmed, unknown = [], []
    for round_number in range(4):
        aws = start_local_aws({"LOCAL_AWS_BUFFER_BYTES": "2000", "LOCAL_AWS_BUFFER_INTERVAL_MS": "1"}, directory)
        directory = aws.directory
        client = aws.client("firehose")
        done = threading.Event()

        def write(number=round_number):
            for i in range(100000):
                records = [b"%d-%d-%d\n" % (number, i, k) for k in range(10)]
                unknown.extend(records)
                try:
                    client.put_record_batch(DeliveryStreamName=STREAM, Records=[{"Data": r} for r in records])
                except Exception:  # the kill
                    return
                confirmed.extend(records)
                if i == 20 + 7 * number:
                    done.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert done.wait(60)
        aws.kill()
        writer.join()
    last = start_local_aws(directory=directory)
    assert last.stop() == 0
    lines = delivered(last).splitlines(keepends=True)
    assert len(lines) == len(set(lines))
    assert set(confirmed) <= set(lines) <= set(unknown)


def test_a_batch_at_the_function_is_repeated_after_kill_9(start_local_aws):
    reached, release = threading.Event(), threading.Event()

    def handler(event):
        reached.set()
        release.wait(30)
        return newline(event)

    with FakeLambda(handler) as function:
        aws = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        put(aws, b"1", b"2")
        assert reached.wait(30)
        aws.kill()
        release.set()
        again = start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url}, aws.directory)
        settled(again)
    assert delivered(again) == b"1\n2\n"
    assert len({record["recordId"] for event in function.events for record in event["records"]}) == 2
