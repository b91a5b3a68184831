//! Reads, checks and prints the configuration file.

mod defaults;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    env, fmt, io,
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, de::IgnoredAny};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    cli::{DEFAULT_FPS, hyper::HyperArgs},
    disk,
    format::toml_quoted,
    train::{Hyperparameter, Hyperparameters, Value},
    tui::{
        Depth, Keymap, Palette, Preset,
        keymap::{KeyError, parse_key},
    },
};

use defaults::{FileDefaults, RawValue};

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
    pub(crate) fps: Option<u8>,
    pub(crate) defaults: Defaults,
    pub(crate) presets: Vec<Preset>,
    pub(crate) keymap: Keymap,
}

/// Defaults that replace the program's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// Hyperparameters of new runs.
    pub(crate) hyper: HyperArgs,
    pub(crate) checkpoint_dir: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
}

impl Defaults {
    pub(crate) fn checkpoint_dir(&self) -> PathBuf {
        self.checkpoint_dir.clone().unwrap_or_else(|| CHECKPOINTS.into())
    }
}

/// Error in the file, or in reading it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration {}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{}, line {line}{}: {reason}; fix the line or delete it", path.display(), key.as_ref().map_or_else(String::new, |key| format!(", `{key}`")))]
    Wrong { path: PathBuf, line: usize, key: Option<String>, reason: String },
}

/// Contents of the file, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    theme: Option<Spanned<String>>,
    colours: Option<Spanned<String>>,
    ascii: Option<bool>,
    mouse: Option<bool>,
    title: Option<bool>,
    bell: Option<bool>,
    fps: Option<Spanned<i64>>,
    #[serde(default)]
    defaults: FileDefaults,
    /// Hyperparameters by the preset's name; folders are an error.
    #[serde(default)]
    presets: BTreeMap<String, FileDefaults>,
    /// Read by [`keymap`], which needs the keys' positions.
    #[serde(default)]
    #[expect(dead_code)]
    keys: BTreeMap<String, IgnoredAny>,
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
        let document = Document { text, path: &path };
        let file: File = toml::from_str(text).map_err(|error| document.error(error.span(), error.message()))?;
        let config = Self {
            theme: document.parsed(file.theme)?,
            colours: document.parsed(file.colours)?,
            ascii: file.ascii,
            mouse: file.mouse,
            title: file.title,
            bell: file.bell,
            fps: document.checked(file.fps, |fps| match u8::try_from(fps) {
                Ok(fps @ 1..=60) => Ok(fps),
                _ => Err(format!("expected 1 to 60, found {fps}")),
            })?,
            defaults: defaults(&document, file.defaults)?,
            presets: file
                .presets
                .into_iter()
                .map(|(name, file)| preset(&document, name, file))
                .collect::<Result<_, _>>()?,
            keymap: keymap(&document)?,
            path: None,
        };
        Ok(Self { path: Some(path), ..config })
    }

    /// Returns the complete configuration as a file.
    pub(super) fn toml(&self) -> String {
        let Defaults { hyper, data_dir, .. } = &self.defaults;
        let colours = match self.colours {
            Some(colours) => format!("colours = \"{colours}\""),
            None => "# colours = \"256\"  # 16, 256 or true; default: as the terminal reports".into(),
        };
        let checkpoint_dir = toml_quoted(&self.defaults.checkpoint_dir().display().to_string());
        let data_dir = match data_dir {
            Some(folder) => format!("data-dir = {}", toml_quoted(&folder.display().to_string())),
            None => "# data-dir = \"data\"  # default: $LENET_MONITOR_DATA, else data".into(),
        };
        format!(
            "theme = \"{}\"  # {}\n{colours}\nascii = {}\nmouse = {}\ntitle = {}\nbell = {}\nfps = {}\n\n\
             [defaults]\n{}checkpoint-dir = {checkpoint_dir}\n{data_dir}\n{}{}",
            self.theme.unwrap_or(Palette::Auto),
            Palette::NAMES.join(", "),
            self.ascii.unwrap_or(!crate::locale::is_utf8()),
            self.mouse.unwrap_or(true),
            self.title.unwrap_or(true),
            self.bell.unwrap_or(false),
            self.fps.unwrap_or(DEFAULT_FPS),
            hyper_toml(&hyper.filled()),
            self.presets
                .iter()
                .map(|Preset { name, hyper }| format!("\n[presets.{}]\n{}", toml_quoted(name), hyper_toml(hyper)))
                .collect::<String>(),
            self.keymap.toml(),
        )
    }
}

