# SPDX-License-Identifier: Apache-2.0
"""A scripted Kinesis endpoint and the oracle over what it stored.

FakeKinesis answers DescribeStreamSummary and PutRecords. Faults are drawn from a seeded generator, so that a
run can be repeated; every stored record is kept in the order of storing. Oracle then says what was lost,
duplicated or out of order, for records made by kafka_fill ({"key":"k7","seq":3,...}).
"""

import base64
import collections
import datetime
import email.utils
import http.server
import json
import random
import socket
import struct
import threading
import time

from support.kpl import take_apart

RESET = "reset"  # close the connection without an answer


class Faults:
    """Rates between 0 and 1. The *_records ones are drawn per record, the others per request."""

    ERRORS = (
        (400, "ProvisionedThroughputExceededException"),
        (400, "ThrottlingException"),
        (400, "KMSThrottlingException"),
        (400, "ExpiredTokenException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
    )

    def __init__(self, seed=1, throttled_records=0.0, failed_records=0.0, error_rate=0.0, errors=ERRORS, reset_before=0.0,
                 reset_after=0.0, truncated=0.0, malformed=0.0, delay=(0.0, 0.0), most=None):
        self.random = random.Random(seed)
        self.throttled_records = throttled_records
        self.failed_records = failed_records
        self.error_rate = error_rate
        self.errors = errors  # (status, code), one of which is answered before anything is stored
        self.reset_before = reset_before
        self.reset_after = reset_after  # stored, but nobody is told
        self.truncated = truncated  # stored; half of the answer arrives
        self.malformed = malformed  # stored; the answer is not JSON
        self.delay = delay
        self.left = most  # how many requests may still be struck as a whole; None: any number


class FakeKinesis:
    def __init__(self, faults=None, record_cap_kib=1024, scheme="http"):
        self.faults = faults or Faults()
        self.record_cap_kib = record_cap_kib
        self.lock = threading.Lock()
        self.stored = []  # (partition key, data, explicit hash key) in the order of storing
        self.requests = []  # number of records of every PutRecords request that came
        self.bodies = []  # sizes
        self.unknown_records = 0  # stored, but the sender could not know
        self.down = False  # refuse: connections are reset
        self.refuse = None  # (status, code or whole body as bytes) for every request
        self.refuse_data = None  # a record with these bytes, in an aggregate too, makes its request invalid
        self.hook = None  # called with the decoded request before it is handled; may block
        self.describe_error = None
        self.expired_keys = set()  # access keys that are answered with ExpiredTokenException
        self.clock_offset_s = 0  # how far this side's clock is ahead; requests signed off it are refused
        self.in_flight_keys = collections.Counter()
        self.concurrent_same_key = 0
        self.targets = collections.Counter()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_POST(self):
                fake.handle(self)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # resets are part of the game

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    # --- one request ------------------------------------------------------------------------------

    def reset(self, handler):
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    def now(self):
        return time.time() + self.clock_offset_s

    def refused_for_who_or_when(self, handler):
        """True if the request was answered with an error about its credentials or its date."""
        key = handler.headers["Authorization"].split("Credential=")[1].split("/")[0]
        signed = datetime.datetime.strptime(handler.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        signed = signed.replace(tzinfo=datetime.timezone.utc).timestamp()
        if key in self.expired_keys:
            self.error(handler, 400, "ExpiredTokenException", "The security token included in the request is expired")
        elif abs(signed - self.now()) > 300:
            self.error(handler, 400, "InvalidSignatureException", "Signature expired: it is not within 5 minutes")
        else:
            return False
        return True

    def reply(self, handler, status, document, truncate=False):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        handler.send_response_only(status)
        handler.send_header("Date", email.utils.formatdate(self.now(), usegmt=True))
        handler.send_header("Content-Type", "application/x-amz-json-1.1")
        handler.send_header("x-amzn-RequestId", "00000000-0000-0000-0000-000000000000")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if truncate:
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            self.reset(handler)
            return
        handler.wfile.write(body)

    def error(self, handler, status, code, message="injected"):
        self.reply(handler, status, code if isinstance(code, bytes) else {"__type": code, "message": message})

    def handle(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        target = handler.headers["X-Amz-Target"].split(".")[1]
        self.targets[target] += 1
        if self.down:
            self.reset(handler)
        elif self.refused_for_who_or_when(handler):
            pass
        elif target == "DescribeStreamSummary":
            self.describe(handler)
        elif target == "PutRecords":
            self.put_records(handler, body)
        else:
            self.error(handler, 400, "UnknownOperationException")

    def describe(self, handler):
        if self.describe_error:
            self.error(handler, *self.describe_error)
            return
        self.reply(handler, 200, {"StreamDescriptionSummary": {
            "StreamName": "users", "StreamStatus": "ACTIVE", "OpenShardCount": 2,
            "MaxRecordSizeInKiB": self.record_cap_kib}})

    def draw(self):
        """What happens to the next request, drawn at once so that the order of threads matters little."""
        faults = self.faults
        chance = faults.random.random
        fate = {
            "reset_before": chance() < faults.reset_before,
            "error": faults.random.choice(faults.errors) if chance() < faults.error_rate else None,
            "reset_after": chance() < faults.reset_after,
            "truncated": chance() < faults.truncated,
            "malformed": chance() < faults.malformed,
        }
        if faults.left == 0:
            fate = dict.fromkeys(fate)
        elif faults.left is not None and any(fate.values()):
            faults.left -= 1
        return {"delay": faults.random.uniform(*faults.delay), **fate}

    def put_records(self, handler, body):
        records = json.loads(body)["Records"]
        decoded = [(r["PartitionKey"], base64.b64decode(r["Data"], validate=True), r.get("ExplicitHashKey"))
                   for r in records]
        keys = [key for key, _, _ in decoded]
        with self.lock:
            fate = self.draw()
            self.requests.append(len(records))
            self.bodies.append(len(body))
            for key in keys:
                self.in_flight_keys[key] += 1
                self.concurrent_same_key += self.in_flight_keys[key] > 1
        try:
            if self.hook:
                self.hook(decoded)
            if fate["delay"]:
                time.sleep(fate["delay"])
            self.decide(handler, decoded, fate)
        finally:
            with self.lock:
                self.in_flight_keys.subtract(keys)

    def validate(self, decoded):
        if len(decoded) > 500:
            return "more than 500 records"
        if sum(len(key.encode()) + len(data) for key, data, _ in decoded) > 10 * 1024 * 1024:
            return "more than 10 MiB"
        for key, data, _ in decoded:
            if not 1 <= len(key) <= 256:
                return "partition key"
            if len(data) + len(key.encode()) > self.record_cap_kib * 1024:
                return "record too large"
            if self.refuse_data is not None and self.refuse_data in (one for _, one, _ in take_apart([(key, data, None)])):
                return "refused data"
        return None

    def decide(self, handler, decoded, fate):
        problem = self.validate(decoded)
        if self.refuse:
            self.error(handler, *self.refuse)
        elif problem:
            self.error(handler, 400, "ValidationException", problem)
        elif fate["reset_before"]:
            self.reset(handler)
        elif fate["error"]:
            self.error(handler, *fate["error"])
        else:
            self.store(handler, decoded, fate)

    def store(self, handler, decoded, fate):
        results = []
        unknown = fate["reset_after"] or fate["truncated"] or fate["malformed"]
        with self.lock:
            # AWS gives no order inside one request: store in a random one.
            order = list(range(len(decoded)))
            self.faults.random.shuffle(order)
            results = [None] * len(decoded)
            for index in order:
                results[index] = self.store_one(decoded[index])
                if unknown and "SequenceNumber" in results[index]:
                    self.unknown_records += 1
        answer = {"FailedRecordCount": sum("ErrorCode" in r for r in results), "Records": results}
        if fate["reset_after"]:
            self.reset(handler)
        elif fate["malformed"]:
            self.reply(handler, 200, b"<html>bad gateway</html>")
        else:
            self.reply(handler, 200, answer, truncate=fate["truncated"])

    def store_one(self, record):
        draw = self.faults.random.random()
        if draw < self.faults.throttled_records:
            return {"ErrorCode": "ProvisionedThroughputExceededException",
                    "ErrorMessage": "Rate exceeded for shard shardId-000000000001 in stream users."}
        if draw < self.faults.throttled_records + self.faults.failed_records:
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."}
        self.stored.append(record)
        return {"SequenceNumber": f"4965{len(self.stored):052d}", "ShardId": "shardId-000000000000"}

    def count(self):
        with self.lock:
            return len(self.stored)


class Oracle:
    """What the stream holds, compared with `count` records over `keys` keys as kafka_fill makes them."""

    def __init__(self, stored, count, keys):
        self.expected = {}
        for i in range(count):
            self.expected.setdefault(f"k{i % keys}", []).append(i // keys)
        self.seen = collections.defaultdict(list)
        for _, data, _ in stored:
            record = json.loads(data)
            self.seen[record["key"]].append(record["seq"])

    @property
    def lost(self):
        return sum(len(set(seqs) - set(self.seen[key])) for key, seqs in self.expected.items())

    @property
    def duplicates(self):
        return sum(len(seqs) - len(set(seqs)) for seqs in self.seen.values())

    @property
    def inversions(self):
        """First copies of a key's records that came behind a later one."""
        count = 0
        for seqs in self.seen.values():
            highest = -1
            known = set()
            for seq in seqs:
                if seq in known:
                    continue
                known.add(seq)
                count += seq < highest
                highest = max(highest, seq)
        return count
