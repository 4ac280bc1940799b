# SPDX-License-Identifier: Apache-2.0
"""Apache Flink in one process (tools/flink run), with its property groups in a file."""

import json
import os
import pathlib
import subprocess

from support.procs import ROOT, free_port, wait_until

START_S = 180


# As compose has it: 768 MB for the job manager, 1024 MB for the task manager. What the image's start script makes of that:
MANAGER_MEMORY = ["-Xmx192m", "-Xms192m", "-XX:MaxDirectMemorySize=128m", "-XX:MaxMetaspaceSize=256m"]
WORKER_MEMORY = ["-Xmx384m", "-Xms384m", "-XX:MaxDirectMemorySize=192m", "-XX:MaxMetaspaceSize=256m"]
CONFIG = """\
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: {rpc}
jobmanager.bind-host: 127.0.0.1
jobmanager.memory.process.size: 768m
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: {rest}
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.numberOfTaskSlots: 1
taskmanager.cpu.cores: 1.0
taskmanager.memory.process.size: 1024m
taskmanager.memory.managed.size: 0
taskmanager.memory.network.min: 64m
taskmanager.memory.network.max: 64m
taskmanager.memory.task.heap.size: 256m
taskmanager.memory.task.off-heap.size: 0
taskmanager.memory.framework.heap.size: 128m
taskmanager.memory.framework.off-heap.size: 128m
taskmanager.memory.jvm-metaspace.size: 256m
taskmanager.memory.jvm-overhead.min: 192m
taskmanager.memory.jvm-overhead.max: 192m
parallelism.default: 1
execution.checkpointing.interval: 1 s
"""


class Flink:
    """The SQL runner on one line of Flink. `groups`: {"source": {option: value}, ...}; `env` has the credentials."""

    def __init__(self, directory, groups, env, line):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.properties = self.directory / "application_properties.json"
        self.properties.write_text(json.dumps(
            [{"PropertyGroupId": name, "PropertyMap": options} for name, options in groups.items()]))
        self.log = self.directory / "flink.log"
        self.env = {**os.environ, **env}
        self.line = line
        self.processes = []
        self.start()

    def start(self):
        """In one process."""
        self.tool("run", "--line", self.line, self.properties)

    def tool(self, *arguments):
        with open(self.log, "ab") as log:
            self.processes.append(subprocess.Popen([ROOT / "tools/flink", *arguments], stdin=subprocess.DEVNULL, stdout=log,
                                                   stderr=subprocess.STDOUT, env=self.env))

    def said(self):
        return self.log.read_text(errors="replace")[-6000:]

    def wait_for(self, condition, what):
        def met():
            assert all(process.poll() is None for process in self.processes), f"Flink ended:\n{self.said()}"
            return condition()

        try:
            return wait_until(met, what, START_S)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.said()}") from late

    def wait(self):
        """Until it has ended by itself, as it does when its source is finite."""
        assert self.processes[0].wait(START_S) == 0, self.said()

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


class FlinkCluster(Flink):
    """The same as an application cluster: a job manager that runs main(), as the image's standalone-job, and a task manager."""

    def start(self):
        (self.directory / "config.yaml").write_text(CONFIG.format(rpc=free_port(), rest=free_port()))
        config = ["--configDir", self.directory]
        self.tool("java", "--line", self.line, *MANAGER_MEMORY,
                  "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint", *config, "--job-classname",
                  "userstream.SqlRunner", self.properties)
        self.tool("java", "--line", self.line, *WORKER_MEMORY, "org.apache.flink.runtime.taskexecutor.TaskManagerRunner", *config)
