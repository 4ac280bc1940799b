# SPDX-License-Identifier: Apache-2.0
# shards: 6
"""The forwarder between the embedded broker and a scripted Kinesis: what is lost, repeated or out of order."""

import base64
import json
import os
import random
import signal
import subprocess
import threading
import time

import pytest

from support.fill import fill as fill_topic
from support.kafka import read_topic
from support.kinesis import FakeKinesis, Faults, Oracle
from support.kpl import take_apart
from support.procs import BUILD, Service, wait_until

COUNT = 6000
KEYS = 300
SEED = int(os.environ.get("SEED", "1"))


@pytest.fixture
def kinesis():
    made = []

    def make(**options):
        made.append(FakeKinesis(**options))
        return made[-1]

    yield make
    for fake in made:
        fake.close()


def fill(kafka, count=COUNT, keys=KEYS, **more):
    fill_topic(kafka.bootstrap_servers, count, keys, **more)


def put(kafka, records, topic="users"):
    """records: dicts with key and value as bytes or None, and optionally partition and headers."""
    def text(value):
        return None if value is None else base64.b64encode(value).decode()

    lines = "".join(json.dumps({**r, "key": text(r.get("key")), "value": text(r.get("value"))}) + "\n" for r in records)
    subprocess.run([BUILD / "tests/kafka_fill", kafka.bootstrap_servers, topic, "-"], input=lines.encode(), check=True,
                   timeout=120)


def environment(kafka, fake, **more):
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KINESIS_STREAM": "users",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": fake.url,
        "FORWARDER_LINGER_MS": "20",
        "KAFKA_SESSION_TIMEOUT_MS": "6000",
        "KAFKA_HEARTBEAT_INTERVAL_MS": "500",
    }
    env.update({name: str(value) for name, value in more.items()})
    return env


def balance(metrics):
    return (metrics["forwarder_records_consumed_total"]
            - metrics["forwarder_records_confirmed_total"]
            - metrics.sum("forwarder_records_dead_lettered_total")
            - metrics.sum("forwarder_records_dropped_total")
            - metrics["forwarder_records_released_total"]
            - metrics["forwarder_records_in_flight"])


@pytest.fixture
def forward(services, local_kafka):
    """Starts a forwarder from the local broker to a scripted Kinesis."""
    def start(fake, **env):
        forwarder = services("forwarder", environment(local_kafka, fake, **env))
        forwarder.wait_for_event("listening")
        return forwarder

    return start


def wait_confirmed(forwarder, count, timeout=90):
    return forwarder.wait_for_metric("forwarder_records_confirmed_total", count, timeout)


def check(fake, count=COUNT, keys=KEYS, duplicates=0):
    oracle = Oracle(fake.stored, count, keys)
    assert oracle.lost == 0
    assert oracle.inversions == 0
    assert oracle.duplicates <= duplicates, "more duplicates than were counted as possible"
    assert fake.concurrent_same_key == 0, "two records of one key were on their way at once"


def dead_letters(kafka, count):
    """The letters on the dead-letter topic; the forwarder says that `count` are confirmed."""
    letters = read_topic(kafka.bootstrap_servers, "users.dlq")
    assert len(letters) == count
    return letters


def test_everything_arrives_once_and_in_order(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, COUNT)
    check(fake)
    assert balance(metrics) == 0
    assert metrics["forwarder_records_confirmed_total"] == COUNT
    assert metrics["forwarder_possible_duplicates_total"] == 0
    assert metrics["forwarder_delivery_seconds_count"] == len(fake.requests)
    assert 0 < metrics["forwarder_delivery_seconds_sum"] < len(fake.requests) * 600
    assert max(fake.requests) <= 500
    assert forwarder.stop() == 0
    stopped = forwarder.find_event("stopped")
    assert stopped["confirmed"] == COUNT and stopped["left_to_next_owner"] == 0


