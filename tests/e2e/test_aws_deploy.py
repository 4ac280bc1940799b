# SPDX-License-Identifier: Apache-2.0
"""aws/stack against the moto server (support.moto_stack says what moto leaves out), and the services on what it made
there, each with the keys of its own role and moto enforcing the policies: what they call is what the policies allow."""

import json
import platform

import pytest
from botocore.exceptions import ClientError

from support.aws_rules import as_list, statements
from support.cloudformation import GIVEN, load, render
from support.moto_stack import REGION, SKIPPED, MotoStack
from support.procs import ROOT, Service, Services, wait_until

PARAMETERS = {"Architecture": platform.machine().replace("aarch64", "arm64"), "RunsOn": "eks-pod-identity",
              "EksCluster": "main"}
USERS = 300


@pytest.fixture(scope="module")
def template():
    return load((ROOT / "aws/template.yaml").read_text())


@pytest.fixture(scope="module")
def deployed():
    stack = MotoStack(PARAMETERS)
    try:
        stack.deploy()
        yield stack
    finally:
        stack.close()


def allowed(template, resource, **parameters):
    """Actions that a policy of the template allows, without those that AWS's services call for the caller."""
    stack = render(template, {**GIVEN, **PARAMETERS, **parameters})
    return {action for name, kind, statement in statements(stack) if name == resource and kind == "permission"
            for action in as_list(statement["Action"]) if not action.startswith("kms:")}


def make_delivery_stream(deployed, template):
    """What moto's CloudFormation leaves out, from the template's own properties."""
    stack = render(template, {**GIVEN, **PARAMETERS})["Resources"]
    s3 = stack["DeliveryStream"]["Properties"]["ExtendedS3DestinationConfiguration"]
    role = deployed.client("iam").get_role(RoleName=deployed.resources()["DeliveryRole"])["Role"]["Arn"]
    s3.update({"BucketARN": f"arn:aws:s3:::{deployed.outputs()['BucketName']}", "RoleARN": role})
    name = stack["DeliveryStream"]["Properties"]["DeliveryStreamName"]
    deployed.client("firehose").create_delivery_stream(DeliveryStreamName=name, DeliveryStreamType="DirectPut",
                                                       ExtendedS3DestinationConfiguration=s3)


def lines_in_s3(deployed):
    s3, bucket = deployed.client("s3"), deployed.outputs()["BucketName"]
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    # moto invokes no transform: rows follow one another without newlines.
    return sum(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read().count(b'{"first"') for one in found)


def test_everything_moto_knows_is_made_as_it_is_written(deployed, template):
    wanted = render(template, {**GIVEN, **PARAMETERS})["Resources"]
    made = deployed.resources()
    left_out = {name: resource["Type"] for name, resource in wanted.items() if name not in made}
    assert set(left_out.values()) <= SKIPPED
    assert deployed.skipped() == {resource["Type"] for resource in wanted.values()} & SKIPPED

    stream = deployed.client("kinesis").describe_stream(StreamName="users")["StreamDescription"]
    assert len(stream["Shards"]) == 1 and stream["RetentionPeriodHours"] == 24
    s3, bucket = deployed.client("s3"), made["Bucket"]
    rule, = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    function = deployed.client("lambda").get_function(FunctionName=made["TransformFunction"])["Configuration"]
    assert (function["Runtime"], function["Timeout"], function["Handler"]) == ("provided.al2023", 60, "bootstrap")
    assert function["CodeSize"] == (ROOT / f"build/lambda/newline-{PARAMETERS['Architecture']}.zip").stat().st_size
    groups = {group["logGroupName"]: group["retentionInDays"]
              for group in deployed.client("logs").describe_log_groups()["logGroups"]}
    assert groups == {"/aws/lambda/userstream-newline": 30, "/aws/kinesisfirehose/userstream": 30}


def test_uploads_are_private_and_encrypted(deployed):
    s3 = deployed.client("s3")
    bucket = f"userstream-artifacts-123456789012-{REGION}"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]


def test_the_parameters_choose_what_is_uploaded_and_only_once(deployed):
    chosen = "Analytics=flink Transform=node Architecture=" + PARAMETERS["Architecture"]
    _, first, _ = deployed.run("package", PARAMETERS=chosen)
    assert "uploaded newline-node-" in first and "uploaded flink-sql-runner-1.20-" in first
    _, second, _ = deployed.run("package", PARAMETERS=chosen)
    assert "uploaded" not in second
    named = dict(line.strip().split("=", 1) for line in second.splitlines() if "=" in line)
    for name in ("TransformKey", "FlinkKey"):
        assert deployed.client("s3").head_object(Bucket=named["ArtifactBucket"], Key=named[name])["ContentLength"] > 0


