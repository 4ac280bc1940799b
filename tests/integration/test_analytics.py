# SPDX-License-Identifier: Apache-2.0
# shards: 2
"""analytics against local-aws: the rows of the golden input, order, faults, restarts, resharding."""

import collections
import datetime
import hashlib
import json
import os
import signal
import subprocess
import time
import urllib.request

import pytest

from support.golden import golden
from support.procs import BUILD, ROOT, SANITIZER_ENV, Service, wait_until

BATCH = 500
FIREHOSE_COUNT = ("local_aws_firehose_records_total", "users-to-s3")
ONE_OBJECT = {"LOCAL_AWS_BUFFER_INTERVAL_MS": "900000", "LOCAL_AWS_BUFFER_BYTES": "134217728"}


class Stage:
    """analytics with its surroundings: the AWS endpoint, a client of it, a checkpoint of its own."""

    def __init__(self, services, aws, tmp_path):
        self.services = services
        self.aws = aws
        self.kinesis = aws.client("kinesis")
        self.directory = tmp_path
        self.checkpoint = tmp_path / "analytics.db"

    def env(self, extra=None):
        env = {
            **self.aws.env,
            "KINESIS_STREAM": "users",
            "FIREHOSE_STREAM": "users-to-s3",
            "ANALYTICS_CHECKPOINT": self.checkpoint,
            "ANALYTICS_POLL_MS": "200",
        }
        env.update(extra or {})
        return env

    def start(self, extra=None):
        analytics = self.services("analytics", self.env(extra))
        analytics.wait_for_event("listening")
        return analytics

    def run(self, *args, extra=None):
        return Service("analytics", self.env(extra), args).run()

    def errors(self):
        code, out, err = self.run("--errors")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    def put(self, records):
        """records: (partition key, bytes)."""
        for begin in range(0, len(records), BATCH):
            entries = [{"PartitionKey": key, "Data": data} for key, data in records[begin:begin + BATCH]]
            answer = self.kinesis.put_records(StreamName="users", Records=entries)
            assert answer["FailedRecordCount"] == 0, answer

    def faults(self, *faults, seed=1):
        body = json.dumps({"seed": seed, "faults": list(faults)}).encode()
        request = urllib.request.Request(f"{self.aws.url}/_local/faults", data=body, method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200

    def struck(self):
        with urllib.request.urlopen(f"{self.aws.url}/_local/faults", timeout=30) as answer:
            return [fault["struck"] for fault in json.load(answer)["faults"]]

    def firehose_count(self):
        return self.aws.metrics()[FIREHOSE_COUNT]

    def rows(self, bucket="userdata"):
        return [row for path in self.aws.s3_files(bucket) for row in parse_rows(path.read_text())]

    def wait_for_rows(self, count, bucket="userdata"):
        wait_until(lambda: len(self.rows(bucket)) >= count, f"{count} rows in {bucket}")
        return self.rows(bucket)

    def rows_in_order(self, count):
        """With ONE_OBJECT: waits until Firehose has `count` rows, then makes it deliver them."""
        wait_until(lambda: self.firehose_count() >= count, f"{count} rows with Firehose")
        assert self.aws.stop() == 0
        assert len(self.aws.s3_files("userdata")) == 1
        return self.rows()


def parse_rows(text):
    """Firehose concatenates rows as they are."""
    decoder, at, rows = json.JSONDecoder(), 0, []
    while at < len(text):
        row, at = decoder.raw_decode(text, at)
        rows.append(row)
    return rows


@pytest.fixture
def make_stage(services, start_local_aws, tmp_path):
    def make(env=None):
        return Stage(services, start_local_aws({"LOCAL_AWS_FAULTS": "true", **(env or {})}), tmp_path)

    return make


@pytest.fixture
def stage(make_stage):
    return make_stage()


def user(number, age=30, gender="male"):
    return {
        "gender": gender,
        "name": {"title": "Mr", "first": f"First{number}", "last": "Visser"},
        "location": {"postcode": 12345, "coordinates": {"latitude": "12.5", "longitude": "-7.25"}},
        "email": "x" * 500,
        "dob": {"date": "1970-03-04T05:06:07.089Z", "age": age},
    }


def numbered(count, start=0, keys=None, **changes):
    """Users that are told apart by the number in their first name; partition keys go round `keys`."""
    return [
        (f"k{n % keys if keys else n}", json.dumps(user(n, **changes)).encode()) for n in range(start, start + count)
    ]


def numbers(rows):
    return [int(row["first"][5:]) for row in rows]


def aggregate(datas, key="k"):
    """One record as the Kinesis Producer Library packs them."""
    def varint(value):
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    def field(number, data):
        return bytes([number << 3 | 2]) + varint(len(data)) + data

    message = field(1, key.encode())
    for data in datas:
        message += field(3, b"\x08\x00" + field(3, data))
    return b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message).digest()


