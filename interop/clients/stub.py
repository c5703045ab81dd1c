"""The stub as the Python checks see it: its seeded resources and its control API."""

import json
import os
import re
import urllib.request

URL = os.environ["AWS_ENDPOINT_URL_GAMELIFT"]
REGION = os.environ["AWS_REGION"]

FLEET = "fleet-3333cccc-44dd-55ee-66ff-7777aaaa88bb"
COMPUTE = "i-0123456789abcdef0"
BUILD = "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff"
ARN = "arn:aws:gamelift:us-west-2:111122223333:"

TOKEN = re.compile(r"[a-zA-Z0-9-]{1,64}")
EXPIRED = re.compile(
    r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)"
)


def control(method, path, body=None):
    """Calls the control API and returns what it answers, decoded, or None."""
    request = urllib.request.Request(
        f"{URL}/_stub/{path}", method=method, data=None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def reset():
    control("POST", "reset", {})


def inject(**fault):
    control("POST", "faults", fault)


def set_clock(offset):
    control("POST", "clock", {"Offset": offset})


def answers():
    """What was answered since the reset: protocol, operation, status and error code of each request."""
    return [(r["Protocol"], r["Operation"], r["Status"], r["ErrorCode"]) for r in control("GET", "requests")]


def unused():
    return control("GET", "unused")


def check(want, got, what):
    if want != got:
        raise SystemExit(f"{what}:\n  want {want!r}\n  got  {got!r}")


def check_keys(keys, what):
    check({"AccessKeyId", "SecretAccessKey", "SessionToken"}, set(keys), f"{what}: members of the credentials")
    check(True, keys["AccessKeyId"].startswith("ASIA"), f"{what}: kind of the access key")
    check(True, bool(keys["SecretAccessKey"] and keys["SessionToken"]), f"{what}: secrets are there")
