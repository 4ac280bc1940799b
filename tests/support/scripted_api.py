# SPDX-License-Identifier: Apache-2.0
"""The randomuser.me API as a test wants it: good pages, but for what the script says.

    with ScriptedApi() as api:
        api.script += [status(503), html(403)]     # the next two answers; then good pages again
        api.always = status(429)                   # until it is None again
        Service("fetcher", {"FETCHER_URL": api.url, ...})

An answer is a function of the request's handler. `api.page` makes a good page's text from (seed, page, results)
and may be replaced. `api.requests` holds (time, query) of each request.
"""

import http.server
import json
import random
import socket
import struct
import threading
import time
import urllib.parse


def make_user(seed, page, index):
    """The user at that place: the same each time, with the fields that the pipeline needs."""
    chance = random.Random(f"{seed}:{page}:{index}")
    return {
        "gender": chance.choice(["male", "female"]),
        "name": {"title": "Mx", "first": chance.choice(["Åse", "Günther", "Lea", "Олег"]), "last": f"N{index}"},
        "location": {
            "postcode": chance.choice([12345, "7044 TR"]),
            "coordinates": {
                "latitude": f"{chance.uniform(-90, 90):.4f}",
                "longitude": f"{chance.uniform(-180, 180):.4f}",
            },
        },
        "dob": {"date": "1970-03-04T05:06:07.089Z", "age": chance.randint(10, 82)},
        "place": f"{seed}:{page}:{index}",
    }


def make_page(seed, page, results):
    users = [make_user(seed, page, index) for index in range(results)]
    info = {"seed": seed, "results": results, "page": page, "version": "1.4"}
    return json.dumps({"results": users, "info": info}, ensure_ascii=False)


def page_of(users):
    """A page's text from users that are given as text."""
    return '{"results":[' + ",".join(users) + '],"info":{}}'


# --- answers --------------------------------------------------------------------------------------------


def text(body, status=200, content_type="application/json; charset=utf-8", headers=()):
    def answer(handler):
        handler.reply(status, content_type, body.encode() if isinstance(body, str) else body, headers)

    return answer


def status(code, **headers):
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return text('{"error":"status"}', code, headers=named)


def html(code):
    return text("<html><body>Attention Required! | Cloudflare</body></html>", code, "text/html; charset=UTF-8")


EMPTY = text('{"results":[],"info":{"seed":"d3adb33f"}}')
ERROR_KEY = text('{"error":"Uh oh, something has gone wrong."}')
TRUNCATED = text('{"results":[{"gender":"male","name":{"first":"An')
BROKEN = text('{"results":[{"gender":01}]}')
WRONG_TYPE = text(make_page("x", 1, 1), content_type="text/plain")


def cut_short(handler):
    """Promises more bytes than come."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"results":[{"gender":')
    handler.close_connection = True


def reset(handler):
    """Ends the connection with RST instead of an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def silence(handler):
    """Never answers."""
    handler.server.api.closing.wait()
    handler.close_connection = True


def endless(handler):
    """Goes on for ever; api.endless_bytes says how much the client let in."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    chunk = b'{"results":[' + b" " * 65536
    try:
        while not handler.server.api.closing.is_set():
            handler.wfile.write(chunk)
            handler.server.api.endless_bytes += len(chunk)
    except OSError:
        pass


# --- the server -----------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        api = self.server.api
        parsed = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parsed.query, keep_blank_values=True))
        with api.lock:
            api.requests.append((time.monotonic(), query))
            answer = api.script.pop(0) if api.script else api.always
        if answer:
            answer(self)
        else:
            page = api.page(query["seed"], int(query["page"]), int(query["results"]))
            self.reply(200, "application/json; charset=utf-8", page.encode() if isinstance(page, str) else page)

    def reply(self, code, content_type, body, headers=()):
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that go away are part of the play


class ScriptedApi:
    def __init__(self):
        self.script = []
        self.always = None
        self.page = make_page
        self.requests = []
        self.endless_bytes = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.api = self
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}/api/1.4/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
