#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for all binaries of the stack, to test the orchestrator against trouble that the real ones do not
make on demand. install() fills a folder with them; each is this file under a binary's name, and reads its
behaviour from behaviour.json beside it: {"forwarder": {"stall_at": 100}, ...}

  stall_at N    its counters stop at N          lose N      its counters end N short
  exit_at N     ends with code 7 at N           refuse      --print-config finds mistakes, exit 2
  linger        ignores SIGTERM                 unready     /readyz says no
"""

import http.server
import json
import os
import pathlib
import signal
import sys
import threading
import time

NAMES = ("fetcher", "forwarder", "transformer", "analytics", "local-randomuser", "local-kafka", "local-aws")
RATE = 1000
METRICS = {
    "fetcher": "fetcher_users_fetched_total {0}\nfetcher_users_published_total {0}\n",
    "forwarder": "forwarder_records_consumed_total {0}\nforwarder_records_confirmed_total {0}\n"
                 "forwarder_records_in_flight 0\n",
    "analytics": "analytics_records_read_total {0}\nanalytics_rows_matched_total {1}\n"
                 "analytics_rows_delivered_total {1}\n",
    "local-aws": 'local_aws_kinesis_records_total{{stream="users"}} {0}\n'
                 'local_aws_firehose_records_total{{delivery_stream="users-to-s3"}} {1}\n'
                 'local_aws_firehose_delivered_records_total{{delivery_stream="users-to-s3"}} {1}\n',
}


def install(directory, behaviour=None):
    directory.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        path = directory / name
        path.write_text(pathlib.Path(__file__).read_text())
        path.chmod(0o755)
    (directory / "behaviour.json").write_text(json.dumps({"users": 500, **(behaviour or {})}))


class Fake:
    def __init__(self):
        self.name = os.path.basename(sys.argv[0])
        behaviour = json.loads(pathlib.Path(sys.argv[0]).with_name("behaviour.json").read_text())
        self.users = behaviour["users"]
        self.own = behaviour.get(self.name, {})
        self.began = time.monotonic()

    def log(self, level, event, **fields):
        print(json.dumps({"level": level, "event": event, **fields}), file=sys.stderr, flush=True)

    def count(self):
        moved = int((time.monotonic() - self.began) * RATE)
        goal = self.users - self.own.get("lose", 0)
        return min(moved, goal, self.own.get("stall_at", goal))

    def metrics(self):
        count = self.count()
        if self.own.get("exit_at", self.users + 1) <= count:
            self.log("error", "cannot go on", message="the disk is full")
            os._exit(7)
        return METRICS.get(self.name, "").format(count, count // 2)

    def write_lines(self):
        if self.name == "local-aws":
            folder = pathlib.Path(os.environ["LOCAL_AWS_S3_DIR"]) / "user-data/2026/11/23/09"
            folder.mkdir(parents=True)
            (folder / "users-to-s3-1").write_text('{"first":"A"}\n' * (self.users // 2))

    def run(self):
        if "--print-config" in sys.argv:
            if "refuse" in self.own:
                print("A_NAME=x: a whole number\nB_NAME=: is required", file=sys.stderr)
                return 2
            return 0
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                unready = self.path == "/readyz" and "unready" in fake.own
                body = (b"no Kafka\n" if unready else fake.metrics().encode())
                self.send_response(503 if unready else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Handler)
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: None if "linger" in self.own else stop.set())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.log("info", "listening", port=server.server_port)
        if self.name == "local-kafka":
            self.log("info", "kafka ready", bootstrap_servers="127.0.0.1:1")
        while not stop.wait(0.05):
            if self.name == "fetcher" and self.count() == self.users:
                self.log("info", "stopped, all sent", published=self.users, dead_lettered=0)
                return 0
        self.write_lines()
        self.log("info", "stopped")
        return 0


if __name__ == "__main__":
    sys.exit(Fake().run())
