//! The README keeps step with the program. `LENET_MONITOR_UPDATE_README=1 cargo test --test readme` brings it up to date.

use std::{collections::BTreeSet, env, fs, path::Path};

use lenet_monitor::tui::keys;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Puts `content` between the line that begins with `<!-- NAME:` and `<!-- /NAME -->`.
fn put(readme: &str, name: &str, content: &str) -> String {
    let start = readme.find(&format!("<!-- {name}:")).expect("the README has the mark");
    let start = start + readme[start..].find('\n').unwrap() + 1;
    let end = readme.find(&format!("<!-- /{name} -->")).expect("the README has the end mark");
    format!("{}{content}{}", &readme[..start], &readme[end..])
}

#[test]
fn the_readme_shows_the_keys_as_they_are() {
    let readme = file("README.md");
    let expected = put(&readme, "keys", &format!("\n{}\n", keys::markdown_table()));
    if env::var_os("LENET_MONITOR_UPDATE_README").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), &expected).unwrap();
        return;
    }
    let command = "LENET_MONITOR_UPDATE_README=1 cargo test --test readme";
    assert!(readme == expected, "README.md is behind its keys: run `{command}`");
}

#[test]
fn the_readme_shows_every_picture_of_the_gallery() {
    let readme = file("README.md");
    let shown: BTreeSet<String> = readme
        .split("docs/gallery/")
        .skip(1)
        .map(|rest| rest.split(['"', ')']).next().unwrap_or_default().to_owned())
        .collect();
    let kept = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gallery")).unwrap();
    let kept: BTreeSet<String> = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(shown, kept, "on the left what README.md shows, on the right what is in docs/gallery");
}
