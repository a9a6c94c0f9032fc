use serde_json::{Value as Json, json};

use super::super::job::{ScheduleState, SynchronizationJob};
use super::super::pair::StringKeyLongValuePair;
use super::super::status::{
    QuarantineReason, SynchronizationProgress, SynchronizationQuarantine, SynchronizationStatus,
    SynchronizationTaskExecution,
};
use super::read;
use crate::testing::layout;

fn job(body: &Json) -> Result<SynchronizationJob, String> {
    read(body, "synchronizationJob")
}

#[test]
fn the_body_of_graphs_page_is_read() {
    let body = json!({
        "@odata.type": "#microsoft.graph.synchronizationJob",
        "schedule": {"@odata.type": "microsoft.graph.synchronizationSchedule"},
        "status": {"@odata.type": "microsoft.graph.synchronizationStatus"},
        "synchronizationJobSettings": [{"@odata.type": "microsoft.graph.keyValuePair"}],
        "templateId": "String",
    });
    let job = job(&body).unwrap();
    assert_eq!(job.template_id.as_deref(), Some("String"));
    assert_eq!(job.schedule.unwrap().interval, None);
    assert_eq!(job.synchronization_job_settings, []);
}

#[test]
fn a_job_prints_whole() {
    insta::assert_snapshot!(layout(&SynchronizationJob::default()), @r#"
        {
          "id": "", "templateId": null,
          "schedule": {"expiration": null, "interval": "P10675199DT2H48M5.4775807S", "state": "Disabled"},
          "status": {
            "countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "code": "NotConfigured",
            "lastExecution": null, "lastSuccessfulExecution": null,
            "lastSuccessfulExecutionWithExports": null, "quarantine": null,
            "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
            "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z", "troubleshootingUrl": null,
            "progress": [], "synchronizedEntryCountByType": []
          },
          "synchronizationJobSettings": []
        }
        "#);
}

#[test]
fn a_status_prints_whole() {
    let at = "2026-03-04T09:20:10.33188401Z".parse().unwrap();
    let status = SynchronizationStatus {
        last_execution: Some(SynchronizationTaskExecution {
            time_began: at,
            ..SynchronizationTaskExecution::zeroed()
        }),
        quarantine: Some(SynchronizationQuarantine {
            reason: QuarantineReason::TooManyDeletes,
            next_attempt: at,
            ..SynchronizationQuarantine::default()
        }),
        progress: vec![SynchronizationProgress {
            total_units: i64::MAX,
            ..SynchronizationProgress::default()
        }],
        synchronized_entry_count_by_type: vec![StringKeyLongValuePair {
            key: Some("User to User".into()),
            value: 3,
        }],
        ..SynchronizationStatus::default()
    };
    insta::assert_snapshot!(layout(&status), @r#"
        {
          "countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "code": "NotConfigured",
          "lastExecution": {
            "activityIdentifier": null, "countEntitled": 0, "countEntitledForProvisioning": 0,
            "countEscrowed": 0, "countEscrowedRaw": 0, "countExported": 0, "countExports": 0,
            "countImported": 0, "countImportedDeltas": 0, "countImportedReferenceDeltas": 0,
            "state": "Failed", "timeBegan": "2026-03-04T09:20:10.331884Z",
            "timeEnded": "0001-01-01T00:00:00Z",
            "error": {"code": "None", "message": "", "tenantActionable": false}
          },
          "lastSuccessfulExecution": null, "lastSuccessfulExecutionWithExports": null,
          "quarantine": {
            "currentBegan": "0001-01-01T00:00:00Z", "nextAttempt": "2026-03-04T09:20:10.331884Z",
            "reason": "TooManyDeletes", "seriesBegan": "0001-01-01T00:00:00Z", "seriesCount": 0,
            "error": null
          },
          "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
          "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z", "troubleshootingUrl": null,
          "progress": [
            {
              "completedUnits": 0, "progressObservationDateTime": "0001-01-01T00:00:00Z",
              "totalUnits": 9223372036854775807, "units": null
            }
          ],
          "synchronizedEntryCountByType": [{"key": "User to User", "value": 3}]
        }
        "#);
    let back: SynchronizationStatus =
        read(&serde_json::to_value(&status).unwrap(), "synchronizationStatus").unwrap();
    assert_eq!(serde_json::to_value(back).unwrap(), serde_json::to_value(status).unwrap());
}

#[test]
fn a_job_is_read_in_many_spellings() {
    for body in [
        json!({"templateId": "scim", "schedule": {"state": "active", "interval": "PT2M"}}),
        json!({"templateId": "scim", "schedule": {"state": 0, "interval": "pt120s", "expiration": null}}),
        json!({"templateId": "scim", "schedule": {"state": "0", "interval": "PT2M"}, "new": {"x": [1]}, "id": null}),
        json!({"synchronizationJob": {"templateId": "scim", "schedule": {"state": "ACTIVE", "interval": "PT2M"}}}),
        json!({"@odata.context": "x", "@odata.type": "MICROSOFT.GRAPH.SYNCHRONIZATIONJOB", "templateId": "scim",
            "status": null, "synchronizationJobSettings": null, "synchronizationJobSettings@odata.type": "#Collection(x)",
            "schedule": {"state": "Active", "interval": "PT2M", "interval@odata.type": "Duration"}}),
    ] {
        let job = job(&body).unwrap();
        assert_eq!(job.template_id.as_deref(), Some("scim"), "{body}");
        let schedule = job.schedule.unwrap();
        assert_eq!(schedule.state, ScheduleState::Active, "{body}");
        assert_eq!(schedule.interval.unwrap().to_std().unwrap().as_secs(), 120, "{body}");
    }
    let quoted = job(&json!({"status": {"countSuccessiveCompleteFailures": "17"}})).unwrap();
    assert_eq!(quoted.status.unwrap().count_successive_complete_failures, 17);
    let named =
        job(&json!({"synchronizationJobSettings": [{"value": "x"}, {}, {"name": "Domain"}]})).unwrap();
    assert_eq!(named.synchronization_job_settings.len(), 2);
}

#[test]
fn wrong_types_in_a_job_are_named() {
    let messages: Vec<String> = [
        json!({"templateId": 5}),
        json!({"templateId": ["x"]}),
        json!({"templateId": {"x": 1}}),
        json!({"schedule": "x"}),
        json!({"schedule": ["2026-03-04T09:12:44Z", "PT40M", "Active"]}),
        json!({"schedule": {"state": "Sleeping"}}),
        json!({"schedule": {"state": true}}),
        json!({"schedule": {"interval": "often"}}),
        json!({"schedule": {"interval": 40}}),
        json!({"schedule": {"expiration": "tomorrow"}}),
        json!({"schedule": {"@odata.type": "#microsoft.graph.synchronizationStatus"}}),
        json!({"status": "Active"}),
        json!({"status": {"escrowsPruned": "false"}}),
        json!({"status": {"countSuccessiveCompleteFailures": 1.5}}),
        json!({"status": {"countSuccessiveCompleteFailures": "many"}}),
        json!({"status": {"lastExecution": {"error": {"code": 1}}}}),
        json!({"synchronizationJobSettings": {}}),
        json!({"synchronizationJobSettings": ["x"]}),
        json!({"synchronizationJobSettings": [{"name": "a", "value": "b"}, {"name": "c", "value": true}]}),
        json!({"@odata.type": "#microsoft.graph.user"}),
        json!({"@odata.type": 7}),
        json!(["templateId"]),
        json!(null),
    ]
    .iter()
    .map(|body| job(body).unwrap_err())
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r##"
        The value of property 'templateId' is invalid: invalid type: a number, expected a string.
        The value of property 'templateId' is invalid: invalid type: a list, expected a string.
        The value of property 'templateId' is invalid: invalid type: an object, expected a string.
        The value of property 'schedule' is invalid: invalid type: a string, expected an object.
        The value of property 'schedule' is invalid: invalid type: a list, expected an object.
        The value of property 'schedule/state' is invalid: invalid value: string "Sleeping", expected a member of the enumeration synchronizationScheduleState: Active, Disabled, Paused.
        The value of property 'schedule/state' is invalid: invalid type: boolean `true`, expected a member of the enumeration synchronizationScheduleState: Active, Disabled, Paused.
        The value of property 'schedule/interval' is invalid: expected an ISO 8601 duration of days, hours, minutes and seconds, such as PT40M.
        The value of property 'schedule/interval' is invalid: invalid type: a number, expected a string.
        The value of property 'schedule/expiration' is invalid: failed to parse four digit integer as year: invalid digit, expected 0-9 but got t.
        The value of property 'schedule' is invalid: '@odata.type' "#microsoft.graph.synchronizationStatus" is not the type expected here.
        The value of property 'status' is invalid: invalid type: a string, expected an object.
        The value of property 'status/escrowsPruned' is invalid: invalid type: a string, expected true or false.
        The value of property 'status/countSuccessiveCompleteFailures' is invalid: invalid type: a number, expected a whole number.
        The value of property 'status/countSuccessiveCompleteFailures' is invalid: invalid type: a string, expected a whole number.
        The value of property 'status/lastExecution/error/code' is invalid: invalid type: a number, expected a string.
        The value of property 'synchronizationJobSettings' is invalid: invalid type: an object, expected a list.
        The value of property 'synchronizationJobSettings[0]' is invalid: invalid type: a string, expected an object.
        The value of property 'synchronizationJobSettings[1]/value' is invalid: invalid type: a boolean, expected a string.
        The '@odata.type' "#microsoft.graph.user" is not the type expected here, '#microsoft.graph.synchronizationJob'.
        The '@odata.type' 7 is not the type expected here, '#microsoft.graph.synchronizationJob'.
        The body must be a JSON object: a synchronizationJob.
        The body must be a JSON object: a synchronizationJob.
        "##);
}
