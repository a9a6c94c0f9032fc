// A whole life of a synchronization job, driven by Graph's client for JavaScript.
//
// Needs PROVISOR_URL, PROVISOR_TOKEN, TARGET_URL and TARGET_TOKEN in the environment, and the server's certificate in
// NODE_EXTRA_CA_CERTS.

import assert from "node:assert/strict";
import { BatchRequestContent, BatchResponseContent, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";
import { graph, makeClient, secretCredential } from "./setting-up.mjs";

const CUSTOM_APPLICATION = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
const PATIENCE = 60_000;
const PEOPLE = 7;

async function refused(status, code, call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof GraphError, String(error));
    assert.equal(error.statusCode, status, error.message);
    assert.equal(error.code, code, error.message);
    assert.ok(error.message && error.requestId && error.date, "the error's members");
    return true;
  });
}

async function until(what, look) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not come within ${PATIENCE} ms`);
}

// The client leaves the host out and keeps the path, which is relative to the version.
const inBatch = (path) => `https://batch${path}`;

// People to provision, made in one batch.
async function hire(client) {
  const steps = Array.from({ length: PEOPLE }, (_, number) => {
    const person = {
      accountEnabled: true,
      displayName: `Person ${number}`,
      givenName: `Person${number}`,
      surname: "Script",
      jobTitle: "Engineer",
      mailNickname: `p${number}.js`,
      userPrincipalName: `p${number}.js@contoso.example`,
      passwordProfile: { password: "not-kept" },
    };
    const request = new Request(inBatch("/users"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(person),
    });
    return { id: String(number), request };
  });
  const content = await new BatchRequestContent(steps).getContent();
  const answers = new BatchResponseContent(await client.api("/$batch").post(content));
  const people = [];
  for (const { id } of steps) {
    const answer = answers.getResponseById(id);
    assert.equal(answer.status, 201, await answer.clone().text());
    people.push(await answer.json());
  }
  return people;
}

async function waitForCycle(client, job, after) {
  return until("a complete cycle", async () => {
    const { status } = await client.api(job).get();
    assert.notEqual(status.code, "Quarantine", JSON.stringify(status.quarantine));
    const cycle = status.lastExecution?.activityIdentifier;
    return status.code === "Active" && cycle && cycle !== after ? status : undefined;
  });
}

async function putSecrets(client, synchronization) {
  const value = [
    { key: "BaseAddress", value: process.env.TARGET_URL },
    { key: "SecretToken", value: process.env.TARGET_TOKEN },
    { key: "SyncAll", value: "true" },
  ];
  assert.equal(await client.api(`${synchronization}/secrets`).put({ value }), undefined);
  const stored = await client.api(`${synchronization}/secrets`).get();
  assert.deepEqual(stored.value, value.map((pair) => (pair.key === "SecretToken" ? { ...pair, value: "*" } : pair)));
  return value;
}

async function onDemand(client, job, person) {
  const schema = await client.api(`${job}/schema`).get();
  const parameters = [
    { ruleId: schema.synchronizationRules[0].id, subjects: [{ objectId: person.id, objectTypeName: "User" }] },
  ];
  const answer = await client.api(`${job}/provisionOnDemand`).post({ parameters });
  // It was provisioned by the cycle before.
  assert.equal(JSON.parse(answer.key).details.errorCode, "RedundantExport", answer.key);
  assert.ok(JSON.parse(answer.value).provisioningSteps.length > 0, answer.value);
}

async function readLog(client, jobId) {
  const first = await client
    .api("/auditLogs/provisioning")
    .filter(`jobId eq '${jobId}' and provisioningStatusInfo/status eq 'success'`)
    .top(3)
    .get();
  assert.equal(first.value.length, 3);
  const entries = [];
  await new PageIterator(client, first, (entry) => entries.push(entry) > 0).iterate();
  assert.ok(entries.length >= PEOPLE, `${entries.length} entries`);
  assert.equal(new Set(entries.map((entry) => entry.id)).size, entries.length);
  for (const entry of entries) assert.equal(entry.jobId, jobId);
}

