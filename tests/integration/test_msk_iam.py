# SPDX-License-Identifier: Apache-2.0
"""Kafka on MSK with IAM, up to the broker's word: a scripted broker takes the SASL exchange and keeps the token."""

import base64
import socket
import struct
import threading
import urllib.parse

import pytest

from support.procs import Service, wait_until

ACCESS_KEY = "AKIDEXAMPLE"
SESSION_TOKEN = "a/session+token=="


class SaslBroker:
    """Speaks as much of the Kafka protocol as a client needs to send its SASL OAUTHBEARER token."""

    API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36

    def __init__(self):
        self.mechanisms = []
        self.tokens = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def read(connection, count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def serve(self, connection):
        try:
            while True:
                request = self.read(connection, struct.unpack(">i", self.read(connection, 4))[0])
                key, version, correlation, client_len = struct.unpack(">hhih", request[:10])
                answer = self.answer(key, version, request[10 + max(client_len, 0):])
                if answer is None:
                    return
                connection.sendall(struct.pack(">ii", len(answer) + 4, correlation) + answer)
        except (EOFError, OSError):
            pass
        finally:
            connection.close()

    def answer(self, key, version, body):
        if key == self.API_VERSIONS:
            versions = [(3, 0, 2), (self.SASL_HANDSHAKE, 0, 1), (self.API_VERSIONS, 0, 0), (self.SASL_AUTHENTICATE, 0, 0)]
            error = 35 if version > 0 else 0  # unsupported version: the client asks again with version 0
            return struct.pack(">hi", error, len(versions)) + b"".join(struct.pack(">hhh", *v) for v in versions)
        if key == self.SASL_HANDSHAKE:
            self.mechanisms.append(body[2:].decode())
            return struct.pack(">hi", 0, 1) + struct.pack(">h", 11) + b"OAUTHBEARER"
        if key == self.SASL_AUTHENTICATE:
            self.tokens.append(body[4:].split(b"auth=Bearer ")[1].split(b"\x01")[0].decode())
            return struct.pack(">hhi", 0, -1, 0)
        return None  # the token is all there is to see

    def close(self):
        self.listener.close()


@pytest.fixture
def broker():
    made = SaslBroker()
    yield made
    made.close()


def environment(broker, **more):
    return {
        "KAFKA_BOOTSTRAP_SERVERS": broker.address,
        "KAFKA_SASL_MECHANISMS": "AWS_MSK_IAM",
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KINESIS_STREAM": "users",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": SESSION_TOKEN,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        **more,
    }


def check_token(token):
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parts.query)
    assert parts.netloc == "kafka.eu-west-1.amazonaws.com"
    assert query["Action"] == ["kafka-cluster:Connect"]
    assert query["X-Amz-Credential"][0].startswith(ACCESS_KEY + "/")
    assert query["X-Amz-Credential"][0].endswith("/eu-west-1/kafka-cluster/aws4_request")
    assert query["X-Amz-Security-Token"] == [SESSION_TOKEN]
    assert len(query["X-Amz-Signature"][0]) == 64


@pytest.mark.parametrize("binary", ["forwarder", "fetcher"])
def test_the_token_is_sent(services, broker, binary):
    service = services(binary, environment(broker, FETCHER_URL="http://127.0.0.1:1/"))
    wait_until(lambda: broker.tokens, "a token")
    assert broker.mechanisms[0] == "OAUTHBEARER"
    check_token(broker.tokens[0])
    log = "\n".join(service.lines)
    assert broker.tokens[0] not in log and "secret" not in log


def test_without_a_region_it_says_so(broker):
    env = environment(broker)
    del env["AWS_REGION"]
    code, _, err = Service("forwarder", env).run()
    assert code == 2 and "AWS_REGION" in err


def test_missing_credentials_are_told(services, broker):
    env = environment(broker, AWS_EC2_METADATA_DISABLED="true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        del env[name]
    forwarder = services("forwarder", env)
    wait_until(lambda: any("OAUTHBEARER token" in line for line in forwarder.lines), "an error that names the token")
    assert broker.tokens == []
