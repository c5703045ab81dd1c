"""Runs boto3 against the stub."""

import datetime
import email.utils
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

import stub
from stub import check


def new_client(attempts):
    return boto3.client(
        "gamelift",
        endpoint_url=stub.URL,  # the older ones do not know AWS_ENDPOINT_URL_GAMELIFT
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


def failure(call, **params):
    try:
        call(**params)
    except ClientError as e:
        return e
    raise SystemExit("the call succeeded, and should not have")


def operations(client):
    stub.reset()
    token = client.get_compute_auth_token(FleetId=stub.FLEET, ComputeName=stub.COMPUTE)
    meta = token.pop("ResponseMetadata")
    value, expires = token.pop("AuthToken"), token.pop("ExpirationTimestamp")
    compute = {
        "FleetId": stub.FLEET,
        "FleetArn": stub.ARN + "fleet/" + stub.FLEET,
        "ComputeName": stub.COMPUTE,
        "ComputeArn": stub.ARN + "compute/" + stub.COMPUTE,
    }
    check(compute, token, "token: the compute")
    check(True, bool(stub.TOKEN.fullmatch(value)), "token: its form")
    served = email.utils.parsedate_to_datetime(meta["HTTPHeaders"]["date"])
    life = expires - served
    check(True, datetime.timedelta(hours=3) <= life < datetime.timedelta(hours=3, seconds=1), f"token: a life of {life}")
    check(200, meta["HTTPStatusCode"], "token: status")
    again = client.get_compute_auth_token(FleetId=compute["FleetArn"], ComputeName=compute["ComputeArn"])
    check((value, expires), (again["AuthToken"], again["ExpirationTimestamp"]), "token: the same again, by ARN")

    access = client.get_compute_access(FleetId=stub.FLEET, ComputeName=stub.COMPUTE)
    access.pop("ResponseMetadata")
    stub.check_keys(access.pop("Credentials"), "access")
    check(compute, access, "access: the compute")

    upload = client.request_upload_credentials(BuildId=stub.BUILD)
    upload.pop("ResponseMetadata")
    stub.check_keys(upload.pop("UploadCredentials"), "upload")
    location = {"Bucket": "prod-gamescale-builds-us-west-2", "Key": "111122223333/" + stub.BUILD}
    check({"StorageLocation": location}, upload, "upload: where to")

    check(
        [("awsJson1_1", operation, 200, "") for operation in (
            "GetComputeAuthToken", "GetComputeAuthToken", "GetComputeAccess", "RequestUploadCredentials",
        )],
        stub.responses(),
        "operations: requests",
    )


def modelled_error(client):
    stub.reset()
    e = failure(client.request_upload_credentials, BuildId="build-none")
    check(client.exceptions.NotFoundException, type(e), "modelled error: type")
    check("NotFoundException", e.response["Error"]["Code"], "modelled error: code")
    check("Build build-none was not found in us-west-2.", e.response["Error"]["Message"], "modelled error: message")
    check(400, e.response["ResponseMetadata"]["HTTPStatusCode"], "modelled error: status")
    check(
        stub.control("GET", "requests")[0]["ID"],
        e.response["ResponseMetadata"]["RequestId"],
        "modelled error: request ID",
    )


def throttle(client, impatient):
    throttled = ("awsJson1_1", "RequestUploadCredentials", 400, "ThrottlingException")
    stub.reset()
    stub.inject(Code="ThrottlingException")
    upload = client.request_upload_credentials(BuildId=stub.BUILD)
    check(1, upload["ResponseMetadata"]["RetryAttempts"], "throttle: retries")
    check([throttled, ("awsJson1_1", "RequestUploadCredentials", 200, "")], stub.responses(), "throttle: requests")

    stub.reset()
    stub.inject(Code="ThrottlingException")
    e = failure(impatient.request_upload_credentials, BuildId=stub.BUILD)
    check("ThrottlingException", e.response["Error"]["Code"], "throttle, no retries: code")
    check("Rate exceeded", e.response["Error"]["Message"], "throttle, no retries: message")
    check([throttled], stub.responses(), "throttle, no retries: requests")


def expired_signature(client):
    stub.reset()
    stub.set_clock("1h")
    e = failure(client.request_upload_credentials, BuildId=stub.BUILD)
    check("InvalidSignatureException", e.response["Error"]["Code"], "expired signature: code")
    check(True, bool(stub.EXPIRED.fullmatch(e.response["Error"]["Message"])), "expired signature: " + str(e))
    check(
        [("awsJson1_1", "RequestUploadCredentials", 400, "InvalidSignatureException")],
        stub.responses(),
        "expired signature: requests",
    )


client, impatient = new_client(3), new_client(1)
operations(client)
modelled_error(client)
throttle(client, impatient)
expired_signature(client)
check([], stub.unused(), "faults that nobody asked for")
print(f"boto3 {boto3.__version__} (botocore {botocore.__version__}): ok, awsJson1_1")
