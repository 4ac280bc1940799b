# SPDX-License-Identifier: Apache-2.0
"""The C transform and lambda/index.js, on each Node that Lambda has a runtime for, give the same answers: on the
corpus, and on events made by chance, whole, broken and bent."""

import json
import os
import random
import re
import subprocess

import pytest

from support import firehose, node
from support.firehose import Client
from support.procs import ROOT

CORPUS = firehose.corpus()
SEED = int(os.environ.get("SEED", "1"))
EVENTS = int(os.environ.get("EVENTS", "20000"))


class Index:
    """index.js in a process of its own."""

    def __init__(self, version):
        driver = ROOT / "tests/support/index_driver.js"
        self.process = subprocess.Popen([node.binary(version), driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def invoke(self, text, if_missing):
        line = json.dumps({"event": text, "if_missing": if_missing})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(30) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module", params=node.VERSIONS)
def index(request):
    index = Index(request.param)
    yield index
    index.stop()


@pytest.fixture
def clients(services):
    return {flag: Client(services("transformer", {"TRANSFORM_IF_MISSING": flag, "LOG_LEVEL": "error"})
                         .wait_ready().url) for flag in (False, True)}


def ask_c(client, text):
    """What index_driver.js would print."""
    answer = client.invoke(text.encode())
    assert answer.status == 200
    if answer.function_error is None:
        return {"answer": answer.json}
    if answer.json["errorMessage"].startswith("not JSON"):
        return {"not_json": True}
    return {"error": answer.json["errorMessage"], "type": answer.json["errorType"]}


def test_the_corpus(clients, index):
    for case in CORPUS:
        by_c = ask_c(clients[case["if_missing"]], case["event"])
        assert by_c == index.invoke(case["event"], case["if_missing"]), case["name"]


def test_an_answer_that_does_not_fit(clients, index):
    for data, count in (("eHl6" * 16, 60000), ("", 70000), ("!", 90000)):
        text = json.dumps({"records": [{"recordId": f"{i:05d}", "data": data} for i in range(count)]},
                          separators=(",", ":"))
        assert len(text) < firehose.PAYLOAD_CAP
        assert ask_c(clients[False], text) == index.invoke(text, False)
    text = json.dumps({"records": [{"recordId": "", "data": ""}] * 200000}, separators=(",", ":"))
    assert ask_c(clients[False], text) == index.invoke(text, False)


# --- by chance ----------------------------------------------------------------------------------------


def make_data(chance):
    data = firehose.encode(bytes(chance.choice((chance.randrange(256), 10)) for _ in range(chance.randrange(40))))
    kind = chance.randrange(8)
    if kind == 0 and data:  # one character changed
        at = chance.randrange(len(data))
        data = data[:at] + chance.choice("=*A\n \"\\é/+-\u2028\U0001f600\x7f") + data[at + 1:]
    elif kind == 1:
        data = data[:chance.randrange(len(data) + 1)]
    elif kind == 2:
        data += chance.choice(("=", "==", "A", " ", "\n"))
    return data


def make_value(chance, depth=0):
    kind = chance.randrange(9 if depth < 4 else 7)
    if kind < 7:
        return (None, True, False, 0, -1.5e-7, "text", 12345678901234567890)[kind]
    if kind == 7:
        return [make_value(chance, depth + 1) for _ in range(chance.randrange(3))]
    return {chance.choice("abc"): make_value(chance, depth + 1) for _ in range(chance.randrange(3))}


def make_record(chance, number):
    if chance.random() < 0.01:
        return make_value(chance)
    record = {"recordId": f"id-{number}"}
    if chance.random() < 0.02:
        record["recordId"] = make_value(chance)
    if chance.random() < 0.9:
        record["data"] = make_data(chance) if chance.random() < 0.95 else make_value(chance)
    if chance.random() < 0.2:
        record["kafkaRecordValue"] = make_data(chance) if chance.random() < 0.8 else make_value(chance)
    if chance.random() < 0.3:
        record["kinesisRecordMetadata"] = make_value(chance)
    members = list(record.items())
    chance.shuffle(members)
    return dict(members)


def escaped(chance, text):
    """Some characters of JSON text written as escapes, where they stand inside strings."""
    out, inside, i = [], False, 0
    while i < len(text):
        char = text[i]
        if char == '"':
            inside = not inside
        if inside and char == "\\":
            out.append(text[i:i + 2])
            i += 2
            continue
        if inside and char != '"' and ord(char) < 0x10000 and chance.random() < 0.1:
            char = "\\/" if char == "/" else f"\\u{ord(char):04x}"
        out.append(char)
        i += 1
    return "".join(out)


def bent(chance, text):
    """A character removed, doubled or replaced."""
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(("", text[at] * 2, *'{}[]",:\\0-.eE tfn\x00\x1f\ufeff')) + text[at + 1:]


def make_event(chance):
    event = {"invocationId": "x", "records": [make_record(chance, i) for i in range(chance.randrange(6))]}
    if chance.random() < 0.02:
        event["records"] = make_value(chance)
    text = json.dumps(event, ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, None, 1)))
    if chance.random() < 0.3:
        text = escaped(chance, text)
    if chance.random() < 0.3:
        text = bent(chance, text)
    return text


def test_events_made_by_chance(clients, index):
    chance = random.Random(SEED)
    kinds = {"answer": 0, "error": 0, "not_json": 0}
    for number in range(EVENTS):
        text = make_event(chance)
        flag = chance.random() < 0.3
        by_c, by_node = ask_c(clients[flag], text), index.invoke(text, flag)
        assert by_c == by_node, f"SEED={SEED}, event {number}: {text!r}"
        kinds[next(iter(by_c))] += 1
    assert min(kinds.values()) > EVENTS // 100, kinds


@pytest.mark.parametrize("version", node.VERSIONS)
def test_the_tests_of_index_js(version):
    run = subprocess.run([node.binary(version), "--test", "--test-reporter=tap", "lambda/index.test.js"], cwd=ROOT,
                         capture_output=True, text=True, check=False)
    counts = dict(re.findall(r"^# (pass|fail|skipped) (\d+)$", run.stdout, re.M))
    assert run.returncode == 0, run.stdout[-5000:]
    assert int(counts["pass"]) > len(CORPUS) and (counts["fail"], counts["skipped"]) == ("0", "0")
