//! Who sends a request, as handlers and permissions see it.

use uuid::Uuid;

/// The sender of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whoever has the static token, or everybody where authentication is off: may do everything.
    Administrator,
    /// An application, by a token of its own.
    Application(Claims),
    /// A person, through an application (a delegated token of an outside issuer).
    User(Claims),
}

impl Caller {
    /// What the token says; `None` for the administrator, who has none.
    #[must_use]
    pub const fn claims(&self) -> Option<&Claims> {
        match self {
            Self::Administrator => None,
            Self::Application(claims) | Self::User(claims) => Some(claims),
        }
    }
}

/// What a validated access token says of its bearer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The application (`azp` or `appid`): a GUID here and at Entra, a name elsewhere.
    pub client_id: String,
    /// The bearer's object (`oid`): of our tokens, the client's service principal.
    pub object_id: Option<Uuid>,
    /// The tenant (`tid`), where the issuer has tenants.
    pub tenant: Option<Uuid>,
    /// Application permissions (`roles`), such as `Application.Read.All`.
    pub roles: Vec<String>,
    /// Delegated permissions (`scp`).
    pub scopes: Vec<String>,
    /// Directory roles of the person (`wids`), by their template ids.
    pub wids: Vec<String>,
    /// Whether the bearer is an application itself and no person.
    pub is_app: bool,
    /// Who issued the token (`iss`).
    pub issuer: String,
}
