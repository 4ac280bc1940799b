# SPDX-License-Identifier: Apache-2.0
"""local/stack.py against parts that misbehave on demand (support/fakes.py): what it says, what it stops, how
it exits. The pipeline of the real binaries is in test_pipeline.py."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import pytest

from support import fakes
from support.procs import ROOT, wait_until


class Orchestrator:
    def __init__(self, directory):
        self.build = directory / "build"
        self.var = directory / "var"
        self.environment = {
            "PATH": os.environ["PATH"], "BUILD_DIR": str(self.build), "VAR_DIR": str(self.var), "USERS": "500",
            "STALL_S": "1",
        }

    def start(self, command, **environment):
        return subprocess.Popen(
            [sys.executable, ROOT / "local/stack.py", command], env={**self.environment, **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )

    def __call__(self, command, **environment):
        process = self.start(command, **environment)
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def processes(self):
        """Pids of the parts that run."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(self.build).encode() + b"/" in command:
                    found.append(int(entry.name))
        return found


@pytest.fixture
def stack(tmp_path):
    orchestrator = Orchestrator(tmp_path)
    fakes.install(orchestrator.build)
    yield orchestrator
    orchestrator("down")
    assert orchestrator.processes() == []


def test_run_ends_with_0_when_the_balance_holds(stack):
    code, output = stack("run")
    assert code == 0, output
    assert "DOES NOT HOLD" not in output
    assert stack.processes() == []
    assert sum(path.read_bytes().count(b"\n") for path in stack.var.glob("s3/user-data/**/*") if path.is_file()) == 250


def test_run_keeps_the_results_of_the_run_before(stack):
    assert stack("run")[0] == 0
    code, output = stack("run")
    assert code == 0
    assert "results of the run before are now in" in output
    assert any((stack.var / "s3.previous").rglob("users-to-s3-1"))


def test_a_stall_says_where(stack):
    fakes.install(stack.build, {"forwarder": {"stall_at": 100}})
    code, output = stack("run")
    assert code == 1
    assert "nothing has moved for 1 s: forwarder read 100 of 500 records" in output
    assert stack.processes() == []


def test_a_part_that_ends_is_named_with_its_reason(stack):
    fakes.install(stack.build, {"analytics": {"exit_at": 50}})
    code, output = stack("run")
    assert code == 1
    assert "run: analytics ended with exit code 7: cannot go on (message the disk is full)\n" in output
    assert "analytics.log" in output
    assert stack.processes() == []


def test_lines_missing_in_s3_break_the_balance(stack):
    lines = stack.build / "local-aws"
    lines.write_text(lines.read_text().replace("(self.users // 2)", "(self.users // 2 - 1)"))
    code, output = stack("run")
    assert code == 1
    assert "delivered = lines in S3" in output and "DOES NOT HOLD" in output


def test_a_part_that_is_never_ready_is_named_with_its_reason(stack):
    fakes.install(stack.build, {"forwarder": {"unready": 1}})
    code, output = stack("run", READY_TIMEOUT_S="1")
    assert code == 1
    assert "forwarder was not ready after 1 s: no Kafka" in output


def test_all_wrong_settings_in_one_go(stack):
    code, output = stack("run", USERS="none", STALL_S="0")
    assert code == 2
    assert "USERS=none" in output and "STALL_S=0" in output


def test_wrong_configuration_of_every_part_in_one_go(stack):
    fakes.install(stack.build, {"fetcher": {"refuse": 1}, "analytics": {"refuse": 1}})
    code, output = stack("run")
    assert code == 2
    assert output.count("A_NAME=x: a whole number") == 2
    assert output.count("B_NAME=: is required") == 2
    assert "nothing was started" in output


def test_missing_binary_is_one_line(stack):
    (stack.build / "forwarder").unlink()
    code, output = stack("run")
    assert code == 1
    assert output.endswith("forwarder is missing: `make build` makes it\n")


@pytest.mark.parametrize("number, expected", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_everything(stack, number, expected):
    fakes.install(stack.build, {"users": 10**6})
    process = stack.start("run", USERS="1000000")
    wait_until(lambda: len(stack.processes()) == 7, "all parts to run")
    os.killpg(process.pid, number)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == expected, output
    assert stack.processes() == []
    assert "Traceback" not in output


def test_parts_end_when_the_orchestrator_is_killed(stack):
    fakes.install(stack.build, {"users": 10**6})
    process = stack.start("run", USERS="1000000")
    wait_until(lambda: len(stack.processes()) == 7, "all parts to run")
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: stack.processes() == [], "all parts to end")


def test_up_status_down(stack):
    assert stack("status")[0] == 1
    code, output = stack("up")
    assert code == 0, output
    assert len(stack.processes()) == 7
    code, output = stack("status")
    assert code == 0 and output.count(" ready") == 7
    assert (stack.var / "aws.env").stat().st_mode & 0o777 == 0o600
    assert "is running already" in stack("up")[1]
    code, output = stack("run")
    assert code == 1 and "make down" in output
    assert stack("down") == (0, "stopped\n")
    assert stack.processes() == []
    assert stack("down") == (0, "not running\n")


def test_up_takes_another_port_when_one_is_in_use_and_says_so(stack):
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", 4566))
            other.listen()
        except OSError:
            pass  # somebody else has it: as good
        code, output = stack("up")
        assert code == 0, output
        assert "port 4566 is in use, so local-aws takes another" in output


def test_down_never_hits_a_pid_that_was_given_to_another(stack):
    assert stack("up")[0] == 0
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        record = json.loads((stack.var / "up.json").read_text())
        forwarder = next(entry for entry in record["processes"] if entry["name"] == "forwarder")
        real, forwarder["pid"] = forwarder["pid"], bystander.pid
        (stack.var / "up.json").write_text(json.dumps(record))
        stack("down")
        assert bystander.poll() is None
        os.kill(real, signal.SIGKILL)
    finally:
        bystander.kill()
        bystander.wait()


def test_status_tells_of_a_part_that_ended(stack):
    stack("up")
    record = json.loads((stack.var / "up.json").read_text())
    pid = next(entry["pid"] for entry in record["processes"] if entry["name"] == "analytics")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: pid not in stack.processes(), "analytics to end")
    code, output = stack("status")
    assert code == 1
    assert "ended" in output