# --- rows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [
    {},
    {"ANALYTICS_SQL": "sql/kinesis-analytics/application.sql",
     "ANALYTICS_SCHEMA": "sql/kinesis-analytics/input-schema.json"},
], ids=["users.sql", "kinesis-analytics"])
def test_the_golden_input_gives_exactly_its_rows_and_errors(make_stage, files):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1", **ONE_OBJECT})
    # Kinesis takes no empty record; the unit tests have that case.
    cases = [(case, data) for case, data in golden() if data]
    stage.put([("k", data) for _, data in cases])
    analytics = stage.start(files)
    analytics.wait_for_metric("analytics_records_read_total", len(cases))
    expected = [case["row"] for case, _ in cases if case["row"]]
    rows = stage.rows_in_order(len(expected))
    for got, want in zip(rows, expected):
        assert got == want
    assert len(rows) == len(expected)
    assert all(list(row) == ["first", "last", "age", "gender", "latitude", "longitude"] for row in rows)
    bad = [(case, data) for case, data in cases if "error" in case]
    metrics = analytics.metrics()
    for reason in ("bad_json", "bad_value"):
        assert metrics["analytics_records_failed_total", reason] == sum(c["error"] == reason for c, _ in bad)
    errors = stage.errors()
    assert [error["reason"] for error in errors] == [case["error"] for case, _ in bad]
    for error, (_, data) in zip(errors, bad):
        assert error["data"] == data.decode("utf-8", "replace")
        assert error["partition_key"] == "k" and error["stream"] == "users" and error["sequence"].isdigit()


