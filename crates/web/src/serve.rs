//! The server: few connections, each for one request and for a short time.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{Options, Source, loopback_only, routes};

/// Connections at a time; the next ones wait until one ends.
const CONNECTIONS: usize = 32;
/// From the connection on until the last byte of the request's header.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// For the whole of a connection.
const WHOLE_TIME: Duration = Duration::from_secs(20);
/// How large a request's header may be.
const HEADER_BYTES: usize = 16 * 1024;
/// How many lines a request's header may have.
const HEADERS: usize = 64;
/// How long requests that are being answered may hold up the end.
const DRAIN: Duration = Duration::from_secs(2);

/// Serves the status page until `shutdown` is ready, and at most 2 seconds longer.
///
/// A request gets 5 seconds to arrive, 16 KiB of header and no body; a connection serves one request,
/// and 32 are open at a time. A request for another host name is refused with 421 ([`Options::names`]).
///
/// # Errors
/// Where the listener is not on loopback and [`Options::beyond_loopback`] is not set
/// ([`io::ErrorKind::PermissionDenied`], with a [`crate::NotLoopback`]), or where the page cannot be made
/// at all, which a test rules out. A failing connection is no error.
pub async fn serve(
    listener: TcpListener,
    source: Arc<dyn Source>,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let bound = listener.local_addr()?;
    if !options.beyond_loopback {
        loopback_only(bound)
            .map_err(|refused| io::Error::new(io::ErrorKind::PermissionDenied, refused))?;
    }
    let app = routes::app(bound, source, options).map_err(io::Error::other)?;
    let (end, ending) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "failed to answer a request for the status page");
                }
            }
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, app.clone(), ending.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a connection to the status page");
                    // Out of descriptors, most often: that does not pass at once.
                    sleep(Duration::from_millis(200)).await;
                }
            },
        }
    }
    drop(listener);
    // Nobody listens where no connection is open.
    let _ = end.send(true);
    let drained = timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
    if drained.await.is_err() {
        connections.shutdown().await;
    }
    Ok(())
}

async fn connection(stream: TcpStream, app: Router, mut ending: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADERS)
        .keep_alive(false);
    let service = TowerToHyperService::new(app);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    let end = async move {
        // The sender outlives every connection.
        let _ = ending.wait_for(|ending| *ending).await;
    };
    let work = async {
        tokio::select! {
            ended = served.as_mut() => ended,
            () = end => {
                served.as_mut().graceful_shutdown();
                served.as_mut().await
            }
        }
    };
    match timeout(WHOLE_TIME, work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection to the status page failed"),
        Err(_) => tracing::debug!("a connection to the status page took too long"),
    }
}
