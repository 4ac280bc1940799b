# SPDX-License-Identifier: Apache-2.0
"""The fetcher between the local generator and the real Apache Kafka, which is stopped and killed at work."""

import itertools
import pathlib
import random
import subprocess
import time

import pytest

from support.procs import BUILD, ROOT, wait_until

PARTITIONS = 8
numbers = itertools.count(1)


class Lane:
    """A topic with its dead-letter topic, and fetchers that fill it."""

    def __init__(self, services, kafka, randomuser):
        self.services, self.kafka = services, kafka
        self.topic = f"fetched-{next(numbers)}"
        kafka.create_topic(self.topic, PARTITIONS)
        kafka.create_topic(self.topic + ".dlq", 1)
        self.env = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "KAFKA_TOPIC": self.topic, "FETCHER_URL": randomuser.api,
            "FETCHER_SEED": "s", "FETCHER_RESULTS": "500", "FETCHER_RATE": "0", "FETCHER_QUOTA": "1000000/1",
        }

    def fetch(self, binary="fetcher", **env):
        fetcher = self.services(binary, {**self.env, **env})
        fetcher.wait_for_event("listening")
        return fetcher

    def records(self):
        return self.kafka.read(self.topic)


def place(record):
    """(page, index) of a record's key."""
    seed, page, index = record.key.split(":")
    assert seed == "s"
    return int(page), int(index)


