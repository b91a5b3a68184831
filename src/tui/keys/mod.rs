//! The default key bindings. Dispatch, the footer, the help screen and the table in the documentation all come from
//! them, with the changes of the user's own [`Keymap`](keymap::Keymap). Each screen defines its own part.

pub mod action;
pub mod context;
pub(crate) mod global;
pub mod keymap;
pub mod line_edit;
pub(crate) mod motion;

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use self::{action::Action, context::Context};
use crate::tui::screen::Screen;

/// A key in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Ctrl(char),
    Code(KeyCode),
}

impl Key {
    pub(crate) fn matches(self, event: &KeyEvent) -> bool {
        let held = event.modifiers;
        match self {
            Self::Char(char) => {
                event.code == KeyCode::Char(char) && !held.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
            }
            // What terminals send for Ctrl-\ is read as Ctrl-4.
            Self::Ctrl('\\') if event.code == KeyCode::Char('4') => held == KeyModifiers::CONTROL,
            Self::Ctrl(char) => event.code == KeyCode::Char(char) && held == KeyModifiers::CONTROL,
            Self::Code(code) => event.code == code && !held.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT),
        }
    }

    /// Returns the event of pressing the key.
    pub fn event(self) -> KeyEvent {
        match self {
            Self::Char(char) => KeyEvent::new(KeyCode::Char(char), KeyModifiers::NONE),
            Self::Ctrl(char) => KeyEvent::new(KeyCode::Char(char), KeyModifiers::CONTROL),
            Self::Code(code) => KeyEvent::new(code, KeyModifiers::NONE),
        }
    }

    /// Returns the name that users see.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "Space".into(),
            Self::Char(char) => char.into(),
            Self::Ctrl(char) => format!("Ctrl-{}", char.to_ascii_uppercase()),
            Self::Code(code) => match code {
                KeyCode::Left => "←".into(),
                KeyCode::Right => "→".into(),
                KeyCode::Up => "↑".into(),
                KeyCode::Down => "↓".into(),
                KeyCode::PageUp => "PgUp".into(),
                KeyCode::PageDown => "PgDn".into(),
                KeyCode::BackTab => "Shift-Tab".into(),
                KeyCode::F(number) => format!("F{number}"),
                other => format!("{other:?}"),
            },
        }
    }
}

/// The contexts in which a binding is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    Everywhere,
    /// Every screen, including help.
    Screens,
    /// Every screen but help.
    ScreensExceptHelp,
    /// Every screen but help and these.
    ScreensExcept(&'static [Context]),
    Only(Cow<'static, [Context]>),
}

impl On {
    pub(crate) const fn these(contexts: &'static [Context]) -> Self {
        Self::Only(Cow::Borrowed(contexts))
    }

    pub fn holds(&self, context: Context) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Screens => context.is_view() || context == Context::Help,
            Self::ScreensExceptHelp => context.is_view(),
            Self::ScreensExcept(but) => context.is_view() && !but.contains(&context),
            Self::Only(contexts) => contexts.contains(&context),
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    pub action: Action,
    pub keys: Cow<'static, [Key]>,
    pub on: On,
    /// One or two words for the footer.
    pub label: &'static str,
    /// A sentence for help and documentation.
    pub doc: &'static str,
    /// Position in the footer, from 1; 0 if it is not shown there.
    pub rank: u8,
    /// Whether the keys are the user's own.
    pub(crate) is_own: bool,
}

impl Binding {
    pub(crate) const fn new(
        action: Action,
        keys: &'static [Key],
        on: On,
        label: &'static str,
        doc: &'static str,
        rank: u8,
    ) -> Self {
        Self { action, keys: Cow::Borrowed(keys), on, label, doc, rank, is_own: false }
    }

    /// Returns the binding that shows a screen: its number.
    pub(crate) fn of_screen(screen: Screen) -> Self {
        let keys = Cow::Owned(vec![Key::Char(screen.digit())]);
        let (label, doc) = (screen.name(), screen.doc());
        Self { action: Action::Show(screen), keys, on: On::Screens, label, doc, rank: 0, is_own: false }
    }

    pub fn holds(&self, context: Context) -> bool {
        self.on.holds(context)
    }

    /// Returns the binding in the contexts in which it keeps its keys, if any, and in `contexts` with these keys.
    fn rebound(self, contexts: &[Context], keys: Vec<Key>, is_own: bool) -> Vec<Self> {
        let before = Context::all().filter(|&context| self.holds(context));
        let (changed, unchanged): (Vec<_>, Vec<_>) = before.partition(|context| contexts.contains(context));
        let keys = Cow::Owned(keys);
        if unchanged.is_empty() {
            return vec![Self { keys, is_own, ..self }];
        }
        let kept = Self { on: On::Only(Cow::Owned(unchanged)), ..self.clone() };
        vec![kept, Self { on: On::Only(Cow::Owned(changed)), keys, is_own, ..self }]
    }

    /// Returns the name of its first key, for the footer.
    pub fn first_key(&self) -> String {
        self.keys.first().map_or_else(String::new, |key| key.name())
    }

    /// Returns the names of all its keys, as in `← h`.
    pub fn key_names(&self) -> String {
        self.keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" ")
    }

    /// Describes where it is active, for users.
    pub fn places(&self) -> String {
        match self.on {
            On::Everywhere => "everywhere".into(),
            On::Screens => "every screen".into(),
            On::ScreensExceptHelp => "every screen but help".into(),
            _ => {
                Context::all().filter(|&context| self.holds(context)).map(Context::name).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// Returns the bindings as a table for the documentation.
pub fn markdown_table(bindings: &[Binding]) -> String {
    let mut table = String::from("| key | where | what it does |\n| --- | --- | --- |\n");
    for binding in bindings {
        let keys = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect::<Vec<_>>().join(" ");
        table += &format!("| {keys} | {} | {} |\n", binding.places(), binding.doc);
    }
    table
}

/// Returns what each letter does on each screen as a table for the documentation.
pub fn letters_table(bindings: &[Binding]) -> String {
    let views: Vec<Context> = Context::all().filter(|context| context.is_view()).collect();
    let names: Vec<&str> = views.iter().map(|context| context.name()).collect();
    let mut table = format!("| key | all | {} |\n|{}\n", names.join(" | "), " --- |".repeat(names.len() + 2));
    let label = |letter: char, is_here: &dyn Fn(&Binding) -> bool| {
        let found = bindings.iter().find(|binding| is_here(binding) && binding.keys.contains(&Key::Char(letter)));
        found.map_or("", |binding| binding.label)
    };
    for letter in ('A'..='Z').flat_map(|letter| [letter.to_ascii_lowercase(), letter]) {
        let is_own = |binding: &Binding| matches!(binding.on, On::Only(_));
        let on_all = label(letter, &|binding| !is_own(binding));
        let labels = views.iter().map(|&view| label(letter, &|binding| is_own(binding) && binding.holds(view)));
        let labels: Vec<&str> = std::iter::once(on_all).chain(labels).collect();
        if labels.iter().any(|label| !label.is_empty()) {
            table += &format!("| `{letter}` | {} |\n", labels.join(" | "));
        }
    }
    table
}
