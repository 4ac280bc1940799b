# SPDX-License-Identifier: Apache-2.0
"""Whether everything that was fetched has arrived: from the fetchers' last words over Kafka's offsets and the stream to
the lines in S3, by readers that share no code with the pipeline.

A Ledger belongs to one Stack and is asked after each fault. It stops the fetchers, waits until all has gone as far as
it goes, and compares:

- each fetcher's users are in Kafka, once, without a gap; no two fetchers had the same ones
- the forwarders' group has committed all of Kafka
- every Kafka record is in the stream, unchanged; one that is there twice is explained
- every user that the SQL selects is a line in S3; a line too many is explained
"""

import collections
import dataclasses
import json
import subprocess

import boto3

from support.compose import DEADLINE_S
from support.kafka import read_topic
from support.lines import expected_lines
from support.procs import BUILD, wait_until

TOPIC, GROUP, STREAM = "users", "userstream-forwarder", "users"
PUT_RECORD_BATCH_MAX = 500
COUNTERS = {"forwarder": "forwarder_possible_duplicates_total", "analytics": "analytics_rows_resent_total"}


@dataclasses.dataclass
class Counts:
    users: int
    duplicates_in_stream: int
    lines: int
    duplicate_lines: int

    def __str__(self):
        return (f"{self.users} users fetched, all in Kafka and in Kinesis ({self.duplicates_in_stream} twice there), "
                f"{self.lines} lines in S3 ({self.duplicate_lines} twice)")