def places(count, results):
    return {(1 + number // results, number % results) for number in range(count)}


def check_once_and_in_order(records, count, results=500):
    found = [place(record) for record in records]
    assert len(found) == len(set(found)), "a user is there twice"
    assert set(found) == places(count, results)
    for partition in range(PARTITIONS):
        mine = [place(record) for record in records if record.partition == partition]
        assert mine == sorted(mine), f"partition {partition} is out of order"


@pytest.fixture
def lane(services, real_kafka, local_randomuser):
    return Lane(services, real_kafka, local_randomuser)


def test_a_broker_that_restarts_and_is_killed_at_work_gets_every_user_once_and_in_order(lane, real_kafka):
    fetcher = lane.fetch(FETCHER_LIMIT="25000", FETCHER_RATE="3000")
    fetcher.wait_for_metric("fetcher_users_published_total", 3000, 60)
    real_kafka.restart()
    before = fetcher.metrics()["fetcher_users_published_total"]
    fetcher.wait_for_metric("fetcher_users_published_total", before + 3000, 60)
    real_kafka.restart(kill=True)
    assert fetcher.wait(120) == 0
    end = fetcher.events[-1]
    assert (end["published"], end["dead_lettered"], end["not_sent"], end["not_confirmed"]) == (25000, 0, 0, 0)
    check_once_and_in_order(lane.records(), 25000)


def test_after_kill_9_the_pages_that_are_not_whole_are_fetched_again(lane):
    """What Kafka holds says where to go on; only users of pages that were under way come twice, and are the same."""
    dice = random.Random(1)
    count, results, first = 40000, 500, 1
    for _ in range(4):
        fetcher = lane.fetch(FETCHER_RATE="4000", FETCHER_PAGE=first)
        fetcher.wait_for_metric("fetcher_users_published_total", 1, 60)
        time.sleep(dice.uniform(0, 0.5))
        fetcher.kill()
        found = {place(record) for record in lane.records()}
        first = min(page for page, _ in places(count, results) - found)
    last = lane.fetch(FETCHER_PAGE=first, FETCHER_LIMIT=count - (first - 1) * results)
    assert last.wait(60) == 0
    values = {}
    for record in lane.records():
        values.setdefault(place(record), set()).add(record.value)
    assert places(count, results) <= set(values)
    assert all(len(different) == 1 for different in values.values())


def test_kill_9_of_broker_and_fetcher_at_once(lane, real_kafka):
    fetcher = lane.fetch(FETCHER_RATE="4000")
    fetcher.wait_for_metric("fetcher_users_published_total", 2000, 60)
    real_kafka.stop(kill=True)
    fetcher.kill()
    real_kafka.start()
    found = {place(record) for record in lane.records()}
    first = min(page for page, _ in places(40000, 500) - found)
    again = lane.fetch(FETCHER_PAGE=first, FETCHER_LIMIT=40000 - (first - 1) * 500)
    assert again.wait(60) == 0
    assert places(40000, 500) <= {place(record) for record in lane.records()}


def test_sigterm_while_the_broker_is_away_says_where_to_go_on_and_the_next_run_completes_it(lane, real_kafka):
    fetcher = lane.fetch(FETCHER_RATE="1000", DRAIN_TIMEOUT_MS="500")
    fetcher.wait_for_metric("fetcher_users_published_total", 1200, 60)
    real_kafka.stop()
    fetcher.wait_for_metric("fetcher_kafka_in_flight", 500, 60)
    assert fetcher.stop(timeout=60) == 1
    end = fetcher.events[-1]
    assert end["seed"] == "s" and end["not_confirmed"] > 0
    real_kafka.start()
    done = (end["next_page"] - 1) * 500 + end["next_index"]
    again = lane.fetch(FETCHER_PAGE=end["next_page"], FETCHER_INDEX=end["next_index"], FETCHER_LIMIT=5000 - done)
    assert again.wait(60) == 0
    assert {place(record) for record in lane.records()} == places(5000, 500)


def test_a_missing_topic_is_a_clear_error_and_one_that_comes_in_time_is_none(lane, real_kafka):
    name = f"fetched-{next(numbers)}"
    fetcher = lane.fetch(KAFKA_TOPIC=name, FETCHER_TOPIC_TIMEOUT_MS="500")
    assert fetcher.wait(60) == 1
    assert name in fetcher.find_event("a topic is missing, giving up")["error"]
    fetcher = lane.fetch(KAFKA_TOPIC=name, FETCHER_TOPIC_TIMEOUT_MS="120000", FETCHER_LIMIT="500")
    fetcher.wait_for_event("a topic is missing, looking again", 60)
    real_kafka.create_topic(name, 1)
    real_kafka.create_topic(name + ".dlq", 1)
    assert fetcher.wait(60) == 0
    assert len(real_kafka.read(name)) == 500


def test_keys_go_to_the_partitions_that_kafkas_own_producer_chooses(lane, real_kafka):
    assert lane.fetch(FETCHER_LIMIT="1000", FETCHER_SEED="a-Seed_of.its~2").wait(60) == 0
    ours = {record.key: record.partition for record in lane.records()}
    assert len(ours) == 1000 and len(set(ours.values())) == PARTITIONS
    theirs_topic = lane.topic + ".java"
    real_kafka.create_topic(theirs_topic, PARTITIONS)
    lines = "".join(f"{key}\tx\n" for key in ours)
    run = subprocess.run(
        [ROOT / "tools/kafka", "run", real_kafka.directory, "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server",
         real_kafka.bootstrap_servers, "--topic", theirs_topic, "--reader-property", "parse.key=true"],
        input=lines, text=True, capture_output=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert {record.key: record.partition for record in real_kafka.read(theirs_topic)} == ours


def memory_mib(pid, name):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name)) / 1024


def test_while_the_broker_is_away_fetching_is_held_memory_is_bounded_and_nothing_is_dropped(lane, real_kafka):
    """By the shipped binary, with the largest pages: 40 MiB resident at most."""
    fetcher = lane.fetch(str(BUILD.parent / "release" / "fetcher"), FETCHER_RESULTS="5000", FETCHER_LIMIT="200000")
    fetcher.wait_for_metric("fetcher_users_published_total", 1, 60)
    real_kafka.stop(kill=True)
    fetcher.wait_for_metric("fetcher_kafka_queue_full_total", 1, 60)

    def state():
        metrics = fetcher.metrics()
        return [metrics[name] for name in ("fetcher_users_fetched_total", "fetcher_users_waiting", "fetcher_kafka_in_flight")]

    def is_held():
        before = state()
        time.sleep(0.5)
        return before[1] > 0 and before == state()

    wait_until(is_held, "the fetching to be held", 60)
    held = state()[0]
    until = time.monotonic() + 8
    while time.monotonic() < until:
        assert fetcher.running()
        assert fetcher.metrics()["fetcher_users_fetched_total"] == held < 200000
        time.sleep(0.5)
    real_kafka.start()
    wait_until(lambda: fetcher.metrics()["fetcher_users_fetched_total"] > held, "the fetching to go on", 60)
    fetcher.wait_for_metric("fetcher_users_published_total", 150000, 120)
    peak = memory_mib(fetcher.pid, "VmHWM")
    print(f"peak resident memory {peak:.1f} MiB")
    assert peak <= 40
    assert fetcher.wait(120) == 0
    check_once_and_in_order(lane.records(), 200000, 5000)
