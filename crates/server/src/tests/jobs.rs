//! Jobs from creation to deletion.

use provisor_engine::object::{Anchor, ObjectType, TargetId};
use provisor_engine::ports::{ConnectorError, ErrorClass, LinkChange, Settled, Settlement};
use serde_json::{Value as Json, json};

use crate::runtime::Progress;
use crate::testing::{TestApp, text};

#[tokio::test]
async fn a_new_job_is_disabled_and_reads_back_at_once() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let body = json!({
        "@odata.type": "#microsoft.graph.synchronizationJob",
        "id": "ignored",
        "templateId": "customappsso",
        "schedule": {"@odata.type": "microsoft.graph.synchronizationSchedule", "state": "Active"},
        "status": {"@odata.type": "microsoft.graph.synchronizationStatus"},
    });
    let path = format!("applications/{}/synchronization/jobs", application.id);
    let created = app.call("POST", &path, Some(body)).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = format!("customappsso.6f0b2c7a9d3e4f518c2a0b1d2e3f4a5b.{}", application.app_id);
    assert_eq!(created.header("location"), format!("https://graph.example/v1.0/{path}/{id}"));
    let context = "https://graph.example/v1.0/$metadata#";
    assert_eq!(
        created.json(),
        json!({
            "@odata.context":
                format!("{context}applications('{}')/synchronization/jobs/$entity", application.id),
            "id": id,
            "templateId": "customappsso",
            "schedule": {"expiration": null, "interval": "PT40M", "state": "Disabled"},
            "status": {
                "countSuccessiveCompleteFailures": 0,
                "escrowsPruned": false,
                "code": "NotConfigured",
                "lastExecution": null,
                "lastSuccessfulExecution": null,
                "lastSuccessfulExecutionWithExports": null,
                "quarantine": null,
                "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
                "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z",
                "troubleshootingUrl": null,
                "progress": [],
                "synchronizedEntryCountByType": [],
            },
            "synchronizationJobSettings": [
                {"name": "AzureIngestionAttributeOptimization", "value": "False"},
                {"name": "LookaheadQueryEnabled", "value": "False"},
            ],
        })
    );
    assert!(created.text.starts_with("{\"@odata.context\":"), "{}", created.text);
    // The same job through the service principal, by any of its addresses, in either version.
    for path in [
        format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp),
        format!("servicePrincipals('{}')/synchronization/jobs('{id}')", application.sp),
        format!(
            "serviceprincipals(appId='{}')/Synchronization/Jobs/{}/",
            application.app_id,
            id.to_uppercase()
        ),
        format!("beta/applications(appId='{}')/synchronization/jobs/{id}", application.app_id),
    ] {
        assert_eq!(app.read(&path).await["id"], json!(id), "{path}");
    }
    let list = app.read(&format!("{path}?$filter=templateid eq 'customappsso'&$count=true")).await;
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    assert_eq!(list["@odata.count"], 1);
    let none = app.read(&format!("{path}?$filter=templateId eq 'other'")).await;
    assert_eq!(none["value"], json!([]));
    assert_eq!(app.get(&format!("{path}/$count")).await.text, "1");
}