def test_the_services_call_what_their_policies_allow(deployed, template, tmp_path):
    """The whole pipeline with the roles' own keys: nothing is missing in the policies, and nothing to spare."""
    outputs = deployed.outputs()
    make_delivery_stream(deployed, template)
    keys = {name: deployed.role_keys(outputs[f"{name.capitalize()}RoleArn"]) for name in ("forwarder", "analytics")}
    services = Services()
    try:
        deployed.enforce_policies(True)
        randomuser = services("local-randomuser").wait_ready()
        kafka = services("local-kafka", {"LOCAL_KAFKA_TOPICS": "users:2,users.dlq:1"})
        servers = kafka.wait_for_event("kafka ready")["bootstrap_servers"]
        endpoint = {"AWS_ENDPOINT_URL": deployed.recorder.url, "AWS_REGION": REGION}
        forwarding = {**endpoint, **keys["forwarder"], "KAFKA_BOOTSTRAP_SERVERS": servers, "KINESIS_STREAM": outputs["StreamName"]}
        reading = {**endpoint, **keys["analytics"], "KINESIS_STREAM": outputs["StreamName"],
                   "FIREHOSE_STREAM": outputs["DeliveryStreamName"], "ANALYTICS_CHECKPOINT": tmp_path / "analytics.db"}
        for name, env in (("forwarder", forwarding), ("analytics", reading)):
            code, out, err = Service(name, env, ["--check"]).run(60)
            assert code == 0, out + err
        forwarder, analytics = services("forwarder", forwarding), services("analytics", reading)
        for service in (forwarder, analytics):
            service.wait_for_event("listening")
        services("fetcher", {"KAFKA_BOOTSTRAP_SERVERS": servers, "FETCHER_URL": randomuser.url + "/api/1.4/",
                             "FETCHER_RATE": "0", "FETCHER_LIMIT": USERS})
        forwarder.wait_for_metric("forwarder_records_confirmed_total", USERS, 120)
        analytics.wait_for_metric("analytics_records_read_total", USERS, 120)
        matched = analytics.metrics()["analytics_rows_matched_total"]
        analytics.wait_for_metric("analytics_rows_delivered_total", matched, 120)
    finally:
        deployed.enforce_policies(False)
        services.stop_all()
    assert 0 < matched < USERS
    wait_until(lambda: lines_in_s3(deployed) == matched, "the rows in S3", 60)
    for name in keys:
        called = deployed.recorder.calls[keys[name]["AWS_ACCESS_KEY_ID"]]
        assert called == allowed(template, f"{name.capitalize()}Policy")


@pytest.mark.parametrize("role, call", [
    ("ForwarderRoleArn", lambda client: client("kinesis").list_shards(StreamName="users")),
    ("ForwarderRoleArn", lambda client: client("s3").list_buckets()),
    ("AnalyticsRoleArn", lambda client: client("kinesis").put_record(StreamName="users", Data=b"x", PartitionKey="k")),
    ("AnalyticsRoleArn", lambda client: client("firehose").delete_delivery_stream(DeliveryStreamName="users-to-s3")),
])
def test_what_a_role_does_not_need_is_refused(deployed, role, call):
    keys = deployed.role_keys(deployed.outputs()[role])
    deployed.enforce_policies(True)
    try:
        with pytest.raises(ClientError, match="AccessDenied|not authorized"):
            call(lambda service: deployed.client(service, keys))
    finally:
        deployed.enforce_policies(False)


def test_status_on_one_screen(deployed):
    _, shown, _ = deployed.run("status")
    assert "stream users" in shown and "ACTIVE, 1 shards" in shown and "users-to-s3" in shown
    assert deployed.outputs()["BucketName"] in shown


def test_mistakes_are_named(deployed):
    for environment, command, complaint in (
            ({"STACK": "other"}, "status", "there is no stack other in eu-west-1"),
            ({"PARAMETERS": "Analytics"}, "deploy", "Analytics has no value"),
            ({"PARAMETERS": "Architecture=riscv"}, "deploy", "Architecture=riscv: one of"),
            ({"CONFIRM": "no"}, "destroy", "nothing was deleted"),
            ({}, "destroy", "CONFIRM=userstream says yes")):
        code, _, said = deployed.run(command, check=False, **environment)
        assert code == 1 and complaint in said and "Traceback" not in said
    assert "Stream" in deployed.resources()


def test_destroy_leaves_nothing(deployed):
    """Last in this file. Once more, as after an interruption, finds nothing to do. (moto makes a stack's resources anew
    when it is asked about a deleted one, so that only the first time counts.)"""
    said = deployed.destroy()
    assert said.count("deleted the bucket") >= 1 and "nothing is left" in said
    assert deployed.client("s3").list_buckets()["Buckets"] == []
    assert deployed.client("kinesis").list_streams()["StreamNames"] == []
    assert deployed.client("logs").describe_log_groups()["logGroups"] == []
    said = deployed.destroy()
    assert "deleting the stack" not in said
