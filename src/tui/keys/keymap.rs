//! The key bindings in force, with the user's own.

use std::fmt::Write;

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    format::toml_quoted,
    tui::keys::{Action, Binding, Context, Key, On},
};

/// The bindings in force.
#[derive(Clone, Debug)]
pub struct Keymap(Vec<Binding>);

/// A change of bindings that is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("unknown screen or state `{found}`; expected one of {}", names(Context::all().map(|context| slug(context.name()))))]
    UnknownContext { found: String },
    #[error("unknown action `{found}` {place}; expected one of {}", names(expected.iter().cloned()))]
    UnknownAction { found: String, place: String, expected: Vec<String> },
    #[error("`{found}` is not a key; expected a character, one of {}, f1 to f12, or ctrl- and a letter", names(NAMED.iter().map(|(name, _)| (*name).to_owned())))]
    UnknownKey { found: String },
    #[error("`{key}` is bound to both {first} and {second} ({context}); give one of them another key")]
    Ambiguous { key: String, first: String, second: String, context: &'static str },
    #[error("{action} needs a key: without one the program cannot be quit")]
    NoWayOut { action: String },
}

fn names(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Former names of actions, which configurations may still use, with the current ones.
const RENAMED: &[(&str, &str)] = &[("filter-runs", "filter")];

/// The names of keys without a character.
const NAMED: &[(&str, KeyCode)] = &[
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
];

/// Parses the name of a key in the configuration: `z`, `space`, `left`, `ctrl-s`, `f5`.
///
/// # Errors
/// If no key has this name.
pub fn parse_key(text: &str) -> Result<Key, KeyError> {
    let mut chars = text.chars();
    if let (Some(char), None) = (chars.next(), chars.next()) {
        return Ok(Key::Char(char));
    }
    let lower = text.to_lowercase();
    if lower == "space" {
        return Ok(Key::Char(' '));
    }
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == lower) {
        return Ok(Key::Code(*code));
    }
    let function = lower.strip_prefix('f').and_then(|number| number.parse().ok());
    let control = lower.strip_prefix("ctrl-").and_then(|rest| rest.parse::<char>().ok());
    match (function, control) {
        (Some(number @ 1..=12), _) => Ok(Key::Code(KeyCode::F(number))),
        (_, Some(char)) if char.is_ascii_alphabetic() || char == '\\' => Ok(Key::Ctrl(char)),
        _ => Err(KeyError::UnknownKey { found: text.to_owned() }),
    }
}

/// Returns a key's name as [`parse_key`] reads it.
pub fn key_name(key: Key) -> String {
    match key {
        Key::Char(' ') => "space".into(),
        Key::Char(char) => char.into(),
        Key::Ctrl(char) => format!("ctrl-{char}"),
        Key::Code(KeyCode::F(number)) => format!("f{number}"),
        Key::Code(code) => NAMED.iter().find(|(_, named)| *named == code).map_or("?", |(name, _)| name).into(),
    }
}

/// Returns a context's name in the configuration: `while typing` becomes `while-typing`.
fn slug(name: &str) -> String {
    name.replace(' ', "-")
}

impl Keymap {
    pub(crate) fn new(bindings: Vec<Binding>) -> Self {
        Self(bindings)
    }

    /// Binds an action to other keys: in the context of this name, or in all that have the action. Defaults of single
    /// screens lose these keys there.
    ///
    /// # Errors
    /// If the context is unknown, or the action is not available in it.
    pub fn bind(&mut self, context: Option<&str>, action: &str, keys: &[Key]) -> Result<(), KeyError> {
        let contexts = match context {
            None => Context::all().collect(),
            Some(name) => {
                let known = Context::all().find(|context| slug(context.name()) == name);
                vec![known.ok_or_else(|| KeyError::UnknownContext { found: name.to_owned() })?]
            }
        };
        let action = RENAMED.iter().find(|(former, _)| *former == action).map_or(action, |(_, current)| current);
        let is_meant = |binding: &Binding| {
            binding.action.to_string() == action && contexts.iter().any(|&context| binding.holds(context))
        };
        if !self.0.iter().any(is_meant) {
            return Err(self.unknown_action(context, action, &contexts));
        }
        let used = contexts.iter().copied().filter(|&context| self.0.iter().any(|b| is_meant(b) && b.holds(context)));
        let used: Vec<Context> = used.collect();
        let rebind = |binding: Binding| {
            if is_meant(&binding) {
                return binding.rebound(&contexts, keys.to_vec(), true);
            }
            let (lost, left): (Vec<_>, Vec<_>) = binding.keys.iter().partition(|key| keys.contains(key));
            let yields = !lost.is_empty() && !binding.is_own && matches!(binding.on, On::Only(_));
            if yields && used.iter().any(|&context| binding.holds(context)) {
                return binding.rebound(&used, left, false);
            }
            vec![binding]
        };
        self.0 = self.0.drain(..).flat_map(rebind).collect();
        Ok(())
    }

