# SPDX-License-Identifier: Apache-2.0
"""The other implementations: kinesalite (npm) for Kinesis, the moto server (PyPI) for Firehose and S3."""

import os
import socket
import subprocess

from support import node
from support.moto import REQUIREMENTS
from support.procs import ROOT, free_port, wait_until
from support.pypi import environment

# kinesalite's command line listens on all addresses; this does not.
KINESALITE = """
const server = require('kinesalite')({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: 100 });
server.listen(Number(process.argv[1]), '127.0.0.1');
"""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    def __init__(self, name):
        port = free_port()
        folder = None
        if name == "kinesalite":
            command = [node.binary(), "--input-type=commonjs", "-e", KINESALITE, str(port)]
            folder = node.packages(ROOT / "tests/conformance/node")
        else:
            command = [environment(REQUIREMENTS) / "bin/moto_server", "-H", "127.0.0.1", "-p", str(port)]
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(command, cwd=folder, env=dict(os.environ, MOTO_ACCOUNT_ID="000000000000"),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_until(lambda: listens(port), name, 60)

    def close(self):
        self.process.terminate()
        self.process.wait()