fn hyper_toml(hyper: &Hyperparameters) -> String {
    let line = |which: Hyperparameter| match hyper.get(which) {
        Value::Name(name) => format!("{} = \"{name}\"\n", which.flag().name),
        value => format!("{} = {value}\n", which.flag().name),
    };
    defaults::hyperparameters().map(line).collect()
}

fn defaults(document: &Document, file: FileDefaults) -> Result<Defaults, ConfigError> {
    let hyper = file.hyper.into_iter().map(|(which, value)| {
        let span = value.span();
        let value = read(which, value.into_inner()).map_err(|reason| document.error(Some(span), &reason))?;
        Ok((which, value))
    });
    Ok(Defaults {
        hyper: hyper.collect::<Result<_, _>>()?,
        checkpoint_dir: file.checkpoint_dir.map(Spanned::into_inner),
        data_dir: file.data_dir.map(Spanned::into_inner),
    })
}

/// Reads a hyperparameter's value, and checks its range.
fn read(which: Hyperparameter, value: RawValue) -> Result<Value, String> {
    let value = match value {
        RawValue::Name(name) => which.parse(&name)?,
        RawValue::Real(value) => Value::Real(value as f32),
        RawValue::Whole(value) => {
            which.parse(&value.to_string()).map_err(|_| format!("expected a number of 0 or more, found {value}"))?
        }
    };
    which.check(value).map(|()| value).map_err(|error| error.to_string())
}

fn preset(document: &Document, name: String, file: FileDefaults) -> Result<Preset, ConfigError> {
    if let Some(folder) = file.checkpoint_dir.as_ref().or(file.data_dir.as_ref()) {
        return Err(
            document.error(Some(folder.span()), "a preset may only set hyperparameters; folders belong in [defaults]")
        );
    }
    Ok(Preset { name, hyper: defaults(document, file)?.hyper.filled() })
}

/// Reads `[keys]`: keys for an action in every context that has it, or a table of actions for one context.
fn keymap(document: &Document) -> Result<Keymap, ConfigError> {
    let mut keymap = Keymap::default();
    let table = DeTable::parse(document.text).map_err(|error| document.error(error.span(), error.message()))?;
    let keys = table.get_ref().get("keys").and_then(|keys| keys.get_ref().as_table());
    for (name, value) in keys.into_iter().flatten() {
        match value.get_ref().as_table() {
            Some(actions) => {
                for (action, keys) in actions {
                    bind(document, &mut keymap, Some(name.get_ref()), action, keys)?;
                }
            }
            None => bind(document, &mut keymap, None, name, value)?,
        }
    }
    // Conflicts between keys can be found only when all are known.
    keymap.check().map_err(|error| document.error(document.find(&error), &error.to_string()))?;
    Ok(keymap)
}

fn bind(
    document: &Document,
    keymap: &mut Keymap,
    context: Option<&str>,
    action: &Spanned<Cow<str>>,
    value: &Spanned<DeValue>,
) -> Result<(), ConfigError> {
    let wrong = |error: KeyError| document.error(Some(action.span()), &error.to_string());
    let texts: Option<Vec<&str>> = match value.get_ref() {
        DeValue::String(text) => Some(vec![text]),
        DeValue::Array(texts) => texts.iter().map(|text| text.get_ref().as_str()).collect(),
        _ => None,
    };
    let texts = texts
        .ok_or_else(|| document.error(Some(value.span()), "expected a key or a list of keys, as in [\"z\", \"f5\"]"))?;
    let keys = texts.into_iter().map(parse_key).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    keymap.bind(context, action.get_ref(), &keys).map_err(wrong)
}

/// Returns the first characters of `text`, since a quotation in an error may be as long as the file.
fn truncated(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The file's text, in which errors are located.
struct Document<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Document<'_> {
    fn parsed<T: FromStr<Err: fmt::Display>>(&self, value: Option<Spanned<String>>) -> Result<Option<T>, ConfigError> {
        self.checked(value, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    fn checked<V, T>(
        &self,
        value: Option<Spanned<V>>,
        check: impl Fn(V) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        let span = value.span();
        check(value.into_inner()).map(Some).map_err(|reason| self.error(Some(span), &reason))
    }

    fn error(&self, span: Option<Range<usize>>, reason: &str) -> ConfigError {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let text = self.text.lines().nth(line - 1).unwrap_or_default();
        let key = text.split_once('=').map(|(key, _)| truncated(key.trim(), 60)).filter(|key| !key.is_empty());
        ConfigError::Wrong { path: self.path.to_owned(), line, key, reason: truncated(reason.trim(), 500) }
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
