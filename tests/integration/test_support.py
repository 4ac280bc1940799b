# SPDX-License-Identifier: Apache-2.0
"""The test support itself: what it must notice, it notices."""

import pytest

from support import procs
from support.procs import Metrics, Service

SCRIPT = """#!/usr/bin/python3
import http.server, json, os, signal, sys
def log(**fields):
    print(json.dumps(fields), file=sys.stderr, flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'things_total 3\\nothers_total{reason="a b"} 2\\n')
    def log_message(self, *arguments):
        pass
def stop(number, frame):
    log(event="stopped")
    if os.environ.get("REPORT"):
        print("==1==ERROR: AddressSanitizer: heap-use-after-free", file=sys.stderr, flush=True)
    os._exit(int(os.environ.get("CODE", "0")))
signal.signal(signal.SIGTERM, stop)
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Handler)
log(event="listening", port=server.server_port)
server.serve_forever()
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    script = tmp_path / "script"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    monkeypatch.setattr(procs, "BUILD", tmp_path)


def test_service_runs_from_start_to_stop(build):
    service = Service("script").start().wait_ready()
    assert service.metrics()["things_total"] == 3
    assert service.wait_for_event("listening")["port"] == service.port
    assert service.stop() == 0
    assert service.find_event("stopped")


def test_exit_code_is_handed_on(build):
    service = Service("script", {"CODE": 3}).start().wait_ready()
    assert service.stop() == 3


def test_sanitizer_report_fails_the_test(build):
    service = Service("script", {"REPORT": 1}).start().wait_ready()
    with pytest.raises(AssertionError, match="heap-use-after-free"):
        service.stop()


def test_waiting_for_an_event_ends_with_the_process(build):
    service = Service("script").start().wait_ready()
    service.stop()
    with pytest.raises(AssertionError, match="ended: no event 'never'"):
        service.wait_for_event("never")


def test_metrics_text_becomes_a_dict():
    metrics = Metrics.parse(
        "# HELP a_total A.\n# TYPE a_total counter\na_total 5\n"
        'b_total{reason="x"} 1\nb_total{reason="y z"} 2.5\nc_bucket{le="+Inf"} 7\n'
    )
    assert metrics["a_total"] == 5
    assert metrics["b_total", "y z"] == 2.5
    assert metrics["b_total", "unknown"] == 0
    assert metrics.sum("b_total") == 3.5
    assert metrics["c_bucket", "+Inf"] == 7
