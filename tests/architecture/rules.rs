//! What every file of the crate keeps to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::imports::{Import, Tree, imports};

/// The crate's floors, low to high: a file imports from its own floor and from those below.
const FLOORS: [&[&str]; 10] = [
    &["choice", "format", "locale"],
    &["disk", "sheet"],
    &["data"],
    &["nn"],
    &["train"],
    &["sweep", "interop", "watch"],
    &["background"],
    &["report", "tui"],
    &["cli"],
    &["main"],
];

/// The floors of the screen, low to high.
const TUI: [&[&str]; 9] = [
    &["screen", "axis_unit", "format", "theme", "keys"],
    &["question", "session", "message"],
    &["widgets"],
    &["screen_view"],
    &["screens"],
    &["frame"],
    &["app"],
    &["program"],
    &["watch"],
];
/// What floors of the screen import, where that is not all below.
const NARROW: [(&str, &[&str]); 5] = [
    ("screen", &["choice"]),
    ("axis_unit", &["choice"]),
    ("theme", &["choice", "format", "locale", "disk", "sheet"]),
    ("keys", &["choice", "format", "locale", "disk", "sheet", "screen"]),
    ("widgets", &["theme", "keys", "axis_unit", "format"]),
];

const LONGEST: usize = 500;

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    pub file: String,
    pub line: usize,
    /// What stands there
    pub found: String,
    pub rule: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.found, self.rule)
    }
}

pub const FLOOR: &str = "a file imports only from its own floor and from those below";
pub const SAME_FLOOR: &str = "`report` and `tui` never import each other";
pub const NO_FLOOR: &str = "every module has a floor in tests/architecture/rules.rs";
pub const ROOM: &str = "within `tui` a file imports only from the floors below its own";
pub const SCREENS: &str = "a screen never names another screen";
pub const NETWORK: &str = "`tui` never names `nn`";
pub const CIRCLE: &str = "no files import each other in a circle";
pub const LENGTH: &str = "no file has more than 500 lines";
pub const DOCS: &str = "each file begins with `//!` and what it is for";

/// Returns all breaches of a tree.
pub fn breaches(tree: &Tree) -> Vec<Breach> {
    let imports = imports(tree);
    let mut breaches: Vec<Breach> = tree.iter().flat_map(|(file, text)| of_text(file, text)).collect();
    let mut told = BTreeSet::new();
    for import in &imports {
        // A file that imports something and then uses it breaks a rule once.
        let is_new = |breach: &Breach| told.insert((import.file.clone(), import.module.clone(), breach.rule));
        breaches.extend(of_import(import).into_iter().filter(is_new));
    }
    breaches.extend(circles(&imports));
    breaches.sort();
    breaches
}

fn of_text(file: &str, text: &str) -> Vec<Breach> {
    let lines = text.lines().count();
    let breach = |line, found: String, rule| Breach { file: file.to_owned(), line, found, rule };
    let too_long = (lines > LONGEST).then(|| breach(LONGEST + 1, format!("the file has {lines} lines"), LENGTH));
    let first = text.lines().next().unwrap_or_default();
    let undocumented = (!first.starts_with("//!")).then(|| breach(1, format!("`{first}`"), DOCS));
    too_long.into_iter().chain(undocumented).collect()
}

fn of_import(import: &Import) -> Vec<Breach> {
    let Import { file, line, path, module: to, .. } = import;
    let from = module_names(file);
    let rules = [floor_rule(&from, to), room_rule(&from, to), screen_rule(&from, to), network_rule(&from, to)];
    let breach = |rule| Breach { file: file.clone(), line: *line, found: format!("`{path}`"), rule };
    rules.into_iter().flatten().map(breach).collect()
}

/// Returns the module that a file is, with `mod` for a folder's own.
fn module_names(file: &str) -> Vec<String> {
    file.trim_start_matches("src/").trim_end_matches(".rs").split('/').map(str::to_owned).collect()
}

fn height(floors: &[&[&str]], name: &str) -> Option<usize> {
    floors.iter().position(|floor| floor.contains(&name))
}

