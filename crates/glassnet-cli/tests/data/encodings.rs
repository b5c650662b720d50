//! Text in other encodings than UTF-8.

use crate::folder::Folder;
use crate::rows::{gzip, zstd};

/// A town as text and in bytes of one encoding.
type Town = (&'static str, &'static [u8]);

/// What Python's codecs of these names write. Some second bytes are a vertical bar or a backslash, which mean nothing there.
const ENCODED: [(&str, [Town; 3]); 6] = [
    ("big5", [("台北", b"\xa5\x78\xa5\x5f"), ("育樂", b"\xa8\x7c\xbc\xd6"), ("許", b"\xb3\x5c")]),
    ("cp950", [("台北", b"\xa5\x78\xa5\x5f"), ("育樂", b"\xa8\x7c\xbc\xd6"), ("許", b"\xb3\x5c")]),
    ("GBK", [("台北", b"\xcc\xa8\xb1\xb1"), ("育樂", b"\xd3\xfd\x98\xb7"), ("許", b"\xd4\x53")]),
    ("shift_jis", [("台北", b"\x91\xe4\x96\x6b"), ("育樂", b"\x88\xe7\x9e\xd9"), ("許", b"\x8b\x96")]),
    ("windows-1252", [("Münster", b"M\xfcnster"), ("Größe", b"Gr\xf6\xdfe"), ("Ort", b"Ort")]),
    ("latin1", [("Münster", b"M\xfcnster"), ("Größe", b"Gr\xf6\xdfe"), ("Ort", b"Ort")]),
];

/// A table whose target and levels are towns.
fn table(towns: [&[u8]; 3]) -> Vec<u8> {
    let mut bytes = [towns[2], b",x,answer\n"].concat();
    // More than is decoded at once, so that characters are cut.
    for i in 0..9_000 {
        let town = towns[usize::from(i % 3 > 0)];
        bytes.extend(
            [town, format!(",{},{}\n", i % 7, ["no", "yes"][usize::from(i % 7 > 3)]).as_bytes()].concat(),
        );
    }
    bytes
}

#[test]
fn named_encodings_are_read_as_the_same_text_in_utf_8() {
    let folder = Folder::new();
    for (encoding, towns) in ENCODED {
        folder.write("t.csv", table(towns.map(|(text, _)| text.as_bytes())));
        let expected = folder.works(&["inspect", "t.csv", "--json"]).stdout;
        assert!(towns.iter().all(|(text, _)| expected.contains(text)), "{expected}");
        let bytes = table(towns.map(|(_, bytes)| bytes));
        let forms = [bytes.clone(), gzip(&bytes), zstd(&bytes)];
        for bytes in forms {
            folder.write("t.csv", bytes);
            let found = folder.works(&["inspect", "t.csv", "--json", "--encoding", encoding]).stdout;
            assert!(found == expected, "{encoding}: {found}");
        }
    }
}

#[test]
fn each_command_takes_an_encoding() {
    let folder = Folder::new();
    let [(_, towns), ..] = ENCODED;
    folder.write("utf-8.csv", table(towns.map(|(text, _)| text.as_bytes())));
    folder.write("big5.csv", table(towns.map(|(_, bytes)| bytes)));
    let model =
        |name: &str, flags: &[&str]| folder.model(name, "answer", &[&["--threads", "1"], flags].concat());
    let expected = model("utf-8.csv", &[]);
    let predicted = folder.works(&["predict", "trained/model", "utf-8.csv"]).stdout;
    let encoding = ["--encoding", "big5"];
    let few: Vec<u8> = table(towns.map(|(_, bytes)| bytes))
        .split_inclusive(|&byte| byte == b'\n')
        .take(50)
        .flatten()
        .copied()
        .collect();
    folder.write("few.csv", few);
    let streamed = folder.works(&[
        "train",
        "big5.csv",
        "--target",
        "answer",
        "--epochs",
        "1",
        "--recipe",
        "plain",
        "--out",
        "streamed/model",
        "--encoding",
        "big5",
        "--memory-limit",
        "100kB",
        "--validation",
        "few.csv",
    ]);
    assert!(streamed.stderr.contains("the table is read from its files"), "{}", streamed.stderr);
    assert!(model("big5.csv", &encoding) == expected);
    let found = folder.works(&["predict", "trained/model", "big5.csv", "--encoding", "big5"]).stdout;
    assert!(found == predicted && found.contains("育樂"));
    for command in ["evaluate", "explain", "diagnose"] {
        folder.works(&[command, "trained/model", "big5.csv", "--encoding", "big5"]);
        folder.fails(&[command, "trained/model", "big5.csv"], 1, &["not text in UTF-8", "--encoding"]);
    }
    for figure in ["confusion", "activations"] {
        folder.works(&["plot", figure, "trained/model", "big5.csv", "--encoding", "big5"]);
    }
}

#[test]
fn a_mark_says_more_than_a_name() {
    let folder = Folder::new();
    let utf16: Vec<u8> = "\u{feff}größe,y\n1,2\n2,1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (bytes, name) in [
        (utf16.clone(), "big5"),
        ("\u{feff}größe,y\n1,2\n2,1\n".as_bytes().to_vec(), "latin1"),
        (utf16[2..].to_vec(), "utf-16be"),
        ("größe,y\n1,2\n2,1\n".as_bytes().to_vec(), "utf-8"),
        (b"{\"gr\xf6\xdfe\": 1, \"y\": 2}\n{\"gr\xf6\xdfe\": 2, \"y\": 1}\n".to_vec(), "cp1252"),
    ] {
        folder.write("t.csv", bytes);
        let found = folder.works(&["inspect", "t.csv", "--encoding", name]).stdout;
        assert!(found.contains("größe"), "{name}: {found}");
    }
}

#[test]
fn wrong_encodings_are_told() {
    let folder = Folder::new();
    folder.write("t.csv", b"a,b\n1,2\n3,M\xfcnster\n");
    folder.fails(
        &["inspect", "t.csv"],
        1,
        &["t.csv, line 3, column `b`", "not text in UTF-8", "--encoding windows-1252"],
    );
    folder.fails(
        &["inspect", "t.csv", "--encoding", "euc-kr"],
        1,
        &["t.csv", "line 3: not text in EUC-KR", "or say what"],
    );
    folder.fails(
        &["inspect", "t.csv", "--encoding", "utf8mb4"],
        2,
        &["utf8mb4", "no such encoding", "windows-1252"],
    );
    folder.write("t.csv", b"a,b\n1,\xa5");
    folder.fails(&["inspect", "t.csv", "--encoding", "big5"], 1, &["line 2: not text in Big5"]);
}
