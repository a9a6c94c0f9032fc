//! Change tracking: `users/delta`, `groups/delta`.
//!
//! A round reads the store's change feed from the round's base to its end. Objects that change while the
//! round is read move to the end of the feed and so come again; nothing is lost by paging. Changes of
//! relationships are told from the base of the round, whatever the page, for the same reason.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{self, Filter};
use provisor_graph::odata::paging;
use provisor_store::directory::{
    ChangeNumber, DirectoryObject, EdgeChange, EdgeKind, FeedRequest, ObjectKind,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::model::{self, Relation};
use super::selection::Selection;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The preference that names the size of pages.
const MAX_PAGE_SIZE: &str = "odata.maxpagesize";
/// Objects of a page when the client names no number.
const DEFAULT_PAGE: usize = 200;
/// The most objects of a page.
const MAX_PAGE: usize = 999;
/// Relationship changes of a page; a larger group is told on several pages.
const EDGES: usize = 1000;
/// The most ids of a `$filter`.
const MAX_IDS: usize = 50;

/// What a token carries: the options of the first call and how far the reading has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Token {
    /// Of users or of groups.
    set: String,
    /// `$select` of the first call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    select: Option<String>,
    /// `$filter` of the first call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    /// Everything up to here was told in earlier rounds; 0 in the first.
    base: i64,
    /// The newest change when the first round began: who was gone by then was never told of.
    #[serde(default)]
    head: i64,
    /// How far this round has come.
    at: i64,
    /// An object whose relationships were too many for the page, and how far they were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<(Uuid, i64)>,
}

/// `GET /users/delta`, `GET /groups/delta`
///
/// # Errors
/// 400 for options that delta does not have, 410 for a token that is not ours.
pub async fn read(call: Call, kind: ObjectKind) -> Answer {
    refuse_options(&call)?;
    let head = call.state.store.head().await?;
    let token = match (&call.options.skip_token, &call.options.delta_token) {
        (None, None) => first(&call, kind, head),
        (None, Some(token)) if token.eq_ignore_ascii_case("latest") => {
            let token = Token { base: head.0, at: head.0, ..first(&call, kind, head) };
            return answer(&call, &Round::new(kind, token)?, &[], false);
        }
        (Some(token), _) | (None, Some(token)) => decode(token, kind)?,
    };
    let mut round = Round::new(kind, token)?;
    let (items, more) = round.page(&call).await?;
    answer(&call, &round, &items, more)
}

fn first(call: &Call, kind: ObjectKind, head: ChangeNumber) -> Token {
    Token {
        set: model::set(kind).to_owned(),
        select: call.options.select.as_ref().map(|names| names.join(",")),
        filter: call.options.filter.clone(),
        head: head.0,
        ..Token::default()
    }
}

fn decode(token: &str, kind: ObjectKind) -> Result<Token, GraphError> {
    paging::decode::<Token>(token)
        .filter(|token| token.set == model::set(kind))
        .ok_or_else(GraphError::sync_state_not_found)
}

fn refuse_options(call: &Call) -> Result<(), GraphError> {
    let options = &call.options;
    let given = [
        ("$top", options.top.is_some()),
        ("$orderby", options.order_by.is_some()),
        ("$expand", options.expand.is_some()),
        ("$search", options.search.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(GraphError::bad_request(format!(
            "{name} cannot be used with delta; use the Prefer header odata.maxpagesize for the page size."
        ))),
        None => Ok(()),
    }
}

/// The page, with the link that goes on.
fn answer(call: &Call, round: &Round, items: &[Json], more: bool) -> Answer {
    let mut token = round.token.clone();
    let links = if more {
        PageLinks { next: Some(link(call, "$skiptoken", &token)), ..PageLinks::default() }
    } else {
        token.base = token.at;
        PageLinks { delta: Some(link(call, "$deltatoken", &token)), ..PageLinks::default() }
    };
    let fragment = round.selection.context(model::set(round.kind));
    let size = call.preferred_number(MAX_PAGE_SIZE);
    let applied = size.map(|_| format!("{MAX_PAGE_SIZE}={}", page_size(call)));
    Ok(Reply::collection(call, &fragment, links, items)?.applying(applied))
}

fn page_size(call: &Call) -> usize {
    call.preferred_number(MAX_PAGE_SIZE).unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE)
}

/// Both links carry the options inside the token.
fn link(call: &Call, option: &str, token: &Token) -> String {
    call.url(&format!("{}?{option}={}", call.path(), paging::encode(token)))
}

/// A reading under way.
struct Round {
    kind: ObjectKind,
    token: Token,
    selection: Selection,
    filter: Option<Filter>,
    /// Whether the relationship of the kind (members, manager) is told.
    relation: Option<&'static Relation>,
}

impl Round {
    fn new(kind: ObjectKind, token: Token) -> Result<Self, GraphError> {
        let names: Option<Vec<String>> = token
            .select
            .as_ref()
            .map(|select| select.split(',').map(|name| name.trim().to_owned()).collect());
        let (edge, by_default) = match kind {
            ObjectKind::Group => (EdgeKind::Member, true),
            _ => (EdgeKind::Manager, false),
        };
        let relation = model::relations(kind).iter().find(|relation| relation.edge == edge);
        let relation = relation.filter(|relation| match &names {
            None => by_default,
            Some(names) => names.iter().any(|name| name.eq_ignore_ascii_case(relation.name)),
        });
        let relations = model::relations(kind);
        let named = relation.filter(|_| names.is_some());
        let names = names.map(|mut names| {
            names.retain(|name| !relations.iter().any(|relation| relation.name.eq_ignore_ascii_case(name)));
            names
        });
        let selection = Selection::for_delta(kind, names, named.map(|relation| relation.name))?;
        let filter = token.filter.as_deref().map(|text| id_filter(text, kind)).transpose()?;
        Ok(Self { kind, token, selection, filter, relation })
    }

