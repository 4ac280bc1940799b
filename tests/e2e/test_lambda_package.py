# SPDX-License-Identifier: Apache-2.0
"""What `make lambda` makes: the executable runs in a root that holds nothing else, so it needs no glibc of a
certain version, and answers the corpus there; the zips hold what Lambda looks for."""

import json
import os
import platform
import shutil
import struct
import subprocess
import zipfile

import pytest

from support import firehose
from support.firehose import event, record
from support.procs import BUILD, ROOT, wait_until
from support.runtime_api import RuntimeApi

CORPUS = firehose.corpus()
ARCH = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


@pytest.fixture(scope="module", autouse=True)
def packages():
    subprocess.run(["make", "--no-print-directory", "lambda"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return ROOT / "build/lambda"


@pytest.fixture
def api():
    server = RuntimeApi()
    yield server
    server.stop()


@pytest.fixture
def start(packages, tmp_path, api):
    """Starts the zip's executable in an empty root, as Lambda does: no arguments, its own environment."""
    with zipfile.ZipFile(packages / f"newline-{ARCH}.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "bootstrap").chmod(0o755)
    assert os.listdir(tmp_path) == ["bootstrap"]
    processes = []

    def run(**env):
        command = ["chroot", str(tmp_path), "/bootstrap"]
        if os.geteuid() != 0:
            command = ["unshare", "--user", "--map-root-user", *command]
        command[0] = shutil.which(command[0], path=os.environ["PATH"] + ":/usr/sbin")
        process = subprocess.Popen(command, env={"AWS_LAMBDA_RUNTIME_API": api.address, **env},
                                   stderr=subprocess.PIPE)
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("if_missing", [False, True])
def test_the_corpus_in_an_empty_root(start, api, if_missing):
    process = start(TRANSFORM_IF_MISSING=str(if_missing).lower())
    for case in [case for case in CORPUS if case["if_missing"] == if_missing]:
        request_id = api.invoke(case["event"].encode())
        path, _, posted = api.next_post()
        if "error" in case:
            assert path == f"invocation/{request_id}/error"
            assert json.loads(posted) == {"errorMessage": case["error"], "errorType": "Function.InvalidEvent"}
        else:
            assert path == f"invocation/{request_id}/response"
            assert posted.decode() == case["expected"], case["name"]
    wait_until(lambda: api.waiting == 1, "the next poll")
    process.terminate()
    assert process.wait(30) == 0


def test_it_stays_small(start, api):
    """Resident memory: 1 MiB after the first answer, and the event and its answer while it works on large ones."""
    process = start()
    api.answer(event(record("a", b"x")))
    assert resident_kib(process.pid) < 8 * 1024
    for _ in range(5):
        api.answer(event(*[record(i, b"x" * 1100) for i in range(750)]))
    assert resident_kib(process.pid) < 8 * 1024


def test_the_service_stays_small_too(services):
    """The shipped binary loads no HTTP client and no TLS of its own: 8 MiB are enough, shared pages included."""
    service = services(str(BUILD.parent / "release" / "transformer"), {}).wait_ready()
    client = firehose.Client(service.url)
    assert len(client.invoke(event(record("a", b"x"))).records) == 1
    client.close()
    assert resident_kib(service.pid) < 8 * 1024


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_wrong_configuration_is_an_init_error(start, api):
    process = start(TRANSFORM_IF_MISSING="perhaps")
    path, headers, body = api.next_post()
    assert path == "init/error"
    assert headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.BadConfiguration"
    assert "TRANSFORM_IF_MISSING=perhaps" in json.loads(body)["errorMessage"]
    assert process.wait(30) == 2


def test_outside_lambda_it_says_what_is_missing(start):
    process = start(AWS_LAMBDA_RUNTIME_API="")
    assert process.wait(30) == 2
    assert b"AWS_LAMBDA_RUNTIME_API" in process.stderr.read()


def asks_for_a_loader(elf):
    """Whether an ELF file has a program header PT_INTERP."""
    offset, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    return any(struct.unpack_from("<I", elf, offset + i * size)[0] == 3 for i in range(count))


def test_the_zip_for_the_custom_runtime(packages):
    with zipfile.ZipFile(packages / f"newline-{ARCH}.zip") as archive:
        entry, = archive.infolist()
        assert entry.filename == "bootstrap"
        assert entry.external_attr >> 16 & 0o777 == 0o755
        elf = archive.read(entry)
    assert elf[:5] == b"\x7fELF\x02"
    assert not asks_for_a_loader(elf)


def test_the_zip_for_node(packages):
    with zipfile.ZipFile(packages / "newline-node.zip") as archive:
        assert archive.namelist() == ["index.js"]
        assert b"exports.handler = async (event) =>" in archive.read("index.js")


def test_the_same_sources_make_the_same_zip(packages):
    before = {path.name: path.read_bytes() for path in packages.glob("*.zip")}
    subprocess.run(["make", "--no-print-directory", "lambda"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert {path.name: path.read_bytes() for path in packages.glob("*.zip")} == before


@pytest.mark.skipif(ARCH == "arm64" or not shutil.which("aarch64-linux-gnu-gcc")
                    or not shutil.which("qemu-aarch64-static"), reason="no cross compiler, or no emulator for arm64")
def test_the_corpus_on_arm64(packages, api):
    subprocess.run(["make", "--no-print-directory", "lambda", "ARCH=arm64"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    binary = ROOT / "build/lambda-arm64/bootstrap"
    process = subprocess.Popen(["qemu-aarch64-static", str(binary)], stderr=subprocess.DEVNULL,
                               env={"AWS_LAMBDA_RUNTIME_API": api.address})
    try:
        for case in [case for case in CORPUS if "expected" in case and not case["if_missing"]]:
            assert api.answer(case["event"].encode()).decode() == case["expected"], case["name"]
    finally:
        process.kill()
        process.wait()
