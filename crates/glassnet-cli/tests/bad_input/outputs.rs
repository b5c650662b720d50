//! Places where nothing can be written: the old file stays whole, and nothing else is left.

use crate::command::Done;
use crate::folder::{Folder, assert_says, good_table};
use std::path::Path;

const TRAIN: [&str; 7] = ["train", "t.csv", "--target", "kind", "--epochs", "1", "--out"];

/// A folder with `t.csv`, and a model `m/model` with its history and report.
fn with_model() -> Folder {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    folder.works(&[&TRAIN[..], &["m/model"]].concat());
    folder
}

#[test]
fn a_folder_that_is_a_file_and_a_file_that_is_a_folder() {
    let folder = with_model();
    for below in ["t.csv/out", "t.csv/deep/out"] {
        let words = [&format!("cannot write {below}"), "t.csv is a file, not a folder"];
        folder.fails(&[&TRAIN[..], &[below]].concat(), 1, &words);
        folder.fails(&["predict", "m/model", "t.csv", "--out", below], 1, &words);
        folder.fails(&["inspect", "t.csv", "--out", below], 1, &words);
        folder.fails(
            &["plot", "sigmoid", "--out", &format!("{below}.svg")],
            1,
            &["t.csv is a file, not a folder"],
        );
    }
    let words = ["cannot write m: it is a folder"];
    folder.fails(&[&TRAIN[..], &["m"]].concat(), 1, &words);
    folder.fails(&["predict", "m/model", "t.csv", "--out", "m"], 1, &words);
    folder.fails(&["inspect", "t.csv", "--out", "m"], 1, &words);
}

#[test]
fn a_report_that_cannot_be_written_keeps_the_model_that_was_there() {
    let folder = with_model();
    std::fs::remove_file(folder.path().join("m/report.html")).unwrap();
    std::fs::create_dir(folder.path().join("m/report.html")).unwrap();
    folder.fails(
        &[&TRAIN[..], &["m/model", "--seed", "1"]].concat(),
        1,
        &["cannot write m/report.html: it is a folder"],
    );
}

#[test]
fn a_folder_that_may_not_be_written() {
    let folder = with_model();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    set_read_only(&closed, true);
    if std::fs::write(closed.join("trial"), "").is_ok() {
        println!("skipped: permissions do not bind here");
    } else {
        for out in ["closed/out", "closed/new/out"] {
            let words = [&format!("cannot write {out}"), "ermission denied"];
            folder.fails(&[&TRAIN[..], &[out]].concat(), 1, &words);
            folder.fails(&["predict", "m/model", "t.csv", "--out", out], 1, &words);
        }
    }
    set_read_only(&closed, false);
}

fn set_read_only(folder: &Path, is_read_only: bool) {
    let mut permissions = std::fs::metadata(folder).unwrap().permissions();
    permissions.set_readonly(is_read_only);
    std::fs::set_permissions(folder, permissions).unwrap();
}

/// A small disk of its own, taken away at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// None, with the reason on standard output, where it cannot be had.
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let size = format!("size={size}");
        let mount =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        match mount {
            Ok(output) if output.status.success() => return Some(Self(at)),
            Ok(output) => println!("skipped: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => println!("skipped: no mount here: {error}"),
        }
        None
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let done = std::process::Command::new("umount").arg(self.0).status();
        assert!(done.is_ok_and(|status| status.success()), "{} is still mounted", self.0.display());
    }
}

#[test]
fn a_full_disk_keeps_the_old_files() {
    let folder = with_model();
    let at = folder.path().join("disk");
    let Some(_disk) = SmallDisk::mount(&at, "64k") else { return };
    for name in ["model", "history.csv", "report.html", "p.csv", "schema.json"] {
        folder.write(&format!("disk/{name}"), format!("the old {name}"));
    }
    folder.write("long.csv", "size,colour\n".to_owned() + &"1,red\n".repeat(10_000));
    let wide: Vec<String> = (0..2_000).map(|column| format!("column{column}")).collect();
    folder
        .write("wide.csv", format!("{}\n{}1\n{}2\n", wide.join(","), "1,".repeat(1_999), "2,".repeat(1_999)));
    let full = |out: &str| format!("cannot write {out}: No space left on device");
    // A model that does not fit; a model that fits, with a report that does not.
    let large = [&TRAIN[..], &["disk/model", "--hidden-layer-sizes", "200,200"]].concat();
    folder.fails(&large, 1, &[&full("disk/model")]);
    folder.write("disk/filler", vec![0; 7 * 4_096]);
    let report = [&TRAIN[..], &["disk/model", "--hidden-layer-sizes", "none"]].concat();
    folder.fails(&report, 1, &[&full("disk/report.html")]);
    folder.fails(
        &[&TRAIN[..], &["disk/new/model", "--hidden-layer-sizes", "200,200"]].concat(),
        1,
        &[&full("disk/new/model")],
    );
    folder.fails(&["predict", "m/model", "long.csv", "--out", "disk/p.csv"], 1, &[&full("disk/p.csv")]);
    folder.fails(&["inspect", "wide.csv", "--out", "disk/schema.json"], 1, &[&full("disk/schema.json")]);
}

#[test]
#[cfg(target_os = "linux")]
fn standard_output_that_is_full() {
    let folder = with_model();
    for arguments in [&["predict", "m/model", "t.csv"][..], &["inspect", "t.csv"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_glassnet"));
        command
            .args(arguments)
            .current_dir(folder.path())
            .stdout(std::fs::File::create("/dev/full").unwrap());
        let output = command.output().unwrap();
        let done = Done {
            status: output.status.code().unwrap(),
            stdout: String::new(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert_eq!(done.status, 1);
        assert_says(&done.stderr, &["error: cannot write to standard output: No space left on device"]);
    }
}
