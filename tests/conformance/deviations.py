# SPDX-License-Identifier: Apache-2.0
"""Where kinesalite 3.3.3 (of 2020) and moto 5.2.5 answer differently from AWS's documents.

(service, scenario): {number of the call: why}
"""

NO_CHECK = "moto does not check this"
NO_LIMITS = "moto has no limits of Firehose"
OLD_LIMIT = "kinesalite knows requests of up to 5 MiB, as before October 2025"
CLOSED = "kinesalite splits and merges closed shards, too"
CHECKSUM = "moto keeps a checksum without comparing it"
COMPOSITE = "moto has no checksums of multipart uploads"

DEVIATIONS = {
    ("kinesis", "a stream's life"): {
        3: "kinesalite ignores the Limit of DescribeStream",
        4: "kinesalite ignores ExclusiveStartShardId of DescribeStream",
        9: "kinesalite has no DescribeLimits",
    },
    ("kinesis", "limits of PutRecord"): {
        6: "kinesalite takes an ExplicitHashKey with leading zeros, against the model's pattern",
        10: "kinesalite does not count the partition key as part of the record",
    },
    ("kinesis", "limits of PutRecords"): {6: OLD_LIMIT, 7: OLD_LIMIT, 10: OLD_LIMIT},
    ("kinesis", "split and merge"): {
        8: "kinesalite ends a closed shard one empty answer later",
        9: CLOSED,
        16: "the split of call 9 has made two shards more",
        17: CLOSED,
    },
    ("firehose", "a delivery stream's life"): {3: "moto does not tell the default CompressionFormat"},
    ("firehose", "limits of PutRecord and PutRecordBatch"): {
        4: NO_LIMITS, 5: NO_LIMITS, 6: NO_LIMITS, 7: NO_LIMITS, 8: NO_LIMITS,
        10: "moto does not buffer: the puts that should have been refused are objects",
        11: "moto does not buffer: the puts that should have been refused are objects",
    },
    ("s3", "buckets"): {6: NO_CHECK},
    ("s3", "objects"): {14: NO_CHECK, 15: NO_CHECK},
    ("s3", "checksums"): {7: CHECKSUM, 8: CHECKSUM, 9: NO_CHECK, 10: NO_CHECK},
    ("s3", "lists"): {16: "moto fails with 500"},
    ("s3", "deletion of many"): {5: "moto does not know Quiet", 8: NO_CHECK},
    ("s3", "copies"): {10: "moto does not know the conditions of CopyObject"},
    ("s3", "multipart uploads that go wrong"): {6: "moto does not look at the order of parts", 10: "moto fails with 500", 11: "moto fails with 500"},
    ("s3", "parts that are copies"): {4: NO_CHECK},
    ("s3", "checksums of parts"): {4: COMPOSITE, 9: CHECKSUM, 10: COMPOSITE},
}
