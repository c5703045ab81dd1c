"""The resources of the stub and its control API, for the Python checks."""

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
    """Calls the control API and returns the decoded response, or None."""
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


def responses():
    """Returns protocol, operation, status and error code of each request since the reset."""
    return [(r["Protocol"], r["Operation"], r["Status"], r["ErrorCode"]) for r in control("GET", "requests")]


def unused():
    return control("GET", "unused")


def check(want, got, what):
    if want != got:
        raise SystemExit(f"{what}:\n  want {want!r}\n  got  {got!r}")


def check_keys(keys, what):
    check({"AccessKeyId", "SecretAccessKey", "SessionToken"}, set(keys), f"{what}: members of the credentials")
    for name, form in [
        ("AccessKeyId", "ASIA[2-7A-Z]{16}"),
        ("SecretAccessKey", "[0-9A-Za-z/+]{40}"),
        ("SessionToken", "[0-9A-Za-z/+]{698}=="),
    ]:
        check(True, bool(re.fullmatch(form, keys[name])), f"{what}: form of the {name}")
