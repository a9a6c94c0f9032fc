//! Pages of the objects of a kind: by creation, by an index's order, or what probes of indexes find. Every
//! page goes on after the key and the number of the object before it, however far into the listing that is.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ToSql, params};

use super::fault::Fault;
use super::objects::{self, COLUMNS};
use super::{codec, query};
use crate::directory::{
    DirectoryObject, ListRequest, Lookup, Matching, ObjectPage, Ordered, Place, PlaceKey, Probe,
};
use crate::indexed;

impl ToSql for PlaceKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Number(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}

/// Rows that one reading looks at for the sake of those it gives; beyond them it breaks off, and others have
/// their turn. Few in tests, so that they see it.
pub(super) const MOST_ROWS: usize = if cfg!(test) { 20 } else { 2000 };

/// Rows that are few.
const FEW: usize = 32;
/// The most that are asked for where mostly one is found.
const ASKED: usize = 128;

/// Whether a request looks at a few rows only, or mostly does: those of a short page, or with one exact value.
pub(super) fn is_small(request: &ListRequest) -> bool {
    match &request.lookup {
        Lookup::All | Lookup::Ordered { .. } => request.limit <= FEW,
        Lookup::Probes(probes) => match probes.as_slice() {
            [Probe::Id(_)] => true,
            [Probe::Property { matching: Matching::Exactly(_), .. }] => request.limit <= ASKED,
            [Probe::Property { matching: Matching::Word(_), .. }] | [] | [_, _, ..] => false,
            [_] => request.limit <= FEW,
        },
    }
}

/// The page that a request asks for.
pub(super) fn list(connection: &Connection, request: &ListRequest) -> Result<ObjectPage, Fault> {
    match &request.lookup {
        Lookup::All => all(connection, request),
        Lookup::Ordered { by, descending } => ordered(connection, request, *by, *descending),
        Lookup::Probes(probes) => probed(connection, request, probes),
    }
}

impl ObjectPage {
    fn push(&mut self, place: Place, object: DirectoryObject) {
        self.places.push(place);
        self.objects.push(object);
    }

    /// A page that was filled has a next one, perhaps an empty one.
    fn ended(mut self, limit: usize) -> Self {
        self.next = self.places.last().filter(|_| self.places.len() >= limit).cloned();
        self
    }
}

fn all(connection: &Connection, request: &ListRequest) -> Result<ObjectPage, Fault> {
    // The state stands in the text, so that one plan serves all.
    let state = i32::from(request.deleted);
    let sql = format!(
        "SELECT o.seq, {COLUMNS} FROM directory_object o INDEXED BY directory_object_state \
         WHERE o.kind = ?1 AND o.state = {state} AND o.seq > ?2 ORDER BY o.seq LIMIT ?3"
    );
    let after = request.after.as_ref().map_or(0, |place| place.seq);
    objects::page(connection, &sql, params![request.kind, after, query::limit(request.limit)], request.limit)
}

/// Where rows with a key stand, and on what condition they count.
struct Index {
    from: String,
    key: &'static str,
    seq: &'static str,
}

impl Index {
    fn of_object(index: &str, key: &'static str, state: i32) -> Self {
        let from = format!(
            "directory_object o INDEXED BY directory_object_{index} WHERE o.kind = ?1 AND o.state = {state} \
             AND {key} IS NOT NULL"
        );
        Self { from, key, seq: "o.seq" }
    }

    fn name(state: i32) -> Self {
        Self::of_object("name_key", "o.name_key", state)
    }

    /// The index holds only what is not deleted.
    fn unique() -> Self {
        Self::of_object("unique_key", "o.unique_key", 0)
    }

    fn created(state: i32) -> Self {
        Self::of_object("created", "o.created", state)
    }

    fn value(number: i64, state: i32) -> Self {
        // The cross join keeps the order of the tables.
        let from = format!(
            "indexed_value v CROSS JOIN directory_object o ON o.seq = v.object WHERE v.property = {number} \
             AND o.kind = ?1 AND o.state = {state}"
        );
        Self { from, key: "v.value", seq: "v.object" }
    }
}

/// A span of an index, from its lower bound up to but without its upper one.
#[derive(Default)]
struct Span {
    from: Option<PlaceKey>,
    until: Option<PlaceKey>,
    descending: bool,
}

