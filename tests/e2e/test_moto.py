# SPDX-License-Identifier: Apache-2.0
"""Signatures of the real binaries, judged by the moto server, which verifies them with botocore."""

import subprocess

import pytest

from support.moto import REGION, Moto
from support.procs import BUILD


@pytest.fixture(scope="module")
def moto():
    server = Moto()
    yield server
    server.close()


def environment(kafka, moto, keys):
    return {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KINESIS_STREAM": "users", "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": moto.url, "FORWARDER_LINGER_MS": "20", **keys}


@pytest.mark.parametrize("who", ["user", "role"])
def test_records_of_the_forwarder_are_accepted(services, local_kafka, moto, who):
    before = len(moto.records())
    subprocess.run([BUILD / "tests/kafka_fill", local_kafka.bootstrap_servers, "users", "1000", "300", "100"], check=True,
                   timeout=60)
    forwarder = services("forwarder", environment(local_kafka, moto, getattr(moto, who)))
    forwarder.wait_for_event("listening")
    metrics = forwarder.wait_for_metric("forwarder_records_confirmed_total", 1000, 60)
    assert metrics["forwarder_requests_total", "refused"] == 0
    assert len(moto.records()) == before + 1000


@pytest.mark.parametrize("change", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"])
def test_wrong_keys_are_refused(services, local_kafka, moto, change):
    before = len(moto.records())
    subprocess.run([BUILD / "tests/kafka_fill", local_kafka.bootstrap_servers, "users", "10", "300", "10"], check=True,
                   timeout=60)
    keys = dict(moto.role, **{change: "AKIAWRONGWRONGWRONGW"})
    forwarder = services("forwarder", environment(local_kafka, moto, keys) | {"DRAIN_TIMEOUT_MS": "500"})
    refused = forwarder.wait_for_event("cannot describe the stream; trying again", timeout=60)
    assert "403" in refused["error"] or "SignatureDoesNotMatch" in refused["error"] or "InvalidClientTokenId" in refused["error"]
    assert len(moto.records()) == before
    assert moto.role["AWS_SECRET_ACCESS_KEY"] not in "\n".join(forwarder.lines)
