//! What an operator may configure of the page, and where it may listen.

use std::net::SocketAddr;

/// How the page is served. The default is the safe one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Names besides `localhost`, loopback addresses and the bound address that a request's `Host` may
    /// have, without a port: those of a proxy in front of it.
    pub names: Vec<String>,
    /// Listening beyond loopback is meant: everyone who reaches the address reads everything.
    pub beyond_loopback: bool,
    /// Where the page is seen from outside, `https://status.example.org`; its host must be in `names`.
    /// The feed links to it, and has no link without it.
    pub base_url: Option<String>,
}

/// An address that other machines may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "failed to allow the status page on {0}: other machines may reach it, and it asks for no password; use a loopback address such as 127.0.0.1"
)]
pub struct NotLoopback(
    /// The address.
    pub SocketAddr,
);

/// Whether only this machine reaches an address; for the configuration to ask before anything is bound.
///
/// # Errors
/// Where other machines may reach it: any address but 127.0.0.0/8 and `::1`.
pub fn loopback_only(address: SocketAddr) -> Result<(), NotLoopback> {
    if address.ip().to_canonical().is_loopback() { Ok(()) } else { Err(NotLoopback(address)) }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("127.0.0.1:80" => true)]
    #[test_case("127.8.8.8:80" => true)]
    #[test_case("[::1]:80" => true)]
    #[test_case("[::ffff:127.0.0.1]:80" => true; "an IPv4 address in an IPv6 one")]
    #[test_case("0.0.0.0:80" => false; "every address")]
    #[test_case("[::]:80" => false; "every IPv6 address")]
    #[test_case("192.0.2.1:80" => false)]
    #[test_case("[::ffff:192.0.2.1]:80" => false)]
    fn loopback(address: &str) -> bool {
        loopback_only(address.parse().unwrap()).is_ok()
    }
}
