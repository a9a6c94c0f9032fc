use std::sync::Arc;

use provisor_expression::Value;

use super::*;
use crate::clock::SystemClock;
use crate::ids::SeededIds;
use crate::object::References;
use crate::ports::{AttributeType, ChangeKind};
use crate::schema::definition::{
    AttributeDefinition, AttributeMapping, Definition, Directory, FilterClause, FilterGroup, FlowType,
    ObjectDefinition, ObjectMapping, Rule, ScopeFilter,
};
use crate::schema::{Schema, compile};

fn attribute(name: &str) -> AttributeDefinition {
    AttributeDefinition { name: name.into(), ..AttributeDefinition::default() }
}

fn mapped(target: &str, expression: &str) -> AttributeMapping {
    AttributeMapping {
        target: target.into(),
        expression: Some(expression.into()),
        ..AttributeMapping::default()
    }
}

fn definition() -> Definition {
    let source = ["userPrincipalName", "displayName", "department", "title"].map(attribute);
    let mut target = ["userName", "displayName", "department", "title"].map(attribute).to_vec();
    target.push(AttributeDefinition { attribute_type: AttributeType::Boolean, ..attribute("active") });
    let mut mappings = vec![
        mapped("userName", "[userPrincipalName]"),
        mapped("active", r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#),
        mapped("displayName", "[displayName]"),
        mapped("department", "[department]"),
        mapped("title", "[title]"),
    ];
    mappings[0].matching_priority = 1;
    let object = |name: &str, attributes: &[AttributeDefinition]| ObjectDefinition {
        name: name.into(),
        attributes: attributes.to_vec(),
        ..ObjectDefinition::default()
    };
    let mapping = ObjectMapping {
        name: "users".into(),
        enabled: true,
        source_object: "User".into(),
        target_object: "User".into(),
        attributes: mappings,
        ..ObjectMapping::default()
    };
    Definition {
        rules: vec![Rule {
            id: "1".into(),
            source_directory: "source".into(),
            target_directory: "target".into(),
            mappings: vec![mapping],
            ..Rule::default()
        }],
        directories: vec![
            Directory { name: "source".into(), objects: vec![object("User", &source)] },
            Directory { name: "target".into(), objects: vec![object("User", &target)] },
        ],
    }
}

struct World {
    schema: Schema,
    policy: Policy,
    ids: SeededIds,
    /// Values that the target has.
    taken: &'static [&'static str],
}

impl World {
    fn new(change: impl FnOnce(&mut Definition)) -> Self {
        let mut definition = definition();
        change(&mut definition);
        let schema = compile(&definition).unwrap();
        let ids = SeededIds::from_seed(1, Arc::new(SystemClock::new()));
        Self { schema, policy: Policy { sync_all: true, ..Policy::default() }, ids, taken: &[] }
    }

    fn context(&self) -> Context<'_> {
        Context {
            mapping: &self.schema.mappings[0],
            policy: &self.policy,
            dropped: &[],
            now: Timestamp::UNIX_EPOCH,
            ids: &self.ids,
        }
    }

    /// A person whose attributes are given by name.
    fn person(&self, attributes: &[(&str, &str)]) -> SourceObject {
        let value = |name: &str| {
            let found = attributes.iter().find(|(attribute, _)| *attribute == name);
            found.map_or(Value::Null, |(_, value)| Value::from(*value))
        };
        let shape = &self.schema.mappings[0].source;
        SourceObject {
            anchor: Anchor::new("anchor"),
            label: "ida".into(),
            presence: Presence::Active,
            enabled: true,
            assigned: true,
            values: shape.attributes.iter().map(|attribute| value(&attribute.name)).collect(),
            references: References::All(Vec::new()),
            more_references: None,
        }
    }

    fn account(&self, attributes: &[(&str, Value)]) -> TargetObject {
        let value = |name: &str| {
            let found = attributes.iter().find(|(attribute, _)| *attribute == name);
            found.map_or(Value::Null, |(_, value)| value.clone())
        };
        let shape = &self.schema.mappings[0].target;
        TargetObject {
            id: TargetId::new("4711"),
            values: shape.attributes.iter().map(|attribute| value(&attribute.name)).collect(),
        }
    }

    /// Decides, with every question answered from `account`.
    fn decide(&self, person: &SourceObject, link: Option<&str>, account: Option<&TargetObject>) -> Decision {
        let mut progress = begin(self.context(), person, link.map(TargetId::new));
        loop {
            progress = match progress {
                Progress::Done(decision) => return *decision,
                Progress::Ask(Need::TargetById(_), pending) => {
                    pending.answer(Answer::Object(account.cloned()))
                }
                Progress::Ask(Need::TargetMatching(_), pending) => {
                    let candidates =
                        account.map(|object| Candidate { object: object.clone(), linked_to: None });
                    pending.answer(Answer::Matches(candidates.into_iter().collect()))
                }
                Progress::Ask(Need::TargetTaken(value), pending) => {
                    pending.answer(Answer::Taken(self.taken.contains(&&*value.value.text().unwrap())))
                }
            };
        }
    }
}