def test_a_restart_goes_on_where_it_stopped(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka)
    first = forward(fake)
    wait_confirmed(first, COUNT)
    assert first.stop() == 0
    fill(local_kafka, count=KEYS, first=COUNT // KEYS)
    second = forward(fake)
    metrics = wait_confirmed(second, KEYS)
    assert metrics["forwarder_records_confirmed_total"] == KEYS
    check(fake, count=COUNT + KEYS)


@pytest.mark.parametrize("rate", [0.0002, 0.01, 0.10])
def test_throttled_records_alone_are_sent_again(forward, local_kafka, kinesis, rate):
    fake = kinesis(faults=Faults(SEED, throttled_records=rate))
    fill(local_kafka)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, COUNT)
    check(fake)
    assert balance(metrics) == 0
    sent = sum(fake.requests)
    resent = metrics["forwarder_records_resent_total", "record-throttled"]
    assert sent == COUNT + resent, "records that were stored were sent again"
    assert metrics["forwarder_shard_throttled_records_total", "shardId-000000000001"] == resent


def test_internal_failures_are_sent_again(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, failed_records=0.05))
    fill(local_kafka)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, COUNT)
    check(fake)
    assert metrics["forwarder_records_resent_total", "record-failed"] > 0


CERTAIN = ["ProvisionedThroughputExceededException", "ThrottlingException", "KMSThrottlingException",
           "LimitExceededException", "RequestTimeoutException"]
UNCERTAIN = [(500, "InternalFailure"), (500, "InternalServerError"), (502, ""), (503, "ServiceUnavailable"), (504, "")]
REFUSALS = [(400, "AccessDeniedException"), (400, "KMSDisabledException"), (400, "KMSAccessDeniedException"),
            (400, "ResourceNotFoundException"), (404, "UnknownOperationException")]


def forward_through(forward, kafka, fake, count=2000):
    """Returns the metrics after `count` records have passed the faults of `fake`, in order and none lost."""
    fill(kafka, count=count)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, count)
    check(fake, count=count, duplicates=metrics["forwarder_possible_duplicates_total"])
    assert balance(metrics) == 0
    return metrics


@pytest.mark.parametrize("code", CERTAIN)
def test_a_request_that_was_certainly_not_stored_makes_no_duplicates(forward, local_kafka, kinesis, code):
    metrics = forward_through(forward, local_kafka, kinesis(faults=Faults(SEED, errors=[(400, code)], error_rate=1, most=5)))
    assert metrics["forwarder_possible_duplicates_total"] == 0
    throttled, retried = (metrics["forwarder_requests_total", label] for label in ("throttled", "retry"))
    assert (retried if "Timeout" in code else throttled) > 0


@pytest.mark.parametrize("error", UNCERTAIN)
def test_a_request_of_unknown_outcome_is_counted(forward, local_kafka, kinesis, error):
    metrics = forward_through(forward, local_kafka, kinesis(faults=Faults(SEED, errors=[error], error_rate=1, most=5)))
    assert metrics["forwarder_requests_total", "unknown"] > 0
    assert metrics["forwarder_possible_duplicates_total"] > 0


@pytest.mark.parametrize("error", REFUSALS)
def test_a_refusal_that_passes_loses_nothing(forward, local_kafka, kinesis, error):
    metrics = forward_through(forward, local_kafka, kinesis(faults=Faults(SEED, errors=[error], error_rate=1, most=5)))
    assert metrics["forwarder_requests_total", "refused"] > 0
    assert metrics["forwarder_possible_duplicates_total"] == 0


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncated", "malformed"])
def test_a_broken_answer_loses_nothing(forward, local_kafka, kinesis, fault):
    fake = kinesis(faults=Faults(SEED, most=5, **{fault: 1}))
    metrics = forward_through(forward, local_kafka, fake)
    assert metrics["forwarder_requests_total", "unknown"] > 0
    assert metrics["forwarder_possible_duplicates_total"] >= fake.unknown_records


def test_a_refusal_in_xml_is_told_with_its_code(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka, count=500, keys=500)
    fake.refuse = (403, b"<Error><Code>AccessDenied</Code><Message>not this one</Message></Error>")
    forwarder = forward(fake)
    refused = forwarder.wait_for_event("Kinesis refuses requests; trying again until it does not")
    assert "AccessDenied: not this one" in refused["error"]
    fake.refuse = None
    wait_confirmed(forwarder, 500)
    check(fake, count=500, keys=500)


def test_request_errors_of_every_kind(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, error_rate=0.3, reset_before=0.1, delay=(0, 0.02)))
    fill(local_kafka, count=3000)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, 3000)
    check(fake, count=3000)
    assert balance(metrics) == 0


