# SPDX-License-Identifier: Apache-2.0
"""Amazon Data Firehose, by docs.aws.amazon.com/firehose/latest/APIReference."""

import functools
import gzip

from table import Scenario, absent, call, length, present, saved

firehose = functools.partial(call, "firehose")
s3 = functools.partial(call, "s3")
ROLE = "arn:aws:iam::000000000000:role/delivery"


def destination(**more):
    return {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}, **more}


def create(name="logs", **more):
    return firehose("CreateDeliveryStream", {
        "DeliveryStreamName": name, "DeliveryStreamType": "DirectPut",
        "ExtendedS3DestinationConfiguration": destination(**more)},
        {"DeliveryStreamARN": lambda found: found.endswith(f":deliverystream/{name}")})


def refused(code, name="bad", **more):
    return firehose("CreateDeliveryStream", {
        "DeliveryStreamName": name, "ExtendedS3DestinationConfiguration": destination(**more)}, error=code)


def put(data, name="logs"):
    return firehose("PutRecord", {"DeliveryStreamName": name, "Record": {"Data": data}}, {"RecordId": present})


def put_all(datas, expect=None, name="logs", **more):
    return firehose("PutRecordBatch", {"DeliveryStreamName": name, "Records": [{"Data": data} for data in datas]},
                    expect, **more)


def described(expect, name="logs", **more):
    return firehose("DescribeDeliveryStream", {"DeliveryStreamName": name},
                    {f"DeliveryStreamDescription.{path}": value for path, value in expect.items()}, **more)


def delivered(body, prefix=""):
    """One object, with these bytes; `body` may be a function that judges them."""
    return [s3("ListObjectsV2", {"Bucket": "lake", "Prefix": prefix}, {"Contents": length(1)}, save="list", until=True),
            s3("GetObject", {"Bucket": "lake", "Key": saved("list.Contents.0.Key")}, {"Body": body})]


FIRST = "Destinations.0.ExtendedS3DestinationDescription"
BUCKET = s3("CreateBucket", {"Bucket": "lake"})
DELIMITER = {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": [
    {"ParameterName": "Delimiter", "ParameterValue": "\\n"}]}]}

