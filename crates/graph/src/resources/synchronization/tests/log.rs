use super::super::log::{
    COMPARISON, Initiator, InitiatorType, ModifiedProperty, ProvisionedIdentity, ProvisioningAction,
    ProvisioningErrorInfo, ProvisioningObjectSummary, ProvisioningResult, ProvisioningServicePrincipal,
    ProvisioningStatusErrorCategory, ProvisioningStatusInfo, ProvisioningStep, ProvisioningStepType,
    ProvisioningSystem,
};
use crate::odata::filter;
use crate::testing::layout;

fn entry() -> ProvisioningObjectSummary {
    let text = |text: &str| Some(text.to_owned());
    ProvisioningObjectSummary {
        id: "0c9a5d1e-7f5b-4f3a-9f6b-21d9a64c7e15".into(),
        activity_date_time: "2026-03-04T09:20:11.9876543Z".parse().unwrap(),
        tenant_id: text("6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b"),
        job_id: text("customappsso.6f.0c"),
        cycle_id: text("d7b2f0c4-3c0e-4f3a-8f6e-52a1c9b7e410"),
        change_id: None,
        provisioning_action: Some(ProvisioningAction::StagedDelete),
        duration_in_milliseconds: Some(412),
        initiated_by: Some(Initiator { initiator_type: Some(InitiatorType::System), ..Initiator::default() }),
        service_principal: Some(ProvisioningServicePrincipal {
            id: text("60443998"),
            display_name: text("People"),
        }),
        source_system: Some(ProvisioningSystem::default()),
        target_system: None,
        source_identity: Some(ProvisionedIdentity {
            display_name: text("Ida Holm"),
            details: [("odatatype".to_owned(), "User".to_owned())].into(),
            ..ProvisionedIdentity::default()
        }),
        target_identity: None,
        provisioning_status_info: Some(ProvisioningStatusInfo {
            status: Some(ProvisioningResult::Failure),
            error_information: Some(ProvisioningErrorInfo {
                error_code: text("Conflict"),
                error_category: Some(ProvisioningStatusErrorCategory::NonServiceFailure),
                ..ProvisioningErrorInfo::default()
            }),
        }),
        provisioning_steps: vec![ProvisioningStep {
            name: text("EntryExportAdd"),
            provisioning_step_type: Some(ProvisioningStepType::ReferenceResolution),
            status: Some(ProvisioningResult::Skipped),
            ..ProvisioningStep::default()
        }],
        modified_properties: vec![ModifiedProperty {
            display_name: text("userName"),
            old_value: None,
            new_value: text("ida@contoso.example"),
        }],
    }
}

#[test]
fn an_entry_prints_whole() {
    insta::assert_snapshot!(layout(&entry()), @r#"
        {
          "id": "0c9a5d1e-7f5b-4f3a-9f6b-21d9a64c7e15", "activityDateTime": "2026-03-04T09:20:11Z",
          "tenantId": "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b", "jobId": "customappsso.6f.0c",
          "cycleId": "d7b2f0c4-3c0e-4f3a-8f6e-52a1c9b7e410", "changeId": null,
          "provisioningAction": "stagedDelete", "durationInMilliseconds": 412,
          "initiatedBy": {"id": null, "displayName": null, "initiatorType": "system"},
          "servicePrincipal": {"id": "60443998", "displayName": "People"},
          "sourceSystem": {"id": null, "displayName": null, "details": {}}, "targetSystem": null,
          "sourceIdentity": {
            "id": null, "displayName": "Ida Holm", "identityType": null, "details": {"odatatype": "User"}
          },
          "targetIdentity": null,
          "provisioningStatusInfo": {
            "status": "failure",
            "errorInformation": {
              "errorCode": "Conflict", "reason": null, "additionalDetails": null,
              "errorCategory": "nonServiceFailure", "recommendedAction": null
            }
          },
          "provisioningSteps": [
            {
              "name": "EntryExportAdd", "provisioningStepType": "referenceResolution", "status": "skipped",
              "description": null, "details": {}
            }
          ],
          "modifiedProperties": [
            {"displayName": "userName", "oldValue": null, "newValue": "ida@contoso.example"}
          ]
        }
        "#);
}

#[test]
fn filters_of_clients_find_the_entry() {
    let json = serde_json::to_value(entry()).unwrap();
    for (text, wanted) in [
        ("jobid eq 'customappsso.6f.0c'", true),
        ("jobId eq 'CUSTOMAPPSSO.6f.0c'", false),
        ("activityDateTime ge 2026-03-01T00:00:00Z and activityDateTime le 2026-03-04T23:59:59.999Z", true),
        (
            "((contains(tolower(servicePrincipal/id), '60443998') or contains(tolower(servicePrincipal/displayName), \
          'x')) and activityDateTime gt 2026-03-03 and activityDateTime lt 2026-03-05)",
            true,
        ),
        ("activityDateTime gt 2026-03-05", false),
        ("activityDateTime eq 2026-03-04T10:20:11+01:00", true),
        ("activityDateTime eq 2026-03-04T10:20:11 01:00", true),
        ("cycleId eq d7b2f0c4-3c0e-4f3a-8f6e-52a1c9b7e410", true),
        ("cycleId eq 'd7b2f0c4-3c0e-4f3a-8f6e-52a1c9b7e410'", true),
        ("provisioningStatusInfo/status eq 'failure'", true),
        ("statusInfo/status eq 'FAILURE'", true),
        ("action eq 'stageddelete'", true),
        ("provisioningAction eq microsoft.graph.provisioningAction'stagedDelete'", true),
        ("provisioningAction in ('create','stageddelete')", true),
        ("sourceIdentity/id eq 'x' or contains(sourceIdentity/displayName,'Ida')", true),
        ("contains(sourceIdentity/displayName,'ida')", false),
        ("targetIdentity/displayName eq 'Ida Holm'", false),
        ("targetIdentity/displayName ne 'Ida Holm'", true),
        ("changeId eq null", true),
        ("durationInMilliseconds ge 412 and durationInMilliseconds lt 412.5", true),
    ] {
        assert_eq!(filter::parse(text).unwrap().matches_by(&json, &COMPARISON), wanted, "{text}");
    }
}
