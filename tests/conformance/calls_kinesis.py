# SPDX-License-Identifier: Apache-2.0
"""Kinesis Data Streams, by docs.aws.amazon.com/kinesis/latest/APIReference."""

import datetime
import functools

from table import Scenario, absent, call, length, number, present, saved

kinesis = functools.partial(call, "kinesis")
ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/one"
FIRST = "shardId-000000000000"
SECOND = "shardId-000000000001"
TOP = str(2**128 - 1)
MIDDLE = str(2**127)
KIB = 1024


def create(name="one", shards=1, **more):
    return kinesis("CreateStream", {"StreamName": name, "ShardCount": shards, **more})


def active(name="one"):
    return kinesis("DescribeStreamSummary", {"StreamName": name},
                   {"StreamDescriptionSummary.StreamStatus": "ACTIVE"}, until=True)


def put(data=b"x", key="k", name="one", **more):
    return {"StreamName": name, "Data": data, "PartitionKey": key, **more}


def put_all(records, name="one"):
    return {"StreamName": name, "Records": records}


def record(data=b"x", key="k", **more):
    return {"Data": data, "PartitionKey": key, **more}


def iterator(kind="TRIM_HORIZON", shard=FIRST, save="it", **more):
    return kinesis("GetShardIterator", {"StreamName": "one", "ShardId": shard, "ShardIteratorType": kind, **more},
                   {"ShardIterator": present}, save=save)


def read(expect, name="it", save=None, **more):
    return kinesis("GetRecords", {"ShardIterator": saved(f"{name}.{'Next' if name != 'it' else ''}ShardIterator"),
                                  **more}, expect, save=save)


START = [create(), active()]