/// What a row gives: the key, the number, the object.
type Found = (PlaceKey, i64, DirectoryObject);

impl Index {
    /// Rows of the span after a place: first the rest of those with the place's own key, then those beyond.
    fn read(
        &self,
        connection: &Connection,
        kind: impl ToSql + Copy,
        span: &Span,
        after: Option<(&PlaceKey, i64)>,
        limit: usize,
    ) -> Result<Vec<Found>, Fault> {
        let Self { from, key, seq } = self;
        let (beyond, order) = if span.descending { ("<", "DESC") } else { (">", "ASC") };
        let mut rows = Vec::new();
        if let Some((at, number)) = after {
            let sql = format!(
                "SELECT {seq}, {key}, {COLUMNS} FROM {from} AND {key} = ?2 AND {seq} {beyond} ?3 \
                 ORDER BY {seq} {order} LIMIT ?4"
            );
            let params = params![kind, at, number, query::limit(limit)];
            rows = query::all(connection, &sql, params, found)?;
        }
        if rows.len() >= limit {
            return Ok(rows);
        }
        // Bounds that are not there are left out of the text: a plan sees only what it says.
        let mut conditions = String::new();
        let mut values: Vec<&dyn ToSql> = vec![&kind];
        let at = after.map(|(at, _)| at);
        let bounds = [
            (beyond, at),
            (">=", span.from.as_ref().filter(|_| span.descending || at.is_none())),
            ("<", span.until.as_ref().filter(|_| !span.descending || at.is_none())),
        ];
        for (operator, bound) in bounds {
            if let Some(bound) = bound {
                values.push(bound);
                conditions.push_str(&format!(" AND {key} {operator} ?{}", values.len()));
            }
        }
        let rest = query::limit(limit - rows.len());
        values.push(&rest);
        let sql = format!(
            "SELECT {seq}, {key}, {COLUMNS} FROM {from}{conditions} ORDER BY {key} {order}, {seq} {order} \
             LIMIT ?{}",
            values.len()
        );
        rows.extend(query::all(connection, &sql, values.as_slice(), found)?);
        Ok(rows)
    }
}

fn found(row: &rusqlite::Row<'_>) -> Result<Found, Fault> {
    let key = match row.get_ref(1)? {
        rusqlite::types::ValueRef::Integer(number) => PlaceKey::Number(number),
        _ => PlaceKey::Text(row.get(1)?),
    };
    Ok((key, row.get(0)?, objects::object(row, 2)?.object))
}

fn ordered(
    connection: &Connection,
    request: &ListRequest,
    by: Ordered,
    descending: bool,
) -> Result<ObjectPage, Fault> {
    let state = i32::from(request.deleted);
    let index = match by {
        Ordered::Name => Index::name(state),
        Ordered::Created => Index::created(state),
        Ordered::Unique if request.deleted => return Err(Fault::refused("no such order of the bin".into())),
        Ordered::Unique => Index::unique(),
    };
    let after = request.after.as_ref().and_then(|place| Some((place.key.as_ref()?, place.seq)));
    let span = Span { descending, ..Span::default() };
    let mut page = ObjectPage::default();
    for (key, seq, object) in index.read(connection, request.kind, &span, after, request.limit)? {
        page.push(Place { part: 0, key: Some(key), seq }, object);
    }
    Ok(page.ended(request.limit))
}

/// What probe after probe finds; an object that an earlier one finds too was given there.
fn probed(connection: &Connection, request: &ListRequest, probes: &[Probe]) -> Result<ObjectPage, Fault> {
    let begin = request.after.clone().unwrap_or_default();
    let mut page = ObjectPage::default();
    let mut seen = 0;
    let skipped = usize::try_from(begin.part).unwrap_or(usize::MAX);
    for (index, probe) in probes.iter().enumerate().skip(skipped) {
        let part = query::limit(index);
        let mut after = begin.key.clone().filter(|_| part == begin.part).map(|key| (key, begin.seq));
        loop {
            let wanted = request.limit - page.objects.len();
            if wanted == 0 {
                return Ok(page.ended(request.limit));
            }
            let rows = look(connection, request, probe, after.as_ref(), wanted)?;
            let last = rows.last().map(|(key, seq, _)| (key.clone(), *seq));
            let full = rows.len() >= wanted;
            seen += rows.len();
            for (key, seq, object) in rows {
                let earlier = probes.iter().take(index).any(|earlier| finds(earlier, &object));
                if !earlier && is_first(probe, &key, &object) {
                    page.push(Place { part, key: Some(key), seq }, object);
                }
            }
            if !full {
                break;
            }
            after = last;
            if seen >= MOST_ROWS {
                page.next = after.map(|(key, seq)| Place { part, key: Some(key), seq });
                return Ok(page);
            }
        }
    }
    Ok(page.ended(request.limit))
}

