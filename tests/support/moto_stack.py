# SPDX-License-Identifier: Apache-2.0
"""aws/template.yaml deployed by aws/stack to a moto server, as far as moto goes.

A recorder stands before moto. It takes away what moto's CloudFormation cannot read, and what its S3 understands wrongly:
- AWS::NoValue in a list becomes null in moto: conditions are decided before
- tags of a KMS key are read by another name
- an SSM parameter as a parameter's value is looked up twice: the image ids are texts
- calls are held against a policy's actions, but never reach the ARN in its resource: it is `*`
- policies of buckets are applied without their conditions: "TLS only" would be "nobody"
"""

import json
import os
import socket
import subprocess
import tempfile
import urllib.parse
import urllib.request

import boto3

from support import moto, pypi
from support.cloudformation import IMAGE, load, prune
from support.procs import ROOT, free_port, wait_until
from support.recorder import Recorder

REGION = "eu-west-1"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIADEPLOYDEPLOYDEPL", "AWS_SECRET_ACCESS_KEY": "deployer"}
# Resources of the template that moto's CloudFormation passes over.
SKIPPED = {"AWS::S3::BucketPolicy", "AWS::Logs::LogStream", "AWS::KinesisFirehose::DeliveryStream",
           "AWS::EKS::PodIdentityAssociation", "AWS::KinesisAnalyticsV2::Application",
           "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption", "AWS::SNS::Subscription", "AWS::CloudWatch::Alarm"}


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class MotoStack:
    def __init__(self, parameters):
        self.parameters = parameters
        self.output = tempfile.TemporaryFile("w+")
        port = free_port()
        self.moto = subprocess.Popen([pypi.environment(moto.REQUIREMENTS) / "bin/moto_server", "-H", "127.0.0.1", "-p", str(port)],
                                     stdout=subprocess.DEVNULL, stderr=self.output)
        self.seen = {}
        self.attached = []
        self.recorder = Recorder(f"http://127.0.0.1:{port}", [("PUT", r"\?policy$")], self.readable)
        self.recorder.__enter__()
        self.env = {"AWS_ENDPOINT_URL": self.recorder.url, "AWS_REGION": REGION, **KEYS}
        wait_until(lambda: listens(port), "the moto server", 60)

    def readable(self, body):
        """A CreateChangeSet with a template that moto can read."""
        if not body.startswith(b"Action=CreateChangeSet"):
            return body
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        for field, name in form.items():
            if field.endswith(".ParameterKey"):
                value = form.get(field.replace("ParameterKey", "ParameterValue"))
                self.seen[name] = self.seen.get(name) if value is None else value
        given = {name: value for name, value in self.seen.items() if value is not None}
        template = prune(load(form["TemplateBody"]), given)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::KMS::Key":
                del resource["Properties"]["Tags"]
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                    statement["Resource"] = "*"
        for image in ("Arm64Image", "X86Image"):
            template["Parameters"][image] = {"Type": "String", "Default": IMAGE}
        form["TemplateBody"] = json.dumps(template)
        return urllib.parse.urlencode(form).encode()

    def run(self, command, check=True, **environment):
        """aws/stack COMMAND; (exit code, standard output, standard error)."""
        env = {**{name: value for name, value in os.environ.items() if not name.startswith("AWS_")}, **self.env,
               "PARAMETERS": " ".join(f"{name}={value}" for name, value in self.parameters.items()), "PYTHONUNBUFFERED": "1",
               **environment}
        run = subprocess.run([ROOT / "aws/stack", command], env=env, check=False, capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, timeout=300)
        assert not check or run.returncode == 0, run.stdout + run.stderr
        return run.returncode, run.stdout, run.stderr

    def client(self, service, keys=None):
        keys = keys or KEYS
        return boto3.client(service, endpoint_url=self.recorder.url, region_name=REGION,
                            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                            aws_session_token=keys.get("AWS_SESSION_TOKEN"))

    def deploy(self):
        """aws/stack deploy. moto's change sets forget the outputs, so that the stack is updated once more behind it, and
        its roles their managed policies, which are attached as the template says."""
        self.run("deploy")
        cloudformation = self.client("cloudformation")
        template = cloudformation.get_template(StackName="userstream")["TemplateBody"]
        again = json.dumps({**json.loads(json.dumps(template)), "Description": "with outputs"})
        parameters = [{"ParameterKey": name, "UsePreviousValue": True} for name in self.seen]
        cloudformation.update_stack(StackName="userstream", TemplateBody=again, Parameters=parameters,
                                    Capabilities=["CAPABILITY_IAM"])
        made = self.resources()
        self.attached = [{"RoleName": made[name], "PolicyArn": made[managed["Ref"]]}
                         for name, resource in template["Resources"].items()
                         for managed in resource["Properties"].get("ManagedPolicyArns", [])]
        for one in self.attached:
            self.client("iam").attach_role_policy(**one)

    def destroy(self):
        """aws/stack destroy; returns what it said."""
        while self.attached:
            self.client("iam").detach_role_policy(**self.attached.pop())
        return self.run("destroy", CONFIRM="userstream")[1]

    def outputs(self):
        found = self.client("cloudformation").describe_stacks(StackName="userstream")["Stacks"][0]
        return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}

    def resources(self):
        """{logical id: physical id} of what moto made."""
        made = self.client("cloudformation").describe_stack_resources(StackName="userstream")["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made if one.get("PhysicalResourceId")}

    def role_keys(self, arn):
        """Keys of a role, as web identity or Pod Identity hand them out."""
        keys = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                "AWS_SESSION_TOKEN": keys["SessionToken"]}

    def enforce_policies(self, on):
        """From now on moto checks signatures and policies; before, anybody may do anything."""
        request = urllib.request.Request(self.recorder.url + "/moto-api/reset-auth", data=b"0" if on else b"1000000",
                                         headers={"Content-Type": "text/plain"}, method="POST")
        urllib.request.urlopen(request, timeout=30).close()

    def skipped(self):
        """Types that moto said it would not make."""
        self.output.seek(0)
        return {line.split("parse ", 1)[1].split(" ", 1)[0] for line in self.output if "but it's not supported" in line}

    def close(self):
        self.recorder.__exit__()
        self.moto.terminate()
        self.moto.wait()
