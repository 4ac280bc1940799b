# SPDX-License-Identifier: Apache-2.0
"""The executable that `make lambda` makes, under AWS's own Lambda Runtime Interface Emulator: it speaks the Runtime
API as Lambda does, and gives the corpus's answers to the byte."""

import json
import platform
import subprocess

import pytest

from support import firehose, rie
from support.firehose import event, record
from support.procs import ROOT

CORPUS = firehose.corpus()
ARCH = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


@pytest.fixture(scope="module")
def bootstrap():
    subprocess.run(["make", "--no-print-directory", "lambda"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return ROOT / f"build/lambda-{ARCH}/bootstrap"


@pytest.mark.parametrize("if_missing", [False, True])
def test_the_corpus(bootstrap, if_missing):
    cases = [case for case in CORPUS if case["if_missing"] == if_missing]
    assert cases
    with rie.Emulator([bootstrap], {"TRANSFORM_IF_MISSING": str(if_missing).lower()}) as emulator:
        for case in cases:
            answer = emulator.invoke(case["event"].encode())
            assert answer.status == 200, case["name"]
            if "error" in case:
                assert answer.json == {"errorMessage": case["error"], "errorType": "Function.InvalidEvent"}
            else:
                assert answer.body.decode() == case["expected"], case["name"]


def test_large_events_one_after_the_other(bootstrap):
    body = event(*[record(i, b"x" * 1500) for i in range(2700)])
    assert 5_000_000 < len(body) < firehose.PAYLOAD_CAP
    with rie.Emulator([bootstrap]) as emulator:
        for _ in range(3):
            assert len(emulator.invoke(body).records) == 2700
            assert len(emulator.invoke(event(record("a", b"x"))).records) == 1


def test_an_answer_that_would_pass_six_megabytes_is_cut_to_fit(bootstrap):
    body = json.dumps({"records": [{"recordId": f"{i:05d}", "data": "eHl6" * 16} for i in range(60000)]},
                      separators=(",", ":")).encode()
    with rie.Emulator([bootstrap]) as emulator:
        answer = emulator.invoke(body)
        assert len(answer.body) <= firehose.PAYLOAD_CAP
        assert len(answer.records) == 60000
        assert {found["result"] for found in answer.records} == {"Ok", "ProcessingFailed"}


def test_a_trace_header_and_many_invocations(bootstrap):
    with rie.Emulator([bootstrap]) as emulator:
        for i in range(200):
            answer = emulator.invoke(event(record(i, b"x")), **{"X-Amzn-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"})
            assert answer.records[0]["recordId"] == str(i)


def test_wrong_configuration_is_an_init_error(bootstrap):
    with rie.Emulator([bootstrap], {"TRANSFORM_IF_MISSING": "perhaps"}) as emulator:
        answer = emulator.invoke(event(record("a", b"x")))
        assert answer.status == 502
        assert answer.json["errorType"] == "Runtime.BadConfiguration"
        assert "TRANSFORM_IF_MISSING=perhaps" in answer.json["errorMessage"]
        assert "(null)" not in answer.json["errorMessage"]
