# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Lambda: answers /2015-03-31/functions/<name>/invocations with a Python function.

    with FakeLambda(lambda event: {"records": [...]}) as function:
        start_local_aws({"LOCAL_AWS_LAMBDA_URL": function.url})
        function.events    # what came in
"""

import base64
import http.server
import json
import threading


def encode(data):
    return base64.b64encode(data).decode()


def decode(text):
    return base64.b64decode(text, validate=True)


def ok(record, data):
    return {"recordId": record["recordId"], "result": "Ok", "data": encode(data)}


def newline(event):
    """What the pipeline's own transformer does."""
    return {"records": [ok(record, decode(record["data"]) + b"\n") for record in event["records"]]}


class FakeLambda:
    """`handler` takes the event and returns the answer: an object for JSON, bytes as they are, or a tuple
    (status, headers, object or bytes)."""

    def __init__(self, handler=newline, port=0):
        self.handler = handler
        self.events = []
        self.paths = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(body)
                owner.events.append(event)
                owner.paths.append(self.path)
                answer = owner.handler(event)
                status, headers, answer = answer if isinstance(answer, tuple) else (200, {}, answer)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
