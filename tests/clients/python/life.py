"""A whole life of a synchronization job, driven by the Microsoft Graph SDK for Python.

    life.py secret|certificate

Needs PROVISOR_URL, PROVISOR_TOKEN, TARGET_URL and TARGET_TOKEN in the environment, and the server's certificate in
SSL_CERT_FILE (the SDK) and REQUESTS_CA_BUNDLE (azure-identity).
"""

import asyncio
import json
import os
import sys
import time

from azure.core.exceptions import ClientAuthenticationError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.application_templates.item.instantiate.instantiate_post_request_body import (
    InstantiatePostRequestBody,
)
from msgraph.generated.audit_logs.provisioning.provisioning_request_builder import ProvisioningRequestBuilder
from msgraph.generated.models.attribute_mapping_source import AttributeMappingSource
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.synchronization_job import SynchronizationJob
from msgraph.generated.models.synchronization_job_application_parameters import SynchronizationJobApplicationParameters
from msgraph.generated.models.synchronization_job_restart_criteria import SynchronizationJobRestartCriteria
from msgraph.generated.models.synchronization_job_restart_scope import SynchronizationJobRestartScope
from msgraph.generated.models.synchronization_job_subject import SynchronizationJobSubject
from msgraph.generated.models.synchronization_schedule_state import SynchronizationScheduleState
from msgraph.generated.models.synchronization_secret import SynchronizationSecret
from msgraph.generated.models.synchronization_secret_key_string_value_pair import (
    SynchronizationSecretKeyStringValuePair,
)
from msgraph.generated.models.synchronization_status_code import SynchronizationStatusCode
from msgraph.generated.models.synchronization_task_execution_result import SynchronizationTaskExecutionResult
from msgraph.generated.models.user import User
from msgraph.generated.service_principals.item.synchronization.jobs.item.provision_on_demand.provision_on_demand_post_request_body import (
    ProvisionOnDemandPostRequestBody,
)
from msgraph.generated.service_principals.item.synchronization.jobs.item.restart.restart_post_request_body import (
    RestartPostRequestBody,
)
from msgraph.generated.service_principals.item.synchronization.jobs.item.validate_credentials.validate_credentials_post_request_body import (
    ValidateCredentialsPostRequestBody,
)
from msgraph.generated.service_principals.item.synchronization.secrets.secrets_put_request_body import (
    SecretsPutRequestBody,
)
from msgraph_core.tasks.page_iterator import PageIterator

from setting_up import Administrator, graph, make_client

CUSTOM_APPLICATION = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
PATIENCE = 60
PEOPLE = 7


async def refused(status, code, call):
    """The call fails with this status and this code of Graph's."""
    try:
        await call
    except ODataError as error:
        assert error.response_status_code == status, error
        assert error.error.code == code and error.error.message, error
        assert error.error.inner_error.request_id, error
        return error
    raise AssertionError(f"expected {status} {code}, and it worked")