def test_every_record_of_every_shard_once_in_order_and_the_counters_balance(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:4", **ONE_OBJECT})
    stage.put(numbered(3000, keys=7) + numbered(500, start=3000, age=17))
    analytics = stage.start()
    metrics = analytics.wait_for_metric("analytics_rows_delivered_total", 3000)
    rows = numbers(stage.rows_in_order(3000))
    assert sorted(rows) == list(range(3000))
    for key in range(7):
        of_key = [n for n in rows if n % 7 == key]
        assert of_key == sorted(of_key)
    metrics = analytics.wait_for_metric("analytics_records_read_total", 3500)
    assert metrics["analytics_records_read_total"] == 3500
    assert metrics["analytics_rows_matched_total"] == metrics["analytics_rows_delivered_total"] == 3000
    assert metrics.sum("analytics_records_failed_total") == 0
    assert metrics["analytics_shards", "reading"] == 4
    for shard in range(4):
        assert ("analytics_millis_behind_latest", f"shardId-{shard:012}") in metrics


def test_aggregates_of_the_producer_library_are_taken_apart(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1", **ONE_OBJECT})
    packed = aggregate([data for _, data in numbered(700, start=1)])
    stage.put(numbered(1) + [("k", packed)] + numbered(1, start=701))
    broken = packed[:-1] + bytes([packed[-1] ^ 1])
    stage.put([("k", broken)])
    analytics = stage.start()
    analytics.wait_for_metric("analytics_records_read_total", 703)
    assert numbers(stage.rows_in_order(702)) == list(range(702))
    assert [error["reason"] for error in stage.errors()] == ["bad_json"]


def test_repetitions_of_a_producer_are_dropped_within_the_window(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1", **ONE_OBJECT})
    records = numbered(300)
    stage.put(records + records[200:] + numbered(1, start=300))
    analytics = stage.start({"ANALYTICS_DEDUP_WINDOW": "300"})
    assert numbers(stage.rows_in_order(301)) == list(range(301))
    assert analytics.metrics()["analytics_records_deduplicated_total"] == 100


def test_several_destinations(make_stage):
    stage = make_stage({"LOCAL_AWS_DELIVERY_STREAMS": "users-to-s3:userdata,minors:minors"})
    sql = stage.directory / "two.sql"
    sql.write_text(
        "INSERT INTO DESTINATION_USER_DATA SELECT first, last, age, gender, latitude, longitude\n"
        "FROM SOURCE_SQL_STREAM_001 WHERE age >= 18;\n"
        "INSERT INTO MINORS SELECT first, age FROM SOURCE_SQL_STREAM_001 WHERE age < 18;\n"
    )
    schema = stage.directory / "schema.sql"
    schema.write_text(
        (ROOT / "sql/schema.sqlite.sql").read_text()
        + "CREATE VIRTUAL TABLE MINORS USING firehose_json(first, age);\n"
    )
    stage.put(numbered(40) + numbered(60, start=40, age=9))
    stage.start({
        "ANALYTICS_SQL": sql, "ANALYTICS_SCHEMA": schema,
        "FIREHOSE_STREAM": "DESTINATION_USER_DATA=users-to-s3,MINORS=minors",
    })
    assert sorted(numbers(stage.wait_for_rows(40))) == list(range(40))
    minors = stage.wait_for_rows(60, "minors")
    assert sorted(numbers(minors)) == list(range(40, 100))
    assert all(list(row) == ["first", "age"] for row in minors)


# --- faults -------------------------------------------------------------------------------------------


def test_only_the_rows_that_firehose_failed_are_sent_again(stage):
    stage.faults({"kind": "fail_record", "service": "firehose", "rate": 0.2})
    stage.put(numbered(2000))
    analytics = stage.start()
    metrics = analytics.wait_for_metric("analytics_rows_delivered_total", 2000)
    assert sorted(numbers(stage.wait_for_rows(2000))) == list(range(2000))
    assert metrics["analytics_rows_resent_total"] >= 300
    assert metrics["analytics_rows_delivered_total"] == 2000
    # What Firehose has taken is what was sent, less what it failed: nothing was sent twice.
    assert stage.firehose_count() == 2000


@pytest.mark.parametrize("fault", [
    {"kind": "error", "code": "ServiceUnavailableException", "status": 503},
    {"kind": "error", "code": "ThrottlingException", "status": 400},
    {"kind": "error", "code": "InternalFailure", "status": 500},
    {"kind": "error", "code": "ExpiredTokenException", "status": 400},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncate"},
    {"kind": "malformed"},
], ids=lambda fault: fault.get("code", fault["kind"]))
@pytest.mark.parametrize("service", ["kinesis", "firehose"])
def test_nothing_is_lost_when_calls_fail(stage, service, fault):
    operation = "GetRecords" if service == "kinesis" else "PutRecordBatch"
    stage.put(numbered(600))
    stage.faults({**fault, "service": service, "operation": operation, "count": 2})
    analytics = stage.start()
    metrics = analytics.wait_for_metric("analytics_rows_delivered_total", 600)
    rows = numbers(stage.wait_for_rows(600))
    assert set(rows) == set(range(600))
    if service == "kinesis" or fault["kind"] in ("error", "reset_before"):
        assert len(rows) == 600
    assert stage.struck() == [2]
    assert metrics["analytics_retries_total", operation] >= 2
    assert analytics.stop() == 0


def test_expired_iterators_are_replaced_from_where_reading_was(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1"})
    stage.put(numbered(300))
    analytics = stage.start()
    stage.wait_for_rows(300)
    stage.faults({"kind": "error", "code": "ExpiredIteratorException", "status": 400, "operation": "GetRecords",
                  "count": 3})
    wait_until(lambda: stage.struck() == [3], "the iterators to expire")
    stage.put(numbered(300, start=300))
    assert numbers(stage.wait_for_rows(600)) and sorted(numbers(stage.rows())) == list(range(600))
    assert analytics.wait_for_event("the iterator has expired; asking for another")


def test_a_stream_that_comes_late_is_waited_for(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "other:1"})
    analytics = stage.start()
    assert "ResourceNotFoundException" in analytics.wait_for_event("the shards cannot be listed; trying again")["code"]
    status, reason = analytics.get("/readyz")
    assert status == 503 and b"not been listed" in reason
    stage.kinesis.create_stream(StreamName="users", ShardCount=1)
    stage.kinesis.get_waiter("stream_exists").wait(StreamName="users", WaiterConfig={"Delay": 1})
    stage.put(numbered(50))
    assert len(stage.wait_for_rows(50)) == 50
    analytics.wait_ready()


def test_a_delivery_stream_that_comes_late_is_waited_for(make_stage):
    stage = make_stage({"LOCAL_AWS_DELIVERY_STREAMS": "other:userdata", **ONE_OBJECT})
    stage.put(numbered(50))
    analytics = stage.start()
    analytics.wait_for_metric(("analytics_retries_total", "PutRecordBatch"), 6)
    wait_until(lambda: analytics.get("/readyz")[0] == 503, "/readyz to say so")
    stage.aws.client("firehose").create_delivery_stream(
        DeliveryStreamName="users-to-s3",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::000000000000:role/x", "BucketARN": "arn:aws:s3:::userdata",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 900},
        },
    )
    analytics.wait_ready()
    assert sorted(numbers(stage.rows_in_order(50))) == list(range(50))


# --- restarts -----------------------------------------------------------------------------------------


def test_a_restart_goes_on_from_the_checkpoint(stage):
    stage.put(numbered(700))
    analytics = stage.start()
    analytics.wait_for_metric("analytics_rows_delivered_total", 700)
    assert analytics.stop() == 0
    assert analytics.events[-1]["event"] == "stopped"
    assert analytics.events[-1]["left_for_the_next_start"] == 0
    stage.put(numbered(300, start=700))
    again = stage.start()
    again.wait_for_metric("analytics_rows_delivered_total", 300)
    assert sorted(numbers(stage.wait_for_rows(1000))) == list(range(1000))
    assert again.metrics()["analytics_records_read_total"] == 300
    assert again.wait_for_event("reading shard")["from"] == "checkpoint"


def test_kill_9_repeats_at_most_the_last_batch_of_a_shard(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1"})
    stage.put(numbered(6000))
    repeated = 0
    for kill_at in (400, 1200, 2500):
        analytics = stage.start()
        wait_until(lambda: stage.firehose_count() >= kill_at, f"{kill_at} rows with Firehose")
        analytics.kill()
    analytics = stage.start()
    wait_until(lambda: stage.firehose_count() >= 6000 and set(numbers(stage.rows())) == set(range(6000)), "all rows")
    analytics.stop()
    counts = collections.Counter(numbers(stage.rows()))
    repeated = sum(count - 1 for count in counts.values())
    assert repeated <= 3 * BATCH
    again = stage.start()
    again.wait_for_metric(("analytics_shards", "reading"), 1)
    again.stop()
    assert collections.Counter(numbers(stage.rows())) == counts


def test_sigterm_finishes_the_batch_in_hand_and_says_what_is_left(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1"})
    stage.put(numbered(1900))
    stage.faults({"kind": "latency", "operation": "PutRecordBatch", "min_ms": 700, "max_ms": 700})
    analytics = stage.start()
    analytics.wait_for_metric("analytics_rows_matched_total", 500)
    assert analytics.stop() == 0
    last = analytics.events[-1]
    assert last["event"] == "stopped"
    assert last["delivered"] == last["matched"] == last["read"] and last["delivered"] % 500 == 0
    assert last["left_for_the_next_start"] == 1900 - last["read"] > 0
    stage.faults()
    stage.start().wait_for_metric("analytics_rows_delivered_total", 1900 - last["read"])
    assert sorted(numbers(stage.wait_for_rows(1900))) == list(range(1900))


def test_sigterm_gives_up_on_a_dead_firehose_after_the_drain_timeout_and_loses_nothing(stage):
    stage.put(numbered(100))
    stage.faults({"kind": "error", "code": "ServiceUnavailableException", "status": 503, "service": "firehose"})
    analytics = stage.start({"DRAIN_TIMEOUT_MS": "500"})
    analytics.wait_for_event("rows are sent again")
    assert analytics.stop() == 0
    assert analytics.events[-1]["left_for_the_next_start"] > 0
    stage.faults()
    stage.start()
    assert sorted(numbers(stage.wait_for_rows(100))) == list(range(100))


def test_the_endpoint_may_go_away_and_come_back(make_stage, start_local_aws):
    stage = make_stage()
    port = stage.aws.service.port
    stage.put(numbered(200))
    analytics = stage.start()
    stage.wait_for_rows(200)
    stage.aws.kill()
    analytics.wait_for_event("a read is tried again")
    stage.aws = start_local_aws({"HTTP_PORT": str(port), "LOCAL_AWS_FAULTS": "true"})
    stage.kinesis = stage.aws.client("kinesis")
    stage.put(numbered(200, start=200))
    assert sorted(set(numbers(stage.wait_for_rows(400)))) == list(range(400))


def test_a_stream_made_anew_under_its_name_is_read_from_its_oldest_record(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1"})
    stage.put(numbered(10))
    analytics = stage.start()
    stage.wait_for_rows(10)
    analytics.stop()
    stage.kinesis.delete_stream(StreamName="users")
    stage.kinesis.get_waiter("stream_not_exists").wait(StreamName="users", WaiterConfig={"Delay": 1})
    stage.kinesis.create_stream(StreamName="users", ShardCount=1)
    stage.kinesis.get_waiter("stream_exists").wait(StreamName="users", WaiterConfig={"Delay": 1})
    stage.put(numbered(10, start=10))
    stage.start()
    assert sorted(set(numbers(stage.wait_for_rows(20)))) == list(range(20))


def test_a_second_process_with_the_same_checkpoint_is_refused(stage):
    stage.start().wait_ready()
    code, _, err = stage.run()
    assert code == 1 and "another analytics process is using this checkpoint" in err


# --- shards -------------------------------------------------------------------------------------------


def open_shards(stage):
    shards = stage.kinesis.list_shards(StreamName="users")["Shards"]
    return [shard for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]


def wait_active(stage):
    wait_until(
        lambda: stage.kinesis.describe_stream_summary(StreamName="users")["StreamDescriptionSummary"]["StreamStatus"]
        == "ACTIVE", "the stream to be ACTIVE")


def split(stage, shard):
    begin, end = (int(shard["HashKeyRange"][name]) for name in ("StartingHashKey", "EndingHashKey"))
    stage.kinesis.split_shard(
        StreamName="users", ShardToSplit=shard["ShardId"], NewStartingHashKey=str((begin + end) // 2))
    wait_active(stage)


def merge(stage, first, second):
    stage.kinesis.merge_shards(
        StreamName="users", ShardToMerge=first["ShardId"], AdjacentShardToMerge=second["ShardId"])
    wait_active(stage)


def check_key_order(rows, keys):
    for key in range(keys):
        of_key = [n for n in rows if n % keys == key]
        assert of_key == sorted(of_key)


def reshard_between_puts(stage):
    """600 records over one shard, two, three, and two again."""
    stage.put(numbered(150, keys=13))
    split(stage, open_shards(stage)[0])
    stage.put(numbered(150, start=150, keys=13))
    split(stage, open_shards(stage)[1])
    stage.put(numbered(150, start=300, keys=13))
    merge(stage, *open_shards(stage)[:2])
    stage.put(numbered(150, start=450, keys=13))


def test_split_and_merged_shards_are_read_parents_first(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1", **ONE_OBJECT})
    reshard_between_puts(stage)
    analytics = stage.start()
    rows = numbers(stage.rows_in_order(600))
    assert sorted(rows) == list(range(600))
    check_key_order(rows, 13)
    assert len([e for e in analytics.events if e["event"] == "shard read to its end"]) == 4


def test_resharding_is_followed_while_running_and_over_restarts(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1", **ONE_OBJECT})
    analytics = stage.start({"ANALYTICS_START": "LATEST"})
    analytics.wait_for_metric("analytics_read_seconds_count", 1)
    stage.put(numbered(150, keys=13))
    split(stage, open_shards(stage)[0])
    stage.put(numbered(150, start=150, keys=13))
    analytics.wait_for_metric("analytics_rows_delivered_total", 300)
    analytics.stop()
    split(stage, open_shards(stage)[1])
    stage.put(numbered(150, start=300, keys=13))
    merge(stage, *open_shards(stage)[:2])
    stage.put(numbered(150, start=450, keys=13))
    stage.start({"ANALYTICS_START": "LATEST"})
    rows = numbers(stage.rows_in_order(600))
    assert sorted(rows) == list(range(600))
    check_key_order(rows, 13)


def test_replicas_divide_the_shards_between_them(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:5", **ONE_OBJECT})
    stage.put(numbered(1500, keys=13))
    replicas = [stage.start({"ANALYTICS_REPLICAS": "2", "ANALYTICS_REPLICA": index,
                             "ANALYTICS_CHECKPOINT": stage.directory / f"{index}.db"}) for index in range(2)]
    wait_until(lambda: stage.firehose_count() >= 1500, "all rows")
    split(stage, open_shards(stage)[0])
    stage.put(numbered(600, start=1500, keys=13))
    wait_until(lambda: stage.firehose_count() >= 2100, "the rows behind the split")
    shards = [replica.metrics() for replica in replicas]
    # 0 to 4, and 5 and 6 which 0 was split into.
    for index, (own, other) in enumerate([(4, 3), (3, 4)]):
        state = {name: shards[index]["analytics_shards", name] for name in ("reading", "ended", "elsewhere", "waiting")}
        assert state == {"reading": own - (index == 0), "ended": index == 0, "elsewhere": other, "waiting": 0}
    assert sum(metrics["analytics_records_read_total"] for metrics in shards) == 2100
    # A restart goes on where it was.
    assert replicas[1].stop() == 0
    again = stage.start({"ANALYTICS_REPLICAS": "2", "ANALYTICS_REPLICA": "1", "ANALYTICS_CHECKPOINT": stage.directory / "1.db"})
    stage.put(numbered(600, start=2100, keys=13))
    rows = numbers(stage.rows_in_order(2700))
    assert sorted(rows) == list(range(2700))
    assert again.metrics()["analytics_records_read_total"] < 600


def accepted(stage, record):
    try:
        return stage.kinesis.put_record(StreamName="users", PartitionKey="k", Data=record)
    except stage.kinesis.exceptions.ProvisionedThroughputExceededException:
        return None


def test_a_shards_quotas_are_kept(make_stage):
    """local-aws refuses the sixth read and the third megabyte within a second, as AWS does."""
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1", "LOCAL_AWS_ENFORCE_LIMITS": "true", **ONE_OBJECT})
    for n in range(6):
        record = json.dumps({**user(n), "email": "y" * 700_000}).encode()
        wait_until(lambda: accepted(stage, record), "the shard to take 700 kB")
    analytics = stage.start()
    analytics.wait_for_metric("analytics_rows_delivered_total", 6)
    wait_until(lambda: analytics.metrics()["analytics_read_seconds_count"] >= 12, "reads of the empty shard")
    assert analytics.metrics()["analytics_retries_total", "GetRecords"] == 0
    assert numbers(stage.rows_in_order(6)) == list(range(6))


def test_start_at_latest_reads_what_comes_from_then_on_also_after_a_restart_before_the_first_record(make_stage):
    stage = make_stage()
    stage.put(numbered(100))
    analytics = stage.start({"ANALYTICS_START": "LATEST"})
    wait_until(lambda: analytics.metrics()["analytics_read_seconds_count"] >= 4, "both shards to be read")
    analytics.kill()
    stage.put(numbered(100, start=100))
    stage.start({"ANALYTICS_START": "LATEST"})
    assert sorted(numbers(stage.wait_for_rows(100))) == list(range(100, 200))


def test_start_at_a_timestamp(make_stage):
    stage = make_stage({"LOCAL_AWS_STREAMS": "users:1"})
    stage.put(numbered(100))
    iterator = stage.kinesis.get_shard_iterator(
        StreamName="users", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    last = stage.kinesis.get_records(ShardIterator=iterator)["Records"][-1]["ApproximateArrivalTimestamp"].timestamp()
    wait_until(lambda: time.time() > last + 1.2, "a second to pass")
    moment = datetime.datetime.fromtimestamp(last + 1, datetime.timezone.utc)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    stage.put(numbered(100, start=100))
    stage.start({"ANALYTICS_START": "AT_TIMESTAMP", "ANALYTICS_START_TIMESTAMP": text})
    assert sorted(numbers(stage.wait_for_rows(100))) == list(range(100, 200))


# --- the command line ---------------------------------------------------------------------------------


def test_check_says_what_it_found(stage):
    code, out, _ = stage.run("--check")
    assert code == 0
    assert out.splitlines()[-4:] == [
        "statements in sql/users.sql: right",
        f"checkpoint {stage.checkpoint}: writable",
        "stream users: 2 shards",
        "delivery stream users-to-s3 for DESTINATION_USER_DATA: ACTIVE",
    ]
    code, out, _ = stage.run("--check", extra={"KINESIS_STREAM": "none", "FIREHOSE_STREAM": "nowhere"})
    assert code == 1
    assert "stream none: Kinesis" in out and "delivery stream nowhere for DESTINATION_USER_DATA: Firehose" in out
    assert out.count("ResourceNotFoundException") == 2


def test_all_mistakes_of_the_configuration_are_told_at_once(stage):
    code, _, err = stage.run(extra={
        "KINESIS_STREAM": "", "FIREHOSE_STREAM": "a b", "ANALYTICS_POLL_MS": "10", "ANALYTICS_START": "NOW",
        "ANALYTICS_START_TIMESTAMP": "yesterday",
    })
    assert code == 2
    for name in ("KINESIS_STREAM", "FIREHOSE_STREAM", "ANALYTICS_POLL_MS", "ANALYTICS_START=",
                 "ANALYTICS_START_TIMESTAMP"):
        assert name in err


@pytest.mark.parametrize("sql, message", [
    ("INSERT INTO DESTINATION_USER_DATA\nSELECT firt, last, age, gender, latitude, longitude FROM SOURCE_SQL_STREAM_001",
     "line 2, column 8: no such column: firt"),
    ("INSERT INTO DESTINATION_USER_DATA SELECT gender, count(*), 1, 2, 3, 4 FROM SOURCE_SQL_STREAM_001 GROUP BY gender",
     "Apache Flink"),
    ("DELETE FROM DESTINATION_USER_DATA", "line 1, column 1"),
], ids=["column", "aggregation", "statement"])
def test_a_wrong_statement_ends_the_start_with_its_place(stage, sql, message):
    path = stage.directory / "wrong.sql"
    path.write_text(sql)
    code, _, err = stage.run(extra={"ANALYTICS_SQL": path})
    assert code == 2 and message in err and "wrong.sql" in err


def tried(lines, **files):
    env = {"PATH": os.environ["PATH"], **SANITIZER_ENV, "KINESIS_STREAM": "users", "FIREHOSE_STREAM": "users-to-s3", **files}
    run = subprocess.run([BUILD / "analytics", "--try"], cwd=ROOT, env=env, input=b"\n".join(lines), capture_output=True,
                         check=False, timeout=60)
    return run.returncode, run.stdout.decode().splitlines(), run.stderr.decode().splitlines()


def test_a_query_can_be_tried_without_aws(tmp_path):
    cases = [(case, data) for case, data in golden() if b"\n" not in data]
    code, rows, problems = tried([data for _, data in cases])
    assert code == 0
    assert [json.loads(row) for row in rows] == [case["row"] for case, _ in cases if case["row"]]
    assert [problem.split(":")[:2] for problem in problems] == [
        [f"line {n}", f" {case['error']}"] for n, (case, _) in enumerate(cases, 1) if "error" in case]
    sql, schema = tmp_path / "two.sql", tmp_path / "schema.sql"
    sql.write_text("INSERT INTO a SELECT first FROM s; INSERT INTO b SELECT age, first FROM s WHERE age < 18")
    schema.write_text("CREATE VIRTUAL TABLE s USING kinesis_json(first VARCHAR(8), age INTEGER);"
                      "CREATE VIRTUAL TABLE a USING firehose_json(first);CREATE VIRTUAL TABLE b USING firehose_json(age, first)")
    files = {"ANALYTICS_SQL": str(sql), "ANALYTICS_SCHEMA": str(schema)}
    assert tried([b'{"first":"Jan","age":17}'], **files) == (0, ['a {"first":"Jan"}', 'b {"age":17,"first":"Jan"}'], [])
    sql.write_text("INSERT INTO a SELECT frist FROM s")
    assert tried([], **files) == (2, [], [f"{sql}: line 1, column 22: no such column: frist"])


def test_a_missing_directory_or_file_is_named(stage):
    code, _, err = stage.run(extra={"ANALYTICS_CHECKPOINT": stage.directory / "none" / "a.db"})
    assert code == 1 and "create the directory first" in err
    code, _, err = stage.run(extra={"ANALYTICS_SCHEMA": "none.sql"})
    assert code == 2 and "ANALYTICS_SCHEMA=none.sql" in err
    code, _, err = stage.run(extra={"ANALYTICS_START": "AT_TIMESTAMP"})
    assert code == 2 and "ANALYTICS_START_TIMESTAMP" in err


def test_sigint_stops_it_too(stage):
    assert stage.start().wait_ready().stop(signal.SIGINT) == 0