#[tokio::test]
async fn start_pause_and_delete() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let job = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    app.runtime.take_calls();
    let started = app.call("POST", &format!("{job}/start"), None).await;
    assert_eq!((started.status, started.text.as_str()), (204, ""));
    assert_eq!(started.header("content-type"), "");
    let read = app.read(&job).await;
    assert_eq!(read["schedule"]["state"], "Active");
    assert_eq!(read["status"]["code"], "NotRun");
    assert_eq!(
        read["status"]["lastExecution"],
        json!({
            "activityIdentifier": null, "countEntitled": 0, "countEntitledForProvisioning": 0,
            "countEscrowed": 0, "countEscrowedRaw": 0, "countExported": 0, "countExports": 0,
            "countImported": 0, "countImportedDeltas": 0, "countImportedReferenceDeltas": 0,
            "state": "Failed", "timeBegan": "0001-01-01T00:00:00Z", "timeEnded": "0001-01-01T00:00:00Z",
            "error": {"code": "None", "message": "", "tenantActionable": false},
        })
    );
    let calls = app.runtime.take_calls();
    assert_eq!(calls.len(), 1);
    assert!(calls[0].starts_with("wake "), "{calls:?}");
    for action in ["pause", "stop"] {
        app.write("POST", &format!("{job}/{action}"), json!(null), 204).await;
        let read = app.read(&job).await;
        assert_eq!(
            (&read["schedule"]["state"], &read["status"]["code"]),
            (&json!("Paused"), &json!("Paused"))
        );
    }
    app.call("POST", &format!("{job}/microsoft.graph.start"), None).await;
    assert_eq!(app.read(&job).await["schedule"]["state"], "Active");
    app.runtime.take_calls();
    assert_eq!(app.call("DELETE", &job, None).await.status, 204);
    assert!(app.runtime.take_calls().iter().any(|call| call.starts_with("stop ")));
    assert_eq!(app.get(&job).await.status, 404);
    assert_eq!(app.call("DELETE", &job, None).await.status, 404);
}

#[tokio::test]
async fn restart_forgets_what_its_scope_names() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let restart = format!("servicePrincipals/{}/synchronization/jobs/{id}/restart", application.sp);
    let criteria = |scope| Some(json!({"criteria": {"resetScope": scope}}));
    let console = "links=false escrows=true watermark=true";
    for (body, wanted) in [
        (None, console),
        (Some(json!(null)), console),
        (Some(json!({})), console),
        (Some(json!({"criteria": {}})), console),
        (criteria(json!("")), console),
        (criteria(json!("Watermark, Escrows, QuarantineState")), console),
        (criteria(json!("Full")), "links=true escrows=true watermark=true"),
        (criteria(json!(15)), "links=true escrows=true watermark=true"),
        (criteria(json!("15")), "links=true escrows=true watermark=true"),
        (criteria(json!("connectordatastore")), "links=true escrows=false watermark=false"),
        (criteria(json!("Escrows")), "links=false escrows=true watermark=false"),
        (criteria(json!("None")), "wake"),
        (criteria(json!("ForceDeletes")), "wake"),
        (criteria(json!("QuarantineState")), "wake"),
    ] {
        app.runtime.take_calls();
        let answer = app.call("POST", &restart, body.clone()).await;
        assert_eq!(answer.status, 204, "{body:?}: {}", answer.text);
        let calls = app.runtime.take_calls();
        assert_eq!(calls.len(), 1, "{body:?}: {calls:?}");
        assert!(calls[0].contains(wanted), "{body:?}: {calls:?}");
    }
    let job = app.read(&format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp)).await;
    assert_eq!(job["schedule"]["state"], "Active");
}

#[tokio::test]
async fn settings_and_interval_can_be_changed() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let job = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let change = json!({
        "id": "ignored", "templateId": "ignored", "status": {"code": "Active"},
        "schedule": {"interval": "PT2M", "state": "Active"},
        "synchronizationJobSettings": [
            {"name": "lookaheadqueryenabled", "value": "True"}, {"name": "Domain", "value": "contoso.example"},
        ],
    });
    app.write("PATCH", &job, change, 204).await;
    let read = app.read(&job).await;
    assert_eq!(read["id"], json!(id));
    assert_eq!(read["schedule"], json!({"expiration": null, "interval": "PT2M", "state": "Disabled"}));
    assert_eq!(
        read["synchronizationJobSettings"],
        json!([
            {"name": "AzureIngestionAttributeOptimization", "value": "False"},
            {"name": "LookaheadQueryEnabled", "value": "True"},
            {"name": "Domain", "value": "contoso.example"},
        ])
    );
}

#[tokio::test]
async fn the_longest_time_span_of_dotnet_is_an_interval() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let job = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let longest = json!({"schedule": {"interval": "P10675199DT2H48M5.4775807S"}});
    app.write("PATCH", &job, longest.clone(), 204).await;
    assert_eq!(app.read(&job).await["schedule"]["interval"], longest["schedule"]["interval"]);
}

