//! The attributes of a source object, by name.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provisor_expression::{Number, Slot, Value};
use serde_json::Value as Json;

mod path;

/// The attributes of one source object; the slot of an attribute is its place in the order given.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    names: Vec<String>,
    values: Vec<Value>,
}

impl Attributes {
    /// Reads a JSON object of names and values: texts, numbers, booleans, null, lists of these,
    /// objects (role assignments), and `{"base64": …}` for bytes.
    ///
    /// # Errors
    /// When the JSON is no object, or a value is of no kind that an attribute may have.
    pub fn from_json(json: &Json) -> anyhow::Result<Self> {
        let Json::Object(fields) = json else {
            bail!("the attributes are no JSON object of names and values")
        };
        let mut attributes = Self::default();
        for (name, json) in fields {
            let value = value(json).with_context(|| format!("the attribute '{name}' cannot be read"))?;
            attributes.set(name, value);
        }
        Ok(attributes)
    }

    /// Sets an attribute, in place of what it was.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.names.iter().position(|known| known == name) {
            Some(slot) => self.values[slot] = value,
            None => {
                self.names.push(name.to_owned());
                self.values.push(value);
            }
        }
    }

    /// Adds a value to an attribute: the second one makes a list of it.
    pub fn add(&mut self, name: &str, value: Value) {
        let slot = self.names.iter().position(|known| known == name);
        let before = slot.map(|slot| self.values[slot].values().to_vec()).unwrap_or_default();
        let value = if before.is_empty() { value } else { Value::from([before, vec![value]].concat()) };
        self.set(name, value);
    }

    /// The slot of an attribute: of exactly this name, otherwise of one that differs in case only.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let exact = self.names.iter().position(|known| known == name);
        exact.or_else(|| self.names.iter().position(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Gives the attributes that are named by a path, such as `name.givenName` or `emails[type eq "work"].value`, the
    /// value that the nested attribute has there.
    pub fn resolve<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if self.slot(name).is_none()
                && let Some(value) = self.at(name)
            {
                self.set(name, value);
            }
        }
    }

    /// The value at the end of a path: the longest attribute that it begins with, then its parts.
    fn at(&self, path: &str) -> Option<Value> {
        let begins = |name: &&String| {
            let head = path.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
            head && path[name.len()..].starts_with(['.', '[', ':'])
        };
        let name = self.names.iter().filter(begins).max_by_key(|name| name.len())?;
        path::follow(&self.values[self.slot(name)?], &path[name.len()..])
    }

    /// A slot that holds no value, for attributes that are not given.
    #[must_use]
    pub fn missing(&self) -> Slot {
        self.values.len()
    }

    /// The names, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The values by slot.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

/// The attribute value that a JSON value stands for.
fn value(json: &Json) -> anyhow::Result<Value> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::String(text) => Value::from(text.as_str()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => {
            let text = number.to_string();
            Number::parse(&text).map_or_else(|| Value::from(text.as_str()), Value::Number)
        }
        Json::Array(values) => {
            if values.iter().any(Json::is_array) {
                bail!("a list holds a list; an attribute has one list of values at most");
            }
            Value::from(values.iter().map(value).collect::<anyhow::Result<Vec<Value>>>()?)
        }
        Json::Object(fields) => match fields.get("base64") {
            Some(Json::String(text)) if fields.len() == 1 => {
                Value::Binary(STANDARD.decode(text).context("the value of 'base64' is no base64")?.into())
            }
            _ => {
                let field = |(name, json): (&String, &Json)| Ok((Arc::from(name.as_str()), value(json)?));
                Value::Record(fields.iter().map(field).collect::<anyhow::Result<_>>()?)
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_every_kind() {
        let json = json!({ "a": "x", "n": 12, "b": true, "none": null, "l": ["1", 2], "sid": { "base64": "AQI=" },
            "role": { "value": "Admin" } });
        let attributes = Attributes::from_json(&json).unwrap();
        let value = |name: &str| &attributes.values()[attributes.slot(name).unwrap()];
        assert_eq!(value("A"), &Value::from("x"));
        assert_eq!(value("n"), &Value::from(12));
        assert_eq!(value("b"), &Value::from(true));
        assert_eq!(value("none"), &Value::Null);
        assert_eq!(value("l"), &Value::from(vec![Value::from("1"), Value::from(2)]));
        assert_eq!(value("sid"), &Value::Binary([1, 2].into()));
        assert_eq!(value("role").field("value"), Some(&Value::from("Admin")));
        for (wrong, part) in [
            (json!([]), "no JSON object"),
            (json!({ "l": [["x"]] }), "'l'"),
            (json!({ "sid": { "base64": "?" } }), "no base64"),
        ] {
            let error = format!("{:#}", Attributes::from_json(&wrong).unwrap_err());
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn paths_lead_into_nested_values() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let mut attributes = Attributes::from_json(&json!({
            "name": { "givenName": "Ada" },
            "emails": [{ "type": "home", "value": "h@x" }, { "type": "work", "primary": true, "value": "w@x" }],
            "given.name": "flat",
            urn: { "department": "R&D" },
        }))
        .unwrap();
        let department = format!("{urn}:department");
        let paths = [
            ("name.givenName", "Ada"),
            ("Name.GivenName", "Ada"),
            ("emails[type eq \"work\"].value", "w@x"),
            ("emails[primary eq true].value", "w@x"),
            ("emails[type eq \"work\" and primary eq \"True\"].value", "w@x"),
            ("given.name", "flat"),
            (&department, "R&D"),
        ];
        for (path, expected) in paths {
            attributes.resolve([path].into_iter());
            let slot = attributes.slot(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(attributes.values()[slot], Value::from(expected), "{path}");
        }
        attributes.resolve(["emails.value"].into_iter());
        let all = Value::from(vec![Value::from("h@x"), Value::from("w@x")]);
        assert_eq!(attributes.values()[attributes.slot("emails.value").unwrap()], all);
        for none in
            ["name.nick", "emails[type ne \"work\"].value", "emails[type eq \"work\"", "nobody.x", "name"]
        {
            let before = attributes.values().len();
            attributes.resolve([none].into_iter());
            assert_eq!(attributes.values().len(), before, "{none}");
        }
    }

    #[test]
    fn a_name_given_twice_is_a_list() {
        let mut attributes = Attributes::default();
        for value in ["a", "b", "c"] {
            attributes.add("v", Value::from(value));
        }
        attributes.add("V", Value::from("other"));
        let list = Value::from(vec![Value::from("a"), Value::from("b"), Value::from("c")]);
        assert_eq!(attributes.values(), [list, Value::from("other")]);
        assert_eq!((attributes.slot("v"), attributes.slot("V")), (Some(0), Some(1)));
    }
}
