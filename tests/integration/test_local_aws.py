# SPDX-License-Identifier: Apache-2.0
"""local-aws as AWS's own clients see it: Kinesis, S3, signatures and limits."""

import datetime
import hashlib
import json
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request

import cbor2
import pytest
from botocore.exceptions import ClientError

from support.procs import Service, wait_until
from support.signed import JSON_TYPE, post, signed_call, signed_headers
from support.stack import REGION

LIST_STREAMS = "Kinesis_20131202.ListStreams"
RECORDS = [{"Data": f"record {i}".encode(), "PartitionKey": f"key-{i}"} for i in range(50)]


@pytest.fixture
def aws(start_local_aws):
    return start_local_aws({"LOCAL_AWS_STREAMS": "users:2,one:1"})


def code_of(caught):
    return caught.value.response["Error"]["Code"]


def message_of(caught):
    return caught.value.response["Error"]["Message"]


def shards_of(kinesis, stream):
    return kinesis.list_shards(StreamName=stream)["Shards"]


def read_shard(kinesis, stream, shard_id, kind="TRIM_HORIZON", limit=10000, **options):
    """All records of a shard up to now, and the last answer."""
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, ShardIteratorType=kind,
                                          **options)["ShardIterator"]
    records = []
    while True:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=limit)
        records += answer["Records"]
        iterator = answer.get("NextShardIterator")
        if not iterator or (not answer["Records"] and answer["MillisBehindLatest"] == 0):
            return records, answer


def read_stream(kinesis, stream):
    return [record for shard in shards_of(kinesis, stream)
            for record in read_shard(kinesis, stream, shard["ShardId"])[0]]