/// Whether a probe finds an object.
fn finds(probe: &Probe, object: &DirectoryObject) -> bool {
    match probe {
        Probe::Id(id) => object.id == *id,
        Probe::Created { from, until } => {
            from.is_none_or(|from| object.created >= from)
                && until.is_none_or(|until| object.created <= until)
        }
        Probe::Property { .. } => !indexed::keys(probe, object).is_empty(),
    }
}

/// Whether this key is the first under which the probe finds the object: a collection has many.
fn is_first(probe: &Probe, key: &PlaceKey, object: &DirectoryObject) -> bool {
    match (probe, key) {
        (Probe::Property { name, matching }, PlaceKey::Text(key)) => {
            let many = matches!(indexed::place(object.kind, name, matching), Some(indexed::Place::Value(_)));
            !many || indexed::keys(probe, object).first().is_none_or(|first| first == key)
        }
        _ => true,
    }
}

/// The next rows of one probe.
fn look(
    connection: &Connection,
    request: &ListRequest,
    probe: &Probe,
    after: Option<&(PlaceKey, i64)>,
    limit: usize,
) -> Result<Vec<Found>, Fault> {
    let state = i32::from(request.deleted);
    let after = after.map(|(key, seq)| (key, *seq));
    let (index, span) = match probe {
        Probe::Id(_) if after.is_some() => return Ok(Vec::new()),
        Probe::Id(id) => {
            let stored = objects::find(connection, *id)?.filter(|stored| {
                let object = &stored.object;
                object.kind == request.kind && object.deleted.is_some() == request.deleted && !object.purged
            });
            return Ok(stored.map(|row| (PlaceKey::Number(0), row.seq, row.object)).into_iter().collect());
        }
        Probe::Created { from, until } => {
            let from = from.map(|from| PlaceKey::Number(codec::micros(from)));
            // Times are stored in microseconds: the one after is beyond.
            let until = until.map(|until| PlaceKey::Number(codec::micros(until).saturating_add(1)));
            (Index::created(state), Span { from, until, descending: false })
        }
        Probe::Property { name, matching } => {
            let index = match indexed::place(request.kind, name, matching) {
                Some(indexed::Place::Name) => Index::name(state),
                Some(indexed::Place::Unique) if request.deleted => {
                    return Err(Fault::refused(format!("{name} is not indexed in the bin")));
                }
                Some(indexed::Place::Unique) => Index::unique(),
                Some(indexed::Place::Value(number)) => Index::value(number, state),
                None => return Err(Fault::refused(format!("{name} is not indexed"))),
            };
            (index, span(matching))
        }
    };
    index.read(connection, request.kind, &span, after, limit)
}

fn span(matching: &Matching) -> Span {
    let text = |text: String| Some(PlaceKey::Text(text));
    let (from, until) = match matching {
        Matching::All => (None, None),
        // The least text that is greater has one more character, the least there is.
        Matching::Exactly(exact) => (text(exact.clone()), text(format!("{exact}\0"))),
        Matching::Prefix(prefix) | Matching::Word(prefix) => {
            (text(prefix.clone()), after_prefix(prefix).and_then(text))
        }
    };
    Span { from, until, descending: false }
}

/// The least text that is greater than every text with this prefix; `None` when there is none.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn the_end_of_a_prefix_is_above_all_that_begin_with_it() {
        assert_eq!(after_prefix("id").as_deref(), Some("ie"));
        assert_eq!(after_prefix("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(after_prefix("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10FFFF}"), None);
        assert_eq!(after_prefix(""), None);
    }
}