def test_unknown_outcomes_are_counted_as_possible_duplicates(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, reset_after=0.1, truncated=0.1, malformed=0.1))
    fill(local_kafka)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, COUNT)
    possible = metrics["forwarder_possible_duplicates_total"]
    assert possible > 0
    check(fake, duplicates=possible)


def test_order_none_loses_nothing_either(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, throttled_records=0.05, error_rate=0.1))
    fill(local_kafka)
    forwarder = forward(fake, FORWARDER_ORDER="none")
    wait_confirmed(forwarder, COUNT)
    assert Oracle(fake.stored, COUNT, KEYS).lost == 0


def test_a_blocked_key_does_not_block_others(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka, count=2000, keys=200)
    blocked = []

    def fail_k7(record, original=fake.store_one):
        if record[0] == "k7" and len(fake.stored) < 1990:
            blocked.append(record)
            return {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"}
        return original(record)

    fake.store_one = fail_k7
    forwarder = forward(fake)
    wait_confirmed(forwarder, 2000)
    assert blocked
    check(fake, count=2000, keys=200)


def test_kinesis_down_then_up(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka)
    forwarder = forward(fake)
    forwarder.wait_for_metric("forwarder_records_confirmed_total", 500)
    fake.down = True
    time.sleep(1)
    metrics = forwarder.metrics()
    assert balance(metrics) == 0
    fake.down = False
    metrics = wait_confirmed(forwarder, COUNT)
    check(fake, duplicates=metrics["forwarder_possible_duplicates_total"])


def test_kill_9_at_any_moment_loses_nothing(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, throttled_records=0.02, delay=(0, 0.01)))
    fill(local_kafka)
    dice = random.Random(SEED)
    for _ in range(5):
        forwarder = forward(fake, FORWARDER_IN_FLIGHT=4)
        before = fake.count()
        wait_until(lambda: fake.count() > before or fake.count() >= COUNT, "some records to arrive", 60)
        time.sleep(dice.uniform(0, 0.3))
        forwarder.kill()
    forward(fake, FORWARDER_IN_FLIGHT=4)
    wait_until(lambda: Oracle(list(fake.stored), COUNT, KEYS).lost == 0, "all records to arrive", 90)
    assert Oracle(fake.stored, COUNT, KEYS).inversions == 0


def test_only_confirmed_records_are_committed(forward, local_kafka, kinesis):
    """The promise itself: what the group's offsets say is behind us is in the stream."""
    fake = kinesis()
    fill(local_kafka, count=1000, keys=50)
    fake.store_one = lambda record: {"ErrorCode": "InternalFailure", "ErrorMessage": "never"}
    forwarder = forward(fake)
    forwarder.wait_for_metric("forwarder_records_consumed_total", 1000)
    wait_until(lambda: sum(fake.requests) > 300, "records to be sent again and again")
    time.sleep(1.5)  # commits are due every half second
    forwarder.kill()
    del fake.store_one
    again = forward(fake)
    wait_confirmed(again, 1000)
    assert Oracle(fake.stored, 1000, 50).lost == 0


def test_a_too_large_record_goes_to_the_dead_letter_topic(forward, local_kafka, kinesis):
    fake = kinesis()
    big = b"x" * (1536 * 1024)
    records = [{"key": b"k%d" % i, "value": b"v%d" % i} for i in range(500)]
    records.insert(250, {"key": b"big", "value": big, "partition": 2,
                         "headers": {"tenant": "blue", "error-reason": "an older one"}})
    started_ms = int(time.time() * 1000)
    put(local_kafka, records)
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, 500)
    metrics = forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "too-large"), 1)
    assert balance(metrics) == 0
    assert fake.count() == 500
    assert forwarder.stop() == 0
    assert forwarder.find_event("stopped")["left_to_next_owner"] == 0
    letter, = dead_letters(local_kafka, 1)
    assert (letter.key, letter.value) == ("big", big)
    assert letter.headers["tenant"] == "blue"
    assert letter.headers["error-reason"] == "too-large"  # the last of the name counts
    assert "record limit" in letter.headers["error-message"]
    assert (letter.headers["source-topic"], letter.headers["source-partition"]) == ("users", "2")
    assert letter.headers["source-offset"].isdigit()
    assert started_ms <= int(letter.headers["source-timestamp"]) <= time.time() * 1000


