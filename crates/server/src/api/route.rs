//! What a row of the route table says: verb, path, permission, bodies, and what answers it. Routing,
//! authorization, the API description and the compatibility page all read the same rows.

use std::fmt;

use futures_util::future::BoxFuture;
use http::Method;
use provisor_graph::error::GraphError;
use provisor_graph::odata::options::{QueryOptions, unsupported_skip};

use super::permissions::Permission;
use crate::http::error::Answer;
use crate::http::request::{Call, Version};

/// What answers a request.
pub type Handler = fn(Call) -> BoxFuture<'static, Answer>;

/// The verbs that the API has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The verb of a method; a `HEAD` is a `GET` whose body is not sent.
    #[must_use]
    pub fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Get),
            Method::POST => Some(Self::Post),
            Method::PUT => Some(Self::Put),
            Method::PATCH => Some(Self::Patch),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }
}

/// What a successful answer holds. Types are named as in Graph's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// 204, and no body.
    Nothing,
    /// 202, and no body.
    Accepted,
    /// 200 with one entity or value of this type.
    One(&'static str),
    /// 201 with a new entity of this type.
    New(&'static str),
    /// 200 with a collection of this type.
    Many(&'static str),
    /// 200 with a number as plain text.
    Count,
    /// 200 with a document of this media type.
    Document(&'static str),
    /// 400, always.
    Refusal,
}

impl Gives {
    /// The status of success.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Nothing => 204,
            Self::Accepted => 202,
            Self::New(_) => 201,
            Self::Refusal => 400,
            Self::One(_) | Self::Many(_) | Self::Count | Self::Document(_) => 200,
        }
    }
}

/// A system query option of OData that a row can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryOption {
    /// `$select`
    Select,
    /// `$filter`
    Filter,
    /// `$top`
    Top,
    /// `$skip`
    Skip,
    /// `$skiptoken`
    SkipToken,
    /// `$deltatoken`
    DeltaToken,
    /// `$count`
    Count,
    /// `$orderby`
    OrderBy,
    /// `$expand`
    Expand,
    /// `$search`
    Search,
    /// `$id`
    Id,
}

impl QueryOption {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Select,
        Self::Filter,
        Self::Top,
        Self::Skip,
        Self::SkipToken,
        Self::DeltaToken,
        Self::Count,
        Self::OrderBy,
        Self::Expand,
        Self::Search,
        Self::Id,
    ];

    /// Its name in a query.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Select => "$select",
            Self::Filter => "$filter",
            Self::Top => "$top",
            Self::Skip => "$skip",
            Self::SkipToken => "$skiptoken",
            Self::DeltaToken => "$deltatoken",
            Self::Count => "$count",
            Self::OrderBy => "$orderby",
            Self::Expand => "$expand",
            Self::Search => "$search",
            Self::Id => "$id",
        }
    }

    /// Whether a request has it.
    #[must_use]
    pub const fn is_in(self, options: &QueryOptions) -> bool {
        match self {
            Self::Select => options.select.is_some(),
            Self::Filter => options.filter.is_some(),
            Self::Top => options.top.is_some(),
            Self::Skip => options.skip.is_some(),
            Self::SkipToken => options.skip_token.is_some(),
            Self::DeltaToken => options.delta_token.is_some(),
            Self::Count => options.count.is_some(),
            Self::OrderBy => options.order_by.is_some(),
            Self::Expand => options.expand.is_some(),
            Self::Search => options.search.is_some(),
            Self::Id => options.id.is_some(),
        }
    }
}

/// What rows of a family take.
pub mod takes {
    use super::QueryOption::{
        self, Count, DeltaToken, Expand, Filter, OrderBy, Search, Select, Skip, SkipToken, Top,
    };

    /// One entity.
    pub const ENTITY: &[QueryOption] = &[Select];
    /// One entity with what belongs to it.
    pub const EXPANDABLE: &[QueryOption] = &[Select, Expand];
    /// A collection.
    pub const LIST: &[QueryOption] = &[Select, Filter, Top, SkipToken, Count];
    /// A collection whose items can be expanded.
    pub const EXPANDABLE_LIST: &[QueryOption] = &[Select, Filter, Top, SkipToken, Count, Expand];
    /// A collection in an order of the caller's choice.
    pub const ORDERED_LIST: &[QueryOption] = &[Select, Filter, Top, SkipToken, Count, OrderBy];
    /// A collection that is the same for everybody and read whole.
    pub const WHOLE_LIST: &[QueryOption] = &[Select, Filter, Top, Skip, SkipToken, Count];
    /// Directory objects of one kind.
    pub const OBJECTS: &[QueryOption] = &[Select, Filter, Top, SkipToken, Count, OrderBy, Expand, Search];
    /// Directory objects of any kind.
    pub const RELATED: &[QueryOption] = &[Select, Filter, Top, SkipToken, Count, OrderBy, Search];
    /// A number of directory objects.
    pub const NUMBER_OF_OBJECTS: &[QueryOption] = &[Filter, Count, Search];
    /// The references of a collection.
    pub const REFERENCES: &[QueryOption] = &[Top, SkipToken];
    /// A number of items.
    pub const NUMBER: &[QueryOption] = &[Filter, Count];
    /// Changes since a token.
    pub const DELTA: &[QueryOption] = &[Select, Filter, SkipToken, DeltaToken];
}

