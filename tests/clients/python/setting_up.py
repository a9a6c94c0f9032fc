"""What the scripts share: clients of Provisor, and an application that is allowed to do something."""

import datetime
import os
import time
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken
from azure.identity import CertificateCredential, ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.applications.item.add_password.add_password_post_request_body import AddPasswordPostRequestBody
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.application import Application
from msgraph.generated.models.key_credential import KeyCredential
from msgraph.generated.models.password_credential import PasswordCredential
from msgraph.generated.models.service_principal import ServicePrincipal

SERVER = os.environ["PROVISOR_URL"]
HOST = urlsplit(SERVER)
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
# The server is this machine's and unknown to Microsoft's directory of clouds.
AUTHORITY = {"authority": HOST.netloc, "disable_instance_discovery": True}


class Administrator:
    """The credential of whoever has the server's own token."""

    def get_token(self, *scopes, **options):
        return AccessToken(os.environ["PROVISOR_TOKEN"], int(time.time()) + 3600)


def graph(credential, version="v1.0"):
    """A client of the server."""
    provider = AzureIdentityAuthenticationProvider(
        credential, scopes=[f"{SERVER}/.default"], allowed_hosts=[HOST.hostname, HOST.netloc]
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{SERVER}/{version}"
    return GraphServiceClient(request_adapter=adapter)


class Client:
    """An application of the directory with these permissions, and its two ways to prove itself."""

    def __init__(self, tenant, app_id, secret, pem):
        self.tenant = tenant
        self.app_id = app_id
        self.by_secret = self.with_secret(secret)
        self.by_certificate = CertificateCredential(tenant, app_id, certificate_data=pem, **AUTHORITY)

    def with_secret(self, secret):
        return ClientSecretCredential(self.tenant, self.app_id, secret, **AUTHORITY)


def certificate():
    """A certificate that signs itself: in PEM with its key, and alone in DER."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM), made.public_bytes(serialization.Encoding.DER)


async def make_client(administrator, name, roles):
    """Makes an application with a secret, a certificate and these roles of Microsoft Graph."""
    tenant = (await administrator.organization.get()).value[0].id
    pem, der = certificate()
    key = KeyCredential(type="AsymmetricX509Cert", usage="Verify", key=der, display_name="of the test")
    application = await administrator.applications.post(Application(display_name=name, key_credentials=[key]))
    principal = await administrator.service_principals.post(ServicePrincipal(app_id=application.app_id))
    wanted = AddPasswordPostRequestBody(password_credential=PasswordCredential(display_name="of the test"))
    password = await administrator.applications.by_application_id(application.id).add_password.post(wanted)
    resource = await administrator.service_principals_with_app_id(GRAPH_APP_ID).get()
    known = {role.value: role.id for role in resource.app_roles}
    assignments = administrator.service_principals.by_service_principal_id(principal.id).app_role_assignments
    for role in roles:
        await assignments.post(
            AppRoleAssignment(principal_id=principal.id, resource_id=resource.id, app_role_id=known[role])
        )
    return Client(tenant, application.app_id, password.secret_text, pem)
