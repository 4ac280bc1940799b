# SPDX-License-Identifier: Apache-2.0
"""What the tables of calls are written in (calls_kinesis.py, calls_firehose.py, calls_s3.py).

A scenario is a list of calls against one fresh server. Each call says how AWS answers it by its documents:
`error`, or what is at some paths of the answer:

    call("kinesis", "PutRecord", {...}, {"ShardId": "shardId-000000000000", "SequenceNumber": present}, save="put")
    call("kinesis", "PutRecord", {"StreamName": "none", ...}, error="ResourceNotFoundException")

A value in the parameters may be saved("put.SequenceNumber"): from the answer of a call before.
"""

import base64
import dataclasses


@dataclasses.dataclass
class Call:
    service: str
    operation: str
    params: dict
    expect: dict
    error: str = None
    status: int = None  # of an error
    save: str = None
    new: bool = False  # Debian 12's aws command does not know it, or a parameter of it
    until: bool = False  # asked again until the answer is as expected: what takes its time


@dataclasses.dataclass
class Scenario:
    name: str
    calls: list
    env: dict = dataclasses.field(default_factory=dict)  # settings of local-aws
    keys: tuple = None  # access key and secret other than the right ones
    elsewhere: bool = True  # run against the other implementation, too
    clients: tuple = ("cli", "boto3", "node")


def call(service, operation, params, expect=None, **options):
    if "error" in options:
        options.setdefault("status", 400)
    return Call(service, operation, params, expect or {}, **options)


@dataclasses.dataclass
class Saved:
    path: str
    change: callable


def saved(path, change=None):
    return Saved(path, change or (lambda value: value))


MISSING = object()


def present(value):
    return value is not None


def absent(value):
    """An empty list or text counts: clients differ in what they make of it."""
    return value is MISSING or value in (None, [], "", {})


def length(count):
    return lambda value: len(value) == count


def number(lowest, highest=float("inf")):
    return lambda value: lowest <= float(value) <= highest


def at(value, path):
    """The value at a path like "Records.0.Data"."""
    for part in path.split("."):
        if isinstance(value, list):
            index = int(part)
            value = value[index] if index < len(value) else MISSING
        elif isinstance(value, dict):
            value = value.get(part, MISSING)
        if value is MISSING:
            return MISSING
    return value


def fill(value, answers):
    if isinstance(value, Saved):
        name, _, path = value.path.partition(".")
        found = at(answers[name], path) if path else answers[name]
        return None if found is MISSING else value.change(found)
    if isinstance(value, list):
        return [fill(item, answers) for item in value]
    if isinstance(value, dict):
        return {name: fill(item, answers) for name, item in value.items()}
    return value


def same(found, expected, answers):
    expected = fill(expected, answers)
    if callable(expected):
        return (found is not MISSING or expected is absent) and expected(found)
    if isinstance(expected, bytes) and isinstance(found, str):
        found = base64.b64decode(found)  # the aws command shows bytes so
    return found == expected


def judge(made, answer, answers):
    """None, or how an answer differs from what the call expects."""
    if made.error:
        if answer.error != made.error:
            return f"{made.error} expected, not {answer!r}"
        if answer.status not in (None, made.status):
            return f"status {made.status} expected, not {answer.status}"
        return None
    if answer.error:
        return f"success expected, not {answer!r}"
    for path, expected in made.expect.items():
        found = at(answer.ok, path)
        if not same(found, expected, answers):
            shown = "nothing" if found is MISSING else repr(found)[:200]
            wanted = getattr(expected, "__qualname__", None) or repr(fill(expected, answers))[:200]
            return f"{path} is {shown}, expected {wanted}"
    return None
