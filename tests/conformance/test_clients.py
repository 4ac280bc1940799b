# SPDX-License-Identifier: Apache-2.0
# shards: 4
"""local-aws against three of AWS's clients: every call of the tables is answered as AWS's documents say."""

import time

import pytest

import calls_firehose
import calls_kinesis
import calls_s3
import clients
import table
from support.stack import ACCESS_KEY_ID, SECRET_ACCESS_KEY

DEADLINE_S = 60
ELSEWHERE_S = 3
SCENARIOS = {"kinesis": calls_kinesis.SCENARIOS, "firehose": calls_firehose.SCENARIOS, "s3": calls_s3.SCENARIOS}


def run(client, scenario, name, elsewhere=False):
    """Makes the calls of a scenario; returns how the answers differ: [(number of the call, how)].

    Elsewhere nothing takes long, and request ids are not looked at.
    """
    answers = {}
    differences = []
    for index, made in enumerate(scenario.calls):
        if made.new and name == "cli":
            continue
        end = time.monotonic() + (ELSEWHERE_S if elsewhere else DEADLINE_S)
        while True:
            answer = client.call(made.service, made.operation, table.fill(made.params, answers))
            wrong = table.judge(made, answer, answers)
            if not (wrong and made.until and time.monotonic() < end):
                break
            time.sleep(0.1)
        if wrong:
            differences.append((index, f"{made.service} {made.operation}: {wrong}"))
        if not elsewhere and answer.request is None and name != "cli" and not made.operation.startswith("$"):
            differences.append((index, f"{made.service} {made.operation}: no request id"))
        if made.save:
            answers[made.save] = answer.ok
    return differences


def cases():
    return [pytest.param(name, scenario, id=f"{name}-{service}-{scenario.name}")
            for service, scenarios in SCENARIOS.items() for scenario in scenarios
            for name in clients.NAMES if name in scenario.clients]


@pytest.mark.parametrize("name, scenario", cases())
def test_calls_are_answered_as_documented(start_local_aws, name, scenario):
    aws = start_local_aws({"LOCAL_AWS_STREAMS": "", "LOCAL_AWS_DELIVERY_STREAMS": "", **scenario.env})
    client = clients.start(name, aws.url, scenario.keys or (ACCESS_KEY_ID, SECRET_ACCESS_KEY))
    try:
        differences = run(client, scenario, name)
    finally:
        client.close()
    assert not differences, "\n".join(f"call {index}: {how}" for index, how in differences)
