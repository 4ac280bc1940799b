# SPDX-License-Identifier: Apache-2.0
"""The forwarder into a stream whose shards split and merge while records flow, read back parents first."""

import os
import random
import time

import pytest

from support.fill import fill
from support.kinesis import Oracle
from support.procs import free_port, wait_until
from support.streams import NAME, Stream

COUNT, KEYS = 12000, 300
SEED = int(os.environ.get("SEED", "1"))
FAULTS = [
    {"kind": "throttle_record", "rate": 0.01}, {"kind": "fail_record", "rate": 0.005},
    {"kind": "latency", "min_ms": 1, "max_ms": 30},
    *({"kind": "error", "code": code, "rate": 0.2, "count": 3}
      for code in ("InternalFailure", "ServiceUnavailable", "ThrottlingException", "KMSThrottlingException")),
    *({"kind": kind, "rate": 0.2, "count": 3} for kind in ("reset_before", "reset_after", "truncate", "malformed")),
]


@pytest.fixture
def forward(services, local_kafka):
    def start(aws):
        forwarder = services("forwarder", {
            **aws.env, "KAFKA_BOOTSTRAP_SERVERS": local_kafka.bootstrap_servers, "KINESIS_STREAM": NAME,
            "FORWARDER_LINGER_MS": "20", "FORWARDER_REQUEST_TIMEOUT_MS": "5000", "KAFKA_SESSION_TIMEOUT_MS": "6000",
            "KAFKA_HEARTBEAT_INTERVAL_MS": "500"})
        forwarder.wait_for_event("listening")
        return forwarder

    return start


def reshard_while_records_flow(aws, dice, rounds=8):
    """Splits and merges in turn, each time only after more records have come."""
    stream = Stream(aws)
    for number in range(rounds):
        before = aws.metrics()["local_aws_kinesis_records_total", NAME]
        wait_until(lambda: aws.metrics()["local_aws_kinesis_records_total", NAME] >= min(before + 600, COUNT),
                   "more records", 60)
        stream.reshard(dice, merge=number % 2 == 1)


def check(aws, count, possible_duplicates):
    oracle = Oracle(Stream(aws).read(), count, KEYS)
    assert (oracle.lost, oracle.inversions) == (0, 0)
    assert oracle.duplicates <= possible_duplicates
    return oracle


def test_order_and_completeness_over_splits_and_merges(forward, start_local_aws, local_kafka):
    aws = start_local_aws({"LOCAL_AWS_ENFORCE_LIMITS": "true"})
    fill(local_kafka.bootstrap_servers, COUNT, KEYS)
    forwarder = forward(aws)
    reshard_while_records_flow(aws, random.Random(SEED))
    metrics = forwarder.wait_for_metric("forwarder_records_confirmed_total", COUNT, 90)
    assert metrics["forwarder_possible_duplicates_total"] == 0
    check(aws, COUNT, 0)


def test_splits_and_merges_among_faults_of_every_kind(forward, start_local_aws, local_kafka):
    print(f"repeat with SEED={SEED}")
    aws = start_local_aws({"LOCAL_AWS_FAULTS": "true", "HTTP_PORT": free_port()})
    aws.order_faults(SEED, [{**fault, "operation": "PutRecords"} for fault in FAULTS])
    fill(local_kafka.bootstrap_servers, COUNT, KEYS)
    forwarder = forward(aws)
    reshard_while_records_flow(aws, random.Random(SEED))
    metrics = forwarder.wait_for_metric("forwarder_records_confirmed_total", COUNT, 120)
    check(aws, COUNT, metrics["forwarder_possible_duplicates_total"])
    struck = aws.metrics()
    for fault in FAULTS:
        assert struck["local_aws_faults_total", fault["kind"]] > 0, f"{fault['kind']} never struck"


def test_kinesis_dies_and_comes_back_between_reshards(forward, start_local_aws, local_kafka):
    dice = random.Random(SEED)
    settings = {"LOCAL_AWS_ENFORCE_LIMITS": "true", "HTTP_PORT": free_port()}
    aws = start_local_aws(settings)
    fill(local_kafka.bootstrap_servers, COUNT, KEYS)
    forwarder = forward(aws)
    for _ in range(3):
        reshard_while_records_flow(aws, dice, rounds=2)
        aws.kill()
        time.sleep(dice.uniform(0, 0.5))
        aws = start_local_aws(settings, aws.directory)
    metrics = forwarder.wait_for_metric("forwarder_records_confirmed_total", COUNT, 120)
    check(aws, COUNT, metrics["forwarder_possible_duplicates_total"])
