//! Which file names what of which other file: `use` lines and paths in the code.
//!
//! A path leads to the file that defines what it names: what a module re-exports counts as the file behind it, and a module
//! that is only named (`use crate::train;`) leads nowhere until something of it is used. `mod x;` is no import; nor is a
//! re-export, unless the file uses the name itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::source::{Token, tokens};

/// Sources by path from the crate's root: `src/train/mod.rs`.
pub type Tree = BTreeMap<String, String>;

/// A path to something of the crate that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub file: String,
    pub line: usize,
    /// From the crate's root: `crate::train::Trainer`
    pub path: String,
    /// The module that the path goes through: `train`
    pub module: Vec<String>,
    /// The file that defines what is named; `None` for a module
    pub target: Option<String>,
    /// Whether it hands the name on, and does nothing else with it
    pub is_re_export: bool,
}

/// A name that a `use` brings into a file.
#[derive(Clone, Debug)]
struct Binding {
    path: Vec<String>,
    name: String,
    line: usize,
    /// The module it stands in
    scope: Vec<String>,
    is_public: bool,
}

#[derive(Default)]
struct Module {
    file: String,
    tokens: Vec<Token>,
    bindings: Vec<Binding>,
    /// Paths in the code, with the module that each stands in
    paths: Vec<(Vec<String>, Vec<String>, usize)>,
}

struct Crate {
    modules: HashMap<Vec<String>, Module>,
}

/// Returns all imports of a tree, in the files' order.
pub fn imports(tree: &Tree) -> Vec<Import> {
    let modules = tree.iter().map(|(file, text)| (module_of(file), parse(file, text)));
    let all = Crate { modules: modules.collect() };
    let mut files: Vec<&Module> = all.modules.values().collect();
    files.sort_by(|a, b| a.file.cmp(&b.file));
    files.iter().flat_map(|module| all.imports_of(module)).collect()
}

/// Returns the module that a file is: `src/train/mod.rs` is `train`.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if stem == "lib" { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
}

/// Reads a file's `use` lines and paths.
fn parse(file: &str, text: &str) -> Module {
    let tokens = tokens(text);
    let mut module = Module { file: file.to_owned(), ..Module::default() };
    let mut scope = Scope { path: module_of(file), ..Scope::default() };
    let mut place = 0;
    while place < tokens.len() {
        scope.heed(&tokens[place..]);
        place = module.read(&tokens, place, &scope.path);
    }
    Module { tokens, ..module }
}

/// The module that a place of a file stands in: the file's own, or one within it.
#[derive(Default)]
struct Scope {
    path: Vec<String>,
    /// Depths of braces at which modules within the file begin
    opened: Vec<usize>,
    depth: usize,
}

impl Scope {
    fn heed(&mut self, tokens: &[Token]) {
        match tokens {
            [mark, name, brace, ..] if mark.is("mod") && brace.is("{") => {
                self.opened.push(self.depth);
                self.path.push(name.text.clone());
            }
            [mark, ..] if mark.is("{") => self.depth += 1,
            [mark, ..] if mark.is("}") => {
                self.depth = self.depth.saturating_sub(1);
                if self.opened.pop_if(|depth| *depth == self.depth).is_some() {
                    self.path.pop();
                }
            }
            _ => {}
        }
    }
}

/// Returns the words of a path that tokens begin with.
fn path(tokens: &[Token]) -> Vec<String> {
    let words = tokens.iter().step_by(2).zip(tokens.iter().skip(1).step_by(2));
    let more = words.take_while(|(word, mark)| word.is_word() && mark.is("::")).count();
    tokens.iter().step_by(2).take(more + 1).filter(|word| word.is_word()).map(|word| word.text.clone()).collect()
}

