//! `glassnet serve`: predictions over HTTP.

use crate::args::ServeArgs;
use crate::failure::{Failure, Result};
use crate::progress::say;
use crate::{interrupt, output, server};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use glassnet::metrics::most_probable;
use glassnet::model::{Model, Prediction};
use glassnet::schema::Role;
use glassnet_io::{model_file, source};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most bytes of a request.
const MOST_BYTES: usize = 16 << 20;

/// Serves until Ctrl-C; requests under way are answered before it ends.
pub(crate) fn run(args: &ServeArgs) -> Result<()> {
    let model = Arc::new(model_file::read(&args.model)?);
    let listener = server::listen(args.host, args.port)?;
    let address = listener.local_addr().map_err(|error| Failure::Work(format!("cannot serve: {error}")))?;
    let router = router(model);
    let router = if args.host.is_loopback() { server::for_this_machine(router, address) } else { router };
    output::text(&format!("http://{address}/\n"))?;
    if args.host.is_loopback() {
        say("served on this machine only; Ctrl-C ends it");
    } else {
        say("served to every machine that reaches this one, without a password; Ctrl-C ends it");
    }
    server::run(listener, router, interrupt::watch(None))
}

fn router(model: Arc<Model>) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/predict", post(predict))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(model)
}

fn error(status: StatusCode, message: impl Into<String>) -> Response {
    (status, Json(json!({ "error": message.into() }))).into_response()
}

async fn nothing(uri: Uri) -> Response {
    error(StatusCode::NOT_FOUND, format!("nothing is at {}: GET / or POST /predict", uri.path()))
}

async fn wrong_method() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "GET / tells of the model, POST /predict takes rows")
}

/// What the model takes and gives.
async fn about(State(model): State<Arc<Model>>) -> Json<Value> {
    let dates = model.schema.dates.iter().map(|date| json!({ "name": date.name, "kind": "date" }));
    let is_part = |name: &str| {
        let mut parts =
            model.schema.dates.iter().flat_map(|date| date.parts.iter().map(|&part| date.part_name(part)));
        parts.any(|part| part == name)
    };
    let inputs =
        model.schema.columns.iter().filter(|column| column.role == Role::Input && !is_part(&column.name));
    let inputs = inputs.map(|column| {
        let levels: Vec<&String> = column.levels.iter().map(|level| &level.name).collect();
        let mut told = json!({ "name": column.name, "kind": column.kind });
        if let Some(range) = column.range {
            told["range"] = json!(range);
            if let Some(unit) = &column.unit {
                told["unit"] = json!(unit);
            }
        } else if !levels.is_empty() {
            told["levels"] = json!(levels);
        }
        told
    });
    Json(json!({
        "glassnet": model.story.version,
        "targets": model.target.columns(),
        "task": model.target.task(),
        "classes": model.target.class_names(),
        "inputs": inputs.chain(dates).collect::<Vec<_>>(),
        "evaluation": model.story.evaluation.as_ref().map(|evaluation| &evaluation.metrics),
    }))
}

/// Predictions for an object, or for an array of them.
async fn predict(
    State(model): State<Arc<Model>>,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("more than {} MiB: send the rows in several requests", MOST_BYTES >> 20);
            return error(StatusCode::PAYLOAD_TOO_LARGE, message);
        }
        Err(rejection) => return error(rejection.status(), rejection.body_text()),
    };
    let answered = tokio::task::spawn_blocking(move || answer(&model, &body)).await;
    match answered {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(message)) => error(StatusCode::BAD_REQUEST, message),
        Err(_) => error(StatusCode::INTERNAL_SERVER_ERROR, "the request could not be worked on"),
    }
}

fn answer(model: &Model, body: &[u8]) -> std::result::Result<Value, String> {
    let table = source::from_json(body, "the request").map_err(|error| error.to_string())?;
    let predicted = model.predict(&table).map_err(|error| error.to_string())?;
    let rows = (0..table.n_rows()).map(|row| of_row(model, &predicted.prediction, row));
    Ok(json!({
        "predictions": rows.collect::<Vec<_>>(),
        "notes": predicted.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))
}

fn of_row(model: &Model, prediction: &Prediction, row: usize) -> Value {
    // As `predict` writes them: the digits that tell a number of 32 bits from its neighbours.
    let number = |value: f32| value.to_string().parse().map_or(Value::Null, |value: f64| json!(value));
    let named =
        |names: &[String], values: Vec<Value>| names.iter().cloned().zip(values).collect::<Map<_, _>>();
    match prediction {
        Prediction::Probabilities(all) => {
            let (names, all) = (model.target.class_names(), all.row(row));
            let probabilities = named(names, all.iter().map(|&p| number(p)).collect());
            json!({ "prediction": names[most_probable(all)], "probabilities": probabilities })
        }
        Prediction::Numbers(numbers) | Prediction::Quantiles(numbers) => {
            let values: Vec<Value> = numbers.row(row).iter().map(|&value| number(value as f32)).collect();
            let targets: Vec<String> = model.target.columns().into_iter().map(str::to_owned).collect();
            match (model.quantile_levels(), &values[..]) {
                (Some(levels), _) => json!({ "quantiles": named(&levels.names(), values) }),
                (None, [value]) => json!({ "prediction": value }),
                (None, _) => json!({ "prediction": named(&targets, values) }),
            }
        }
    }
}