SCENARIOS = [
    Scenario("a delivery stream's life", [
        BUCKET,
        create(),
        refused("ResourceInUseException", name="logs"),
        described({"DeliveryStreamName": "logs", "DeliveryStreamStatus": "ACTIVE", "DeliveryStreamType": "DirectPut",
                   "VersionId": "1", "CreateTimestamp": present, "HasMoreDestinations": False,
                   "Destinations.0.DestinationId": "destinationId-000000000001",
                   f"{FIRST}.BucketARN": "arn:aws:s3:::lake", f"{FIRST}.RoleARN": ROLE,
                   f"{FIRST}.CompressionFormat": "UNCOMPRESSED",
                   f"{FIRST}.BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}}, until=True),
        create("audit"),
        firehose("ListDeliveryStreams", {}, {"DeliveryStreamNames": ["audit", "logs"],
                                             "HasMoreDeliveryStreams": False}),
        firehose("ListDeliveryStreams", {"Limit": 1}, {"DeliveryStreamNames": ["audit"],
                                                       "HasMoreDeliveryStreams": True}),
        firehose("ListDeliveryStreams", {"ExclusiveStartDeliveryStreamName": "audit"},
                 {"DeliveryStreamNames": ["logs"]}),
        firehose("DeleteDeliveryStream", {"DeliveryStreamName": "logs"}),
        described({}, error="ResourceNotFoundException", until=True),
        firehose("DeleteDeliveryStream", {"DeliveryStreamName": "logs"}, error="ResourceNotFoundException"),
    ]),
    Scenario("records are delivered as they are", [
        BUCKET, create(),
        put_all([b'{"a":1}', b"\x00\xff", b"end"],
                {"FailedPutCount": 0, "RequestResponses": length(3), "RequestResponses.0.RecordId": present,
                 "RequestResponses.0.ErrorCode": absent, "Encrypted": False}),
        *delivered(b'{"a":1}\x00\xffend'),
    ]),
    Scenario("a single record is delivered", [BUCKET, create(), put(b"one"), *delivered(b"one")]),
    Scenario("limits of PutRecord and PutRecordBatch", [
        BUCKET, create(),
        firehose("PutRecord", {"DeliveryStreamName": "none", "Record": {"Data": b"x"}},
                 error="ResourceNotFoundException"),
        put_all([b"x"], name="none", error="ResourceNotFoundException"),
        put_all([], error="ValidationException"),
        put_all([b"x"] * 501, error="ValidationException"),
        put_all([b"x" * 1024001], error="ValidationException"),
        firehose("PutRecord", {"DeliveryStreamName": "logs", "Record": {"Data": b"x" * 1024001}},
                 error="ValidationException"),
        put_all([b"x" * 1000000] * 5, error="InvalidArgumentException"),
        put_all([b"x"] * 500, {"FailedPutCount": 0}),
        *delivered(b"x" * 500),
    ]),
    Scenario("wrong delivery streams", [
        BUCKET,
        refused("ValidationException", name="no spaces"),
        refused("ValidationException", name="x" * 65),
        refused("ValidationException", BucketARN="nonsense"),
        refused("ValidationException", BufferingHints={"SizeInMBs": 129, "IntervalInSeconds": 1}),
        refused("ValidationException", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 901}),
        refused("ValidationException", CompressionFormat="NONSENSE"),
        refused("InvalidArgumentException", Prefix="!{nonsense:x}/", ErrorOutputPrefix="e/"),
        refused("InvalidArgumentException", Prefix="!{timestamp:yyyy}/"),
        refused("InvalidArgumentException", Prefix="a/", ErrorOutputPrefix="!{timestamp:yyyy}/"),
        firehose("DescribeDeliveryStream", {"DeliveryStreamName": "bad"}, error="ResourceNotFoundException"),
        firehose("ListDeliveryStreams", {"Limit": 0}, error="ValidationException"),
    ], elsewhere=False),
    Scenario("gzip", [
        BUCKET, create(CompressionFormat="GZIP"),
        described({f"{FIRST}.CompressionFormat": "GZIP"}, until=True),
        put_all([b"a" * 1000, b"b" * 1000]),
        *delivered(lambda found: gzip.decompress(found) == b"a" * 1000 + b"b" * 1000),
        s3("ListObjectsV2", {"Bucket": "lake"}, {"Contents.0.Key": lambda found: found.endswith(".gz")}),
    ], elsewhere=False),
    Scenario("a delimiter behind each record", [
        BUCKET, create(ProcessingConfiguration=DELIMITER),
        described({f"{FIRST}.ProcessingConfiguration": DELIMITER}, until=True),
        put_all([b"a", b"b\n", b""]),
        *delivered(b"a\nb\n\n\n"),
    ], elsewhere=False),
    Scenario("names of objects", [
        BUCKET, create(Prefix="good/!{timestamp:yyyy}/!{firehose:random-string}/",
                       ErrorOutputPrefix="bad/!{firehose:error-output-type}/"),
        put(b"x"),
        *delivered(b"x", "good/2"),
        s3("ListObjectsV2", {"Bucket": "lake"}, {"Contents.0.Key": lambda found: "/logs-1-" in found}),
    ], elsewhere=False),
    Scenario("an extension", [
        BUCKET, create(FileExtension=".json"),
        refused("ValidationException", FileExtension="json"),
        put(b"x"),
        *delivered(b"x"),
        s3("ListObjectsV2", {"Bucket": "lake"}, {"Contents.0.Key": lambda found: found.endswith(".json")}),
    ], elsewhere=False, clients=("boto3", "node")),
    Scenario("another destination", [
        BUCKET, create(),
        firehose("UpdateDestination", {
            "DeliveryStreamName": "logs", "CurrentDeliveryStreamVersionId": "7",
            "DestinationId": "destinationId-000000000001", "ExtendedS3DestinationUpdate": {"Prefix": "new/"}},
            error="ConcurrentModificationException"),
        firehose("UpdateDestination", {
            "DeliveryStreamName": "logs", "CurrentDeliveryStreamVersionId": "1", "DestinationId": "other",
            "ExtendedS3DestinationUpdate": {"Prefix": "new/"}}, error="InvalidArgumentException"),
        firehose("UpdateDestination", {
            "DeliveryStreamName": "none", "CurrentDeliveryStreamVersionId": "1",
            "DestinationId": "destinationId-000000000001", "ExtendedS3DestinationUpdate": {"Prefix": "new/"}},
            error="ResourceNotFoundException"),
        firehose("UpdateDestination", {
            "DeliveryStreamName": "logs", "CurrentDeliveryStreamVersionId": "1",
            "DestinationId": "destinationId-000000000001",
            "ExtendedS3DestinationUpdate": {"Prefix": "new/", "CompressionFormat": "GZIP"}}),
        described({"VersionId": "2", f"{FIRST}.Prefix": "new/", f"{FIRST}.CompressionFormat": "GZIP",
                   f"{FIRST}.BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}}),
        put(b"x"),
        *delivered(lambda found: gzip.decompress(found) == b"x", "new/"),
        s3("ListObjectsV2", {"Bucket": "lake"}, {"Contents.0.Key": lambda found: "/logs-2-" in found}),
    ], elsewhere=False),
    Scenario("a Kinesis stream as source", [
        BUCKET,
        call("kinesis", "CreateStream", {"StreamName": "users", "ShardCount": 1}),
        call("kinesis", "DescribeStreamSummary", {"StreamName": "users"},
             {"StreamDescriptionSummary.StreamStatus": "ACTIVE"}, until=True, save="stream"),
        firehose("CreateDeliveryStream", {
            "DeliveryStreamName": "piped", "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {
                "KinesisStreamARN": saved("stream.StreamDescriptionSummary.StreamARN"), "RoleARN": ROLE},
            "ExtendedS3DestinationConfiguration": destination()}, {"DeliveryStreamARN": present}),
        put_all([b"x"], name="piped", error="InvalidSourceException"),
        call("kinesis", "PutRecord", {"StreamName": "users", "Data": b"from the stream", "PartitionKey": "k"}),
        *delivered(b"from the stream"),
    ], elsewhere=False),
    Scenario("unknown actions", [
        firehose("ListTagsForDeliveryStream", {"DeliveryStreamName": "logs"}, error="UnknownOperationException"),
        firehose("StartDeliveryStreamEncryption", {"DeliveryStreamName": "logs"}, error="UnknownOperationException"),
    ], elsewhere=False),
    Scenario("a wrong secret", [firehose("ListDeliveryStreams", {}, error="InvalidSignatureException")],
             keys=("AKIATESTTESTTESTTEST", "wrong"), elsewhere=False),
    Scenario("an unknown access key", [firehose("ListDeliveryStreams", {}, error="UnrecognizedClientException")],
             keys=("AKIAOTHEROTHEROTHERO", "any"), elsewhere=False),
]
