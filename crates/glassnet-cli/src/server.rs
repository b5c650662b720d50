//! What is served: the page of [`glassnet_web::PAGE`] on this machine alone, and a training in progress as server-sent events.
//!
//! The page listens on 127.0.0.1, answers only to that name or `localhost` (so that no other site can reach it by a name of its own), and
//! gives a training's events only to who knows the token of the address that was printed.

use crate::failure::{Failure, Result};
use crate::progress::say;
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use glassnet::trainer::EpochReport;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Where it is served when nothing else is said.
const PORT: u16 = 8123;

/// How often a server looks whether it is over.
const LOOK: Duration = Duration::from_millis(50);

/// How long the end of a training waits for those who watch it.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A port of this address that nobody else has.
pub(crate) fn listen(host: IpAddr, port: Option<u16>) -> Result<TcpListener> {
    let bind = |port: u16| TcpListener::bind((host, port));
    match port {
        Some(port) => bind(port).map_err(|error| {
            Failure::Work(format!("port {port} of {host}: {error}; --port 0 takes a free one"))
        }),
        None => bind(PORT)
            .or_else(|_| bind(0))
            .map_err(|error| Failure::Work(format!("no port of {host} is free: {error}"))),
    }
}

/// A port of this machine alone.
pub(crate) fn listen_here(port: Option<u16>) -> Result<TcpListener> {
    listen(Ipv4Addr::LOCALHOST.into(), port)
}

/// Answers until it is over, and then still what was asked before.
pub(crate) fn run(listener: TcpListener, router: Router, is_over: Arc<AtomicBool>) -> Result<()> {
    let failed = |error: std::io::Error| Failure::Work(format!("cannot serve: {error}"));
    listener.set_nonblocking(true).map_err(failed)?;
    let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(n_cores).build().map_err(failed)?;
    let over = async move {
        while !is_over.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK).await;
        }
    };
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).with_graceful_shutdown(over).await
    });
    served.map_err(failed)
}

/// Serves the page, and a training where there is one, on a thread of its own until the process ends; the address.
pub(crate) fn serve(listener: TcpListener, live: Option<Arc<Live>>) -> Result<String> {
    let failed = |error: std::io::Error| Failure::Work(format!("cannot serve the page: {error}"));
    let address = listener.local_addr().map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
    let query = live.as_ref().map_or_else(String::new, |live| format!("?watch={}", live.token));
    let router = router(address, live);
    std::thread::Builder::new()
        .name("page".into())
        .spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, router).await
            })
        })
        .map_err(failed)?;
    Ok(format!("http://{address}/{query}"))
}

fn router(address: SocketAddr, live: Option<Arc<Live>>) -> Router {
    let mut router = Router::new().route("/", get(page));
    if let Some(live) = live {
        router = router.merge(Router::new().route("/events", get(events)).with_state(live));
    }
    for_this_machine(router, address)
}

/// Refuses requests by another name than this machine's own, by which a page of another site could reach it.
pub(crate) fn for_this_machine(router: Router, address: SocketAddr) -> Router {
    let names = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{}", address.port()));
    let names = names.into_iter().chain([address.to_string()]);
    let names: Vec<HeaderValue> = names.map(|name| name.parse().expect("a name and a number")).collect();
    let names = Arc::new(names);
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let is_ours = request.headers().get(HOST).is_some_and(|host| names.contains(host));
        async move {
            if is_ours {
                next.run(request).await
            } else {
                (StatusCode::FORBIDDEN, "this server answers to 127.0.0.1 and localhost only\n")
                    .into_response()
            }
        }
    }))
}

async fn page() -> impl IntoResponse {
    let policy = policy().and_then(|policy| HeaderValue::from_str(policy).ok());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy.unwrap_or(HeaderValue::from_static("default-src 'none'"))),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, glassnet_web::PAGE)
}

/// The page's own content security policy, which names the hash of its script.
fn policy() -> Option<&'static str> {
    let (_, rest) = glassnet_web::PAGE.split_once("http-equiv=\"Content-Security-Policy\" content=\"")?;
    rest.split_once('"').map(|(policy, _)| policy)
}

/// A training as others see it: everything that has happened, so that who comes late sees it from the start.
#[derive(Debug)]
pub(crate) struct Live {
    token: String,
    events: Mutex<Vec<Value>>,
    /// How many there are.
    count: watch::Sender<usize>,
    /// How many of them the one furthest behind has been sent; of nobody none.
    sent: Mutex<Option<usize>>,
}