const IDA: [(&str, &str); 2] = [("userPrincipalName", "ida@contoso.example"), ("displayName", "Ida Holm")];

fn ida_account() -> [(&'static str, Value); 3] {
    [
        ("userName", Value::from("ida@contoso.example")),
        ("displayName", Value::from("Ida Holm")),
        ("active", Value::Boolean(true)),
    ]
}

/// What a decision writes, in short: `create userName=…`, `update 4711 +title=… -department`.
fn written(world: &World, decision: &Decision) -> String {
    let name = |slot: usize| world.schema.mappings[0].target_name(slot).to_owned();
    let text = |value: &Value| value.text().unwrap_or_default().into_owned();
    match &decision.write {
        Write::Nothing => match &decision.verdict {
            Verdict::Act => "nothing".into(),
            Verdict::Skip(reason) => format!("skip {}", reason.code),
            Verdict::Fail(_, reason) => format!("fail {}", reason.code),
        },
        Write::Create(values) => {
            let values: Vec<String> =
                values.iter().map(|value| format!("{}={}", name(value.slot), text(&value.value))).collect();
            format!("create {}", values.join(" "))
        }
        Write::Update { target, changes } => {
            let changes: Vec<String> = changes
                .iter()
                .map(|change| match change.kind {
                    ChangeKind::Add => format!("+{}={}", name(change.slot), text(&change.new)),
                    ChangeKind::Replace => format!("{}={}", name(change.slot), text(&change.new)),
                    ChangeKind::Remove => format!("-{}", name(change.slot)),
                })
                .collect();
            format!("update {target} {}", changes.join(" "))
        }
        Write::Delete { target } => format!("delete {target}"),
    }
}

#[test]
fn a_new_person_is_created_without_empty_attributes() {
    let world = World::new(|_| {});
    let decision = world.decide(&world.person(&IDA), None, None);
    assert_eq!(
        written(&world, &decision),
        "create userName=ida@contoso.example active=True displayName=Ida Holm"
    );
    assert_eq!(decision.action, Action::Create);
    assert!(decision.in_scope);
}

#[test]
fn a_person_who_matches_is_linked_and_only_what_differs_is_written() {
    let world = World::new(|_| {});
    let mut account = ida_account().to_vec();
    account[1].1 = Value::from("Ida H.");
    let decision = world.decide(&world.person(&IDA), None, Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "update 4711 displayName=Ida Holm");
    assert_eq!(decision.link, LinkDecision::Set(TargetId::new("4711")));
}

#[test]
fn a_linked_person_who_agrees_is_redundant() {
    let world = World::new(|_| {});
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&ida_account())));
    assert_eq!(written(&world, &decision), "skip RedundantExport");
    assert_eq!(decision.link, LinkDecision::Keep);
}

#[test]
fn letter_case_counts_only_where_the_schema_says_so() {
    let mut person = IDA.to_vec();
    person[1].1 = "IDA HOLM";
    let world = World::new(|_| {});
    let account = world.account(&ida_account());
    let decision = world.decide(&world.person(&person), Some("4711"), Some(&account));
    assert_eq!(written(&world, &decision), "skip RedundantExport");
    let world = World::new(|definition| {
        for attribute in &mut definition.directories[1].objects[0].attributes {
            attribute.case_exact = true;
        }
    });
    let decision = world.decide(&world.person(&person), Some("4711"), Some(&account));
    assert_eq!(written(&world, &decision), "update 4711 displayName=IDA HOLM");
}

#[test]
fn an_empty_source_value_leaves_the_target_alone_unless_nulls_flow() {
    let mut account = ida_account().to_vec();
    account.push(("title", Value::from("Analyst")));
    let world = World::new(|_| {});
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "skip RedundantExport");
    let world = World::new(|definition| {
        definition.directories[0].objects[0].attributes[3].flow_null_values = true;
    });
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "update 4711 -title");
}

