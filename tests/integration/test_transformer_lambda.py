# SPDX-License-Identifier: Apache-2.0
"""The transformer as a Lambda custom runtime, against a Runtime API that the test plays."""

import json
import socket
import struct
import threading

import pytest

from support import firehose
from support.firehose import event, record
from support.procs import wait_until
from support.runtime_api import Handler, RuntimeApi

CORPUS = firehose.corpus()


@pytest.fixture
def api():
    server = RuntimeApi()
    yield server
    server.stop()


def start(services, api, **env):
    return services("transformer", {"AWS_LAMBDA_RUNTIME_API": api.address, **env})


@pytest.mark.parametrize("if_missing", [False, True])
def test_corpus(services, api, if_missing):
    start(services, api, TRANSFORM_IF_MISSING=str(if_missing))
    for case in [case for case in CORPUS if case["if_missing"] == if_missing]:
        request_id = api.invoke(case["event"].encode())
        path, headers, posted = api.next_post()
        assert headers["Content-Type"] == "application/json"
        if "error" in case:
            assert path == f"invocation/{request_id}/error", case["name"]
            assert json.loads(posted) == {"errorMessage": case["error"], "errorType": "Function.InvalidEvent"}
            assert headers["Lambda-Runtime-Function-Error-Type"] == "Function.InvalidEvent"
        else:
            assert path == f"invocation/{request_id}/response", case["name"]
            assert posted.decode() == case["expected"], case["name"]


def test_events_come_over_one_connection_one_after_the_other(services, api):
    start(services, api)
    for i in range(50):
        assert json.loads(api.answer(event(record(i, b"x"))))["records"][0]["recordId"] == str(i)
    assert api.connections == 1


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_events_come_in_chunks_or_up_to_the_end_of_the_connection(services, api, framing):
    api.framing = framing
    start(services, api)
    for count in (1, 10, 3000):
        body = event(*[record(i, b"x" * 1000) for i in range(count)])
        assert len(json.loads(api.answer(body))["records"]) == count


def test_a_connection_that_was_closed_between_two_events_is_made_anew(services, api):
    start(services, api)
    api.close_after_post = True
    for i in range(5):
        assert json.loads(api.answer(event(record(i, b"x"))))["records"][0]["recordId"] == str(i)


def test_a_large_event_and_answer(services, api):
    start(services, api)
    body = event(*[record(i, b"x" * 1500) for i in range(2800)])
    assert 5_500_000 < len(body) < firehose.PAYLOAD_CAP
    assert len(json.loads(api.answer(body))["records"]) == 2800


def test_it_stops_on_a_signal_while_it_waits(services, api):
    service = start(services, api)
    api.answer(event(record("a", b"x")))
    wait_until(lambda: api.waiting == 1, "the next poll")
    assert service.stop() == 0
    assert service.find_event("stopped")


def test_it_waits_as_long_as_it_takes_and_has_no_http_port(services, api):
    service = start(services, api)
    wait_until(lambda: api.waiting == 1, "the first poll")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(service.env["HTTP_PORT"])))
    assert service.running()
    assert service.find_event("listening") is None
    api.answer(event(record("a", b"x")))


def test_an_answer_refused_as_too_long_becomes_an_error(services, api):
    start(services, api)
    api.statuses["invocation/long/response"] = 413
    api.invoke(event(record("a", b"x")), "long")
    assert api.next_post()[0] == "invocation/long/response"
    path, headers, body = api.next_post()
    assert path == "invocation/long/error"
    assert headers["Lambda-Runtime-Function-Error-Type"] == "Function.ResponseTooLarge"
    assert json.loads(body)["errorType"] == "Function.ResponseTooLarge"
    api.answer(event(record("a", b"x")))


@pytest.mark.parametrize("status", [400, 403])
def test_an_answer_refused_for_its_state_is_logged_and_the_next_event_taken(services, api, status):
    service = start(services, api)
    api.statuses["invocation/bad/response"] = status
    api.invoke(event(record("a", b"x")), "bad")
    api.next_post()
    api.answer(event(record("a", b"x")))
    assert service.wait_for_event("the Runtime API refused the answer, going on with the next event", status=status)


@pytest.mark.parametrize("path", ["invocation/lost/response", "invocation/lost/error"])
def test_status_500_to_a_post_ends_the_process(services, api, path):
    service = start(services, api)
    api.statuses[path] = 500
    api.invoke(event(record("a", b"x")) if path.endswith("response") else b"{}", "lost")
    api.next_post()
    assert service.wait() == 1


@pytest.mark.parametrize("status", [500, 403, 404])
def test_no_next_event_ends_the_process(services, api, status):
    service = start(services, api)
    api.answer(event(record("a", b"x")))
    api.events.put(status)
    assert service.wait() == 1
    assert service.find_event("the Runtime API has no next event, the process ends", status=status)


@pytest.mark.parametrize("address", ["127.0.0.1", "runtime.example:9001", "127.0.0.1:0", "127.0.0.1:x", "[::1:9001", ":1"])
def test_an_address_that_is_none_is_told(services, address):
    service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": address})
    assert service.wait() == 1
    assert f"AWS_LAMBDA_RUNTIME_API={address}" in service.find_event("cannot start")["error"]


