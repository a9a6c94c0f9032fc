//! What every implementation of the traits must do: each function is one case, run on a fresh store.

pub(crate) mod assignments;
pub(crate) mod directory;
pub(crate) mod engine;
pub(crate) mod feed;
pub(crate) mod jobs;
pub(crate) mod log;
pub(crate) mod lookups;
pub(crate) mod model;
pub(crate) mod references;
pub(crate) mod relationships;
pub(crate) mod transitive;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use provisor_engine::job::JobState;
use provisor_engine::object::{Anchor, ObjectType, TargetId};
use provisor_engine::ports::{
    EscrowChange, JobKey, LeaseToken, LinkChange, ReferenceScope, Settled, Settlement,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::ServerStore;
use crate::directory::{
    Assignment, DirectoryObject, EdgeKind, IndexedKeys, NewEdge, NewObject, ObjectChange, ObjectKind,
};
use crate::jobs::NewJob;

/// Makes a test of every case; `$fresh` gives a store and what must live as long.
macro_rules! suite {
    ($fresh:path) => {
        $crate::conformance::suite! { $fresh,
            assignments: [
                are_listed_from_both_ends, clash_over_role_principal_and_resource, count_members_of_groups,
                hide_deleted_ends,
            ]
            directory: [
                objects_read_back_as_created, unique_keys_clash_within_a_kind, further_values_clash, lists_page_in_order_of_creation,
                the_unique_key_finds_its_object, changes_get_numbers, restoring_checks_the_unique_key,
                purged_objects_are_gone, a_failing_create_leaves_nothing, settings_are_set_once,
                templates_are_unique_in_an_application, secrets_merge_by_key,
            ]
            engine: [
                a_new_lease_ends_the_old_one, links_follow_their_settlements, sweeps_find_what_they_have_not_seen,
                escrows_wait_until_they_are_due, inventories_answer_by_value, resets_forget_what_they_are_asked_to,
                a_settlement_is_all_or_nothing,
            ]
            feed: [
                objects_come_at_their_newest_change, full_readings_leave_out_the_purged,
                windows_bound_the_feed, assignments_merge_into_the_feed, members_come_with_their_group,
                full_readings_of_the_assigned_give_each_once, pages_go_on_where_they_ended,
            ]
            jobs: [jobs_read_back_as_created, job_ids_ignore_case, changes_run_on_the_stored_job, deleted_jobs_leave_their_log]
            log: [
                entries_read_back_in_both_orders, conditions_narrow_the_log, log_pages_go_on_where_they_ended,
                entries_are_looked_up_by_what_they_are_about, uploads_wait_with_their_entries,
            ]
            lookups: [
                probes_find_by_value, covered_values_are_found_elsewhere, prefixes_come_in_order, words_are_found, collections_are_found_once,
                probes_join_without_repeating, rows_follow_changes, creation_is_a_span, orders_go_both_ways,
                the_bin_is_apart, long_readings_break_off,
            ]
            references: [
                become_due_when_both_ends_are_linked, are_due_again_only_when_they_changed,
                complete_sets_take_away_what_is_not_listed, parts_of_one_reading_count_together,
                wait_again_when_their_object_is_unlinked, are_written_anew_to_another_target,
                put_off_references_come_later, late_outcomes_do_not_hit_what_is_wanted_now,
                due_references_are_due_now, failed_writes_may_have_been_carried_out,
            ]
            relationships: [
                are_listed_from_both_sides, are_changes_of_their_holder, managers_replace_each_other,
                deleted_ends_are_hidden_and_kept, purged_ends_are_taken_away, need_both_ends,
                many_holders_are_read_at_once,
            ]
            transitive: [
                members_of_nested_groups_come_once, cycles_end, memberships_and_reports_go_up,
                deleted_groups_lead_nowhere,
            ]
        }
    };
    ($fresh:path, $($module:ident: [$($case:ident),* $(,)?])*) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $case() {
                let (store, _kept) = $fresh();
                $crate::conformance::$module::$case(&store).await;
            })*
        })*
    };
}
pub(crate) use suite;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0000 | number)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(crate) fn properties(name: &str) -> Map<String, Json> {
    let value = json!({ "displayName": name, "businessPhones": ["+47 1"], "accountEnabled": true });
    value.as_object().unwrap().clone()
}

pub(crate) fn keys(name: &str) -> IndexedKeys {
    IndexedKeys {
        unique: Some(("userPrincipalName", name.to_lowercase())),
        name: Some(name.to_lowercase()),
        ..IndexedKeys::default()
    }
}

pub(crate) fn new_object(kind: ObjectKind, number: u128, name: &str) -> NewObject {
    NewObject {
        id: id(number),
        kind,
        properties: properties(name),
        keys: keys(name),
        created: at(i64::try_from(number).unwrap()),
        edges: Vec::new(),
    }
}

pub(crate) fn change(name: &str) -> ObjectChange {
    ObjectChange { properties: properties(name), keys: keys(name), edges: Vec::new() }
}

pub(crate) async fn create(store: &dyn ServerStore, kind: ObjectKind, number: u128) -> DirectoryObject {
    store.create(new_object(kind, number, &format!("Object {number}"))).await.unwrap()
}

pub(crate) fn member(number: u128) -> NewEdge {
    NewEdge { kind: EdgeKind::Member, to: id(number) }
}

pub(crate) async fn assign(
    store: &dyn ServerStore,
    number: u128,
    principal: u128,
    resource: u128,
) -> Assignment {
    let assignment = Assignment {
        key: 0,
        id: format!("assignment-{number}"),
        role: id(0),
        principal: id(principal),
        principal_kind: ObjectKind::User,
        resource: id(resource),
        created: at(9),
    };
    store.assign(assignment).await.unwrap()
}

pub(crate) fn ids(objects: &[DirectoryObject]) -> Vec<Uuid> {
    objects.iter().map(|object| object.id).collect()
}

pub(crate) fn new_job(name: &str, owner: u128) -> NewJob {
    NewJob {
        id: name.into(),
        service_principal: id(owner),
        template_id: "scim".into(),
        state: JobState::new(Duration::from_secs(2400)),
        settings: Vec::new(),
    }
}

/// A job and its lease.
pub(crate) async fn job(store: &dyn ServerStore) -> (JobKey, LeaseToken) {
    let existing = store.jobs(None).await.unwrap().len();
    let job = store.create_job(new_job(&format!("scim.tenant.app{existing}"), 1)).await.unwrap();
    (job.key, store.acquire(job.key).await.unwrap())
}

pub(crate) fn user_type() -> ObjectType {
    ObjectType::new("User")
}

pub(crate) fn anchor(name: &str) -> Anchor {
    Anchor::new(name)
}

pub(crate) fn settled(name: &str, link: LinkChange) -> Settled {
    Settled {
        anchor: anchor(name),
        object_type: user_type(),
        link,
        escrow: EscrowChange::Clear,
        references: Vec::new(),
        reference_scope: ReferenceScope::Listed,
        missed_references: false,
        log: Some(log::entry(1, 1, 1)),
    }
}

pub(crate) fn linked(name: &str) -> Settled {
    settled(name, LinkChange::Set(TargetId::new(format!("target of {name}"))))
}

pub(crate) fn batch(objects: Vec<Settled>) -> Settlement {
    Settlement { objects, sweep: 1, ..Settlement::default() }
}

pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}
