# SPDX-License-Identifier: Apache-2.0
"""The transformer as an HTTP service: what it answers, what it counts, and how it stands bad clients."""

import json
import os
import signal
import socket
import threading
import uuid

import pytest

from support import firehose
from support.firehose import Client, PATH, PAYLOAD_CAP, event, record
from support.procs import wait_until

CORPUS = firehose.corpus()


@pytest.fixture(scope="module")
def servers():
    """One transformer for each value of TRANSFORM_IF_MISSING."""
    from support.procs import Services

    started = Services()
    urls = {
        flag: started("transformer", {"TRANSFORM_IF_MISSING": flag, "LOG_LEVEL": "debug"}).wait_ready()
        for flag in (False, True)
    }
    yield {flag: Client(service.url) for flag, service in urls.items()}
    started.stop_all()


@pytest.fixture
def client(transformer):
    client = Client(transformer.url)
    yield client
    client.close()


# --- answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CORPUS, ids=firehose.corpus_ids(CORPUS))
def test_corpus(servers, case):
    answer = servers[case["if_missing"]].invoke(case["event"].encode())
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    if "error" in case:
        assert answer.function_error == "Unhandled"
        assert answer.json == {"errorMessage": case["error"], "errorType": "Function.InvalidEvent"}
    else:
        assert answer.function_error is None
        assert answer.body.decode() == case["expected"]


def test_an_event_of_random_records_is_answered_like_the_naive_transform_does(client):
    records = [record(i, os.urandom(i % 700)) for i in range(2000)]
    for i in range(0, len(records), 7):
        records[i]["data"] = records[i]["data"][:-1] + "*"
    answers = client.invoke(event(*records)).records
    assert len(answers) == len(records)
    for sent, got in zip(records, answers):
        result, data = firehose.naive_data(sent["data"])
        assert got == {"recordId": sent["recordId"], "result": result, "data": data}


def test_bytes_that_are_not_utf8_are_a_function_error(client):
    answer = client.invoke(b'{"records":[{"recordId":"\xff","data":"eA=="}]}')
    assert answer.function_error == "Unhandled"
    assert answer.json["errorMessage"] == "not JSON at byte 25: UTF-8 is expected"


def test_no_body_is_a_function_error(client):
    answer = client.invoke(b"")
    assert answer.function_error == "Unhandled"
    assert answer.json["errorMessage"] == "not JSON at byte 0: a value is expected"


def test_every_answer_has_its_own_request_id(client):
    ids = {client.invoke(event(record(1, b"x"))).headers["X-Amzn-RequestId"] for _ in range(3)}
    ids.add(client.request("GET", "/nowhere").headers["X-Amzn-RequestId"])
    assert len(ids) == 4
    for text in ids:
        assert str(uuid.UUID(text)) == text


# --- size ---------------------------------------------------------------------------------------------


def padded(size):
    """An event of exactly `size` bytes with one record."""
    body = event(record("a", b"x"))
    return body[:-1] + b" " * (size - len(body)) + body[-1:]


def test_an_event_of_six_megabytes_is_taken(client):
    assert client.invoke(padded(PAYLOAD_CAP)).records[0]["data"] == "eAo="


def test_a_longer_event_is_refused_with_413(client, transformer):
    answer = client.invoke(padded(PAYLOAD_CAP + 1))
    assert answer.status == 413
    client.close()
    assert Client(transformer.url).invoke(event(record("a", b"x"))).records[0]["result"] == "Ok"


def test_an_answer_over_six_megabytes_fails_the_records_that_do_not_fit(client, transformer):
    data = b"x" * 48
    body = ('{"records":[' + ",".join('{"recordId":"%05d","data":"%s"}' % (i, firehose.encode(data))
                                      for i in range(61000)) + "]}").encode()
    assert len(body) < PAYLOAD_CAP
    answer = client.invoke(body)
    records = answer.records
    assert PAYLOAD_CAP - 200 < len(answer.body) <= PAYLOAD_CAP
    assert [r["recordId"] for r in records] == ["%05d" % i for i in range(61000)]
    wanted = {"Ok": firehose.encode(data + b"\n"), "ProcessingFailed": ""}
    assert all(r["data"] == wanted[r["result"]] for r in records)
    failed = sum(r["result"] == "ProcessingFailed" for r in records)
    assert 0 < failed < 61000
    assert transformer.metrics()["transformer_records_total", "ProcessingFailed"] == failed


