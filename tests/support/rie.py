# SPDX-License-Identifier: Apache-2.0
"""AWS's Lambda Runtime Interface Emulator: what Lambda runs around a function, behind one HTTP port.

Built from the Go module of tests/e2e/rie, whose go.sum pins every byte, by the Go pinned in go.txt there.

    with Emulator(["/path/to/bootstrap"], {"NAME": "value"}) as emulator:
        answer = emulator.client.invoke(event)
"""

import os
import subprocess

from support import pypi
from support.firehose import Client
from support.procs import ROOT, free_port, wait_until

MODULE = ROOT / "tests/e2e/rie"
PACKAGE = "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
PATH = "/2015-03-31/functions/function/invocations"


def build(folder):
    go = pypi.file_of(pypi.environment(MODULE / "go.txt", "go"), "go/bin/go")
    folder.mkdir()
    subprocess.run([go, "build", "-mod=readonly", "-trimpath", "-o", folder / "aws-lambda-rie", PACKAGE], cwd=MODULE,
                   env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOROOT": str(go.parents[1]),
                        "CGO_ENABLED": "0"}, check=True)


def binary():
    pins = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum", "go.txt"))
    return pypi.once("rie", pins, build) / "aws-lambda-rie"


class Emulator:
    """One function under the emulator, in an environment of its own."""

    def __init__(self, command, env=None):
        port = free_port()
        self.process = subprocess.Popen(
            [binary(), "--runtime-api-address", f"127.0.0.1:{free_port()}", "--runtime-interface-emulator-address",
             f"127.0.0.1:{port}", "--log-level", "error", *map(str, command)],
            env={"PATH": os.environ["PATH"], **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.client = Client(f"http://127.0.0.1:{port}")
        wait_until(self.listens, "the emulator to listen")

    def listens(self):
        try:
            self.client.connection.connect()
            return True
        except OSError:
            return False

    def invoke(self, body, **headers):
        return self.client.invoke(body, PATH, headers)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.client.close()
        self.process.terminate()
        self.process.wait(30)