SCENARIOS = [
    Scenario("a stream's life", [
        create("orders", 3),
        kinesis("CreateStream", {"StreamName": "orders", "ShardCount": 1}, error="ResourceInUseException"),
        kinesis("DescribeStreamSummary", {"StreamName": "orders"},
                {"StreamDescriptionSummary.StreamStatus": "ACTIVE",
                 "StreamDescriptionSummary.StreamName": "orders",
                 "StreamDescriptionSummary.OpenShardCount": 3,
                 "StreamDescriptionSummary.RetentionPeriodHours": 24,
                 "StreamDescriptionSummary.EncryptionType": "NONE",
                 "StreamDescriptionSummary.StreamCreationTimestamp": present,
                 "StreamDescriptionSummary.ConsumerCount": 0}, until=True),
        kinesis("DescribeStream", {"StreamName": "orders", "Limit": 2},
                {"StreamDescription.Shards": length(2), "StreamDescription.HasMoreShards": True,
                 "StreamDescription.Shards.0.ShardId": FIRST,
                 "StreamDescription.Shards.0.HashKeyRange.StartingHashKey": "0",
                 "StreamDescription.Shards.0.SequenceNumberRange.StartingSequenceNumber": present,
                 "StreamDescription.Shards.0.SequenceNumberRange.EndingSequenceNumber": absent}),
        kinesis("DescribeStream", {"StreamName": "orders", "ExclusiveStartShardId": SECOND},
                {"StreamDescription.Shards": length(1), "StreamDescription.HasMoreShards": False,
                 "StreamDescription.Shards.0.HashKeyRange.EndingHashKey": TOP}),
        create("clicks"),
        kinesis("ListStreams", {}, {"StreamNames": ["clicks", "orders"], "HasMoreStreams": False}),
        kinesis("ListStreams", {"Limit": 1}, {"StreamNames": ["clicks"], "HasMoreStreams": True}),
        kinesis("ListStreams", {"ExclusiveStartStreamName": "clicks"}, {"StreamNames": ["orders"]}),
        kinesis("DescribeLimits", {}, {"ShardLimit": number(1), "OpenShardCount": 4}, until=True),
        kinesis("DeleteStream", {"StreamName": "orders"}),
        kinesis("DescribeStreamSummary", {"StreamName": "orders"}, error="ResourceNotFoundException", until=True),
        kinesis("DeleteStream", {"StreamName": "orders"}, error="ResourceNotFoundException"),
    ], env={"LOCAL_AWS_STREAMS": ""}),
    Scenario("wrong streams", [
        kinesis("CreateStream", {"StreamName": "no spaces", "ShardCount": 1}, error="ValidationException"),
        kinesis("CreateStream", {"StreamName": "x" * 129, "ShardCount": 1}, error="ValidationException"),
        kinesis("CreateStream", {"StreamName": "zero", "ShardCount": 0}, error="ValidationException"),
        kinesis("CreateStream", {"ShardCount": 1}, error="ValidationException"),
        kinesis("CreateStream", {"StreamName": "huge", "ShardCount": 50000}, error="LimitExceededException"),
        kinesis("DescribeStream", {"StreamName": "none"}, error="ResourceNotFoundException"),
        kinesis("ListStreams", {"Limit": 10001}, error="ValidationException"),
        kinesis("PutRecord", put(name="none"), error="ResourceNotFoundException"),
        kinesis("PutRecords", put_all([record()], "none"), error="ResourceNotFoundException"),
        kinesis("GetShardIterator", {"StreamName": "none", "ShardId": FIRST, "ShardIteratorType": "LATEST"},
                error="ResourceNotFoundException"),
        kinesis("ListShards", {"StreamName": "none"}, error="ResourceNotFoundException"),
    ]),
    Scenario("an on-demand stream", [
        kinesis("CreateStream", {"StreamName": "one", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
        kinesis("DescribeStreamSummary", {"StreamName": "one"},
                {"StreamDescriptionSummary.StreamModeDetails.StreamMode": "ON_DEMAND",
                 "StreamDescriptionSummary.OpenShardCount": 4}, until=True),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"},
                error="ValidationException"),
    ], elsewhere=False),
    Scenario("records", START + [
        kinesis("PutRecord", put(b"first", "a"), {"ShardId": FIRST, "SequenceNumber": present}, save="first"),
        kinesis("PutRecord", put(b"second", "a", SequenceNumberForOrdering=saved("first.SequenceNumber")),
                {"SequenceNumber": lambda found: int(found) > 0}, save="second"),
        kinesis("PutRecords", put_all([record(b"third", "ü" * 256), record(b"\x00\xff", ExplicitHashKey=TOP)]),
                {"FailedRecordCount": 0, "Records": length(2), "Records.0.ShardId": FIRST,
                 "Records.0.SequenceNumber": present, "Records.0.ErrorCode": absent}, save="both"),
        iterator(),
        read({"Records": length(1), "Records.0.Data": b"first", "Records.0.PartitionKey": "a",
              "Records.0.SequenceNumber": saved("first.SequenceNumber"),
              "Records.0.ApproximateArrivalTimestamp": present, "NextShardIterator": present,
              "MillisBehindLatest": number(0)}, save="page", Limit=1),
        read({"Records": length(3), "Records.0.Data": b"second", "Records.1.PartitionKey": "ü" * 256,
              "Records.2.Data": b"\x00\xff", "MillisBehindLatest": 0}, name="page", save="end"),
        read({"Records": [], "NextShardIterator": present, "MillisBehindLatest": 0}, name="end"),
    ]),
    Scenario("the five kinds of iterators", START + [
        kinesis("PutRecord", put(b"0"), save="r0"),
        kinesis("PutRecord", put(b"1"), save="r1"),
        iterator("TRIM_HORIZON"), read({"Records": length(2)}),
        iterator("LATEST"), read({"Records": []}),
        iterator("AT_SEQUENCE_NUMBER", StartingSequenceNumber=saved("r1.SequenceNumber")),
        read({"Records": length(1), "Records.0.Data": b"1"}),
        iterator("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=saved("r0.SequenceNumber")),
        read({"Records": length(1), "Records.0.Data": b"1"}),
        iterator("AT_TIMESTAMP", Timestamp=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)),
        read({"Records": length(2)}),
    ]),
    Scenario("wrong reads", START + [
        iterator(),
        kinesis("GetRecords", {"ShardIterator": "nonsense"}, error="InvalidArgumentException"),
        read({}, Limit=10000),
        kinesis("GetRecords", {"ShardIterator": saved("it.ShardIterator"), "Limit": 10001},
                error="ValidationException"),
        kinesis("GetRecords", {"ShardIterator": saved("it.ShardIterator"), "Limit": 0}, error="ValidationException"),
        kinesis("GetShardIterator", {"StreamName": "one", "ShardId": "shardId-000000000009",
                                     "ShardIteratorType": "LATEST"}, error="ResourceNotFoundException"),
        kinesis("GetShardIterator", {"StreamName": "one", "ShardId": FIRST, "ShardIteratorType": "NONSENSE"},
                error="ValidationException"),
        kinesis("GetShardIterator", {"StreamName": "one", "ShardId": FIRST,
                                     "ShardIteratorType": "AT_SEQUENCE_NUMBER"}, error="InvalidArgumentException"),
        kinesis("GetShardIterator", {"StreamName": "one", "ShardId": FIRST, "ShardIteratorType": "AT_SEQUENCE_NUMBER",
                                     "StartingSequenceNumber": "12345"}, error="InvalidArgumentException"),
        kinesis("GetShardIterator", {"StreamName": "one", "ShardId": FIRST, "ShardIteratorType": "AT_SEQUENCE_NUMBER",
                                     "StartingSequenceNumber": "twelve"}, error="ValidationException"),
        kinesis("GetShardIterator", {"StreamName": "one", "ShardId": FIRST, "ShardIteratorType": "AT_TIMESTAMP"},
                error="InvalidArgumentException"),
    ]),
    Scenario("limits of PutRecord", START + [
        kinesis("PutRecord", put(key=""), error="ValidationException"),
        kinesis("PutRecord", put(key="k" * 257), error="ValidationException"),
        kinesis("PutRecord", {"StreamName": "one", "Data": b"x"}, error="ValidationException"),
        kinesis("PutRecord", put(ExplicitHashKey=str(2**128)), error="InvalidArgumentException"),
        kinesis("PutRecord", put(ExplicitHashKey="01"), error="ValidationException"),
        kinesis("PutRecord", put(SequenceNumberForOrdering="x"), error="ValidationException"),
        kinesis("PutRecord", put(ExplicitHashKey="0"), {"ShardId": FIRST}),
        kinesis("PutRecord", put(b"x" * (1024 * KIB - 1)), {"ShardId": FIRST}),
        kinesis("PutRecord", put(b"x" * (1024 * KIB)), error="InvalidArgumentException"),
    ]),
    Scenario("limits of PutRecords", START + [
        kinesis("PutRecords", put_all([]), error="ValidationException"),
        kinesis("PutRecords", put_all([record()] * 501), error="ValidationException"),
        kinesis("PutRecords", put_all([record(), record(key="k" * 257)]), error="ValidationException"),
        kinesis("PutRecords", put_all([record()] * 500), {"FailedRecordCount": 0, "Records": length(500)}),
        kinesis("PutRecords", put_all([record(b"x" * 1000000, "k")] * 11), error="InvalidArgumentException"),
        kinesis("PutRecords", put_all([record(b"x" * 1000000, "k")] * 10), {"FailedRecordCount": 0}),
        # a refused request has left nothing behind
        iterator(), read({"Records": length(500)}, Limit=500, save="page"),
        read({"Records": length(10)}, name="page", save="end"), read({"Records": []}, name="end"),
    ]),
    Scenario("larger records on demand", START + [
        kinesis("UpdateMaxRecordSize", {"StreamARN": ARN, "MaxRecordSizeInKiB": 1023}, error="ValidationException",
                new=True),
        kinesis("UpdateMaxRecordSize", {"StreamARN": ARN, "MaxRecordSizeInKiB": 10241}, error="ValidationException",
                new=True),
        kinesis("UpdateMaxRecordSize", {"StreamARN": ARN, "MaxRecordSizeInKiB": 2048}, new=True),
        kinesis("DescribeStreamSummary", {"StreamName": "one"},
                {"StreamDescriptionSummary.MaxRecordSizeInKiB": 2048}, new=True),
        kinesis("PutRecord", put(b"x" * (2048 * KIB - 1)), {"ShardId": FIRST}, new=True),
        kinesis("PutRecord", put(b"x" * (2048 * KIB)), error="InvalidArgumentException"),
        kinesis("CreateStream", {"StreamName": "large", "ShardCount": 1, "MaxRecordSizeInKiB": 10240}, new=True),
        kinesis("PutRecord", put(b"x" * (10240 * KIB - 1), name="large"), {"ShardId": FIRST}, new=True),
    ], elsewhere=False),
    Scenario("a stream by its ARN alone", START + [
        kinesis("DescribeStreamSummary", {"StreamARN": ARN},
                {"StreamDescriptionSummary.StreamARN": ARN, "StreamDescriptionSummary.StreamName": "one"}, new=True),
        kinesis("DescribeStream", {"StreamARN": ARN}, {"StreamDescription.StreamName": "one"}, new=True),
        kinesis("PutRecord", {"StreamARN": ARN, "Data": b"x", "PartitionKey": "k"}, {"ShardId": FIRST}, new=True),
        kinesis("PutRecords", {"StreamARN": ARN, "Records": [record()]}, {"FailedRecordCount": 0}, new=True),
        kinesis("SplitShard", {"StreamARN": ARN, "ShardToSplit": FIRST, "NewStartingHashKey": MIDDLE}, new=True),
        kinesis("ListShards", {"StreamARN": ARN, "ShardFilter": {"Type": "FROM_TRIM_HORIZON"}, "MaxResults": 2},
                {"Shards": length(2), "NextToken": present}, save="page", new=True),
        kinesis("ListShards", {"StreamARN": ARN, "NextToken": saved("page.NextToken")},
                {"Shards": length(1), "NextToken": absent}, new=True),
        kinesis("GetShardIterator", {"StreamARN": ARN, "ShardId": FIRST, "ShardIteratorType": "TRIM_HORIZON"},
                {"ShardIterator": present}, save="it", new=True),
        kinesis("GetRecords", {"StreamARN": ARN, "ShardIterator": saved("it.ShardIterator")},
                {"Records": length(2)}, new=True),
        kinesis("DescribeStreamSummary", {"StreamARN": ARN.replace("one", "two")},
                error="ResourceNotFoundException", new=True),
    ], elsewhere=False, clients=("boto3", "node")),
    Scenario("split and merge", START + [
        kinesis("PutRecord", put(b"before")),
        iterator(),
        kinesis("SplitShard", {"StreamName": "one", "ShardToSplit": FIRST, "NewStartingHashKey": MIDDLE}),
        active(),
        kinesis("ListShards", {"StreamName": "one"},
                {"Shards": length(3), "Shards.0.SequenceNumberRange.EndingSequenceNumber": present,
                 "Shards.1.ParentShardId": FIRST, "Shards.1.HashKeyRange.StartingHashKey": "0",
                 "Shards.2.HashKeyRange.StartingHashKey": MIDDLE,
                 "Shards.2.HashKeyRange.EndingHashKey": TOP}),
        kinesis("PutRecord", put(b"after", ExplicitHashKey=MIDDLE), {"ShardId": "shardId-000000000002"}),
        read({"Records": length(1), "Records.0.Data": b"before", "NextShardIterator": absent}),
        kinesis("SplitShard", {"StreamName": "one", "ShardToSplit": FIRST, "NewStartingHashKey": MIDDLE},
                error="InvalidArgumentException"),
        active(),
        kinesis("SplitShard", {"StreamName": "one", "ShardToSplit": SECOND, "NewStartingHashKey": "0"},
                error="InvalidArgumentException"),
        kinesis("SplitShard", {"StreamName": "one", "ShardToSplit": "shardId-000000000009",
                               "NewStartingHashKey": "5"}, error="ResourceNotFoundException"),
        kinesis("MergeShards", {"StreamName": "one", "ShardToMerge": SECOND, "AdjacentShardToMerge": SECOND},
                error="InvalidArgumentException"),
        kinesis("MergeShards", {"StreamName": "one", "ShardToMerge": SECOND,
                                "AdjacentShardToMerge": "shardId-000000000002"}),
        active(),
        kinesis("ListShards", {"StreamName": "one", "ExclusiveStartShardId": "shardId-000000000002"},
                {"Shards": length(1), "Shards.0.ParentShardId": SECOND,
                 "Shards.0.AdjacentParentShardId": "shardId-000000000002",
                 "Shards.0.HashKeyRange.StartingHashKey": "0", "Shards.0.HashKeyRange.EndingHashKey": TOP}),
        kinesis("MergeShards", {"StreamName": "one", "ShardToMerge": SECOND,
                                "AdjacentShardToMerge": "shardId-000000000002"}, error="InvalidArgumentException"),
    ]),
    Scenario("shards, filtered and in pages", [
        create(shards=3), active(),
        kinesis("ListShards", {"StreamName": "one", "MaxResults": 2}, {"Shards": length(2), "NextToken": present},
                save="page"),
        kinesis("ListShards", {"NextToken": saved("page.NextToken")}, {"Shards": length(1), "NextToken": absent}),
        kinesis("ListShards", {"StreamName": "one", "NextToken": saved("page.NextToken")},
                error="InvalidArgumentException"),
        kinesis("ListShards", {"NextToken": "nonsense"}, error="InvalidArgumentException"),
        kinesis("SplitShard", {"StreamName": "one", "ShardToSplit": FIRST, "NewStartingHashKey": "5"}), active(),
        kinesis("ListShards", {"StreamName": "one", "ShardFilter": {"Type": "AT_LATEST"}}, {"Shards": length(4)}),
        kinesis("ListShards", {"StreamName": "one", "ShardFilter": {"Type": "FROM_TRIM_HORIZON"}},
                {"Shards": length(5)}),
        kinesis("ListShards", {"StreamName": "one", "ShardFilter": {"Type": "AT_TRIM_HORIZON"}},
                {"Shards": length(3)}),
        kinesis("ListShards", {"StreamName": "one", "ShardFilter": {"Type": "AFTER_SHARD_ID",
                                                                   "ShardId": "shardId-000000000003"}},
                {"Shards": length(1)}),
        kinesis("ListShards", {"StreamName": "one", "ShardFilter": {"Type": "NONSENSE"}},
                error="ValidationException"),
    ], elsewhere=False),  # kinesalite knows no pages, and ends at a wrong token
    Scenario("another number of shards", [
        create(shards=2), active(),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"},
                {"StreamName": "one", "CurrentShardCount": 2, "TargetShardCount": 4}),
        kinesis("DescribeStreamSummary", {"StreamName": "one"},
                {"StreamDescriptionSummary.OpenShardCount": 4}, until=True),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"},
                {"CurrentShardCount": 4, "TargetShardCount": 3}),
        kinesis("DescribeStreamSummary", {"StreamName": "one"},
                {"StreamDescriptionSummary.OpenShardCount": 3}, until=True),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 7, "ScalingType": "UNIFORM_SCALING"},
                error="InvalidArgumentException"),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 1, "ScalingType": "UNIFORM_SCALING"},
                error="InvalidArgumentException"),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 3, "ScalingType": "OTHER"},
                error="ValidationException"),
        kinesis("UpdateShardCount", {"StreamName": "one", "TargetShardCount": 0, "ScalingType": "UNIFORM_SCALING"},
                error="ValidationException"),
    ], elsewhere=False),
    Scenario("retention", START + [
        kinesis("IncreaseStreamRetentionPeriod", {"StreamName": "one", "RetentionPeriodHours": 48}), active(),
        kinesis("DescribeStream", {"StreamName": "one"}, {"StreamDescription.RetentionPeriodHours": 48}),
        kinesis("IncreaseStreamRetentionPeriod", {"StreamName": "one", "RetentionPeriodHours": 25},
                error="InvalidArgumentException"),
        kinesis("DecreaseStreamRetentionPeriod", {"StreamName": "one", "RetentionPeriodHours": 49},
                error="InvalidArgumentException"),
        kinesis("DecreaseStreamRetentionPeriod", {"StreamName": "one", "RetentionPeriodHours": 24}), active(),
        kinesis("DescribeStream", {"StreamName": "one"}, {"StreamDescription.RetentionPeriodHours": 24}),
        kinesis("IncreaseStreamRetentionPeriod", {"StreamName": "one", "RetentionPeriodHours": 8761},
                error="ValidationException"),
    ]),
    Scenario("unknown actions", [
        kinesis("ListStreamConsumers", {"StreamARN": ARN}, error="UnknownOperationException"),
        kinesis("EnableEnhancedMonitoring", {"StreamName": "one", "ShardLevelMetrics": ["ALL"]},
                error="UnknownOperationException"),
    ], elsewhere=False),
    Scenario("a wrong secret", [
        kinesis("ListStreams", {}, error="InvalidSignatureException"),
    ], keys=("AKIATESTTESTTESTTEST", "wrong"), elsewhere=False),
    Scenario("an unknown access key", [
        kinesis("ListStreams", {}, error="UnrecognizedClientException"),
    ], keys=("AKIAOTHEROTHEROTHERO", "any"), elsewhere=False),
]
