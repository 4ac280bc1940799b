# SPDX-License-Identifier: Apache-2.0
"""The moto server with authentication on: an AWS whose signature check is botocore's, not this project's.

It is installed into a virtual environment, by the versions pinned in tests/e2e/moto/requirements.txt.
"""

import os
import subprocess

import boto3

from support.procs import ROOT, free_port, wait_until
from support.pypi import environment

REQUIREMENTS = ROOT / "tests/e2e/moto/requirements.txt"
ANY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
REGION = "us-east-1"
# create_user, create_access_key, put_user_policy, create_stream, create_role, put_role_policy
ACTIONS_BEFORE_AUTHENTICATION = 6


class Moto:
    """A running server with a stream "users", a user's keys in `user` and a role's in `role`, both allowed all."""

    def __init__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [environment(REQUIREMENTS) / "bin/moto_server", "-H", "127.0.0.1", "-p", str(port)],
            env=dict(os.environ, INITIAL_NO_AUTH_ACTION_COUNT=str(ACTIONS_BEFORE_AUTHENTICATION)),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        nobody = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
        iam = self.client("iam", nobody)

        def answers():
            try:
                iam.create_user(UserName="forwarder")
                return True
            except OSError:
                return False
            except Exception as error:  # botocore wraps a refused connection
                if "Could not connect" in str(error):
                    return False
                raise

        wait_until(answers, "the moto server", 60)
        key = iam.create_access_key(UserName="forwarder")["AccessKey"]
        iam.put_user_policy(UserName="forwarder", PolicyName="any", PolicyDocument=ANY)
        self.client("kinesis", nobody).create_stream(StreamName="users", ShardCount=2)
        iam.create_role(RoleName="forwarder", AssumeRolePolicyDocument=ANY)
        iam.put_role_policy(RoleName="forwarder", PolicyName="any", PolicyDocument=ANY)
        self.user = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        assumed = self.client("sts", self.user).assume_role(
            RoleArn="arn:aws:iam::123456789012:role/forwarder", RoleSessionName="forwarder")["Credentials"]
        self.role = {"AWS_ACCESS_KEY_ID": assumed["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": assumed["SecretAccessKey"],
                     "AWS_SESSION_TOKEN": assumed["SessionToken"]}

    def client(self, service, keys):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION,
                            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                            aws_session_token=keys.get("AWS_SESSION_TOKEN"))

    def records(self):
        """(partition key, data) of all records of the stream."""
        kinesis = self.client("kinesis", self.user)
        found = []
        for shard in kinesis.list_shards(StreamName="users")["Shards"]:
            iterator = kinesis.get_shard_iterator(StreamName="users", ShardId=shard["ShardId"],
                                                  ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            found += [(record["PartitionKey"], record["Data"])
                      for record in kinesis.get_records(ShardIterator=iterator)["Records"]]
        return found

    def close(self):
        self.process.terminate()
        self.process.wait()
