//! The table of key bindings: dispatch, footer, help screen and the table in docs/keys.md all come from it, as far as the
//! user's own [`Keymap`](super::Keymap) does not say otherwise.

mod table;

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use table::BINDINGS;
use table::{SCREENS, WORK};

/// What a key can make the screen do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    ShowTrain,
    ShowMistakes,
    ShowParameters,
    ShowRuns,
    ShowSweep,
    ShowConfusion,
    ShowLayers,
    ShowDraw,
    LookInside,
    NextScreen,
    PreviousScreen,
    Help,
    Back,
    Quit,
    SaveElsewhere,
    Interrupt,
    Suspend,
    Redraw,
    PauseOrResume,
    Step,
    RunSteps,
    RunEpochs,
    Save,
    Edit,
    Zoom,
    LogScale,
    FullChart,
    Axis,
    Smoother,
    Rougher,
    ZoomIn,
    ZoomOut,
    Charts,
    Sets,
    Others,
    Drawing,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    FilterTrue,
    FilterPredicted,
    ClearFilter,
    Order,
    SwitchSet,
    Source,
    NextOf,
    Pen,
    Rubber,
    Wider,
    Thinner,
    Clear,
    OpenPicture,
    SavePicture,
    Restart,
    ApplyRate,
    Undo,
    Preset,
    Recall,
    Recover,
    Percent,
    Changes,
    OpenCell,
    Load,
    GoOnFrom,
    Rename,
    Delete,
    FilterRuns,
    Mark,
    Compare,
    Refresh,
    OpenInEditor,
    DropRun,
    StopSweep,
    TurnRound,
    NextPane,
    Follow,
    Accept,
    Cancel,
}

/// Where the keys go at a moment: a screen, or something that waits for an answer over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Train,
    /// The charts on the whole of the Train screen.
    Curves,
    Mistakes,
    Parameters,
    Runs,
    /// Two runs side by side, over the Runs screen.
    Compare,
    Sweep,
    Confusion,
    Layers,
    Draw,
    Help,
    /// A field or a number is being typed.
    Typing,
    /// A digit to filter by is asked for.
    Digit,
    /// A question is open.
    Asking,
    /// A question whose yes cannot be taken back.
    Confirming,
}

impl Context {
    pub const ALL: [Self; 15] = [
        Self::Train,
        Self::Curves,
        Self::Mistakes,
        Self::Parameters,
        Self::Runs,
        Self::Compare,
        Self::Sweep,
        Self::Confusion,
        Self::Layers,
        Self::Draw,
        Self::Help,
        Self::Typing,
        Self::Digit,
        Self::Asking,
        Self::Confirming,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Curves => "curves",
            Self::Mistakes => "mistakes",
            Self::Parameters => "parameters",
            Self::Runs => "runs",
            Self::Compare => "comparison",
            Self::Sweep => "sweep",
            Self::Confusion => "confusion",
            Self::Layers => "layers",
            Self::Draw => "draw",
            Self::Help => "help",
            Self::Typing => "while typing",
            Self::Digit => "choosing a digit",
            Self::Asking => "answering",
            Self::Confirming => "confirming",
        }
    }
}

/// A key as the table names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Ctrl(char),
    Code(KeyCode),
}

impl Key {
    pub(super) fn matches(self, event: &KeyEvent) -> bool {
        let held = event.modifiers;
        match self {
            Self::Char(char) => {
                event.code == KeyCode::Char(char) && !held.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
            }
            Self::Ctrl(char) => event.code == KeyCode::Char(char) && held == KeyModifiers::CONTROL,
            Self::Code(code) => event.code == code && !held.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT),
        }
    }

    /// The event that pressing it brings.
    pub fn event(self) -> KeyEvent {
        match self {
            Self::Char(char) => KeyEvent::new(KeyCode::Char(char), KeyModifiers::NONE),
            Self::Ctrl(char) => KeyEvent::new(KeyCode::Char(char), KeyModifiers::CONTROL),
            Self::Code(code) => KeyEvent::new(code, KeyModifiers::NONE),
        }
    }

    /// How people read it.
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

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    pub action: Action,
    pub keys: Cow<'static, [Key]>,
    pub on: Cow<'static, [Context]>,
    /// A word or two for the footer.
    pub label: &'static str,
    /// A sentence for help and docs/keys.md.
    pub doc: &'static str,
    /// Place in the footer, 1 first; 0 keeps it out.
    pub rank: u8,
}

impl Binding {
    /// The name of its first key, for the footer.
    pub fn first_key(&self) -> String {
        self.keys.first().map_or_else(String::new, |key| key.name())
    }

    /// Names of all its keys, as in `← h`.
    pub fn key_names(&self) -> String {
        self.keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" ")
    }
}

/// Where a binding holds, for people.
pub fn places(binding: &Binding) -> String {
    if binding.on.len() == Context::ALL.len() {
        return "everywhere".into();
    }
    if *binding.on == *SCREENS {
        return "every screen".into();
    }
    if *binding.on == *WORK {
        return "every screen but help".into();
    }
    binding.on.iter().map(|context| context.name()).collect::<Vec<_>>().join(", ")
}

/// Returns the table of keys in docs/keys.md.
pub fn markdown_table() -> String {
    let mut table = String::from("| key | where | what it does |\n| --- | --- | --- |\n");
    for binding in BINDINGS {
        let keys = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect::<Vec<_>>().join(" ");
        table += &format!("| {keys} | {} | {} |\n", places(binding), binding.doc);
    }
    table
}
