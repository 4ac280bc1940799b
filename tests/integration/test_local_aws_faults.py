# SPDX-License-Identifier: Apache-2.0
"""Faults on order in local-aws: each kind does what it says, no more, and again for the same seed."""

import http.client
import json
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError

from support.signed import post, signed_headers

STREAM = "users"
RECORDS = [{"Data": b"%d" % i, "PartitionKey": f"key-{i}"} for i in range(200)]


@pytest.fixture
def aws(start_local_aws):
    return start_local_aws({"LOCAL_AWS_FAULTS": "1"})


def request(aws, method, body=None):
    data = json.dumps(body).encode() if body is not None else None
    call = urllib.request.Request(aws.url + "/_local/faults", data=data, method=method)
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read()


def order(aws, *faults, seed=1):
    status, body = request(aws, "PUT", {"seed": seed, "faults": list(faults)})
    assert status == 200, body


def stored(aws):
    return aws.metrics()["local_aws_kinesis_records_total", STREAM]


def put(aws, **options):
    return aws.client("kinesis", **options).put_records(StreamName=STREAM, Records=RECORDS)


def test_single_records_fail_at_the_rate_and_the_others_are_stored(aws):
    order(aws, {"kind": "throttle_record", "operation": "PutRecords", "rate": 0.2},
          {"kind": "fail_record", "rate": 0.1})
    answers = [put(aws) for _ in range(5)]
    codes = [entry.get("ErrorCode") for answer in answers for entry in answer["Records"]]
    assert 120 < codes.count("ProvisionedThroughputExceededException") < 280
    assert 30 < codes.count("InternalFailure") < 150
    assert stored(aws) == codes.count(None) == 1000 - sum(answer["FailedRecordCount"] for answer in answers)
    metrics = aws.metrics()
    assert metrics["local_aws_faults_total", "throttle_record"] == codes.count(
        "ProvisionedThroughputExceededException")
    assert metrics["local_aws_faults_total", "fail_record"] == codes.count("InternalFailure")


def test_the_same_seed_gives_the_same_faults(aws):
    seen = []
    for seed in (7, 7, 8):
        order(aws, {"kind": "throttle_record", "rate": 0.3}, seed=seed)
        seen.append([entry.get("ErrorCode") for entry in put(aws)["Records"]])
    assert seen[0] == seen[1] != seen[2]


def test_one_shard_is_throttled_and_the_other_not(aws):
    order(aws, {"kind": "throttle_record", "shard": "shardId-000000000001"})
    for entry in put(aws)["Records"]:
        assert ("ErrorCode" in entry) == (entry.get("ShardId") != "shardId-000000000000")


@pytest.mark.parametrize("code, status", (
    ("InternalFailure", 500), ("ServiceUnavailable", 503), ("ThrottlingException", 400),
    ("ProvisionedThroughputExceededException", 400), ("KMSThrottlingException", 400),
    ("ExpiredTokenException", 400)))
def test_a_whole_call_fails_with_the_code_and_its_usual_status(aws, code, status):
    order(aws, {"kind": "error", "code": code, "operation": "PutRecords", "count": 1})
    with pytest.raises(ClientError) as caught:
        put(aws)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert stored(aws) == 0
    assert put(aws)["FailedRecordCount"] == 0  # the fault struck as often as it was to


