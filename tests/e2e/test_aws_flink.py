# SPDX-License-Identifier: Apache-2.0
"""The Flink application of aws/template.yaml: its property groups make the runner work, and its role allows what the
runner was seen to call."""

import json

import pytest

from support.aws_rules import as_list, statements
from support.cloudformation import GIVEN, load, render
from support.flink import Flink
from support.procs import ROOT
from support.recorder import Recorder
from support.stack import ACCESS_KEY_ID, REGION

RECORD = b'{"gender":"male","name":{"first":"Jon","last":"Snow"},"dob":{"age":41}}'


@pytest.fixture(scope="module")
def resources():
    template = load((ROOT / "aws/template.yaml").read_text())
    return render(template, {**GIVEN, "Analytics": "flink", "FlinkRuntime": "FLINK-1_20"})


def test_the_runner_works_with_the_templates_properties_and_calls_what_its_role_allows(resources, start_local_aws, tmp_path):
    aws = start_local_aws()
    application = resources["Resources"]["FlinkApplication"]["Properties"]["ApplicationConfiguration"]
    groups = {group["PropertyGroupId"]: dict(group["PropertyMap"])
              for group in application["EnvironmentProperties"]["PropertyGroups"]}
    aws.client("kinesis").put_record(StreamName="users", Data=RECORD, PartitionKey="k")
    with Recorder(aws.url) as recorder:
        for options in groups.values():
            options.update({"aws.endpoint": recorder.url, "aws.region": REGION})
        groups["sink"]["sink.http-client.protocol.version"] = "HTTP1_1"
        job = Flink(tmp_path / "flink", groups, aws.env, "1.20")
        try:
            job.wait_for(lambda: aws.s3_files("userdata"), "a row in S3")
        finally:
            job.stop()
        called = recorder.calls[ACCESS_KEY_ID]
    row, = [json.loads(line) for path in aws.s3_files("userdata") for line in path.read_text().splitlines()]
    assert (row["first"], row["age"]) == ("Jon", 41)
    allowed = {action for name, kind, statement in statements(resources) if name == "FlinkRole" and kind == "permission"
               for action in as_list(statement["Action"]) if action.startswith(("kinesis:", "firehose:"))}
    assert called == allowed
