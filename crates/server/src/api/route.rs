//! What a row of the route table says: verb, path, permission, bodies, and what answers it. Routing,
//! authorization, the API description and the compatibility page all read the same rows.

use std::fmt;

use futures_util::future::BoxFuture;
use http::Method;

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
}

impl Gives {
    /// The status of success.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Nothing => 204,
            Self::Accepted => 202,
            Self::New(_) => 201,
            Self::One(_) | Self::Many(_) | Self::Count | Self::Document(_) => 200,
        }
    }
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
        Self { verb, pattern, permission, takes: None, gives: Gives::Nothing, beta: false, run }
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
        self
    }

    /// It answers 200 with a number.
    #[must_use]
    pub const fn counts(mut self) -> Self {
        self.gives = Gives::Count;
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
