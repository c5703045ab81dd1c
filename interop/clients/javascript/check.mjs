// Runs @aws-sdk/client-gamelift against the stub, over both protocols that it knows.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

import {
  GameLiftClient,
  GetComputeAccessCommand,
  GetComputeAuthTokenCommand,
  NotFoundException,
  RequestUploadCredentialsCommand,
} from "@aws-sdk/client-gamelift";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";

const url = process.env.AWS_ENDPOINT_URL_GAMELIFT; // the SDK reads it too
const fleetId = "containerfleet-4444dddd-55ee-66ff-77aa-8888bbbb99cc";
const computeName = "0a1b2c3d4e5f60718293a4b5c6d7e8f9/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809";
const buildId = "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff";
const arn = "arn:aws:gamelift:us-west-2:111122223333:";
const compute = {
  FleetId: fleetId,
  FleetArn: `${arn}containerfleet/${fleetId}`,
  ComputeName: computeName,
  ComputeArn: `${arn}compute/${computeName}`,
};

async function control(path, body) {
  const response = await fetch(`${url}/_stub/${path}`, body && { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${text}`);
  return text && JSON.parse(text);
}

const reset = () => control("reset", {});
const upload = (client) => client.send(new RequestUploadCredentialsCommand({ BuildId: buildId }));

// responses returns operation, status and error code of each request since the reset.
async function responses(protocol) {
  const requests = await control("requests");
  for (const request of requests) assert.equal(request.Protocol, protocol);
  return requests.map(({ Operation, Status, ErrorCode }) => `${Operation} ${Status} ${ErrorCode}`.trim());
}

function checkKeys({ AccessKeyId, SecretAccessKey, SessionToken, ...more }) {
  assert.match(AccessKeyId, /^ASIA[2-7A-Z]{16}$/);
  assert.match(SecretAccessKey, /^[0-9A-Za-z/+]{40}$/);
  assert.match(SessionToken, /^[0-9A-Za-z/+]{698}==$/);
  assert.deepEqual(more, {});
}

async function operations(client, protocol) {
  await reset();
  const command = { FleetId: fleetId, ComputeName: computeName };
  const { AuthToken, ExpirationTimestamp, $metadata, ...of } = await client.send(new GetComputeAuthTokenCommand(command));
  assert.match(AuthToken, /^[a-zA-Z0-9-]{1,64}$/);
  assert.deepEqual(of, compute);
  const [request] = await control("requests");
  assert.equal($metadata.requestId, request.ID);
  const life = ExpirationTimestamp - new Date(request.Time);
  assert.ok(Math.abs(life - 3 * 3600e3) <= 1, `a life of ${life} ms`);

  const { Credentials, Target, ContainerIdentifiers, $metadata: _, ...to } = await client.send(new GetComputeAccessCommand(command));
  checkKeys(Credentials);
  assert.equal(Target, "i-0fedcba9876543210");
  assert.deepEqual(ContainerIdentifiers, [
    { ContainerName: "game-server", ContainerRuntimeId: "0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890" },
  ]);
  assert.deepEqual(to, compute);

  const { UploadCredentials, StorageLocation } = await upload(client);
  checkKeys(UploadCredentials);
  assert.deepEqual(StorageLocation, { Bucket: "prod-gamescale-builds-us-west-2", Key: `111122223333/${buildId}` });

  assert.deepEqual(await responses(protocol), [
    "GetComputeAuthToken 200",
    "GetComputeAccess 200",
    "RequestUploadCredentials 200",
  ]);
}

async function modelledError(client, protocol) {
  await reset();
  await assert.rejects(client.send(new RequestUploadCredentialsCommand({ BuildId: "build-none" })), (e) => {
    assert.ok(e instanceof NotFoundException);
    assert.equal(e.message, "Build build-none was not found in us-west-2.");
    assert.equal(e.$fault, "client");
    assert.equal(e.$metadata.httpStatusCode, 400);
    assert.equal(e.$metadata.attempts, 1);
    return true;
  });
  assert.deepEqual(await responses(protocol), ["RequestUploadCredentials 400 NotFoundException"]);
}

async function throttle(client, impatient, protocol) {
  await reset();
  await control("faults", { Code: "ThrottlingException" });
  assert.equal((await upload(client)).$metadata.attempts, 2);
  assert.deepEqual(await responses(protocol), [
    "RequestUploadCredentials 400 ThrottlingException",
    "RequestUploadCredentials 200",
  ]);

  await reset();
  await control("faults", { Code: "ThrottlingException" });
  await assert.rejects(upload(impatient), { name: "ThrottlingException", message: "Rate exceeded" });
  assert.deepEqual(await responses(protocol), ["RequestUploadCredentials 400 ThrottlingException"]);
}

async function expiredSignature(client, impatient, protocol) {
  await reset();
  await control("clock", { Offset: "1h" });
  await assert.rejects(upload(impatient), {
    name: "InvalidSignatureException",
    message: /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
  });
  assert.equal((await upload(client)).$metadata.attempts, 2); // the SDK corrects its clock
  assert.deepEqual(await responses(protocol), [
    "RequestUploadCredentials 400 InvalidSignatureException",
    "RequestUploadCredentials 400 InvalidSignatureException",
    "RequestUploadCredentials 200",
  ]);
}

const { version } = createRequire(import.meta.url)("@aws-sdk/client-gamelift/package.json");
for (const [protocol, options] of [
  ["awsJson1_1", {}],
  ["rpcv2Cbor", { protocol: AwsSmithyRpcV2CborProtocol }],
]) {
  const client = new GameLiftClient(options);
  const impatient = new GameLiftClient({ ...options, maxAttempts: 1 });
  await operations(client, protocol);
  await modelledError(client, protocol);
  await throttle(client, impatient, protocol);
  await expiredSignature(client, impatient, protocol);
  assert.deepEqual(await control("unused"), []);
  console.log(`@aws-sdk/client-gamelift ${version}, node ${process.version}: ok, ${protocol}`);
}
