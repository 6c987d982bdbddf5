//! Which names a request may ask for: a page elsewhere that points its own name at this address
//! (DNS rebinding) must not read ours.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};

/// The names that are answered to.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    bound: IpAddr,
    more: Vec<String>,
}

impl Names {
    pub(crate) fn new(bound: SocketAddr, more: &[String]) -> Self {
        let more = more.iter().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        Self { bound: bound.ip().to_canonical(), more: more.collect() }
    }

    /// Whether a request is for us; `None` where it does not say whom it is for, which RFC 9112,
    /// section 3.2, answers with 400. The port is whatever a tunnel made of it.
    pub(crate) fn answer_to(&self, uri: &Uri, headers: &HeaderMap) -> Option<bool> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (host, None) = (hosts.next()?.to_str().ok()?, hosts.next()) else { return None };
        // An address in the request line counts for more than Host: then both have to be ours.
        let asked = uri.authority().map_or(host, |authority| authority.as_str());
        Some(self.ours(host)? && self.ours(asked)?)
    }

    fn ours(&self, host: &str) -> Option<bool> {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                let address: std::net::Ipv6Addr = address.parse().ok()?;
                (address.to_string(), rest.strip_prefix(':').or(rest.is_empty().then_some("")))
            }
            None => match host.split_once(':') {
                Some((name, port)) => (name.to_owned(), Some(port)),
                None => (host.to_owned(), Some("")),
            },
        };
        if port?.bytes().any(|b| !b.is_ascii_digit()) || name.is_empty() {
            return None;
        }
        if let Ok(address) = name.parse::<IpAddr>() {
            let address = address.to_canonical();
            return Some(
                address.is_loopback()
                    || (address == self.bound && !address.is_unspecified())
                    || self.more.contains(&name),
            );
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        Some(name == "localhost" || self.more.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("localhost" => Some(true))]
    #[test_case("LocalHost.:8025" => Some(true); "in any case, with a dot and a port")]
    #[test_case("127.0.0.1:8025" => Some(true))]
    #[test_case("[::1]" => Some(true))]
    #[test_case("[::1]:8025" => Some(true); "IPv6 with a port")]
    #[test_case("192.0.2.7:1" => Some(true); "the bound address")]
    #[test_case("status.example.org" => Some(true); "a configured name")]
    #[test_case("evil.example.com" => Some(false))]
    #[test_case("localhost.example.com" => Some(false))]
    #[test_case("192.0.2.8" => Some(false))]
    #[test_case("0.0.0.0" => Some(false); "every address is nobody's")]
    #[test_case("2130706433" => Some(false); "an address written as a number")]
    #[test_case("" => None)]
    #[test_case("localhost:80:80" => None; "two ports")]
    #[test_case("localhost@evil.example.com" => Some(false))]
    #[test_case("[::1" => None; "an open bracket")]
    #[test_case("[::1]x" => None; "a word behind a bracket")]
    fn host(host: &str) -> Option<bool> {
        let names = Names::new("192.0.2.7:8025".parse().unwrap(), &["Status.example.org.".into()]);
        let headers = [(header::HOST, host.parse().unwrap())].into_iter().collect();
        names.answer_to(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn the_request_line_counts_too() {
        let names = Names::new("127.0.0.1:1".parse().unwrap(), &[]);
        let mut headers = HeaderMap::new();
        let evil = Uri::from_static("http://evil.example.com/");
        assert_eq!(names.answer_to(&evil, &headers), None);
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert_eq!(names.answer_to(&evil, &headers), Some(false));
        assert_eq!(names.answer_to(&Uri::from_static("http://localhost/"), &headers), Some(true));
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert_eq!(names.answer_to(&Uri::from_static("/"), &headers), None, "two hosts");
    }
}
