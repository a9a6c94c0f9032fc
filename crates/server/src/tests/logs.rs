//! The provisioning log.

use provisor_engine::log::Status;
use provisor_engine::object::{Anchor, ObjectType};
use provisor_engine::ports::{EscrowChange, LinkChange, ReferenceScope, Settled, Settlement};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::on_demand::entry;
use crate::testing::{Application, TestApp, text};

/// An application with a job and five entries, a minute apart; the third failed.
async fn logged(app: &TestApp) -> (String, Application) {
    let application = app.application().await;
    let id = app.job(&application).await;
    let key = app.state.store.jobs(None).await.unwrap()[0].key;
    let lease = app.state.store.acquire(key).await.unwrap();
    for minute in 0..5_u8 {
        let status = if minute == 2 { Status::Failure } else { Status::Success };
        let mut log = entry(&format!("2026-03-04T09:2{minute}:11.5Z"), status);
        log.id = Uuid::from_u128(0x100 + u128::from(minute));
        let settled = Settled {
            anchor: Anchor::new(format!("anchor{minute}")),
            object_type: ObjectType::new("User"),
            link: LinkChange::Keep,
            escrow: EscrowChange::Clear,
            references: Vec::new(),
            reference_scope: ReferenceScope::Listed,
            missed_references: false,
            log: Some(log),
        };
        let batch = Settlement { objects: vec![settled], ..Settlement::default() };
        app.state.store.settle(key, lease, batch).await.unwrap();
    }
    (id, application)
}

fn minutes(list: &Json) -> Vec<String> {
    let minute = |item: &Json| text(&item["activityDateTime"])[14..16].to_owned();
    list["value"].as_array().unwrap().iter().map(minute).collect()
}

#[tokio::test]
async fn an_entry_is_printed_whole() {
    let app = TestApp::new().await;
    let (job, application) = logged(&app).await;
    let principal = &application.sp;
    let id = "00000000-0000-0000-0000-000000000102";
    let entry = app.read(&format!("auditLogs/provisioning/{id}")).await;
    let system = |name: &str| json!({"id": "", "displayName": name, "details": {}});
    assert_eq!(
        entry,
        json!({
            "@odata.context": "https://graph.example/v1.0/$metadata#auditLogs/provisioning/$entity",
            "id": id,
            "activityDateTime": "2026-03-04T09:22:11Z",
            "tenantId": "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b",
            "jobId": job,
            "cycleId": "00000000-0000-0000-0000-000000000022",
            "changeId": "00000000-0000-0000-0000-000000000033",
            "provisioningAction": "create",
            "durationInMilliseconds": 412,
            "initiatedBy": {"id": "", "displayName": "Provisor", "initiatorType": "system"},
            "servicePrincipal": {"id": principal, "displayName": "People Directory"},
            "sourceSystem": system("Microsoft Entra ID"),
            "targetSystem": {"id": "", "displayName": "customappsso", "details": {
                "ApplicationId": application.app_id, "ServicePrincipalId": principal,
                "ServicePrincipalDisplayName": "People Directory",
            }},
            "sourceIdentity": {"id": "5d2b", "displayName": "Ida Holm", "identityType": "User",
                "details": {"id": "5d2b", "odatatype": "User", "DisplayName": "Ida Holm",
                    "UserPrincipalName": "ida@contoso.example"}},
            "targetIdentity": {"id": "", "displayName": "", "details": {},
                "identityType": "urn:ietf:params:scim:schemas:core:2.0:User"},
            "provisioningStatusInfo": {"status": "failure", "errorInformation": {
                "errorCode": "SystemForCrossDomainIdentityManagementConflict",
                "reason": "The target answered 409: userName is already taken.",
                "additionalDetails": null, "errorCategory": "failure", "recommendedAction": null,
            }},
            "provisioningSteps": [{"name": "EntryImportAdd", "provisioningStepType": "import",
                "status": "success", "description": "Received User 'ida@contoso.example'",
                "details": {"accountEnabled": "True"}}],
            "modifiedProperties": [
                {"displayName": "userName", "oldValue": null, "newValue": "ida@contoso.example"},
            ],
        })
    );
}

