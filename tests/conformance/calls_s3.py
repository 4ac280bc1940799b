# SPDX-License-Identifier: Apache-2.0
"""Amazon S3, by docs.aws.amazon.com/AmazonS3/latest/API."""

import base64
import datetime
import functools
import hashlib
import zlib

from table import Scenario, absent, call, length, present, saved

s3 = functools.partial(call, "s3")
BUCKET = s3("CreateBucket", {"Bucket": "lake"})
BODY = bytes(range(256)) * 40
PART = b"p" * (5 * 1024 * 1024)
NEVER = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


def on(key="a/b.bin", **more):
    return {"Bucket": "lake", "Key": key, **more}


def put(key="a/b.bin", body=BODY, expect=None, **more):
    options = {name: more.pop(name) for name in ("error", "status", "save", "new") if name in more}
    return s3("PutObject", on(key, Body=body, **more), expect, **options)


def get(body=BODY, key="a/b.bin", expect=None, **more):
    return s3("GetObject", on(key, **more), {"Body": body, **(expect or {})})


def etag(*parts):
    digests = [hashlib.md5(part) for part in parts]
    if len(parts) == 1:
        return f'"{digests[0].hexdigest()}"'
    return f'"{hashlib.md5(b"".join(one.digest() for one in digests)).hexdigest()}-{len(parts)}"'


def crc32(body):
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def upload_part(number, body, upload="up", **more):
    options = {name: more.pop(name) for name in ("error", "status", "new") if name in more}
    return s3("UploadPart", on(UploadId=saved(f"{upload}.UploadId"), PartNumber=number, Body=body, **more),
              {"ETag": etag(body)}, save=f"part{number}", **options)


def complete(*numbers, upload="up", **more):
    parts = [{"PartNumber": number, "ETag": saved(f"part{number}.ETag")} for number in numbers]
    return s3("CompleteMultipartUpload", on(UploadId=saved(f"{upload}.UploadId"), MultipartUpload={"Parts": parts}),
              more.pop("expect", None), **more)


