//! The target itself.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use provisor_engine::clock::Clock;
use provisor_engine::ids::Ids;
use provisor_engine::object::{TargetId, TargetObject};
use provisor_engine::ports::{
    Capabilities, Change, ConnectorError, Created, ErrorClass, Findings, ListCursor, ObjectPage,
    ReferenceWrite, SlotValue, Target, TargetShape, UnmatchableAttribute,
};
use provisor_expression::Value;
use provisor_scim::patch::OpCase;
use provisor_scim::{ClientError, Filter, PatchRequest, Query, Response, ScimClient, SyntaxError, resource};
use serde_json::Value as Json;

use super::manners::Manners;
use super::shape::Shape;
use super::{discover, failure, read, write};

/// Members in one PATCH: some servers lose members when a request holds more.
pub(super) const MEMBERS_PER_PATCH: usize = 100;
/// How often a request of the preparation is sent in all while the target asks for patience.
const PATIENCE: u32 = 6;
/// The shortest and the longest wait in between.
const SHORT_WAIT: Duration = Duration::from_secs(1);
const LONG_WAIT: Duration = Duration::from_secs(30);
/// Resources asked for on one page of a listing.
const LIST_COUNT: u64 = 200;

/// Why a target cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ScimTargetError {
    /// A target attribute name is no SCIM attribute path.
    #[error(
        "the target attribute '{name}' is not a SCIM attribute path: {problem}; correct it in the schema"
    )]
    Attribute {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: SyntaxError,
    },
}

/// A SCIM 2.0 target for the compiled schema of one job. Keep it from cycle to cycle: it remembers what it
/// learnt of the server.
pub struct ScimTarget {
    pub(super) client: ScimClient,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) shapes: Vec<Shape>,
    pub(super) manners: Manners,
    /// What the names of probes end with.
    pub(super) probe_mark: String,
    /// What the newest preparation found: the engine and this target go by the same attributes.
    findings: Mutex<Option<Findings>>,
}

impl std::fmt::Debug for ScimTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScimTarget").field("base_url", &self.client.base_url()).finish_non_exhaustive()
    }
}

impl ScimTarget {
    /// A target for these shapes.
    ///
    /// # Errors
    /// When a target attribute name is no SCIM attribute path.
    pub fn new(
        client: ScimClient,
        shapes: &[&TargetShape],
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, ScimTargetError> {
        let mut made = Vec::with_capacity(shapes.len());
        let probe_mark = ids.uuid().simple().to_string();
        for shape in shapes {
            made.push(Shape::new(shape).map_err(|problem| {
                ScimTargetError::Attribute {
                    name: shape
                        .attributes
                        .iter()
                        .find(|attribute| provisor_scim::Path::parse(&attribute.name).is_err())
                        .map_or_else(String::new, |attribute| attribute.name.to_string()),
                    problem,
                }
            })?);
        }
        Ok(Self {
            client,
            clock,
            ids,
            shapes: made,
            manners: Manners::default(),
            probe_mark,
            findings: Mutex::new(None),
        })
    }

    /// The same target with probes named by this mark, which must be nobody else's. With the same mark in
    /// every run, a probe that a crash left behind is found and deleted by the next one.
    #[must_use]
    pub fn with_probe_mark(mut self, mark: impl Into<String>) -> Self {
        self.probe_mark = mark.into();
        self
    }

    fn shape(&self, index: usize, operation: &str) -> Result<&Shape, ConnectorError> {
        self.shapes.get(index).ok_or_else(|| {
            ConnectorError::new(
                ErrorClass::Fatal,
                operation,
                format!("the schema has no object type {index}"),
            )
        })
    }

    /// The slots of attributes that the server does not have.
    fn dropped(&self, shape: &Shape) -> Vec<usize> {
        let findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let dropped = findings.iter().flat_map(|findings| &findings.dropped);
        dropped.filter(|(of, _)| *of == shape.object_type).map(|(_, slot)| *slot).collect()
    }

    /// Sends a request of the preparation again while the target asks for patience: begun anew as a whole, the
    /// preparation would ask for everything once more, and leave probes behind.
    pub(super) async fn patiently<T, F>(&self, request: impl Fn() -> F) -> Result<T, ConnectorError>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        let mut attempt = 1;
        loop {
            match request().await {
                Err(error) if error.class == ErrorClass::Throttled && attempt < PATIENCE => {
                    attempt += 1;
                    let wait = error.retry_after.unwrap_or_default().clamp(SHORT_WAIT, LONG_WAIT);
                    self.clock.sleep(wait).await;
                }
                result => return result,
            }
        }
    }

