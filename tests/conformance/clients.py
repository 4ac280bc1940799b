# SPDX-License-Identifier: Apache-2.0
"""The three clients, behind one call:

    client.call("kinesis", "PutRecords", {...}) -> Answer

AWS CLI   Debian's aws command, a process per call
boto3     the current one, in the virtual environment of the moto server: boto_driver.py
node      the AWS SDK for JavaScript v3: node/driver.mjs

Bytes and times go in and come out as they are, whatever the client makes of them underway.
"""

import base64
import datetime
import json
import os
import pathlib
import re
import subprocess
import tempfile

from botocore import xform_name

from support import node
from support.moto import REQUIREMENTS
from support.pypi import environment as python_environment

HERE = pathlib.Path(__file__).resolve().parent
REGION = "us-east-1"
DEADLINE_S = 120
NAMES = ("cli", "boto3", "node")


class Answer:
    """`error` is the error's code, or None; `status` and `request` are None where the client hides them."""

    def __init__(self, ok=None, error=None, message=None, status=None, request=None):
        self.ok, self.error, self.message, self.status, self.request = ok, error, message, status, request

    def __repr__(self):
        return f"{self.error}: {self.message}" if self.error else f"ok {str(self.ok)[:600]}"


def encode(value):
    if isinstance(value, bytes):
        return {"$b64": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.timestamp()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return {name: encode(item) for name, item in value.items()} if isinstance(value, dict) else value


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$b64" in value:
        return base64.b64decode(value["$b64"])
    if "$time" in value:
        return datetime.datetime.fromtimestamp(value["$time"], datetime.timezone.utc)
    return {name: decode(item) for name, item in value.items()}


def environment(url, keys):
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CONFORMANCE_URL": url, "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
            "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}


class Driver:
    """A client that is a process of its own for all its calls."""

    def __init__(self, command, url, keys):
        self.process = subprocess.Popen(command, env=environment(url, keys), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def call(self, service, operation, params):
        line = json.dumps({"service": service, "operation": operation, "params": encode(params)})
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return Answer(**{**answer, "ok": decode(answer.get("ok"))})

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()


class CommandLine:
    """The aws command. Debian 12's is of 2023: what it does not know has `new` in the tables."""

    ERROR = re.compile(r"An error occurred \((.*?)\) when calling the \w+ operation(?: \(.*?\))?: (.*)", re.S)

    def __init__(self, url, keys):
        self.url = url
        self.folder = tempfile.TemporaryDirectory()
        config = pathlib.Path(self.folder.name) / "config"
        config.write_text("[default]\nparameter_validation = false\ns3 =\n    addressing_style = path\n")
        self.env = dict(environment(url, keys), AWS_CONFIG_FILE=str(config))

    def run(self, *arguments):
        """Any command: (exit code, standard output, standard error)."""
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "--output", "json", *map(str, arguments)],
                              env=self.env, capture_output=True, text=True, timeout=DEADLINE_S,
                              stdin=subprocess.DEVNULL, cwd=self.folder.name)
        return done.returncode, done.stdout, done.stderr

    def call(self, service, operation, params):
        if operation == "$presign":
            names = params["params"]
            code, out, err = self.run("s3", "presign", f"s3://{names['Bucket']}/{names['Key']}",
                                      "--expires-in", params["expires"])
            return Answer(ok={"url": out.strip()}) if code == 0 else Answer(error="cli", message=err)
        folder = pathlib.Path(self.folder.name)
        extra = []
        params = dict(params)
        if service == "s3" and "Body" in params:
            (folder / "body").write_bytes(params.pop("Body"))
            extra = ["--body", folder / "body"]
        if operation == "GetObject":  # with a file to write to, the command takes no JSON
            (folder / "received").write_bytes(b"")
            extra = [*self.options(params), folder / "received"]
        else:
            (folder / "input.json").write_text(json.dumps(params, default=self.plain))
            extra += ["--cli-input-json", f"file://{folder / 'input.json'}"]
        code, out, err = self.run("s3api" if service == "s3" else service, xform_name(operation, "-"), "--no-paginate",
                                  *extra)
        found = self.ERROR.search(err)
        if code != 0:
            return Answer(error=found.group(1), message=found.group(2).strip()) if found else Answer(
                error="cli", message=err)
        ok = json.loads(out) if out.strip() else {}
        if operation == "GetObject":
            ok["Body"] = (folder / "received").read_bytes()
        return Answer(ok=ok)

    def options(self, params):
        """What is not known yet (None, of an object that is awaited) is left out, and the command will complain."""
        for name, value in params.items():
            if value is not None:
                yield f"--{xform_name(name, '-')}"
                yield value if isinstance(value, str) else self.plain(value)

    @staticmethod
    def plain(value):
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()

    def close(self):
        self.folder.cleanup()


def start(name, url, keys):
    if name == "cli":
        return CommandLine(url, keys)
    if name == "boto3":
        return Driver([python_environment(REQUIREMENTS) / "bin/python", HERE / "boto_driver.py"], url, keys)
    return Driver([node.binary(), node.packages(HERE / "node") / "driver.mjs"], url, keys)
