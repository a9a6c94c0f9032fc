//! Many changes of a group's members in one request.
//!
//! A change alone looks at every member, which thousands of them on a large group cannot afford.
//! A run of such changes shares one index of the ids and costs as much as members and changes together.

use std::collections::HashMap;

use serde_json::Value;

use super::{Changed, Object, Step, changed_if, values};
use crate::filter::Filter;
use crate::json;
use crate::patch::Op;

const MEMBERS: &str = "members";

enum Change<'a> {
    Add(Vec<Value>),
    Remove { id: &'a str, selector: &'a Filter },
    RemoveListed(&'a Value),
}

/// Applies the changes of members that `steps` begins with, and says how many those were; none when
/// they are better applied one by one.
pub(super) fn run(object: &mut Object, steps: &[Step<'_>]) -> Option<(usize, Changed)> {
    let name = json::spelling(object, MEMBERS);
    let current = object.get_mut(&name);
    if current.as_ref().is_some_and(|members| members.as_array().is_none_or(Vec::is_empty)) {
        return None;
    }
    let changes: Vec<Change<'_>> = steps.iter().map_while(read).collect();
    if changes.len() < 2 {
        return None;
    }
    let items = current.and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let mut members = Members::new(items);
    let count = changes.len();
    let mut changed = Changed::No;
    for change in changes {
        changed |= match change {
            Change::Add(items) => members.add(items),
            Change::Remove { id, selector } => members.remove(id, |member| selector.matches(member)),
            Change::RemoveListed(listed) => members.remove_listed(listed),
        };
    }
    let items: Vec<Value> = members.slots.into_iter().flatten().collect();
    if items.is_empty() {
        object.remove(&name);
    } else {
        object.insert(name, Value::Array(items));
    }
    Some((count, changed))
}

fn read<'a>(step: &'a Step<'_>) -> Option<Change<'a>> {
    let Step::At { op, path, value } = step else { return None };
    let attribute = path.attribute();
    let is_members = attribute.extension().is_none() && attribute.name().eq_ignore_ascii_case(MEMBERS);
    if !is_members || path.sub_attribute().is_some() {
        return None;
    }
    match (op, path.selector(), value.filter(|value| !value.is_null())) {
        (Op::Add, None, Some(value)) => {
            let items = values::as_items(MEMBERS, value);
            // A new primary changes the others, which is no matter of ids.
            (!items.iter().any(values::is_primary)).then_some(Change::Add(items))
        }
        (Op::Remove, None, Some(listed)) => Some(Change::RemoveListed(listed)),
        (Op::Remove, Some(selector), _) => {
            let (path, id) = selector.as_equality()?;
            let by_id = path.is_simple() && path.attribute().name().eq_ignore_ascii_case("value");
            id.as_str().filter(|_| by_id).map(|id| Change::Remove { id, selector })
        }
        _ => None,
    }
}

/// The members, each in a slot that is empty once it is removed.
#[derive(Default)]
struct Members {
    slots: Vec<Option<Value>>,
    /// The slots by the member's id, letter case aside. It narrows down; what decides is the same
    /// comparison that a change alone makes.
    by_id: HashMap<String, Vec<usize>>,
    /// The slots whose member has no text as its id; they are always looked at.
    others: Vec<usize>,
}

impl Members {
    fn new(items: Vec<Value>) -> Self {
        let mut members = Self::default();
        members.slots.reserve(items.len());
        members.by_id.reserve(items.len());
        for item in items {
            members.push(item);
        }
        members
    }

    fn push(&mut self, item: Value) {
        let slot = self.slots.len();
        match id_of(&item) {
            Some(id) => self.by_id.entry(id.to_lowercase()).or_default().push(slot),
            None => self.others.push(slot),
        }
        self.slots.push(Some(item));
    }

    /// The members that may have this id, with their slots.
    fn near<'m>(&'m self, id: &str) -> impl Iterator<Item = (usize, &'m Value)> {
        let named = self.by_id.get(&id.to_lowercase()).into_iter().flatten();
        named.chain(&self.others).filter_map(|&slot| Some((slot, self.slots.get(slot)?.as_ref()?)))
    }

    fn add(&mut self, items: Vec<Value>) -> Changed {
        let before = self.slots.len();
        for item in items {
            let identity = values::identity(MEMBERS, &item);
            if !self.near(&identity).any(|(_, known)| values::identity(MEMBERS, known) == identity) {
                drop(identity);
                self.push(item);
            }
        }
        changed_if(self.slots.len() > before)
    }

    fn remove(&mut self, id: &str, is_meant: impl Fn(&Value) -> bool) -> Changed {
        let gone: Vec<usize> =
            self.near(id).filter(|(_, member)| is_meant(member)).map(|(slot, _)| slot).collect();
        for &slot in &gone {
            self.slots[slot] = None;
        }
        if !gone.is_empty() {
            if let Some(named) = self.by_id.get_mut(&id.to_lowercase()) {
                named.retain(|slot| !gone.contains(slot));
            }
            self.others.retain(|slot| !gone.contains(slot));
        }
        changed_if(!gone.is_empty())
    }

    fn remove_listed(&mut self, listed: &Value) -> Changed {
        let mut changed = Changed::No;
        for entry in values::listed_values(listed) {
            let id = id_of(entry).or(entry.as_str()).unwrap_or_default();
            let key = values::key(entry);
            changed |= self.remove(id, |member| values::key(member) == key && values::agrees(member, entry));
        }
        changed
    }
}