#[test]
fn leaving_scope_deactivates_and_writes_nothing_else() {
    let mut world = World::new(|_| {});
    world.policy.sync_all = false;
    let mut person = world.person(&[IDA[0], ("displayName", "Another Name")]);
    person.assigned = false;
    let account = world.account(&ida_account());
    let decision = world.decide(&person, Some("4711"), Some(&account));
    assert_eq!(written(&world, &decision), "update 4711 active=False");
    assert_eq!(decision.action, Action::Disable);
    assert!(!decision.in_scope);
    world.policy.skip_out_of_scope_deletions = true;
    let decision = world.decide(&person, Some("4711"), Some(&account));
    assert_eq!(written(&world, &decision), "skip SkipOutOfScopeDeletions");
}

#[test]
fn a_disabled_account_is_deactivated_even_if_scope_changes_are_skipped() {
    let mut world = World::new(|_| {});
    world.policy.skip_out_of_scope_deletions = true;
    let mut person = world.person(&IDA);
    person.enabled = false;
    let decision = world.decide(&person, Some("4711"), Some(&world.account(&ida_account())));
    assert_eq!(written(&world, &decision), "update 4711 active=False");
}

#[test]
fn whoever_is_not_active_when_first_seen_is_never_created() {
    let world = World::new(|_| {});
    for presence in [Presence::SoftDeleted, Presence::Deleted] {
        let mut person = world.person(&IDA);
        person.presence = presence;
        assert_eq!(written(&world, &world.decide(&person, None, None)), "skip DeletedInSource");
    }
    let mut person = world.person(&IDA);
    person.enabled = false;
    assert_eq!(written(&world, &world.decide(&person, None, None)), "skip NotActiveInSource");
}

#[test]
fn who_is_gone_for_good_is_deleted_if_deletions_are_allowed() {
    let world = World::new(|_| {});
    let mut person = world.person(&IDA);
    person.presence = Presence::Deleted;
    person.values.clear();
    let decision = world.decide(&person, Some("4711"), None);
    assert_eq!(written(&world, &decision), "delete 4711");
    assert_eq!(decision.link, LinkDecision::Remove);
    let world = World::new(|definition| definition.rules[0].mappings[0].flows.delete = false);
    let decision = world.decide(&person, Some("4711"), None);
    assert_eq!(written(&world, &decision), "skip DeleteNotAllowed");
}

#[test]
fn a_type_that_cannot_be_deactivated_is_deleted_when_it_leaves() {
    let mut world = World::new(|definition| {
        definition.directories[1].objects[0].soft_deletion = Some(false);
    });
    world.policy.sync_all = false;
    let mut person = world.person(&IDA);
    person.assigned = false;
    assert_eq!(written(&world, &world.decide(&person, Some("4711"), None)), "delete 4711");
}

#[test]
fn coming_back_reactivates() {
    let world = World::new(|_| {});
    let mut account = ida_account().to_vec();
    account[2].1 = Value::Boolean(false);
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "update 4711 active=True");
}

#[test]
fn a_stale_link_is_dropped_and_the_object_matched_anew() {
    let world = World::new(|_| {});
    let decision = world.decide(&world.person(&IDA), Some("gone"), None);
    assert!(written(&world, &decision).starts_with("create userName="));
    assert_eq!(decision.link, LinkDecision::Remove);
    assert!(decision.steps.iter().any(|step| step.description.contains("the link is dropped")));
}

#[test]
fn several_matches_and_a_match_of_somebody_else_fail() {
    let world = World::new(|_| {});
    let person = world.person(&IDA);
    let account = world.account(&ida_account());
    let ask = || match begin(world.context(), &person, None) {
        Progress::Ask(Need::TargetMatching(_), pending) => pending,
        other => panic!("{other:?}"),
    };
    let candidate =
        |linked: Option<&str>| Candidate { object: account.clone(), linked_to: linked.map(Anchor::new) };
    let done = |progress: Progress<'_>| match progress {
        Progress::Done(decision) => written(&world, &decision),
        Progress::Ask(need, _) => format!("ask {need:?}"),
    };
    let twice = ask().answer(Answer::Matches(vec![candidate(None), candidate(None)]));
    assert_eq!(done(twice), "fail DuplicateTargetEntries");
    let other = ask().answer(Answer::Matches(vec![candidate(Some("other"))]));
    assert_eq!(done(other), "fail DuplicateSourceEntries");
    let own = ask().answer(Answer::Matches(vec![candidate(Some("anchor"))]));
    assert_eq!(done(own), "skip RedundantExport");
}

