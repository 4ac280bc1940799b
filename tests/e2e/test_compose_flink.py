# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml's profile `flink`: job manager and task manager in place of analytics, the same lines in S3."""

import collections
import json
import subprocess

import pytest

from support.compose import Stack
from support.kafka import read_topic
from support.lines import expected_lines
from support.procs import ROOT, wait_until

START_S = 300
MEMORY_CEILING = int(1.8 * 1024 ** 3)
FLINK = ("flink-jobmanager", "flink-taskmanager")


@pytest.fixture
def stack(images, tmp_path):
    subprocess.run([ROOT / "tools/flink", "build"], stdout=subprocess.DEVNULL, check=True)
    stack = Stack(images, tmp_path, ANALYTICS=0, COMPOSE_PROFILES="flink", FETCHER_RATE=50, FIREHOSE_BUFFER_INTERVAL_MS=1000)
    try:
        stack.compose("up", "-d", "--no-build", timeout=600)
        yield stack
    finally:
        stack.down()


def test_flink_delivers_what_analytics_would(stack, record_property):
    assert not stack.containers("analytics")
    wait_until(stack.lines, "the first line in S3, by Flink", START_S)
    stack.compose("stop", "fetcher")
    users = [json.loads(record.value) for record in read_topic(stack.bootstrap_servers, "users")]
    expected = expected_lines(users)
    wait_until(lambda: len(stack.lines()) >= expected.total(), f"{expected.total()} lines in S3", START_S)
    assert collections.Counter(stack.lines()) == expected
    limits = [container.facts["HostConfig"]["Memory"] for container in stack.containers(*FLINK)]
    assert len(limits) == 2 and sum(limits) <= MEMORY_CEILING
    assert all(container.state["Status"] == "running" for container in stack.containers(*FLINK))
    record_property("counts", f"{expected.total()} of {len(users)} users")
