//! The configuration file.

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

use defaults::{FileDefaults, Written};

/// Folder of runs where nobody names one.
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// What the user has set; everything else is `None`, or as the program has it.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The file, where there is one.
    pub(crate) path: Option<PathBuf>,
    pub(crate) theme: Option<Palette>,
    pub(crate) colours: Option<Depth>,
    pub(crate) ascii: Option<bool>,
    pub(crate) mouse: Option<bool>,
    pub(crate) fps: Option<u8>,
    pub(crate) defaults: Defaults,
    pub(crate) presets: Vec<Preset>,
    pub(crate) keymap: Keymap,
}

/// In place of the program's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    /// Of new runs.
    pub(crate) hyper: HyperArgs,
    pub(crate) checkpoint_dir: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
}

impl Defaults {
    pub(crate) fn checkpoint_dir(&self) -> PathBuf {
        self.checkpoint_dir.clone().unwrap_or_else(|| CHECKPOINTS.into())
    }
}

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration {}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{}, line {line}{}: {reason}; mend the line or delete it", path.display(), key.as_ref().map_or_else(String::new, |key| format!(", `{key}`")))]
    Wrong { path: PathBuf, line: usize, key: Option<String>, reason: String },
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    theme: Option<Spanned<String>>,
    colours: Option<Spanned<String>>,
    ascii: Option<bool>,
    mouse: Option<bool>,
    fps: Option<Spanned<i64>>,
    #[serde(default)]
    defaults: FileDefaults,
    /// As the defaults, but for the folders.
    #[serde(default)]
    presets: BTreeMap<String, FileDefaults>,
    /// Read by [`keymap`], which wants to know places.
    #[serde(default)]
    #[expect(dead_code)]
    keys: BTreeMap<String, IgnoredAny>,
}

/// Where the file is looked for; `None` where there is no home.
pub(super) fn path() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("LENET_MONITOR_CONFIG").or_else(|| {
        let folder = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")))?;
        Some(folder.join("lenet-monitor").join("config.toml"))
    })
}

impl Config {
    /// # Errors
    /// If there is a file and it cannot be read or is wrong. Only one that `$LENET_MONITOR_CONFIG` names has to be there.
    pub(crate) fn load() -> Result<Self, ConfigError> {
        let Some(path) = path() else { return Ok(Self::default()) };
        match disk::read_to_string(&path) {
            // A way to say that there is to be none.
            Err(_) if path == Path::new("/dev/null") => Ok(Self::default()),
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && env::var_os("LENET_MONITOR_CONFIG").is_none() => {
                Ok(Self::default())
            }
            Err(error) => Err(ConfigError::Io { path, error }),
        }
    }

    fn parse(text: &str, path: PathBuf) -> Result<Self, ConfigError> {
        let place = Place { text, path: &path };
        let file: File = toml::from_str(text).map_err(|error| place.wrong(error.span(), error.message()))?;
        let config = Self {
            theme: place.named(file.theme)?,
            colours: place.named(file.colours)?,
            ascii: file.ascii,
            mouse: file.mouse,
            fps: place.number(file.fps, |fps| match u8::try_from(fps) {
                Ok(fps @ 1..=60) => Ok(fps),
                _ => Err(format!("expected 1 to 60, found {fps}")),
            })?,
            defaults: defaults(&place, file.defaults)?,
            presets: file
                .presets
                .into_iter()
                .map(|(name, file)| preset(&place, name, file))
                .collect::<Result<_, _>>()?,
            keymap: keymap(&place)?,
            path: None,
        };
        Ok(Self { path: Some(path), ..config })
    }