def aws_cli(aws, *arguments):
    """Runs Debian's aws command; returns what it printed."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_DEFAULT_REGION": REGION, **aws.env}
    result = subprocess.run(["/usr/bin/aws", "--endpoint-url", aws.url, "--output", "json", *arguments], env=env,
                            capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


# --- streams ---------------------------------------------------------------------------------------------


def test_streams_are_created_described_listed_and_deleted(aws):
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName="orders")
    summary = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
    assert (summary["OpenShardCount"], summary["RetentionPeriodHours"]) == (3, 24)
    assert summary["StreamARN"] == f"arn:aws:kinesis:{REGION}:000000000000:stream/orders"
    description = kinesis.describe_stream(StreamName="orders", Limit=2)["StreamDescription"]
    assert len(description["Shards"]) == 2 and description["HasMoreShards"]
    ranges = [shard["HashKeyRange"] for shard in shards_of(kinesis, "orders")]
    assert ranges[0]["StartingHashKey"] == "0" and ranges[2]["EndingHashKey"] == str(2**128 - 1)
    assert int(ranges[0]["EndingHashKey"]) + 1 == int(ranges[1]["StartingHashKey"])
    assert kinesis.list_streams()["StreamNames"] == ["one", "orders", "users"]
    page = kinesis.list_streams(Limit=2)
    assert page["HasMoreStreams"]
    assert kinesis.list_streams(ExclusiveStartStreamName=page["StreamNames"][-1])["StreamNames"] == ["users"]
    with pytest.raises(ClientError) as caught:
        kinesis.create_stream(StreamName="orders", ShardCount=1)
    assert code_of(caught) == "ResourceInUseException"
    kinesis.delete_stream(StreamName="orders")
    with pytest.raises(ClientError) as caught:
        kinesis.describe_stream_summary(StreamName="orders")
    assert code_of(caught) == "ResourceNotFoundException"


def test_a_stream_is_found_by_its_arn(aws):
    arn = f"arn:aws:kinesis:{REGION}:000000000000:stream/users"
    record = {"Data": "eA==", "PartitionKey": "k"}
    # raw calls: Debian 12's boto3 does not know StreamARN yet
    assert signed_call(aws, "Kinesis_20131202.PutRecord", {"StreamARN": arn, **record})[0] == 200
    assert len(read_stream(aws.client("kinesis"), "users")) == 1
    for arguments, code in (
            ({"StreamARN": arn.replace("users", "none")}, "ResourceNotFoundException"),
            ({"StreamARN": arn, "StreamName": "one"}, "InvalidArgumentException"),
            ({"StreamARN": "arn:aws:firehose:us-east-1:0:stream/users"}, "ValidationException"),
            ({}, "InvalidArgumentException")):
        status, _, answer = signed_call(aws, "Kinesis_20131202.PutRecord", {**arguments, **record})
        assert (status, answer["__type"]) == (400, code)


def test_shards_are_listed_in_pages(aws):
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName="wide", ShardCount=5)
    page = kinesis.list_shards(StreamName="wide", MaxResults=3)
    rest = kinesis.list_shards(NextToken=page["NextToken"])
    assert [shard["ShardId"] for shard in page["Shards"] + rest["Shards"]] == [
        f"shardId-{i:012d}" for i in range(5)]
    after = kinesis.list_shards(StreamName="wide", ExclusiveStartShardId="shardId-000000000002")["Shards"]
    assert len(after) == 2


# --- records ---------------------------------------------------------------------------------------------


def test_records_come_back_as_they_were_put_and_on_the_shard_of_their_key(aws):
    kinesis = aws.client("kinesis")
    answer = kinesis.put_records(StreamName="users", Records=RECORDS)
    assert answer["FailedRecordCount"] == 0
    assert all("ErrorCode" not in entry for entry in answer["Records"])
    ranges = {shard["ShardId"]: shard["HashKeyRange"] for shard in shards_of(kinesis, "users")}
    for record, entry in zip(RECORDS, answer["Records"]):
        key = int(hashlib.md5(record["PartitionKey"].encode()).hexdigest(), 16)
        found = ranges[entry["ShardId"]]
        assert int(found["StartingHashKey"]) <= key <= int(found["EndingHashKey"])
        assert len(entry["SequenceNumber"]) == 56
    read = read_stream(kinesis, "users")
    assert sorted((r["Data"], r["PartitionKey"]) for r in read) == sorted(
        (r["Data"], r["PartitionKey"]) for r in RECORDS)
    assert {r["SequenceNumber"] for r in read} == {e["SequenceNumber"] for e in answer["Records"]}


def test_sequence_numbers_grow_within_a_shard(aws):
    kinesis = aws.client("kinesis")
    last = "0"
    for i in range(5):
        number = kinesis.put_record(StreamName="one", Data=b"x", PartitionKey="k",
                                    SequenceNumberForOrdering=last)["SequenceNumber"]
        assert int(number) > int(last)
        last = number
    records, _ = read_shard(kinesis, "one", "shardId-000000000000")
    numbers = [int(record["SequenceNumber"]) for record in records]
    assert numbers == sorted(numbers) and len(set(numbers)) == 5


def test_an_explicit_hash_key_chooses_the_shard(aws):
    kinesis = aws.client("kinesis")
    for hash_key, shard in (("0", 0), (str(2**127 - 1), 0), (str(2**127), 1), (str(2**128 - 1), 1)):
        answer = kinesis.put_record(StreamName="users", Data=b"x", PartitionKey="k", ExplicitHashKey=hash_key)
        assert answer["ShardId"] == f"shardId-{shard:012d}"
    with pytest.raises(ClientError) as caught:
        kinesis.put_record(StreamName="users", Data=b"x", PartitionKey="k", ExplicitHashKey=str(2**128))
    assert code_of(caught) == "InvalidArgumentException"


def test_all_five_kinds_of_iterators(aws):
    kinesis = aws.client("kinesis")
    shard = "shardId-000000000000"
    numbers = [kinesis.put_record(StreamName="one", Data=str(i).encode(), PartitionKey="k")["SequenceNumber"]
               for i in range(3)]

    def read(kind, **options):
        return [int(r["Data"]) for r in read_shard(kinesis, "one", shard, kind, **options)[0]]

    assert read("TRIM_HORIZON") == [0, 1, 2]
    assert read("TRIM_HORIZON", limit=1) == [0, 1, 2]
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == [1, 2]
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == [2]
    assert read("LATEST") == []
    start = shards_of(kinesis, "one")[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=start) == [0, 1, 2]
    between = time.time()
    time.sleep(0.01)
    iterator = kinesis.get_shard_iterator(StreamName="one", ShardId=shard,
                                          ShardIteratorType="LATEST")["ShardIterator"]
    kinesis.put_record(StreamName="one", Data=b"3", PartitionKey="k")
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"3"]
    # raw calls: Debian 12's boto3 cuts the time to whole seconds
    iterator = signed_call(aws, "Kinesis_20131202.GetShardIterator", {
        "StreamName": "one", "ShardId": shard, "ShardIteratorType": "AT_TIMESTAMP",
        "Timestamp": between})[2]["ShardIterator"]
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"3"]
    assert read("AT_TIMESTAMP", Timestamp=0) == [0, 1, 2, 3]


def test_a_reader_who_lags_is_told_by_how_much(aws):
    kinesis = aws.client("kinesis")
    kinesis.put_records(StreamName="one", Records=RECORDS)
    iterator = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    time.sleep(0.02)
    first = kinesis.get_records(ShardIterator=iterator, Limit=1)
    assert first["MillisBehindLatest"] > 0
    rest = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert rest["MillisBehindLatest"] == 0 and len(rest["Records"]) == len(RECORDS) - 1


def test_wrong_iterators_are_refused(aws):
    kinesis = aws.client("kinesis")
    good = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                      ShardIteratorType="LATEST")["ShardIterator"]
    for bad in ("nonsense", good[:-4] + "AAAA", good + "AAAA"):
        with pytest.raises(ClientError) as caught:
            kinesis.get_records(ShardIterator=bad)
        assert code_of(caught) == "InvalidArgumentException"
    kinesis.delete_stream(StreamName="one")
    kinesis.create_stream(StreamName="one", ShardCount=1)
    with pytest.raises(ClientError) as caught:
        kinesis.get_records(ShardIterator=good)
    assert code_of(caught) == "ResourceNotFoundException"
    with pytest.raises(ClientError) as caught:
        kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000007",
                                   ShardIteratorType="LATEST")
    assert code_of(caught) == "ResourceNotFoundException"
    with pytest.raises(ClientError) as caught:
        kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                   ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber="12345")
    assert code_of(caught) == "InvalidArgumentException"


def test_a_split_and_a_merge_keep_order_and_end_the_old_shards(aws):
    kinesis = aws.client("kinesis")
    kinesis.put_record(StreamName="one", Data=b"before", PartitionKey="k")
    reader = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                        ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    kinesis.split_shard(StreamName="one", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    put = kinesis.put_record(StreamName="one", Data=b"after", PartitionKey="k")
    assert put["ShardId"] in ("shardId-000000000001", "shardId-000000000002")
    end = kinesis.get_records(ShardIterator=reader)
    assert [r["Data"] for r in end["Records"]] == [b"before"]
    assert not end.get("NextShardIterator")
    assert [child["ShardId"] for child in end["ChildShards"]] == [
        "shardId-000000000001", "shardId-000000000002"]
    assert end["ChildShards"][0]["ParentShards"] == ["shardId-000000000000"]
    assert int(put["SequenceNumber"]) > int(end["Records"][0]["SequenceNumber"])
    kinesis.merge_shards(StreamName="one", ShardToMerge="shardId-000000000001",
                         AdjacentShardToMerge="shardId-000000000002")
    shards = shards_of(kinesis, "one")
    assert (shards[3]["ParentShardId"], shards[3]["AdjacentParentShardId"]) == (
        "shardId-000000000001", "shardId-000000000002")
    assert shards[3]["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    assert all("EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in shards[:3])
    latest = kinesis.list_shards(StreamName="one", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert [shard["ShardId"] for shard in latest] == ["shardId-000000000003"]
    assert kinesis.describe_stream_summary(StreamName="one")["StreamDescriptionSummary"]["OpenShardCount"] == 1
    with pytest.raises(ClientError) as caught:
        kinesis.split_shard(StreamName="one", ShardToSplit="shardId-000000000000", NewStartingHashKey="5")
    assert code_of(caught) == "InvalidArgumentException"


# --- limits ----------------------------------------------------------------------------------------------


def big_put(kinesis, size, count=1, stream="one", key="k"):
    return kinesis.put_records(StreamName=stream, Records=[{"Data": b"x" * size, "PartitionKey": key}] * count)


def test_the_documented_limits_of_a_request(aws):
    kinesis = aws.client("kinesis", config={"parameter_validation": False})
    cases = (
        ("ValidationException", lambda: big_put(kinesis, 1, 501)),
        ("ValidationException", lambda: kinesis.put_records(StreamName="one", Records=[])),
        ("ValidationException", lambda: big_put(kinesis, 1, key="")),
        ("ValidationException", lambda: big_put(kinesis, 1, key="ü" * 257)),
        ("InvalidArgumentException", lambda: big_put(kinesis, 1024 * 1024)),  # and the key makes it larger
        ("InvalidArgumentException", lambda: big_put(kinesis, 1000 * 1000, 11)),
        ("ValidationException", lambda: kinesis.get_records(ShardIterator="x", Limit=10001)),
        ("ValidationException", lambda: kinesis.create_stream(StreamName="no spaces", ShardCount=1)),
        ("UnknownOperationException", lambda: kinesis.list_stream_consumers(StreamARN="arn:aws:x")),
    )
    for code, call in cases:
        with pytest.raises(ClientError) as caught:
            call()
        assert code_of(caught) == code, message_of(caught)
    assert read_stream(kinesis, "one") == []  # a refused request leaves nothing behind
    big_put(kinesis, 1024 * 1024 - 1)
    big_put(kinesis, 1, key="ü" * 256)
    big_put(kinesis, 1, 500)
    assert len(read_stream(kinesis, "one")) == 502


def test_a_stream_can_be_opened_for_larger_records(aws):
    kinesis = aws.client("kinesis", config={"parameter_validation": False})
    raw = signed_call(aws, "Kinesis_20131202.UpdateMaxRecordSize",
                      {"StreamName": "one", "MaxRecordSizeInKiB": 2048})
    assert raw[0] == 200
    summary = signed_call(aws, "Kinesis_20131202.DescribeStreamSummary", {"StreamName": "one"})[2]
    assert summary["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] == 2048
    assert big_put(kinesis, 2000 * 1024)["FailedRecordCount"] == 0


def test_one_answer_of_get_records_stays_under_ten_mebibytes(aws):
    kinesis = aws.client("kinesis")
    for _ in range(2):
        big_put(kinesis, 1000 * 1024, 8)
    iterator = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    first = kinesis.get_records(ShardIterator=iterator)
    assert len(first["Records"]) == 10
    assert len(kinesis.get_records(ShardIterator=first["NextShardIterator"])["Records"]) == 6


def test_enforced_limits_throttle_single_records_and_reads(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "one:1", "LOCAL_AWS_ENFORCE_LIMITS": "1"})
    kinesis = aws.client("kinesis")
    failed = 0
    for _ in range(4):
        answer = big_put(kinesis, 1000, 500)
        codes = [entry.get("ErrorCode") for entry in answer["Records"]]
        assert codes.count("ProvisionedThroughputExceededException") == answer["FailedRecordCount"]
        failed += answer["FailedRecordCount"]
    assert failed > 0
    iterator = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                          ShardIteratorType="LATEST")["ShardIterator"]
    with pytest.raises(ClientError) as caught:
        for _ in range(20):
            kinesis.get_records(ShardIterator=iterator)
    assert code_of(caught) == "ProvisionedThroughputExceededException"
    metrics = aws.metrics()
    assert metrics["local_aws_kinesis_records_total", "one"] == 2000 - failed


def test_a_second_of_a_shard_takes_a_thousand_records_and_a_mebibyte(start_local_aws):
    """One call, so that no time passes within it: what is beyond the limits fails, record by record."""
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "one:1,two:2", "LOCAL_AWS_ENFORCE_LIMITS": "1"})
    kinesis = aws.client("kinesis")
    codes = [entry.get("ErrorCode") for entry in big_put(kinesis, 10000, 200)["Records"]]
    passed = codes.index("ProvisionedThroughputExceededException")
    assert passed == 1024 * 1024 // 10001  # the key counts
    assert set(codes[:passed]) == {None} and None not in codes[passed:]
    assert len(read_stream(kinesis, "one")) == passed
    # each shard has its own allowance; and a record that is refused does not stop those behind it
    answer = kinesis.put_records(StreamName="two", Records=[
        {"Data": b"x" * 10000, "PartitionKey": "k", "ExplicitHashKey": str(i % 2 * 2**127)} for i in range(300)])
    good = [entry["ShardId"] for entry in answer["Records"] if "ErrorCode" not in entry]
    assert good.count("shardId-000000000000") == good.count("shardId-000000000001") == passed
    assert answer["FailedRecordCount"] == 300 - 2 * passed
    failure = next(entry for entry in answer["Records"] if "ErrorCode" in entry)
    assert "SequenceNumber" not in failure and "Rate exceeded for shard" in failure["ErrorMessage"]


def test_reads_of_a_shard_are_five_a_second(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "one:1", "LOCAL_AWS_ENFORCE_LIMITS": "1"})
    kinesis = aws.client("kinesis")
    iterator = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                          ShardIteratorType="LATEST")["ShardIterator"]
    started = time.monotonic()
    good = 0
    with pytest.raises(ClientError) as caught:
        for _ in range(1000):
            kinesis.get_records(ShardIterator=iterator)
            good += 1
    assert code_of(caught) == "ProvisionedThroughputExceededException"
    assert 5 <= good <= 5 + 5 * (time.monotonic() - started) + 1


def test_limits_of_a_stream_survive_kill_9(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "one:2"})
    signed_call(aws, "Kinesis_20131202.UpdateMaxRecordSize", {
        "StreamARN": f"arn:aws:kinesis:{REGION}:000000000000:stream/one", "MaxRecordSizeInKiB": 2048})
    aws.client("kinesis").update_shard_count(StreamName="one", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    aws.kill()
    again = start_local_aws(directory=aws.directory)
    summary = signed_call(again, "Kinesis_20131202.DescribeStreamSummary", {"StreamName": "one"})[2]
    assert summary["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] == 2048
    assert summary["StreamDescriptionSummary"]["OpenShardCount"] == 3
    big_put(again.client("kinesis"), 2000000)


def test_shards_change_in_the_midst_of_load_and_no_record_is_lost(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "one:2"})
    confirmed, stop = {}, threading.Event()

    def write(worker):
        client = aws.client("kinesis")
        count = 0
        while not stop.is_set():
            datas = [b"%d-%d" % (worker, count + k) for k in range(20)]
            answer = client.put_records(StreamName="one", Records=[
                {"Data": data, "PartitionKey": data.decode()} for data in datas])
            confirmed.update((entry["SequenceNumber"], data) for entry, data in zip(answer["Records"], datas))
            count += 20

    writers = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for writer in writers:
        writer.start()
    kinesis = aws.client("kinesis")
    for target in (4, 3, 5, 10, 5, 3, 2):
        kinesis.update_shard_count(StreamName="one", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
        seen = len(confirmed)
        wait_until(lambda: len(confirmed) >= seen + 100, "a hundred records more")
    stop.set()
    for writer in writers:
        writer.join()
    stored = {record["SequenceNumber"]: record["Data"] for record in read_stream(kinesis, "one")}
    assert stored == confirmed


def test_a_dry_run_says_that_it_would_have_worked_and_stores_nothing(aws):
    status, _, body = signed_call(aws, "Kinesis_20131202.PutRecords", {
        "StreamName": "one", "Records": [{"Data": "eA==", "PartitionKey": "k"}], "DryRun": True})
    assert (status, body["__type"]) == (400, "DryRunOperationException")
    assert read_stream(aws.client("kinesis"), "one") == []


# --- the wire --------------------------------------------------------------------------------------------


def test_answers_carry_a_request_id_and_a_date_and_bad_json_is_named(aws):
    status, headers, _ = signed_call(aws, LIST_STREAMS, {})
    assert status == 200 and headers["x-amzn-RequestId"] and headers["Date"]
    for body in (b"{", b"[]", b"{} x"):
        status, _, answer = signed_call(aws, LIST_STREAMS, body)
        assert (status, answer["__type"]) == (400, "SerializationException")
    status, _, answer = signed_call(aws, "Kinesis_20131202.PutRecord",
                                    {"StreamName": "one", "Data": "!", "PartitionKey": "k"})
    assert (status, answer["__type"]) == (400, "SerializationException")
    status, _, answer = signed_call(aws, LIST_STREAMS, {}, Content_Type="text/plain")
    assert (status, answer["__type"]) == (400, "SerializationException")
    assert signed_call(aws, LIST_STREAMS, {},
                       Content_Type="application/x-amz-json-1.0")[0] == 200


CBOR_TYPE = "application/x-amz-cbor-1.1"


def cbor_call(aws, operation, body):
    """As the AWS SDKs for Java speak with Kinesis: (status, what came back)."""
    data = body if isinstance(body, bytes) else cbor2.dumps(body)
    status, headers, answer = post(aws.url, signed_headers(aws, f"Kinesis_20131202.{operation}", data,
                                                           Content_Type=CBOR_TYPE), data)
    assert headers["Content-Type"] == CBOR_TYPE and headers["x-amzn-RequestId"]
    # AWS's times are milliseconds, which cbor2 would take for seconds: without their tag they stay numbers
    return status, cbor2.loads(answer.replace(b"\xc1\x1b", b"\x1b")) if answer else None


def test_cbor_is_spoken_as_well_as_json(aws):
    blob = bytes(range(256)) * 10
    assert cbor_call(aws, "CreateStream", {"StreamName": "made", "ShardCount": 1}) == (200, None)
    status, answer = cbor_call(aws, "PutRecords", {"StreamName": "one", "Records": [
        {"Data": blob, "PartitionKey": "ü"}, {"Data": b"", "PartitionKey": "k"}]})
    assert (status, answer["FailedRecordCount"], len(answer["Records"])) == (200, 0, 2)
    before = int(time.time() * 1000) - 60000
    status, answer = cbor_call(aws, "GetShardIterator", {
        "StreamName": "one", "ShardId": "shardId-000000000000", "ShardIteratorType": "AT_TIMESTAMP",
        "Timestamp": cbor2.CBORTag(1, before)})
    assert status == 200, answer
    status, answer = cbor_call(aws, "GetRecords", {"ShardIterator": answer["ShardIterator"]})
    assert [(r["Data"], r["PartitionKey"]) for r in answer["Records"]] == [(blob, "ü"), (b"", "k")]
    assert status == 200 and before < answer["Records"][0]["ApproximateArrivalTimestamp"] < before + 600000
    assert read_stream(aws.client("kinesis"), "one")[0]["Data"] == blob
    status, answer = cbor_call(aws, "PutRecord", {"StreamName": "none", "Data": b"x", "PartitionKey": "k"})
    assert (status, answer["__type"]) == (400, "ResourceNotFoundException")
    for wrong in (b"\xa1", b"\x81\x01", b"{}"):
        status, answer = cbor_call(aws, "ListStreams", wrong)
        assert (status, answer["__type"]) == (400, "SerializationException")


def test_wrong_signatures_are_refused_with_the_codes_of_the_service(aws):
    cases = (
        ("UnrecognizedClientException", {"aws_access_key_id": "AKIAOTHER"}),
        ("InvalidSignatureException", {"aws_secret_access_key": "wrong"}),
        ("InvalidSignatureException", {"region_name": "eu-west-1"}),
    )
    for service, call in (("kinesis", "list_streams"), ("firehose", "list_delivery_streams")):
        for code, options in cases:
            with pytest.raises(ClientError) as caught:
                getattr(aws.client(service, **options), call)()
            assert code_of(caught) == code
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    unsigned = {"Content-Type": JSON_TYPE, "X-Amz-Target": LIST_STREAMS}
    assert refusal(aws, unsigned)[0] == "MissingAuthenticationTokenException"
    incomplete = {**unsigned, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    assert refusal(aws, incomplete)[0] == "IncompleteSignatureException"


def refusal(aws, headers, body=b"{}"):
    status, _, answer = post(aws.url, headers, body)
    assert status == 400
    return json.loads(answer)["__type"], json.loads(answer)["message"]


def test_a_changed_body_or_header_breaks_the_signature(aws):
    headers = signed_headers(aws, LIST_STREAMS)
    assert post(aws.url, headers)[0] == 200
    assert refusal(aws, headers, b'{"Limit":5}')[0] == "InvalidSignatureException"
    changed = {**headers, "X-Amz-Target": "Kinesis_20131202.DescribeLimits"}
    assert refusal(aws, changed)[0] == "InvalidSignatureException"


def test_a_signature_is_good_for_five_minutes_either_way(aws):
    minute = datetime.timedelta(minutes=1)
    for minutes in (4, -4):
        assert post(aws.url, signed_headers(aws, LIST_STREAMS, skew=minutes * minute))[0] == 200
    code, text = refusal(aws, signed_headers(aws, LIST_STREAMS, skew=-6 * minute))
    assert code == "InvalidSignatureException" and text.startswith("Signature expired: ")
    code, text = refusal(aws, signed_headers(aws, LIST_STREAMS, skew=6 * minute))
    assert code == "InvalidSignatureException" and text.startswith("Signature not yet current: ")


def test_wrong_signatures_are_refused_by_s3_with_its_own_codes(aws):
    for code, options in (("InvalidAccessKeyId", {"aws_access_key_id": "AKIAOTHER"}),
                          ("SignatureDoesNotMatch", {"aws_secret_access_key": "wrong"})):
        with pytest.raises(ClientError) as caught:
            aws.client("s3", **options).list_buckets()
        assert code_of(caught) == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(aws.url + "/userdata", timeout=30)
    with caught.value:
        assert caught.value.code == 403 and b"<Code>AccessDenied</Code>" in caught.value.read()


# --- durability ------------------------------------------------------------------------------------------


def test_confirmed_records_survive_kill_9(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "users:2"})
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName="made", ShardCount=1)
    kinesis.split_shard(StreamName="made", ShardToSplit="shardId-000000000000", NewStartingHashKey="100")
    confirmed = set()
    enough = threading.Event()

    def write(worker):
        client = aws.client("kinesis")
        for i in range(100000):
            data = f"{worker}-{i}".encode()
            try:
                answer = client.put_records(StreamName="users", Records=[
                    {"Data": data + b"-%d" % k, "PartitionKey": f"{worker}-{i}-{k}"} for k in range(20)])
            except Exception:  # the kill
                return
            confirmed.update(entry["SequenceNumber"] for entry in answer["Records"])
            if len(confirmed) > 1000:
                enough.set()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    aws.kill()
    for writer in writers:
        writer.join()
    again = start_local_aws(directory=aws.directory)
    kinesis = again.client("kinesis")
    stored = [record["SequenceNumber"] for record in read_stream(kinesis, "users")]
    assert confirmed <= set(stored) and len(stored) == len(set(stored))
    assert len(shards_of(kinesis, "made")) == 3
    more = kinesis.put_records(StreamName="users", Records=RECORDS)
    assert not {entry["SequenceNumber"] for entry in more["Records"]} & set(stored)


def test_an_iterator_outlives_a_restart(start_local_aws):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "one:1"})
    kinesis = aws.client("kinesis")
    kinesis.put_record(StreamName="one", Data=b"1", PartitionKey="k")
    iterator = kinesis.get_shard_iterator(StreamName="one", ShardId="shardId-000000000000",
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    assert aws.stop() == 0
    again = start_local_aws(directory=aws.directory)
    assert again.client("kinesis").get_records(ShardIterator=iterator)["Records"][0]["Data"] == b"1"


def test_two_processes_do_not_share_a_state(start_local_aws, services):
    aws = start_local_aws()
    second = services("local-aws", {**aws.service.env, "HTTP_PORT": "0"})
    assert second.wait() == 1
    assert "another local-aws" in second.find_event("cannot start")["error"]


# --- S3 --------------------------------------------------------------------------------------------------


def test_objects_are_plain_files_and_come_back_as_they_were_put(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="photos")
    body = bytes(range(256)) * 100
    for key in ("a.bin", "deep/er/b c+d=e&f.txt", "unicode/ü-日本.json", "quote'\"<&>.xml"):
        put = s3.put_object(Bucket="photos", Key=key, Body=body, ContentType="text/x", Metadata={"who": "me"})
        assert (aws.s3_dir / "photos" / key).read_bytes() == body
        got = s3.get_object(Bucket="photos", Key=key)
        assert got["Body"].read() == body
        assert (got["ContentType"], got["Metadata"]) == ("text/x", {"who": "me"})
        assert got["ETag"] == put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        head = s3.head_object(Bucket="photos", Key=key)
        assert head["ContentLength"] == len(body)
    assert len(s3.list_objects_v2(Bucket="photos")["Contents"]) == 4
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["photos", "userdata"]
    for spec, expected in (("bytes=0-9", body[:10]), ("bytes=25590-", body[25590:]), ("bytes=-5", body[-5:]),
                           ("bytes=25000-999999", body[25000:])):
        assert s3.get_object(Bucket="photos", Key="a.bin", Range=spec)["Body"].read() == expected
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="photos", Key="a.bin", Range="bytes=25600-")
    assert code_of(caught) == "InvalidRange"


def test_objects_are_listed_with_prefix_delimiter_and_pages(aws):
    s3 = aws.client("s3")
    keys = ["a/1", "a/2", "b", "c/x/1", "c/y/1", "d&e"]
    for key in keys:
        s3.put_object(Bucket="userdata", Key=key, Body=b"")
    listed = s3.list_objects_v2(Bucket="userdata", Delimiter="/")
    assert [item["Key"] for item in listed["Contents"]] == ["b", "d&e"]
    assert [item["Prefix"] for item in listed["CommonPrefixes"]] == ["a/", "c/"]
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="userdata", Prefix="c/")["Contents"]] == [
        "c/x/1", "c/y/1"]
    for delimiter in ("", "/"):
        found = []
        for page in s3.get_paginator("list_objects_v2").paginate(
                Bucket="userdata", Delimiter=delimiter, PaginationConfig={"PageSize": 1}):
            found += [item["Key"] for item in page.get("Contents", [])]
            found += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        assert found == (keys if not delimiter else ["a/", "b", "c/", "d&e"])
    after = s3.list_objects_v2(Bucket="userdata", StartAfter="b")["Contents"]
    assert [item["Key"] for item in after] == ["c/x/1", "c/y/1", "d&e"]
    v1 = s3.list_objects(Bucket="userdata", MaxKeys=2, Prefix="a/")
    assert len(v1["Contents"]) == 2 and not v1["IsTruncated"]


def test_objects_and_buckets_are_deleted(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="short-lived")
    for key in ("x/y/z", "a&b", "c"):
        s3.put_object(Bucket="short-lived", Key=key, Body=b"1")
    with pytest.raises(ClientError) as caught:
        s3.delete_bucket(Bucket="short-lived")
    assert code_of(caught) == "BucketNotEmpty"
    s3.delete_object(Bucket="short-lived", Key="x/y/z")
    s3.delete_object(Bucket="short-lived", Key="never-there")
    assert not (aws.s3_dir / "short-lived" / "x").exists()
    s3.put_object(Bucket="short-lived", Key="x", Body=b"now a file")
    s3.delete_objects(Bucket="short-lived", Delete={"Objects": [{"Key": k} for k in ("a&b", "c", "x")]})
    s3.delete_bucket(Bucket="short-lived")
    with pytest.raises(ClientError) as caught:
        s3.head_bucket(Bucket="short-lived")
    assert code_of(caught) == "404"


def test_what_cannot_be_a_file_is_refused_and_nothing_escapes_the_folder(aws):
    s3 = aws.client("s3")
    for key in ("../up", "a/../../b", "a//b", "./a", "a/", "/lead", "x" * 256):
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket="userdata", Key=key, Body=b"")
        assert code_of(caught) == "InvalidArgument", key
    s3.put_object(Bucket="userdata", Key="dir/file", Body=b"1")
    for key in ("dir", "dir/file/below"):
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket="userdata", Key=key, Body=b"2")
        assert code_of(caught) == "InvalidRequest"
    assert sorted(p.name for p in aws.directory.iterdir()) == ["s3", "state.db", "state.db-wal"]
    for bucket in ("none", "no/body"):
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket="none", Key="x")
        assert code_of(caught) == "NoSuchBucket"
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="userdata", Key="x")
    assert code_of(caught) == "NoSuchKey"


def test_an_object_of_the_wrong_hash_is_refused(aws):
    s3 = aws.client("s3")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="userdata", Key="x", Body=b"1", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert code_of(caught) == "BadDigest"


# --- the command line client -----------------------------------------------------------------------------


def test_the_aws_command_line_works(aws, tmp_path):
    aws_cli(aws, "kinesis", "create-stream", "--stream-name", "cli", "--shard-count", "1")
    aws_cli(aws, "kinesis", "put-record", "--stream-name", "cli", "--partition-key", "k", "--data", "eyJhIjoxfQ==")
    iterator = json.loads(aws_cli(aws, "kinesis", "get-shard-iterator", "--stream-name", "cli", "--shard-id",
                                  "shardId-000000000000", "--shard-iterator-type", "TRIM_HORIZON"))
    read = json.loads(aws_cli(aws, "kinesis", "get-records", "--shard-iterator", iterator["ShardIterator"]))
    assert len(read["Records"]) == 1
    source = tmp_path / "file.txt"
    source.write_text("hello\n")
    aws_cli(aws, "s3", "mb", "s3://from-cli")
    aws_cli(aws, "s3", "cp", str(source), "s3://from-cli/dir/file.txt")
    aws_cli(aws, "s3", "cp", "s3://from-cli/dir/file.txt", str(tmp_path / "back.txt"))
    assert (tmp_path / "back.txt").read_text() == "hello\n"
    assert "dir/file.txt" in aws_cli(aws, "s3", "ls", "--recursive", "s3://from-cli")
    aws_cli(aws, "s3", "rb", "--force", "s3://from-cli")
    assert "from-cli" not in aws_cli(aws, "s3", "ls")


# --- configuration ---------------------------------------------------------------------------------------


def test_wrong_settings_are_all_named_at_once():
    code, _, text = Service("local-aws", {
        "LOCAL_AWS_STREAMS": "users", "LOCAL_AWS_DELIVERY_STREAMS": "x:NO", "LOCAL_AWS_BUFFER_BYTES": "0",
        "LOCAL_AWS_LAMBDA_URL": "ftp://x"}).run()
    assert code == 2
    for name in ("LOCAL_AWS_STREAMS=users", "LOCAL_AWS_DELIVERY_STREAMS=x:NO", "LOCAL_AWS_BUFFER_BYTES=0",
                 "LOCAL_AWS_LAMBDA_URL=ftp://x"):
        assert name in text
