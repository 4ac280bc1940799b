# SPDX-License-Identifier: Apache-2.0
"""Apache Flink in one process (tools/flink run), with its property groups in a file."""

import json
import os
import pathlib
import subprocess

from support.procs import ROOT, wait_until

START_S = 180


class Flink:
    """The SQL runner on one line of Flink. `groups`: {"source": {option: value}, ...}; `env` has the credentials."""

    def __init__(self, directory, groups, env, line):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        properties = self.directory / "application_properties.json"
        properties.write_text(json.dumps(
            [{"PropertyGroupId": name, "PropertyMap": options} for name, options in groups.items()]))
        self.log = self.directory / "flink.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([ROOT / "tools/flink", "run", "--line", line, properties],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            env={**os.environ, **env})

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, condition, what):
        def met():
            assert self.process.poll() in (None, 0), f"Flink ended:\n{self.said()[-6000:]}"
            return condition()

        try:
            return wait_until(met, what, START_S)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.said()[-6000:]}") from late

    def wait(self):
        """Until it has ended by itself, as it does when its source is finite."""
        assert self.process.wait(START_S) == 0, self.said()[-6000:]

    def stop(self):
        self.process.kill()
        self.process.wait()
