//! The write to the target that a decision asks for.

use super::claims::Claim;
use super::object::{Shared, Written};
use super::requests::Failed;
use crate::decide::{Decision, Write, same_value};
use crate::object::{Anchor, SourceObject, TargetId};
use crate::ports::{Change, ChangeKind, ConnectorError, ErrorClass};
use crate::schema::Mapping;

/// Writes what was decided.
pub(super) async fn write(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    object: &SourceObject,
    decision: &Decision,
) -> Result<Written, Failed> {
    let target = &shared.environment.target;
    match &decision.write {
        Write::Nothing => Ok(Written::default()),
        Write::Create(values) => {
            let created = shared.requests.create(|| target.create(index, values)).await?;
            if let Some(other) = shared.claims.claim(Claim::Target(created.id.clone()), &object.anchor) {
                return Err(Failed::Object(taken(mapping, object, &created.id, &other)));
            }
            Ok(Written { created: Some(created.id), remark: None })
        }
        Write::Update { target: id, changes } => {
            shared.requests.send(|| target.update(index, id, changes)).await?;
            let remark = read_back(shared, index, mapping, id, changes).await?;
            Ok(Written { created: None, remark })
        }
        Write::Delete { target: id } => {
            shared.requests.send(|| target.delete(index, id)).await?;
            Ok(Written::default())
        }
    }
}

/// The target answered a create with an object that another source object was given in this run.
fn taken(mapping: &Mapping, object: &SourceObject, id: &TargetId, other: &Anchor) -> ConnectorError {
    let operation = format!("create {} '{}'", mapping.target_type(), object.label);
    let message = format!(
        "the target answered with object '{id}', which belongs to source object '{other}' already; two source \
         objects cannot share one: give them different matching values"
    );
    ConnectorError::new(ErrorClass::Invalid, operation, message)
}

/// Reads a sample of the updated objects back: the only way to see a target that answers 200 and does
/// nothing.
async fn read_back(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    id: &TargetId,
    changes: &[Change],
) -> Result<Option<String>, Failed> {
    let environment = shared.environment;
    let every = environment.policy.read_back_every;
    if every == 0 || !environment.ids.random().is_multiple_of(every) {
        return Ok(None);
    }
    let found = match shared.requests.send(|| environment.target.get(index, id)).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            return Ok(Some(format!("the target accepted the change of '{id}', but the object is gone")));
        }
        // The write is done and is to be told of, whether or not it can be looked at.
        Err(Failed::Stopped | Failed::Object(_)) => return Ok(None),
        Err(failed @ Failed::Run(_)) => return Err(failed),
    };
    let ignored: Vec<&str> = changes
        .iter()
        .filter(|change| {
            let held = found.values.get(change.slot).unwrap_or(&provisor_expression::Value::Null);
            let attribute = mapping.target.attributes.get(change.slot);
            match change.kind {
                ChangeKind::Remove => !held.is_null_or_empty(),
                ChangeKind::Add | ChangeKind::Replace => {
                    attribute.is_some_and(|attribute| !same_value(&change.new, held, attribute))
                }
            }
        })
        .map(|change| mapping.target_name(change.slot))
        .collect();
    if ignored.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!(
        "the target answered that it changed '{id}', but holds other values of: {}; it may ignore or rewrite them",
        ignored.join(", ")
    )))
}