fn floor_rule(from: &[String], to: &[String]) -> Option<&'static str> {
    let (from, to) = (from.first()?, to.first()?);
    if from == "lib" || from == to {
        return None;
    }
    match (height(&FLOORS, from), height(&FLOORS, to)) {
        (Some(here), Some(there)) if there > here => Some(FLOOR),
        (Some(here), Some(there)) if here == there && here > 6 => Some(SAME_FLOOR),
        (Some(_), Some(_)) => None,
        _ => Some(NO_FLOOR),
    }
}

fn room_rule(from: &[String], to: &[String]) -> Option<&'static str> {
    let room = room(from)?;
    let narrow = NARROW.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    if to.first()? != "tui" {
        return narrow.filter(|allowed| room != "widgets" && !allowed.contains(&to[0].as_str())).map(|_| ROOM);
    }
    let target = to.get(1)?;
    let (Some(here), Some(there)) = (height(&TUI, room), height(&TUI, target)) else {
        // `tui/mod.rs` stands above all.
        return (room != "mod").then_some(NO_FLOOR);
    };
    let is_allowed = room == target || there <= here && narrow.is_none_or(|allowed| allowed.contains(&target.as_str()));
    (!is_allowed).then_some(ROOM)
}

fn room(module: &[String]) -> Option<&str> {
    (module.first()? == "tui").then(|| module.get(1).map(String::as_str))?
}

fn screen_rule(from: &[String], to: &[String]) -> Option<&'static str> {
    let screen = |module: &[String]| match module {
        [tui, screens, name, ..] if tui == "tui" && screens == "screens" => Some(name.clone()),
        _ => None,
    };
    let (from, to) = (screen(from)?, screen(to)?);
    (from != "mod" && from != to).then_some(SCREENS)
}

fn network_rule(from: &[String], to: &[String]) -> Option<&'static str> {
    (from.first()? == "tui" && to.first()? == "nn").then_some(NETWORK)
}

/// A breach for each circle, at its first file, with a shortest way around.
///
/// A module and its parts are one: what a part names of the module that it lies in is no step of a way.
fn circles(imports: &[Import]) -> Vec<Breach> {
    let mut arrows = Arrows::new();
    for import in imports.iter().filter(|import| !import.is_re_export) {
        if let Some(target) = import.target.as_deref().filter(|target| !is_part(&import.file, target)) {
            arrows.entry(&import.file).or_default().entry(target).or_insert(import);
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut breaches = Vec::new();
    for &file in arrows.keys() {
        let Some(way) = way_around(&arrows, file) else { continue };
        let reached = reachable(&arrows, file);
        let circle: BTreeSet<&str> =
            reached.into_iter().filter(|other| reachable(&arrows, other).contains(file)).collect();
        if circle.iter().any(|file| told.contains(file)) {
            continue;
        }
        let steps: Vec<String> =
            way.iter().map(|step| format!("{}:{} names `{}`", step.file, step.line, step.path)).collect();
        let found = format!("a circle of {} files; {}", circle.len(), steps.join(", "));
        told.extend(circle);
        breaches.push(Breach { file: file.to_owned(), line: way[0].line, found, rule: CIRCLE });
    }
    breaches
}

/// Whether a file lies within the module that another one is: `src/train/run.rs` within `src/train/mod.rs`.
fn is_part(file: &str, module: &str) -> bool {
    let folder = module.strip_suffix("/mod.rs").or(module.strip_suffix(".rs")).unwrap_or(module);
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

type Arrows<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Import>>;

fn reachable<'a>(arrows: &Arrows<'a>, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = vec![start];
    while let Some(file) = open.pop() {
        for &next in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

/// Returns the imports of a shortest way from a file back to itself.
fn way_around<'a>(arrows: &Arrows<'a>, start: &'a str) -> Option<Vec<&'a Import>> {
    let mut ways: Vec<(&str, Vec<&Import>)> = vec![(start, Vec::new())];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for (file, way) in ways {
            for (&next, &import) in arrows.get(file).into_iter().flatten() {
                let way = [&way[..], &[import]].concat();
                if next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    longer.push((next, way));
                }
            }
        }
        ways = longer;
    }
    None
}