    /// The answer, if its status is a success; otherwise the classified error.
    pub(super) fn accept(
        &self,
        operation: &str,
        answer: Result<Response, ClientError>,
    ) -> Result<Response, ConnectorError> {
        let response = answer.map_err(|error| failure::unanswered(operation, &error))?;
        if response.status.is_success() {
            return Ok(response);
        }
        Err(failure::refused(operation, &response, self.clock.now()))
    }

    /// Sends a PATCH; an answer with a body and one without are both fine.
    pub(super) async fn patch(
        &self,
        shape: &Shape,
        operation: &str,
        id: &TargetId,
        request: &PatchRequest,
    ) -> Result<(), ConnectorError> {
        let body = request.to_bytes(OpCase::Lower);
        let answer = self.client.patch(&shape.endpoint, id.as_str(), body, None).await;
        self.accept(operation, answer).map(|_| ())
    }

    /// Reads a resource; `None` when it is gone.
    pub(super) async fn read(
        &self,
        shape: &Shape,
        operation: &str,
        id: &TargetId,
    ) -> Result<Option<Json>, ConnectorError> {
        let query = Query { excluded_attributes: shape.excluded, ..Query::default() };
        let answer = self.client.fetch(&shape.endpoint, id.as_str(), &query).await;
        match self.accept(operation, answer) {
            Ok(response) => response.json().map(Some).map_err(|error| failure::unreadable(operation, error)),
            Err(error) if error.class == ErrorClass::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn query(&self, shape: &Shape, operation: &str, query: Query<'_>) -> Result<Json, ConnectorError> {
        let answer = self.client.query(&shape.endpoint, &query).await;
        let response = self.accept(operation, answer)?;
        let answer: Json = response.json().map_err(|error| failure::unreadable(operation, error))?;
        if read::resources(&answer).is_none() {
            return Err(failure::unreadable(operation, "it is no list of resources"));
        }
        Ok(answer)
    }

    /// Learns what the server says and does. Findings of a probe are kept for later cycles.
    async fn learn(&self, probe: bool) -> Result<Findings, ConnectorError> {
        let mut findings = Findings::default();
        let schemas = self.schemas().await?;
        for shape in self.distinct().filter_map(|index| self.shapes.get(index)) {
            let unknown = discover::unknown(shape, &schemas);
            if !unknown.is_empty() {
                let names: Vec<&str> = unknown
                    .iter()
                    .filter_map(|&slot| shape.attribute(slot))
                    .map(|attribute| &*attribute.declared.name)
                    .collect();
                findings.remarks.push(format!(
                    "The target's {} schema does not have these mapped attributes, so they are not sent: {}",
                    shape.kind(),
                    names.join(", ")
                ));
            }
            findings.dropped.extend(unknown.iter().map(|&slot| (shape.object_type.clone(), slot)));
        }
        let distrusted = if !self.says_it_filters().await? {
            Some("the target says that it cannot filter")
        } else if self.manners.ignores_filters() {
            Some("the target answers a lookup of what cannot exist with objects: it ignores the filter")
        } else {
            None
        };
        if let Some(reason) = distrusted {
            findings.remarks.push(format!(
                "Lookups cannot be trusted ({reason}), so an inventory of the target is taken and matched against"
            ));
            let shapes = self.shapes.iter();
            findings.unmatchable.extend(shapes.flat_map(|shape| every_matching_attribute(shape, reason)));
        } else if probe {
            for index in self.distinct() {
                self.probe(index, &mut findings).await?;
            }
        }
        Ok(findings)
    }

    /// The places of the shapes without those that repeat an earlier one, as mappings told apart by category do.
    fn distinct(&self) -> impl Iterator<Item = usize> {
        let same = |left: &Shape, right: &Shape| {
            left.object_type == right.object_type
                && left
                    .attributes
                    .iter()
                    .map(|attribute| &attribute.declared.name)
                    .eq(right.attributes.iter().map(|attribute| &attribute.declared.name))
        };
        let places = self.shapes.iter().enumerate();
        places
            .filter(move |(index, shape)| !self.shapes.iter().take(*index).any(|known| same(known, shape)))
            .map(|(index, _)| index)
    }

    /// Whether findings of an earlier preparation still hold: what a check has seen since counts too.
    fn hold(&self, findings: &Findings) -> bool {
        let mut matching = self.shapes.iter().flat_map(|shape| every_matching_attribute(shape, ""));
        let is_known = |attribute: UnmatchableAttribute| {
            let mut known = findings.unmatchable.iter();
            known.any(|known| known.object_type == attribute.object_type && known.slot == attribute.slot)
        };
        !self.manners.ignores_filters() || matching.all(is_known)
    }

    /// What the target answers to a lookup.
    pub(super) async fn look_up(&self, index: usize, by: &SlotValue) -> Result<Lookup, ConnectorError> {
        let shape = self.shape(index, "look a target object up")?;
        let Some(attribute) = shape.attribute(by.slot) else { return Ok(Lookup::default()) };
        let value = write::json(&by.value);
        let operation = format!("look {} up by {} {value}", shape.kind(), attribute.declared.name);
        let filter = Filter::eq(attribute.path.clone(), value).to_string();
        let query = Query { filter: Some(&filter), excluded_attributes: shape.excluded, ..Query::default() };
        let answer = self.query(shape, &operation, query).await?;
        let resources = read::resources(&answer).unwrap_or_default();
        let objects: Vec<TargetObject> =
            resources.iter().filter_map(|resource| read::object(shape, resource)).collect();
        let listed = u64::try_from(objects.len()).unwrap_or(u64::MAX);
        let total = resource::get(&answer, "totalResults").and_then(Json::as_u64).unwrap_or(listed);
        Ok(Lookup { operation, objects, total })
    }
}

/// An answer to a lookup.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    operation: String,
    /// Every object of the answer, whatever it has.
    pub(super) objects: Vec<TargetObject>,
    /// How many there are, as the target says; the answer may be one page of them.
    pub(super) total: u64,
}

fn every_matching_attribute(shape: &Shape, reason: &str) -> impl Iterator<Item = UnmatchableAttribute> {
    shape.attributes.iter().enumerate().filter(|(_, attribute)| attribute.declared.matching).map(
        move |(slot, _)| UnmatchableAttribute {
            object_type: shape.object_type.clone(),
            slot,
            reason: reason.into(),
        },
    )
}

#[async_trait::async_trait]
impl Target for ScimTarget {
    fn capabilities(&self) -> Capabilities {
        Capabilities { listing: true, references_per_write: MEMBERS_PER_PATCH }
    }

