//! The inventory: what the target holds, for lookups that the target itself does not answer truly.

use super::object::Shared;
use super::outcome::CycleError;
use crate::object::TargetObject;
use crate::ports::{InventoryEntry, ListCursor, Settlement, SlotValue, TargetAttribute};
use crate::schema::Mapping;

/// How many values one transaction takes.
const BATCH: usize = 500;

/// A matching value as the inventory keeps it: text, folded unless letter case counts.
pub(super) fn key(mapping: &Mapping, value: &SlotValue) -> String {
    let text = value.value.text().unwrap_or_default();
    fold(&text, mapping.target.attributes.get(value.slot))
}

fn fold(text: &str, attribute: Option<&TargetAttribute>) -> String {
    if attribute.is_some_and(|attribute| attribute.case_exact) {
        text.to_owned()
    } else {
        text.to_lowercase()
    }
}

/// Lists the target and remembers the values of the matching attributes whose lookups cannot be trusted.
pub(super) async fn take(shared: &Shared<'_>) -> Result<(), CycleError> {
    let environment = shared.environment;
    environment.store.clear_inventory(environment.job, environment.lease).await?;
    for (index, mapping) in environment.schema.mappings.iter().enumerate() {
        let slots: Vec<usize> =
            shared.inventoried.iter().filter(|(of, _)| *of == index).map(|(_, slot)| *slot).collect();
        if slots.is_empty() {
            continue;
        }
        let mut cursor = Some(ListCursor::default());
        let mut entries = Vec::new();
        while let Some(at) = cursor {
            let page = shared.requests.send(|| environment.target.list(index, at.clone())).await?;
            for object in page.objects {
                for &slot in &slots {
                    let Some(text) = object.values.get(slot).and_then(provisor_expression::Value::text)
                    else {
                        continue;
                    };
                    entries.push(InventoryEntry {
                        object_type: mapping.target_type().clone(),
                        slot,
                        value: fold(&text, mapping.target.attributes.get(slot)),
                        target: object.id.clone(),
                    });
                }
            }
            cursor = page.next;
            if entries.len() >= BATCH || cursor.is_none() {
                let batch = Settlement { inventory: std::mem::take(&mut entries), ..Settlement::default() };
                environment.store.settle(environment.job, environment.lease, batch).await?;
            }
        }
    }
    Ok(())
}

/// Looks through all that the target holds now: the only way to find an object of which the inventory does not
/// know, because the answer to its creation was lost.
pub(super) async fn search(
    shared: &Shared<'_>,
    index: usize,
    slot: usize,
    value: &str,
) -> Result<Vec<TargetObject>, CycleError> {
    let environment = shared.environment;
    let attribute =
        environment.schema.mappings.get(index).and_then(|mapping| mapping.target.attributes.get(slot));
    let mut found = Vec::new();
    let mut cursor = Some(ListCursor::default());
    while let Some(at) = cursor {
        let page = shared.requests.send(|| environment.target.list(index, at.clone())).await?;
        found.extend(page.objects.into_iter().filter(|object| {
            let text = object.values.get(slot).and_then(provisor_expression::Value::text);
            text.is_some_and(|text| fold(&text, attribute) == value)
        }));
        cursor = page.next;
    }
    Ok(found)
}
