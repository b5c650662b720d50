//! MNIST's format.

use crate::folder::Folder;
use crate::rows::gzip;
use std::fmt::Write;

const IMAGES: &str = "train-images-idx3-ubyte";

/// 60 images of 2 by 3 pixels, bright above or below.
fn images() -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 60, 0, 0, 0, 2, 0, 0, 0, 3];
    (0..60).for_each(|image| bytes.extend((0..6).map(|pixel| pixel_of(image, pixel))));
    bytes
}

fn pixel_of(image: u8, pixel: u8) -> u8 {
    if (pixel < 3) == image.is_multiple_of(2) {
        250 - image
    } else {
        (u16::from(image) * u16::from(pixel + 1) / 8) as u8
    }
}

fn labels(n: u8) -> Vec<u8> {
    [&[0, 0, 8, 1, 0, 0, 0, n][..], &(0..n).map(|image| image % 2).collect::<Vec<_>>()].concat()
}

#[test]
fn images_find_their_labels() {
    let folder = Folder::new();
    let mut csv = "pixel_0,pixel_1,pixel_2,pixel_3,pixel_4,pixel_5,label\n".to_owned();
    for image in 0..60 {
        (0..6).for_each(|pixel| write!(csv, "{},", pixel_of(image, pixel)).unwrap());
        writeln!(csv, "{}", image % 2).unwrap();
    }
    folder.write("t.csv", csv);
    let expected = folder.model("t.csv", "label", &["--threads", "1"]);
    folder.write(IMAGES, images());
    folder.write("train-labels-idx1-ubyte.gz", gzip(&labels(60)));
    folder.write("t10k-images.idx3-ubyte.gz", gzip(&images()));
    assert!(folder.model(IMAGES, "label", &["--threads", "1"]) == expected);
    // Without labels, there is nothing to learn but all to predict.
    folder.works(&["predict", "trained/model", "t10k-images.idx3-ubyte.gz"]);
    folder.write("t10k-labels.idx1-ubyte", labels(60));
    folder.works(&["evaluate", "trained/model", "t10k-images.idx3-ubyte.gz"]);
}

#[test]
fn other_arrays_are_refused() {
    let folder = Folder::new();
    let refused =
        |name: &str, words: &[&str]| folder.fails(&["inspect", name], 1, &[&[name], words].concat());
    folder.write("some-labels", labels(60));
    refused("some-labels", &["file of labels", "Give the file of images"]);
    folder.write("cut", &images()[..300]);
    refused("cut", &["ends before all the values"]);
    folder.write("long", [images(), vec![1]].concat());
    refused("long", &["more bytes follow"]);
    folder.write("huge", [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]);
    refused("huge", &["4294967295"]);
    folder.write(IMAGES, images());
    folder.write("train-labels-idx1-ubyte", labels(59));
    folder.fails(&["inspect", IMAGES], 1, &["train-labels-idx1-ubyte", "59 rows", "has 60 rows"]);
}
