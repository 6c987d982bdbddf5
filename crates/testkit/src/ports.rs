//! Ports that no two tests take at the same time.

use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below those that Linux gives to whoever connects (from 32768), which come and go.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A port on loopback that is this test's until the value is dropped.
///
/// A server that is told its port binds it later than it is chosen, and again after a restart;
/// meanwhile another test process must not choose the same. The claim is a Unix socket with an
/// abstract name: it is gone with the process, and leaves no file.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) number: u16,
    _claim: UnixListener,
}

impl Port {
    /// Claims one that nobody listens on.
    pub(crate) fn claim() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Processes begin at different places, else all would try the same ports in turn.
        let spread = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap_or_default();
        for _ in 0..COUNT {
            let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
            let number = FIRST + (spread.wrapping_mul(7) % COUNT + step) % COUNT;
            let name = format!("tidewaiter-test-port-{number}");
            let name = SocketAddr::from_abstract_name(name).expect("a name");
            let Ok(claim) = UnixListener::bind_addr(&name) else { continue };
            if TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Self { number, _claim: claim };
            }
        }
        unreachable!("failed to find a port: all of them are taken");
    }
}