#[test]
fn no_matching_value_skips_the_import() {
    let world = World::new(|_| {});
    let decision = world.decide(&world.person(&[("displayName", "Nobody")]), None, None);
    assert_eq!(written(&world, &decision), "skip ImportSkipped");
}

#[test]
fn the_filter_decides_and_is_explained() {
    let world = World::new(|definition| {
        definition.rules[0].mappings[0].scope = Some(ScopeFilter {
            groups: vec![FilterGroup {
                name: "Engineers".into(),
                clauses: vec![FilterClause {
                    attribute: "department".into(),
                    operator: "EQUALS".into(),
                    values: vec!["Engineering".into()],
                }],
            }],
            ..ScopeFilter::default()
        });
    });
    let decision = world.decide(&world.person(&IDA), None, None);
    assert_eq!(written(&world, &decision), "skip NotInScope");
    let scoping = decision.steps.iter().find(|step| step.kind == StepKind::Scoping).unwrap();
    let evaluation = scoping.details.iter().find(|(name, _)| name == "ScopeEvaluationResult").unwrap();
    assert_eq!(evaluation.1, r#"{"Engineers.department EQUALS 'Engineering'":false}"#);
    let engineer = world.person(&[IDA[0], IDA[1], ("department", "Engineering")]);
    assert!(written(&world, &world.decide(&engineer, None, None)).starts_with("create"));
}

#[test]
fn only_during_creation_means_only_then() {
    let world = World::new(|definition| {
        definition.rules[0].mappings[0].attributes[2].flow_type = FlowType::ObjectAddOnly;
    });
    let mut account = ida_account().to_vec();
    account[1].1 = Value::from("Changed in the target");
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "skip RedundantExport");
    assert!(written(&world, &world.decide(&world.person(&IDA), None, None)).contains("displayName=Ida Holm"));
}

#[test]
fn flow_types_allow_what_they_name() {
    let world = World::new(|definition| definition.rules[0].mappings[0].flows.add = false);
    assert_eq!(written(&world, &world.decide(&world.person(&IDA), None, None)), "skip AddNotAllowed");
    let world = World::new(|definition| definition.rules[0].mappings[0].flows.update = false);
    let mut account = ida_account().to_vec();
    account[1].1 = Value::from("Other");
    let decision = world.decide(&world.person(&IDA), None, Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "skip UpdateNotAllowed");
    assert_eq!(decision.link, LinkDecision::Set(TargetId::new("4711")));
}

#[test]
fn a_value_of_another_type_fails_and_is_shown() {
    let world = World::new(|definition| {
        definition.rules[0].mappings[0].attributes[1].expression = Some("[department]".into());
    });
    let person = world.person(&[IDA[0], ("department", "Sales")]);
    let decision = world.decide(&person, None, None);
    let Verdict::Fail(ErrorClass::Invalid, reason) = decision.verdict else { panic!("it fails") };
    assert_eq!(reason.message, "'Sales' is not a boolean, which the target attribute 'active' holds");
}

#[test]
fn defaults_flow_on_create_only() {
    let world = World::new(|definition| {
        definition.rules[0].mappings[0].attributes[4].default = Some("Member".into());
    });
    assert!(written(&world, &world.decide(&world.person(&IDA), None, None)).ends_with("title=Member"));
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&ida_account())));
    assert_eq!(written(&world, &decision), "skip RedundantExport");
}

fn only_engineers() -> Vec<FilterGroup> {
    let clause = FilterClause {
        attribute: "department".into(),
        operator: "EQUALS".into(),
        values: vec!["Engineering".into()],
    };
    vec![FilterGroup { name: "Engineers".into(), clauses: vec![clause] }]
}

#[test]
fn what_the_input_filter_keeps_out_stays_as_it_is() {
    let world = World::new(|definition| {
        let scope = ScopeFilter { input_groups: only_engineers(), ..ScopeFilter::default() };
        definition.rules[0].mappings[0].scope = Some(scope);
    });
    let decision = world.decide(&world.person(&IDA), Some("4711"), None);
    assert_eq!(written(&world, &decision), "skip NotInScope");
    assert_eq!(decision.link, LinkDecision::Keep);
    assert_eq!(written(&world, &world.decide(&world.person(&IDA), None, None)), "skip NotInScope");
    let engineer = world.person(&[IDA[0], IDA[1], ("department", "Engineering")]);
    assert!(written(&world, &world.decide(&engineer, None, None)).starts_with("create"));
    // Who is gone for good has no values to be judged by: deletion goes its way.
    let gone = SourceObject { presence: Presence::Deleted, values: Vec::new(), ..world.person(&IDA) };
    assert!(written(&world, &world.decide(&gone, Some("4711"), None)).starts_with("delete"));
}