#[tokio::test]
async fn systems_are_called_as_in_the_schema() {
    let app = TestApp::new().await;
    let (job, application) = logged(&app).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{job}", application.sp);
    let mut schema = app.read(&format!("{path}/schema")).await;
    let names = [("source", "People of Contoso"), ("target", "Directory of Fabrikam")];
    for (side, name) in names {
        let member = format!("{side}DirectoryName");
        let old = schema["synchronizationRules"][0][&member].clone();
        for rule in schema["synchronizationRules"].as_array_mut().unwrap() {
            rule[&member] = json!(name);
        }
        for directory in schema["directories"].as_array_mut().unwrap() {
            if directory["name"] == old {
                directory["name"] = json!(name);
            }
        }
    }
    app.write("PUT", &format!("{path}/schema"), schema, 204).await;
    let filter = "$filter=targetSystem/displayName eq 'Directory of Fabrikam'&$top=1";
    let log = app.read(&format!("auditLogs/provisioning?{filter}")).await;
    assert_eq!(log["value"][0]["sourceSystem"]["displayName"], "People of Contoso");
    // A job that is gone is known by its id.
    app.call("DELETE", &path, None).await;
    let log = app.read("auditLogs/provisioning?$top=1").await;
    assert_eq!(log["value"][0]["sourceSystem"]["displayName"], "Microsoft Entra ID");
    assert_eq!(log["value"][0]["targetSystem"]["displayName"], "customappsso");
}

/// Every filter of Graph's pages and of published scripts, and the entries that it gives.
#[tokio::test]
async fn filters_that_clients_send_are_understood() {
    let app = TestApp::new().await;
    let (job, Application { sp: principal, .. }) = logged(&app).await;
    let shouted = job.to_uppercase();
    let all = "24 23 22 21 20";
    let table = [
        (format!("jobid eq '{job}'"), all),
        (format!("jobId eq '{shouted}'"), ""),
        (format!("jobId eq '{job}' and activityDateTime gt 2026-03-04T00:00:00Z"), all),
        (format!("jobId eq '{job}' and activityDateTime gt 2026-03-04T09:22:11Z"), "24 23"),
        ("activityDateTime ge 2026-03-04T09:21:11Z and activityDateTime le 2026-03-04T09:22:11.999Z".into(), "22 21"),
        ("activityDateTime ge 2026-03-04T10:21:11 01:00 and activityDateTime lt 2026-03-04T09:22:11Z".into(), "21"),
        ("activityDateTime eq 2026-03-04T09:22:11Z".into(), "22"),
        ("activityDateTime eq 2026-03-04T09:22:11.5Z".into(), ""),
        ("activityDateTime gt 2026-03-05".into(), ""),
        (
            format!("((contains(tolower(servicePrincipal/id), '{principal}') or \
                     contains(tolower(servicePrincipal/displayName), 'nobody')) and \
                     activityDateTime gt 2026-03-04 and activityDateTime lt 2026-03-05)&$top=500&\
                     $orderby=activityDateTime desc"),
            all,
        ),
        ("contains(tolower(servicePrincipal/displayName), 'people')".into(), all),
        ("contains(servicePrincipal/displayName, 'people')".into(), ""),
        (format!("servicePrincipal/id eq '{principal}'"), all),
        (format!("servicePrincipal/id eq '{principal}' and jobId eq 'other'"), ""),
        (format!("servicePrincipal/id eq '{}'", Uuid::nil()), ""),
        ("cycleId eq '00000000-0000-0000-0000-000000000022'".into(), all),
        ("cycleId eq 00000000-0000-0000-0000-000000000022".into(), all),
        ("cycleId eq 'none'".into(), ""),
        ("changeId eq '00000000-0000-0000-0000-000000000033'".into(), all),
        ("changeId eq '00000000-0000-0000-0000-000000000034'".into(), ""),
        ("id eq '00000000-0000-0000-0000-000000000101'".into(), "21"),
        ("provisioningStatusInfo/status eq 'failure'".into(), "22"),
        ("provisioningStatusInfo/status eq 'Success' and activityDateTime gt 2026-03-04T09:22:00Z".into(), "24 23"),
        ("statusInfo/status eq 'failure'".into(), "22"),
        ("provisioningStatusInfo/errorInformation/errorCode eq 'SystemForCrossDomainIdentityManagementConflict'".into(), "22"),
        ("sourceIdentity/id eq '5d2b' or contains(sourceIdentity/displayName,'ida')".into(), all),
        ("sourceIdentity/id eq '5d2b' and provisioningStatusInfo/status eq 'failure'".into(), "22"),
        ("sourceIdentity/id eq '5D2B'".into(), ""),
        ("contains(sourceIdentity/displayName,'Ida')".into(), all),
        ("contains(sourceIdentity/displayName,'ida')".into(), ""),
        ("startswith(sourceIdentity/displayName,'Ida')".into(), all),
        ("targetIdentity/displayName eq 'ida@contoso.example'".into(), ""),
        ("targetIdentity/displayName eq ''".into(), all),
        ("provisioningAction eq 'create'".into(), all),
        ("provisioningAction eq 'CREATE'".into(), all),
        ("provisioningAction eq microsoft.graph.provisioningAction'create'".into(), all),
        ("action eq 'create'".into(), all),
        ("provisioningAction eq 'delete'".into(), ""),
        ("not(provisioningAction eq 'create') or durationInMilliseconds ge 412".into(), all),
        ("initiatedBy/initiatorType eq 'system' and tenantId ne null".into(), all),
    ];
    for (filter, wanted) in table {
        let list = app.read(&format!("auditLogs/provisioning?$count=true&$filter={filter}")).await;
        assert_eq!(minutes(&list).join(" "), wanted, "{filter}");
        let count = wanted.split_whitespace().count();
        assert_eq!(list["@odata.count"], json!(count), "{filter}");
        let path = format!("auditLogs/provisioning/$count?$filter={}", filter.split('&').next().unwrap());
        assert_eq!(app.get(&path).await.text, count.to_string(), "{filter}");
    }
}

