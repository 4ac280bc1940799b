#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Cold start and memory: the time from exec to the first answer, and the resident memory after it and after 20
events of 1.1 MB; as a Lambda at a Runtime API that this script plays, or with --http as a service that is asked.

Usage: transform_start.py [--http] NAME COMMAND... (prints one line of JSON)
"""

import base64
import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time

STARTS = 15
EVENTS = 20


class RuntimeApi(http.server.ThreadingHTTPServer):
    daemon_threads = True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        api = self.server
        if api.left == 0:
            api.finished.set()
            threading.Event().wait(5)
            return
        api.left -= 1
        self.reply(200, api.event, [("Lambda-Runtime-Aws-Request-Id", "id"),
                                    ("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60000))])

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.answered = time.monotonic()
        self.reply(202, b"{}")


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def event(records, size):
    data = base64.b64encode(b"x" * size).decode()
    return json.dumps({"records": [{"recordId": str(i), "data": data} for i in range(records)]}).encode()


def run_lambda(command, body, count):
    """(milliseconds to the last answer, resident KiB then)"""
    api = RuntimeApi(("127.0.0.1", 0), Handler)
    api.event, api.left, api.finished, api.answered = body, count, threading.Event(), None
    threading.Thread(target=api.serve_forever, daemon=True).start()
    env = {"PATH": os.environ["PATH"], "LOG_LEVEL": "error", "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
    start = time.monotonic()
    process = subprocess.Popen(command, env=env)
    assert api.finished.wait(30), "no answer"
    resident = resident_kib(process.pid)
    process.kill()
    process.wait()
    api.shutdown()
    api.server_close()
    return (api.answered - start) * 1000, resident


def connect(port):
    """Asks again until the service listens."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.connect()
            return connection
        except ConnectionRefusedError:
            time.sleep(0.0001)


def run_http(command, body, count):
    """The same of a service."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.monotonic()
    process = subprocess.Popen(command, env={"PATH": os.environ["PATH"], "LOG_LEVEL": "error", "HTTP_PORT": str(port)})
    connection = connect(port)
    for _ in range(count):
        connection.request("POST", "/2015-03-31/functions/newline/invocations", body)
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read()
    answered = time.monotonic()
    resident = resident_kib(process.pid)
    connection.close()
    process.kill()
    process.wait()
    return (answered - start) * 1000, resident


def main(*arguments):
    run = run_http if arguments[0] == "--http" else run_lambda
    name, *command = arguments[1:] if run is run_http else arguments
    first = sorted(run(command, event(1, 200), 1) for _ in range(STARTS))
    _, busy = run(command, event(750, 1100), EVENTS)
    print(json.dumps({"bench": name, "first_answer_ms": round(first[len(first) // 2][0], 1),
                      "first_answer_best_ms": round(first[0][0], 1), "resident_kib": first[0][1],
                      "resident_busy_kib": busy}))


main(*sys.argv[1:])
