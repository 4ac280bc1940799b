# SPDX-License-Identifier: Apache-2.0
"""The forwarder between the real Apache Kafka and a scripted Kinesis."""

import base64
import datetime
import itertools
import json
import os
import pathlib
import random
import subprocess
import threading
import time

import pytest

from support.fill import fill
from support.kinesis import FakeKinesis, Faults, Oracle
from support.librdkafka import newer_librdkafka
from support.procs import BUILD, wait_until
from support.witness import Sample, Verdict, Witness

COUNT, KEYS, PARTITIONS = 20000, 500, 8
SEED = int(os.environ.get("SEED", "1"))
DOWN_S = float(os.environ.get("DOWN_SECONDS", "65"))
SOAK_S = float(os.environ.get("SOAK_SECONDS", "40"))
numbers = itertools.count(1)


class Lane:
    """A topic with its dead-letter topic, a group and a stream of their own."""

    def __init__(self, services, kafka, fake, **env):
        self.services, self.kafka, self.fake = services, kafka, fake
        self.witnesses = []
        self.topic = f"users-{next(numbers)}"
        self.group = f"group-{self.topic}"
        kafka.create_topic(self.topic, PARTITIONS)
        kafka.create_topic(self.topic + ".dlq", 1, **{"max.message.bytes": 20000000})
        self.env = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KAFKA_TOPIC": self.topic, "KAFKA_GROUP_ID": self.group,
            "KINESIS_STREAM": "users", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": fake.url, "FORWARDER_LINGER_MS": "20",
            "KAFKA_SESSION_TIMEOUT_MS": "6000", "KAFKA_HEARTBEAT_INTERVAL_MS": "500", **env,
        }

    def fill(self, count=COUNT, size=200, keys=KEYS, first=0):
        fill(self.kafka.bootstrap_servers, count, keys, size, first, self.topic)

    def forward(self, **env):
        forwarder = self.services("forwarder", {**self.env, **env})
        forwarder.wait_for_event("listening")
        return forwarder

    def complete(self, count=COUNT, keys=KEYS):
        return Oracle(list(self.fake.stored), count, keys).lost == 0

    def wait_complete(self, count=COUNT, keys=KEYS, timeout=180):
        wait_until(lambda: self.fake.count() >= count and self.complete(count, keys), "all records to arrive", timeout)

    def committed(self):
        """None while the broker cannot be asked."""
        try:
            return self.kafka.committed(self.group, self.topic, PARTITIONS)
        except (AssertionError, subprocess.TimeoutExpired):
            return None

    def watch(self):
        witness = Witness(self.committed, self.fake.count)
        self.witnesses.append(witness)
        return witness

    def verdict(self):
        buried = {(int(letter.headers["source-partition"]), int(letter.headers["source-offset"]))
                  for letter in self.kafka.read(self.topic + ".dlq")}
        return Verdict(self.kafka.read(self.topic), [data for _, data, _ in list(self.fake.stored)], buried)

    def check_commits(self):
        """Every committed offset has only stored or dead-lettered records before it."""
        now = Sample(self.kafka.committed(self.group, self.topic, PARTITIONS), self.fake.count())
        assert self.verdict().unsent(now) == []
        return now.committed


@pytest.fixture
def lane(services, real_kafka):
    made = []

    def make(faults=None, **env):
        made.append(Lane(services, real_kafka, FakeKinesis(faults=faults), **env))
        return made[-1]

    yield make
    for one in made:
        for witness in one.witnesses:
            witness.close()
    services.stop_all()
    for one in made:
        one.fake.close()


def test_everything_arrives_once_in_order_and_is_committed(lane):
    one = lane()
    one.fill()
    forwarder = one.forward()
    metrics = forwarder.wait_for_metric("forwarder_records_confirmed_total", COUNT, 120)
    assert metrics["forwarder_possible_duplicates_total"] == 0
    assert forwarder.stop() == 0
    oracle = Oracle(one.fake.stored, COUNT, KEYS)
    assert (oracle.lost, oracle.duplicates, oracle.inversions) == (0, 0, 0)
    assert sum(one.check_commits()) == COUNT


