//! The names of the API that tokens are asked for.

use crate::builtin::GRAPH_APP_ID;

/// Graph's own address, which clients ask for that were only told another base URL.
const GRAPH: &str = "graph.microsoft.com";

/// The names that the API goes by.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    further: Vec<String>,
}

impl Resources {
    /// Graph's names and the host that is called, and these further ones (`api://…`).
    #[must_use]
    pub fn new(further: Vec<String>) -> Self {
        let trim = |name: String| name.trim_end_matches('/').to_owned();
        Self { further: further.into_iter().map(trim).collect() }
    }

    /// Whether a resource is this API, for who calls it by `base`.
    #[must_use]
    pub fn accepts(&self, resource: &str, base: &str) -> bool {
        let resource = resource.trim_end_matches('/');
        if resource.eq_ignore_ascii_case(GRAPH_APP_ID)
            || self.further.iter().any(|name| name.eq_ignore_ascii_case(resource))
        {
            return true;
        }
        let Some(asked) = authority(resource) else { return false };
        if asked.eq_ignore_ascii_case(GRAPH) {
            return true;
        }
        // Some clients derive the resource from the host alone, others keep the port.
        let own = authority(base).unwrap_or_default();
        asked.eq_ignore_ascii_case(own) || asked.eq_ignore_ascii_case(without_port(own))
    }
}

/// The host and port of an address without a path.
fn authority(url: &str) -> Option<&str> {
    let rest = url
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "https" | "http"))
        .map(|(_, rest)| rest)?;
    (!rest.is_empty() && !rest.contains('/')).then_some(rest)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_goes_by_graphs_names_its_host_and_what_is_configured() {
        let resources = Resources::new(vec!["api://provisor/".into()]);
        for own in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "00000003-0000-0000-C000-000000000000",
            "https://p.example:8443",
            "https://P.example",
            "http://p.example/",
            "api://provisor",
        ] {
            assert!(resources.accepts(own, "https://p.example:8443"), "{own}");
        }
        for other in
            ["https://p.example:443", "https://p.example/x", "api://other", "https://", "p.example", "*", ""]
        {
            assert!(!resources.accepts(other, "https://p.example:8443"), "{other}");
        }
        assert!(resources.accepts("https://[::1]", "https://[::1]:8443"));
        assert!(!resources.accepts("https://[:", "https://[::1]"));
    }
}
