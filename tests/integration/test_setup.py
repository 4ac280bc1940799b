# SPDX-License-Identifier: Apache-2.0
"""tools/setup with stand-ins for dpkg-query, apt-get, sudo and id: what it says and what it calls."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD_PACKAGES = "gcc libc6-dev make pkgconf libcjson-dev libcurl4-openssl-dev libmicrohttpd-dev librdkafka-dev " \
    "libsqlite3-dev libssl-dev zlib1g-dev"


class Machine:
    """A machine with `installed` packages. apt-get writes its arguments to `calls` and installs them."""

    def __init__(self, directory):
        self.directory = directory
        self.installed = directory / "installed"
        self.calls = directory / "calls"
        self.calls.write_text("")
        self.installed.write_text("")
        self.tool("dpkg-query", f"sed 's/$/ installed/' {self.installed}; echo 'libcjson-dev config-files'; exit 1")
        self.tool("id", "echo 0")
        self.apt_get("")

    def tool(self, name, script):
        path = self.directory / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def apt_get(self, script):
        self.tool("apt-get", f"""echo "$*" >>{self.calls}
{script}
[[ $* != *' install '* ]] || for word in "$@"; do echo "$word"; done >>{self.installed}""")

    def have(self, packages):
        self.installed.write_text("".join(f"{package}\n" for package in packages.split()))

    def setup(self, *groups, env=None):
        environment = {"PATH": f"{self.directory}/bin:{os.environ['PATH']}", **(env or {})}
        return subprocess.run(
            [ROOT / "tools/setup", *groups], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
            check=False,
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_silent_when_nothing_is_missing(machine):
    machine.have(BUILD_PACKAGES)
    run = machine.setup("build")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert machine.calls.read_text() == ""


def test_no_setup_names_what_is_missing_and_installs_nothing(machine):
    machine.have(BUILD_PACKAGES.replace("librdkafka-dev", "").replace("libcjson-dev", ""))
    run = machine.setup("build", env={"NO_SETUP": "1"})
    assert run.returncode == 1
    assert run.stderr == "setup: missing packages: libcjson-dev librdkafka-dev (NO_SETUP=1: nothing is installed)\n"
    assert machine.calls.read_text() == ""


def test_installs_only_what_is_missing_with_one_call(machine):
    machine.have(BUILD_PACKAGES.replace("librdkafka-dev", "").replace("gcc", ""))
    run = machine.setup("build")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0] == "setup: installing missing packages: gcc librdkafka-dev"
    installs = [line for line in machine.calls.read_text().splitlines() if " install " in line]
    assert len(installs) == 1
    assert installs[0].endswith("--no-install-recommends gcc librdkafka-dev")


def test_old_package_lists_are_read_again_once(machine):
    machine.have(BUILD_PACKAGES.replace("gcc", ""))
    machine.apt_get(f"[[ $* != *' install '* ]] || [[ -e {machine.directory}/fresh ]] || exit 100\n"
                    f"[[ $* != *update* ]] || touch {machine.directory}/fresh")
    run = machine.setup("build")
    assert run.returncode == 0, run.stderr
    assert machine.calls.read_text().count("update") == 1


def test_failing_apt_get_ends_with_its_words_and_one_line(machine):
    machine.apt_get("echo 'E: no network'; exit 100")
    run = machine.setup("build")
    assert run.returncode == 1
    assert "E: no network" in run.stderr
    assert run.stderr.splitlines()[-1].startswith("setup: apt-get ")


def test_without_permission_one_line_says_what_to_do(machine):
    machine.have(BUILD_PACKAGES.replace("gcc", ""))
    machine.tool("id", "echo 1000")
    machine.tool("sudo", "exit 1")
    run = machine.setup("build")
    assert run.returncode == 1
    assert run.stderr == (
        "setup: sudo needs a password and there is no terminal. As root: apt-get install gcc\n"
    )
    assert machine.calls.read_text() == ""


def test_sudo_is_used_by_a_user(machine):
    machine.have(BUILD_PACKAGES.replace("gcc", ""))
    machine.tool("id", "echo 1000")
    machine.tool("sudo", f'[[ $1 == -n ]] && exit 0; echo sudo >>{machine.calls}; exec "$@"')
    run = machine.setup("build")
    assert run.returncode == 0, run.stderr
    assert machine.calls.read_text().startswith("sudo\n")


def test_unknown_group_is_refused(machine):
    run = machine.setup("nothing")
    assert run.returncode == 1
    assert run.stderr == "setup: unknown group 'nothing' (groups: build run test e2e aws lint)\n"