async function changeSchema(client, job) {
  const schema = await client.api(`${job}/schema`).get();
  const title = (of) =>
    of.synchronizationRules
      .flatMap((rule) => rule.objectMappings)
      .filter((mapped) => mapped.sourceObjectName === "User")
      .flatMap((mapped) => mapped.attributeMappings)
      .find((mapping) => mapping.targetAttributeName === "title");
  title(schema).source.expression = 'Append([jobTitle], " (JS)")';
  assert.equal(await client.api(`${job}/schema`).patch(schema), undefined);
  const saved = await client.api(`${job}/schema`).get();
  assert.equal(title(saved).source.expression, 'Append([jobTitle], " (JS)")');
  assert.notEqual(saved.version, schema.version);
}

async function titleArrives(client, jobId, person, title) {
  await until(`the title ${title} in the log`, async () => {
    const page = await client
      .api("/auditLogs/provisioning")
      .filter(`jobId eq '${jobId}' and sourceIdentity/id eq '${person.id}'`)
      .orderby("activityDateTime desc")
      .get();
    return page.value
      .flatMap((entry) => entry.modifiedProperties)
      .some((change) => change.displayName === "title" && change.newValue === title);
  });
}

async function pauseAndRestart(client, job) {
  const before = (await client.api(job).get()).status.lastExecution.activityIdentifier;
  assert.equal(await client.api(`${job}/pause`).post(null), undefined);
  const paused = await client.api(job).get();
  assert.equal(paused.status.code, "Paused");
  assert.equal(paused.schedule.state, "Paused");
  await client.api(`${job}/restart`).post({ criteria: { resetScope: "Watermark, Escrows, QuarantineState" } });
  await client.api(`${job}/start`).post({});
  await waitForCycle(client, job, before);
}

// Reads in one batch what was made, and something that is not there.
async function readInOneBatch(client, job) {
  const steps = [
    { id: "job", request: new Request(inBatch(job)) },
    { id: "none", request: new Request(inBatch(`${job}.none`)) },
  ];
  const content = await new BatchRequestContent(steps).getContent();
  const answers = new BatchResponseContent(await client.api("/$batch").post(content));
  assert.equal(answers.getResponseById("job").status, 200);
  assert.equal(answers.getResponseById("none").status, 404);
}

async function live(client) {
  const people = await hire(client);
  const made = await client
    .api(`/applicationTemplates/${CUSTOM_APPLICATION}/instantiate`)
    .post({ displayName: "Application of a script" });
  const synchronization = `/servicePrincipals/${made.servicePrincipal.id}/synchronization`;
  const template = (await client.api(`${synchronization}/templates`).get()).value[0];
  const credentials = await putSecrets(client, synchronization);
  const { id } = await client.api(`${synchronization}/jobs`).post({ templateId: template.id });
  const job = `${synchronization}/jobs/${id}`;
  await client.api(`${job}/validateCredentials`).post({ templateId: template.id, credentials });
  await client.api(`${job}/validateCredentials`).post({ useSavedCredentials: true });
  await client.api(`${job}/start`).post(null);
  const status = await waitForCycle(client, job);
  assert.ok(status.lastExecution.countExported >= PEOPLE, JSON.stringify(status.lastExecution));
  await onDemand(client, job, people[0]);
  await readLog(client, id);
  await readInOneBatch(client, job);
  await changeSchema(client, job);
  await titleArrives(client, id, people[1], "Engineer (JS)");
  await pauseAndRestart(client, job);
  await refused(404, "ResourceNotFound", client.api(`${synchronization}/jobs/none`).get());
  assert.equal(await client.api(job).delete(), undefined);
  assert.deepEqual((await client.api(`${synchronization}/jobs`).get()).value, []);
  await client.api(`/applications/${made.application.id}`).delete();
  await refused(404, "Request_ResourceNotFound", client.api(`/applications/${made.application.id}`).get());
}

const able = await makeClient("Able", [
  "Application.ReadWrite.All",
  "ProvisioningLog.Read.All",
  "Synchronization.ReadWrite.All",
  "User.ReadWrite.All",
]);
await live(able.graph);

const weak = await makeClient("Weak", ["Application.Read.All"]);
assert.ok((await weak.graph.api("/servicePrincipals").get()).value.length > 0);
await refused(403, "Authorization_RequestDenied", weak.graph.api("/auditLogs/provisioning").get());
await refused(401, "InvalidAuthenticationToken", graph({ getAccessToken: async () => "wrong" }).api("/users").get());
await assert.rejects(secretCredential(able.tenant, able.appId, "wrong").getToken(".default"), /AADSTS/);
