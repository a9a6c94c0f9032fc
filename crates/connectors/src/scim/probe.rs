//! A probe object: created, looked up by each matching attribute, deleted. Servers that answer a filter with
//! an empty list, or with everything, cannot be found out otherwise, and cost duplicates.

use provisor_engine::object::{TargetId, TargetObject};
use provisor_engine::ports::{
    AttributeType, ConnectorError, ErrorClass, Findings, SlotValue, Target as _, UnmatchableAttribute,
};
use provisor_expression::Value;

use super::shape::Shape;
use super::target::{Lookup, ScimTarget, has_value};

impl ScimTarget {
    /// Probes one resource type. A probe of an earlier run, which a crash left behind, is used and deleted too:
    /// the mark is the same in every run of a job.
    pub(super) async fn probe(&self, index: usize, findings: &mut Findings) -> Result<(), ConnectorError> {
        let Some(shape) = self.shapes.get(index) else { return Ok(()) };
        let mut values = probe_values(shape, &self.probe_mark);
        values.retain(|value| !findings.dropped.contains(&(shape.object_type.clone(), value.slot)));
        let created = match self.patiently(|| self.create(index, &values)).await {
            Ok(created) => Some(created.id),
            Err(error) if is_about_the_object(&error) => {
                let left_behind = self.left_behind(index, &values).await?;
                if left_behind.is_none() {
                    findings.remarks.push(format!(
                        "The probe {} could not be created ({error}), so it is not known whether lookups by the \
                         matching attributes can be trusted",
                        shape.kind()
                    ));
                    return Ok(());
                }
                left_behind
            }
            Err(error) => return Err(error),
        };
        let looked_up = match &created {
            Some(id) => self.test_lookups(index, &values, id, findings).await,
            None => Ok(()),
        };
        if let Some(id) = &created {
            self.remove_probe(index, shape, id, findings).await;
        }
        // A target that lets two objects share a name may hold a further one.
        while let Some(id) = self.left_behind(index, &values).await.ok().flatten() {
            if created.as_ref() == Some(&id) || !self.remove_probe(index, shape, &id, findings).await {
                break;
            }
        }
        looked_up
    }

    /// A probe that is in the target: an object that truly holds every value that a probe is matched by.
    async fn left_behind(
        &self,
        index: usize,
        values: &[SlotValue],
    ) -> Result<Option<TargetId>, ConnectorError> {
        let Some(shape) = self.shapes.get(index) else { return Ok(None) };
        let matching: Vec<&SlotValue> = values.iter().filter(|value| is_matching(shape, value)).collect();
        for value in &matching {
            let found = match self.patiently(|| self.find(index, value)).await {
                Ok(found) => found,
                Err(error) if is_about_the_object(&error) => continue,
                Err(error) => return Err(error),
            };
            let ours = found.into_iter().find(|object| {
                matching.iter().all(|value| object.values.get(value.slot) == Some(&value.value))
            });
            if let Some(object) = ours {
                return Ok(Some(object.id));
            }
        }
        Ok(None)
    }

    /// Looks the probe up, and then somebody who is not there: a target that ignores filters finds both.
    async fn test_lookups(
        &self,
        index: usize,
        values: &[SlotValue],
        id: &TargetId,
        findings: &mut Findings,
    ) -> Result<(), ConnectorError> {
        let Some(shape) = self.shapes.get(index) else { return Ok(()) };
        let nobody = probe_values(shape, &self.ids.uuid().simple().to_string());
        for value in values.iter().filter(|value| is_matching(shape, value)) {
            let Some(attribute) = shape.attribute(value.slot) else { continue };
            let mut seen = match self.ask(index, value).await? {
                Some(answer) => distrust(&answer, value, id),
                None => Some("refused to look"),
            };
            let absent =
                nobody.iter().find(|absent| absent.slot == value.slot && absent.value != value.value);
            if let (None, Some(absent)) = (seen, absent)
                && self.ask(index, absent).await?.is_some_and(|answer| !answer.objects.is_empty())
            {
                seen = Some("found it, and somebody who does not exist too");
            }
            let Some(seen) = seen else { continue };
            let reason = format!(
                "Asked for the probe {} by {}, the target {seen}: its lookups by this attribute cannot be trusted, \
                 so an inventory of the target is taken and matched against instead",
                shape.kind(),
                attribute.declared.name
            );
            findings.remarks.push(reason.clone());
            findings.unmatchable.push(UnmatchableAttribute {
                object_type: shape.object_type.clone(),
                slot: value.slot,
                reason,
            });
        }
        Ok(())
    }

    /// A lookup; `None` when the target refuses it.
    async fn ask(&self, index: usize, by: &SlotValue) -> Result<Option<Lookup>, ConnectorError> {
        match self.patiently(|| self.look_up(index, by)).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_about_the_object(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes a probe; gives whether that was done.
    async fn remove_probe(
        &self,
        index: usize,
        shape: &Shape,
        id: &TargetId,
        findings: &mut Findings,
    ) -> bool {
        let Err(error) = self.patiently(|| self.delete(index, id)).await else { return true };
        findings.remarks.push(format!(
            "The probe {} '{id}' could not be deleted ({error}); please delete it by hand",
            shape.kind()
        ));
        false
    }
}

/// Why the answer to the lookup of a probe cannot be trusted; `None` when it can.
fn distrust(answer: &Lookup, value: &SlotValue, id: &TargetId) -> Option<&'static str> {
    let is_probe = |object: &&TargetObject| object.id == *id;
    // The mark of a probe is nobody else's: what does not show it is not meant by the filter.
    let shows = |object: &TargetObject| {
        object.values.get(value.slot).is_some_and(|held| !held.is_null()) && has_value(object, value)
    };
    if answer.objects.iter().any(|object| !is_probe(&object) && !shows(object)) {
        return Some("answered with other objects");
    }
    if !answer.objects.iter().find(is_probe).is_some_and(|probe| has_value(probe, value)) {
        return Some("did not find it");
    }
    let found = u64::try_from(answer.objects.len()).unwrap_or(u64::MAX);
    (answer.total > found).then_some("counted more objects than it gave")
}

fn is_matching(shape: &Shape, value: &SlotValue) -> bool {
    shape.attribute(value.slot).is_some_and(|attribute| attribute.declared.matching)
}

/// Values of a probe: what is matched by, and what a resource cannot do without.
fn probe_values(shape: &Shape, mark: &str) -> Vec<SlotValue> {
    let wanted = |name: &str| matches!(name, "userName" | "displayName" | "active");
    shape
        .attributes
        .iter()
        .enumerate()
        .filter(|(_, attribute)| attribute.declared.matching || wanted(&attribute.declared.name))
        .map(|(slot, attribute)| {
            let name = attribute.declared.name.to_ascii_lowercase();
            let value = match attribute.declared.attribute_type {
                AttributeType::Boolean => Value::Boolean(false),
                AttributeType::Integer => Value::from(999_999_999_i64),
                _ if name.contains("mail") || name == "username" => {
                    Value::from(format!("provisor-probe-{mark}@provisor.invalid"))
                }
                _ => Value::from(format!("provisor-probe-{mark}")),
            };
            SlotValue { slot, value }
        })
        .collect()
}

/// Whether an error says something about this request only, and nothing about whether the target can be used.
fn is_about_the_object(error: &ConnectorError) -> bool {
    matches!(error.class, ErrorClass::Invalid | ErrorClass::Conflict | ErrorClass::NotFound)
}
