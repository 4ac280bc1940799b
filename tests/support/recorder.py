# SPDX-License-Identifier: Apache-2.0
"""Stands between a client and an AWS endpoint, passes everything on as it is, and remembers the calls.

    with Recorder(moto.url) as recorder:    # recorder.url for the client
        recorder.calls                      # {"kinesis:PutRecords", "s3:PutBucketPolicy", ...} by access key
"""

import collections
import http.client
import http.server
import re
import threading
import urllib.parse

# X-Amz-Target's service, as IAM calls it.
IAM_PREFIXES = {"Kinesis_20131202": "kinesis", "Firehose_20150804": "firehose"}
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Recorder:
    """`answered` holds (method, path with query as a regular expression) of requests that are answered with 204 here;
    `rewrite` changes bodies on the way."""

    def __init__(self, url, answered=(), rewrite=lambda body: body):
        target = urllib.parse.urlsplit(url)
        self.calls = collections.defaultdict(set)  # access key id -> actions
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                owner.note(self.headers)
                if any(self.command == method and re.search(path, self.path) for method, path in answered):
                    return self.answer(204, [], b"")
                body = rewrite(body)
                headers = {**dict(self.headers.items()), "Content-Length": str(len(body))}
                connection = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
                # The host is signed, so that the one of here goes on.
                connection.request(self.command, self.path, body, headers)
                response = connection.getresponse()
                data = response.read()
                headers = [pair for pair in response.getheaders() if pair[0].lower() not in HOP_BY_HOP]
                self.answer(response.status, headers, data, response.getheader("Content-Length"))
                connection.close()
                return None

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

            def answer(self, status, headers, data, length=None):
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def note(self, headers):
        service, _, action = headers.get("X-Amz-Target", "").partition(".")
        key = re.search(r"Credential=([^/]+)/", headers.get("Authorization", ""))
        if action and key:
            self.calls[key.group(1)].add(f"{IAM_PREFIXES.get(service, service)}:{action}")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
