//! What a target says about itself: `/ServiceProviderConfig` and `/Schemas` (RFC 7644 section 4).

use provisor_engine::ports::{ConnectorError, ErrorClass};
use provisor_scim::discovery::{SchemaDefinition, ServiceProviderConfig};
use provisor_scim::resource;
use serde_json::Value as Json;

use super::shape::{ScimAttribute, Shape};
use super::target::ScimTarget;

/// Attributes that every resource has without its schema listing them (RFC 7643 section 3.1).
const COMMON: [&str; 4] = ["id", "externalId", "meta", "schemas"];

impl ScimTarget {
    /// Whether the target says that it can filter; `true` when it does not say.
    pub(super) async fn says_it_filters(&self) -> Result<bool, ConnectorError> {
        let config: Option<ServiceProviderConfig> = self.describe("ServiceProviderConfig").await?;
        Ok(config.is_none_or(|config| config.filter.supported))
    }

    /// The schemas that the target lists; empty when it lists none.
    pub(super) async fn schemas(&self) -> Result<Vec<SchemaDefinition>, ConnectorError> {
        let Some(answer) = self.describe::<Json>("Schemas").await? else { return Ok(Vec::new()) };
        Ok(listed(&answer))
    }

    /// Reads a discovery endpoint. A target that has none, or does not show it to us, is lived without; one
    /// that does not answer now may have one, and is asked again.
    async fn describe<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Option<T>, ConnectorError> {
        let operation = format!("read /{path}");
        let answer = self.patiently(async || self.accept(&operation, self.client.get(path).await)).await;
        match answer {
            Ok(response) => Ok(response.json().ok()),
            Err(error) if error.status.is_none() => Err(error),
            Err(error) if matches!(error.class, ErrorClass::Throttled | ErrorClass::Transient) => Err(error),
            Err(_) => Ok(None),
        }
    }
}

/// The resources of a listing that can be read; some servers answer with a bare list instead of a ListResponse.
pub(super) fn listed<T: serde::de::DeserializeOwned>(answer: &Json) -> Vec<T> {
    let resources = match answer {
        Json::Array(resources) => resources.as_slice(),
        answer => match resource::get(answer, "Resources") {
            Some(Json::Array(resources)) => resources.as_slice(),
            _ => &[],
        },
    };
    resources.iter().filter_map(|resource| serde_json::from_value(resource.clone()).ok()).collect()
}

/// The slots of attributes that the target's schemas do not have. An attribute of a schema that is not
/// listed at all is only known to be missing when it is an extension: core schemas are known to the RFC.
pub(super) fn unknown(shape: &Shape, schemas: &[SchemaDefinition]) -> Vec<usize> {
    let find = |urn: &str| schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
    let Some(core) = find(&shape.schema).filter(|schema| !schema.attributes.is_empty()) else {
        return Vec::new();
    };
    let missing = |attribute: &ScimAttribute| {
        if attribute.declared.matching {
            return false;
        }
        let wanted = attribute.path.attribute();
        if COMMON.iter().any(|common| wanted.name().eq_ignore_ascii_case(common)) {
            return false;
        }
        let schema = match wanted.extension() {
            Some(urn) => match find(urn) {
                // A summary without attributes says nothing about which there are.
                Some(schema) if schema.attributes.is_empty() => return false,
                Some(schema) => schema,
                None => return true,
            },
            None => core,
        };
        let Some(found) = schema.attribute(wanted.name()) else { return true };
        attribute
            .path
            .sub_attribute()
            .is_some_and(|name| !found.sub_attributes.is_empty() && found.sub_attribute(name).is_none())
    };
    (0..shape.attributes.len()).filter(|&slot| shape.attribute(slot).is_some_and(missing)).collect()
}