def test_a_refused_record_is_found_among_its_neighbours(forward, local_kafka, kinesis):
    fake = kinesis()
    fake.refuse_data = b"poison"
    records = [{"key": b"k%d" % i, "value": b"v%d" % i} for i in range(800)]
    started_ms = int(time.time() * 1000)
    put(local_kafka, records[:400])
    forwarder = forward(fake)
    wait_confirmed(forwarder, 400)
    put(local_kafka, records[400:600] + [{"key": b"bad", "value": b"poison"}] + records[600:])
    wait_confirmed(forwarder, 800)
    metrics = forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "refused"), 1)
    assert balance(metrics) == 0
    assert sorted(data for _, data, _ in fake.stored) == sorted(r["value"] for r in records)
    letter, = dead_letters(local_kafka, 1)
    assert (letter.key, letter.value, letter.headers["error-reason"]) == ("bad", b"poison", "refused")
    assert started_ms <= int(letter.headers["source-timestamp"]) <= time.time() * 1000


def test_the_record_cap_follows_the_stream(forward, local_kafka, kinesis):
    fake = kinesis(record_cap_kib=4096)
    put(local_kafka, [{"key": b"big", "value": b"x" * (1536 * 1024)}, {"key": b"small", "value": b"v"}])
    forwarder = forward(fake)
    metrics = wait_confirmed(forwarder, 2)
    assert metrics.sum("forwarder_records_dead_lettered_total") == 0
    assert metrics["forwarder_record_cap_bytes"] == 4096 * 1024


@pytest.mark.parametrize("policy", ["drop", "stop"])
def test_poison_policies(forward, local_kafka, kinesis, policy):
    fake = kinesis()
    put(local_kafka, [{"key": b"big", "value": b"x" * (1100 * 1024)}])
    forwarder = forward(fake, FORWARDER_POISON=policy)
    if policy == "drop":
        metrics = forwarder.wait_for_metric(("forwarder_records_dropped_total", "too-large"), 1)
        assert balance(metrics) == 0
        assert forwarder.stop() == 0
    else:
        assert forwarder.wait() == 1
        assert forwarder.find_event("stopped")["left_to_next_owner"] == 1


def test_the_record_cap_is_asked_for_again_when_the_stream_takes_less(forward, local_kafka, kinesis):
    fake = kinesis(record_cap_kib=2048)
    put(local_kafka, [{"key": b"k%d" % i, "value": b"v%d" % i} for i in range(100)])
    forwarder = forward(fake)
    wait_confirmed(forwarder, 100)
    fake.record_cap_kib = 1024
    big = b"x" * (1536 * 1024)
    put(local_kafka, [{"key": b"big", "value": big}, {"key": b"small", "value": b"v"}])
    wait_confirmed(forwarder, 101)
    forwarder.wait_for_metric("forwarder_records_consumed_total", 102)
    wait_until(lambda: forwarder.metrics()["forwarder_record_cap_bytes"] == 1024 * 1024, "the new cap")
    wait_until(lambda: len(read_topic(local_kafka.bootstrap_servers, "users.dlq")) == 1, "the letter")
    largest = max(fake.bodies)
    fake.bodies.clear()
    put(local_kafka, [{"key": b"big", "value": big}, {"key": b"small", "value": b"w"}])
    wait_confirmed(forwarder, 102)
    forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "too-large"), 1)
    assert largest > len(big) > max(fake.bodies), "what is known to be too large is not sent"


@pytest.mark.parametrize("policy", ["drop", "stop"])
def test_poison_policies_for_a_record_refused_by_itself(forward, local_kafka, kinesis, policy):
    fake = kinesis()
    fake.refuse_data = b"poison"
    put(local_kafka, [{"key": b"k%d" % i, "value": b"v%d" % i} for i in range(100)])
    forwarder = forward(fake, FORWARDER_POISON=policy)
    wait_confirmed(forwarder, 100)
    put(local_kafka, [{"key": b"bad", "value": b"poison"}, {"key": b"bad", "value": b"behind it"}])
    if policy == "drop":
        metrics = wait_confirmed(forwarder, 101)
        assert metrics["forwarder_records_dropped_total", "refused"] == 1
        assert balance(metrics) == 0
    else:
        assert forwarder.wait() == 1
        assert forwarder.find_event("stopped")["left_to_next_owner"] >= 1
        fake.refuse_data = None
        wait_confirmed(forward(fake), 2)  # it was not committed
    stored = [data for key, data, _ in fake.stored if key == "bad"]
    assert stored == ([b"behind it"] if policy == "drop" else [b"poison", b"behind it"])


