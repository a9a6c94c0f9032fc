//! A CSDL document (OData 4.0 part 3) as far as answers are checked against it.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

/// The types and sets of a document.
#[derive(Debug, Default)]
pub(crate) struct Csdl {
    pub(crate) enums: BTreeMap<String, Enumeration>,
    pub(crate) types: BTreeMap<String, Structure>,
    /// Entity sets and singletons, with their types.
    pub(crate) sets: BTreeMap<String, TypeRef>,
    /// Operations with what they are bound to and what they give, in the order of their names.
    pub(crate) operations: Vec<String>,
}

/// An enumeration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Enumeration {
    pub(crate) flags: bool,
    /// Names with their values, in the order of the document.
    pub(crate) members: Vec<(String, String)>,
}

/// An entity type or a complex type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    pub(crate) base: Option<String>,
    pub(crate) open: bool,
    pub(crate) properties: BTreeMap<String, TypeRef>,
}

/// What a property, a set or an answer is declared as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeRef {
    pub(crate) name: String,
    pub(crate) many: bool,
    pub(crate) nullable: bool,
    /// Whether it is a navigation property: told only when it is expanded.
    pub(crate) navigation: bool,
}

impl TypeRef {
    /// `Collection(graph.user)`
    pub(crate) fn parse(text: &str) -> Self {
        let inner = text.strip_prefix("Collection(").and_then(|inner| inner.strip_suffix(')'));
        let name = inner.unwrap_or(text);
        let name =
            name.strip_prefix("graph.").or_else(|| name.strip_prefix("microsoft.graph.")).unwrap_or(name);
        Self { name: name.to_owned(), many: inner.is_some(), nullable: true, navigation: false }
    }
}

fn of(node: Node<'_, '_>, attribute: &str) -> String {
    node.attribute(attribute).unwrap_or_else(|| panic!("{node:?} has no {attribute}")).to_owned()
}

impl Csdl {
    pub(crate) fn parse(text: &str) -> Self {
        let document = Document::parse(text).unwrap();
        let mut csdl = Self::default();
        let is_schema = |node: &Node<'_, '_>| node.tag_name().name() == "Schema";
        let schema = document.descendants().find(is_schema).unwrap();
        for node in schema.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "EnumType" => csdl.enumeration(node),
                "ComplexType" | "EntityType" => csdl.structure(node),
                "Action" | "Function" => csdl.operation(node),
                "EntityContainer" => csdl.container(node),
                _ => {}
            }
        }
        csdl.operations.sort();
        csdl
    }

    fn enumeration(&mut self, node: Node<'_, '_>) {
        let members = node.children().filter(Node::is_element);
        let members = members.map(|member| (of(member, "Name"), of(member, "Value"))).collect();
        let flags = node.attribute("IsFlags") == Some("true");
        self.enums.insert(of(node, "Name"), Enumeration { flags, members });
    }

    fn structure(&mut self, node: Node<'_, '_>) {
        let mut properties = BTreeMap::new();
        for child in node.children().filter(Node::is_element) {
            let navigation = match child.tag_name().name() {
                "Property" => false,
                "NavigationProperty" => true,
                _ => continue,
            };
            let nullable = child.attribute("Nullable") != Some("false");
            let declared = TypeRef { nullable, navigation, ..TypeRef::parse(&of(child, "Type")) };
            properties.insert(of(child, "Name"), declared);
        }
        let base = node.attribute("BaseType").map(|base| TypeRef::parse(base).name);
        let open = node.attribute("OpenType") == Some("true");
        self.types.insert(of(node, "Name"), Structure { base, open, properties });
    }

    fn operation(&mut self, node: Node<'_, '_>) {
        let parts = node.children().filter(Node::is_element).map(|child| {
            let declared = format!("{:?}", TypeRef::parse(&of(child, "Type")));
            format!("{} {declared}", child.attribute("Name").unwrap_or("gives"))
        });
        let parts: Vec<String> = parts.collect();
        self.operations.push(format!("{} {}", of(node, "Name"), parts.join(", ")));
    }

    fn container(&mut self, node: Node<'_, '_>) {
        for child in node.children().filter(Node::is_element) {
            let many = child.tag_name().name() == "EntitySet";
            let declared = TypeRef::parse(&of(child, if many { "EntityType" } else { "Type" }));
            self.sets.insert(of(child, "Name"), TypeRef { many, ..declared });
        }
    }

    /// The property of a type or of one that it derives from.
    pub(crate) fn property(&self, type_name: &str, property: &str) -> Option<&TypeRef> {
        let structure = self.types.get(type_name)?;
        let own = structure.properties.get(property);
        own.or_else(|| self.property(structure.base.as_deref()?, property))
    }

    /// Whether a type, or one that it derives from, may have members that are not declared.
    pub(crate) fn is_open(&self, type_name: &str) -> bool {
        self.types.get(type_name).is_some_and(|structure| {
            structure.open || structure.base.as_deref().is_some_and(|base| self.is_open(base))
        })
    }

    /// Whether a type is another, or derives from it.
    pub(crate) fn is_a(&self, type_name: &str, other: &str) -> bool {
        type_name == other
            || self
                .types
                .get(type_name)
                .is_some_and(|structure| structure.base.as_deref().is_some_and(|base| self.is_a(base, other)))
    }
}
