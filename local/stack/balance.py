# SPDX-License-Identifier: Apache-2.0
"""The counters from end to end, and whether they agree. Pure: takes numbers, returns rows and verdicts."""

import dataclasses

from .parts import DELIVERY_STREAM, STREAM


@dataclasses.dataclass
class Counts:
    fetched: int = 0
    published: int = 0  # confirmed by Kafka
    fetcher_dead: dict = dataclasses.field(default_factory=dict)  # reason: count
    consumed: int = 0
    confirmed: int = 0  # by Kinesis, as the forwarder saw it
    forwarder_dead: dict = dataclasses.field(default_factory=dict)
    in_flight: int = 0
    kinesis: int = 0  # as the stream has them
    read: int = 0
    failed: dict = dataclasses.field(default_factory=dict)
    matched: int = 0
    put: int = 0  # confirmed by Firehose, as analytics saw it
    firehose: int = 0  # as the delivery stream has them
    delivered: int = 0
    transform_failed: int = 0
    buffered: int = 0
    lines: int = 0  # in the files; counted at the end only


def total(metrics, name):
    return int(sum(value for key, value in metrics.items() if key == name or key[0] == name))


def by_label(metrics, name):
    return {key[1]: int(value) for key, value in metrics.items() if key[0] == name and value}


def collect(metrics):
    """Counts from each process's metrics: {"fetcher": {...}, ...}."""
    fetcher, forwarder = metrics.get("fetcher", {}), metrics.get("forwarder", {})
    analytics, aws = metrics.get("analytics", {}), metrics.get("local-aws", {})

    def of_aws(name, label):
        return int(aws.get((name, label), 0))

    return Counts(
        fetched=total(fetcher, "fetcher_users_fetched_total"),
        published=total(fetcher, "fetcher_users_published_total"),
        fetcher_dead=by_label(fetcher, "fetcher_users_dead_lettered_total"),
        consumed=total(forwarder, "forwarder_records_consumed_total"),
        confirmed=total(forwarder, "forwarder_records_confirmed_total"),
        forwarder_dead=by_label(forwarder, "forwarder_records_dead_lettered_total"),
        in_flight=total(forwarder, "forwarder_records_in_flight"),
        kinesis=of_aws("local_aws_kinesis_records_total", STREAM),
        read=total(analytics, "analytics_records_read_total"),
        failed=by_label(analytics, "analytics_records_failed_total"),
        matched=total(analytics, "analytics_rows_matched_total"),
        put=total(analytics, "analytics_rows_delivered_total"),
        firehose=of_aws("local_aws_firehose_records_total", DELIVERY_STREAM),
        delivered=of_aws("local_aws_firehose_delivered_records_total", DELIVERY_STREAM),
        transform_failed=of_aws("local_aws_firehose_failed_records_total", DELIVERY_STREAM),
        buffered=of_aws("local_aws_firehose_buffered_records", DELIVERY_STREAM),
    )


def complete(counts, end):
    """Brings the fetcher's counts up to date with the last line of its log."""
    if not end:
        return
    counts.published = int(end["published"])
    unnamed = int(end["dead_lettered"]) - sum(counts.fetcher_dead.values())
    if unnamed > 0:
        counts.fetcher_dead["(reasons are in the log)"] = unnamed
    left = int(end.get("not_sent", 0)) + int(end.get("not_confirmed", 0))
    counts.fetched = counts.published + int(end["dead_lettered"]) + left


def finished(counts, users):
    """All users have gone as far as they go, and nothing is under way."""
    return (
        counts.fetched >= users
        and counts.fetched == counts.published + sum(counts.fetcher_dead.values())
        and counts.consumed == counts.confirmed + sum(counts.forwarder_dead.values()) >= counts.published
        and counts.in_flight == 0
        and counts.read >= counts.kinesis >= counts.confirmed
        and counts.put >= counts.matched
        and counts.delivered + counts.transform_failed >= counts.firehose >= counts.put
        and counts.buffered == 0
    )


def stages(counts):
    """Stage and count, as the live view shows them."""
    return (
        ("fetched from the API", counts.fetched),
        ("in Kafka", counts.published),
        ("in Kinesis", counts.kinesis),
        ("seen by the SQL", counts.read),
        ("matched by the SQL", counts.matched),
        ("lines in S3", counts.delivered),
    )


def stalled_at(counts, users):
    """Which step has work and does not do it, for a person."""
    fetcher_out = counts.published + sum(counts.fetcher_dead.values())
    forwarder_out = counts.confirmed + sum(counts.forwarder_dead.values())
    steps = (
        ("fetcher", counts.fetched < users, f"fetched {counts.fetched} of {users} users from the API"),
        ("fetcher", fetcher_out < counts.fetched, f"Kafka confirmed {fetcher_out} of {counts.fetched} users"),
        ("forwarder", counts.consumed < counts.published, f"read {counts.consumed} of {counts.published} records"),
        ("forwarder", forwarder_out < counts.consumed, f"Kinesis confirmed {forwarder_out} of {counts.consumed}"),
        ("analytics", counts.read < counts.kinesis, f"read {counts.read} of {counts.kinesis} records"),
        ("analytics", counts.put < counts.matched, f"Firehose confirmed {counts.put} of {counts.matched} rows"),
        ("local-aws", True, f"delivered {counts.delivered} of {counts.firehose} records to S3"),
    )
    return next((name, text) for name, behind, text in steps if behind)


@dataclasses.dataclass
class Check:
    text: str
    left: int
    right: int

    @property
    def holds(self):
        return self.left == self.right


def checks(counts):
    """The equations of the balance. What was set aside is part of them, by its reason."""
    fetcher_dead, forwarder_dead = sum(counts.fetcher_dead.values()), sum(counts.forwarder_dead.values())
    return (
        Check("fetched = in Kafka + dead-lettered by the fetcher", counts.fetched, counts.published + fetcher_dead),
        Check("in Kafka = read by the forwarder", counts.published, counts.consumed),
        Check("read = confirmed by Kinesis + dead-lettered", counts.consumed, counts.confirmed + forwarder_dead),
        Check("confirmed by Kinesis = in the stream", counts.confirmed, counts.kinesis),
        Check("in the stream = seen by the SQL", counts.kinesis, counts.read),
        Check("matched = confirmed by Firehose", counts.matched, counts.put),
        Check("confirmed by Firehose = delivered + failed in the transform", counts.put,
              counts.delivered + counts.transform_failed),
        Check("delivered = lines in S3", counts.delivered, counts.lines),
    )


def set_aside(counts):
    """What did not go the whole way, with its reason: lines for the summary."""
    lines = [f"{count} dead-lettered by the fetcher: {reason}" for reason, count in counts.fetcher_dead.items()]
    lines += [f"{count} dead-lettered by the forwarder: {reason}" for reason, count in counts.forwarder_dead.items()]
    lines += [f"{count} not readable for the SQL: {reason}" for reason, count in counts.failed.items()]
    if counts.transform_failed:
        lines.append(f"{counts.transform_failed} failed in the transform: see processing-failed/ in the bucket")
    return lines
