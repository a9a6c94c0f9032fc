//! What the application does, free of HTTP.

use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{BufMut, Bytes, BytesMut};
use provisor_scim::resource::{self, ENTERPRISE_USER_SCHEMA, LIST_RESPONSE_SCHEMA};
use provisor_scim::{Filter, PatchRequest, ScimError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use crate::projection::Projection;
use crate::schema::{Kind, MAX_RESULTS, check_targets, normalize, required};
use crate::stats::{Counters, StatsHandle};
use crate::store::{Entry, Keys, OpenError, Record, Store, WriteError};
use crate::{Clock, Ids, Options};

/// How many resources a page has when the client does not say.
const DEFAULT_RESULTS: usize = 100;

pub(crate) struct App {
    token: Option<SecretString>,
    base_url: String,
    clock: Clock,
    ids: Ids,
    users: Mutex<Store>,
    groups: Mutex<Store>,
    pub(crate) counters: Arc<Counters>,
    /// As many permits as long work may be done at the same time.
    pub(crate) long_work: Arc<Semaphore>,
    /// Keeps other processes out of the folder.
    _lock: Option<File>,
}

/// What a list request asks for.
#[derive(Debug, Default)]
pub(crate) struct ListRequest {
    pub(crate) filter: Option<Filter>,
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
    pub(crate) projection: Projection,
}

/// The versions that an `If-Match` or `If-None-Match` header names (RFC 9110, 13.1).
#[derive(Debug)]
pub(crate) struct Versions(Vec<String>);

impl Versions {
    /// Reads the header. Weak and strong tags are the same here: equal versions are equal bytes.
    pub(crate) fn parse(tags: &str) -> Self {
        let tag = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
        Self(tags.split(',').map(tag).collect())
    }

    pub(crate) fn name(&self, version: u64) -> bool {
        let version = version.to_string();
        self.0.iter().any(|tag| tag == "*" || *tag == version)
    }
}

impl App {
    pub(crate) fn open(options: Options, default_base: &str) -> Result<Self, OpenError> {
        let Options { token, data_dir, base_url, clock, ids } = options;
        let base_url = base_url.unwrap_or_else(|| default_base.to_owned()).trim_end_matches('/').to_owned();
        let lock = data_dir.as_deref().map(lock).transpose()?;
        let open = |kind: Kind| {
            let relocate = |entry: &Entry<'_>| relocate(kind, &base_url, entry);
            Store::open(kind, data_dir.as_deref(), relocate).map(Mutex::new)
        };
        let (users, groups) = (open(Kind::User)?, open(Kind::Group)?);
        let parallel = std::thread::available_parallelism().map_or(2, NonZero::get);
        Ok(Self {
            token,
            base_url,
            clock,
            ids,
            users,
            groups,
            counters: Arc::default(),
            long_work: Arc::new(Semaphore::new(parallel)),
            _lock: lock,
        })
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn stats(&self) -> StatsHandle {
        StatsHandle(Arc::clone(&self.counters))
    }

    /// Whether an `Authorization` header carries the token. The comparison takes the same time
    /// wherever the difference is.
    pub(crate) fn admits(&self, authorization: Option<&[u8]>) -> bool {
        let Some(token) = &self.token else { return true };
        let Some((scheme, given)) = authorization.and_then(|header| header.split_at_checked(7)) else {
            return false;
        };
        let wanted = token.expose_secret().as_bytes();
        let differences = given.iter().zip(wanted).fold(0, |all, (a, b)| all | (a ^ b));
        scheme.eq_ignore_ascii_case(b"Bearer ") && given.len() == wanted.len() && differences == 0
    }

    pub(crate) fn location(&self, kind: Kind, id: &str) -> String {
        location(&self.base_url, kind, id)
    }

    pub(crate) fn get(&self, kind: Kind, id: &str) -> Result<Arc<Record>, ScimError> {
        self.store(kind).get(id).cloned().ok_or_else(|| not_found(kind, id))
    }

    pub(crate) fn create(&self, kind: Kind, body: Value) -> Result<Arc<Record>, ScimError> {
        let content = normalize(kind, body)?;
        let id = (self.ids)().to_string();
        let now = self.now();
        let record = render(
            kind,
            &self.base_url,
            Identity { id: &id, version: 1, created: &now, modified: &now },
            content,
        );
        self.store(kind).insert(record).map_err(|error| refusal(kind, error))
    }

    pub(crate) fn put(
        &self,
        kind: Kind,
        id: &str,
        body: Value,
        condition: Option<&Versions>,
    ) -> Result<Arc<Record>, ScimError> {
        let content = normalize(kind, body)?;
        self.update(kind, id, condition, |_| Ok(content.clone()))
    }

    pub(crate) fn patch(
        &self,
        kind: Kind,
        id: &str,
        request: &PatchRequest,
        condition: Option<&Versions>,
    ) -> Result<Arc<Record>, ScimError> {
        self.update(kind, id, condition, |current| {
            check_targets(kind, request)?;
            let resource = patched(&current.body, request)?;
            if resource::get(&resource, kind.unique()).is_none_or(Value::is_null) {
                return Err(required(kind.unique()));
            }
            normalize(kind, resource)
        })
    }

    /// Changes a resource without holding the lock while computing; when another change came in
    /// between, it is computed again on what that left. Whoever comes in between has made progress,
    /// so this ends.
    fn update(
        &self,
        kind: Kind,
        id: &str,
        condition: Option<&Versions>,
        change: impl Fn(&Record) -> Result<Map<String, Value>, ScimError>,
    ) -> Result<Arc<Record>, ScimError> {
        loop {
            let current = self.get(kind, id)?;
            check(condition, &current)?;
            let content = change(&current)?;
            let modified = self.now();
            let identity =
                Identity { id, version: current.version + 1, created: &current.created, modified: &modified };
            let record = render(kind, &self.base_url, identity, content);
            if record.content() == current.content() {
                return Ok(current);
            }
            let written = self.store(kind).replace(current.version, record);
            match written {
                Ok(written) => return Ok(written),
                Err(WriteError::Overtaken) => {}
                Err(error) => return Err(refusal(kind, error)),
            }
        }
    }

    pub(crate) fn delete(&self, kind: Kind, id: &str, condition: Option<&Versions>) -> Result<(), ScimError> {
        loop {
            let current = self.get(kind, id)?;
            check(condition, &current)?;
            let removed = self.store(kind).remove(id, current.version);
            match removed {
                Ok(()) => return Ok(()),
                Err(WriteError::Overtaken) => {}
                Err(error) => return Err(refusal(kind, error)),
            }
        }
    }

    pub(crate) fn list(&self, kind: Kind, request: &ListRequest) -> Result<Bytes, ScimError> {
        let skip =
            request.start_index.map_or(0, |start| usize::try_from(start.saturating_sub(1)).unwrap_or(0));
        let count = request.count.map_or(DEFAULT_RESULTS, |count| usize::try_from(count).unwrap_or(0));
        let count = count.min(MAX_RESULTS);
        let (total, page) = match &request.filter {
            None => {
                let store = self.store(kind);
                (store.len(), store.page(skip, count))
            }
            Some(filter) => {
                let mut found = self.store(kind).candidates(filter);
                if found.unchecked {
                    found
                        .records
                        .retain(|record| parse(&record.body).is_ok_and(|resource| filter.matches(&resource)));
                }
                (found.records.len(), found.records.into_iter().skip(skip).take(count).collect())
            }
        };
        render_list(total, skip + 1, &page, &request.projection)
    }

    fn now(&self) -> String {
        format!("{:.3}", (self.clock)())
    }

    fn store(&self, kind: Kind) -> MutexGuard<'_, Store> {
        let store = match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        };
        // A panic elsewhere leaves the store whole: its changes are single steps.
        store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stored resource with the changes of a request. What else it says of a manager goes with the
/// manager's id, unless the request says it anew: a name beside another's id is wrong.
fn patched(body: &[u8], request: &PatchRequest) -> Result<Value, ScimError> {
    let mut resource = parse(body)?;
    let former = manager_id(&resource);
    provisor_scim::patch::apply(&mut resource, request)?;
    if former.is_none() || manager_id(&resource) == former {
        return Ok(resource);
    }
    let mut resource = parse(body)?;
    if let Value::Object(manager) = &mut resource[ENTERPRISE_USER_SCHEMA]["manager"] {
        manager.retain(|name, _| name == "value");
    }
    provisor_scim::patch::apply(&mut resource, request)?;
    Ok(resource)
}

fn manager_id(resource: &Value) -> Option<String> {
    Some(resource[ENTERPRISE_USER_SCHEMA]["manager"]["value"].as_str()?.to_owned())
}

/// What the server adds to the content of a resource.
#[derive(Clone, Copy)]
struct Identity<'a> {
    id: &'a str,
    version: u64,
    created: &'a str,
    modified: &'a str,
}

/// Writes a resource: `id` and `meta` in front of the content.
fn render(kind: Kind, base_url: &str, identity: Identity<'_>, content: Map<String, Value>) -> Record {
    let Identity { id, version, created, modified } = identity;
    let keys = Keys::of(kind, &content);
    let added = json!({
        "id": id,
        "meta": {
            "resourceType": kind.name(),
            "created": created,
            "lastModified": modified,
            "location": location(base_url, kind, id),
            "version": etag(version),
        },
    });
    let mut body = added.to_string();
    // The content always has members: `schemas` and the unique attribute.
    body.truncate(body.len() - 1);
    body.push(',');
    let content_at = body.len();
    body.push_str(&Value::Object(content).to_string()[1..]);
    Record { id: id.into(), version, created: created.into(), body: body.into(), content_at, keys }
}

/// The entity tag of a version.
pub(crate) fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// One resource as an answer holds it.
pub(crate) fn project(record: &Record, projection: &Projection) -> Result<Bytes, ScimError> {
    if projection.is_all() {
        return Ok(record.body.clone());
    }
    if let Some(text) = projection.apply_to_text(&record.body) {
        return Ok(text.into());
    }
    Ok(projection.apply(parse(&record.body)?).to_string().into())
}

/// Joins resources into a list without parsing them.
fn render_list(
    total: usize,
    start: usize,
    page: &[Arc<Record>],
    projection: &Projection,
) -> Result<Bytes, ScimError> {
    let size: usize = page.iter().map(|record| record.body.len() + 1).sum();
    let mut body = BytesMut::with_capacity(size + 200);
    let head = format!(
        r#"{{"schemas":["{LIST_RESPONSE_SCHEMA}"],"totalResults":{total},"startIndex":{start},"itemsPerPage":{},"Resources":["#,
        page.len(),
    );
    body.put_slice(head.as_bytes());
    for (index, record) in page.iter().enumerate() {
        if index > 0 {
            body.put_u8(b',');
        }
        body.put_slice(&project(record, projection)?);
    }
    body.put_slice(b"]}");
    Ok(body.freeze())
}

fn check(condition: Option<&Versions>, current: &Record) -> Result<(), ScimError> {
    match condition {
        Some(versions) if !versions.name(current.version) => {
            let detail = format!("the resource is at version {}; read it again", etag(current.version));
            Err(ScimError::new(412, detail))
        }
        _ => Ok(()),
    }
}

fn parse(body: &[u8]) -> Result<Value, ScimError> {
    serde_json::from_slice(body)
        .map_err(|error| ScimError::new(500, format!("a stored resource is damaged: {error}")))
}

fn not_found(kind: Kind, id: &str) -> ScimError {
    ScimError::new(404, format!("there is no {} with id {id:?}", kind.name()))
}

fn refusal(kind: Kind, error: WriteError) -> ScimError {
    match error {
        WriteError::Taken(holder) => {
            ScimError::uniqueness(format!("{} is in use by the {} {holder}", kind.unique(), kind.name()))
        }
        WriteError::Overtaken => ScimError::new(409, "the resource was changed at the same time; try again"),
        WriteError::Journal(error) => {
            tracing::error!(%error, "the journal could not be written");
            ScimError::new(500, "the change could not be stored; see the server's log")
        }
    }
}

fn location(base_url: &str, kind: Kind, id: &str) -> String {
    format!("{base_url}/{}/{id}", kind.endpoint())
}

/// Brings a resource from the journal to the URL under which the server is reached now.
fn relocate(kind: Kind, base_url: &str, entry: &Entry<'_>) -> Option<Record> {
    let mut content: Map<String, Value> = serde_json::from_str(entry.resource?.get()).ok()?;
    let (_, meta) = (content.remove("id")?, content.remove("meta")?);
    let time = |name: &str| meta.get(name).and_then(Value::as_str);
    let identity = Identity {
        id: &entry.id,
        version: entry.version,
        created: time("created")?,
        modified: time("lastModified")?,
    };
    Some(render(kind, base_url, identity, content))
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = |cause| OpenError::File { path: folder.to_owned(), cause };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let file = File::create(folder.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse { path: folder.to_owned() }),
        Err(std::fs::TryLockError::Error(cause)) => Err(failed(cause)),
    }
}
