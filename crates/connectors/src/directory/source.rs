//! Reads the directory's change feed.

use std::collections::HashMap;
use std::sync::Arc;

use provisor_engine::object::{Anchor, Presence, ReferenceChange, ReferenceCursor, References, SourceObject};
use provisor_engine::ports::{
    ConnectorError, ErrorClass, Position, ReadRequest, ReferencePage, Source, SourcePage, SourceShape,
    StoreError,
};
use provisor_store::directory::{
    ChangeNumber, Directory, DirectoryObject, EdgeKind, FeedEntry, FeedRequest, ObjectKind,
};
use uuid::Uuid;

use super::attributes;

/// References that come with an object, and on each further page.
const REFERENCES_PER_PAGE: usize = 1000;

/// Who is entitled to be provisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// Everybody.
    Everybody,
    /// Who is assigned to this service principal, directly or as a direct member of an assigned group.
    AssignedTo(Uuid),
}

/// The built-in directory as a source of one job.
pub struct DirectorySource {
    directory: Arc<dyn Directory>,
    entitlement: Entitlement,
}

impl std::fmt::Debug for DirectorySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectorySource").field("entitlement", &self.entitlement).finish_non_exhaustive()
    }
}

impl DirectorySource {
    /// A source that reads this directory for those who are entitled.
    #[must_use]
    pub fn new(directory: Arc<dyn Directory>, entitlement: Entitlement) -> Self {
        Self { directory, entitlement }
    }

    fn feed_request(&self, request: &ReadRequest<'_>) -> Result<FeedRequest, ConnectorError> {
        Ok(FeedRequest {
            kind: kind_of(request.shape)?,
            since: request.since.map_or(Ok(Place::default()), Place::parse)?.at,
            until: Place::parse(request.until)?.at,
            assigned_to: match self.entitlement {
                Entitlement::Everybody => None,
                Entitlement::AssignedTo(resource) => Some(resource),
            },
            full: request.full,
            limit: request.limit,
        })
    }

    /// References of the objects of one page. Single-valued ones are always told whole.
    async fn references_of(
        &self,
        shape: &SourceShape,
        objects: &[&DirectoryObject],
        since: ChangeNumber,
        until: ChangeNumber,
    ) -> Result<HashMap<Uuid, (Vec<ReferenceChange>, Option<ReferenceCursor>)>, ConnectorError> {
        let mut found: HashMap<Uuid, (Vec<ReferenceChange>, Cursor)> = HashMap::new();
        let none = || (Vec::new(), Cursor { until, open: Vec::new() });
        for (attribute, name) in shape.references.iter().enumerate() {
            match edge_kind(name)? {
                EdgeKind::Manager => {
                    let ids: Vec<Uuid> = objects.iter().map(|object| object.id).collect();
                    for (from, to) in
                        self.directory.edges_from(&ids, EdgeKind::Manager).await.map_err(failed)?
                    {
                        let change = ReferenceChange { attribute, to: anchor(to), present: true };
                        found.entry(from).or_insert_with(none).0.push(change);
                    }
                }
                kind => {
                    for object in objects {
                        let open = Open { attribute, since };
                        let (changes, next) = self.edges(object.id, kind, open, until).await?;
                        let entry = found.entry(object.id).or_insert_with(none);
                        entry.0.extend(changes);
                        entry.1.open.extend(next);
                    }
                }
            }
        }
        Ok(found.into_iter().map(|(id, (changes, cursor))| (id, (changes, cursor.print()))).collect())
    }

    async fn edges(
        &self,
        from: Uuid,
        kind: EdgeKind,
        open: Open,
        until: ChangeNumber,
    ) -> Result<(Vec<ReferenceChange>, Option<Open>), ConnectorError> {
        let changes = self
            .directory
            .edge_changes(from, kind, open.since, until, REFERENCES_PER_PAGE)
            .await
            .map_err(failed)?;
        let full = changes.len() >= REFERENCES_PER_PAGE;
        let next = changes.last().filter(|_| full).map(|last| Open { since: last.changed, ..open });
        let changes = changes
            .into_iter()
            .map(|change| ReferenceChange {
                attribute: open.attribute,
                to: anchor(change.to),
                present: change.present,
            })
            .collect();
        Ok((changes, next))
    }