    /// As a file that says all of it.
    pub(super) fn toml(&self) -> String {
        let Defaults { hyper, data_dir, .. } = &self.defaults;
        let colours = match self.colours {
            Some(colours) => format!("colours = \"{colours}\""),
            None => "# colours = \"256\"  # 16, 256 or true; else as the terminal says".into(),
        };
        let checkpoint_dir = toml_quoted(&self.defaults.checkpoint_dir().display().to_string());
        let data_dir = match data_dir {
            Some(folder) => format!("data-dir = {}", toml_quoted(&folder.display().to_string())),
            None => "# data-dir = \"data\"  # else $LENET_MONITOR_DATA, else data".into(),
        };
        format!(
            "theme = \"{}\"  # {}\n{colours}\nascii = {}\nmouse = {}\nfps = {}\n\n\
             [defaults]\n{}checkpoint-dir = {checkpoint_dir}\n{data_dir}\n{}{}",
            self.theme.unwrap_or(Palette::Auto),
            Palette::NAMES.join(", "),
            self.ascii.unwrap_or(!crate::locale::is_utf8()),
            self.mouse.unwrap_or(true),
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

fn defaults(place: &Place, file: FileDefaults) -> Result<Defaults, ConfigError> {
    let hyper = file.hyper.into_iter().map(|(which, value)| {
        let span = value.span();
        let value = read(which, value.into_inner()).map_err(|reason| place.wrong(Some(span), &reason))?;
        Ok((which, value))
    });
    Ok(Defaults {
        hyper: hyper.collect::<Result<_, _>>()?,
        checkpoint_dir: file.checkpoint_dir.map(Spanned::into_inner),
        data_dir: file.data_dir.map(Spanned::into_inner),
    })
}

/// Reads a hyperparameter's value, and checks its range.
fn read(which: Hyperparameter, value: Written) -> Result<Value, String> {
    let value = match value {
        Written::Name(name) => which.parse(&name)?,
        Written::Real(value) => Value::Real(value as f32),
        Written::Whole(value) => {
            which.parse(&value.to_string()).map_err(|_| format!("expected a number from 0 on, found {value}"))?
        }
    };
    which.check(value).map(|()| value).map_err(|error| error.to_string())
}

fn preset(place: &Place, name: String, file: FileDefaults) -> Result<Preset, ConfigError> {
    if let Some(folder) = file.checkpoint_dir.as_ref().or(file.data_dir.as_ref()) {
        return Err(place.wrong(Some(folder.span()), "a preset has hyperparameters only; folders belong to [defaults]"));
    }
    Ok(Preset { name, hyper: defaults(place, file)?.hyper.filled() })
}

/// In `[keys]`: keys for an action wherever it is known, or a table of actions in one context.
fn keymap(place: &Place) -> Result<Keymap, ConfigError> {
    let mut keymap = Keymap::default();
    let table = DeTable::parse(place.text).map_err(|error| place.wrong(error.span(), error.message()))?;
    let keys = table.get_ref().get("keys").and_then(|keys| keys.get_ref().as_table());
    for (name, value) in keys.into_iter().flatten() {
        match value.get_ref().as_table() {
            Some(actions) => {
                for (action, keys) in actions {
                    bind(place, &mut keymap, Some(name.get_ref()), action, keys)?;
                }
            }
            None => bind(place, &mut keymap, None, name, value)?,
        }
    }
    // Whether keys contradict one another is seen when all are known.
    keymap.check().map_err(|error| place.wrong(place.find(&error), &error.to_string()))?;
    Ok(keymap)
}

fn bind(
    place: &Place,
    keymap: &mut Keymap,
    context: Option<&str>,
    action: &Spanned<Cow<str>>,
    value: &Spanned<DeValue>,
) -> Result<(), ConfigError> {
    let wrong = |error: KeyError| place.wrong(Some(action.span()), &error.to_string());
    let texts: Option<Vec<&str>> = match value.get_ref() {
        DeValue::String(text) => Some(vec![text]),
        DeValue::Array(texts) => texts.iter().map(|text| text.get_ref().as_str()).collect(),
        _ => None,
    };
    let texts = texts
        .ok_or_else(|| place.wrong(Some(value.span()), "expected a key or a list of keys, as in [\"z\", \"f5\"]"))?;
    let keys = texts.into_iter().map(parse_key).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    keymap.bind(context, action.get_ref(), &keys).map_err(wrong)
}

/// Returns the first characters of `text`: what an error quotes may be as long as the file.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The text, to tell where in it something is.
struct Place<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Place<'_> {
    fn named<T: FromStr<Err: fmt::Display>>(&self, value: Option<Spanned<String>>) -> Result<Option<T>, ConfigError> {
        self.number(value, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    fn number<V, T>(
        &self,
        value: Option<Spanned<V>>,
        check: impl Fn(V) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        let span = value.span();
        check(value.into_inner()).map(Some).map_err(|reason| self.wrong(Some(span), &reason))
    }

    fn wrong(&self, span: Option<Range<usize>>, reason: &str) -> ConfigError {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let text = self.text.lines().nth(line - 1).unwrap_or_default();
        let key = text.split_once('=').map(|(key, _)| cut(key.trim(), 60)).filter(|key| !key.is_empty());
        ConfigError::Wrong { path: self.path.to_owned(), line, key, reason: cut(reason.trim(), 500) }
    }

    /// Where the file says what the error is about.
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
