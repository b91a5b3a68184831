//! README and `docs/` keep step with the program, and lead where they say.
//! `LENET_MONITOR_UPDATE_KEYS=1 cargo test --test docs` brings the tables of keys up to date.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use lenet_monitor::tui::{self, keys};

const KEYS: &str = "docs/keys.md";

fn root() -> PathBuf {
    fs::canonicalize(env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns every file below `folder` whose name ends in `.md`.
fn markdown_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => markdown_below(&path),
            false if path.extension().is_some_and(|extension| extension == "md") => vec![path],
            false => Vec::new(),
        })
        .collect()
}

/// Returns what a newcomer reads: the README and everything in `docs/`.
fn pages() -> Vec<PathBuf> {
    let mut pages = markdown_below(&root().join("docs"));
    pages.push(root().join("README.md"));
    pages
}

/// Returns the lines outside of code blocks.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Returns the targets of links and pictures within this repository, as they are written.
fn links(page: &str) -> Vec<String> {
    let targets = prose(page).flat_map(|line| line.split("](").skip(1));
    let targets = targets.map(|rest| rest.split(')').next().unwrap_or_default().to_owned());
    targets.filter(|target| !target.contains("://")).collect()
}

/// Returns the file that a link leads to and the heading in it, if it names one.
fn resolve(page: &Path, target: &str) -> (PathBuf, Option<String>) {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { page.to_owned() } else { page.parent().unwrap().join(file) };
    let path = fs::canonicalize(&path).unwrap_or_else(|error| panic!("{}: ({target}): {error}", page.display()));
    (path, anchor.map(str::to_owned))
}

/// Returns the anchors that GitHub makes of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page).filter(|line| line.starts_with('#'));
    let slug = |heading: &str| -> String {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        text.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

/// Returns the page with `table` between the marks `<!-- NAME: ... -->` and `<!-- /NAME -->`.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let begin = page.find(&format!("<!-- {name}:")).expect("the page has the mark");
    let begin = begin + page[begin..].find('\n').unwrap() + 1;
    let end = page.find(&format!("<!-- /{name} -->")).expect("the page has the end mark");
    format!("{}\n{table}\n{}", &page[..begin], &page[end..])
}

#[test]
fn the_tables_of_keys_show_them_as_they_are() {
    let path = root().join(KEYS);
    let page = read(&path);
    let expected = with_table(&page, "keys", &keys::markdown_table(&tui::bindings()));
    let expected = with_table(&expected, "letters", &keys::letters_table(&tui::bindings()));
    if env::var_os("LENET_MONITOR_UPDATE_KEYS").is_some() {
        fs::write(path, &expected).unwrap();
        return;
    }
    let command = "LENET_MONITOR_UPDATE_KEYS=1 cargo test --test docs";
    assert!(page == expected, "{KEYS} is behind the keys: run `{command}`");
}

#[test]
fn every_picture_of_the_gallery_is_shown() {
    let gallery = root().join("docs/gallery");
    let targets = pages().into_iter().flat_map(|page| {
        let targets = links(&read(&page));
        targets.into_iter().map(move |target| resolve(&page, &target).0)
    });
    let shown: BTreeSet<PathBuf> = targets.filter(|path| path.parent() == Some(&gallery)).collect();
    let kept = fs::read_dir(&gallery).unwrap();
    let kept: BTreeSet<PathBuf> = kept.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(shown, kept, "on the left what README and docs show, on the right what is in docs/gallery");
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let more = ["CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name));
    for page in pages().into_iter().chain(more) {
        for target in links(&read(&page)) {
            if let (path, Some(anchor)) = resolve(&page, &target) {
                let anchors = anchors(&read(&path));
                assert!(anchors.contains(&anchor), "{}: ({target}): one of {anchors:?}", page.display());
            }
        }
    }
}

#[test]
fn every_page_is_reachable_from_the_readme() {
    let mut reached = BTreeSet::new();
    let mut next = vec![root().join("README.md")];
    while let Some(page) = next.pop() {
        if page.extension().is_some_and(|extension| extension == "md") && reached.insert(page.clone()) {
            next.extend(links(&read(&page)).iter().map(|target| resolve(&page, target).0));
        }
    }
    let lost: Vec<PathBuf> = pages().into_iter().filter(|page| !reached.contains(page)).collect();
    assert!(lost.is_empty(), "no link leads from README.md to {lost:?}");
}

#[test]
fn the_readme_is_short_and_every_page_narrow() {
    assert!(read(&root().join("README.md")).lines().count() < 250, "README.md has 250 lines or more");
    for path in pages() {
        let page = read(&path);
        let wide = page.lines().find(|line| line.chars().count() >= 120);
        assert_eq!(wide, None, "{} has a line of 120 columns or more", path.display());
    }
}