    /// The next items, and whether more follow. Reads on over what the filter leaves out, so that a page with
    /// a next one is never empty.
    async fn page(&mut self, call: &Call) -> Result<(Vec<Json>, bool), Failure> {
        let limit = page_size(call);
        let mut items = Vec::new();
        let mut edges = 0;
        if let Some((id, from)) = self.token.pending.take() {
            edges += self.rest_of(call, id, from, &mut items).await?;
        }
        loop {
            if items.len() >= limit || edges >= EDGES {
                return Ok((items, true));
            }
            let wanted = limit - items.len();
            let request = FeedRequest {
                kind: self.kind,
                since: ChangeNumber(self.token.at),
                until: ChangeNumber(i64::MAX),
                assigned_to: None,
                full: false,
                limit: wanted,
            };
            let entries = call.state.store.feed(request).await?;
            let last = entries.len() < wanted;
            for entry in entries {
                if edges >= EDGES {
                    return Ok((items, true));
                }
                self.token.at = entry.at.0;
                edges += self.tell(call, &entry.object, &mut items).await?;
            }
            if last {
                return Ok((items, self.token.pending.is_some()));
            }
        }
    }

    /// Adds the item of one object; gives the number of relationship changes told.
    async fn tell(
        &mut self,
        call: &Call,
        object: &DirectoryObject,
        items: &mut Vec<Json>,
    ) -> Result<usize, Failure> {
        let id = json!({"id": object.id});
        if self.filter.as_ref().is_some_and(|filter| !filter.matches(&id, filter::Case::Insensitive)) {
            return Ok(0);
        }
        if object.purged || object.deleted.is_some() {
            if object.changed.0 > self.token.head {
                let reason = if object.purged { "deleted" } else { "changed" };
                items.push(json!({"id": object.id, "@removed": {"reason": reason}}));
            }
            return Ok(0);
        }
        // A first round leaves out what was never set; a later one must tell what was taken away.
        let mut item = match self.token.base {
            0 => self.selection.render_set(object),
            _ => self.selection.render_object(object),
        };
        let told = self.add_edges(call, object.id, self.token.base, &mut item).await?;
        items.push(item.into());
        Ok(told)
    }

    /// Goes on with the relationships of an object that did not fit the page before.
    async fn rest_of(
        &mut self,
        call: &Call,
        id: Uuid,
        from: i64,
        items: &mut Vec<Json>,
    ) -> Result<usize, Failure> {
        let there = call.state.store.get(id).await?.is_some_and(|object| object.deleted.is_none());
        if !there {
            return Ok(0);
        }
        let mut item = Map::from_iter([("id".to_owned(), Json::from(id.to_string()))]);
        let told = self.add_edges(call, id, from, &mut item).await?;
        if told > 0 {
            items.push(item.into());
        }
        Ok(told)
    }

    async fn add_edges(
        &mut self,
        call: &Call,
        id: Uuid,
        since: i64,
        item: &mut Map<String, Json>,
    ) -> Result<usize, Failure> {
        let Some(relation) = self.relation else { return Ok(0) };
        let (since, until) = (ChangeNumber(since), ChangeNumber(i64::MAX));
        let changes = call.state.store.edge_changes(id, relation.edge, since, until, EDGES).await?;
        if changes.len() == EDGES {
            self.token.pending = changes.last().map(|change| (id, change.changed.0));
        }
        if !changes.is_empty() {
            let told: Vec<Json> = changes.iter().map(edge_item).collect();
            item.insert(format!("{}@delta", relation.name), told.into());
        }
        Ok(changes.len())
    }
}

fn edge_item(change: &EdgeChange) -> Json {
    let odata_type = model::odata_type(change.to_kind);
    if change.present {
        json!({"@odata.type": odata_type, "id": change.to})
    } else {
        json!({"@odata.type": odata_type, "id": change.to, "@removed": {"reason": "deleted"}})
    }
}

/// Delta filters by ids and nothing else.
fn id_filter(text: &str, kind: ObjectKind) -> Result<Filter, GraphError> {
    let parsed = filter::parse(text)?;
    let properties = parsed.properties();
    if properties.len() > MAX_IDS || properties.iter().any(|name| !name.eq_ignore_ascii_case("id")) {
        return Err(GraphError::bad_request(format!(
            "Invalid filter clause: delta can only be filtered by id, for at most {MAX_IDS} objects."
        )));
    }
    let entity = model::entity(kind);
    parsed.check(entity, entity.name)?;
    Ok(parsed)
}

/// Keeps paging of the directory and of delta from being mixed up.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_another_set_is_refused() {
        let token = Token { set: "users".into(), at: 5, ..Token::default() };
        let text = paging::encode(&token);
        assert_eq!(decode(&text, ObjectKind::User).unwrap().at, 5);
        assert_eq!(decode(&text, ObjectKind::Group).unwrap_err().status, 410);
        assert_eq!(decode("abc", ObjectKind::User).unwrap_err().status, 410);
    }
}
