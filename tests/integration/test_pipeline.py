# SPDX-License-Identifier: Apache-2.0
"""The whole pipeline of the real binaries, run by local/stack.py as `make run` does: what lies in S3 at the end is
exactly what an independent computation from the generator's users gives."""

import collections
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse

import pytest

from support.lines import expected_lines, read_line
from support.procs import BUILD, ROOT, SANITIZER_ENV, SANITIZER_REPORT, wait_until

USERS = 1200
RESULTS = 250  # the last page is not used up: 5 pages of 250 hold 1250
SEED = "pipeline-test"
OBJECT_KEY = re.compile(r"user-data/\d{4}/\d{2}/\d{2}/\d{2}/users-to-s3-\d+-\d{4}(-\d{2}){5}-[0-9a-f-]{36}")


class Run:
    def __init__(self, var):
        self.var = var

    def start(self, **environment):
        return subprocess.Popen(
            [sys.executable, ROOT / "local/stack.py", "run"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env={"PATH": os.environ["PATH"], "BUILD_DIR": str(BUILD), "VAR_DIR": str(self.var), **SANITIZER_ENV,
                 "FETCHER_RATE": "0", "FETCHER_SEED": SEED, "FETCHER_RESULTS": str(RESULTS), **environment},
        )

    def __call__(self, **environment):
        process = self.start(**environment)
        output = process.communicate(timeout=180)[0]
        self.check_sanitizers()
        return process.returncode, output

    def check_sanitizers(self):
        for log in self.var.glob("log/*.log"):
            text = log.read_text(errors="replace")
            assert not SANITIZER_REPORT.search(text), f"{log.name}:\n{text[-6000:]}"

    def files(self):
        return sorted(path for path in (self.var / "s3").rglob("*") if path.is_file())

    def pids(self):
        """Processes of this run, known by the folder that their environment names."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/environ", "rb") as file:
                        environment = file.read()
                    with open(f"/proc/{entry}/cmdline", "rb") as file:
                        command = file.read()
                except OSError:
                    continue
                if f"{BUILD}/".encode() in command and b"DRAIN_TIMEOUT_MS=10000" in environment:
                    found.append(int(entry))
        return found


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "var")


def users_of_the_generator(api, count):
    """The first `count` users of the seed, asked from the generator over HTTP without any code of the fetcher."""
    users, page = [], 1
    address = urllib.parse.urlsplit(api)
    while len(users) < count:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        query = urllib.parse.urlencode({"results": RESULTS, "seed": SEED, "page": page, "exc": "login"})
        connection.request("GET", f"{address.path}?{query}")
        users += json.loads(connection.getresponse().read())["results"]
        connection.close()
        page += 1
    return users[:count]


def test_s3_holds_exactly_what_the_sql_selects(run, local_randomuser):
    code, output = run(USERS=str(USERS))
    assert code == 0, output
    assert "DOES NOT HOLD" not in output

    found = collections.Counter()
    for path in run.files():
        assert OBJECT_KEY.fullmatch(str(path.relative_to(run.var / "s3"))), path
        content = path.read_bytes()
        assert content.endswith(b"}\n")
        found.update(read_line(line) for line in content.decode("utf-8").split("\n")[:-1])

    expected = expected_lines(users_of_the_generator(local_randomuser.api, USERS))
    assert sum(expected.values()) > 100
    assert found == expected


def test_other_sql_is_used_when_named(run, tmp_path):
    sql = (ROOT / "sql/users.sql").read_text()
    other = tmp_path / "other.sql"
    other.write_text(sql.replace("'male'", "'female'").replace(">= 18", ">= 70"))
    assert other.read_text() != sql
    code, output = run(USERS="500", ANALYTICS_SQL=str(other))
    assert code == 0, output
    lines = [read_line(line) for path in run.files() for line in path.read_text().splitlines()]
    assert lines
    assert all(gender == "female" and age >= 70 for _, _, age, gender, _, _ in lines)


def test_ctrl_c_stops_everything(run):
    process = run.start(USERS="1000000", FETCHER_RATE="50")
    wait_until(lambda: len(run.pids()) == 7, "all parts to run")
    os.killpg(process.pid, signal.SIGINT)
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 130, output
    assert run.pids() == []
    run.check_sanitizers()


def test_wrong_configuration_of_all_parts_in_one_go(run):
    code, output = run(FETCHER_RATE="often", FETCHER_RESULTS="0", FORWARDER_IN_FLIGHT="none", LOG_LEVEL="loud",
                       LOCAL_AWS_BUFFER_BYTES="-1")
    assert code == 2
    for mistake in ("FETCHER_RATE=often", "FETCHER_RESULTS=0", "FORWARDER_IN_FLIGHT=none", "LOG_LEVEL=loud",
                    "LOCAL_AWS_BUFFER_BYTES=-1"):
        assert mistake in output
    assert run.pids() == []


def test_no_source_is_a_stall_that_says_so(run):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api/1.4/"
        code, output = run(USERS="10", FETCHER_URL=url, STALL_S="3")
    assert code == 1
    assert "fetcher fetched 0 of 10 users from the API" in output


SERVICES = ["fetcher", "forwarder", "transformer", "analytics", "local-randomuser", "local-kafka", "local-aws"]
REQUIRED = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "KINESIS_STREAM": "users", "FIREHOSE_STREAM": "users-to-s3",
    "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "ANALYTICS_SQL": "sql/users.sql", "FETCHER_URL": "http://127.0.0.1:1/",
}


@pytest.mark.parametrize("binary", SERVICES)
def test_port_in_use_is_one_clear_line(services, tmp_path, binary):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        state = {"LOCAL_AWS_DIR": tmp_path / "aws", "ANALYTICS_CHECKPOINT": tmp_path / "analytics.db"}
        service = services(binary, {**REQUIRED, **state, "HTTP_PORT": port, "DRAIN_TIMEOUT_MS": 100})
        assert service.wait() == 1
    errors = [event for event in service.events if event["level"] == "error"]
    assert len(errors) == 1, service.tail()
    told = json.dumps(errors[0])
    assert str(port) in told and "in use" in told


@pytest.mark.parametrize("binary", SERVICES)
def test_wrong_configuration_is_exit_2_with_every_mistake(services, binary):
    service = services(binary, {**REQUIRED, "HTTP_PORT": "seventy", "LOG_LEVEL": "loud", "DRAIN_TIMEOUT_MS": "-1"})
    assert service.wait() == 2
    told = "\n".join(service.lines)
    assert all(text in told for text in ("HTTP_PORT=seventy", "LOG_LEVEL=loud", "DRAIN_TIMEOUT_MS=-1")), told
