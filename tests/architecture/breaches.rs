//! The checker itself, on crates of a few lines: each breaks one rule once, and the failure names file, line and rule.

use crate::rules::{CIRCLE, DOCS, FLOOR, LENGTH, NETWORK, NO_FLOOR, ROOM, SAME_FLOOR, SCREENS, breaches};

/// Returns the breaches of a tree of such files: path from `src`, and text behind the first line.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let file = |(path, text): &(&str, &str)| (format!("src/{path}"), format!("//! A file.\n{text}"));
    breaches(&files.iter().map(file).collect()).iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_found(files: &[(&str, &str)], expected: &[(&str, &str)]) {
    let expected: Vec<String> = expected.iter().map(|(place, rule)| format!("src/{place}: {rule}")).collect();
    assert_eq!(found(files), expected);
}

#[test]
fn a_crate_without_breaches_has_none() {
    let files = [
        ("lib.rs", "pub mod data;\npub mod tui;"),
        ("data/mod.rs", "mod idx;\npub use idx::Idx;\npub struct Split;"),
        ("data/idx.rs", "use super::Split;\npub struct Idx(Split);"),
        ("tui/mod.rs", "pub mod app;\nmod theme;\npub use app::App;"),
        ("tui/app.rs", "use super::theme::Theme;\nuse crate::data::{self, Idx};\nfn f() -> data::Split {}"),
        ("tui/theme.rs", "//! crate::nn::Network\npub struct Theme; // crate::nn\nconst S: &str = \"crate::nn::X\";"),
    ];
    assert_found(&files, &[]);
}

#[test]
fn arrows_that_run_up_a_floor() {
    let train = ("train/mod.rs", "pub struct Run;");
    let up = "data/mod.rs:2: `crate::train::Run`";
    for text in ["use crate::train::Run;", "use crate::{train::{Run}};", "pub use super::train::Run;"] {
        assert_found(&[("data/mod.rs", text), train], &[(up, FLOOR)]);
    }
    let inline = "mod tests {\n    fn f<'a>(x: &'a str) -> char {\n        let run = crate::train::Run { ..x };\n        '\"'\n    }\n}";
    assert_found(&[("data/mod.rs", inline), train], &[("data/mod.rs:4: `crate::train::Run`", FLOOR)]);
    let nested = "mod tests {\n    use super::super::train::Run;\n}";
    assert_found(&[("data/mod.rs", nested), train], &[("data/mod.rs:3: `crate::train::Run`", FLOOR)]);
    assert_found(
        &[("data/mod.rs", "use crate::train;\nfn f() { train::Run; }"), train],
        &[("data/mod.rs:2: `crate::train`", FLOOR)],
    );
    let tui = ("tui/mod.rs", "pub struct Screen;");
    assert_found(
        &[("report/mod.rs", "use crate::tui::Screen;"), tui],
        &[("report/mod.rs:2: `crate::tui::Screen`", SAME_FLOOR)],
    );
    assert_found(
        &[("cli/mod.rs", "use crate::new::X;"), ("new.rs", "pub struct X;")],
        &[("cli/mod.rs:2: `crate::new::X`", NO_FLOOR)],
    );
}

#[test]
fn rooms_of_the_screen() {
    let session = ("tui/session/mod.rs", "pub struct Session;");
    let breach = |file: &str| format!("{file}:2: `crate::tui::session::Session`");
    for file in ["tui/theme.rs", "tui/keys/mod.rs", "tui/widgets/digit.rs"] {
        assert_found(&[(file, "use crate::tui::session::Session;"), session], &[(&breach(file), ROOM)]);
    }
    for file in
        ["tui/screen_view.rs", "tui/screens/runs/view.rs", "tui/frame/help.rs", "tui/program/jobs.rs", "tui/mod.rs"]
    {
        assert_found(&[(file, "use crate::tui::session::Session;"), session], &[]);
    }
    let digit = ("tui/widgets/digit.rs", "pub fn draw() {}");
    assert_found(
        &[digit, ("tui/session/live.rs", "use crate::tui::widgets::digit;\nfn f() { digit::draw() }")],
        &[("tui/session/live.rs:2: `crate::tui::widgets::digit`", ROOM)],
    );
    let data = ("data/mod.rs", "pub struct Split;");
    assert_found(
        &[("tui/keys/mod.rs", "use crate::data::Split;"), data],
        &[("tui/keys/mod.rs:2: `crate::data::Split`", ROOM)],
    );
    assert_found(&[("tui/widgets/digit.rs", "use crate::data::Split;"), data], &[]);
}

#[test]
fn a_screen_that_names_another() {
    let runs = ("tui/screens/runs/mod.rs", "pub struct Runs;");
    let other = ("tui/screens/train/keys.rs", "use crate::tui::screens::runs::Runs;");
    let all = ("tui/screens/mod.rs", "pub use runs::Runs;");
    assert_found(&[runs, other, all], &[("tui/screens/train/keys.rs:2: `crate::tui::screens::runs::Runs`", SCREENS)]);
}

#[test]
fn a_screen_that_names_the_network() {
    let nn = ("nn/mod.rs", "pub struct Network;");
    let app = "tui/app.rs:3: `crate::nn::Network`";
    assert_found(&[nn, ("tui/app.rs", "\nuse crate::{nn::Network};")], &[(app, NETWORK)]);
    let train = ("train/mod.rs", "pub use crate::nn::Network;");
    assert_found(&[nn, train, ("tui/app.rs", "use crate::train::Network;")], &[]);
}

#[test]
fn circles_of_imports() {
    let around = "a circle of 3 files; src/nn/a.rs:2 names `crate::nn::b::B`, src/nn/b.rs:3 names `crate::nn::c::f`, \
                  src/nn/c.rs:2 names `crate::nn::A`";
    let files = [
        ("nn/mod.rs", "mod a;\nmod b;\nmod c;\npub use a::A;"),
        ("nn/a.rs", "use super::b::B;\npub struct A(B);"),
        ("nn/b.rs", "use super::c;\npub fn f() { c::f() }\npub struct B;"),
        ("nn/c.rs", "use super::A;\npub fn f() {}"),
    ];
    assert_found(&files, &[(&format!("nn/a.rs:2: {around}"), CIRCLE)]);
}

#[test]
fn a_module_is_one_with_its_parts_but_not_its_parts_with_each_other() {
    let files = [
        ("nn/mod.rs", "mod a;\npub struct Shape;\npub fn f() { a::f() }"),
        ("nn/a.rs", "use super::Shape;\npub fn f() {}"),
    ];
    assert_found(&files, &[]);
    let used = [
        ("nn/mod.rs", "mod a;\npub use a::A;\nfn f() -> A {}"),
        ("nn/a.rs", "use crate::data::D;\npub struct A;"),
        ("data/mod.rs", "pub struct D;"),
    ];
    assert_found(&used, &[]);
}

#[test]
fn long_files_and_undocumented_ones() {
    let lines = "\n".repeat(500);
    assert_found(&[("disk.rs", &lines)], &[("disk.rs:501: the file has 501 lines", LENGTH)]);
    assert_found(&[("disk.rs", &lines[1..])], &[]);
    let tree = [("src/disk.rs".to_owned(), "use std::fs;\n".to_owned())].into();
    assert_eq!(breaches(&tree)[0].to_string(), format!("src/disk.rs:1: `use std::fs;`: {DOCS}"));
}