impl Live {
    fn new() -> Self {
        // The standard library seeds its hashers from the system's random numbers.
        let random = || RandomState::new().hash_one(0);
        Self {
            token: format!("{:016x}{:016x}", random(), random()),
            events: Mutex::default(),
            count: watch::Sender::new(0),
            sent: Mutex::new(None),
        }
    }

    fn push(&self, event: Value) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event);
        self.count.send_replace(events.len());
    }

    /// What happened from number `from` on, as one event.
    fn since(&self, from: usize) -> (Value, usize) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = json!({ "reports": [], "trials": [] });
        for (key, value) in events[from..].iter().filter_map(Value::as_object).flatten() {
            // Each `report` and `trial` goes into the list of its plural.
            match all.get_mut(format!("{key}s")) {
                Some(Value::Array(list)) => list.push(value.clone()),
                _ => all[key] = value.clone(),
            }
        }
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(events.len());
        (all, events.len())
    }
}

async fn events(State(live): State<Arc<Live>>, Query(query): Query<HashMap<String, String>>) -> Response {
    if query.get("token") != Some(&live.token) {
        return (StatusCode::FORBIDDEN, "not the token of this training\n").into_response();
    }
    Sse::new(stream(live)).into_response()
}

fn stream(live: Arc<Live>) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    let count = live.count.subscribe();
    stream::unfold((live, count, 0), |(live, mut count, seen)| async move {
        count.wait_for(|count| *count > seen).await.ok()?;
        let (event, seen) = live.since(seen);
        Some((Ok(Event::default().data(event.to_string())), (live, count, seen)))
    })
}

/// How long it goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// One training of at most so many epochs.
    Epochs(usize),
    /// Trials for so long.
    Budget(Duration),
}

/// A training or a search that can be watched in the browser.
pub(crate) struct Watched(Arc<Live>);

impl Watched {
    /// Serves the page, says where, and opens it where there is somebody to look.
    pub(crate) fn start(table: &Path, length: Length) -> Result<Self> {
        let table = table.display().to_string();
        let live = Arc::new(Live::new());
        live.push(match length {
            Length::Epochs(n_epochs) => json!({ "table": table, "n_epochs": n_epochs }),
            Length::Budget(budget) => json!({ "table": table, "budget": budget.as_secs_f64() }),
        });
        let address = serve(listen_here(None)?, Some(Arc::clone(&live)))?;
        say(&format!("watch it at {address}"));
        if std::io::stderr().is_terminal() {
            // Who has no browser has the address.
            let _ = open::that_detached(&address);
        }
        Ok(Self(live))
    }

    /// After an epoch.
    pub(crate) fn epoch(&self, report: &EpochReport) {
        let (training_loss, validation_loss) = (report.training_loss, report.validation_loss);
        let report = json!({ "training_loss": training_loss, "validation_loss": validation_loss });
        self.0.push(json!({ "report": report }));
    }

    /// After a trial: its line of tune.jsonl.
    pub(crate) fn trial(&self, trial: &Value) {
        self.0.push(json!({ "trial": trial }));
    }

    /// After the last one: waits until those who watch have heard of it.
    pub(crate) fn end(self) {
        self.0.push(json!({ "is_done": true }));
        let start = Instant::now();
        let n_events = *self.0.count.borrow();
        let is_behind = || {
            let sent = self.0.sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.is_some_and(|sent| sent < n_events)
        };
        while is_behind() && start.elapsed() < LAST_WORDS {
            std::thread::sleep(Duration::from_millis(20));
        }
        // What was handed over still has to leave.
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_its_policy() {
        let policy = policy().expect("a policy");
        assert!(policy.contains("script-src 'sha256-") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
        assert!(!policy.contains("unsafe-inline' 'wasm") && policy.starts_with("default-src 'none'"));
    }

    #[test]
    fn who_comes_late_hears_everything() {
        let live = Live::new();
        live.push(json!({ "table": "t", "n_epochs": 3 }));
        live.push(json!({ "report": { "training_loss": 0.5, "validation_loss": null } }));
        let (first, seen) = live.since(0);
        assert_eq!(
            (first["table"].as_str(), first["reports"].as_array().map(Vec::len)),
            (Some("t"), Some(1))
        );
        live.push(json!({ "trial": { "trial": 0 } }));
        live.push(json!({ "is_done": true }));
        let (second, seen) = live.since(seen);
        assert_eq!((second["is_done"].as_bool(), seen), (Some(true), 4));
        assert_eq!((&second["reports"], &second["trials"]), (&json!([]), &json!([{ "trial": 0 }])));
        assert_ne!(Live::new().token, live.token);
    }
}
