# SPDX-License-Identifier: Apache-2.0
"""The container images: small, nothing in them but the program and what it needs, labelled, the same again from the same
sources; and the transform's image for Lambda."""

import io
import json
import re
import subprocess
import tarfile

import pytest

from support import firehose
from support.compose import BUILD_TIMEOUT_S, IMAGES, TAG
from support.procs import ROOT, wait_until
from support.runtime_api import RuntimeApi

SIZE_CEILING = 25_000_000
LABELS = ("title", "description", "version", "revision", "created", "licenses", "vendor", "base.name")


def name(image, tag=TAG):
    return f"userstream/{image}:{tag}"


@pytest.mark.parametrize("image", IMAGES)
def test_image(images, image, record_property):
    facts, = images.inspect(name(image), kind="image")
    record_property("counts", f"{image} {facts['Size'] / 1e6:.1f} MB")
    assert facts["Size"] <= SIZE_CEILING
    config = facts["Config"]
    assert config["User"] == "65532:65532"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Entrypoint"] == [f"/usr/local/bin/{image}"] and not config["Cmd"]
    assert config["Healthcheck"]["Test"] == ["CMD", f"/usr/local/bin/{image}", "--healthcheck"]
    assert all(config["Labels"][f"org.opencontainers.image.{label}"] for label in LABELS)
    assert config["Labels"]["org.opencontainers.image.title"] == image


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_but_the_program_and_its_libraries(images, image):
    """Also nothing that anybody but root could change, a volume's folder and /tmp aside."""
    programs, open_folders = [], []
    for member in layers(images, name(image)):
        path = f"/{member.name}"
        if member.isfile() and member.mode & 0o111 and ".so" not in path:
            programs.append(path)
        if member.mode & 0o022 and not member.issym():
            open_folders.append(path)
        assert member.uid == 0 and not member.mode & 0o6000, path
    assert programs == [f"/usr/local/bin/{image}"]
    assert set(open_folders) <= {"/tmp", "/state", "/s3"}


def layers(docker, image, folder=None):
    """Every entry of every layer, unpacked to `folder`."""
    with tarfile.open(fileobj=io.BytesIO(docker.run("save", image).stdout)) as archive:
        manifest, = json.load(archive.extractfile("manifest.json"))
        for layer in manifest["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(layer)) as content:
                if folder:
                    content.extractall(folder)
                yield from content


@pytest.mark.parametrize("image", IMAGES)
def test_it_runs_without_anything_around_it(images, image):
    """No network, no writable file system: --version and --help work, and a wrong configuration is exit code 2."""
    alone = ["run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL"]
    assert images(*alone, name(image), "--version").startswith(image)
    assert images(*alone, name(image), "--help")
    done = images.run(*alone, "-e", "LOG_LEVEL=loud", name(image), "--print-config", check=False)
    assert done.returncode == 2 and b"LOG_LEVEL=loud" in done.stderr


def image_layers(docker, image):
    return docker.inspect(name(image), kind="image")[0]["RootFS"]["Layers"]


def test_all_images_share_the_common_libraries(images):
    assert len(set.intersection(*(set(image_layers(images, image)) for image in IMAGES))) == 1


def test_the_same_sources_give_the_same_layers(images):
    """Compiled anew, without anything from the builder's cache."""
    before = image_layers(images, "forwarder")
    images.build_images("--no-cache", "forwarder")
    assert image_layers(images, "forwarder") == before


def test_an_image_for_arm64(docker, tmp_path):
    """Cross-compiled on this machine's processor; its program runs with its own libraries, here under an emulator."""
    docker("build", "--platform", "linux/arm64", "--target", "forwarder", "--build-arg",
           f"BASE_IMAGE={docker.env['BASE_IMAGE']}", "-t", name("forwarder", "arm64"), ROOT, timeout=BUILD_TIMEOUT_S)
    facts, = docker.inspect(name("forwarder", "arm64"), kind="image")
    assert facts["Architecture"] == "arm64" and facts["Size"] <= SIZE_CEILING
    for member in layers(docker, name("forwarder", "arm64"), tmp_path):
        assert ".so" not in member.name or "x86_64" not in member.name
    # The emulator's own C library must not come to its help: every library is in the image.
    run = subprocess.run(["qemu-aarch64-static", "-L", tmp_path, tmp_path / "usr/local/bin/forwarder", "--version"],
                         capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0 and run.stdout.startswith("forwarder"), run.stderr


# --- the transform for Lambda -----------------------------------------------------------------------------


@pytest.fixture
def api():
    server = RuntimeApi()
    yield server
    server.stop()


def test_the_image_for_lambda_answers_events(docker, api, record_property):
    """As Lambda runs it: no arguments, the Runtime API's address in the environment."""
    docker("build", "-q", "-f", "lambda/Dockerfile", "--build-arg", f"BASE_IMAGE={docker.env['BASE_IMAGE']}", "-t",
           name("newline"), ROOT, timeout=BUILD_TIMEOUT_S)
    facts, = docker.inspect(name("newline"), kind="image")
    record_property("counts", f"newline {facts['Size'] / 1e6:.1f} MB")
    # On this machine's network, since the Runtime API listens on loopback.
    container = docker("run", "-d", "--network", "host", "--read-only", "--cap-drop", "ALL", "--user", "65532:65532", "-e",
                       f"AWS_LAMBDA_RUNTIME_API={api.address}", name("newline")).strip()
    try:
        for case in [case for case in firehose.corpus() if "expected" in case and not case["if_missing"]]:
            assert api.answer(case["event"].encode()).decode() == case["expected"], case["name"]
        wait_until(lambda: api.waiting == 1, "the next poll")
        docker("stop", "-t", "30", container)
        assert docker.inspect(container)[0]["State"]["ExitCode"] == 0
    finally:
        docker("rm", "-f", container)


def test_kafka_is_the_one_of_the_other_tests():
    pom = (ROOT / "tests/e2e/kafka/pom.xml").read_text()
    version = pom.partition("<kafka.version>")[2].partition("<")[0]
    assert (ROOT / "docker-compose.yml").read_text().count(f"${{KAFKA_IMAGE:-apache/kafka:{version}}}") == 2


def test_the_example_names_every_setting_with_its_default():
    compose = re.findall(r"\$\{([A-Z0-9_]+)(:?[-+])([^${}]*)", (ROOT / "docker-compose.yml").read_text())
    used = {}
    for variable, operator, default in compose:
        value = "" if operator.endswith("+") or default == "/dev/null" else default
        used[variable] = used.get(variable) or value
    example = dict(re.findall(r"^#([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    assert {name: value for name, value in example.items() if not name.startswith("COMPOSE_")} == used  # Compose's own
