//! Reads, checks and prints the configuration file.

use std::{
    borrow::Cow,
    cell::RefCell,
    env, fmt, io,
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use crate::{
    cli::{DEFAULT_FPS, hyper::HyperArgs},
    disk,
    format::toml_quoted,
    train::{Hyperparameter, Hyperparameters, Kind, Recipe, Value},
    tui::{
        Depth, Keymap, Palette, Preset,
        keymap::{KeyError, parse_key},
    },
};

/// Default folder of runs.
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// The user's settings; whatever is not set is `None` or the program's default.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Path of the file, if it exists.
    pub(crate) path: Option<PathBuf>,
    pub(crate) theme: Option<Palette>,
    pub(crate) colours: Option<Depth>,
    pub(crate) ascii: Option<bool>,
    pub(crate) mouse: Option<bool>,
    pub(crate) title: Option<bool>,
    pub(crate) bell: Option<bool>,
    pub(crate) notify: Option<bool>,
    pub(crate) fps: Option<u8>,
    pub(crate) on_hangup: Option<OnHangup>,
    /// Shell command to be run when a run is over.
    pub(crate) on_end: Option<String>,
    pub(crate) defaults: Defaults,
    /// Names of presets, and their values.
    presets: Vec<(String, Values)>,
    pub(crate) keymap: Keymap,
}

/// What happens with a run when its terminal hangs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnHangup {
    /// It is saved, and ends.
    Stop,
    /// It is saved, and continues in the background.
    Detach,
}

impl OnHangup {
    const ALL: [(Self, &str); 2] = [(Self::Stop, "stop"), (Self::Detach, "detach")];
}

impl FromStr for OnHangup {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        found.map(|(choice, _)| *choice).ok_or_else(|| format!("expected stop or detach, found `{text}`"))
    }
}

impl fmt::Display for OnHangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::ALL.iter().filter(|(choice, _)| choice == self).try_for_each(|(_, name)| f.write_str(name))
    }
}

/// Defaults that replace the program's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// Hyperparameters of new runs.
    pub(crate) values: Values,
    pub(crate) checkpoint_dir: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
}

/// Hyperparameters of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    pub(crate) recipe: Option<Recipe>,
    /// Single values, which precede the recipe's.
    pub(crate) hyper: HyperArgs,
}

impl Values {
    fn hyperparameters(&self) -> Hyperparameters {
        self.hyper.filled(self.recipe.unwrap_or(Recipe::Report).hyperparameters())
    }

    /// Returns a line for the recipe and one for each hyperparameter. What comes from a recipe is a comment, so that
    /// another recipe takes effect.
    fn toml(&self) -> String {
        let hyper = self.hyperparameters();
        let line = |which: Hyperparameter| {
            let mark = if self.recipe.is_some() && self.hyper.get(which).is_none() { "# " } else { "" };
            let name = which.flag().name;
            match hyper.get(which) {
                Value::Name(value) => format!("{mark}{name} = \"{value}\"\n"),
                value => format!("{mark}{name} = {value}\n"),
            }
        };
        let lines: String = hyperparameters().map(line).collect();
        let names = Recipe::NAMES.join(", ");
        let first = match self.recipe {
            Some(recipe) => format!("{RECIPE} = \"{recipe}\"  # {names}; sets the values below that begin with #"),
            None => format!("# {RECIPE} = \"best\"  # {names}; sets the values below whose lines are deleted"),
        };
        format!("{first}\n{lines}")
    }
}

impl Defaults {
    pub(crate) fn checkpoint_dir(&self) -> PathBuf {
        self.checkpoint_dir.clone().unwrap_or_else(|| CHECKPOINTS.into())
    }
}

/// Errors in the file, or in reading it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration {}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Wrong(Vec<WrongLine>),
}

/// Error in a line of the file.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}{}: {reason}; fix the line or delete it", path.display(), key.as_ref().map_or_else(String::new, |key| format!(", `{key}`")))]
pub(crate) struct WrongLine {
    path: PathBuf,
    line: usize,
    key: Option<String>,
    reason: String,
}