def test_more_records_than_any_answer_can_hold_are_a_function_error(client):
    body = ('{"records":[' + ",".join(['{"recordId":"","data":""}'] * 220000) + "]}").encode()
    assert len(body) < PAYLOAD_CAP
    answer = client.invoke(body)
    assert answer.function_error == "Unhandled"
    assert answer.json["errorType"] == "Function.ResponseTooLarge"


# --- the Invoke API -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [
    PATH,
    "/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:newline/invocations",
    "/2015-03-31/functions/newline%3AProd/invocations",
    PATH + "?Qualifier=1",
])
def test_any_function_name_is_answered(client, path):
    assert len(client.invoke(event(record("a", b"x")), path).records) == 1


@pytest.mark.parametrize("path", [
    "/", "/2015-03-31/functions", "/2015-03-31/functions//invocations", "/2015-03-31/functions/a/b/invocations",
    "/2015-03-31/functions/newline/invocations/", "/2015-03-31/functions/newline", "/2015-03-31/invocations",
    "/2015-03-31/functions/invocations",
])
def test_other_paths_are_not_found(client, path):
    answer = client.invoke(event(), path)
    assert (answer.status, answer.headers["X-Amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert answer.json["Type"] == "User"


def test_other_methods_are_not_allowed(client):
    for method in ("GET", "PUT", "DELETE"):
        answer = client.request(method, PATH)
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_invocation_types(client):
    body = event(record("a", b"x"))
    assert len(client.invoke(body, headers={"X-Amz-Invocation-Type": "RequestResponse"}).records) == 1
    assert client.invoke(body, headers={"X-Amz-Invocation-Type": "DryRun"}).status == 204
    answer = client.invoke(body, headers={"X-Amz-Invocation-Type": "Event"})
    assert (answer.status, answer.headers["X-Amzn-ErrorType"]) == (400, "InvalidParameterValueException")


def test_an_aws_client_invokes_it(transformer):
    import boto3
    import botocore.exceptions

    lambda_client = boto3.client("lambda", region_name="us-east-1", endpoint_url=transformer.url,
                                 aws_access_key_id="x", aws_secret_access_key="x")
    answer = lambda_client.invoke(FunctionName="newline", Payload=event(record("a", b"x")))
    assert answer["StatusCode"] == 200 and "FunctionError" not in answer
    assert json.load(answer["Payload"])["records"][0]["data"] == "eAo="
    answer = lambda_client.invoke(FunctionName="newline", Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        lambda_client.invoke(FunctionName="newline", Payload=padded(PAYLOAD_CAP + 1))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


# --- metrics ------------------------------------------------------------------------------------------


def test_what_is_counted(transformer, client):
    sent = [event(record("a", b"x"), {"recordId": "b", "data": "!"}, record("c", b"")), b"{}"]
    received = sum(len(client.invoke(body).body) for body in sent)
    client.request("GET", PATH)
    metrics = transformer.metrics()
    assert metrics["transformer_records_total", "Ok"] == 2
    assert metrics["transformer_records_total", "ProcessingFailed"] == 1
    assert metrics["transformer_invocations_total", "ok"] == 1
    assert metrics["transformer_invocations_total", "function_error"] == 1
    assert metrics["transformer_invocations_total", "refused"] == 1
    assert metrics["transformer_event_bytes_total"] == sum(map(len, sent))
    assert metrics["transformer_answer_bytes_total"] == received
    assert metrics["transformer_invocation_seconds_count"] == 2


def test_payloads_are_not_logged(services):
    service = services("transformer", {"LOG_LEVEL": "debug"}).wait_ready()
    client = Client(service.url)
    client.invoke(event({"recordId": "secret-id", "data": "c2VjcmV0LWRhdGE="}))
    client.invoke(event({"recordId": "secret-id", "data": "secret!"}))
    client.invoke(b'{"records":[{"secret')
    service.wait_for_event("records failed, Firehose puts them under its error prefix", failed=1)
    service.wait_for_event("event refused, the caller gets the error")
    assert service.stop() == 0
    text = "\n".join(service.lines)
    assert "secret" not in text and "c2VjcmV0" not in text


# --- connections --------------------------------------------------------------------------------------


def connect(service):
    return socket.create_connection(("127.0.0.1", service.port), timeout=60)


def request_bytes(body, length=None):
    return (f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
            ).encode() + body


def read_answer(stream):
    """(status, body) of one answer from a socket's file."""
    status = int(stream.readline().split()[1])
    length = 0
    while (line := stream.readline().strip()):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, stream.read(length)


def test_connections_are_kept_alive(client):
    client.invoke(event(record(0, b"x")))
    first = client.connection.sock
    for i in range(200):
        assert client.invoke(event(record(i, b"x"))).records[0]["recordId"] == str(i)
    assert client.connection.sock is first


def test_requests_sent_ahead_are_answered_in_order(transformer):
    with connect(transformer) as sock:
        sock.sendall(b"".join(request_bytes(event(record(i, b"x" * i))) for i in range(20)))
        stream = sock.makefile("rb")
        for i in range(20):
            status, body = read_answer(stream)
            assert status == 200 and json.loads(body)["records"][0]["recordId"] == str(i)


def test_a_chunked_body_is_an_event_too(client):
    body = event(record("a", b"x" * 1000))
    client.connection.request("POST", PATH, iter([body[:5], body[5:700], body[700:]]), {}, encode_chunked=True)
    assert len(firehose.Answer(client.connection.getresponse()).records) == 1


def test_a_slow_client_is_served_and_holds_up_nobody(transformer, client):
    whole = request_bytes(event(record("slow", b"x")))
    with connect(transformer) as sock:
        for i, byte in enumerate(whole):
            sock.sendall(bytes([byte]))
            if i % 20 == 0:
                assert client.invoke(event(record(i, b"y"))).records[0]["recordId"] == str(i)
        assert read_answer(sock.makefile("rb"))[0] == 200


def test_a_client_that_stops_in_the_middle_is_cut_off(services):
    service = services("transformer", {"TRANSFORM_CLIENT_TIMEOUT_S": "1"}).wait_ready()
    whole = request_bytes(event(record("a", b"x")))
    for cut in (0, 4, 60, len(whole) - 1):
        with connect(service) as sock:
            sock.sendall(whole[:cut])
            while sock.recv(4096):
                pass


def test_a_client_that_does_not_read_its_answer_is_cut_off(services):
    service = services("transformer", {"TRANSFORM_CLIENT_TIMEOUT_S": "1"}).wait_ready()
    body = event(*[record(i, b"x" * 3000) for i in range(1000)])
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", service.port))
        sock.sendall(request_bytes(body))
        service.wait_for_metric(("transformer_invocations_total", "ok"), 1)
        wait_until(lambda: open_connections(service) == 0, "the connection to be closed")
    assert Client(service.url).invoke(event(record("a", b"x"))).records[0]["result"] == "Ok"


def open_connections(service):
    """Sockets of the process that are connected."""
    links = [os.readlink(f"/proc/{service.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{service.pid}/fd")]
    with open("/proc/net/tcp") as table:
        connected = {f"socket:[{line.split()[9]}]" for line in list(table)[1:] if line.split()[3] != "0A"}
    return sum(link in connected for link in links)


def test_a_connection_may_break_in_every_state(services):
    # libmicrohttpd sees a client that closes right behind a part of a request only at the time-out.
    service = services("transformer", {"TRANSFORM_CLIENT_TIMEOUT_S": "1"}).wait_ready()
    whole = request_bytes(event(*[record(i, b"x" * 50) for i in range(20)]))
    for reset in (False, True):
        for cut in list(range(0, len(whole), 97)) + [len(whole) - 1, len(whole)]:
            sock = connect(service)
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            sock.sendall(whole[:cut])
            sock.close()
    client = Client(service.url)
    assert client.invoke(event(record("a", b"x"))).records[0]["result"] == "Ok"
    client.close()
    wait_until(lambda: open_connections(service) == 0, "all connections to be gone")


def test_many_connections_at_once(transformer):
    problems = []

    def work(number):
        client = Client(transformer.url)
        try:
            for i in range(5):
                body = event(*[record(f"{number}-{i}-{n}", os.urandom(100)) for n in range(20)])
                answers = client.invoke(body).records
                assert [a["recordId"] for a in answers] == [f"{number}-{i}-{n}" for n in range(20)]
        except Exception as problem:  # reported by the main thread
            problems.append(problem)
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert transformer.metrics()["transformer_records_total", "Ok"] == 100 * 5 * 20


def test_connections_above_the_limit_do_not_take_it_down(services):
    service = services("transformer", {"TRANSFORM_CONNECTIONS": "4", "TRANSFORM_CLIENT_TIMEOUT_S": "1"}).wait_ready()
    socks = [connect(service) for _ in range(12)]
    for sock in socks:
        sock.close()

    def answered():
        try:
            return Client(service.url).invoke(event(record("a", b"x"))).status == 200
        except OSError:
            return False

    wait_until(answered, "an answer after too many connections")


# --- the end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(services, sig):
    service = services("transformer").wait_ready()
    idle = connect(service)
    Client(service.url).invoke(event(record("a", b"x")))
    assert service.stop(sig) == 0
    assert service.find_event("stopped", records=1, unanswered=0)
    idle.close()


def test_requests_in_hand_are_answered_before_it_stops(services):
    service = services("transformer").wait_ready()
    whole = request_bytes(event(*[record(i, b"x" * 100) for i in range(100)]))
    with connect(service) as sock:
        sock.sendall(whole[:len(whole) // 2])
        service.get("/livez")  # a round of its loop: the half request has been read
        service.send_signal(signal.SIGTERM)
        wait_until(lambda: refused(service), "new connections to be refused")
        sock.sendall(whole[len(whole) // 2:])
        status, body = read_answer(sock.makefile("rb"))
        assert status == 200 and len(json.loads(body)["records"]) == 100
    assert service.wait() == 0
    assert service.find_event("stopped", unanswered=0)


def refused(service):
    try:
        connect(service).close()
    except OSError:
        return True
    return False


def test_a_request_that_never_ends_does_not_hold_up_the_end_for_ever(services):
    service = services("transformer", {"DRAIN_TIMEOUT_MS": "300"}).wait_ready()
    with connect(service) as sock:
        sock.sendall(request_bytes(b"{", length=1000))
        service.get("/livez")
        assert service.stop() == 0
    assert service.find_event("stopped", unanswered=1)


# --- configuration ------------------------------------------------------------------------------------


def test_the_health_check_asks_the_service(services, transformer):
    check = services("transformer", {"HTTP_PORT": transformer.port}, ["--healthcheck"])
    assert check.wait() == 0
    check = services("transformer", {"HTTP_PORT": transformer.port, "HTTP_ADDRESS": "0.0.0.0"}, ["--healthcheck"])
    assert check.wait() == 0
    check = services("transformer", {}, ["--healthcheck"])
    assert check.wait() == 1
    assert "cannot connect" in check.tail()


def test_wrong_configuration_is_told_in_one_go(services):
    service = services("transformer", {"TRANSFORM_IF_MISSING": "perhaps", "TRANSFORM_CONNECTIONS": "0",
                                       "TRANSFORM_CLIENT_TIMEOUT_S": "x", "HTTP_PORT": "8080"})
    assert service.wait() == 2
    text = "\n".join(service.lines)
    for name in ("TRANSFORM_IF_MISSING=perhaps", "TRANSFORM_CONNECTIONS=0", "TRANSFORM_CLIENT_TIMEOUT_S=x"):
        assert name in text


def test_a_port_in_use_is_told(services, transformer):
    second = services("transformer", {"HTTP_PORT": transformer.port})
    assert second.wait() == 1
    assert "HTTP_PORT" in second.find_event("cannot start")["error"]


def test_without_a_port_there_is_nothing_to_do(services):
    service = services("transformer", {"HTTP_PORT": "0"})
    assert service.wait() == 1
    assert "HTTP_PORT=0" in service.find_event("cannot start")["error"]
