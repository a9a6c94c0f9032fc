//! Managers and members.

use std::collections::BTreeSet;

use provisor_engine::object::TargetId;
use provisor_engine::ports::{ConnectorError, ErrorClass, ReferenceWrite};
use provisor_scim::{Filter, Op, Operation, PatchRequest, Path, Query, resource};
use serde_json::{Value as Json, json};

use super::failure;
use super::manners::{REFERENCE_FORMS, ReferenceForm};
use super::shape::{ScimAttribute, Shape};
use super::target::{MEMBERS_PER_PATCH, ScimTarget};

impl ScimTarget {
    /// Adds and removes members in one PATCH. A member that is there already is not sent, for some servers
    /// keep it twice then; a group that was not made by us is read once for that.
    pub(super) async fn write_members(
        &self,
        shape: &Shape,
        attribute: &ScimAttribute,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError> {
        let operation = format!("change {} of {} '{id}'", attribute.declared.name, shape.kind());
        let mut write = write.clone();
        if !write.add.is_empty() && !self.manners.knows_members(id.as_str()) {
            if let Some(held) = self.members_of(shape, attribute, id, &operation).await? {
                write.add.retain(|member| !held.contains(member.as_str()));
            }
            if write.add.is_empty() && write.remove.is_empty() {
                self.manners.know_members(id.as_str());
                return Ok(());
            }
        }
        let by_value = self.manners.removes_members_by_value();
        let request = members(attribute, &write, by_value)?;
        let result = match self.patch(shape, &operation, id, &request).await {
            Err(error) if error.class == ErrorClass::Invalid && !by_value && !write.remove.is_empty() => {
                self.remove_by_value(shape, attribute, id, &write, &operation, error).await
            }
            result => result,
        };
        match &result {
            Ok(()) => self.manners.know_members(id.as_str()),
            Err(_) => self.manners.forget_members(id.as_str()),
        }
        result
    }

    /// Old servers take the members to be removed as a list of values only; others take the list for nothing
    /// and remove all members (RFC 7644 section 3.5.2.2 knows no value of `remove`). So the group is read
    /// before and after the first try, and put right when it lost more than it should.
    async fn remove_by_value(
        &self,
        shape: &Shape,
        attribute: &ScimAttribute,
        id: &TargetId,
        write: &ReferenceWrite,
        operation: &str,
        refusal: ConnectorError,
    ) -> Result<(), ConnectorError> {
        if self.manners.list_removes_all() {
            return Err(refusal);
        }
        let Some(before) = self.members_of(shape, attribute, id, operation).await? else {
            return Err(refusal);
        };
        if !write.remove.iter().any(|member| before.contains(member.as_str())) {
            // They are gone already; servers refuse to remove what is not there.
            let add = ReferenceWrite { remove: Vec::new(), ..write.clone() };
            if add.add.is_empty() {
                return Ok(());
            }
            return self.patch(shape, operation, id, &members(attribute, &add, false)?).await;
        }
        if self.patch(shape, operation, id, &members(attribute, write, true)?).await.is_err() {
            return Err(refusal);
        }
        let after = self.members_of(shape, attribute, id, operation).await?.unwrap_or_default();
        if write.remove.iter().any(|member| after.contains(member.as_str())) {
            return Err(refusal);
        }
        let mut wanted = before;
        for member in &write.remove {
            wanted.remove(member.as_str());
        }
        wanted.extend(write.add.iter().map(ToString::to_string));
        let lost: Vec<TargetId> = wanted.difference(&after).map(|id| TargetId::new(id.as_str())).collect();
        if lost.is_empty() {
            self.manners.remove_members_by_value();
            return Ok(());
        }
        self.manners.note_that_list_removes_all();
        for chunk in lost.chunks(MEMBERS_PER_PATCH) {
            let back = ReferenceWrite { slot: write.slot, add: chunk.to_vec(), remove: Vec::new() };
            self.patch(shape, operation, id, &members(attribute, &back, false)?).await?;
        }
        Ok(())
    }

    /// The members that the target shows; `None` when it shows none, which may mean that it does not show them.
    async fn members_of(
        &self,
        shape: &Shape,
        attribute: &ScimAttribute,
        id: &TargetId,
        operation: &str,
    ) -> Result<Option<BTreeSet<String>>, ConnectorError> {
        let answer = self.client.fetch(&shape.endpoint, id.as_str(), &Query::default()).await;
        let group: Option<Json> = match self.accept(operation, answer) {
            Ok(response) => response.json().ok(),
            Err(error) if error.class == ErrorClass::Invalid => None,
            Err(error) => return Err(error),
        };
        let Some(group) = group else { return Ok(None) };
        let values = attribute.path.values(&group);
        let elements = values.into_iter().flat_map(|value| match value {
            Json::Array(elements) => elements.as_slice(),
            single => std::slice::from_ref(single),
        });
        let held: BTreeSet<String> = elements.filter_map(id_in).collect();
        Ok((!held.is_empty()).then_some(held))
    }

    /// Sets or clears a single reference, in the form that the target takes.
    pub(super) async fn write_manager(
        &self,
        shape: &Shape,
        attribute: &ScimAttribute,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError> {
        let operation = format!("set {} of {} '{id}'", attribute.declared.name, shape.kind());
        let Some(to) = write.add.first() else {
            let request = PatchRequest::new(vec![Operation::remove(attribute.path.clone())]);
            return self.patch(shape, &operation, id, &request).await;
        };
        let (first, _) = self.manners.reference_form();
        let mut refusal = None;
        let mut tries = Tries::default();
        for place in (first..REFERENCE_FORMS.len()).chain(0..first) {
            let request = manager(attribute, to, REFERENCE_FORMS[place], &operation)?;
            match self.patch(shape, &operation, id, &request).await {
                Ok(()) => match self.held(shape, attribute, id, to, &operation).await? {
                    Held::Set => {
                        self.manners.take_reference_form(place);
                        return Ok(());
                    }
                    held => tries.accepted(place, held),
                },
                // Servers that expect an object fail with a 500 on a text, as long as they were never sent one.
                Err(error) if error.class == ErrorClass::Invalid || self.may_be_the_form(&error) => {
                    refusal = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        if tries.contradicted {
            let message = "the target accepts the reference and keeps another one";
            return Err(ConnectorError::new(ErrorClass::Invalid, operation, message));
        }
        let Some(place) = tries.first else {
            return Err(refusal
                .unwrap_or_else(|| failure::unreadable(&operation, "no form of the reference was taken")));
        };
        // The target shows no reference in whichever form it was written: its answer has to be believed.
        if tries.followed {
            let request = manager(attribute, to, REFERENCE_FORMS[place], &operation)?;
            self.patch(shape, &operation, id, &request).await?;
        }
        self.manners.take_reference_form(place);
        self.manners.prove_reference_form();
        Ok(())
    }

    /// Whether a failure of the server may come from the form of the reference.
    fn may_be_the_form(&self, error: &ConnectorError) -> bool {
        error.status == Some(500) && !self.manners.reference_form_is_proven()
    }

    /// Reads a reference back until one was found there: a form that is answered with 200 and ignored is the
    /// wrong one.
    async fn held(
        &self,
        shape: &Shape,
        attribute: &ScimAttribute,
        id: &TargetId,
        to: &TargetId,
        operation: &str,
    ) -> Result<Held, ConnectorError> {
        if self.manners.reference_form_is_proven() {
            return Ok(Held::Set);
        }
        let Some(resource) = self.read(shape, operation, id).await? else { return Ok(Held::Set) };
        let values = attribute.path.values(&resource);
        let held = values.first().and_then(|value| id_in(value));
        Ok(match held {
            None => Held::Untold,
            Some(held) if held == to.as_str() => {
                self.manners.prove_reference_form();
                Held::Set
            }
            Some(_) => Held::Another,
        })
    }
}

/// The id in a reference: `{"value": "26118915-…"}`, or the id alone. Some servers have numbers for ids.
fn id_in(reference: &Json) -> Option<String> {
    let id = match reference {
        Json::Object(_) => resource::get(reference, "value")?,
        single => single,
    };
    match id {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a target shows of a reference after it accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// The reference.
    Set,
    /// None: it may have ignored it, or never shows it.
    Untold,
    /// Another one than was written.
    Another,
}

/// The forms that a target accepted and did not show afterwards.
#[derive(Debug, Default)]
struct Tries {
    first: Option<usize>,
    /// Whether it accepted another form after the first one.
    followed: bool,
    contradicted: bool,
}

impl Tries {
    fn accepted(&mut self, place: usize, held: Held) {
        self.followed |= self.first.is_some();
        self.first.get_or_insert(place);
        self.contradicted |= held == Held::Another;
    }
}

fn members(
    attribute: &ScimAttribute,
    write: &ReferenceWrite,
    by_value: bool,
) -> Result<PatchRequest, ConnectorError> {
    let values =
        |ids: &[TargetId]| Json::Array(ids.iter().map(|id| json!({ "value": id.as_str() })).collect());
    let mut operations = Vec::new();
    if !write.add.is_empty() {
        operations.push(Operation::add(attribute.path.clone(), values(&write.add)));
    }
    if by_value && !write.remove.is_empty() {
        let path = Some(attribute.path.clone());
        operations.push(Operation { op: Op::Remove, path, value: Some(values(&write.remove)) });
    } else {
        for id in &write.remove {
            operations.push(Operation::remove(member_path(attribute, id)?));
        }
    }
    Ok(PatchRequest::new(operations))
}

/// `members[value eq "…"]`.
fn member_path(attribute: &ScimAttribute, id: &TargetId) -> Result<Path, ConnectorError> {
    let value = Path::parse("value").map_err(|error| failure::unreadable("remove a member", error))?;
    let filter = Filter::eq(value, id.as_str());
    Path::parse(&format!("{}[{filter}]", attribute.declared.name))
        .map_err(|error| failure::unreadable("remove a member", error))
}

fn manager(
    attribute: &ScimAttribute,
    to: &TargetId,
    form: ReferenceForm,
    operation: &str,
) -> Result<PatchRequest, ConnectorError> {
    let (path, value) = match form {
        ReferenceForm::BareId => (attribute.path.clone(), json!(to.as_str())),
        ReferenceForm::Complex => (attribute.path.clone(), json!({ "value": to.as_str() })),
        ReferenceForm::SubAttribute => {
            let path = Path::parse(&format!("{}.value", attribute.declared.name))
                .map_err(|error| failure::unreadable(operation, error))?;
            (path, json!(to.as_str()))
        }
    };
    Ok(PatchRequest::new(vec![Operation::add(path, value)]))
}