    async fn check(&self) -> Result<(), ConnectorError> {
        let operation = "check the connection to the target";
        let shape = self.shape(0, operation)?;
        let Some(attribute) = shape.attributes.iter().find(|attribute| attribute.declared.matching) else {
            return Ok(());
        };
        let filter = Filter::eq(attribute.path.clone(), self.ids.uuid().to_string()).to_string();
        let query = Query { filter: Some(&filter), excluded_attributes: shape.excluded, ..Query::default() };
        match self.query(shape, operation, query).await {
            Ok(answer) => {
                // Nobody has this value: any object in the answer proves that the filter is ignored.
                let found = read::resources(&answer).unwrap_or_default();
                self.manners.note_filters(!found.is_empty());
                Ok(())
            }
            // What cannot filter says so by these; whether it can be used is found out in `prepare`.
            Err(error) if matches!(error.status, Some(400 | 501)) => Ok(()),
            Err(error) if error.status == Some(403) => {
                Err(ConnectorError { class: ErrorClass::Unauthorized, ..error })
            }
            Err(error) if matches!(error.class, ErrorClass::NotFound | ErrorClass::Invalid) => {
                let message = format!(
                    "{}; a SCIM endpoint answers the query for a user that cannot exist with 200 and an empty \
                     list: check the base address {}",
                    error.message,
                    self.client.base_url()
                );
                Err(ConnectorError { class: ErrorClass::Fatal, message, ..error })
            }
            Err(error) => Err(error),
        }
    }

