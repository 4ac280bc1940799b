# SPDX-License-Identifier: Apache-2.0
"""Lambda's Runtime API, played for a function under test.

    api = RuntimeApi()                 # AWS_LAMBDA_RUNTIME_API=api.address
    body = api.answer(b'{"records":[]}')   # invokes, and returns what the function posted as its response
    api.stop()
"""

import http.server
import queue
import sys
import threading
import time

from support.procs import DEADLINE_S

BASE = "/2018-06-01/runtime/"


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Hands out events one by one and keeps what is posted as (path below BASE, headers, body)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.events = queue.Queue()  # (headers, body), or a status
        self.posts = queue.Queue()
        self.statuses = {}  # for a path below BASE, instead of 202
        self.framing = "length"  # of events; or "chunked", or "close"
        self.close_after_post = False
        self.waiting = 0
        self.count = 0
        self.connections = 0
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()
        self.address = f"127.0.0.1:{self.server_port}"

    def invoke(self, body, request_id=None, **headers):
        self.count += 1
        request_id = request_id or f"00000000-0000-0000-0000-{self.count:012d}"
        self.events.put(({"Lambda-Runtime-Aws-Request-Id": request_id,
                          "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 60000),
                          "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                          "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:newline",
                          **headers}, body))
        return request_id

    def next_post(self):
        return self.posts.get(timeout=DEADLINE_S)

    def handle_error(self, request, client_address):
        """A function that was killed resets its connection; anything else is a mistake here."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def stop(self):
        for _ in range(self.waiting + 1):
            self.events.put(None)
        self.shutdown()
        self.server_close()

    def answer(self, body, **headers):
        """Invokes, and returns the body posted as the response."""
        request_id = self.invoke(body, **headers)
        path, _, posted = self.next_post()
        assert path == f"invocation/{request_id}/response", posted
        return posted


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # header and body in one segment

    def setup(self):
        super().setup()
        self.server.connections += 1

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        assert self.path == BASE + "invocation/next"
        self.server.waiting += 1
        found = self.server.events.get()
        self.server.waiting -= 1
        if isinstance(found, int):
            self.reply(found)
        elif found is None:
            self.close_connection = True
        elif self.server.framing == "length":
            self.reply(200, found[1], found[0])
        else:
            self.reply_unmeasured(found[1], found[0])

    def reply_unmeasured(self, body, headers):
        chunked = self.server.framing == "chunked"
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        pieces = [body[at:at + 2048] for at in range(0, len(body), 2048)]
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert "Expect" not in self.headers and "Transfer-Encoding" not in self.headers
        path = self.path.removeprefix(BASE)
        self.reply(self.server.statuses.get(path, 202), b'{"status":"OK"}')
        self.close_connection = self.server.close_after_post
        self.server.posts.put((path, dict(self.headers), body))
