//! The write to the target that a decision asks for.

use super::object::{Shared, Written};
use super::requests::Failed;
use crate::decide::{Decision, Write, same_value};
use crate::object::{SourceObject, TargetId};
use crate::ports::{Change, ChangeKind};
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
            shared.claims.claim(&created.id, &object.anchor);
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
    let Some(found) = shared.requests.send(|| environment.target.get(index, id)).await? else {
        return Ok(Some(format!("the target accepted the change of '{id}', but the object is gone")));
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