#[tokio::test]
async fn links_are_counted_by_object_mapping() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let key = app.state.store.jobs(None).await.unwrap()[0].key;
    let lease = app.state.store.acquire(key).await.unwrap();
    for (anchor, object_type) in [("a", "User"), ("b", "User"), ("c", "Group"), ("d", "Device")] {
        let untouched = Settled::untouched(Anchor::new(anchor), ObjectType::new(object_type));
        let link = LinkChange::Set(TargetId::new(format!("target {anchor}")));
        let objects = vec![Settled { link, ..untouched }];
        let batch = Settlement { objects, ..Settlement::default() };
        app.state.store.settle(key, lease, batch).await.unwrap();
    }
    let jobs = format!("servicePrincipals/{}/synchronization/jobs", application.sp);
    let job = app.read(&format!("{jobs}/{id}")).await;
    assert_eq!(
        job["status"]["synchronizedEntryCountByType"],
        json!([
            {"key": "Device", "value": 1},
            {"key": "Group to urn:ietf:params:scim:schemas:core:2.0:Group", "value": 1},
            {"key": "User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "value": 2},
        ])
    );
    assert_eq!(app.read(&jobs).await["value"][0]["status"], job["status"]);
}

#[tokio::test]
async fn progress_of_the_cycle_under_way_is_told() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    *app.runtime.progress.lock().unwrap() = Some(Progress { completed: 30, total: 120 });
    let job = app.read(&format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp)).await;
    let progress = &job["status"]["progress"][0];
    assert_eq!((&progress["completedUnits"], &progress["totalUnits"]), (&json!(30), &json!(120)));
}

#[tokio::test]
async fn credentials_are_tried_and_never_told() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let base = format!("servicePrincipals/{}/synchronization", application.sp);
    let id = app.job(&application).await;
    let secrets = json!({"value": [
        {"key": "BaseAddress", "value": "https://people.example/scim"}, {"key": "SecretToken", "value": "s3cr3t"},
    ]});
    app.write("PUT", &format!("{base}/secrets"), secrets, 204).await;
    let given = json!({"useSavedCredentials": false, "templateId": "customappsso", "credentials": [
        {"key": "BaseAddress", "value": "https://other.example"}, {"key": "SecretToken", "value": "*"},
    ]});
    let saved = "BaseAddress=https://people.example/scim SecretToken=s3cr3t";
    for (path, body, wanted) in [
        (
            "jobs/validateCredentials",
            Some(given.clone()),
            // What was entrusted for one server is not sent to another.
            "BaseAddress=https://other.example",
        ),
        (
            "jobs/validateCredentials",
            Some(json!({"credentials": [{"key": "BaseAddress", "value": "https://PEOPLE.example/v2"},
                {"key": "SecretToken", "value": "*"}]})),
            "SecretToken=s3cr3t BaseAddress=https://PEOPLE.example/v2",
        ),
        (
            "job/validateCredentials",
            Some(json!({"useSavedCredentials": true,
                "credentials": [{"key": "BaseAddress", "value": "https://people.example:8443/scim"}]})),
            "BaseAddress=https://people.example:8443/scim",
        ),
        ("jobs/validateCredentials", None, saved),
        ("job/validateCredentials", Some(json!({"useSavedCredentials": true})), saved),
        ("job/validateCredentials", Some(json!({"useSavedCredentials": "true", "credentials": []})), saved),
    ] {
        let path = format!("{base}/{}", path.replace("job/", &format!("jobs/{id}/")));
        app.runtime.take_calls();
        let answer = app.call("POST", &path, body).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        assert_eq!(app.runtime.take_calls(), [format!("validate {wanted}")]);
    }
    let alone =
        json!({"useSavedCredentials": "false", "credentials": [{"key": "SecretToken", "value": "x"}]});
    let refused = app.write("POST", &format!("{base}/jobs/{id}/validateCredentials"), alone, 400).await;
    assert!(text(&refused["error"]["message"]).contains("no 'BaseAddress'"), "{refused}");
    for (class, code) in [
        (ErrorClass::Unauthorized, "SystemForCrossDomainIdentityManagementInvalidCredentials"),
        (ErrorClass::Transient, "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"),
        (ErrorClass::Fatal, "SystemForCrossDomainIdentityManagementServiceIncompatible"),
    ] {
        let mut refusal = ConnectorError::new(class, "connect", "The endpoint refuses the token.");
        refusal.status = Some(401);
        *app.runtime.refusal.lock().unwrap() = Some(refusal);
        let answer = app.call("POST", &format!("{base}/jobs/{id}/validateCredentials"), None).await;
        assert_eq!(answer.status, 400);
        let message = "The endpoint refuses the token. The endpoint answered 401.";
        assert_eq!(answer.error(), (code.to_owned(), message.to_owned()));
    }
}

