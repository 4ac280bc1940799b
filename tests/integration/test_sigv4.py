# SPDX-License-Identifier: Apache-2.0
"""lib/sigv4 against two independent implementations: botocore's and curl's."""

import base64
import datetime
import hashlib
import http.server
import json
import random
import re
import string
import subprocess
import threading
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support import procs

TOOL = procs.BUILD / "tests/sigv4_tool"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TEXT = string.ascii_letters + string.digits + "-._~ /+=&%$!*'()@:,;äß漢字😀"
PATH_TEXT = string.ascii_letters + string.digits + "-._~!*'()@:,;=+$"


def tool(requests):
    """The tool's answers to a list of requests."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([TOOL], input=lines.encode(), capture_output=True, check=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(requests)
    return [answer.get("result", answer) for answer in answers]


def text(rng, most, alphabet=TEXT):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(0, most)))


def random_query(rng):
    """Encoded, with names that repeat, empty values and names that begin alike."""
    names = [text(rng, 4) or "n" for _ in range(3)] + ["a", "a-", "ab", "A"]
    pairs = [(rng.choice(names), text(rng, 8) if rng.random() < 0.8 else "") for _ in range(rng.randint(0, 8))]
    return "&".join(f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in pairs)


def random_path(rng):
    """As a client might send it: dot segments, double slashes, escapes, characters that need none."""
    segments = []
    for _ in range(rng.randint(0, 6)):
        kind = rng.random()
        if kind < 0.15:
            segments.append(rng.choice(["", ".", "..", "...", "%2E%2E", "%2f"]))
        elif kind < 0.5:
            segments.append(quote(text(rng, 8), safe="~"))
        else:
            segments.append(text(rng, 8, PATH_TEXT))
    return "/" + "/".join(segments)


def random_key_path(rng):
    """An S3 object's path as SDKs encode it."""
    return "/" + quote("/".join(rng.choice([text(rng, 8), ".", "..", ""]) for _ in range(rng.randint(1, 5))), safe="/~")


def random_headers(rng):
    headers = {}
    for _ in range(rng.randint(0, 5)):
        name = "X-" + (text(rng, 8, string.ascii_letters + string.digits + "-") or "a")
        value = rng.choice(["", " ", "  "]) + rng.choice(["  ", " ", "\t"]).join(text(rng, 6, PATH_TEXT) for _ in range(4))
        headers.setdefault(name.lower(), (name, value))
    headers = dict(headers.values())
    headers["Content-Type"] = rng.choice(["application/x-amz-json-1.1", "text/plain;  charset=utf-8"])
    return headers


def random_request(rng, path):
    host = rng.choice(["kinesis.eu-west-1.amazonaws.com", "127.0.0.1:4566", "example.com:8443"])
    query = random_query(rng)
    return AWSRequest(
        method=rng.choice(["GET", "POST", "PUT", "DELETE"]),
        url=f"https://{host}{path}" + (f"?{query}" if query else ""),
        headers=random_headers(rng),
        data=text(rng, 200).encode(),
    )


def random_credentials(rng):
    token = "".join(rng.choice(string.ascii_letters + "/+=") for _ in range(300))
    return Credentials("AKIDEXAMPLE", SECRET, token if rng.random() < 0.5 else None)


def base(op, url, credentials, service, region):
    parts = urlsplit(url)
    return {
        "op": op, "path": parts.path, "query": parts.query, "access_key": credentials.access_key,
        "secret_key": credentials.secret_key, "token": credentials.token or "", "region": region, "service": service,
    }


def signed_by_botocore(rng, signer_class, service, path):
    """(what the tool gets, what it must answer)"""
    region = rng.choice(["us-east-1", "eusc-de-east-1"])
    credentials = random_credentials(rng)
    request = random_request(rng, path)
    signer = signer_class(credentials, service, region)
    signer.add_auth(request)
    expected = request.headers["Authorization"]
    del request.headers["Authorization"]
    headers = signer.headers_to_sign(request)
    spec = base("sign", request.url, credentials, service, region)
    spec.update(
        method=request.method,
        headers=[[name, value] for name, value in headers.items()],
        payload_hash=hashlib.sha256(request.body or b"").hexdigest(),
        date=request.context["timestamp"],
    )
    rng.shuffle(spec["headers"])
    return spec, expected


@pytest.mark.parametrize(
    "signer_class, service, make_path",
    [(SigV4Auth, "kinesis", random_path), (SigV4Auth, "execute-api", random_path), (S3SigV4Auth, "s3", random_key_path)],
)
def test_header_signature_equals_botocore(signer_class, service, make_path):
    rng = random.Random(20261123)
    cases = [signed_by_botocore(rng, signer_class, service, make_path(rng)) for _ in range(200)]
    for (spec, expected), answer in zip(cases, tool([spec for spec, _ in cases])):
        assert answer == expected, spec


def test_presigned_query_equals_botocore():
    rng = random.Random(3)
    specs, expected = [], []
    for _ in range(200):
        credentials = random_credentials(rng)
        # botocore's query signer takes no repeated names.
        names = rng.sample(["Action", "a", "a-", "ab", "ü"], rng.randint(0, 4))
        query = "&".join(f"{quote(name)}={quote(text(rng, 10), safe='-._~')}" for name in names)
        request = AWSRequest(method="GET", url="https://kafka.eu-west-1.amazonaws.com/" + (f"?{query}" if query else ""))
        expires = rng.randint(1, 604800)
        spec = base("presign", request.url, credentials, "kafka-cluster", "eu-west-1")
        SigV4QueryAuth(credentials, "kafka-cluster", "eu-west-1", expires=expires).add_auth(request)
        spec.update(
            method="GET", expires=expires, date=request.context["timestamp"],
            headers=[["host", "kafka.eu-west-1.amazonaws.com"]], payload_hash=hashlib.sha256(b"").hexdigest(),
        )
        specs.append(spec)
        expected.append(sorted(urlsplit(request.url).query.split("&")))
    for spec, parameters, answer in zip(specs, expected, tool(specs)):
        assert sorted(answer.split("&")) == parameters, spec


