//! `serve`: what it answers, beside `predict` on the same rows, and what it refuses.
#![cfg(unix)]

mod command;

use command::{glassnet, penguins};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server of `m/model.safetensors`, ended with the test, however that ends.
struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has usually ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_glassnet"))
            .args(["serve", "m/model.safetensors", "--port", "0"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let host = line.trim_end().trim_start_matches("http://").trim_end_matches('/').to_owned();
        assert!(host.starts_with("127.0.0.1:"), "{line}");
        Self { child, host }
    }

    /// Status and answer.
    fn ask_as(&self, host: &str, what: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let length = body.len();
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect(&answer);
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn ask(&self, what: &str, body: &str) -> (u16, Value) {
        let (status, answer) = self.ask_as(&self.host, what, body);
        (status, serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }
}

fn train(folder: &Path, target: &[&str]) {
    let always = ["train", "--epochs", "2", "--quiet", "--out", "m/model.safetensors"];
    let table = penguins();
    let done = glassnet(folder, &[&always[..], target, &[table.to_str().unwrap()]].concat());
    assert_eq!(done.status, 0, "{}", done.stderr);
}

/// The penguins as an array of objects, every cell that can be as a number, missing ones as null; and what `predict` says of them, a
/// map of columns a row.
fn rows_and_predictions(folder: &Path) -> (Value, Vec<Value>) {
    let done = glassnet(folder, &["predict", "m/model.safetensors", penguins().to_str().unwrap()]);
    let mut lines = done.stdout.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let cell = |text: &str| match (text, text.parse::<f64>()) {
        ("" | "NA", _) => Value::Null,
        (_, Ok(number)) => json!(number),
        _ => json!(text),
    };
    let all: Vec<Value> = lines
        .map(|line| header.iter().zip(line).map(|(name, text)| ((*name).to_owned(), cell(text))).collect())
        .collect();
    (json!(all), all)
}

#[test]
fn it_says_what_predict_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    train(folder, &["--target", "species"]);
    let (rows, predicted) = rows_and_predictions(folder);
    let server = Server::start(folder);
    let (status, about) = server.ask("GET /", "");
    assert_eq!((status, &about["classes"]), (200, &json!(["Adelie", "Chinstrap", "Gentoo"])));
    assert_eq!(about["inputs"][0]["levels"], json!(["Biscoe", "Dream", "Torgersen"]));

    let (status, answer) = server.ask("POST /predict", &rows.to_string());
    assert_eq!(status, 200, "{answer}");
    let answers = answer["predictions"].as_array().unwrap();
    assert_eq!(answers.len(), predicted.len());
    for (answer, row) in answers.iter().zip(&predicted) {
        assert_eq!(answer["prediction"], row["prediction"]);
        for class in ["Adelie", "Chinstrap", "Gentoo"] {
            assert_eq!(answer["probabilities"][class], row[format!("probability_{class}")], "{row}");
        }
    }
    // A single object is a row as well, and what is odd is told.
    let mut row = rows[0].clone();
    row["island"] = json!("Atlantis");
    let (status, answer) = server.ask("POST /predict", &row.to_string());
    assert_eq!((status, answer["predictions"].as_array().unwrap().len()), (200, 1));
    assert!(answer["notes"][0].as_str().unwrap().contains("Atlantis"), "{answer}");
}

#[test]
fn numbers_and_quantiles_have_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    train(folder, &["--target", "body_mass_g", "--target", "bill_length_mm"]);
    let (rows, predicted) = rows_and_predictions(folder);
    let (status, answer) = Server::start(folder).ask("POST /predict", &rows.to_string());
    assert_eq!(status, 200, "{answer}");
    let row = json!({ "body_mass_g": predicted[7]["prediction_body_mass_g"],
        "bill_length_mm": predicted[7]["prediction_bill_length_mm"] });
    assert_eq!(answer["predictions"][7], json!({ "prediction": row }));

    train(folder, &["--target", "body_mass_g", "--quantiles", "0.1,0.9"]);
    let (rows, predicted) = rows_and_predictions(folder);
    let (_, answer) = Server::start(folder).ask("POST /predict", &rows.to_string());
    let row = json!({ "q0.1": predicted[7]["q0.1"], "q0.9": predicted[7]["q0.9"] });
    assert_eq!(answer["predictions"][7], json!({ "quantiles": row }));
}

#[test]
fn what_is_wrong_is_said_and_the_server_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    train(folder, &["--target", "species"]);
    let (rows, _) = rows_and_predictions(folder);
    let mut server = Server::start(folder);
    let mut bad = json!([rows[0], rows[1]]);
    bad[1]["bill_length_mm"] = json!("long");
    // A byte too many, so that the server has read all when it says so.
    let many = " ".repeat((16 << 20) + 1);
    for (what, body, status, parts) in [
        ("POST /predict", bad.to_string().as_str(), 400, &["row 2", "`bill_length_mm`", "`long`"][..]),
        ("POST /predict", "{\"island\": \"Biscoe\"}", 400, &["lacks", "`bill_length_mm`"]),
        ("POST /predict", "[]", 400, &["no rows"]),
        ("POST /predict", "", 400, &["not JSON", "array of objects"]),
        ("POST /predict", "[{\"island\": [1]}]", 400, &["row 1", "`island`", "an array"]),
        ("POST /predict", "[7]", 400, &["row 1", "not one JSON object"]),
        ("POST /predict", &"[".repeat(5_000), 400, &["not JSON"]),
        ("POST /predict", &many, 413, &["16 MiB"]),
        ("GET /predict", "", 405, &["POST /predict"]),
        ("GET /nowhere", "", 404, &["/nowhere"]),
    ] {
        let (found, answer) = server.ask(what, body);
        let message = answer["error"].as_str().unwrap();
        assert_eq!(found, status, "{message}");
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    // Another site's name for this machine.
    let (status, answer) = server.ask_as("example.org", "POST /predict", &rows.to_string());
    assert_eq!(status, 403, "{answer}");
    let (status, _) = server.ask("POST /predict", &rows.to_string());
    assert_eq!(status, 200);

    let interrupt = Command::new("kill").args(["-INT", &server.child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