class Ledger:
    def __init__(self, stack, partitions, results):
        self.stack = stack
        self.partitions = partitions
        self.results = results  # users per page
        self.kinesis = boto3.client("kinesis", region_name="us-east-1", endpoint_url=stack.aws_url,
                                    aws_access_key_id="local", aws_secret_access_key="local-secret")
        self.positions = {}  # shard: the last sequence number read
        self.stream = collections.Counter()  # Kafka key: times in the stream
        self.data = {}
        self.published = {}  # seed: users confirmed by Kafka, or None after a kill
        self.uncertain = collections.Counter()  # container and its start: what its counters admit
        self.line_excess = 0

    # --- reading ------------------------------------------------------------------------------------------

    def committed(self):
        """Committed offset of each partition; 0 where there is none yet."""
        done = subprocess.run([BUILD / "tests/kafka_admin", self.stack.bootstrap_servers, "committed", GROUP, TOPIC,
                               str(self.partitions)], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return [max(offset, 0) for offset in json.loads(done.stdout)]

    def read_stream(self):
        """Takes up what is new in the stream."""
        for shard in self.kinesis.list_shards(StreamName=STREAM)["Shards"]:
            shard = shard["ShardId"]
            place = {"ShardIteratorType": "TRIM_HORIZON"}
            if shard in self.positions:
                place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self.positions[shard]}
            iterator = self.kinesis.get_shard_iterator(StreamName=STREAM, ShardId=shard, **place)["ShardIterator"]
            while True:
                answer = self.kinesis.get_records(ShardIterator=iterator, Limit=5000)
                for record in answer["Records"]:
                    key = record["PartitionKey"]
                    assert self.data.setdefault(key, record["Data"]) == record["Data"], f"{key} has changed"
                    self.stream[key] += 1
                    self.positions[shard] = record["SequenceNumber"]
                iterator = answer["NextShardIterator"]
                if not answer["Records"] and not answer["MillisBehindLatest"]:
                    break

    def read_fetchers(self):
        """What each run of each fetcher said last; a run without a last line was killed."""
        for container in self.stack.containers("fetcher"):
            seed = None
            for event in container.events():
                if event["event"] == "fetching":
                    seed = event["seed"]
                    self.published.setdefault(seed, None)
                elif event["event"].startswith("stopped"):
                    assert event["seed"] == seed
                    assert event["dead_lettered"] == 0 and event["not_confirmed"] == 0, event
                    self.published[seed] = event["published"]

    def read_counters(self):
        """What the services admit to have sent again because nobody knew better; a restart begins a new count."""
        for service, name in COUNTERS.items():
            for container in self.stack.containers(service):
                if container.state["Status"] == "running":
                    self.uncertain[service, container.id, container.state["StartedAt"]] = container.metrics().sum(name)

    def admitted(self):
        return {service: sum(value for key, value in self.uncertain.items() if key[0] == service) for service in COUNTERS}

    # --- comparing ----------------------------------------------------------------------------------------

    def check_fetchers(self, records):
        """Kafka against the fetchers' own counts."""
        places = collections.defaultdict(list)
        for record in records:
            seed, page, index = record.key.rsplit(":", 2)
            places[seed].append((int(page) - 1) * self.results + int(index))
        assert set(places) <= set(self.published), "a seed of nobody"
        for seed, count in self.published.items():
            found = sorted(places[seed])
            assert len(set(found)) == len(found), f"{seed}: a user twice in Kafka"
            if count is not None:
                assert len(found) == count, f"{seed}: {count} published, {len(found)} in Kafka"
                assert found == list(range(count)), f"{seed}: a gap"
        values = collections.Counter(record.value for record in records)
        assert max(values.values(), default=1) == 1, "two fetchers had the same user"

    def quiet(self, ends):
        """All is committed, every partition has its owner, and no forwarder has anything left to send."""
        metrics = [container.metrics() for container in self.stack.containers("forwarder")]
        return (self.committed() == ends
                and sum(each.sum("forwarder_partitions_assigned") for each in metrics) == self.partitions
                and not any(each.sum("forwarder_records_in_flight") or each.sum("forwarder_lag_records") for each in metrics))

    def check_stream(self, records, before, floor, admitted):
        """Every record is there; a further copy is admitted by a counter, or lies behind what was committed when a
        forwarder was killed (`floor`)."""
        for record in records:
            assert self.data[record.key] == record.value, f"{record.key} has changed on the way"
        again = [record for record in records if self.stream[record.key] > max(before[record.key], 1)]
        copies = sum(self.stream[record.key] - max(before[record.key], 1) for record in again)
        if floor is None:
            assert copies <= admitted, f"{copies} duplicates in the stream, {admitted} admitted by the counters"
        else:
            strange = [record for record in again if record.offset < floor[record.partition]]
            assert not strange, f"sent again though committed: {strange[:5]}"
        assert set(self.stream) <= {record.key for record in records}, "the stream has what Kafka has not"

    def check_lines(self, records, rows_in_doubt):
        """Returns lines and lines too many. Copies in the stream give copies in S3; beyond them only rows in doubt."""
        users = {record.key: json.loads(record.value) for record in records}
        expected = expected_lines(users.values())
        copies = expected_lines(users[key] for key, times in self.stream.items() for _ in range(times))

        def complete():
            found = collections.Counter(self.stack.lines())
            metrics = self.stack.container("aws").metrics()
            return not copies - found and not metrics.sum("local_aws_firehose_buffered_records") and found

        found = wait_until(complete, "all lines to be in S3", DEADLINE_S)
        assert set(found) == set(expected), "a line of nobody"
        excess = (found - copies).total()
        assert excess - self.line_excess <= rows_in_doubt, f"{excess - self.line_excess} lines twice"
        self.line_excess = excess
        return found.total(), (found - expected).total()

    def settle(self, floor=None, killed=()):
        """Everything has arrived, or an AssertionError says what has not. The fetchers go on afterwards. `killed`:
        services that ended without a word, so that their counters are gone."""
        self.stack.compose("stop", "fetcher")
        try:
            self.read_fetchers()
            return self.compare(floor, killed)
        finally:
            self.stack.docker("start", *(container.id for container in self.stack.containers("fetcher")))

    def compare(self, floor, killed):
        records = read_topic(self.stack.bootstrap_servers, TOPIC, timeout=120)
        self.check_fetchers(records)
        assert read_topic(self.stack.bootstrap_servers, f"{TOPIC}.dlq", timeout=120) == []
        ends = [sum(record.partition == partition for record in records) for partition in range(self.partitions)]
        wait_until(lambda: self.quiet(ends), f"the group to commit {ends}", DEADLINE_S)
        before, admitted_before = self.stream.copy(), self.admitted()
        wait_until(lambda: self.read_stream() or len(self.stream) >= len(records), "the stream to have all", DEADLINE_S)
        self.read_counters()
        admitted = {service: count - admitted_before[service] for service, count in self.admitted().items()}
        self.check_stream(records, before, floor, admitted["forwarder"])
        in_doubt = admitted["analytics"]
        if {"analytics", "aws"} & set(killed):
            in_doubt += PUT_RECORD_BATCH_MAX * len(self.positions)
        lines, twice = self.check_lines(records, in_doubt)
        return Counts(len(records), self.stream.total() - len(records), lines, twice)