#[tokio::test]
async fn what_the_log_cannot_do_is_refused() {
    let app = TestApp::new().await;
    for query in [
        "$top=0",
        "$top=1001",
        "$skiptoken=eyJsb2ciOjF9",
        "$search=%22x%22",
        "$expand=servicePrincipal",
        "$orderby=jobId",
        "$orderby=activityDateTime sideways",
        "$filter=nothing eq 'x'",
        "$filter=provisioningSteps/any(s:s/name eq 'x')",
        "$filter=modifiedProperties/any()",
        "$filter=sourceIdentity/details/id eq 'x'",
        "$filter=activityDateTime gt 'yesterday'",
        "$select=nothing",
    ] {
        let answer = app.get(&format!("auditLogs/provisioning?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    for method in ["POST", "PATCH", "DELETE"] {
        for path in ["auditLogs/provisioning", "auditLogs/provisioning/00000000-0000-0000-0000-000000000101"]
        {
            assert_eq!(app.call(method, path, Some(json!({}))).await.status, 405, "{method} {path}");
        }
    }
    assert_eq!(app.get("auditLogs/provisioning/00000000-0000-0000-0000-000000000101").await.status, 404);
}

#[tokio::test]
async fn pages_go_either_way() {
    let app = TestApp::new().await;
    logged(&app).await;
    for (order, wanted) in [
        ("", ["24", "23", "22", "21", "20"]),
        ("&$orderby=activityDateTime desc", ["24", "23", "22", "21", "20"]),
        ("&$orderby=activityDateTime asc", ["20", "21", "22", "23", "24"]),
        ("&$orderby=activityDateTime&$filter=provisioningAction eq 'create'", ["20", "21", "22", "23", "24"]),
    ] {
        let mut seen = Vec::new();
        let mut path = format!("auditLogs/provisioning?$top=2&$select=activityDateTime{order}");
        loop {
            let page = app.read(&path).await;
            assert_eq!(page["value"][0].as_object().unwrap().len(), 1);
            seen.extend(minutes(&page));
            match page.get("@odata.nextLink") {
                Some(next) => path = text(next).replace("https://graph.example/", ""),
                None => break,
            }
        }
        assert_eq!(seen, wanted, "{order}");
    }
}