/// Reads a tree of imports at `place`, and returns the place of the mark behind it.
fn use_tree(
    tokens: &[Token],
    mut place: usize,
    prefix: &[String],
    found: &mut impl FnMut(Vec<String>, String, usize),
) -> usize {
    let mut path = prefix.to_vec();
    let line = tokens[place].line;
    loop {
        let token = &tokens[place];
        if token.is("{") {
            while !token_is(tokens, place, "}") {
                place += 1;
                if !token_is(tokens, place, "}") {
                    place = use_tree(tokens, place, &path, found);
                }
            }
            return place + 1;
        }
        if token.is_word() || token.is("*") {
            path.push(token.text.clone());
            place += 1;
        }
        match tokens.get(place) {
            Some(token) if token.is("::") => place += 1,
            _ => break,
        }
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let mut name = path.last().cloned().unwrap_or_default();
    if token_is(tokens, place, "as") {
        name = tokens[place + 1].text.clone();
        place += 2;
    }
    found(path, name, line);
    place
}

/// Whether a word behind these tokens is the first of its path, and no field or method.
fn begins_path(before: &[Token]) -> bool {
    match before {
        [.., two, one] if one.is(".") => two.is("."),
        [.., one] => !one.is("::"),
        [] => true,
    }
}

fn token_is(tokens: &[Token], place: usize, text: &str) -> bool {
    tokens.get(place).is_none_or(|token| token.is(text))
}

impl Crate {
    fn imports_of(&self, module: &Module) -> Vec<Import> {
        let mut imports = Vec::new();
        let mut seen = HashSet::new();
        let mut add = |path: &[String], scope: &[String], line, is_re_export| {
            let Some(path) = self.absolute(module, path, scope, 0) else { return };
            let (through, target) = self.follow(&path, 0);
            let target = target.filter(|target| *target != module.file);
            let is_own = target.is_none() && through == module_of(&module.file);
            if is_own || !seen.insert((path.clone(), line)) {
                return;
            }
            let path = format!("crate::{}", path.join("::"));
            imports.push(Import { file: module.file.clone(), line, path, module: through, target, is_re_export });
        };
        for binding in &module.bindings {
            let is_re_export = binding.is_public && !module.mentions(&binding.name);
            add(&binding.path, &binding.scope, binding.line, is_re_export);
        }
        for (path, scope, line) in &module.paths {
            add(path, scope, *line, false);
        }
        imports
    }

    /// Returns a path from the crate's root; `None` where it leads out of the crate.
    fn absolute(&self, module: &Module, path: &[String], scope: &[String], hops: usize) -> Option<Vec<String>> {
        let mut base = scope.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" | "lenet_monitor" => (base, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let child = [&base[..], &path[..1]].concat();
                if !self.modules.contains_key(&child) {
                    let binding =
                        module.bindings.iter().find(|binding| binding.name == first && binding.path != path)?;
                    let start =
                        (hops < 8).then(|| self.absolute(module, &binding.path, &binding.scope, hops + 1))??;
                    return Some([&start[..], &path[1..]].concat());
                }
            }
        }
        Some([&base[..], rest].concat())
    }

    /// Returns the module that a path goes through, and the file that defines what it names.
    fn follow(&self, path: &[String], hops: usize) -> (Vec<String>, Option<String>) {
        let length = (0..=path.len()).rev().find(|&length| self.modules.contains_key(&path[..length])).unwrap_or(0);
        let through = path[..length].to_vec();
        let (Some(module), Some(name)) = (self.modules.get(&through), path.get(length)) else { return (through, None) };
        let handed_on = module.bindings.iter().find(|binding| binding.name == *name && binding.scope == through);
        let behind = handed_on.filter(|_| hops < 8).and_then(|it| self.absolute(module, &it.path, &through, 0));
        match behind {
            Some(start) => (through, self.follow(&[&start[..], &path[length + 1..]].concat(), hops + 1).1),
            None => (through, Some(module.file.clone())),
        }
    }
}

impl Module {
    /// Takes a `use` line or a path at `place`, if one begins there, and returns the next place to look at.
    fn read(&mut self, tokens: &[Token], place: usize, scope: &[String]) -> usize {
        let (before, rest) = tokens.split_at(place);
        if rest[0].is("use") && rest.get(1).is_some_and(|token| !token.is("<")) {
            let is_public = before.last().is_some_and(|token| token.is("pub") || token.is(")"));
            return use_tree(tokens, place + 1, &[], &mut |path, name, line| {
                self.bindings.push(Binding { path, name, line, scope: scope.to_vec(), is_public });
            });
        }
        let path = if rest[0].is_word() && begins_path(before) { path(rest) } else { Vec::new() };
        if path.len() > 1 {
            self.paths.push((path, scope.to_vec(), rest[0].line));
        }
        place + 1
    }

    /// Whether the file names something beside its `use` line.
    fn mentions(&self, name: &str) -> bool {
        let mut uses = false;
        self.tokens.iter().any(|token| {
            uses = if uses { !token.is(";") } else { token.is("use") };
            !uses && token.is(name)
        })
    }
}
