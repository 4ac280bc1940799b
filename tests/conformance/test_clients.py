# SPDX-License-Identifier: Apache-2.0
# shards: 2
"""local-aws against three of AWS's clients: every call of the tables is answered as AWS's documents say."""

import re
import time
import urllib.request

import pytest

import calls_firehose
import calls_kinesis
import calls_s3
import clients
import table
from support.procs import ROOT
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


# --- what is called --------------------------------------------------------------------------------------

DOCUMENT = (ROOT / "docs/local-aws.md").read_text()


def actions_of_code(service):
    """The names in the service's table of operations."""
    source = {"kinesis": "kinesis.c", "firehose": "firehose_api.c"}[service]
    text = (ROOT / "local/aws" / source).read_text()
    found = re.findall(r'\{"([A-Z]\w+)", \w+\}|strcmp\(call->operation, "([A-Z]\w+)"\)', text)
    return {entry or special for entry, special in found}


def actions_of_document(service):
    row = re.search(rf"^\| {service} \| (.*?)(?:;? sources.*)? \|$", DOCUMENT, re.M | re.I).group(1)
    return set(re.findall(r"\b[A-Z]\w+(?:V2)?\b", re.sub(r"\(.*?\)|presigned URLs", "", row)))


def actions_called(service, name):
    return {made.operation for scenario in SCENARIOS[service] if name in scenario.clients
            for made in scenario.calls if made.service == service and not (made.new and name == "cli")}


@pytest.mark.parametrize("service", ("kinesis", "firehose"))
def test_the_document_lists_the_actions_that_there_are(service):
    assert actions_of_code(service) == actions_of_document(service)


# What Debian 12's aws command does not know.
UNKNOWN_TO_CLI = {"UpdateMaxRecordSize"}


@pytest.mark.parametrize("name", clients.NAMES)
@pytest.mark.parametrize("service", SCENARIOS)
def test_every_action_is_called_by_every_client(service, name):
    missing = actions_of_document(service) - actions_called(service, name)
    assert missing == (UNKNOWN_TO_CLI & missing if name == "cli" else set())


# --- the commands that people use ------------------------------------------------------------------------


def command(client, *arguments):
    code, out, err = client.run(*arguments)
    assert code == 0, err
    return out


def test_the_commands_of_aws_s3(start_local_aws, tmp_path):
    """cp, mv, sync, ls, rm, presign, mb and rb; above 8 MB in parts."""
    aws = start_local_aws()
    client = clients.start("cli", aws.url, (ACCESS_KEY_ID, SECRET_ACCESS_KEY))
    large = bytes(range(256)) * 4 * 1024 * 9  # 9 MiB
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "small.txt").write_text("small\n")
    (tree / "sub/large.bin").write_bytes(large)
    command(client, "s3", "mb", "s3://desk")
    command(client, "s3", "sync", tree, "s3://desk/tree")
    assert (aws.s3_dir / "desk/tree/sub/large.bin").read_bytes() == large
    assert command(client, "s3", "sync", tree, "s3://desk/tree") == ""  # nothing is left to do
    listed = command(client, "s3", "ls", "--recursive", "--summarize", "s3://desk")
    assert "tree/sub/large.bin" in listed and "Total Objects: 2" in listed
    assert "PRE sub/" in command(client, "s3", "ls", "s3://desk/tree/")
    command(client, "s3", "cp", "s3://desk/tree/sub/large.bin", "s3://desk/copy.bin")  # UploadPartCopy
    command(client, "s3", "mv", "s3://desk/tree/small.txt", "s3://desk/moved.txt")
    command(client, "s3", "cp", "s3://desk/copy.bin", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == large
    command(client, "s3", "sync", "s3://desk", tmp_path / "down")
    assert sorted(str(path.relative_to(tmp_path / "down")) for path in (tmp_path / "down").rglob("*")
                  if path.is_file()) == ["copy.bin", "moved.txt", "tree/sub/large.bin"]
    command(client, "s3", "rm", "s3://desk/copy.bin")
    assert not (aws.s3_dir / "desk/copy.bin").exists()
    command(client, "s3", "rb", "--force", "s3://desk")
    assert "desk" not in command(client, "s3", "ls")
    client.close()


@pytest.mark.parametrize("name", clients.NAMES)
def test_presigned_urls_of_the_clients(start_local_aws, name):
    aws = start_local_aws()
    client = clients.start(name, aws.url, (ACCESS_KEY_ID, SECRET_ACCESS_KEY))
    names = {"Bucket": "userdata", "Key": "a/b c.txt"}
    assert not client.call("s3", "PutObject", {**names, "Body": b"body"}).error

    def url(operation):
        answer = client.call("s3", "$presign", {"operation": operation, "params": names, "expires": 60})
        assert not answer.error, answer
        return answer.ok["url"]

    with urllib.request.urlopen(url("GetObject"), timeout=60) as answer:
        assert answer.read() == b"body"
    if name != "cli":  # which presigns GET alone
        put = urllib.request.Request(url("PutObject"), data=b"other", method="PUT",
                                     headers={"Content-Type": "text/x"})
        with urllib.request.urlopen(put, timeout=60) as answer:
            assert answer.status == 200
        assert (aws.s3_dir / "userdata/a/b c.txt").read_bytes() == b"other"
    client.close()