def test_broker_restarts_while_records_flow(lane, real_kafka):
    one = lane(Faults(SEED, throttled_records=0.01, delay=(0, 0.02)))
    one.fill(COUNT // 2)
    one.forward()
    wait_until(lambda: one.fake.count() > 500, "the first records", 60)
    real_kafka.restart()
    one.fill(COUNT // 2, first=COUNT // 2 // KEYS)
    real_kafka.restart(kill=True)
    one.wait_complete()
    assert Oracle(one.fake.stored, COUNT, KEYS).inversions == 0
    one.check_commits()


def test_a_rebalance_every_few_seconds_with_1_to_4_members(lane):
    one = lane(Faults(SEED, throttled_records=0.01, delay=(0.01, 0.05)), FORWARDER_IN_FLIGHT="2")
    one.fill()
    dice = random.Random(SEED)
    members = [one.forward()]
    for _ in range(8):
        if len(members) < 4 and (len(members) == 1 or dice.random() < 0.5):
            members.append(one.forward())
        else:
            assert members.pop(dice.randrange(len(members))).stop(timeout=60) == 0
        time.sleep(1.5)
    one.wait_complete()
    one.check_commits()


def test_a_partition_goes_at_the_drain_deadline_and_late_answers_commit_nothing(lane):
    """The first member's requests hang while a second one joins, and are answered after the handover."""
    one = lane(DRAIN_TIMEOUT_MS="1000")
    one.fill()
    release = threading.Event()
    one.fake.hook = lambda _: release.wait(25)
    first = one.forward()
    first.wait_for_metric("forwarder_requests_in_flight", 1)
    second = one.forward()
    handed_back = first.wait_for_event("partition handed back", timeout=60)
    assert handed_back["records_left_to_next_owner"] > 0
    second.wait_for_event("partition assigned", timeout=60)
    assert one.fake.count() == 0 and set(one.committed()) <= {-1, 0}
    release.set()
    first.wait_for_metric("forwarder_records_confirmed_total", 1)  # late, of a partition that it no longer owns
    one.check_commits()
    one.wait_complete()
    wait_until(lambda: sum(one.committed()) == COUNT, "everything committed by the owners", 60)
    one.check_commits()
    wait_until(lambda: first.metrics()["forwarder_records_in_flight"] == 0, "nothing in flight", 60)


def test_kill_9_in_a_loop(lane):
    one = lane(Faults(SEED, throttled_records=0.01, delay=(0.01, 0.03)), FORWARDER_IN_FLIGHT="4")
    one.fill()
    dice = random.Random(SEED)
    for _ in range(4):
        forwarder = one.forward()
        before = one.fake.count()
        wait_until(lambda: one.fake.count() > before or one.complete(), "records to arrive", 60)
        time.sleep(dice.uniform(0, 0.7))
        forwarder.kill()
        one.check_commits()
    one.forward()
    one.wait_complete()
    assert Oracle(one.fake.stored, COUNT, KEYS).inversions == 0


def test_poison_is_in_the_dead_letter_topic_as_it_was(lane, real_kafka):
    one = lane()
    value = b"x" * (1536 * 1024)
    line = json.dumps({"key": base64.b64encode(b"big").decode(), "value": base64.b64encode(value).decode(), "partition": 5})
    subprocess.run([BUILD / "tests/kafka_fill", real_kafka.bootstrap_servers, one.topic, "-"], input=line.encode() + b"\n",
                   check=True, timeout=60)
    one.fill(500, keys=500)
    forwarder = one.forward()
    forwarder.wait_for_metric("forwarder_records_confirmed_total", 500, 60)
    forwarder.wait_for_metric(("forwarder_records_dead_lettered_total", "too-large"), 1)
    assert forwarder.stop() == 0
    (letter,) = real_kafka.read(one.topic + ".dlq")
    assert (letter.key, letter.value) == ("big", value)
    headers = letter.headers
    assert headers["error-reason"] == "too-large"
    assert (headers["source-topic"], headers["source-partition"]) == (one.topic, "5")
    assert int(headers["source-timestamp"]) > 0
    assert sum(one.check_commits()) == 501


def resident_mib(pid, name="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name)) / 1024


def test_one_gigabyte_waits_while_kinesis_is_down(lane, real_kafka):
    """Resident memory stays at or under 64 MiB (by the shipped binary) and does not grow; the member is never evicted."""
    one = lane(KAFKA_MAX_POLL_INTERVAL_MS="10000", FORWARDER_REQUEST_TIMEOUT_MS="2000")
    one.fill(1000, keys=1000)
    one.fill(1_000_000, size=1024, keys=5000)
    release = BUILD.parent / "release" / "forwarder"
    forwarder = one.services(str(release), one.env)
    forwarder.wait_for_event("listening")
    forwarder.wait_for_metric("forwarder_records_confirmed_total", 1000, 60)
    group = real_kafka.members(one.group)
    assert group[0] == "Stable" and len(group[1]) == 1
    one.fake.down = True
    resident = []
    until = time.monotonic() + DOWN_S
    while time.monotonic() < until:
        assert forwarder.running()
        resident.append(resident_mib(forwarder.pid))
        assert resident[-1] <= 64
        time.sleep(0.5)
    half = resident[len(resident) // 2:]
    print(f"resident memory over {DOWN_S:.0f} s: {resident[0]:.1f} to {max(resident):.1f} MiB, "
          f"second half {min(half):.1f} to {max(half):.1f}")
    assert max(half) - min(half) <= 2, "memory grows while Kinesis is down"
    metrics = forwarder.metrics()
    assert metrics["forwarder_rebalanced_partitions_total", "revoked"] == 0
    assert metrics["forwarder_rebalanced_partitions_total", "lost"] == 0
    assert metrics["forwarder_rebalanced_partitions_total", "assigned"] == PARTITIONS
    assert metrics["forwarder_partitions_assigned"] == PARTITIONS
    assert real_kafka.members(one.group) == group
    confirmed = metrics["forwarder_records_confirmed_total"]
    one.fake.down = False
    forwarder.wait_for_metric("forwarder_records_confirmed_total", confirmed + 5000, 60)
    peak = resident_mib(forwarder.pid, "VmHWM")
    print(f"peak resident memory {peak:.1f} MiB")
    assert peak <= 64
    forwarder.kill()


def test_static_membership_over_sasl_and_tls(lane, real_kafka):
    one = lane(KAFKA_GROUP_INSTANCE_ID="forwarder-0", KAFKA_BOOTSTRAP_SERVERS=real_kafka.secure_servers,
               KAFKA_SECURITY_PROTOCOL="SASL_SSL", KAFKA_SASL_MECHANISMS="PLAIN", KAFKA_SASL_USERNAME="forwarder",
               KAFKA_SASL_PASSWORD="forwarder-secret", KAFKA_SSL_CA_LOCATION=real_kafka.ca)
    one.fill(2000, keys=KEYS)
    forwarder = one.forward()
    forwarder.wait_for_metric("forwarder_records_confirmed_total", 2000, 60)
    assert forwarder.stop() == 0
    again = one.forward()
    again.wait_for_event("partition assigned")
    assert again.stop() == 0
    assert "forwarder-secret" not in "\n".join(forwarder.lines)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_scram_over_tls(lane, real_kafka, mechanism):
    """With Debian 13's librdkafka: before 2.6.1 its client proves a wrong nonce, which Kafka 4 refuses."""
    one = lane(KAFKA_BOOTSTRAP_SERVERS=real_kafka.secure_servers, KAFKA_SECURITY_PROTOCOL="SASL_SSL",
               KAFKA_SASL_MECHANISMS=mechanism, KAFKA_SASL_USERNAME="forwarder", KAFKA_SSL_CA_LOCATION=real_kafka.ca,
               LD_LIBRARY_PATH=newer_librdkafka())
    one.fill(2000)
    stranger = one.forward(KAFKA_SASL_PASSWORD="wrong")
    refused = stranger.wait_for_event("kafka client")
    assert "invalid credentials" in refused["message"]
    stranger.kill()
    forwarder = one.forward(KAFKA_SASL_PASSWORD="forwarder-secret")
    forwarder.wait_for_metric("forwarder_records_confirmed_total", 2000, 60)
    assert forwarder.stop() == 0
    assert "forwarder-secret" not in "\n".join(forwarder.lines)
    one.check_commits()


class Soak:
    """The members of a group, and what explains duplicates: what they counted, and restarts."""

    def __init__(self, one):
        self.one = one
        self.members = []
        self.retired = []
        self.kills = []  # begin and end
        self.witness = one.watch()
        self.counted = 0  # possible duplicates, by the metrics of members that have ended

    def join(self):
        self.members.append(self.one.forward())

    def retire(self, end):
        """Ends the oldest member. What it sends between its last metrics and its end may be counted, too."""
        member = self.members.pop(0)
        self.retired.append(member)
        before = len(self.one.fake.requests)
        self.counted += member.metrics()["forwarder_possible_duplicates_total"]
        end(member)
        self.counted += sum(self.one.fake.requests[before:])

    def kill(self):
        begin = time.time()
        self.retire(lambda member: member.kill())
        time.sleep(0.3)  # the stream stores what was on its way
        self.kills.append((begin, time.time()))

    def possible(self):
        return self.counted + sum(member.metrics()["forwarder_possible_duplicates_total"] for member in self.members)

    def repeated(self, verdict):
        """The most records that went to a new owner although they were stored: at kills, and where a log line says so."""
        count = sum(verdict.uncommitted(self.witness.around(*kill)) for kill in self.kills)
        for event in [event for member in self.members + self.retired for event in member.events]:
            at = datetime.datetime.fromisoformat(event["ts"].replace("Z", "+00:00")).timestamp()
            if event["event"].startswith("partition lost"):
                count += event["records_in_hand"]
                count += verdict.uncommitted(self.witness.around(at, at + 0.3), event["partition"])
            elif event["event"].startswith("the last commit failed"):
                count += verdict.uncommitted(self.witness.around(at, at + 0.3))
        return count


def test_soak_everything_at_once(lane, real_kafka):
    print(f"repeat with SEED={SEED} SOAK_SECONDS={SOAK_S:.0f}")
    dice = random.Random(SEED)
    one = lane(Faults(SEED, throttled_records=0.02, failed_records=0.005, error_rate=0.05, reset_before=0.02, reset_after=0.02,
                      truncated=0.01, malformed=0.01, delay=(0, 0.03)), FORWARDER_IN_FLIGHT="4",
               FORWARDER_REQUEST_TIMEOUT_MS="2000")
    soak = Soak(one)
    soak.join()
    until = time.monotonic() + SOAK_S
    rounds = 0
    while time.monotonic() < until:
        one.fill(KEYS * 4, first=rounds * 4)
        rounds += 1
        event = dice.choice(["member", "kill", "term", "down", "broker"])
        if event == "member" and len(soak.members) < 4:
            soak.join()
        elif event == "kill":
            soak.kill()
            soak.join()
        elif event == "term" and len(soak.members) > 1:
            soak.retire(lambda member: member.stop(timeout=60))
        elif event == "down":
            one.fake.down = True
            time.sleep(dice.uniform(0.5, 3))
            one.fake.down = False
        elif event == "broker":
            real_kafka.restart(kill=dice.random() < 0.5)
        time.sleep(dice.uniform(0.2, 2))
    count = rounds * KEYS * 4
    one.wait_complete(count)
    wait_until(lambda: sum(one.committed() or [0]) == count, "everything committed", 60)
    soak.witness.close()
    verdict = one.verdict()
    assert len(soak.witness.samples) > SOAK_S / 4, "commits were hardly looked at"
    for sample in soak.witness.samples:
        assert verdict.unsent(sample) == []
    oracle = Oracle(one.fake.stored, count, KEYS)
    repeated, possible, unknown = soak.repeated(verdict), soak.possible(), one.fake.unknown_records
    print(f"{count} records, {oracle.duplicates} duplicates: at most {unknown} by answers that were lost ({possible:.0f} "
          f"counted), {repeated:.0f} by restarts; {len(soak.witness.samples)} samples of commits")
    assert oracle.lost == 0
    assert oracle.duplicates <= unknown + repeated
    assert unknown <= possible + repeated, "a possible duplicate was not counted"
