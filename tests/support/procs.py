# SPDX-License-Identifier: Apache-2.0
"""Real binaries as test subjects: start one with an environment, watch its log, read its metrics, stop it.

    service = Service("transformer", {"LOG_LEVEL": "debug"}).start()
    service.wait_ready()
    assert service.metrics()["transformer_records_total", "Ok"] == 0
    assert service.stop() == 0

Waiting is always for a condition with a generous deadline, never for a time.
"""

import collections
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
# BUILD_DIR=build/release runs the same tests with the shipped binaries.
BUILD = ROOT / os.environ.get("BUILD_DIR", "build/asan")
DEADLINE_S = 30.0

SANITIZER_REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|: runtime error: ")
SANITIZER_EXIT_CODE = 99
SANITIZER_ENV = {
    "ASAN_OPTIONS": f"detect_leaks=1:exitcode={SANITIZER_EXIT_CODE}:abort_on_error=0",
    "UBSAN_OPTIONS": f"print_stacktrace=1:exitcode={SANITIZER_EXIT_CODE}",
}
# With HTTP_PORT=0 these choose a free port and log it; for the services 0 turns HTTP off.
CHOOSES_ITS_PORT = ("local-randomuser", "local-kafka", "local-aws")


def free_port():
    """A loopback port that nothing listens on, below the range that outgoing connections take theirs from."""
    for _ in range(200):
        port = random.randrange(10240, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port found")


def wait_until(condition, what, timeout=DEADLINE_S):
    """Polls `condition` until it is true, and returns what it returned; fails naming `what`."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:.0f} s in vain for: {what}")
        time.sleep(0.02)


class Metrics(dict):
    """Prometheus text as a dict: metrics["name"], metrics["name", "label value"]; histograms keep the
    suffixes (_bucket, _sum, _count). A value that is missing is 0, as for a label not yet used."""

    SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{\w+="((?:[^"\\]|\\.)*)".*\})? (\S+)')

    @classmethod
    def parse(cls, text):
        metrics = cls()
        for line in text.splitlines():
            found = cls.SAMPLE.match(line)
            if found:
                name, label, value = found.groups()
                metrics[name if label is None else (name, label)] = float(value)
        return metrics

    def __missing__(self, key):
        return 0.0

    def sum(self, name):
        """The value of `name`, summed over its labels."""
        return sum(value for key, value in self.items() if key == name or key[0] == name)


class Service:
    """One process. `env` is its whole environment, but for PATH, HOME, the sanitizers' options and
    HTTP_PORT, which is a free port if not given."""

    def __init__(self, binary, env=None, args=(), cwd=ROOT):
        self.binary = binary
        self.args = list(args)
        self.cwd = cwd
        self.env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LOG_FORMAT": "json"}
        self.env.update(SANITIZER_ENV)
        self.env.update({name: str(value) for name, value in (env or {}).items()})
        if "HTTP_PORT" not in self.env:
            self.env["HTTP_PORT"] = "0" if binary in CHOOSES_ITS_PORT else str(free_port())
        self.process = None
        self.lines = []  # of standard error, as text
        self.events = []  # those of them that are JSON objects
        self._changed = threading.Condition()
        self._reader = None

    def __repr__(self):
        return f"<{self.binary} pid {self.process.pid if self.process else None}>"

    # --- life ---------------------------------------------------------------------------------------

    def start(self):
        path = BUILD / self.binary
        assert path.exists(), f"{path} is missing: make PROFILE={BUILD.name} binaries"
        self.process = subprocess.Popen(
            [str(path), *self.args], env=self.env, cwd=self.cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _read(self):
        for raw in self.process.stderr:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            with self._changed:
                self.lines.append(line)
                if isinstance(event, dict):
                    self.events.append(event)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=DEADLINE_S):
        """Waits for the end, checks for sanitizer reports, and returns the exit code (-N: by signal N)."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.binary} still runs after {timeout:.0f} s\n{self.tail()}") from None
        self._reader.join(DEADLINE_S)
        self.process.stdout.close()
        self.check_sanitizers()
        return code

    def stop(self, sig=signal.SIGTERM, timeout=DEADLINE_S):
        """Sends `sig` if it still runs, and returns the exit code."""
        if self.running():
            self.send_signal(sig)
        return self.wait(timeout)

    def kill(self):
        """As kill -9; what it had not made durable is gone."""
        if self.running():
            self.process.kill()
        self.process.wait()
        self._reader.join(DEADLINE_S)
        self.process.stdout.close()
        self.check_sanitizers()

    def check_sanitizers(self):
        if any(SANITIZER_REPORT.search(line) for line in self.lines):
            report = "\n".join(line for line in self.lines if not line.startswith("{"))
            raise AssertionError(f"{self.binary}: sanitizer report\n{report}")

    def run(self, timeout=DEADLINE_S):
        """Starts and waits for the end: for --help, --check and wrong configurations.
        Returns (exit code, standard output, standard error)."""
        self.start()
        out = self.process.stdout.read().decode("utf-8", "replace")
        return self.wait(timeout), out, "\n".join(self.lines)

    # --- log ----------------------------------------------------------------------------------------

    def tail(self, count=20):
        return "\n".join(self.lines[-count:])

    def find_event(self, event, start=0, **fields):
        """The first event of that name with these fields, from index `start` on, or None."""
        for line in self.events[start:]:
            if line.get("event") == event and all(line.get(key) == value for key, value in fields.items()):
                return line
        return None

    def wait_for_event(self, event, timeout=DEADLINE_S, start=0, **fields):
        """As find_event, waiting for it. Fails when the process ends without."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = self.find_event(event, start, **fields)
                if found:
                    return found
                ended = not self._reader.is_alive()
                left = deadline - time.monotonic()
                if ended or left <= 0:
                    why = "ended" if ended else f"did not log it in {timeout:.0f} s"
                    raise AssertionError(f"{self.binary} {why}: no event {event!r} {fields}\n{self.tail()}")
                self._changed.wait(min(left, 0.2))

    # --- HTTP ---------------------------------------------------------------------------------------

    @property
    def port(self):
        """Of the HTTP endpoints; waits until they listen."""
        if self.env["HTTP_PORT"] == "0":
            return int(self.wait_for_event("listening")["port"])
        return int(self.env["HTTP_PORT"])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def get(self, path, timeout=DEADLINE_S):
        """GET; returns (status, body as bytes). Connection errors are raised."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read()

    def is_ready(self):
        if not self.running():
            raise AssertionError(f"{self.binary} ended with {self.process.poll()}\n{self.tail()}")
        try:
            return self.get("/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self, timeout=DEADLINE_S):
        wait_until(self.is_ready, f"{self.binary} to be ready", timeout)
        return self

    def metrics(self):
        return Metrics.parse(self.get("/metrics")[1].decode())

    def wait_for_metric(self, key, value, timeout=DEADLINE_S):
        """Waits until metrics()[key] is at least `value`; returns the metrics."""
        last = None

        def reached():
            nonlocal last
            last = self.metrics()
            return last[key] >= value

        try:
            wait_until(reached, f"{key} >= {value}", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {last[key] if last else None}\n{self.tail()}") from None
        return last


class Services:
    """Starts services for a test and stops, in reverse order, what still runs at its end. A sanitizer
    report of any of them fails the test."""

    def __init__(self):
        self.started = collections.deque()

    def __call__(self, binary, env=None, args=(), **options):
        service = Service(binary, env, args, **options).start()
        self.started.appendleft(service)
        return service

    def stop_all(self):
        problems = []
        for service in self.started:
            try:
                if service.running():
                    service.stop(timeout=60)
                service.check_sanitizers()
            except AssertionError as error:
                problems.append(str(error))
                service.process.kill()
        assert not problems, "\n".join(problems)