def test_a_wrong_clock_refuses_signatures_and_shows_in_date(aws):
    order(aws, {"kind": "clock", "skew_ms": 3600 * 1000})
    with pytest.raises(ClientError) as caught:
        put(aws)
    error = caught.value.response
    assert error["Error"]["Code"] == "InvalidSignatureException"
    assert error["Error"]["Message"].startswith("Signature expired")
    date = parsedate_to_datetime(error["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert 3500 < date.timestamp() - time.time() < 3700


def test_an_ordered_error_may_carry_a_wrong_date(aws):
    order(aws, {"kind": "error", "code": "InvalidSignatureException", "skew_ms": -3600 * 1000})
    with pytest.raises(ClientError) as caught:
        put(aws)
    date = parsedate_to_datetime(caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert 3500 < time.time() - date.timestamp() < 3700


def test_latency_holds_a_call_back_and_not_the_others(aws):
    order(aws, {"kind": "latency", "min_ms": 300, "max_ms": 400, "operation": "PutRecords", "count": 1})
    kinesis = aws.client("kinesis")
    start = time.monotonic()
    put(aws)
    assert time.monotonic() - start >= 0.3
    order(aws, {"kind": "latency", "min_ms": 60000, "operation": "PutRecords"})
    with pytest.raises(ReadTimeoutError):
        put(aws, config={"read_timeout": 0.2})
    assert kinesis.list_streams()["StreamNames"] == [STREAM]
    assert aws.stop() == 0  # what is held back does not hold a stop up for ever


def test_a_reset_before_handling_stores_nothing(aws):
    order(aws, {"kind": "reset_before", "operation": "PutRecords", "count": 1})
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        put(aws)
    assert stored(aws) == 0
    assert put(aws)["FailedRecordCount"] == 0


def test_a_reset_after_handling_stores_without_an_answer(aws):
    order(aws, {"kind": "reset_after", "operation": "PutRecords", "count": 1})
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        put(aws)
    assert stored(aws) == len(RECORDS)


def put_raw(aws):
    body = json.dumps({"StreamName": STREAM, "Records": [{"Data": "eA==", "PartitionKey": "k"}] * 10}).encode()
    return post(aws.url, signed_headers(aws, "Kinesis_20131202.PutRecords", body), body)


def test_an_answer_is_cut_off_in_the_middle(aws):
    order(aws, {"kind": "truncate", "operation": "PutRecords", "count": 1})
    with pytest.raises(http.client.IncompleteRead) as caught:
        put_raw(aws)
    assert caught.value.partial.startswith(b'{"FailedRecordCount":0')
    assert stored(aws) == 10
    assert put_raw(aws)[0] == 200


def test_an_answer_that_is_no_json(aws):
    order(aws, {"kind": "malformed", "operation": "PutRecords", "count": 1})
    status, _, body = put_raw(aws)
    assert status == 200 and body.startswith(b"<html>")
    assert stored(aws) == 10


def test_firehose_fails_with_its_own_codes(aws):
    order(aws, {"kind": "throttle_record", "service": "firehose", "rate": 0.5})
    answer = aws.client("firehose").put_record_batch(
        DeliveryStreamName="users-to-s3", Records=[{"Data": b"x"}] * 100)
    codes = [entry.get("ErrorCode") for entry in answer["RequestResponses"]]
    assert 0 < codes.count("ServiceUnavailableException") == answer["FailedPutCount"] < 100
    assert all("RecordId" in entry for entry in answer["RequestResponses"] if "ErrorCode" not in entry)
    assert put(aws)["FailedRecordCount"] == 0  # Kinesis was not meant


def test_orders_are_shown_taken_back_and_checked(aws):
    order(aws, {"kind": "error", "code": "InternalFailure", "rate": 0.5, "count": 3})
    shown = json.loads(request(aws, "GET")[1])
    assert shown["faults"] == [{"kind": "error", "rate": 0.5, "struck": 0, "count": 3, "code": "InternalFailure"}]
    for wrong in ({"kind": "nonsense"}, {"kind": "error"}, {"kind": "latency", "rate": 2},
                  {"kind": "latency", "min_ms": 5, "max_ms": 1}):
        status, body = request(aws, "PUT", {"faults": [wrong]})
        assert status == 400 and b"fault 1" in body
    assert json.loads(request(aws, "GET")[1]) == shown
    assert json.loads(request(aws, "DELETE")[1])["faults"] == []
    for _ in range(5):
        assert put(aws)["FailedRecordCount"] == 0


def test_faults_are_closed_unless_switched_on(start_local_aws):
    assert request(start_local_aws(), "PUT", {"faults": []})[0] == 404