@pytest.mark.parametrize("policy", ["empty", "dlq", "drop"])
def test_null_value_policies(forward, local_kafka, kinesis, policy):
    fake = kinesis()
    put(local_kafka, [{"key": b"t", "value": None}, {"key": b"t", "value": b""}, {"key": b"t", "value": b"v"}])
    forwarder = forward(fake, FORWARDER_NULL_VALUE=policy)
    metrics = wait_confirmed(forwarder, 3 if policy == "empty" else 2)
    metrics = forwarder.wait_for_metric("forwarder_records_consumed_total", 3)
    assert [data for _, data, _ in fake.stored] == [b"", b"", b"v"][0 if policy == "empty" else 1:]
    if policy == "dlq":
        metrics = forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "null-value"), 1)
        letter, = dead_letters(local_kafka, 1)
        assert (letter.key, letter.value, letter.headers["error-reason"]) == ("t", None, "null-value")
    assert metrics["forwarder_records_dropped_total", "null-value"] == (policy == "drop")
    assert balance(metrics) == 0


def test_partition_keys_by_partition_or_at_random(forward, local_kafka, kinesis):
    records = [{"key": b"k%d" % i, "value": b"%d-%d" % (i % 8, i // 8), "partition": i % 8} for i in range(80)]
    put(local_kafka, records)
    fake = kinesis()
    wait_confirmed(forward(fake, FORWARDER_PARTITION_KEY="partition", KAFKA_GROUP_ID="one"), 80)
    for partition in range(8):
        values = [data for key, data, _ in fake.stored if key == f"partition-{partition}"]
        assert values == [b"%d-%d" % (partition, i) for i in range(10)], "the partition's order"
    fake = kinesis()
    wait_confirmed(forward(fake, FORWARDER_PARTITION_KEY="random", KAFKA_GROUP_ID="two"), 80)
    assert len({key for key, _, _ in fake.stored}) == 80
    assert sorted(data for _, data, _ in fake.stored) == sorted(record["value"] for record in records)


def test_keys_that_kinesis_does_not_take_are_mapped(forward, local_kafka, kinesis):
    import hashlib

    fake = kinesis()
    binary = b"\xff\xfe\x00key"
    long = ("ä" * 257).encode()
    put(local_kafka, [
        {"key": None, "value": b"none", "partition": 3},
        {"key": b"", "value": b"empty", "partition": 4},
        {"key": binary, "value": b"binary"},
        {"key": long, "value": b"long"},
        {"key": ("ä" * 256).encode(), "value": b"fits"},
        {"key": b'quote " and \\', "value": b"quote"},
        {"key": b"t", "value": None},
    ])
    forwarder = forward(fake)
    wait_confirmed(forwarder, 7)
    keys = {data: key for key, data, _ in fake.stored}
    assert keys[b"none"] == "3-0"
    assert keys[b"empty"] == "4-0"
    assert keys[b"binary"] == "sha256-" + hashlib.sha256(binary).hexdigest()
    assert keys[b"long"] == "sha256-" + hashlib.sha256(long).hexdigest()
    assert keys[b"fits"] == "ä" * 256
    assert keys[b"quote"] == 'quote " and \\'
    assert keys[b""] == "t"  # the tombstone: empty data


@pytest.mark.parametrize("record_cap_kib", [1024, 8])
def test_records_of_a_key_that_wait_for_each_other_go_as_one(forward, local_kafka, kinesis, record_cap_kib):
    fake = kinesis(faults=Faults(SEED, throttled_records=0.10, delay=(0, 0.02)), record_cap_kib=record_cap_kib)
    came = []
    fake.hook = lambda decoded: came.append(len(take_apart(decoded)))
    fill(local_kafka, keys=4)
    forwarder = forward(fake, FORWARDER_AGGREGATE_BYTES=65536)
    metrics = wait_confirmed(forwarder, COUNT)
    oracle = Oracle(take_apart(fake.stored), COUNT, 4)
    assert (oracle.lost, oracle.inversions, oracle.duplicates) == (0, 0, 0)
    assert fake.concurrent_same_key == 0
    assert len(fake.stored) < COUNT / 5
    assert max(len(key) + len(data) for key, data, _ in fake.stored) <= min(65536, record_cap_kib * 1024)
    assert metrics["forwarder_requests_total", "refused"] == 0
    assert balance(metrics) == 0
    assert metrics["forwarder_records_confirmed_total"] == COUNT
    assert sum(came) == COUNT + metrics["forwarder_records_resent_total", "record-throttled"]
    assert metrics["forwarder_batch_records_sum"] == sum(fake.requests)
    assert metrics["forwarder_aggregate_records_sum"] > COUNT / 2
    assert forwarder.stop() == 0
    assert forwarder.find_event("stopped")["confirmed"] == COUNT


def test_a_refused_record_is_found_in_its_aggregate(forward, local_kafka, kinesis):
    fake = kinesis()
    fake.refuse_data = b"poison"
    put(local_kafka, [{"key": b"k", "value": b"poison" if i == 70 else b"%d" % i} for i in range(100)])
    forwarder = forward(fake, FORWARDER_AGGREGATE_BYTES=65536)
    wait_confirmed(forwarder, 99)
    forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "refused"), 1)
    assert [data for _, data, _ in take_apart(fake.stored)] == [b"%d" % i for i in range(100) if i != 70]
    letter, = dead_letters(local_kafka, 1)
    assert (letter.key, letter.value, letter.headers["source-offset"]) == ("k", b"poison", "70")
    assert forwarder.find_event("Kinesis refuses an aggregate; sending its records one by one")


@pytest.mark.parametrize("change", [{"FORWARDER_ORDER": "none"}, {"FORWARDER_PARTITION_KEY": "random"},
                                    {"FORWARDER_BUFFER_BYTES": "4194304"}])
def test_aggregation_that_cannot_be_is_told_at_once(local_kafka, kinesis, change):
    forwarder = Service("forwarder", environment(local_kafka, kinesis(), FORWARDER_AGGREGATE_BYTES=1048576, **change))
    code, _, err = forwarder.run()
    assert code == 2
    assert "FORWARDER_AGGREGATE_BYTES" in err and next(iter(change)) in err


def test_partition_key_from_a_header_and_explicit_hash_key(forward, local_kafka, kinesis):
    fake = kinesis()
    put(local_kafka, [
        {"key": b"a", "value": b"1", "headers": {"tenant": "blue", "shard-hash": "170141183460469231731687303715884105728"}},
        {"key": b"a", "value": b"2", "headers": {"tenant": "blue", "shard-hash": "not a number"}},
    ])
    forwarder = forward(fake, FORWARDER_PARTITION_KEY="header:tenant",
                                                  FORWARDER_HASH_KEY_HEADER="shard-hash")
    wait_confirmed(forwarder, 1)
    forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "bad-hash-key"), 1)
    assert fake.stored == [("blue", b"1", "170141183460469231731687303715884105728")]


