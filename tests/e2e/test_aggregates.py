# SPDX-License-Identifier: Apache-2.0
"""The forwarder's aggregates, taken apart by AWS's own library (aws-kinesis-agg)."""

import base64
import json
import subprocess

import pytest

from support.kinesis import FakeKinesis
from support.kpl import take_apart
from support.procs import BUILD, ROOT
from support.pypi import environment

HERE = ROOT / "tests/e2e/kinesis-agg"

# A key of several bytes a character, one that JSON escapes, one with an explicit hash key.
KEYS = [("schlüssel-é-漢字", None), ('quote " and \\ and \t', None), ("hashed", "170141183460469231731687303715884105728")]
PER_KEY = 300


@pytest.fixture
def fake():
    made = FakeKinesis()
    yield made
    made.close()


def fill(kafka):
    lines = []
    for number in range(PER_KEY):
        for key, hash_key in KEYS:
            value = bytes([number % 256]) * number
            record = {"key": base64.b64encode(key.encode()).decode(), "value": base64.b64encode(value).decode()}
            if hash_key:
                record["headers"] = {"hash": hash_key}
            lines.append(json.dumps(record))
    subprocess.run([BUILD / "tests/kafka_fill", kafka.bootstrap_servers, "users", "-"], check=True, timeout=60,
                   input="\n".join(lines).encode())


def deaggregate(stored):
    lines = [json.dumps({"partitionKey": key, "data": base64.b64encode(data).decode()}) for key, data, _ in stored]
    done = subprocess.run([environment(HERE / "requirements.txt") / "bin/python", HERE / "deaggregate.py"],
                          input="\n".join(lines).encode(), stdout=subprocess.PIPE, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_awss_library_takes_the_aggregates_apart(services, local_kafka, fake):
    fill(local_kafka)
    forwarder = services("forwarder", {
        "KAFKA_BOOTSTRAP_SERVERS": local_kafka.bootstrap_servers, "KINESIS_STREAM": "users", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": fake.url,
        "FORWARDER_LINGER_MS": "20", "FORWARDER_AGGREGATE_BYTES": "20000", "FORWARDER_HASH_KEY_HEADER": "hash"})
    forwarder.wait_for_event("listening")
    forwarder.wait_for_metric("forwarder_records_confirmed_total", len(KEYS) * PER_KEY, 60)
    records = deaggregate(fake.stored)
    assert [(r["partitionKey"], base64.b64decode(r["data"])) for r in records] == \
        [(key, data) for key, data, _ in take_apart(fake.stored)]
    assert len(fake.stored) < len(records) / 4
    for key, hash_key in KEYS:
        own = [r for r in records if r["partitionKey"] == key]
        assert [base64.b64decode(r["data"]) for r in own] == [bytes([n % 256]) * n for n in range(PER_KEY)]
        assert {r["explicitHashKey"] for r in own if r["aggregated"]} == {hash_key}
        assert {h for k, _, h in fake.stored if k == key} == {hash_key}