fn id_of(member: &Value) -> Option<&str> {
    json::get(member.as_object()?, "value")?.as_str()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::patch::{PatchRequest, apply};

    fn request(operations: &[Value]) -> PatchRequest {
        PatchRequest::from_value(json!({ "Operations": operations })).unwrap()
    }

    fn change() -> impl Strategy<Value = Value> {
        let id = prop_oneof![Just("a"), Just("A"), Just("b"), Just("É"), Just("é"), Just("7"), Just("True")];
        let item = prop_oneof![
            id.clone().prop_map(|id| json!({"value": id})),
            id.clone().prop_map(|id| json!({"VALUE": id, "type": "User", "$ref": null})),
            id.clone().prop_map(|id| json!({"value": id, "primary": true})),
            id.clone().prop_map(Value::from),
            Just(json!({"value": 7})),
            Just(json!({"value": ["a"]})),
            Just(json!({"display": "a"})),
            Just(json!(true)),
            Just(json!(null)),
        ];
        let list = prop::collection::vec(item.clone(), 0..4).prop_map(Value::Array);
        let value = prop_oneof![list, item];
        let path = prop_oneof![
            Just("members".to_owned()),
            Just("urn:ietf:params:scim:schemas:core:2.0:Group:members".to_owned()),
            id.clone().prop_map(|id| format!("members[value eq \"{id}\"]")),
            id.prop_map(|id| format!("members[value ne \"{id}\"]")),
            Just("members.type".to_owned()),
        ];
        let op = prop_oneof![3 => Just("add"), 3 => Just("remove"), 1 => Just("replace")];
        (op, path, value).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
    }

    proptest! {
        #[test]
        fn changes_together_do_what_they_do_one_by_one(
            first in change(), changes in prop::collection::vec(change(), 2..12)
        ) {
            let mut alone = json!({"displayName": "g"});
            let _ = apply(&mut alone, &request(&[first]));
            let mut together = alone.clone();
            let before = alone.clone();
            let mut outcome = Ok(Changed::No);
            for change in &changes {
                match (outcome, apply(&mut alone, &request(std::slice::from_ref(change)))) {
                    (Ok(mut all), Ok(one)) => { all |= one; outcome = Ok(all); }
                    (_, Err(error)) => { outcome = Err(error); break; }
                    (failed, _) => outcome = failed,
                }
            }
            let expected = if outcome.is_ok() { alone } else { before };
            prop_assert_eq!(apply(&mut together, &request(&changes)), outcome);
            prop_assert_eq!(together, expected);
        }
    }

    /// Ten thousand changes of twenty thousand members take milliseconds with the index, and a good
    /// quarter of a minute without it.
    #[test]
    fn many_changes_of_a_large_group_take_no_time() {
        let id = |number: usize| format!("00000000-0000-0000-0000-{number:012}");
        let members: Vec<Value> = (0..20_000).map(|number| json!({"value": id(number)})).collect();
        let mut group = json!({"displayName": "g", "members": members});
        let change = |number: usize| match number % 4 {
            0 => json!({"op": "add", "path": "members", "value": [{"value": id(20_000 + number)}]}),
            1 => json!({"op": "remove", "path": "members", "value": [{"value": id(number)}]}),
            _ => json!({"op": "remove", "path": format!("members[value eq \"{}\"]", id(number))}),
        };
        let request = request(&(0..10_000).map(change).collect::<Vec<_>>());
        let (done, outcome) = mpsc::channel();
        std::thread::spawn(move || {
            let changed = apply(&mut group, &request);
            let _ = done.send((changed, group["members"].as_array().map(Vec::len)));
        });
        let outcome = outcome.recv_timeout(Duration::from_secs(4)).expect("the changes are quick");
        assert_eq!(outcome, (Ok(Changed::Yes), Some(20_000 - 7_500 + 2_500)));
    }
}
