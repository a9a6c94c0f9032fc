//! Graph's types (CSDL) as JSON Schema 2020-12.

use roxmltree::{Document, Node};
use serde_json::{Map, Value as Json, json};

/// The types of a metadata document, by name.
pub(super) fn schemas(csdl: &str) -> Map<String, Json> {
    let Ok(document) = Document::parse(csdl) else {
        tracing::error!("our own metadata document is no XML");
        return Map::new();
    };
    let named = document.descendants().filter_map(|node| Some((node.attribute("Name")?, node)));
    let types = named.filter_map(|(name, node)| {
        let schema = match node.tag_name().name() {
            "EnumType" => enumeration(node),
            "EntityType" | "ComplexType" => structure(node),
            _ => return None,
        };
        Some((name.to_owned(), schema))
    });
    types.collect()
}

fn enumeration(node: Node<'_, '_>) -> Json {
    let members: Vec<&str> = children(node, "Member").filter_map(|member| member.attribute("Name")).collect();
    if node.attribute("IsFlags") == Some("true") {
        json!({"type": "string", "description": format!("One or more of {}, joined by commas.", members.join(", "))})
    } else {
        json!({"type": "string", "enum": members})
    }
}

fn structure(node: Node<'_, '_>) -> Json {
    let properties: Map<String, Json> = children(node, "Property")
        .filter_map(|property| {
            let name = property.attribute("Name")?;
            let nullable = property.attribute("Nullable") != Some("false");
            Some((name.to_owned(), value(property.attribute("Type")?, nullable)))
        })
        .collect();
    let own = json!({"type": "object", "properties": properties});
    match node.attribute("BaseType").and_then(|base| base.rsplit('.').next()) {
        Some(base) => json!({"allOf": [super::reference(base), own]}),
        None => own,
    }
}

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

/// The schema of a property's type.
fn value(type_name: &str, nullable: bool) -> Json {
    if let Some(item) = type_name.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')')) {
        return json!({"type": "array", "items": value(item, false)});
    }
    let Some(primitive) = type_name.strip_prefix("Edm.") else {
        let name = type_name.rsplit('.').next().unwrap_or(type_name);
        let schema = super::reference(name);
        return if nullable { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema };
    };
    let (json_type, format) = match primitive {
        "Boolean" => ("boolean", None),
        "Byte" | "SByte" | "Int16" | "Int32" => ("integer", Some("int32")),
        "Int64" => ("integer", Some("int64")),
        "Single" | "Double" | "Decimal" => ("number", None),
        "Guid" => ("string", Some("uuid")),
        "DateTimeOffset" => ("string", Some("date-time")),
        "Date" => ("string", Some("date")),
        "Duration" => ("string", Some("duration")),
        _ => ("string", None),
    };
    let mut schema = json!({"type": if nullable { json!([json_type, "null"]) } else { json!(json_type) }});
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_json_schema() {
        let csdl = r#"<Schema>
            <EnumType Name="color"><Member Name="Red" Value="0"/><Member Name="Blue" Value="1"/></EnumType>
            <EnumType Name="flows" IsFlags="true"><Member Name="Add" Value="1"/></EnumType>
            <EntityType Name="entity"><Property Name="id" Type="Edm.String" Nullable="false"/></EntityType>
            <EntityType Name="thing" BaseType="graph.entity">
              <Property Name="count" Type="Edm.Int64" Nullable="false"/>
              <Property Name="seen" Type="Edm.DateTimeOffset"/>
              <Property Name="colors" Type="Collection(graph.color)" Nullable="false"/>
              <Property Name="color" Type="graph.color"/>
            </EntityType>
          </Schema>"#;
        let wanted = json!({
            "color": {"type": "string", "enum": ["Red", "Blue"]},
            "flows": {"type": "string", "description": "One or more of Add, joined by commas."},
            "entity": {"type": "object", "properties": {"id": {"type": "string"}}},
            "thing": {"allOf": [
                {"$ref": "#/components/schemas/entity"},
                {"type": "object", "properties": {
                    "count": {"type": "integer", "format": "int64"},
                    "seen": {"type": ["string", "null"], "format": "date-time"},
                    "colors": {"type": "array", "items": {"$ref": "#/components/schemas/color"}},
                    "color": {"anyOf": [{"$ref": "#/components/schemas/color"}, {"type": "null"}]},
                }},
            ]},
        });
        assert_eq!(Json::Object(schemas(csdl)), wanted);
    }
}