def test_a_rebalance_storm_loses_nothing(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, throttled_records=0.02, delay=(0, 0.02)))
    fill(local_kafka)
    members = [forward(fake, FORWARDER_IN_FLIGHT=2)]
    rounds = 0
    while Oracle(list(fake.stored), COUNT, KEYS).lost > 0 and rounds < 6:
        rounds += 1
        members.append(forward(fake, FORWARDER_IN_FLIGHT=2))
        time.sleep(1.5)
        assert members.pop(0).stop(timeout=60) == 0
    wait_until(lambda: Oracle(list(fake.stored), COUNT, KEYS).lost == 0, "all records to arrive", 90)


def test_readiness_says_what_is_missing(forward, local_kafka, kinesis):
    fake = kinesis()
    fake.describe_error = (400, "ResourceNotFoundException")
    forwarder = forward(fake)
    wait_until(lambda: forwarder.get("/readyz")[0] == 503, "not to be ready")
    assert b"described" in forwarder.get("/readyz")[1]
    fake.describe_error = None
    forwarder.wait_ready()
    fake.refuse = (400, "AccessDeniedException")
    fill(local_kafka, count=100, keys=100)
    wait_until(lambda: b"failing" in forwarder.get("/readyz")[1], "not to be ready after 30 s", 90)
    assert forwarder.get("/readyz")[0] == 503 and forwarder.get("/livez")[0] == 200
    assert sum(value for key, value in forwarder.metrics().items() if key[0] == "forwarder_lag_records") == 100
    fake.refuse = None
    metrics = wait_confirmed(forwarder, 100)
    forwarder.wait_ready()
    wait_until(lambda: forwarder.metrics().sum("forwarder_lag_records") == 0, "no lag")
    assert metrics["forwarder_request_seconds_count"] > 0
    assert metrics["forwarder_last_success_timestamp_seconds"] > time.time() - 60


