# SPDX-License-Identifier: Apache-2.0
"""Raw signed calls of local-aws, for what boto3 hides or does not know: botocore only signs.

    status, headers, body = signed_call(aws, "Kinesis_20131202.PutRecord", {...})
"""

import datetime
import json
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

JSON_TYPE = "application/x-amz-json-1.1"


def signed_headers(aws, target, body=b"{}", service="kinesis", skew=datetime.timedelta(), **extra):
    """All headers of a call signed `skew` away from now; extra ones with '_' for '-'."""
    headers = {"Content-Type": JSON_TYPE, "X-Amz-Target": target}
    headers.update({name.replace("_", "-"): value for name, value in extra.items()})
    moment = datetime.datetime.now(datetime.timezone.utc) + skew
    headers["X-Amz-Date"] = moment.strftime("%Y%m%dT%H%M%SZ")
    request = AWSRequest("POST", aws.url + "/", data=body, headers=headers)
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(aws.env["AWS_ACCESS_KEY_ID"], aws.env["AWS_SECRET_ACCESS_KEY"]), service,
                       aws.env["AWS_REGION"])
    # what add_auth() does, but with the date of above
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return dict(request.headers)


def post(url, headers, body=b"{}"):
    """(status, headers, body as bytes), whatever the status."""
    request = urllib.request.Request(url + "/", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


def signed_call(aws, target, body, **options):
    """(status, headers, JSON of the answer); `body` is an object, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, headers, answer = post(aws.url, signed_headers(aws, target, data, **options), data)
    return status, headers, json.loads(answer) if answer else None