    async fn objects(
        &self,
        shape: &SourceShape,
        entries: Vec<FeedEntry>,
        since: ChangeNumber,
        until: ChangeNumber,
    ) -> Result<Vec<SourceObject>, ConnectorError> {
        let alive: Vec<&DirectoryObject> =
            entries.iter().map(|entry| &entry.object).filter(|object| !object.purged).collect();
        let mut references = self.references_of(shape, &alive, since, until).await?;
        // A single-valued reference is read as it is now; several-valued ones as they changed.
        let whole = since == ChangeNumber(0) || !shape.references.iter().any(|name| &**name == "members");
        Ok(entries
            .into_iter()
            .map(|entry| {
                let (changes, more) = references.remove(&entry.object.id).unwrap_or_default();
                let references = if whole { References::All(changes) } else { References::Changed(changes) };
                source_object(shape, &entry.object, entry.assigned, references, more)
            })
            .collect())
    }
}

fn source_object(
    shape: &SourceShape,
    object: &DirectoryObject,
    assigned: bool,
    references: References,
    more_references: Option<ReferenceCursor>,
) -> SourceObject {
    let presence = match (object.purged, object.deleted) {
        (true, _) => Presence::Deleted,
        (false, Some(_)) => Presence::SoftDeleted,
        (false, None) => Presence::Active,
    };
    let values = if object.purged {
        Vec::new()
    } else {
        shape.attributes.iter().map(|attribute| attributes::value(object, &attribute.name)).collect()
    };
    let enabled = object.properties.get("accountEnabled").and_then(serde_json::Value::as_bool);
    SourceObject {
        anchor: anchor(object.id),
        label: attributes::label(object).into(),
        presence,
        enabled: enabled.unwrap_or(true),
        assigned,
        values,
        references,
        more_references,
    }
}

#[async_trait::async_trait]
impl Source for DirectorySource {
    async fn head(&self) -> Result<Position, ConnectorError> {
        let head = self.directory.head().await.map_err(failed)?;
        Ok(Place { at: head, base: head }.print())
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<SourcePage, ConnectorError> {
        let feed = self.feed_request(&request)?;
        let base = request.since.map_or(Ok(Place::default()), Place::parse)?.base;
        let entries = self.directory.feed(feed).await.map_err(failed)?;
        let last = entries.len() < request.limit;
        let at = if last { feed.until } else { entries.last().map_or(feed.until, |entry| entry.at) };
        let since = if request.full { ChangeNumber(0) } else { base };
        let objects = self.objects(request.shape, entries, since, feed.until).await?;
        Ok(SourcePage { objects, position: Place { at, base }.print(), last })
    }

    async fn count(&self, request: ReadRequest<'_>) -> Result<u64, ConnectorError> {
        let feed = self.feed_request(&request)?;
        self.directory.feed_count(feed).await.map_err(failed)
    }

    async fn get(
        &self,
        shape: &SourceShape,
        anchor: &Anchor,
    ) -> Result<Option<SourceObject>, ConnectorError> {
        let kind = kind_of(shape)?;
        let Ok(id) = anchor.as_str().parse::<Uuid>() else { return Ok(None) };
        let object = self.directory.get(id).await.map_err(failed)?;
        let Some(object) = object.filter(|object| object.kind == kind && !object.purged) else {
            return Ok(None);
        };
        let assigned = match self.entitlement {
            Entitlement::Everybody => true,
            Entitlement::AssignedTo(resource) => {
                self.directory.is_assigned(id, resource).await.map_err(failed)?
            }
        };
        let until = self.directory.head().await.map_err(failed)?;
        let entry = FeedEntry { at: object.changed, object, assigned };
        Ok(self.objects(shape, vec![entry], ChangeNumber(0), until).await?.pop())
    }

    async fn references(
        &self,
        shape: &SourceShape,
        anchor: &Anchor,
        cursor: &ReferenceCursor,
    ) -> Result<ReferencePage, ConnectorError> {
        let unknown = || unknown_position(&cursor.0);
        let mut place = Cursor::parse(cursor)?;
        let open = place.open.pop().ok_or_else(unknown)?;
        let name = shape.references.get(open.attribute).ok_or_else(unknown)?;
        let id = anchor.as_str().parse::<Uuid>().map_err(|_| unknown_position(anchor.as_str()))?;
        let (changes, next) = self.edges(id, edge_kind(name)?, open, place.until).await?;
        place.open.extend(next);
        Ok(ReferencePage { changes, next: place.print() })
    }

    async fn check(&self) -> Result<(), ConnectorError> {
        self.directory.head().await.map(|_| ()).map_err(failed)
    }
}

/// A position in the change feed.
///
/// An object that changed twice appears at its newest change only, and what changed of its references is read
/// from `base`: where the reading began, not where its last page ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// Everything up to here was read.
    at: ChangeNumber,
    /// Where the reading began.
    base: ChangeNumber,
}