#[test]
fn what_the_category_filter_keeps_out_leaves_the_scope() {
    let world = World::new(|definition| {
        let scope = ScopeFilter { category_groups: only_engineers(), ..ScopeFilter::default() };
        definition.rules[0].mappings[0].scope = Some(scope);
    });
    let decision = world.decide(&world.person(&IDA), Some("4711"), Some(&world.account(&ida_account())));
    assert_eq!(written(&world, &decision), "update 4711 active=False");
    let scoping = decision.steps.iter().find(|step| step.kind == StepKind::Scoping).unwrap();
    assert!(
        scoping.description.ends_with("category filter of the object mapping"),
        "{}",
        scoping.description
    );
}

#[test]
fn a_new_object_gets_the_first_value_that_nobody_has() {
    let mut world = World::new(|definition| {
        let rules = r#"SelectUniqueValue([title], Append([title], "2"), Append([title], "3"))"#;
        definition.rules[0].mappings[0].attributes[4] = mapped("title", rules);
    });
    let ida = world.person(&[IDA[0], IDA[1], ("title", "ida")]);
    let title = |world: &World| written(world, &world.decide(&ida, None, None));
    assert!(title(&world).ends_with("title=ida"), "{}", title(&world));
    world.taken = &["ida", "ida2"];
    assert!(title(&world).ends_with("title=ida3"), "{}", title(&world));
    world.taken = &["ida", "ida2", "ida3"];
    assert_eq!(title(&world), "fail AttributeMappingFailed");
    // Who exists keeps the value, whatever the rules would give today.
    let mut account = ida_account().to_vec();
    account.push(("title", Value::from("ida2")));
    let decision = world.decide(&ida, Some("4711"), Some(&world.account(&account)));
    assert_eq!(written(&world, &decision), "skip RedundantExport");
}

/// What is written for somebody with the roles `Admin` and `User` whose account has `User` and `Auditor`.
fn written_with_roles(function: &str) -> (String, Vec<String>) {
    let list = |name: &str| AttributeDefinition { multivalued: true, ..attribute(name) };
    let world = World::new(|definition| {
        definition.directories[0].objects[0].attributes.push(list("appRoleAssignments"));
        definition.directories[1].objects[0].attributes.push(list("roles"));
        let expression = format!("{function}([appRoleAssignments])");
        definition.rules[0].mappings[0].attributes.push(mapped("roles", &expression));
    });
    let mut ida = world.person(&IDA);
    let shape = &world.schema.mappings[0].source.attributes;
    let slot = shape.iter().position(|attribute| &*attribute.name == "appRoleAssignments").unwrap();
    let texts = |texts: [&str; 2]| Value::from(texts.map(Value::from).to_vec());
    ida.values[slot] = texts(["Admin", "User"]);
    let mut account = ida_account().to_vec();
    account.push(("roles", texts(["User", "Auditor"])));
    let decision = world.decide(&ida, Some("4711"), Some(&world.account(&account)));
    let Write::Update { changes, .. } = &decision.write else { panic!("{decision:?}") };
    let [change] = &changes[..] else { panic!("{changes:?}") };
    let roles = change.new.values().iter().map(|role| role.field("value").unwrap().text().unwrap().into());
    let roles = roles.collect();
    account.last_mut().unwrap().1 = texts(["User", "Admin"]);
    let settled = world.decide(&ida, Some("4711"), Some(&world.account(&account)));
    assert_eq!(written(&world, &settled), "skip RedundantExport");
    (format!("{:?}", change.kind), roles)
}

#[test]
fn roles_are_added_or_replaced_as_their_function_says() {
    assert_eq!(written_with_roles("AppRoleAssignmentsComplex"), ("Add".into(), vec!["Admin".into()]));
    let replaced = written_with_roles("AssertiveAppRoleAssignmentsComplex");
    assert_eq!(replaced, ("Replace".into(), vec!["Admin".into(), "User".into()]));
}