impl ConfigError {
    /// Returns a message for each error.
    pub(crate) fn messages(&self) -> Vec<String> {
        match self {
            Self::Io { .. } => vec![self.to_string()],
            Self::Wrong(lines) => lines.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Keys of the file.
const KEYS: [&str; 13] = [
    "theme",
    "colours",
    "ascii",
    "mouse",
    "title",
    "bell",
    "notify",
    "fps",
    "on-hangup",
    "on-end",
    "defaults",
    "presets",
    "keys",
];
const RECIPE: &str = "recipe";
const CHECKPOINT_DIR: &str = "checkpoint-dir";
const DATA_DIR: &str = "data-dir";

/// Returns all hyperparameters in the order of the written file.
fn hyperparameters() -> impl Iterator<Item = Hyperparameter> {
    use Hyperparameter::{Activation, Optimizer, Pooling};
    Hyperparameter::starting_with(&[Activation, Optimizer, Pooling])
}

/// Returns the path where the file is expected; `None` without a home folder.
pub(super) fn path() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("LENET_MONITOR_CONFIG").or_else(|| {
        let folder = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")))?;
        Some(folder.join("lenet-monitor").join("config.toml"))
    })
}

impl Config {
    /// Reads the configuration file.
    ///
    /// # Errors
    /// If the file cannot be read or has an error. A missing file is an error only if `$LENET_MONITOR_CONFIG` names it.
    pub(crate) fn load() -> Result<Self, ConfigError> {
        let Some(path) = path() else { return Ok(Self::default()) };
        match disk::read_to_string(&path) {
            // Stands for no configuration at all.
            Err(_) if path == Path::new("/dev/null") => Ok(Self::default()),
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && env::var_os("LENET_MONITOR_CONFIG").is_none() => {
                Ok(Self::default())
            }
            Err(error) => Err(ConfigError::Io { path, error }),
        }
    }

    fn parse(text: &str, path: PathBuf) -> Result<Self, ConfigError> {
        let document = Document { text, path: &path, errors: RefCell::default() };
        let (table, errors) = DeTable::parse_recoverable(text);
        errors.iter().for_each(|error| document.add(error.span(), error.message()));
        // What else is wrong in a damaged line is no error of its own.
        document.errors.borrow_mut().dedup_by_key(|error| error.line);
        let damaged: Vec<usize> = document.errors.borrow().iter().map(|error| error.line).collect();
        let mut config = Self::default();
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "theme" => config.theme = document.parsed(value),
                "colours" => config.colours = document.parsed(value),
                "ascii" => config.ascii = document.value(value),
                "mouse" => config.mouse = document.value(value),
                "title" => config.title = document.value(value),
                "bell" => config.bell = document.value(value),
                "notify" => config.notify = document.value(value),
                "fps" => {
                    config.fps = document.checked(value, |fps: i64| match u8::try_from(fps) {
                        Ok(fps @ 1..=60) => Ok(fps),
                        _ => Err(format!("expected 1 to 60, found {fps}")),
                    });
                }
                "on-hangup" => config.on_hangup = document.parsed(value),
                "on-end" => config.on_end = document.value(value),
                "defaults" => config.defaults = defaults(&document, value),
                "presets" => {
                    let presets = document.table(value).into_iter().flatten();
                    config.presets = presets.map(|(name, value)| preset(&document, name.get_ref(), value)).collect();
                }
                "keys" => config.keymap = keymap(&document, value),
                _ => document.unknown(key, &KEYS),
            }
        }
        let mut errors = document.errors.into_inner();
        let mut number = 0;
        errors.retain(|error| {
            number += 1;
            number <= damaged.len() || !damaged.contains(&error.line)
        });
        errors.sort_by_key(|error| error.line);
        config.path = Some(path);
        if errors.is_empty() { Ok(config) } else { Err(ConfigError::Wrong(errors)) }
    }

    pub(crate) fn presets(&self) -> Vec<Preset> {
        let preset = |(name, values): &(String, Values)| Preset { name: name.clone(), hyper: values.hyperparameters() };
        self.presets.iter().map(preset).collect()
    }