    async fn prepare(&self, probe: bool) -> Result<Findings, ConnectorError> {
        let known = self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(findings) = known.filter(|known| !probe && self.hold(known)) {
            return Ok(findings);
        }
        let findings = self.learn(probe).await?;
        *self.findings.lock().unwrap_or_else(PoisonError::into_inner) = Some(findings.clone());
        Ok(findings)
    }

    async fn get(&self, shape: usize, id: &TargetId) -> Result<Option<TargetObject>, ConnectorError> {
        let operation = format!("read target object '{id}'");
        let shape = self.shape(shape, &operation)?;
        let Some(resource) = self.read(shape, &operation, id).await? else { return Ok(None) };
        read::object(shape, &resource)
            .map(Some)
            .ok_or_else(|| failure::unreadable(&operation, "the resource has no id"))
    }

    async fn find(&self, shape: usize, by: &SlotValue) -> Result<Vec<TargetObject>, ConnectorError> {
        let Lookup { operation, objects, total } = self.look_up(shape, by).await?;
        let listed = objects.len();
        // A server that ignores the filter answers with everything: only what truly has the value counts.
        let found: Vec<TargetObject> = objects.into_iter().filter(|object| has_value(object, by)).collect();
        if found.is_empty() && listed > 0 && u64::try_from(listed).is_ok_and(|listed| listed < total) {
            let message = format!(
                "the target ignores the filter and gave {listed} of its {total} objects, so it is not known \
                 whether it has this one; restart the job, so that an inventory of the target is taken"
            );
            return Err(ConnectorError::new(ErrorClass::Invalid, operation, message));
        }
        Ok(found)
    }

    async fn list(&self, shape: usize, cursor: ListCursor) -> Result<ObjectPage, ConnectorError> {
        let shape = self.shape(shape, "list the target")?;
        let operation = format!("list {}", shape.endpoint);
        let query = Query {
            start_index: Some(cursor.listed + 1),
            count: Some(LIST_COUNT),
            excluded_attributes: shape.excluded,
            ..Query::default()
        };
        let answer = self.query(shape, &operation, query).await?;
        let resources = read::resources(&answer).unwrap_or_default();
        let objects: Vec<TargetObject> =
            resources.iter().filter_map(|resource| read::object(shape, resource)).collect();
        let total = resource::get(&answer, "totalResults").and_then(Json::as_u64);
        let listed = cursor.listed + u64::try_from(resources.len()).unwrap_or_default();
        let mark = objects.first().map_or(0, |object| mark_of(&object.id));
        // Some servers give the length of the page as the total: only the next page tells then.
        let on_page = u64::try_from(resources.len()).unwrap_or_default();
        let reached = total.is_some_and(|total| total > on_page && listed >= total);
        let more = !resources.is_empty() && !reached;
        let again = !objects.is_empty() && cursor.listed > 0 && mark == cursor.mark;
        if again && total.is_none_or(|total| total <= cursor.listed) {
            // It does not know pages, and gave everything on the first one.
            return Ok(ObjectPage { objects: Vec::new(), next: None });
        }
        if again {
            let message = "the target gives the same page again whatever startIndex says, so what it holds cannot \
                           be known; let it support paging (RFC 7644 section 3.4.2.4) or filtering";
            return Err(ConnectorError::new(ErrorClass::Fatal, operation, message));
        }
        Ok(ObjectPage { objects, next: more.then_some(ListCursor { listed, mark }) })
    }

    async fn create(&self, index: usize, values: &[SlotValue]) -> Result<Created, ConnectorError> {
        let shape = self.shape(index, "create a target object")?;
        let operation = format!("create {}", shape.kind());
        let body = write::create(shape, values, &self.dropped(shape)).map_err(|error| {
            let message = format!("the mapped attributes do not fit one resource: {}", error.detail);
            ConnectorError::new(ErrorClass::Invalid, operation.clone(), message)
        })?;
        let answer = self.client.create(&shape.endpoint, body.to_string().into()).await;
        let response = self.accept(&operation, answer)?;
        let id = created_id(&response)
            .ok_or_else(|| failure::unreadable(&operation, "the answer tells no id of what was created"))?;
        if shape.attributes.iter().any(|attribute| attribute.declared.multivalued) {
            self.manners.know_members(id.as_str());
        }
        Ok(Created { id })
    }