#[tokio::test]
async fn jobs_follow_their_service_principal_into_the_recycle_bin() {
    let app = TestApp::new().await;
    let application = app.application().await;
    app.job(&application).await;
    app.runtime.take_calls();
    assert_eq!(app.call("DELETE", &format!("applications/{}", application.id), None).await.status, 204);
    assert!(app.runtime.take_calls()[0].starts_with("stop "));
    assert_eq!(app.get(&format!("servicePrincipals/{}", application.sp)).await.status, 404);
    let restore = format!("directory/deletedItems/{}/restore", application.sp);
    app.write("POST", &restore, json!({}), 200).await;
    assert!(app.runtime.take_calls()[0].starts_with("wake "));
    let jobs = format!("servicePrincipals/{}/synchronization/jobs", application.sp);
    assert_eq!(app.read(&jobs).await["value"].as_array().unwrap().len(), 1);
    app.call("DELETE", &format!("servicePrincipals/{}", application.sp), None).await;
    app.call("DELETE", &format!("directory/deletedItems/{}", application.sp), None).await;
    assert!(app.state.store.jobs(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn settings_that_are_known_have_values_of_their_own() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let settings =
        |name: &str, value: &str| json!({"synchronizationJobSettings": [{"name": name, "value": value}]});
    let refused = app.write("PATCH", &path, settings("QuarantineTooManyDeletesThreshold", "many"), 400).await;
    let message = "The value of the job setting 'QuarantineTooManyDeletesThreshold' must be a whole number in digits, \
                   such as \"500\".";
    assert_eq!(refused["error"]["message"], message);
    app.write("PATCH", &path, settings("QuarantineTooManyDeletesThreshold", "500"), 204).await;
    app.write("PATCH", &path, settings("Anything", "else"), 204).await;
}

#[tokio::test]
async fn credentials_are_tried_for_a_template_that_there_is() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let jobs = format!("servicePrincipals/{}/synchronization/jobs", application.sp);
    for path in [format!("{jobs}/validateCredentials"), format!("{jobs}/{id}/validateCredentials")] {
        let refused = app.write("POST", &path, json!({"templateId": "skim", "credentials": []}), 400).await;
        assert!(text(&refused["error"]["message"]).contains("'skim'"), "{refused}");
        app.write("POST", &path, json!({"templateId": "scim", "credentials": []}), 204).await;
    }
}

#[tokio::test]
async fn a_purged_application_takes_its_service_principal_along() {
    let app = TestApp::new().await;
    let (gone, outlived) = (app.application().await, app.application().await);
    app.job(&gone).await;
    for application in [&gone, &outlived] {
        app.write("DELETE", &format!("applications/{}", application.id), Json::Null, 204).await;
    }
    let bin = |id: &str| format!("directory/deletedItems/{id}");
    app.write("POST", &format!("{}/restore", bin(&outlived.sp)), json!({}), 200).await;
    for application in [&gone, &outlived] {
        app.write("DELETE", &bin(&application.id), Json::Null, 204).await;
    }
    assert_eq!(app.get(&bin(&gone.sp)).await.status, 404);
    assert!(app.state.store.jobs(None).await.unwrap().is_empty());
    assert_eq!(app.get(&format!("servicePrincipals/{}", outlived.sp)).await.status, 200);
}
