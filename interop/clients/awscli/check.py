"""Runs the AWS CLI, whose path is the argument, against the stub."""

import datetime
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import stub
from stub import check

AWS = sys.argv[1]
UPLOAD = ["request-upload-credentials", "--build-id", stub.BUILD]


def run(arguments, attempts=3):
    """Runs a command and returns the exit code, the decoded output and the error text."""
    done = subprocess.run(
        # The older ones do not know AWS_ENDPOINT_URL_GAMELIFT.
        [AWS, "gamelift", *arguments, "--endpoint-url", stub.URL, "--output", "json"],
        env={**os.environ, "AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": str(attempts), "AWS_PAGER": ""},
        capture_output=True,
        text=True,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr.strip()


def succeed(arguments):
    code, output, text = run(arguments)
    check((0, ""), (code, text), " ".join(arguments))
    return output


def operations():
    stub.reset()
    compute = {
        "FleetId": stub.FLEET,
        "FleetArn": stub.ARN + "fleet/" + stub.FLEET,
        "ComputeName": stub.COMPUTE,
        "ComputeArn": stub.ARN + "compute/" + stub.COMPUTE,
    }
    names = ["--fleet-id", stub.FLEET, "--compute-name", stub.COMPUTE]
    token = succeed(["get-compute-auth-token", *names])
    served = datetime.datetime.fromisoformat(stub.control("GET", "requests")[0]["Time"][:19] + "+00:00")
    life = datetime.datetime.fromisoformat(token.pop("ExpirationTimestamp")) - served
    check(True, datetime.timedelta(hours=3) <= life < datetime.timedelta(hours=3, seconds=1), f"token: a life of {life}")
    check(True, bool(stub.TOKEN.fullmatch(token.pop("AuthToken"))), "token: its form")
    check(compute, token, "token: the compute")

    access = succeed(["get-compute-access", *names])
    stub.check_keys(access.pop("Credentials"), "access")
    check(compute, access, "access: the compute")

    upload = succeed(UPLOAD)
    stub.check_keys(upload.pop("UploadCredentials"), "upload")
    location = {"Bucket": "prod-gamescale-builds-us-west-2", "Key": "111122223333/" + stub.BUILD}
    check({"StorageLocation": location}, upload, "upload: where to")

    check(
        [("awsJson1_1", operation, 200, "") for operation in (
            "GetComputeAuthToken", "GetComputeAccess", "RequestUploadCredentials",
        )],
        stub.responses(),
        "operations: requests",
    )


def modelled_error():
    stub.reset()
    check(
        (254, None, "An error occurred (NotFoundException) when calling the RequestUploadCredentials operation: "
         "Build build-none was not found in us-west-2."),
        run(["request-upload-credentials", "--build-id", "build-none"]),
        "modelled error",
    )


def throttle():
    throttled = ("awsJson1_1", "RequestUploadCredentials", 400, "ThrottlingException")
    stub.reset()
    stub.inject(Code="ThrottlingException")
    succeed(UPLOAD)
    check([throttled, ("awsJson1_1", "RequestUploadCredentials", 200, "")], stub.responses(), "throttle: requests")

    stub.reset()
    stub.inject(Code="ThrottlingException")
    code, output, text = run(UPLOAD, attempts=1)
    check((254, None), (code, output), "throttle, no retries")
    check(
        "An error occurred (ThrottlingException) when calling the RequestUploadCredentials operation "
        "(reached max retries: 0): Rate exceeded",
        text,
        "throttle, no retries: message",
    )
    check([throttled], stub.responses(), "throttle, no retries: requests")


def expired_signature():
    stub.reset()
    stub.set_clock("1h")
    code, output, text = run(UPLOAD)
    check((254, None), (code, output), "expired signature")
    opening, _, message = text.partition(" operation: ")
    check("An error occurred (InvalidSignatureException) when calling the RequestUploadCredentials", opening, "expired signature: code")
    check(True, bool(stub.EXPIRED.fullmatch(message)), "expired signature: " + text)
    check(
        [("awsJson1_1", "RequestUploadCredentials", 400, "InvalidSignatureException")],
        stub.responses(),
        "expired signature: requests",
    )


operations()
modelled_error()
throttle()
expired_signature()
check([], stub.unused(), "faults that nobody asked for")
version = subprocess.run([AWS, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
print(f"{version}: ok, awsJson1_1")