def test_msk_token_equals_what_botocore_presigns():
    """The recipe of aws-msk-iam-sasl-signer: presigned by SigV4QueryAuth, then the user agent behind it."""
    rng = random.Random(11)
    specs, expected = [], []
    for region in ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"] * 5:
        credentials = random_credentials(rng)
        request = AWSRequest(method="GET", url=f"https://kafka.{region}.amazonaws.com/", params={"Action": "kafka-cluster:Connect"})
        SigV4QueryAuth(credentials, "kafka-cluster", region, expires=900).add_auth(request)
        signed_at = datetime.datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ")
        now_ms = int(signed_at.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000) + 999
        specs.append(dict(base("msk", request.url, credentials, "kafka-cluster", region), now_ms=now_ms))
        expected.append(request.url + "&User-Agent=userstream%2Ftest")
    for url, token in zip(expected, tool(specs)):
        assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
        answer = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        assert urlsplit(answer)[:3] == urlsplit(url)[:3]
        assert sorted(urlsplit(answer).query.split("&")) == sorted(urlsplit(url).query.split("&"))
        assert answer.rpartition("&")[2] == "User-Agent=userstream%2Ftest"  # behind what is signed


def test_endpoints_equal_botocores_rules():
    resolve = endpoint_resolver()
    specs, expected = [], []
    for service in ["kinesis", "firehose", "sts"]:
        for region in REGIONS:
            for fips in [False, True]:
                for dualstack in [False, True]:
                    url = resolve(service, region, fips, dualstack)
                    if fips and not dualstack and service != "firehose" and region.startswith("us-gov-"):
                        # The plain names are the FIPS ones there; Debian 12's botocore does not know it yet.
                        url = f"https://{service}.{region}.amazonaws.com"
                    if url:
                        specs.append({"op": "endpoint", "service": service, "region": region, "fips": fips, "dualstack": dualstack})
                        expected.append(url)
    assert len(specs) > 100
    assert [(spec, answer) for spec, answer in zip(specs, tool(specs))] == list(zip(specs, expected))


REGIONS = [
    "us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2", "sa-east-1", "ca-central-1",
    "me-south-1", "af-south-1", "il-central-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1",
    "us-iso-east-1", "us-isob-east-1",
]


def endpoint_resolver():
    """f(service, region, fips, dualstack) -> URL by the rules that botocore ships, or None if they forbid it."""
    import botocore.session
    from botocore.endpoint_provider import EndpointProvider
    from botocore.exceptions import EndpointProviderError

    loader = botocore.session.Session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    providers = {}

    def resolve(service, region, fips, dualstack):
        if service not in providers:
            providers[service] = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
        try:
            url = providers[service].resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack, UseGlobalEndpoint=False)
        except (EndpointProviderError, TypeError):
            try:
                url = providers[service].resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack)
            except EndpointProviderError:
                return None
        return url.url

    return resolve


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps the requests as they came over the wire."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, list(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def recorder():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def verify_spec(seen, secret_key):
    method, target, headers, body = seen
    parts = urlsplit(target)
    found = {name.lower(): value for name, value in headers}
    return {
        "op": "verify", "method": method, "path": parts.path, "query": parts.query, "headers": headers,
        "payload_hash": hashlib.sha256(body).hexdigest(), "secret_key": secret_key,
        "authorization": found["authorization"], "date": found["x-amz-date"],
    }


def test_verify_accepts_what_curl_signs_and_nothing_else(recorder):
    rng = random.Random(7)
    url = f"http://127.0.0.1:{recorder.server_port}"
    for number in range(10):
        command = ["curl", "-sS", "--aws-sigv4", "aws:amz:us-east-1:kinesis", "--user", f"AKID:{SECRET}"]
        command += ["-H", "Content-Type: application/x-amz-json-1.1", "-H", "X-Amz-Target: Kinesis_20131202.PutRecords"]
        command += ["-H", f"X-Amz-Security-Token: T{number}/+=="] if number % 2 else []
        # curl before 8.3 neither sorts nor encodes a query.
        command += ["--data-binary", text(rng, 300), url + ("/?a=1&b=x%20y" if number % 3 == 0 else "/")]
        subprocess.run(command, check=True, timeout=60)
    right = [verify_spec(seen, SECRET) for seen in recorder.seen]
    assert tool(right) == ["right"] * 10
    assert tool([dict(spec, secret_key="other") for spec in right]) == ["wrong"] * 10
    assert tool([dict(spec, payload_hash=hashlib.sha256(b"other").hexdigest()) for spec in right]) == ["wrong"] * 10
    assert tool([dict(spec, path="/other") for spec in right]) == ["wrong"] * 10
    broken = [dict(spec, authorization=re.sub(r"(.)$", lambda m: "0" if m[1] != "0" else "1", spec["authorization"])) for spec in right]
    assert tool(broken) == ["wrong"] * 10