    async fn update(&self, index: usize, id: &TargetId, changes: &[Change]) -> Result<(), ConnectorError> {
        let shape = self.shape(index, "update a target object")?;
        let operation = format!("update {} '{id}'", shape.kind());
        let dropped = self.dropped(shape);
        let present = if write::needs_present(shape, changes, &self.manners) {
            self.read(shape, &operation, id).await?
        } else {
            None
        };
        let request = write::update(shape, changes, &dropped, &self.manners, present.as_ref());
        if request.operations.is_empty() {
            let message = "the target's schema does not have any of the attributes that changed, so nothing was \
                           sent; the next cycle goes by what the target has";
            return Err(ConnectorError::new(ErrorClass::Invalid, operation, message));
        }
        let elements = write::selected_elements(shape, changes, &self.manners);
        let (refusal, present) = match self.patch(shape, &operation, id, &request).await {
            Err(error) if error.status == Some(400) && !elements.is_empty() => {
                (error, self.read(shape, &operation, id).await?)
            }
            Ok(()) if !self.manners.are_proven(&elements) => {
                let present = self.read(shape, &operation, id).await?;
                if present.as_ref().is_none_or(|present| write::holds(shape, changes, present)) {
                    self.manners.prove(elements);
                    return Ok(());
                }
                let message = "the target accepts the change by a selecting path and does not make it";
                (ConnectorError::new(ErrorClass::Invalid, operation.clone(), message), present)
            }
            result => return result,
        };
        // Many servers refuse, or ignore, what is added by a path that selects an element which is not there
        // yet: the same change as an element of its own, then, and from now on.
        let trial = self.manners.trial(&elements);
        let request = write::update(shape, changes, &dropped, &trial, present.as_ref());
        match self.patch(shape, &operation, id, &request).await {
            Ok(()) => {
                self.manners.add_whole(elements);
                Ok(())
            }
            Err(_) => Err(refusal),
        }
    }

    async fn write_references(
        &self,
        index: usize,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError> {
        let shape = self.shape(index, "write references")?;
        let Some(attribute) = shape.attribute(write.slot) else { return Ok(()) };
        if self.dropped(shape).contains(&write.slot) {
            return Ok(());
        }
        if attribute.declared.multivalued {
            self.write_members(shape, attribute, id, write).await
        } else {
            self.write_manager(shape, attribute, id, write).await
        }
    }

    async fn delete(&self, index: usize, id: &TargetId) -> Result<(), ConnectorError> {
        let shape = self.shape(index, "delete a target object")?;
        let operation = format!("delete {} '{id}'", shape.kind());
        let answer = self.client.delete(&shape.endpoint, id.as_str(), None).await;
        match self.accept(&operation, answer) {
            Ok(_) => Ok(()),
            Err(error) if error.class == ErrorClass::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

pub(super) fn has_value(object: &TargetObject, by: &SlotValue) -> bool {
    let held = object.values.get(by.slot).unwrap_or(&Value::Null);
    // An attribute that is not returned cannot speak against the target's own answer.
    held.is_null()
        || match (held.text(), by.value.text()) {
            (Some(held), Some(wanted)) => held.to_lowercase() == wanted.to_lowercase(),
            _ => held == &by.value,
        }
}

/// The id of what was created: from the body, or from where the answer says that it is.
fn created_id(response: &Response) -> Option<TargetId> {
    let body: Option<Json> = response.json().ok();
    if let Some(id) = body.as_ref().and_then(resource::id) {
        return Some(TargetId::new(id));
    }
    let path = response.location()?.split(['?', '#']).next()?;
    let last = path.trim_end_matches('/').rsplit('/').next().filter(|last| !last.is_empty())?;
    let id = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
    Some(TargetId::new(&*id))
}

fn mark_of(id: &TargetId) -> u64 {
    id.as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