impl Place {
    fn print(self) -> Position {
        let Self { at, base } = self;
        if at == base {
            Position(at.0.to_string().into())
        } else {
            Position(format!("{}/{}", at.0, base.0).into())
        }
    }

    fn parse(position: &Position) -> Result<Self, ConnectorError> {
        let (at, base) = position.0.split_once('/').unwrap_or((&position.0, &position.0));
        match (at.parse(), base.parse()) {
            (Ok(at), Ok(base)) => Ok(Self { at: ChangeNumber(at), base: ChangeNumber(base) }),
            _ => Err(unknown_position(&position.0)),
        }
    }
}

/// Where the references of one object are read on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cursor {
    until: ChangeNumber,
    /// The attributes that have more; the last one is read first.
    open: Vec<Open>,
}

/// Where one attribute is read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    attribute: usize,
    since: ChangeNumber,
}

impl Cursor {
    /// `until:attribute:since:attribute:since…`; `None` when no attribute has more.
    fn print(&self) -> Option<ReferenceCursor> {
        let mut text = self.until.0.to_string();
        for Open { attribute, since } in &self.open {
            text.push_str(&format!(":{attribute}:{}", since.0));
        }
        (!self.open.is_empty()).then(|| ReferenceCursor(text.into()))
    }

    fn parse(cursor: &ReferenceCursor) -> Result<Self, ConnectorError> {
        let parsed = || {
            let mut parts = cursor.0.split(':');
            let until = ChangeNumber(parts.next()?.parse().ok()?);
            let mut open = Vec::new();
            while let Some(attribute) = parts.next() {
                let attribute = attribute.parse().ok()?;
                open.push(Open { attribute, since: ChangeNumber(parts.next()?.parse().ok()?) });
            }
            Some(Self { until, open })
        };
        parsed().ok_or_else(|| unknown_position(&cursor.0))
    }
}

fn anchor(id: Uuid) -> Anchor {
    Anchor::new(id.to_string())
}

fn unknown_position(text: &str) -> ConnectorError {
    let message =
        format!("'{text}' is no position of the directory; restart the job with resetScope Watermark");
    ConnectorError::new(ErrorClass::Fatal, "read the directory", message)
}

fn kind_of(shape: &SourceShape) -> Result<ObjectKind, ConnectorError> {
    let name = shape.object_type.as_str();
    if name.eq_ignore_ascii_case("user") {
        Ok(ObjectKind::User)
    } else if name.eq_ignore_ascii_case("group") {
        Ok(ObjectKind::Group)
    } else {
        let message = format!("the directory has no object type '{name}'; it has User and Group");
        Err(ConnectorError::new(ErrorClass::Fatal, "read the directory", message))
    }
}

fn edge_kind(name: &str) -> Result<EdgeKind, ConnectorError> {
    match name {
        "manager" => Ok(EdgeKind::Manager),
        "members" => Ok(EdgeKind::Member),
        "owners" => Ok(EdgeKind::Owner),
        _ => {
            let message =
                format!("the directory has no reference '{name}'; it has manager, members and owners");
            Err(ConnectorError::new(ErrorClass::Fatal, "read the directory", message))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: StoreError) -> ConnectorError {
    ConnectorError::new(ErrorClass::Transient, "read the directory", error.to_string())
}

#[cfg(test)]
mod tests;
