# SPDX-License-Identifier: Apache-2.0
"""Fixtures that give a test its surroundings: the stand-ins on free ports, each fresh and empty.

services          starts any binary: services("forwarder", {...}); stopped and checked at the end
local_kafka       .bootstrap_servers
local_randomuser  .api (URL for FETCHER_URL)
transformer       .url
local_aws         .url, .env (what an AWS client needs in its environment), .client("kinesis") (boto3), .s3_dir
start_local_aws   the same as a function, for other settings or for a restart on the same state
"""

import json
import urllib.request

import pytest

from support.procs import Services

ACCESS_KEY_ID = "AKIATESTTESTTESTTEST"
SECRET_ACCESS_KEY = "test/secret+key/test/secret+key/testtest"
REGION = "us-east-1"


@pytest.fixture
def services():
    started = Services()
    yield started
    started.stop_all()


@pytest.fixture
def local_kafka(services):
    kafka = services("local-kafka", {"LOCAL_KAFKA_TOPICS": "users:8,users.dlq:1"})
    kafka.bootstrap_servers = kafka.wait_for_event("kafka ready")["bootstrap_servers"]
    return kafka


@pytest.fixture
def local_randomuser(services):
    randomuser = services("local-randomuser").wait_ready()
    randomuser.api = randomuser.url + "/api/1.4/"
    return randomuser


@pytest.fixture
def transformer(services):
    return services("transformer").wait_ready()


class LocalAws:
    """A running local-aws. `directory` outlives it, so that another one can go on with the state."""

    def __init__(self, service, directory):
        self.service = service
        self.directory = directory
        self.s3_dir = directory / "s3"
        self.url = service.url
        self.env = {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_ENDPOINT_URL": self.url,
        }

    def client(self, name, **options):
        """A boto3 client, without retries of its own so that a test sees each answer."""
        import boto3
        from botocore.config import Config

        settings = {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}}
        settings.update(options.pop("config", {}))
        arguments = {
            "region_name": REGION,
            "endpoint_url": self.url,
            "aws_access_key_id": ACCESS_KEY_ID,
            "aws_secret_access_key": SECRET_ACCESS_KEY,
            "config": Config(**settings),
        }
        arguments.update(options)
        return boto3.client(name, **arguments)

    def metrics(self):
        return self.service.metrics()

    def order_faults(self, seed, faults):
        """For one that was started with LOCAL_AWS_FAULTS; none takes all back."""
        body = json.dumps({"seed": seed, "faults": faults}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + "/_local/faults", body, method="PUT"), timeout=30):
            pass

    def s3_files(self, bucket):
        """The objects of a bucket, as files, by key in order."""
        top = self.s3_dir / bucket
        return sorted(path for path in top.rglob("*") if path.is_file()) if top.is_dir() else []

    def stop(self):
        return self.service.stop()

    def kill(self):
        self.service.kill()


@pytest.fixture
def start_local_aws(services, tmp_path):
    def start(env=None, directory=None):
        directory = directory or tmp_path / "aws"
        settings = {
            "LOCAL_AWS_DIR": directory,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "LOCAL_AWS_STREAMS": "users:2",
            "LOCAL_AWS_DELIVERY_STREAMS": "users-to-s3:userdata",
            "LOCAL_AWS_BUFFER_INTERVAL_MS": "300",
        }
        settings.update(env or {})
        return LocalAws(services("local-aws", settings).wait_ready(), directory)

    return start


@pytest.fixture
def local_aws(start_local_aws, transformer):
    return start_local_aws({"LOCAL_AWS_LAMBDA_URL": transformer.url})