SCENARIOS = [
    Scenario("buckets", [
        BUCKET,
        s3("HeadBucket", {"Bucket": "lake"}),
        s3("HeadBucket", {"Bucket": "none"}, error="404", status=404),
        s3("ListBuckets", {}, {"Buckets": length(1), "Buckets.0.Name": "lake", "Buckets.0.CreationDate": present}),
        s3("GetBucketLocation", {"Bucket": "lake"}, {"LocationConstraint": absent}),
        s3("CreateBucket", {"Bucket": "lake"}),  # as us-east-1 answers the owner
        s3("CreateBucket", {"Bucket": "No_Good"}, error="InvalidBucketName"),
        put(),
        s3("DeleteBucket", {"Bucket": "lake"}, error="BucketNotEmpty", status=409),
        s3("DeleteObject", on()),
        s3("DeleteBucket", {"Bucket": "lake"}),
        s3("DeleteBucket", {"Bucket": "lake"}, error="NoSuchBucket", status=404),
        s3("ListObjectsV2", {"Bucket": "lake"}, error="NoSuchBucket", status=404),
        s3("GetBucketLocation", {"Bucket": "lake"}, error="NoSuchBucket", status=404),
    ]),
    Scenario("objects", [
        BUCKET,
        put(expect={"ETag": etag(BODY)}, ContentType="text/x", Metadata={"who": "me"}, CacheControl="no-cache",
            ContentEncoding="gzip", ContentDisposition="inline", ContentLanguage="de"),
        get(expect={"ETag": etag(BODY), "ContentType": "text/x", "Metadata": {"who": "me"},
                    "CacheControl": "no-cache", "ContentEncoding": "gzip", "ContentDisposition": "inline",
                    "ContentLanguage": "de", "LastModified": present, "AcceptRanges": "bytes"}),
        s3("HeadObject", on(), {"ContentLength": len(BODY), "ETag": etag(BODY), "ContentType": "text/x",
                                "Metadata": {"who": "me"}}),
        put(body=b""), get(b""),
        put("ü/日本 c+d=e&f'.txt", b"odd"), get(b"odd", "ü/日本 c+d=e&f'.txt"),
        s3("GetObject", on("none"), error="NoSuchKey", status=404),
        s3("HeadObject", on("none"), error="404", status=404),
        s3("GetObject", {"Bucket": "none", "Key": "x"}, error="NoSuchBucket", status=404),
        s3("PutObject", {"Bucket": "none", "Key": "x", "Body": b""}, error="NoSuchBucket", status=404),
        s3("DeleteObject", on("none")),
        s3("DeleteObject", {"Bucket": "none", "Key": "x"}, error="NoSuchBucket", status=404),
        put("k" * 1025, error="KeyTooLongError"),
        put(Metadata={"a": "x" * 5000}, error="MetadataTooLarge"),
        s3("GetObjectTagging", on(), {"TagSet": []}),
        s3("GetObjectTagging", on("none"), error="NoSuchKey", status=404),
    ]),
    Scenario("ranges", [
        BUCKET, put(),
        get(BODY[:10], Range="bytes=0-9", expect={"ContentRange": f"bytes 0-9/{len(BODY)}", "ContentLength": 10}),
        get(BODY[-5:], Range="bytes=-5"), get(BODY[100:], Range="bytes=100-"),
        get(BODY[10000:], Range="bytes=10000-99999999"),
        s3("GetObject", on(Range=f"bytes={len(BODY)}-"), error="InvalidRange", status=416),
    ]),
    Scenario("conditional reads", [
        BUCKET, put(save="put"),
        get(IfMatch=saved("put.ETag")), get(IfNoneMatch='"other"'), get(IfModifiedSince=NEVER),
        s3("GetObject", on(IfMatch='"other"'), error="PreconditionFailed", status=412),
        s3("GetObject", on(IfUnmodifiedSince=NEVER), error="PreconditionFailed", status=412),
        s3("GetObject", on(IfNoneMatch=saved("put.ETag")), error="304", status=304),
        s3("HeadObject", on(IfNoneMatch=saved("put.ETag")), error="304", status=304),
    ]),
    Scenario("conditional writes", [
        BUCKET,
        put(body=b"1", IfNoneMatch="*", save="put", new=True),
        put(body=b"2", IfNoneMatch="*", error="PreconditionFailed", status=412, new=True),
        put(body=b"3", IfMatch='"other"', error="PreconditionFailed", status=412, new=True),
        put(body=b"4", IfMatch=saved("put.ETag"), new=True),
        put("none", b"5", IfMatch='"other"', error="NoSuchKey", status=404, new=True),
        get(b"4"),
    ], clients=("boto3", "node")),
    Scenario("checksums", [
        BUCKET,
        put(ChecksumAlgorithm="CRC32", expect={"ChecksumCRC32": crc32(BODY)}),
        get(ChecksumMode="ENABLED", expect={"ChecksumCRC32": crc32(BODY)}),
        s3("HeadObject", on(ChecksumMode="ENABLED"), {"ChecksumCRC32": crc32(BODY)}),
        put(ChecksumAlgorithm="SHA256"),
        get(ChecksumMode="ENABLED",
            expect={"ChecksumSHA256": base64.b64encode(hashlib.sha256(BODY).digest()).decode()}),
        put(ChecksumAlgorithm="SHA1"),
        put(ChecksumCRC32=crc32(b"other"), error="BadDigest"),
        put(ChecksumCRC32="nonsense", error="InvalidRequest"),
        put(ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==", error="BadDigest"),
        put(ContentMD5="AA==", error="InvalidDigest"),
        get(),
    ]),
    Scenario("lists", [
        BUCKET,
        *[put(key, b"") for key in ("a/1", "a/2", "b", "c/x/1", "c/y/1", "d&e<f>")],
        s3("ListObjectsV2", {"Bucket": "lake"},
           {"KeyCount": 6, "IsTruncated": False, "Contents.0.Key": "a/1", "Contents.5.Key": "d&e<f>",
            "Contents.0.Size": 0, "Contents.0.ETag": etag(b""), "Contents.0.LastModified": present,
            "Contents.0.StorageClass": "STANDARD"}),
        s3("ListObjectsV2", {"Bucket": "lake", "Delimiter": "/"},
           {"Contents": length(2), "CommonPrefixes": [{"Prefix": "a/"}, {"Prefix": "c/"}], "Contents.0.Key": "b"}),
        s3("ListObjectsV2", {"Bucket": "lake", "Prefix": "c/", "Delimiter": "/"},
           {"CommonPrefixes": [{"Prefix": "c/x/"}, {"Prefix": "c/y/"}]}),
        s3("ListObjectsV2", {"Bucket": "lake", "MaxKeys": 4},
           {"Contents": length(4), "IsTruncated": True, "NextContinuationToken": present}, save="page"),
        s3("ListObjectsV2", {"Bucket": "lake", "ContinuationToken": saved("page.NextContinuationToken")},
           {"Contents": length(2), "IsTruncated": False, "Contents.0.Key": "c/y/1"}),
        s3("ListObjectsV2", {"Bucket": "lake", "StartAfter": "c/x/1"}, {"Contents": length(2)}),
        s3("ListObjectsV2", {"Bucket": "lake", "Prefix": "none"}, {"Contents": absent, "KeyCount": 0}),
        s3("ListObjects", {"Bucket": "lake", "MaxKeys": 1, "Prefix": "a/"},
           {"Contents": length(1), "IsTruncated": True}),
        s3("ListObjects", {"Bucket": "lake", "Marker": "b"}, {"Contents": length(3)}),
        s3("ListObjectsV2", {"Bucket": "lake", "ContinuationToken": "!"}, error="InvalidArgument"),
    ]),
    Scenario("deletion of many", [
        BUCKET, *[put(key, b"1") for key in ("a&b", "c d", "e")],
        s3("DeleteObjects", {"Bucket": "lake", "Delete": {"Objects": [{"Key": "a&b"}, {"Key": "none"}]}},
           {"Deleted": length(2), "Errors": absent}),
        s3("DeleteObjects", {"Bucket": "lake", "Delete": {"Objects": [{"Key": "c d"}], "Quiet": True}},
           {"Deleted": absent}),
        s3("ListObjectsV2", {"Bucket": "lake"}, {"Contents": length(1), "Contents.0.Key": "e"}),
        s3("DeleteObjects", {"Bucket": "lake", "Delete": {"Objects": [{"Key": f"k{i}"} for i in range(1000)]}},
           {"Deleted": length(1000)}),
        s3("DeleteObjects", {"Bucket": "lake", "Delete": {"Objects": [{"Key": f"k{i}"} for i in range(1001)]}},
           error="MalformedXML"),
        s3("DeleteObjects", {"Bucket": "none", "Delete": {"Objects": [{"Key": "k"}]}}, error="NoSuchBucket",
           status=404),
    ]),
    Scenario("copies", [
        BUCKET, s3("CreateBucket", {"Bucket": "copies"}),
        put("from-here", ContentType="text/x", Metadata={"who": "me"}, save="put"),
        s3("CopyObject", {"Bucket": "copies", "Key": "to", "CopySource": "lake/from-here"},
           {"CopyObjectResult.ETag": etag(BODY), "CopyObjectResult.LastModified": present}),
        s3("HeadObject", {"Bucket": "copies", "Key": "to"}, {"ContentType": "text/x", "Metadata": {"who": "me"}}),
        s3("CopyObject", {"Bucket": "copies", "Key": "to", "CopySource": "/lake/from-here",
                          "MetadataDirective": "REPLACE", "Metadata": {"who": "you"}, "ContentType": "text/y"}),
        s3("GetObject", {"Bucket": "copies", "Key": "to"},
           {"Body": BODY, "ContentType": "text/y", "Metadata": {"who": "you"}}),
        s3("CopyObject", on("x", CopySource="lake/none"), error="NoSuchKey", status=404),
        s3("CopyObject", on("x", CopySource="none/none"), error="NoSuchBucket", status=404),
        s3("CopyObject", on("from-here", CopySource="lake/from-here"), error="InvalidRequest"),
        s3("CopyObject", on("x", CopySource="lake/from-here", CopySourceIfMatch='"other"'),
           error="PreconditionFailed", status=412),
        s3("CopyObject", on("x", CopySource="lake/from-here", CopySourceIfMatch=saved("put.ETag"))),
    ]),
    Scenario("a multipart upload", [
        BUCKET,
        s3("CreateMultipartUpload", on(ContentType="text/x", Metadata={"who": "me"}),
           {"UploadId": present, "Bucket": "lake", "Key": "a/b.bin"}, save="up"),
        upload_part(2, b"tail"), upload_part(1, b"small"), upload_part(1, PART),
        s3("ListParts", on(UploadId=saved("up.UploadId")),
           {"Parts": length(2), "Parts.0.PartNumber": 1, "Parts.0.Size": len(PART), "Parts.0.ETag": etag(PART),
            "Parts.1.Size": 4, "IsTruncated": False}),
        s3("ListParts", on(UploadId=saved("up.UploadId"), MaxParts=1),
           {"Parts": length(1), "IsTruncated": True, "NextPartNumberMarker": lambda found: int(found) == 1}),
        s3("ListMultipartUploads", {"Bucket": "lake"},
           {"Uploads": length(1), "Uploads.0.Key": "a/b.bin", "Uploads.0.UploadId": saved("up.UploadId")}),
        s3("GetObject", on(), error="NoSuchKey", status=404),
        complete(1, 2, expect={"ETag": etag(PART, b"tail"), "Bucket": "lake", "Key": "a/b.bin"}),
        get(PART + b"tail", expect={"ETag": etag(PART, b"tail"), "ContentType": "text/x", "Metadata": {"who": "me"}}),
        get(b"pptail", Range="bytes=-6"),
        s3("ListMultipartUploads", {"Bucket": "lake"}, {"Uploads": absent}),
        s3("ListParts", on(UploadId=saved("up.UploadId")), error="NoSuchUpload", status=404),
        # an object of several parts is copied as one
        s3("CopyObject", on("copy", CopySource="lake/a/b.bin"), {"CopyObjectResult.ETag": etag(PART + b"tail")}),
    ]),
    Scenario("multipart uploads that go wrong", [
        BUCKET,
        s3("CreateMultipartUpload", on(), save="up"),
        upload_part(1, b"small"), upload_part(2, PART), upload_part(3, b"tail"),
        complete(1, 2, error="EntityTooSmall"),
        complete(3, 2, error="InvalidPartOrder"),
        s3("CompleteMultipartUpload", on(UploadId=saved("up.UploadId"), MultipartUpload={
            "Parts": [{"PartNumber": 2, "ETag": '"00000000000000000000000000000000"'}]}), error="InvalidPart"),
        s3("CompleteMultipartUpload", on(UploadId=saved("up.UploadId"), MultipartUpload={
            "Parts": [{"PartNumber": 9, "ETag": saved("part1.ETag")}]}), error="InvalidPart"),
        s3("UploadPart", on(UploadId=saved("up.UploadId"), PartNumber=10001, Body=b"x"), error="InvalidArgument"),
        s3("UploadPart", on(UploadId="none", PartNumber=1, Body=b"x"), error="NoSuchUpload", status=404),
        s3("CompleteMultipartUpload", on(UploadId="none", MultipartUpload={
            "Parts": [{"PartNumber": 1, "ETag": saved("part1.ETag")}]}), error="NoSuchUpload", status=404),
        s3("AbortMultipartUpload", on(UploadId=saved("up.UploadId"))),
        s3("AbortMultipartUpload", on(UploadId=saved("up.UploadId")), error="NoSuchUpload", status=404),
        s3("CreateMultipartUpload", {"Bucket": "none", "Key": "x"}, error="NoSuchBucket", status=404),
    ]),
    Scenario("parts that are copies", [
        BUCKET, put("source", PART + b"rest"),
        s3("CreateMultipartUpload", on(), save="up"),
        s3("UploadPartCopy", on(UploadId=saved("up.UploadId"), PartNumber=1, CopySource="lake/source",
                                CopySourceRange=f"bytes=0-{len(PART) - 1}"),
           {"CopyPartResult.ETag": etag(PART)}, save="copied"),
        s3("UploadPartCopy", on(UploadId=saved("up.UploadId"), PartNumber=2, CopySource="lake/source",
                                CopySourceRange=f"bytes={len(PART)}-{len(PART) + 4}"), error="InvalidArgument"),
        upload_part(2, b"tail"),
        s3("CompleteMultipartUpload", on(UploadId=saved("up.UploadId"), MultipartUpload={"Parts": [
            {"PartNumber": 1, "ETag": saved("copied.CopyPartResult.ETag")},
            {"PartNumber": 2, "ETag": saved("part2.ETag")}]}), {"ETag": etag(PART, b"tail")}),
        get(PART + b"tail"),
    ]),
    Scenario("checksums of parts", [
        BUCKET,
        s3("CreateMultipartUpload", on(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"), save="up", new=True),
        upload_part(1, PART, ChecksumAlgorithm="CRC32", new=True),
        upload_part(2, b"tail", ChecksumAlgorithm="CRC32", new=True),
        complete(1, 2, expect={"ChecksumCRC32": crc32(PART + b"tail"), "ChecksumType": "FULL_OBJECT"}, new=True),
        get(PART + b"tail", ChecksumMode="ENABLED", expect={"ChecksumCRC32": crc32(PART + b"tail")}),
        s3("CreateMultipartUpload", on(ChecksumAlgorithm="CRC32"), save="up"),
        upload_part(1, PART, ChecksumAlgorithm="CRC32"),
        upload_part(2, b"x", ChecksumAlgorithm="CRC32"),
        upload_part(3, b"x", ChecksumCRC32=crc32(b"y"), error="BadDigest"),
        s3("CompleteMultipartUpload", on(UploadId=saved("up.UploadId"), MultipartUpload={"Parts": [
            {"PartNumber": 1, "ETag": saved("part1.ETag"), "ChecksumCRC32": crc32(PART)},
            {"PartNumber": 2, "ETag": saved("part2.ETag"), "ChecksumCRC32": crc32(b"x")}]}),
           {"ChecksumCRC32": lambda found: found.endswith("-2")}),
        get(PART + b"x"),
    ], clients=("boto3", "node")),
    Scenario("the client's own way of uploading", [
        BUCKET,
        s3("$upload", on("small", Body=BODY)), get(BODY, "small"),
        s3("$upload", on("large", Body=PART * 3 + b"tail")), get(PART * 3 + b"tail", "large"),
    ], clients=("boto3", "node")),
    Scenario("a stream with a trailing checksum", [
        BUCKET,
        s3("$stream", on(Body=BODY), {"ETag": etag(BODY)}),
        get(BODY, ChecksumMode="ENABLED", expect={"ChecksumCRC32": crc32(BODY), "ContentEncoding": absent}),
    ], clients=("node",)),
    Scenario("what local-aws does not have", [
        BUCKET,
        s3("GetBucketPolicy", {"Bucket": "lake"}, error="NotImplemented", status=501),
        s3("PutBucketVersioning", {"Bucket": "lake", "VersioningConfiguration": {"Status": "Enabled"}},
           error="NotImplemented", status=501),
        s3("GetObjectAcl", on(), error="NotImplemented", status=501),
    ], elsewhere=False),
    Scenario("a wrong secret", [s3("ListBuckets", {}, error="SignatureDoesNotMatch", status=403)],
             keys=("AKIATESTTESTTESTTEST", "wrong"), elsewhere=False),
    Scenario("an unknown access key", [s3("ListBuckets", {}, error="InvalidAccessKeyId", status=403)],
             keys=("AKIAOTHEROTHEROTHERO", "any"), elsewhere=False),
]