    /// Returns the complete configuration as a file.
    pub(super) fn toml(&self) -> String {
        let Defaults { values, data_dir, .. } = &self.defaults;
        let colours = match self.colours {
            Some(colours) => format!("colours = \"{colours}\""),
            None => "# colours = \"256\"  # 16, 256 or true; default: as the terminal reports".into(),
        };
        let checkpoint_dir = toml_quoted(&self.defaults.checkpoint_dir().display().to_string());
        let data_dir = match data_dir {
            Some(folder) => format!("data-dir = {}", toml_quoted(&folder.display().to_string())),
            None => "# data-dir = \"data\"  # default: $LENET_MONITOR_DATA, else data".into(),
        };
        let on_end = match &self.on_end {
            Some(command) => format!("on-end = {}", toml_quoted(command)),
            None => "# on-end = \"mail -s over me\"  # shell command; default: none".into(),
        };
        format!(
            "theme = \"{}\"  # {}\n{colours}\nascii = {}\nmouse = {}\ntitle = {}\nbell = {}\nnotify = {}\nfps = {}\n\
             on-hangup = \"{}\"  # stop or detach\n{on_end}\n\n\
             [defaults]\n{}checkpoint-dir = {checkpoint_dir}\n{data_dir}\n{}{}",
            self.theme.unwrap_or(Palette::Auto),
            Palette::NAMES.join(", "),
            self.ascii.unwrap_or(!crate::locale::is_utf8()),
            self.mouse.unwrap_or(true),
            self.title.unwrap_or(true),
            self.bell.unwrap_or(false),
            self.notify.unwrap_or(false),
            self.fps.unwrap_or(DEFAULT_FPS),
            self.on_hangup.unwrap_or(OnHangup::Stop),
            values.toml(),
            self.presets
                .iter()
                .map(|(name, values)| format!("\n[presets.{}]\n{}", toml_quoted(name), values.toml()))
                .collect::<String>(),
            self.keymap.toml(),
        )
    }
}

/// Reads `[defaults]` or a preset: hyperparameters and folders.
fn defaults(document: &Document, value: &Spanned<DeValue>) -> Defaults {
    let mut defaults = Defaults::default();
    let mut hyper = Vec::new();
    for (key, value) in document.table(value).into_iter().flatten() {
        let name = key.get_ref().as_ref();
        match hyperparameters().find(|which| which.flag().name == name) {
            Some(which) => hyper.extend(hyperparameter(document, which, value).map(|value| (which, value))),
            None if name == RECIPE => defaults.values.recipe = document.parsed(value),
            None if name == CHECKPOINT_DIR => defaults.checkpoint_dir = document.value(value),
            None if name == DATA_DIR => defaults.data_dir = document.value(value),
            None => {
                let names = hyperparameters().map(|which| which.flag().name);
                document.unknown(key, &names.chain([RECIPE, CHECKPOINT_DIR, DATA_DIR]).collect::<Vec<_>>());
            }
        }
    }
    defaults.values.hyper = hyper.into_iter().collect();
    defaults
}

/// Reads a hyperparameter's value, and checks its range.
fn hyperparameter(document: &Document, which: Hyperparameter, value: &Spanned<DeValue>) -> Option<Value> {
    let within = |value| which.check(value).map(|()| value).map_err(|error| error.to_string());
    match which.kind() {
        Kind::Names(_) => document.checked(value, |name: String| within(which.parse(&name)?)),
        Kind::Real { .. } => document.checked(value, |value: f64| within(Value::Real(value as f32))),
        Kind::Whole { .. } => document.checked(value, |value: i64| {
            let parsed = which.parse(&value.to_string());
            within(parsed.map_err(|_| format!("expected a number of 0 or more, found {value}"))?)
        }),
    }
}

fn preset(document: &Document, name: &str, value: &Spanned<DeValue>) -> (String, Values) {
    let is_folder = |key: &str| key == CHECKPOINT_DIR || key == DATA_DIR;
    let keys = value.get_ref().as_table().into_iter().flatten().map(|(key, _)| key);
    for folder in keys.filter(|key| is_folder(key.get_ref())) {
        document.add(Some(folder.span()), "a preset may only set hyperparameters; folders belong in [defaults]");
    }
    (name.to_owned(), defaults(document, value).values)
}

