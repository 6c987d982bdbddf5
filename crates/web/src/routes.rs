//! The addresses that there are.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse as _, Response},
    routing::get,
};
use minijinja::Environment;

use crate::{
    Options, Snapshot, Source, feed,
    guard::guard,
    health,
    host::Names,
    latest::{Form, Latest, Taken},
    metrics, page, template,
};

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What every request is answered from.
struct App {
    latest: Arc<Latest>,
    templates: Environment<'static>,
    base_url: Option<String>,
}

/// The whole application.
pub(crate) fn app(
    bound: SocketAddr,
    source: Arc<dyn Source>,
    options: Options,
) -> Result<Router, minijinja::Error> {
    let app = App {
        latest: Arc::new(Latest::new(source)),
        templates: template::environment()?,
        base_url: options.base_url,
    };
    Ok(Router::new()
        .route("/", get(status_page))
        .route("/status.json", get(status_json))
        .route("/healthz", get(healthz))
        .route("/metrics", get(prometheus))
        .route("/feed.atom", get(atom))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is no such page\n") })
        .layer(middleware::from_fn_with_state(Names::new(bound, &options.names), guard))
        .with_state(Arc::new(app)))
}

async fn status_page(State(app): State<Arc<App>>) -> Response {
    match app.latest.get().await {
        Ok(taken) => {
            form(HTML, &taken, &taken.page, |snapshot| Ok(page::page(&app.templates, snapshot)?))
        }
        // A page nevertheless: the tab that an operator keeps open comes back by itself.
        Err(why) => match page::away(&app.templates, &why) {
            Ok(page) => answer(StatusCode::SERVICE_UNAVAILABLE, HTML, page.into()),
            Err(_) => unavailable(&why),
        },
    }
}

async fn status_json(State(app): State<Arc<App>>) -> Response {
    match app.latest.get().await {
        Ok(taken) => form("application/json", &taken, &taken.json, |snapshot| {
            let mut text = serde_json::to_string_pretty(snapshot)?;
            text.push('\n');
            Ok(text)
        }),
        Err(why) => {
            let error = serde_json::json!({ "error": &*why });
            let text = format!("{error}\n");
            answer(StatusCode::SERVICE_UNAVAILABLE, "application/json", text.into())
        }
    }
}

async fn healthz(State(app): State<Arc<App>>) -> Response {
    match app.latest.get().await {
        Ok(taken) => match health::faults(&taken.snapshot) {
            None => answer(StatusCode::OK, TEXT, Bytes::from_static(b"ok\n")),
            Some(faults) => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, faults.into()),
        },
        Err(why) => unavailable(&why),
    }
}

async fn prometheus(State(app): State<Arc<App>>) -> Response {
    match app.latest.get().await {
        Ok(taken) => form(metrics::TYPE, &taken, &taken.metrics, |s| Ok(metrics::metrics(s)?)),
        Err(why) => unavailable(&why),
    }
}

async fn atom(State(app): State<Arc<App>>) -> Response {
    match app.latest.get().await {
        Ok(taken) => form("application/atom+xml; charset=utf-8", &taken, &taken.feed, |snapshot| {
            Ok(feed::feed(&app.templates, snapshot, app.base_url.as_deref())?)
        }),
        Err(why) => unavailable(&why),
    }
}

/// A form of a snapshot, made where nobody has asked for it yet.
fn form(
    kind: &'static str,
    taken: &Taken,
    form: &Form,
    make: impl FnOnce(&Snapshot) -> Result<String, Box<dyn std::error::Error>>,
) -> Response {
    let made = form.get_or_init(|| {
        make(&taken.snapshot).map(Bytes::from).map_err(|error| {
            tracing::error!(%error, "failed to make the status page");
            format!("failed to make the page: {error}")
        })
    });
    match made {
        Ok(bytes) => answer(StatusCode::OK, kind, bytes.clone()),
        Err(why) => answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{why}\n").into()),
    }
}

fn unavailable(why: &str) -> Response {
    let text = format!("{}\n", crate::shown::shown(why));
    answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, text.into())
}

fn answer(status: StatusCode, kind: &'static str, body: Bytes) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
