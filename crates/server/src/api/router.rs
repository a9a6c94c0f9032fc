//! Finding the handler of a path: literals before keys, without regard to case.

use std::collections::HashMap;
use std::sync::LazyLock;

use http::Method;
use provisor_graph::error::GraphError;
use provisor_graph::odata::path::{Key, Segment};

use super::casts::{self, Cast};
use super::model;
use super::route::{Route, Verb};
use super::routes::{self, CLOSED, UNIMPLEMENTED};
use crate::http::request::Version;

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Literal(&'static str),
    /// The name of a type of directory objects.
    Type,
    Key(&'static str),
}

impl Piece {
    fn parse(text: &'static str) -> Self {
        if text == casts::PIECE {
            return Self::Type;
        }
        text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).map_or(Self::Literal(text), Self::Key)
    }

    const fn openness(self) -> u32 {
        match self {
            Self::Literal(_) => 0,
            Self::Type => 1,
            Self::Key(_) => 2,
        }
    }

    fn accepts(self, part: &Part<'_>) -> bool {
        match (self, part) {
            (Self::Literal(literal), Part::Name(name)) => literal.eq_ignore_ascii_case(name),
            (Self::Type, Part::Name(name)) => Cast::parse(name).is_some(),
            (Self::Literal(_) | Self::Type, Part::Key(_)) => false,
            (Self::Key(_), _) => true,
        }
    }
}

/// A piece of a request's path: `users('x')` has two.
#[derive(Debug)]
enum Part<'a> {
    Name(&'a str),
    Key(&'a Key),
}

/// A path of the table with what its verbs do; `None` for known paths that this server does not implement.
struct Entry {
    pieces: Vec<Piece>,
    /// How open its pieces are, a digit a piece, the first piece the highest: of two patterns as long, the lesser
    /// number is the more literal.
    openness: u32,
    route: Option<&'static Route>,
    /// Whether every verb is refused, for good.
    closed: bool,
}

impl Entry {
    fn new(pieces: Vec<Piece>, route: Option<&'static Route>, closed: bool) -> Self {
        let openness = pieces.iter().fold(0, |openness, piece| (openness << 2) | piece.openness());
        Self { pieces, openness, route, closed }
    }

    fn is_in(&self, version: Version) -> bool {
        self.route.is_none_or(|route| route.is_in(version))
    }
}

/// The service documents of both containers.
const CONTAINERS: [&str; 2] =
    ["applications/{app}/synchronization", "servicePrincipals/{sp}/synchronization"];

/// The entries by the first piece of their paths, in lower case: every request looks at those of one set.
static BY_SET: LazyLock<HashMap<String, Vec<&'static Entry>>> = LazyLock::new(|| {
    let mut sets: HashMap<String, Vec<&Entry>> = HashMap::new();
    for entry in ENTRIES.iter() {
        if let Some(Piece::Literal(set)) = entry.pieces.first() {
            sets.entry(set.to_ascii_lowercase()).or_default().push(entry);
        }
    }
    sets
});

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let routes = routes::all().flat_map(|route| {
        expand(route.pattern).into_iter().map(move |pieces| Entry::new(pieces, Some(route), false))
    });
    let without = |patterns: &'static [&'static str], closed| {
        let pieces = patterns.iter().flat_map(|pattern| expand(pattern));
        pieces.map(move |pieces| Entry::new(pieces, None, closed))
    };
    routes.chain(without(UNIMPLEMENTED, false)).chain(without(CLOSED, true)).collect()
});

/// The pieces of a pattern, once for each container that `{S}` stands for.
fn expand(pattern: &'static str) -> Vec<Vec<Piece>> {
    let pieces = |pattern: &'static str| pattern.split('/').map(Piece::parse).collect::<Vec<_>>();
    match pattern.strip_prefix("{S}") {
        None => vec![pieces(pattern)],
        Some("") => CONTAINERS.iter().map(|container| pieces(container)).collect(),
        Some(rest) => {
            let rest = rest.trim_start_matches('/');
            CONTAINERS.iter().map(|container| [pieces(container), pieces(rest)].concat()).collect()
        }
    }
}

/// The paths that a pattern stands for: two for one that begins with `{S}`, one for each type of objects kept
/// here for one that can be cast.
#[must_use]
pub fn paths(pattern: &'static str) -> Vec<String> {
    if pattern.contains(casts::PIECE) {
        let cast =
            |kind| pattern.replace(casts::PIECE, &format!("microsoft.graph.{}", model::entity(kind).name));
        return model::KINDS.into_iter().map(cast).collect();
    }
    match pattern.strip_prefix("{S}") {
        None => vec![pattern.to_owned()],
        Some(rest) => CONTAINERS.iter().map(|container| format!("{container}{rest}")).collect(),
    }
}