/// Reads `[keys]`: keys for an action in every context that has it, or a table of actions for one context.
fn keymap(document: &Document, value: &Spanned<DeValue>) -> Keymap {
    let mut keymap = Keymap::default();
    for (name, value) in document.table(value).into_iter().flatten() {
        match value.get_ref().as_table() {
            Some(actions) => {
                for (action, keys) in actions {
                    bind(document, &mut keymap, Some(name.get_ref()), action, keys);
                }
            }
            None => bind(document, &mut keymap, None, name, value),
        }
    }
    // Conflicts between keys can be found only when all are known.
    for error in keymap.faults() {
        document.add(document.find(&error), &error.to_string());
    }
    keymap
}

fn bind(
    document: &Document,
    keymap: &mut Keymap,
    context: Option<&str>,
    action: &Spanned<Cow<str>>,
    value: &Spanned<DeValue>,
) {
    let texts: Option<Vec<&str>> = match value.get_ref() {
        DeValue::String(text) => Some(vec![text]),
        DeValue::Array(texts) => texts.iter().map(|text| text.get_ref().as_str()).collect(),
        _ => None,
    };
    let Some(texts) = texts else {
        return document.add(Some(value.span()), "expected a key or a list of keys, as in [\"z\", \"f5\"]");
    };
    let keys = texts.into_iter().map(parse_key).collect::<Result<Vec<_>, _>>();
    if let Err(error) = keys.and_then(|keys| keymap.bind(context, action.get_ref(), &keys)) {
        document.add(Some(action.span()), &error.to_string());
    }
}

/// Returns the first characters of `text`, since a quotation in an error may be as long as the file.
fn truncated(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The file's text, and the errors found in it.
struct Document<'a> {
    text: &'a str,
    path: &'a Path,
    errors: RefCell<Vec<WrongLine>>,
}

impl Document<'_> {
    /// Returns a value of this type, or notes the error.
    fn value<T: DeserializeOwned>(&self, value: &Spanned<DeValue>) -> Option<T> {
        self.checked(value, Ok)
    }

    fn parsed<T: FromStr<Err: fmt::Display>>(&self, value: &Spanned<DeValue>) -> Option<T> {
        self.checked(value, |text: String| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    fn checked<V: DeserializeOwned, T>(
        &self,
        value: &Spanned<DeValue>,
        check: impl Fn(V) -> Result<T, String>,
    ) -> Option<T> {
        let read = V::deserialize(ValueDeserializer::from(value.clone()));
        let checked = read.map_err(|error| error.message().to_owned()).and_then(check);
        checked.map_err(|reason| self.add(Some(value.span()), &reason)).ok()
    }

    fn table<'t, 'i>(&self, value: &'t Spanned<DeValue<'i>>) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.add(Some(value.span()), &format!("expected a table, found a {}", value.get_ref().type_str()));
        }
        table
    }

    fn unknown(&self, key: &Spanned<Cow<str>>, known: &[&str]) {
        let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        self.add(Some(key.span()), &format!("unknown field `{}`, expected one of {known}", key.get_ref()));
    }

    /// Notes an error.
    fn add(&self, span: Option<Range<usize>>, reason: &str) {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let text = self.text.lines().nth(line - 1).unwrap_or_default();
        let key = text.split_once('=').map(|(key, _)| truncated(key.trim(), 60)).filter(|key| !key.is_empty());
        let reason = truncated(reason.trim(), 500);
        self.errors.borrow_mut().push(WrongLine { path: self.path.to_owned(), line, key, reason });
    }

    /// Returns the position of the key or action that the error is about.
    fn find(&self, error: &KeyError) -> Option<Range<usize>> {
        let words = match error {
            KeyError::Ambiguous { key, .. } => vec![format!("\"{key}\""), format!("'{key}'")],
            KeyError::NoWayOut { action } => vec![action.clone()],
            _ => Vec::new(),
        };
        let start = words.iter().find_map(|word| self.text.find(word))?;
        Some(start..start + 1)
    }
}