async def until(what, look):
    """Looks again and again until `look` gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := await look():
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"{what} did not come within {PATIENCE} s")


async def hire(client, mark):
    """People to provision."""
    people = []
    for number in range(PEOPLE):
        person = User(
            account_enabled=True,
            display_name=f"Person {number} {mark}",
            given_name=f"Person{number}",
            surname=mark.title(),
            job_title="Engineer",
            mail_nickname=f"p{number}.{mark}",
            user_principal_name=f"p{number}.{mark}@contoso.example",
            password_profile=PasswordProfile(password="not-kept"),
        )
        people.append(await client.users.post(person))
    return people


async def put_secrets(synchronization):
    """Where the target is, and how to get in; what is confidential is not told."""
    pairs = {
        SynchronizationSecret.BaseAddress: os.environ["TARGET_URL"],
        SynchronizationSecret.SecretToken: os.environ["TARGET_TOKEN"],
        SynchronizationSecret.SyncAll: "true",
    }
    body = SecretsPutRequestBody(
        value=[SynchronizationSecretKeyStringValuePair(key=key, value=value) for key, value in pairs.items()]
    )
    await synchronization.secrets.put(body)
    stored = {pair.key: pair.value for pair in (await synchronization.get()).secrets}
    assert stored[SynchronizationSecret.BaseAddress] == os.environ["TARGET_URL"], stored
    assert stored[SynchronizationSecret.SecretToken] == "*", stored
    return body.value


async def wait_for_cycle(job, after=None):
    """The execution of a complete cycle that is not `after`."""

    async def look():
        status = (await job.get()).status
        assert status.code != SynchronizationStatusCode.Quarantine, status.quarantine
        cycle = status.last_execution and status.last_execution.activity_identifier
        if status.code == SynchronizationStatusCode.Active and cycle and cycle != after:
            return status

    status = await until("a complete cycle", look)
    assert status.last_execution.state == SynchronizationTaskExecutionResult.Succeeded, status.last_execution
    assert status.last_execution.time_began <= status.last_execution.time_ended
    return status


async def on_demand(job, person):
    """Provisions one person at once."""
    rule = (await job.schema.get()).synchronization_rules[0]
    subject = SynchronizationJobSubject(object_id=person.id, object_type_name="User")
    parameters = SynchronizationJobApplicationParameters(rule_id=rule.id, subjects=[subject])
    answer = await job.provision_on_demand.post(ProvisionOnDemandPostRequestBody(parameters=[parameters]))
    # It was provisioned by the cycle before.
    assert json.loads(answer.key)["details"]["errorCode"] == "RedundantExport", answer.key
    assert json.loads(answer.value)["provisioningSteps"], answer.value


async def read_log(client, job_id):
    """The provisioning log by filter, page by page."""
    query = ProvisioningRequestBuilder.ProvisioningRequestBuilderGetQueryParameters(
        filter=f"jobId eq '{job_id}' and provisioningStatusInfo/status eq 'success'", top=3
    )
    first = await client.audit_logs.provisioning.get(RequestConfiguration(query_parameters=query))
    assert len(first.value) == 3 and first.odata_next_link.startswith("https://"), first
    entries = []
    await PageIterator(first, client.request_adapter).iterate(lambda entry: entries.append(entry) or True)
    assert len(entries) >= PEOPLE, len(entries)
    assert len({entry.id for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.job_id == job_id and entry.source_identity.id and entry.provisioning_steps
        assert entry.provisioning_action and entry.activity_date_time
    return entries


async def change_schema(job):
    """Maps the title otherwise, and sees that it stays."""
    schema = await job.schema.get()
    version = schema.version

    def titles(schema):
        return [
            mapping
            for rule in schema.synchronization_rules
            for mapped in rule.object_mappings
            if mapped.source_object_name == "User"
            for mapping in mapped.attribute_mappings
            if mapping.target_attribute_name == "title"
        ]

    (title,) = titles(schema)
    title.source = AttributeMappingSource(expression='Append([jobTitle], " (SDK)")')
    await job.schema.patch(schema)
    saved = await job.schema.get()
    (title,) = titles(saved)
    assert title.source.expression == 'Append([jobTitle], " (SDK)")', title.source.expression
    assert saved.version != version
    functions = await job.schema.functions.get()
    assert any(function.id == "Switch" for function in functions.value)


async def title_arrives(client, job_id, person, title):
    """The log tells that this title was written."""

    async def look():
        query = ProvisioningRequestBuilder.ProvisioningRequestBuilderGetQueryParameters(
            filter=f"jobId eq '{job_id}' and sourceIdentity/id eq '{person.id}'", orderby=["activityDateTime desc"]
        )
        page = await client.audit_logs.provisioning.get(RequestConfiguration(query_parameters=query))
        return any(
            change.display_name == "title" and change.new_value == title
            for entry in page.value
            for change in entry.modified_properties
        )

    await until(f"the title {title!r} in the log", look)


async def pause_and_restart(job, after):
    """Pauses, starts from scratch again, and waits for the cycle."""
    await job.pause.post()
    paused = await job.get()
    assert paused.status.code == SynchronizationStatusCode.Paused, paused.status.code
    assert paused.schedule.state == SynchronizationScheduleState.Paused, paused.schedule.state
    scope = SynchronizationJobRestartScope.Full
    await job.restart.post(RestartPostRequestBody(criteria=SynchronizationJobRestartCriteria(reset_scope=scope)))
    await job.start.post()
    return await wait_for_cycle(job, after)


async def live(client, mark):
    """The life, from the application's making to its end."""
    people = await hire(client, mark)
    made = await client.application_templates.by_application_template_id(CUSTOM_APPLICATION).instantiate.post(
        InstantiatePostRequestBody(display_name=f"Application {mark}")
    )
    principal, application = made.service_principal.id, made.application.id
    synchronization = client.service_principals.by_service_principal_id(principal).synchronization
    templates = await synchronization.templates.get()
    template = templates.value[0]
    assert template.id and template.factory_tag and template.default, template
    secrets = await put_secrets(synchronization)

    made = await synchronization.jobs.post(SynchronizationJob(template_id=template.id))
    assert made.status.code in (SynchronizationStatusCode.NotConfigured, SynchronizationStatusCode.Paused)
    job = synchronization.jobs.by_synchronization_job_id(made.id)
    await job.validate_credentials.post(
        ValidateCredentialsPostRequestBody(template_id=template.id, credentials=secrets)
    )
    await job.validate_credentials.post(ValidateCredentialsPostRequestBody(use_saved_credentials=True))
    await job.start.post()
    status = await wait_for_cycle(job)
    assert status.last_execution.count_exported >= PEOPLE, status.last_execution
    counts = {pair.key.split(" to ")[0]: pair.value for pair in status.synchronized_entry_count_by_type}
    assert counts["User"] >= PEOPLE, counts

    await on_demand(job, people[0])
    await read_log(client, made.id)
    await change_schema(job)
    await title_arrives(client, made.id, people[1], "Engineer (SDK)")
    before = (await job.get()).status.last_execution.activity_identifier
    await pause_and_restart(job, before)

    await refused(404, "ResourceNotFound", synchronization.jobs.by_synchronization_job_id("none").get())
    await job.delete()
    assert (await synchronization.jobs.get()).value == []
    await client.applications.by_application_id(application).delete()
    await refused(404, "Request_ResourceNotFound", client.applications.by_application_id(application).get())
    for person in people:
        await client.users.by_user_id(person.id).delete()


async def main():
    mark = sys.argv[1]
    administrator = graph(Administrator())
    roles = ["Application.ReadWrite.All", "ProvisioningLog.Read.All", "Synchronization.ReadWrite.All", "User.ReadWrite.All"]
    able = await make_client(administrator, f"Able {mark}", roles)
    await live(graph(able.by_secret if mark == "secret" else able.by_certificate), mark)

    weak = await make_client(administrator, f"Weak {mark}", ["Application.Read.All"])
    refusals = graph(weak.by_certificate if mark == "certificate" else weak.by_secret)
    assert (await refusals.service_principals.get()).value
    await refused(403, "Authorization_RequestDenied", refusals.audit_logs.provisioning.get())
    await refused(403, "Authorization_RequestDenied", refusals.users.post(User(display_name="nobody")))
    try:
        able.with_secret("wrong").get_token("https://graph.microsoft.com/.default")
        raise AssertionError("a wrong secret worked")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in error.message, error.message


asyncio.run(main())
