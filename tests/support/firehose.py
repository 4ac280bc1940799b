# SPDX-License-Identifier: Apache-2.0
"""Firehose transformation events for tests: the corpus, a naive transform to compare with, and invoking."""

import base64
import binascii
import http.client
import json
import pathlib
import urllib.parse

from support.procs import DEADLINE_S

CORPUS = pathlib.Path(__file__).resolve().parents[1] / "data" / "firehose"
PATH = "/2015-03-31/functions/newline/invocations"
PAYLOAD_CAP = 6 * 1024 * 1024


def corpus():
    """All cases: dicts with name, event, and expected or error; if_missing where it is to be set."""
    cases = []
    for path in sorted(CORPUS.glob("*.json")):
        for case in json.loads(path.read_text()):
            cases.append({"if_missing": False, "file": path.stem, **case})
    assert cases
    return cases


def corpus_ids(cases):
    return [f"{case['file']}: {case['name']}" for case in cases]


def encode(data):
    return base64.b64encode(data).decode()


def record(record_id, data, **more):
    """A record of bytes."""
    return {"recordId": str(record_id), "data": encode(data), **more}


def event(*records):
    return json.dumps({"invocationId": "i", "records": list(records)}).encode()


def naive_data(text):
    """(result, data) by decoding, appending and encoding."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return "ProcessingFailed", text
    return ("Ok", encode(data + b"\n")) if encode(data) == text else ("ProcessingFailed", text)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def function_error(self):
        return self.headers["X-Amz-Function-Error"]

    @property
    def records(self):
        assert (self.status, self.function_error) == (200, None), self.body[:500]
        return self.json["records"]


class Client:
    """One kept-alive connection."""

    def __init__(self, url, timeout=DEADLINE_S):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        return Answer(self.connection.getresponse())

    def invoke(self, body, path=PATH, headers=None):
        return self.request("POST", path, body, headers)

    def close(self):
        self.connection.close()
