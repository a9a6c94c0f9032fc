//! The address that a client called when a reverse proxy stands between (RFC 7239, and the `X-Forwarded-*`
//! headers from before it). Only what a trusted proxy says is believed.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use http::HeaderMap;
use http::header::FORWARDED;

/// A range of addresses in CIDR notation: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an address or a range of addresses such as 127.0.0.1 or 10.0.0.0/8")]
pub struct NetworkError(String);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= longest).ok_or_else(wrong)?,
        };
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Network {
    /// Whether an address is in the range. An IPv4 address in IPv6 clothes is the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

/// The other end of the connection that a request came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What a proxy says of the request that it received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `https`
    pub scheme: Option<String>,
    /// `graph.contoso.example:8443`
    pub host: Option<String>,
}

/// What the outermost trusted proxy says: elements are read from the right, each one believed because the
/// hop that added it is trusted.
#[must_use]
pub fn origin(trusted: &[Network], peer: Option<IpAddr>, headers: &HeaderMap) -> Origin {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !peer.is_some_and(is_trusted) {
        return Origin::default();
    }
    let texts: Vec<&str> =
        headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok()).collect();
    if texts.is_empty() {
        let last = |name: &str| {
            let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        return Origin { scheme: last("x-forwarded-proto"), host: last("x-forwarded-host") };
    }
    let mut found = Origin::default();
    for element in elements(&texts.join(",")).iter().rev() {
        let value = |name: &str| element.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        found = Origin { scheme: value("proto").or(found.scheme), host: value("host").or(found.host) };
        if !value("for").and_then(|node| address(&node)).is_some_and(is_trusted) {
            break;
        }
    }
    found
}

/// The elements of a `Forwarded` header, each a list of pairs with names in lower case. Commas and semicolons
/// inside quotes are part of the value.
fn elements(text: &str) -> Vec<Vec<(String, String)>> {
    let mut elements = vec![Vec::new()];
    let mut pair = String::new();
    let mut quoted = false;
    let mut characters = text.chars();
    let close = |pair: &mut String, element: &mut Vec<(String, String)>| {
        if let Some((name, value)) = pair.split_once('=') {
            element.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        pair.clear();
    };
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => pair.extend(characters.next()),
            ';' | ',' if !quoted => {
                if let Some(element) = elements.last_mut() {
                    close(&mut pair, element);
                }
                if character == ',' {
                    elements.push(Vec::new());
                }
            }
            _ => pair.push(character),
        }
    }
    if let Some(element) = elements.last_mut() {
        close(&mut pair, element);
    }
    elements
}

/// The address of a node: `192.0.2.43`, `192.0.2.43:47011`, `[2001:db8::1]:4711`.
fn address(node: &str) -> Option<IpAddr> {
    if let Ok(address) = node.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = node.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    node.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_hold_their_addresses() {
        for (range, address, wanted) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            assert_eq!(network(range).contains(address.parse().unwrap()), wanted, "{range} {address}");
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    fn told(peer: &str, headers: &[(&str, &str)]) -> (String, String) {
        let trusted = [network("127.0.0.1"), network("10.0.0.0/8")];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let origin = origin(&trusted, Some(peer.parse().unwrap()), &map);
        (origin.scheme.unwrap_or_default(), origin.host.unwrap_or_default())
    }

    fn pair(scheme: &str, host: &str) -> (String, String) {
        (scheme.to_owned(), host.to_owned())
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let headers = [("forwarded", "for=192.0.2.1;proto=https;host=\"graph.example:8443\"")];
        assert_eq!(told("127.0.0.1", &headers), pair("https", "graph.example:8443"));
        assert_eq!(told("192.0.2.9", &headers), pair("", ""));
        let older =
            [("x-forwarded-proto", "http, https"), ("x-forwarded-host", "evil.example, graph.example")];
        assert_eq!(told("10.1.2.3", &older), pair("https", "graph.example"));
        assert_eq!(told("192.0.2.9", &older), pair("", ""));
    }

    #[test]
    fn what_a_client_forged_is_not_reached() {
        // The client sent the first element itself; the proxy added the second.
        let forged =
            [("forwarded", "host=evil.example;proto=http, for=192.0.2.1;proto=https;host=graph.example")];
        assert_eq!(told("127.0.0.1", &forged), pair("https", "graph.example"));
        // Two trusted proxies: the outer one saw what the client called.
        let chain = [
            ("forwarded", "for=192.0.2.1;host=graph.example;proto=https"),
            ("forwarded", "for=\"10.0.0.7:4711\";host=inner.example;proto=http"),
        ];
        assert_eq!(told("127.0.0.1", &chain), pair("https", "graph.example"));
    }
}
