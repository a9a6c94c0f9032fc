//! Managers and members.

use provisor_engine::object::TargetId;
use provisor_engine::ports::{ConnectorError, ErrorClass, ReferenceWrite};
use provisor_scim::{Filter, Op, Operation, PatchRequest, Path, resource};
use serde_json::{Value as Json, json};

use super::failure;
use super::manners::{REFERENCE_FORMS, ReferenceForm};
use super::shape::{ScimAttribute, Shape};
use super::target::ScimTarget;

impl ScimTarget {
    /// Adds and removes members in one PATCH.
    pub(super) async fn write_members(
        &self,
        shape: &Shape,
        attribute: &ScimAttribute,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError> {
        let operation = format!("change {} of {} '{id}'", attribute.declared.name, shape.kind());
        let by_value = self.manners.removes_members_by_value();
        let request = members(attribute, write, by_value)?;
        let refused = match self.patch(shape, &operation, id, &request).await {
            Err(error) if error.class == ErrorClass::Invalid && !by_value && !write.remove.is_empty() => {
                error
            }
            result => return result,
        };
        // Old servers take the members to be removed as a list of values only.
        let request = members(attribute, write, true)?;
        match self.patch(shape, &operation, id, &request).await {
            Ok(()) => {
                self.manners.remove_members_by_value();
                Ok(())
            }
            Err(_) => Err(refused),
        }
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
                Err(error) if error.class == ErrorClass::Invalid => {
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
        let held = values.first().and_then(|value| match value {
            Json::Object(_) => resource::get(value, "value").and_then(Json::as_str),
            single => single.as_str(),
        });
        Ok(match held.filter(|held| !held.is_empty()) {
            None => Held::Untold,
            Some(held) if held == to.as_str() => {
                self.manners.prove_reference_form();
                Held::Set
            }
            Some(_) => Held::Another,
        })
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
