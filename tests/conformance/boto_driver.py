# SPDX-License-Identifier: Apache-2.0
"""boto3 as a program: a call per line in, an answer per line out (see clients.py)."""

import base64
import datetime
import io
import json
import os
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)


def decode(value):
    """Bytes travel as {"$b64": "..."}, times as {"$time": seconds}."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$b64" in value:
        return base64.b64decode(value["$b64"])
    if "$time" in value:
        return datetime.datetime.fromtimestamp(value["$time"], datetime.timezone.utc)
    return {name: decode(item) for name, item in value.items()}


def encode(value):
    if isinstance(value, bytes):
        return {"$b64": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.timestamp()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {name: encode(item) for name, item in value.items() if name != "ResponseMetadata"}
    return value


def metadata(answer):
    found = answer.get("ResponseMetadata", {})
    return {"status": found.get("HTTPStatusCode"), "request": found.get("RequestId")}


def run(clients, service, operation, params):
    params = decode(params)
    if operation == "$presign":
        url = clients["s3"].generate_presigned_url(xform_name(params["operation"]), Params=params["params"],
                                                   ExpiresIn=params["expires"])
        return {"ok": {"url": url}}
    if operation == "$upload":
        clients["s3"].upload_fileobj(io.BytesIO(params.pop("Body")), params.pop("Bucket"), params.pop("Key"),
                                     ExtraArgs=params or None)
        return {"ok": {}}
    answer = getattr(clients[service], xform_name(operation))(**params)
    found = metadata(answer)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read()
    return {"ok": encode(answer), **found}


def main():
    clients = {name: boto3.client(name, endpoint_url=os.environ["CONFORMANCE_URL"],
                                  # else presigned URLs of S3 are signed by version 2, which S3 has given up
                                  config=CONFIG.merge(Config(signature_version="s3v4")) if name == "s3" else CONFIG,
                                  region_name=os.environ["AWS_REGION"])
               for name in ("kinesis", "firehose", "s3")}
    for line in sys.stdin:
        try:
            answer = run(clients, **json.loads(line))
        except ClientError as error:
            answer = {"error": error.response["Error"]["Code"], "message": error.response["Error"].get("Message"),
                      **metadata(error.response)}
        except BotoCoreError as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        print(json.dumps(answer), flush=True)


main()
