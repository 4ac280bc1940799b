# SPDX-License-Identifier: Apache-2.0
"""S3 in local-aws: what survives kill -9, presigned URLs, and bodies in chunks, down to the bytes on the wire."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import sqlite3
import threading
import urllib.error
import urllib.request
import zlib

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.stack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY

BUCKET = "userdata"
PART = b"p" * (5 * 1024 * 1024)
KEYS = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)


@pytest.fixture
def aws(start_local_aws):
    return start_local_aws()


def send(method, url, body=None, headers=None):
    """(status, headers, body), whatever the status."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


# --- durability ------------------------------------------------------------------------------------------


def test_a_multipart_upload_goes_on_after_kill_9(start_local_aws):
    aws = start_local_aws()
    s3 = aws.client("s3")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k", ContentType="text/x")["UploadId"]
    names = {"Bucket": BUCKET, "Key": "k", "UploadId": upload}
    first = s3.upload_part(PartNumber=1, Body=PART, **names)["ETag"]
    s3.upload_part(PartNumber=2, Body=b"old", **names)
    aws.kill()
    again = start_local_aws(directory=aws.directory)
    s3 = again.client("s3")
    assert [part["ETag"] for part in s3.list_parts(**names)["Parts"]][0] == first
    second = s3.upload_part(PartNumber=2, Body=b"new", **names)["ETag"]
    s3.complete_multipart_upload(MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": second}]}, **names)
    again.kill()
    last = start_local_aws(directory=aws.directory)
    got = last.client("s3").get_object(Bucket=BUCKET, Key="k")
    assert got["Body"].read() == PART + b"new" and got["ContentType"] == "text/x"
    assert list((last.s3_dir / ".parts").iterdir()) == []  # nothing is left of the parts


def test_files_that_a_kill_left_without_a_part_are_removed(start_local_aws):
    aws = start_local_aws()
    s3 = aws.client("s3")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    s3.upload_part(Bucket=BUCKET, Key="k", UploadId=upload, PartNumber=1, Body=b"kept")
    aws.kill()
    (kept,) = (aws.s3_dir / ".parts").iterdir()
    (aws.s3_dir / ".parts" / "stray").write_bytes(b"x")
    (aws.s3_dir / ".staging" / "stray").write_bytes(b"x")
    start_local_aws(directory=aws.directory)
    assert list((aws.s3_dir / ".parts").iterdir()) == [kept]
    assert list((aws.s3_dir / ".staging").iterdir()) == []


@pytest.mark.parametrize("renamed", (True, False), ids=("file renamed, no entry yet", "file not renamed yet"))
def test_an_object_that_is_overwritten_is_the_old_or_the_new_one_after_kill_9(start_local_aws, renamed):
    """The states as kill -9 leaves them on either side of the renaming."""
    aws = start_local_aws()
    aws.client("s3").put_object(Bucket=BUCKET, Key="k", Body=b"the old bytes")
    aws.kill()
    new = b"new"
    with contextlib.closing(sqlite3.connect(aws.directory / "state.db")) as state:
        state.execute("INSERT INTO s3_pending(file, bucket, key, size, etag, modified_ms, content_type, metadata)"
                      " VALUES('staged', ?, 'k', 3, ?, 1795435200000, 'text/x', '{}')",
                      (BUCKET, hashlib.md5(new).hexdigest()))
        state.commit()
    (aws.s3_dir / BUCKET / "k" if renamed else aws.s3_dir / ".staging" / "staged").write_bytes(new)
    again = start_local_aws(directory=aws.directory)
    got = again.client("s3").get_object(Bucket=BUCKET, Key="k")
    body = got["Body"].read()
    assert body == (new if renamed else b"the old bytes")
    assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'


def test_kill_9_while_objects_are_overwritten_leaves_whole_ones(start_local_aws):
    directory = None
    for size in (1000, 70000, 30):
        aws = start_local_aws(directory=directory)
        directory = aws.directory
        client = aws.client("s3")
        enough = threading.Event()

        def write(length=size):
            for i in range(100000):
                try:
                    client.put_object(Bucket=BUCKET, Key=f"k{i % 3}", Body=b"%d" % (i % 10) * length)
                except Exception:  # the kill
                    return
                if i == 60:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        aws.kill()
        writer.join()
    last = start_local_aws(directory=directory).client("s3")
    for i in range(3):
        got = last.get_object(Bucket=BUCKET, Key=f"k{i}")
        body = got["Body"].read()
        assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        assert len(body) == 30 or len(body) == 70000


# --- presigned URLs --------------------------------------------------------------------------------------


def presigned(aws, method, key, expires=60, minutes=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    request = AWSRequest(method, f"{aws.url}/{BUCKET}/{key}")
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    signer = S3SigV4QueryAuth(KEYS, "s3", REGION, expires=expires)
    signer._modify_request_before_signing(request)  # add_auth() with the date of above
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return request.url


def test_presigned_urls_put_and_get_without_keys(aws):
    assert send("PUT", presigned(aws, "PUT", "a%20b"), b"body")[0] == 200
    assert send("GET", presigned(aws, "GET", "a%20b"))[2] == b"body"
    status, headers, _ = send("GET", presigned(aws, "GET", "a%20b") + "&x=1")
    assert (status, headers["x-amz-request-id"] is None) == (403, False)


@pytest.mark.parametrize("minutes, status, text", (
    (0, 200, b"body"), (-2, 403, b"Request has expired"), (20, 403, b"Request is not valid yet")))
def test_a_presigned_url_holds_from_its_date_until_it_expires(aws, minutes, status, text):
    aws.client("s3").put_object(Bucket=BUCKET, Key="k", Body=b"body")
    found, _, body = send("GET", presigned(aws, "GET", "k", 60, minutes))
    assert found == status and text in body


def test_a_presigned_url_is_for_its_method_and_key_alone(aws):
    aws.client("s3").put_object(Bucket=BUCKET, Key="k", Body=b"body")
    url = presigned(aws, "GET", "k")
    for method, changed in (("PUT", url), ("DELETE", url), ("GET", url.replace("/k?", "/other?"))):
        status, _, body = send(method, changed, b"x" if method == "PUT" else None)
        assert status == 403 and b"SignatureDoesNotMatch" in body
    # a request for more than a week, and one that is signed twice
    assert b"AuthorizationQueryParametersError" in send("GET", presigned(aws, "GET", "k", 604801))[2]
    assert b"Only one auth mechanism" in send("GET", url, headers={"Authorization": "AWS4-HMAC-SHA256 x"})[2]


# --- bodies in chunks ------------------------------------------------------------------------------------


def signed_put(aws, key, payload, length, trailer=None):
    """Headers of a PUT whose x-amz-content-sha256 is `payload`; and its signature."""
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": str(length),
               "X-Amz-Content-SHA256": payload}
    if trailer:
        headers["X-Amz-Trailer"] = trailer
    request = AWSRequest("PUT", f"{aws.url}/{BUCKET}/{key}", headers=headers)
    request.context["client_config"] = None
    signer = S3SigV4Auth(KEYS, "s3", REGION)
    signer.payload = lambda request: payload
    signer.add_auth(request)
    headers = dict(request.headers)
    headers["X-Amz-Content-SHA256"] = payload
    return headers, headers["Authorization"].rsplit("=", 1)[1]


def chunk_signature(headers, before, algorithm, *hashes):
    date = headers["X-Amz-Date"]
    key = ("AWS4" + SECRET_ACCESS_KEY).encode()
    for part in (date[:8], REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join([algorithm, date, f"{date[:8]}/{REGION}/s3/aws4_request", before, *hashes])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def signed_chunks(headers, seed, chunks, trailer=None):
    """The body in signed chunks, and a signed trailer."""
    body = b""
    for chunk in [*chunks, b""]:
        seed = chunk_signature(headers, seed, "AWS4-HMAC-SHA256-PAYLOAD", hashlib.sha256(b"").hexdigest(),
                               hashlib.sha256(chunk).hexdigest())
        body += b"%x;chunk-signature=%s\r\n%s" % (len(chunk), seed.encode(), chunk) + (b"\r\n" if chunk else b"")
    if trailer:
        name, value = trailer
        line = f"{name}:{value}\n".encode()
        seed = chunk_signature(headers, seed, "AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(line).hexdigest())
        body += line.replace(b"\n", b"\r\n") + b"x-amz-trailer-signature:" + seed.encode() + b"\r\n"
    return body + b"\r\n"


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


CHUNKS = [b"a" * 8192, b"b" * 10]
WHOLE = b"".join(CHUNKS)
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def test_signed_chunks_are_accepted_and_wrong_ones_refused(aws):
    headers, seed = signed_put(aws, "k", SIGNED, len(WHOLE))
    body = signed_chunks(headers, seed, CHUNKS)
    url = f"{aws.url}/{BUCKET}/k"
    status, _, text = send("PUT", url, body.replace(b"b" * 10, b"c" * 10), headers)
    assert status == 403 and b"SignatureDoesNotMatch" in text
    status, _, text = send("PUT", url, signed_chunks(headers, "0" * 64, CHUNKS), headers)
    assert status == 403 and b"SignatureDoesNotMatch" in text
    assert aws.s3_files(BUCKET) == []
    assert send("PUT", url, body, headers)[0] == 200
    assert (aws.s3_dir / BUCKET / "k").read_bytes() == WHOLE


def test_a_signed_trailer_is_checked(aws):
    name = "x-amz-checksum-crc32"
    url = f"{aws.url}/{BUCKET}/k"
    headers, seed = signed_put(aws, "k", SIGNED + "-TRAILER", len(WHOLE), name)
    status, _, text = send("PUT", url, signed_chunks(headers, seed, CHUNKS, (name, crc32(b"other"))), headers)
    assert status == 400 and b"BadDigest" in text
    body = signed_chunks(headers, seed, CHUNKS, (name, crc32(WHOLE)))
    status, _, text = send("PUT", url, body.replace(crc32(WHOLE).encode(), crc32(b"other").encode()), headers)
    assert status == 403 and b"SignatureDoesNotMatch" in text
    assert send("PUT", url, body, headers)[0] == 200


@pytest.mark.parametrize("trailer, length, code", (
    (f"x-amz-checksum-crc32:{crc32(WHOLE)}\r\n", len(WHOLE), None),
    (f"x-amz-checksum-crc32:{crc32(b'other')}\r\n", len(WHOLE), b"BadDigest"),
    ("x-amz-checksum-crc32:nonsense\r\n", len(WHOLE), b"InvalidRequest"),
    ("", len(WHOLE), b"MalformedTrailerError"),
    (f"x-amz-checksum-crc32:{crc32(WHOLE)}\r\n", len(WHOLE) + 1, b"IncompleteBody"),
), ids=("right", "wrong", "no checksum", "missing", "wrong length"))
def test_a_trailing_checksum_is_held_against_the_bytes(aws, trailer, length, code):
    headers, _ = signed_put(aws, "k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", length, "x-amz-checksum-crc32")
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in CHUNKS)
    body += b"0\r\n" + trailer.encode() + b"\r\n"
    status, _, text = send("PUT", f"{aws.url}/{BUCKET}/k", body, headers)
    assert (status == 200) if code is None else (status == 400 and code in text), text
    assert (aws.s3_dir / BUCKET / "k").exists() == (code is None)


# --- errors ----------------------------------------------------------------------------------------------


def test_errors_carry_a_request_id_in_header_and_body(aws):
    status, headers, body = send("GET", f"{aws.url}/{BUCKET}")
    assert status == 403
    assert f"<RequestId>{headers['x-amz-request-id']}</RequestId>".encode() in body