    fn unknown_action(&self, context: Option<&str>, action: &str, contexts: &[Context]) -> KeyError {
        let here = self.0.iter().filter(|binding| contexts.iter().any(|&context| binding.holds(context)));
        let mut expected: Vec<String> = here.map(|binding| binding.action.to_string()).collect();
        expected.sort();
        expected.dedup();
        let place = context.map_or_else(|| "in the key table".into(), |name| format!("in `{name}`"));
        KeyError::UnknownAction { found: action.to_owned(), place, expected }
    }

    /// Returns each key that has two meanings in a context, and whether the program cannot be quit from one.
    pub fn faults(&self) -> Vec<KeyError> {
        let mut faults = Vec::new();
        // The same fault in further contexts is no further fault.
        let mut known: Vec<(Key, Action, Action)> = Vec::new();
        for context in Context::all() {
            let mut seen: Vec<(Key, Action)> = Vec::new();
            for binding in self.on(context) {
                for &key in binding.keys.iter() {
                    if let Some((_, first)) =
                        seen.iter().find(|(known, action)| *known == key && *action != binding.action)
                    {
                        let fault = (key, *first, binding.action);
                        if !known.contains(&fault) {
                            known.push(fault);
                            faults.push(KeyError::Ambiguous {
                                key: key_name(key),
                                first: first.to_string(),
                                second: binding.action.to_string(),
                                context: context.name(),
                            });
                        }
                    }
                    seen.push((key, binding.action));
                }
            }
            let no_way_out = KeyError::NoWayOut { action: Action::Interrupt.to_string() };
            if !seen.iter().any(|(_, action)| *action == Action::Interrupt) && !faults.contains(&no_way_out) {
                faults.push(no_way_out);
            }
        }
        faults
    }

    /// Checks that every key has one meaning in each context, and that the program can be quit from each.
    ///
    /// # Errors
    /// The first violation.
    pub fn check(&self) -> Result<(), KeyError> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// Returns the action of a key event in a context.
    pub fn action(&self, context: Context, event: &KeyEvent) -> Option<Action> {
        let mut bound = self.on(context).filter(|binding| binding.keys.iter().any(|key| key.matches(event)));
        bound.next().map(|binding| binding.action)
    }

    /// Returns the first key of an action, in any context; empty if it has none.
    pub fn first_key(&self, action: Action) -> String {
        let binding = self.0.iter().find(|binding| binding.action == action);
        binding.map_or_else(String::new, Binding::first_key)
    }

    /// Returns every binding.
    pub fn bindings(&self) -> &[Binding] {
        &self.0
    }

    /// Returns the bindings of a context, in the order of the table.
    pub fn on(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.0.iter().filter(move |binding| binding.holds(context))
    }

    /// Returns the bindings for the footer of a context, the most useful first.
    pub fn footer(&self, context: Context) -> Vec<&Binding> {
        let mut shown: Vec<_> =
            self.on(context).filter(|binding| binding.rank > 0 && !binding.keys.is_empty()).collect();
        shown.sort_by_key(|binding| binding.rank);
        shown
    }

    /// Returns the bindings as tables of the configuration, one for each context.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        for context in Context::all() {
            writeln!(text, "\n[keys.{}]", slug(context.name())).expect("writing to a string succeeds");
            for binding in self.on(context) {
                let keys: Vec<String> = binding.keys.iter().map(|key| toml_quoted(&key_name(*key))).collect();
                writeln!(text, "{} = [{}]", binding.action, keys.join(", ")).expect("writing to a string succeeds");
            }
        }
        text
    }
}