def test_localhost_is_an_address(services, api):
    services("transformer", {"AWS_LAMBDA_RUNTIME_API": api.address.replace("127.0.0.1", "localhost")})
    api.answer(event(record("a", b"x")))


@pytest.mark.parametrize("garbage", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
                                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])
def test_an_answer_that_is_not_http_ends_the_process(services, garbage):
    with socket.create_server(("127.0.0.1", 0)) as server:
        service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % server.getsockname()[1]})
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(garbage)
        connection.close()
        assert service.wait() == 1


class Script(threading.Thread):
    """A Runtime API of plain sockets: for each connection a list of (bytes of the answer, how it goes on), where
    that is "keep", "close", "reset", or "deaf" for a reset before the request is read."""

    def __init__(self, *connections):
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.connections = connections
        self.requests = []
        self.start()

    def run(self):
        for answers in self.connections:
            connection, _ = self.server.accept()
            with connection, connection.makefile("rb") as stream:
                for answer, ending in answers:
                    if ending != "deaf":
                        self.requests.append(self.read(stream))
                        connection.sendall(answer)
                    if ending in ("reset", "deaf"):
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.close()

    @staticmethod
    def read(stream):
        """The request's first line; its body is read too."""
        first, length = stream.readline().decode().strip(), 0
        while (line := stream.readline().strip()):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)
        return first


NEXT = (b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\nContent-Length: 45\r\n\r\n"
        b'{"records":[{"recordId":"a","data":"eA=="}]} ')
TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
ENOUGH = (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "close")


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_connection_may_break_at_every_byte_of_an_event(services, ending):
    """There is no event then, and Lambda's rule for that is to end."""
    assert len(NEXT.partition(b"\r\n\r\n")[2]) == 45
    for cut in [*range(0, len(NEXT), 9), len(NEXT) - 1]:
        script = Script([(NEXT[:cut], ending)])
        service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": script.address})
        assert service.wait() == 1, cut
        assert service.find_event("the Runtime API has no next event, the process ends"), cut
        assert len(service.events) == 3, service.tail()  # "starting", "taking events", and that: no post was tried
        script.join()


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_connection_may_break_at_every_byte_of_the_answer_to_a_post(services, ending):
    """Whether Lambda has the answer is not known: it goes on with the next event."""
    for cut in [*range(0, len(TAKEN), 7), len(TAKEN) - 1]:
        script = Script([(NEXT, "keep"), (TAKEN[:cut], ending)], [(NEXT, "keep"), (TAKEN, "keep"), ENOUGH])
        service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": script.address})
        assert service.wait() == 1, cut
        script.join()
        assert [line.split()[0] for line in script.requests] == ["GET", "POST", "GET", "POST", "GET"], cut


def test_a_connection_may_break_before_a_request_is_read(services):
    script = Script([(b"", "deaf")])
    service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": script.address})
    assert service.wait() == 1
    script.join()


def test_a_runtime_api_that_listens_later_than_the_function_starts_is_waited_for(services):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % server.getsockname()[1]})
        service.wait_for_event("taking events from Lambda")
        server.settimeout(30)
        server.listen()
        connection, _ = server.accept()
        with connection:
            assert connection.recv(4096).startswith(b"GET /2018-06-01/runtime/invocation/next ")
    assert service.wait() == 1


def test_no_runtime_api_ends_the_process(services):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        service = services("transformer", {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % unused.getsockname()[1]})
        assert service.wait() == 1


def test_an_event_without_a_request_id_is_passed_over(services, api):
    start(services, api)
    for bad in ("", "../../init", "a b"):
        api.invoke(event(record("a", b"x")), **{"Lambda-Runtime-Aws-Request-Id": bad})
    api.answer(event(record("a", b"x")))


def test_a_deadline_that_is_over_does_not_keep_the_answer_back(services, api):
    start(services, api)
    for deadline in ("0", "1", "x", "99999999999999999999"):
        api.answer(event(record("a", b"x")), **{"Lambda-Runtime-Deadline-Ms": deadline})


def test_a_broken_post_does_not_end_the_process(services, api):
    service = start(services, api)
    api.answer(event(record("a", b"x")))
    wait_until(lambda: api.waiting == 1, "the next poll")
    original = Handler.do_POST

    def broken(self):
        Handler.do_POST = original
        self.close_connection = True

    Handler.do_POST = broken
    try:
        api.invoke(event(record("a", b"x")))
        service.wait_for_event("the Runtime API did not take the post, going on with the next event")
        api.answer(event(record("b", b"x")))
    finally:
        Handler.do_POST = original


def test_wrong_configuration_is_an_init_error(services, api):
    service = start(services, api, TRANSFORM_IF_MISSING="perhaps")
    path, headers, body = api.next_post()
    assert path == "init/error"
    assert headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.BadConfiguration"
    assert json.loads(body)["errorType"] == "Runtime.BadConfiguration"
    assert service.wait() == 2