def test_a_request_without_an_answer_is_given_up_and_sent_again(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka, count=100, keys=100)
    release = threading.Event()
    first = threading.Lock()

    def hang_once(_):
        if first.acquire(blocking=False):
            release.wait(60)

    fake.hook = hang_once
    forwarder = forward(fake, FORWARDER_REQUEST_TIMEOUT_MS=500)
    metrics = wait_confirmed(forwarder, 100)
    assert metrics["forwarder_requests_total", "unknown"] >= 1
    assert metrics["forwarder_possible_duplicates_total"] >= 1
    release.set()
    wait_until(lambda: Oracle(list(fake.stored), 100, 100).lost == 0, "all records")


def test_a_refusal_for_permission_is_told_and_survived(forward, local_kafka, kinesis):
    fake = kinesis()
    fill(local_kafka, count=500, keys=500)
    fake.refuse = (400, "AccessDeniedException")
    forwarder = forward(fake)
    refused = forwarder.wait_for_event("Kinesis refuses requests; trying again until it does not")
    assert "AccessDeniedException" in refused["error"]
    fake.refuse = None
    wait_confirmed(forwarder, 500)
    check(fake, count=500, keys=500)


def test_expired_credentials_are_fetched_anew(forward, local_kafka, kinesis, tmp_path):
    """The source has new keys by the time that Kinesis calls the old ones expired."""
    fake = kinesis()
    fill(local_kafka, count=300, keys=300)
    keys = tmp_path / "keys.json"

    def write_keys(name):
        fresh = tmp_path / "fresh"
        fresh.write_text(json.dumps({"Version": 1, "AccessKeyId": name, "SecretAccessKey": "s", "SessionToken": name,
                                     "Expiration": "2099-01-01T00:00:00Z"}))
        fresh.rename(keys)

    write_keys("AKIDOLD")
    config = tmp_path / "config"
    config.write_text(f"[default]\ncredential_process = /bin/cat {keys}\n")
    forwarder = forward(fake, AWS_CONFIG_FILE=config, AWS_SHARED_CREDENTIALS_FILE=tmp_path / "none",
                        AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    wait_confirmed(forwarder, 300)
    write_keys("AKIDNEW")
    fake.expired_keys = {"AKIDOLD"}
    fill(local_kafka, count=300, keys=300, first=1)
    metrics = wait_confirmed(forwarder, 600)
    assert metrics["forwarder_requests_total", "retry"] >= 1
    check(fake, count=600, keys=300)
    assert "AKIDOLD" not in "\n".join(forwarder.lines)


def test_a_wrong_clock_is_corrected(forward, local_kafka, kinesis):
    fake = kinesis()
    fake.clock_offset_s = 3600
    fill(local_kafka, count=300, keys=300)
    forwarder = forward(fake)
    wait_confirmed(forwarder, 300)
    check(fake, count=300, keys=300)


def test_everything_at_once(forward, local_kafka, kinesis):
    """Throttling, failures, resets, broken answers, a poisonous record, restarts by TERM and by KILL."""
    print("repeat with SEED=%d" % SEED)
    fake = kinesis(faults=Faults(SEED, throttled_records=0.03, failed_records=0.01, error_rate=0.05, reset_before=0.02,
                                 reset_after=0.02, truncated=0.01, malformed=0.01, delay=(0, 0.03)))
    dice = random.Random(SEED)
    fill(local_kafka)
    put(local_kafka, [{"key": b"big", "value": b"x" * (1536 * 1024)}])
    for _ in range(4):
        forwarder = forward(fake, FORWARDER_IN_FLIGHT=4)
        before = fake.count()
        wait_until(lambda: fake.count() > before or Oracle(list(fake.stored), COUNT, KEYS).lost == 0, "records", 60)
        time.sleep(dice.uniform(0.1, 1))
        metrics = forwarder.metrics()
        assert balance(metrics) == 0
        if dice.random() < 0.5:
            forwarder.kill()
        else:
            assert forwarder.stop(timeout=60) == 0
    forwarder = forward(fake, FORWARDER_IN_FLIGHT=4)
    wait_until(lambda: Oracle(list(fake.stored), COUNT, KEYS).lost == 0, "all records to arrive", 90)
    wait_until(lambda: forwarder.metrics()["forwarder_records_in_flight"] == 0, "nothing in flight", 60)
    assert Oracle(fake.stored, COUNT, KEYS).inversions == 0


def test_sigterm_sends_what_is_in_hand(forward, local_kafka, kinesis):
    fake = kinesis(faults=Faults(SEED, delay=(0.05, 0.1)))
    fill(local_kafka)
    forwarder = forward(fake)
    wait_until(lambda: fake.count() > 0, "the first records")
    assert forwarder.stop(timeout=60) == 0
    stopped = forwarder.find_event("stopped")
    assert stopped["left_to_next_owner"] == 0
    assert stopped["confirmed"] == fake.count()


def test_fetching_goes_on_as_soon_as_the_queue_has_room(forward, local_kafka, kinesis):
    """librdkafka before 2.2 sleeps up to a second on a full queue, each time, if nothing wakes it."""
    fake = kinesis()
    arrivals = []
    fake.hook = lambda _: arrivals.append(time.monotonic())
    count = 30000
    fill(local_kafka, count=count, keys=count, size=1000)
    forwarder = forward(fake, FORWARDER_BUFFER_BYTES=4 * 1024 * 1024)
    wait_confirmed(forwarder, count)
    arrivals.sort()
    pauses = sum(later - earlier > 0.4 for earlier, later in zip(arrivals, arrivals[1:]))
    assert pauses <= 6, "the queue of 1 MiB was filled about 20 times"


def test_many_requests_share_a_small_buffer(forward, local_kafka, kinesis):
    """What a request took for its body is given back, or the buffer would be full of empty bodies."""
    fake = kinesis()
    fill(local_kafka, count=10000, keys=10000, size=1000)
    forwarder = forward(fake, FORWARDER_BUFFER_BYTES=8 * 1024 * 1024, FORWARDER_IN_FLIGHT=64)
    wait_confirmed(forwarder, 10000)
    check(fake, count=10000, keys=10000)


def test_every_configuration_mistake_is_told_at_once():
    forwarder = Service("forwarder", {"FORWARDER_ORDER": "sometimes", "FORWARDER_IN_FLIGHT": "0",
                                      "FORWARDER_PARTITION_KEY": "column", "AWS_REGION": "x"})
    code, _, err = forwarder.run()
    assert code == 2
    for name in ("FORWARDER_ORDER", "FORWARDER_IN_FLIGHT", "FORWARDER_PARTITION_KEY", "KAFKA_BOOTSTRAP_SERVERS",
                 "KINESIS_STREAM"):
        assert name in err
    assert "sometimes" in err


def test_an_unknown_or_forbidden_kafka_property_is_named(local_kafka, kinesis):
    fake = kinesis()
    for name, value in (("KAFKA_NO_SUCH_PROPERTY", "1"), ("KAFKA_ENABLE_AUTO_COMMIT", "true")):
        forwarder = Service("forwarder", environment(local_kafka, fake, **{name: value}))
        code, _, err = forwarder.run()
        assert code == 2 and name in err


def test_check_says_what_it_found(local_kafka, kinesis):
    fake = kinesis()
    checker = Service("forwarder", environment(local_kafka, fake), args=["--check"])
    code, out, _ = checker.run(timeout=60)
    assert code == 0
    assert "Kafka topic users: there, 8 partitions" in out
    assert "Kinesis stream users: there" in out
    fake.describe_error = (400, "ResourceNotFoundException")
    checker = Service("forwarder", environment(local_kafka, fake), args=["--check"])
    code, out, _ = checker.run(timeout=60)
    assert code == 1 and "ResourceNotFoundException" in out