/// One row of the route table.
#[derive(Clone, Copy)]
pub struct Route {
    /// The verb.
    pub verb: Verb,
    /// The path below the version: `users/{user}/manager`. `{S}` at the front stands for the
    /// `synchronization` of both containers, an application and a service principal.
    pub pattern: &'static str,
    /// What the caller must be allowed.
    pub permission: &'static Permission,
    /// The type of the body that it takes, when it takes one.
    pub takes: Option<&'static str>,
    /// What it answers.
    pub gives: Gives,
    /// The query options that it takes; any other is refused, never ignored.
    pub query: &'static [QueryOption],
    /// Whether only `/beta` has it.
    pub beta: bool,
    /// What answers it.
    pub run: Handler,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb.as_str(), self.pattern)
    }
}

impl Route {
    const fn new(verb: Verb, pattern: &'static str, permission: &'static Permission, run: Handler) -> Self {
        Self { verb, pattern, permission, takes: None, gives: Gives::Nothing, query: &[], beta: false, run }
    }

    /// It takes a body of this type.
    #[must_use]
    pub const fn takes(mut self, type_name: &'static str) -> Self {
        self.takes = Some(type_name);
        self
    }

    /// It answers 200 with one of these.
    #[must_use]
    pub const fn gives(mut self, type_name: &'static str) -> Self {
        self.gives = Gives::One(type_name);
        if matches!(self.verb, Verb::Get) {
            self.query = takes::ENTITY;
        }
        self
    }

    /// It answers 201 with the new one.
    #[must_use]
    pub const fn creates(mut self, type_name: &'static str) -> Self {
        self.gives = Gives::New(type_name);
        self
    }

    /// It answers 200 with a collection of these.
    #[must_use]
    pub const fn lists(mut self, type_name: &'static str) -> Self {
        self.gives = Gives::Many(type_name);
        if matches!(self.verb, Verb::Get) {
            self.query = takes::LIST;
        }
        self
    }

    /// It answers 200 with a number.
    #[must_use]
    pub const fn counts(mut self) -> Self {
        self.gives = Gives::Count;
        self.query = takes::NUMBER;
        self
    }

    /// It takes these query options.
    #[must_use]
    pub const fn query(mut self, options: &'static [QueryOption]) -> Self {
        self.query = options;
        self
    }

    /// It refuses everything, and says what to ask for instead.
    #[must_use]
    pub const fn refuses(mut self) -> Self {
        self.gives = Gives::Refusal;
        self
    }

    /// It answers 202.
    #[must_use]
    pub const fn accepts(mut self) -> Self {
        self.gives = Gives::Accepted;
        self
    }

    /// It answers 200 with a document of this media type.
    #[must_use]
    pub const fn document(mut self, media_type: &'static str) -> Self {
        self.gives = Gives::Document(media_type);
        self
    }

    /// Only `/beta` has it.
    #[must_use]
    pub const fn beta(mut self) -> Self {
        self.beta = true;
        self
    }

    /// Refuses query options that the row does not take.
    ///
    /// # Errors
    /// 400 `Request_UnsupportedQuery` that names the first one and those there are.
    pub fn check_query(&self, options: &QueryOptions) -> Result<(), GraphError> {
        let refused =
            QueryOption::ALL.into_iter().find(|option| option.is_in(options) && !self.query.contains(option));
        let Some(option) = refused else { return Ok(()) };
        if option == QueryOption::Skip {
            return Err(unsupported_skip());
        }
        let taken: Vec<&str> = self.query.iter().map(|option| option.as_str()).collect();
        let hint = match taken.as_slice() {
            [] => "no query options".to_owned(),
            taken => taken.join(", "),
        };
        Err(GraphError::unsupported_query(format!(
            "The query option '{}' is not supported here; this resource takes {hint}.",
            option.as_str()
        )))
    }

    /// Whether its path goes through `synchronization`.
    #[must_use]
    pub fn is_synchronization(&self) -> bool {
        self.pattern.split('/').any(|piece| piece == "{S}" || piece == "synchronization")
    }

    /// Whether a version has it.
    #[must_use]
    pub fn is_in(&self, version: Version) -> bool {
        !self.beta || version == Version::Beta
    }
}

/// A row for `GET`.
#[must_use]
pub const fn get(pattern: &'static str, permission: &'static Permission, run: Handler) -> Route {
    Route::new(Verb::Get, pattern, permission, run)
}

/// A row for `POST`.
#[must_use]
pub const fn post(pattern: &'static str, permission: &'static Permission, run: Handler) -> Route {
    Route::new(Verb::Post, pattern, permission, run)
}

/// A row for `PUT`.
#[must_use]
pub const fn put(pattern: &'static str, permission: &'static Permission, run: Handler) -> Route {
    Route::new(Verb::Put, pattern, permission, run)
}

/// A row for `PATCH`.
#[must_use]
pub const fn patch(pattern: &'static str, permission: &'static Permission, run: Handler) -> Route {
    Route::new(Verb::Patch, pattern, permission, run)
}

/// A row for `DELETE`.
#[must_use]
pub const fn delete(pattern: &'static str, permission: &'static Permission, run: Handler) -> Route {
    Route::new(Verb::Delete, pattern, permission, run)
}

/// A handler as a row holds it: `run!(jobs::list)`, or with what tells its rows apart,
/// `run!(entities::list, User)`.
macro_rules! run {
    ($handler:expr) => {
        |call| Box::pin($handler(call))
    };
    ($handler:expr, $($more:expr),+) => {
        |call| Box::pin($handler(call, $($more),+))
    };
}
pub(crate) use run;
