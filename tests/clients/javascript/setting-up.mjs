// What the scripts share: clients of Provisor, and an application that is allowed to do something.

import { ClientSecretCredential } from "@azure/identity";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

export const SERVER = process.env.PROVISOR_URL;
const HOST = new URL(SERVER);
const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";

// A client of the server; `authProvider` gives the token.
export const graph = (authProvider) =>
  Client.initWithMiddleware({
    authProvider,
    baseUrl: SERVER,
    customHosts: new Set([HOST.hostname]),
    defaultVersion: "v1.0",
  });

// The server's own token.
export const administrator = graph({ getAccessToken: async () => process.env.PROVISOR_TOKEN });

export const secretCredential = (tenant, appId, secret) =>
  new ClientSecretCredential(tenant, appId, secret, {
    authorityHost: SERVER,
    disableInstanceDiscovery: true,
  });

// An application with a secret and these roles of Microsoft Graph.
export async function makeClient(name, roles) {
  const tenant = (await administrator.api("/organization").get()).value[0].id;
  const application = await administrator.api("/applications").post({ displayName: name });
  const principal = await administrator.api("/servicePrincipals").post({ appId: application.appId });
  const password = await administrator
    .api(`/applications/${application.id}/addPassword`)
    .post({ passwordCredential: { displayName: "of the test" } });
  const resource = await administrator.api(`/servicePrincipals(appId='${GRAPH_APP_ID}')`).get();
  for (const role of roles) {
    await administrator.api(`/servicePrincipals/${principal.id}/appRoleAssignments`).post({
      principalId: principal.id,
      resourceId: resource.id,
      appRoleId: resource.appRoles.find((known) => known.value === role).id,
    });
  }
  const credential = secretCredential(tenant, application.appId, password.secretText);
  const scopes = [`${SERVER}/.default`];
  return {
    tenant,
    appId: application.appId,
    graph: graph(new TokenCredentialAuthenticationProvider(credential, { scopes })),
  };
}
