# SPDX-License-Identifier: Apache-2.0
"""The stack of docker-compose.yml as a test subject, with an engine of tools/docker where none runs.

docker          runs the docker command: docker("ps", "-q") gives its standard output
Stack           one project of the compose file: stack.compose("up", "-d"), its containers, logs, metrics, S3 lines
"""

import base64
import io
import json
import os
import pathlib
import secrets
import subprocess
import tarfile
import urllib.request

import pytest

from support.lines import read_line
from support.procs import ROOT, Metrics, free_port, wait_until

OWN = ("fetcher", "forwarder", "analytics", "transformer", "aws", "randomuser")
IMAGES = ("fetcher", "forwarder", "transformer", "analytics", "local-randomuser", "local-aws")
BUCKET = "user-data"
DEADLINE_S = 120.0
BUILD_TIMEOUT_S = 1800
TAG = "e2e"


class Docker:
    """The command and the environment it needs."""

    def __init__(self, variables):
        self.env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables, "IMAGE_TAG": TAG}

    def run(self, *arguments, timeout=300, env=None, check=True):
        done = subprocess.run(["docker", *map(str, arguments)], env={**self.env, **(env or {})}, cwd=ROOT,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        if check:
            assert done.returncode == 0, f"docker {' '.join(map(str, arguments))}\n{done.stdout[-3000:].decode()}" \
                                         f"{done.stderr[-6000:].decode()}"
        return done

    def __call__(self, *arguments, **options):
        return self.run(*arguments, **options).stdout.decode()

    def inspect(self, *names, kind="container"):
        return json.loads(self(kind, "inspect", *names))

    def build_images(self, *options):
        self("compose", "--env-file", "/dev/null", "build", *options, timeout=BUILD_TIMEOUT_S)


def variables(command):
    """NAME=VALUE lines that tools/docker prints, as a dict."""
    done = subprocess.run([ROOT / "tools/docker", command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=BUILD_TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.fixture(scope="session")
def docker():
    """KEEP_ENGINE=1 leaves an engine that this started running, for the next time."""
    subprocess.run([ROOT / "tools/kafka", "fetch"], stdout=subprocess.DEVNULL, check=True)
    try:
        yield Docker({**variables("start"), **variables("images")})
    finally:
        if os.environ.get("KEEP_ENGINE") != "1":
            variables("stop")


@pytest.fixture(scope="session")
def images(docker):
    """All images are built."""
    docker.build_images()
    return docker


class Container:
    def __init__(self, docker, container_id):
        self.docker = docker
        self.id = container_id
        self.facts = docker.inspect(container_id)[0]
        self.name = self.facts["Name"].lstrip("/")
        self.service = self.facts["Config"]["Labels"]["com.docker.compose.service"]
        self.state = self.facts["State"]

    def __repr__(self):
        return f"<{self.name} {self.state['Status']}>"

    def events(self):
        """The JSON lines of all its runs."""
        done = self.docker.run("logs", self.id)
        lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def port(self):
        """Of this machine, for its HTTP endpoints."""
        inside = {"aws": "4566/tcp", "randomuser": "8090/tcp"}.get(self.service, "8080/tcp")
        return int(self.facts["NetworkSettings"]["Ports"][inside][0]["HostPort"])

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}{path}", timeout=30) as answer:
            return answer.read()

    def metrics(self):
        return Metrics.parse(self.get("/metrics").decode())


class Stack:
    """A project of its own: own name, volumes and host ports. `settings` is what its .env says."""

    def __init__(self, docker, folder, **settings):
        self.docker = docker
        self.project = "e2e" + secrets.token_hex(4)
        ports = [free_port() for _ in range(3)]
        # Not by -p, with which Compose would not read the compose file when it stops things.
        self.settings = {"COMPOSE_PROJECT_NAME": self.project, "KAFKA_PORT": ports[0], "AWS_PORT": ports[1], "RANDOMUSER_PORT": ports[2],
                         **{name: docker.env[name] for name in ("BASE_IMAGE", "KAFKA_IMAGE", "FLINK_IMAGE", "IMAGE_TAG")}, **settings}
        self.env_file = pathlib.Path(folder) / f"{self.project}.env"
        self.env_file.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()))
        self.bootstrap_servers = f"localhost:{self.settings['KAFKA_PORT']}"
        self.aws_url = f"http://127.0.0.1:{self.settings['AWS_PORT']}"

    def run(self, *arguments, **options):
        return self.docker.run("compose", "--env-file", self.env_file, *arguments, **options)

    def compose(self, *arguments, **options):
        return self.run(*arguments, **options).stdout.decode()

    def containers(self, *services):
        ids = self.compose("ps", "-a", "-q", *services).split()
        return sorted((Container(self.docker, found) for found in ids), key=lambda container: container.name)

    def container(self, service):
        found, = self.containers(service)
        return found

    def healthy(self, *services):
        return all(container.state["Status"] == "running" and container.state["Health"]["Status"] == "healthy"
                   for container in self.containers(*(services or (*OWN, "kafka"))))

    def wait_healthy(self, *services):
        wait_until(lambda: self.healthy(*services), f"{services or 'all'} to be healthy", DEADLINE_S)

    def objects(self):
        """Key and content of what lies in the bucket, taken out of the volume."""
        done = self.run("cp", f"aws:/s3/{BUCKET}", "-", check=False)
        if done.returncode != 0:
            assert b"Could not find the file" in done.stderr or b"could not find" in done.stderr.lower(), done.stderr
            return {}
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            return {member.name.partition("/")[2]: archive.extractfile(member).read()
                    for member in archive if member.isfile()}

    def lines(self):
        """Every row in the bucket, as support.lines.read_line gives it; those that the transform could not take, too."""
        rows = []
        for key, content in self.objects().items():
            text = content.decode().splitlines()
            if key.startswith("processing-failed/"):
                text = [base64.b64decode(json.loads(line)["rawData"]).decode() for line in text]
            rows += [read_line(line) for line in text]
        return rows

    def down(self):
        self.compose("down", "-v", "--remove-orphans", "-t", "5")