/// Where a path leads.
#[derive(Debug)]
pub struct Matched {
    /// The handler.
    pub route: &'static Route,
    /// The first piece, as the table spells it.
    pub set: &'static str,
    /// The keys of the path, by their names in the pattern.
    pub keys: Vec<(&'static str, Key)>,
}

/// Why a path leads nowhere.
#[derive(Debug)]
pub struct Unmatched {
    /// The error to answer.
    pub error: GraphError,
    /// What the client can do instead.
    pub instead: Option<Instead>,
}

/// What a client can do instead, as a header tells it.
#[derive(Debug)]
pub enum Instead {
    /// Use one of these verbs (`Allow`).
    Verbs(String),
    /// Go on there (`Location`).
    There(String),
    /// Come again after so many seconds (`Retry-After`).
    Later(u32),
}

impl Unmatched {
    /// 429: the client is to wait so many seconds.
    #[must_use]
    pub fn throttled(seconds: u32) -> Self {
        Self { error: GraphError::too_many_requests(seconds), instead: Some(Instead::Later(seconds)) }
    }
}

impl From<GraphError> for Unmatched {
    fn from(error: GraphError) -> Self {
        Self { error, instead: None }
    }
}

/// The route of a path and verb.
///
/// # Errors
/// 400 for an unknown segment, 405 with the verbs there are for another verb, 501 for what Graph has and this
/// server has not.
pub fn find(version: Version, method: &Method, segments: &[Segment]) -> Result<Matched, Unmatched> {
    let parts = parts(segments);
    let found = best(version, &parts);
    let Some(first) = found.first() else { return Err(unknown(version, &parts).into()) };
    let verb = Verb::of(method);
    let entry = found.iter().find_map(|entry| {
        let route = entry.route?;
        (Some(route.verb) == verb).then_some((entry, route))
    });
    if let Some((entry, route)) = entry {
        let set = match first.pieces.first() {
            Some(Piece::Literal(set)) => set,
            _ => "",
        };
        return Ok(Matched { route, set, keys: keys(&entry.pieces, &parts) });
    }
    match allowed(&found) {
        Some(allow) => {
            Err(Unmatched { error: GraphError::method_not_allowed(), instead: Some(Instead::Verbs(allow)) })
        }
        None if first.closed => {
            let none = Some(Instead::Verbs("OPTIONS".to_owned()));
            Err(Unmatched { error: GraphError::method_not_allowed(), instead: none })
        }
        None => Err(GraphError::not_implemented().into()),
    }
}

/// The verbs of a path for `Allow`; `None` for a path that has none.
#[must_use]
pub fn options(version: Version, segments: &[Segment]) -> Option<String> {
    allowed(&best(version, &parts(segments)))
}

/// The entries of the most literal pattern that takes the path.
fn best(version: Version, parts: &[Part<'_>]) -> Vec<&'static Entry> {
    let takes = |entry: &&Entry| {
        entry.is_in(version)
            && entry.pieces.len() == parts.len()
            && entry.pieces.iter().zip(parts).all(|(piece, part)| piece.accepts(part))
    };
    let Some(Part::Name(set)) = parts.first() else { return Vec::new() };
    let Some(entries) = BY_SET.get(&set.to_ascii_lowercase()) else { return Vec::new() };
    let mut found: Vec<&Entry> = entries.iter().copied().filter(takes).collect();
    if let Some(most_literal) = found.iter().map(|entry| entry.openness).min() {
        found.retain(|entry| entry.openness == most_literal);
    }
    found
}

fn allowed(entries: &[&Entry]) -> Option<String> {
    let mut verbs: Vec<&str> =
        entries.iter().filter_map(|entry| entry.route).map(|route| route.verb.as_str()).collect();
    if verbs.is_empty() {
        return None;
    }
    if verbs.contains(&"GET") {
        verbs.push("HEAD");
    }
    verbs.push("OPTIONS");
    verbs.sort_unstable();
    verbs.dedup();
    Some(verbs.join(", "))
}

fn parts(segments: &[Segment]) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(segments.len() + 1);
    if segments.is_empty() {
        // The service document.
        parts.push(Part::Name(""));
    }
    for segment in segments {
        parts.push(Part::Name(&segment.name));
        parts.extend(segment.key.as_ref().map(Part::Key));
    }
    parts
}

fn keys(pieces: &[Piece], parts: &[Part<'_>]) -> Vec<(&'static str, Key)> {
    let pairs = pieces.iter().zip(parts);
    pairs
        .filter_map(|(piece, part)| match (piece, part) {
            (Piece::Key(name), Part::Name(text)) => Some((*name, Key::Value((*text).to_owned()))),
            (Piece::Key(name), Part::Key(key)) => Some((*name, (*key).clone())),
            (Piece::Type, Part::Name(text)) => Some((casts::NAME, Key::Value((*text).to_owned()))),
            (Piece::Literal(_) | Piece::Type, _) => None,
        })
        .collect()
}

/// What to say of a path that no pattern takes: it names the first segment that leads nowhere, or, when every
/// segment is known, says that this much of the path is not served.
fn unknown(version: Version, parts: &[Part<'_>]) -> GraphError {
    let depth = |entry: &Entry| {
        entry.pieces.iter().zip(parts).take_while(|(piece, part)| piece.accepts(part)).count()
    };
    let known = ENTRIES.iter().filter(|entry| entry.is_in(version)).map(depth).max().unwrap_or(0);
    match parts.get(known) {
        Some(Part::Name(name)) => GraphError::segment_not_found(name),
        Some(Part::Key(_)) => match known.checked_sub(1).and_then(|index| parts.get(index)) {
            Some(Part::Name(name)) => GraphError::segment_not_found(name),
            _ => GraphError::segment_not_found(""),
        },
        None => GraphError::not_implemented(),
    }
}
