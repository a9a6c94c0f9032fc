// A whole life of a synchronization job, driven by the SDK that Terraform's provider is built on: the cloud is found by
// its metadata, tokens come by client secret and by certificate, requests go through the SDK's client of Graph, with its
// retries, in the provider's order.
//
// Needs PROVISOR_URL, PROVISOR_TOKEN, TARGET_URL and TARGET_TOKEN in the environment, and the server's certificate in
// SSL_CERT_FILE.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-azure-sdk/sdk/auth"
	"github.com/hashicorp/go-azure-sdk/sdk/client"
	"github.com/hashicorp/go-azure-sdk/sdk/client/msgraph"
	"github.com/hashicorp/go-azure-sdk/sdk/environments"
	"github.com/hashicorp/go-azure-sdk/sdk/odata"
	"golang.org/x/oauth2"
	"software.sslmate.com/src/go-pkcs12"
)

const (
	customApplication = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
	graphAppID        = "00000003-0000-0000-c000-000000000000"
	password          = "of-the-bundle"
)

type object = map[string]any

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(holds bool, what string, got any) {
	if !holds {
		check(fmt.Errorf("%v", got), what)
	}
}

// administrator is whoever has the server's own token.
type administrator struct{}

func (administrator) Token(context.Context, *http.Request) (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: os.Getenv("PROVISOR_TOKEN"), TokenType: "Bearer"}, nil
}

func (administrator) AuxiliaryTokens(context.Context, *http.Request) ([]*oauth2.Token, error) {
	return nil, nil
}

// options are the query options of a request.
type options struct{ query odata.Query }

func (o options) ToHeaders() *client.Headers {
	headers := client.Headers{}
	headers.AppendHeader(o.query.Headers())
	return &headers
}
func (o options) ToOData() *odata.Query        { return &o.query }
func (o options) ToQuery() *client.QueryParams { return &client.QueryParams{} }

// graph is the SDK's client of Graph.
type graph struct {
	context context.Context
	client  *msgraph.Client
}

func newGraph(ctx context.Context, api environments.Api, authorizer auth.Authorizer) graph {
	made, err := msgraph.NewClient(api, "Synchronization", msgraph.VersionOnePointZero)
	check(err, "a client of Graph")
	made.SetAuthorizer(authorizer)
	return graph{ctx, made}
}

// do sends a request that must be answered with this status.
func (g graph) do(method, path string, status int, body any, query odata.Query) object {
	request, err := g.client.NewRequest(g.context, client.RequestOptions{
		ContentType:         "application/json; charset=utf-8",
		ExpectedStatusCodes: []int{status},
		HttpMethod:          method,
		OptionsObject:       options{query},
		Path:                path,
	})
	check(err, method+" "+path)
	if body != nil {
		check(request.Marshal(body), method+" "+path)
	}
	response, err := request.Execute(g.context)
	check(err, method+" "+path)
	answer := object{}
	if status != http.StatusNoContent {
		check(response.Unmarshal(&answer), method+" "+path)
	}
	return answer
}

func (g graph) get(path string) object { return g.do("GET", path, 200, nil, odata.Query{}) }
func (g graph) find(path, filter string) []any {
	query := odata.Query{Filter: filter, Count: true, ConsistencyLevel: odata.ConsistencyLevelEventual}
	found, _ := g.do("GET", path, 200, nil, query)["value"].([]any)
	return found
}
func (g graph) post(path string, status int, body any) object {
	return g.do("POST", path, status, body, odata.Query{})
}

// bundle makes a certificate that signs itself: in DER, and with its key as PKCS#12.
func bundle() ([]byte, []byte) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(err, "a key")
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "terraform"},
		NotBefore:    time.Now().Add(-5 * time.Minute),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	check(err, "a certificate")
	certificate, err := x509.ParseCertificate(der)
	check(err, "a certificate")
	bundled, err := pkcs12.Modern.Encode(key, certificate, nil, password)
	check(err, "a bundle")
	return der, bundled
}

