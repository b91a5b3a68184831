//! The gallery in `docs/`: screens as pictures. One that is behind its screen fails here;
//! `LENET_MONITOR_UPDATE_GALLERY=1 cargo test --test screens pictures` draws them again.

mod scenes;
mod svg;

use std::{env, fs, path::Path, sync::Arc};

use lenet_monitor::data::Dataset;

use crate::fixture::Session;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gallery");
const COMMAND: &str = "LENET_MONITOR_UPDATE_GALLERY=1 cargo test --test screens pictures";

type Scene = fn(&Arc<Dataset>) -> Session;

const SCENES: [(&str, Scene); 11] = [
    ("train", scenes::train),
    ("mistakes", scenes::mistakes),
    ("confusion", scenes::confusion),
    ("layers", scenes::layers),
    ("draw", scenes::draw),
    ("curves", scenes::curves),
    ("runs", scenes::runs),
    ("comparison", scenes::comparison),
    ("parameters", scenes::parameters),
    ("sweep", scenes::sweep),
    ("diverged", scenes::diverged),
];

#[test]
fn the_gallery_shows_the_screens_as_they_are() {
    let update = env::var_os("LENET_MONITOR_UPDATE_GALLERY").is_some();
    let dataset = scenes::dataset();
    for (name, scene) in SCENES {
        let path = Path::new(FOLDER).join(format!("{name}.svg"));
        let picture = svg::svg(scene(&dataset).draw().backend().buffer());
        roxmltree::Document::parse(&picture).unwrap_or_else(|error| panic!("{name}: {error}"));
        if update {
            fs::create_dir_all(FOLDER).unwrap();
            fs::write(&path, &picture).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == picture, "docs/gallery/{name}.svg is behind its screen: run `{COMMAND}`");
    }
    let kept = fs::read_dir(FOLDER).unwrap().count();
    assert_eq!(kept, SCENES.len(), "docs/gallery holds something that is no picture of the gallery: remove it");
}