// register makes an application that may synchronize; gives its credentials, by secret and by certificate.
func register(g graph, environment environments.Environment) []auth.Credentials {
	der, bundled := bundle()
	key := object{"type": "AsymmetricX509Cert", "usage": "Verify", "key": der}
	application := g.post("/applications", 201, object{
		"displayName":    "Terraform",
		"keyCredentials": []any{key},
		"api":            object{"requestedAccessTokenVersion": 2},
		"web":            object{"redirectUris": []string{}},
	})
	principal := g.post("/servicePrincipals", 201, object{"appId": application["appId"]})
	secret := g.post(fmt.Sprintf("/applications/%s/addPassword", application["id"]), 200, object{})
	resource := g.get(fmt.Sprintf("/servicePrincipals(appId='%s')", graphAppID))
	for _, one := range resource["appRoles"].([]any) {
		role := one.(object)
		if role["value"] == "Synchronization.ReadWrite.All" || role["value"] == "Application.ReadWrite.All" {
			assignment := object{"principalId": principal["id"], "resourceId": resource["id"], "appRoleId": role["id"]}
			g.post(fmt.Sprintf("/servicePrincipals/%s/appRoleAssignments", principal["id"]), 201, assignment)
		}
	}
	tenant := g.get("/organization")["value"].([]any)[0].(object)["id"].(string)
	common := auth.Credentials{Environment: environment, TenantID: tenant, ClientID: application["appId"].(string)}
	bySecret, byCertificate := common, common
	bySecret.EnableAuthenticatingUsingClientSecret = true
	bySecret.ClientSecret = secret["secretText"].(string)
	byCertificate.EnableAuthenticatingUsingClientCertificate = true
	byCertificate.ClientCertificateData, byCertificate.ClientCertificatePassword = bundled, password
	return []auth.Credentials{bySecret, byCertificate}
}

// live makes an application from the template, its secrets and its job, runs that, and takes everything away.
func live(g graph, name string) {
	template := "/applicationTemplates/" + customApplication
	expect(g.get(template)["displayName"] != nil, "the template", template)
	made := g.post(template+"/instantiate", 201, object{"displayName": name})
	application := "/applications/" + made["application"].(object)["id"].(string)
	principal := "/servicePrincipals/" + made["servicePrincipal"].(object)["id"].(string)
	found := g.find("/applications", fmt.Sprintf("displayName eq '%s'", name))
	expect(len(found) == 1, "the application by its name", found)

	secrets := []any{
		object{"key": "BaseAddress", "value": os.Getenv("TARGET_URL")},
		object{"key": "SecretToken", "value": os.Getenv("TARGET_TOKEN")},
		object{"key": "SyncAll", "value": "true"},
	}
	g.do("PUT", principal+"/synchronization/secrets", 204, object{"value": secrets}, odata.Query{})
	stored := g.get(principal + "/synchronization/secrets")["value"].([]any)
	expect(len(stored) == len(secrets), "as many secrets as were put", stored)

	job := principal + "/synchronization/jobs/" +
		g.post(principal+"/synchronization/jobs", 201, object{"templateId": "scim"})["id"].(string)
	g.post(job+"/start", 204, nil)
	deadline := time.Now().Add(time.Minute)
	for {
		status := g.get(job)["status"].(object)
		if status["lastSuccessfulExecutionWithExports"] != nil || status["lastSuccessfulExecution"] != nil {
			break
		}
		expect(time.Now().Before(deadline), "a successful execution within a minute", status)
		time.Sleep(200 * time.Millisecond)
	}
	schedule := g.get(job)["schedule"].(object)
	expect(schedule["state"] == "Active" && schedule["interval"] == "PT40M", "the schedule", schedule)
	g.post(job+"/restart", 204, object{"criteria": object{"resetScope": "Watermark, Escrows, QuarantineState"}})
	g.post(job+"/pause", 204, nil)
	expect(g.get(job)["schedule"].(object)["state"] == "Paused", "the schedule of a paused job", g.get(job))

	for _, path := range []string{job, principal, application} {
		g.do("DELETE", path, 204, nil, odata.Query{})
	}
	expect(len(g.find("/applications", fmt.Sprintf("displayName eq '%s'", name))) == 0, "no application", name)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	environment, err := environments.FromEndpoint(ctx, os.Getenv("PROVISOR_URL"))
	check(err, "the environment")
	setup := newGraph(ctx, environment.MicrosoftGraph, administrator{})
	for index, credentials := range register(setup, *environment) {
		authorizer, err := auth.NewAuthorizerFromCredentials(ctx, credentials, environment.MicrosoftGraph)
		check(err, "an authorizer")
		live(newGraph(ctx, environment.MicrosoftGraph, authorizer), fmt.Sprintf("Managed %d", index))
	}
}
