//! The table of key bindings: dispatch, footer, help screen and the README's table all come from it, as far as the user's
//! own [`Keymap`](super::Keymap) does not say otherwise.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
    /// A sentence for help and README.
    pub doc: &'static str,
    /// Place in the footer, 1 first; 0 keeps it out.
    pub rank: u8,
}

const SCREENS: &[Context] = &[
    Context::Train,
    Context::Curves,
    Context::Mistakes,
    Context::Parameters,
    Context::Runs,
    Context::Compare,
    Context::Sweep,
    Context::Confusion,
    Context::Layers,
    Context::Draw,
    Context::Help,
];
const WORK: &[Context] = &[
    Context::Train,
    Context::Curves,
    Context::Mistakes,
    Context::Parameters,
    Context::Runs,
    Context::Compare,
    Context::Sweep,
    Context::Confusion,
    Context::Layers,
    Context::Draw,
];
const EVERYWHERE: &[Context] = &Context::ALL;
const TRAIN: &[Context] = &[Context::Train];
const MISTAKES: &[Context] = &[Context::Mistakes];
const PARAMETERS: &[Context] = &[Context::Parameters];
const CURVES: &[Context] = &[Context::Curves];
const CHARTS: &[Context] = &[Context::Train, Context::Curves];
const RUNS: &[Context] = &[Context::Runs];
const SWEEP: &[Context] = &[Context::Sweep];
const CONFUSION: &[Context] = &[Context::Confusion];
const LAYERS: &[Context] = &[Context::Layers];
const DRAW: &[Context] = &[Context::Draw];
const LISTS: &[Context] = &[Context::Runs, Context::Compare, Context::Help];

const fn code(code: KeyCode) -> Key {
    Key::Code(code)
}

const fn binding(
    action: Action,
    keys: &'static [Key],
    on: &'static [Context],
    label: &'static str,
    doc: &'static str,
    rank: u8,
) -> Binding {
    Binding { action, keys: Cow::Borrowed(keys), on: Cow::Borrowed(on), label, doc, rank }
}

/// Every key there is.
pub const BINDINGS: &[Binding] = &[
    binding(Action::ShowTrain, &[Key::Char('1')], SCREENS, "train", "Train: the run, live", 0),
    binding(
        Action::ShowMistakes,
        &[Key::Char('2')],
        SCREENS,
        "mistakes",
        "Mistakes: the digits the network gets wrong",
        0,
    ),
    binding(Action::ShowParameters, &[Key::Char('3')], SCREENS, "parameters", "Parameters: change them and restart", 0),
    binding(
        Action::ShowRuns,
        &[Key::Char('4')],
        SCREENS,
        "runs",
        "Runs: every run on the disk, to load, compare, rename, delete",
        0,
    ),
    binding(
        Action::ShowSweep,
        &[Key::Char('5')],
        SCREENS,
        "sweep",
        "Sweep: a grid of configurations, as a heat map",
        0,
    ),
    binding(
        Action::ShowConfusion,
        &[Key::Char('6')],
        SCREENS,
        "confusion",
        "Confusion: which digit is taken for which, and what changed",
        0,
    ),
    binding(Action::ShowLayers, &[Key::Char('7')], SCREENS, "layers", "Layers: what the network sees in a digit", 0),
    binding(Action::ShowDraw, &[Key::Char('8')], SCREENS, "draw", "Draw: a digit of your own, read as you draw it", 0),
    binding(Action::NextScreen, &[code(KeyCode::Tab)], SCREENS, "next screen", "The next screen", 0),
    binding(Action::PreviousScreen, &[code(KeyCode::BackTab)], SCREENS, "screen before", "The screen before", 0),
    binding(Action::Left, &[code(KeyCode::Left)], TRAIN, "mistake", "The mistake before", 0),
    binding(Action::Right, &[code(KeyCode::Right)], TRAIN, "mistake", "The next mistake", 20),
    binding(Action::First, &[code(KeyCode::Home)], TRAIN, "first", "The first mistake", 0),
    binding(Action::Last, &[code(KeyCode::End)], TRAIN, "last", "The last mistake", 0),
    binding(
        Action::FullChart,
        &[Key::Char('f')],
        TRAIN,
        "full chart",
        "The charts on the whole screen, with a cursor and other runs",
        18,
    ),
    binding(Action::FullChart, &[Key::Char('f')], CURVES, "small charts", "Back to the small charts", 9),
    binding(Action::Left, &[code(KeyCode::Left)], CURVES, "back", "The cursor back: it reads values", 0),
    binding(Action::Right, &[code(KeyCode::Right)], CURVES, "on", "The cursor on", 0),
    binding(Action::First, &[code(KeyCode::Home), Key::Char('g')], CURVES, "first", "The cursor to the beginning", 0),
    binding(Action::Last, &[code(KeyCode::End), Key::Char('G')], CURVES, "last", "The cursor to the newest", 0),
    binding(
        Action::ZoomIn,
        &[Key::Char('+'), Key::Char('=')],
        CURVES,
        "in",
        "Zoom in around the cursor, or on the newest",
        2,
    ),
    binding(Action::ZoomOut, &[Key::Char('-')], CURVES, "out", "Zoom out", 3),
    binding(Action::PageUp, &[code(KeyCode::PageUp)], CURVES, "earlier", "Pan to the earlier half", 0),
    binding(Action::PageDown, &[code(KeyCode::PageDown)], CURVES, "later", "Pan to the later half", 0),
    binding(
        Action::Others,
        &[Key::Char('o')],
        CURVES,
        "other runs",
        "Other runs laid over: none, the newest, those marked on the Runs screen",
        1,
    ),
    binding(
        Action::Charts,
        &[Key::Char('v')],
        CURVES,
        "which chart",
        "Both charts, the accuracy alone, the loss alone",
        7,
    ),
    binding(
        Action::Sets,
        &[Key::Char('c')],
        CURVES,
        "which curves",
        "Training and test, test alone, training alone",
        8,
    ),
    binding(Action::Zoom, &[Key::Char('z')], CHARTS, "zoom", "Charts: the whole run, or only its late, flat part", 22),
    binding(Action::Axis, &[Key::Char('x')], CHARTS, "axis", "Charts: along epochs, steps or time", 24),
    binding(Action::Smoother, &[Key::Char('m')], CHARTS, "smoother", "Charts: smooth the values more", 25),
    binding(Action::Rougher, &[Key::Char('M')], CHARTS, "rougher", "Charts: smooth the values less", 0),
    binding(
        Action::Recover,
        &[Key::Char('R')],
        TRAIN,
        "recover",
        "After a divergence: the last good checkpoint, paused, with a tenth of the learning rate",
        10,
    ),
    binding(Action::LogScale, &[Key::Char('l')], CHARTS, "log scale", "Chart of the loss: linear or logarithmic", 23),
    binding(Action::Left, &[code(KeyCode::Left), Key::Char('h')], MISTAKES, "before", "The digit before", 1),
    binding(Action::Right, &[code(KeyCode::Right), Key::Char('l')], MISTAKES, "next", "The next digit", 2),
    binding(Action::Up, &[code(KeyCode::Up), Key::Char('k')], MISTAKES, "row", "A row of the page up", 0),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], MISTAKES, "row", "A row of the page down", 0),
    binding(Action::PageUp, &[code(KeyCode::PageUp)], MISTAKES, "page", "The page before", 0),
    binding(Action::PageDown, &[code(KeyCode::PageDown)], MISTAKES, "page", "The next page", 0),
    binding(Action::First, &[code(KeyCode::Home), Key::Char('g')], MISTAKES, "first", "The first digit", 0),
    binding(Action::Last, &[code(KeyCode::End), Key::Char('G')], MISTAKES, "last", "The last digit", 0),
    binding(Action::FilterTrue, &[Key::Char('t')], MISTAKES, "true", "Only images that show one digit: asks which", 4),
    binding(
        Action::FilterPredicted,
        &[Key::Char('p')],
        MISTAKES,
        "predicted",
        "Only images taken for one digit: asks which",
        5,
    ),
    binding(Action::ClearFilter, &[Key::Char('x')], MISTAKES, "all", "Lift both filters", 6),
    binding(
        Action::Order,
        &[Key::Char('o')],
        MISTAKES,
        "order",
        "Order: the test set's, surest first, least sure first",
        7,
    ),
    binding(Action::SwitchSet, &[Key::Char('c')], MISTAKES, "correct", "The correct ones, or the mistakes again", 3),
    binding(
        Action::Drawing,
        &[Key::Char('d')],
        &[Context::Train, Context::Mistakes, Context::Layers, Context::Draw],
        "drawing",
        "How digits are drawn: greys, shades, plain ASCII",
        21,
    ),
    binding(
        Action::LookInside,
        &[Key::Char('i')],
        &[Context::Train, Context::Mistakes, Context::Draw],
        "look inside",
        "What the network sees in this digit, layer by layer",
        24,
    ),
    binding(Action::Left, &[code(KeyCode::Left), Key::Char('h')], LAYERS, "before", "The digit before", 0),
    binding(Action::Right, &[code(KeyCode::Right), Key::Char('l')], LAYERS, "next", "The next digit", 1),
    binding(Action::PageUp, &[code(KeyCode::PageUp)], LAYERS, "back", "Twenty digits back", 0),
    binding(Action::PageDown, &[code(KeyCode::PageDown)], LAYERS, "on", "Twenty digits on", 0),
    binding(Action::First, &[code(KeyCode::Home), Key::Char('g')], LAYERS, "first", "The first digit", 0),
    binding(Action::Last, &[code(KeyCode::End), Key::Char('G')], LAYERS, "last", "The last digit", 0),
    binding(
        Action::Up,
        &[code(KeyCode::Up), Key::Char('k')],
        LAYERS,
        "layer",
        "The layer before; at last all of them",
        0,
    ),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], LAYERS, "layer", "The next layer, in large", 2),
    binding(
        Action::Source,
        &[Key::Char('m')],
        LAYERS,
        "source",
        "Which digits: the test set, the mistakes, one's own drawing",
        3,
    ),
    binding(
        Action::NextOf,
        &[Key::Char('t')],
        LAYERS,
        "a digit",
        "The next test image that shows one digit: asks which",
        4,
    ),
    binding(Action::Pen, &[code(KeyCode::Enter)], DRAW, "pen", "Put the pen down, or lift it", 1),
    binding(Action::Rubber, &[Key::Char('x')], DRAW, "rubber", "Put the rubber down, or lift it", 6),
    binding(Action::Left, &[code(KeyCode::Left), Key::Char('h')], DRAW, "left", "Pen to the left", 0),
    binding(Action::Right, &[code(KeyCode::Right), Key::Char('l')], DRAW, "right", "Pen to the right", 0),
    binding(Action::Up, &[code(KeyCode::Up), Key::Char('k')], DRAW, "up", "Pen up the page", 0),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], DRAW, "down", "Pen down the page", 0),
    binding(Action::First, &[code(KeyCode::Home)], DRAW, "up and left", "Pen up and to the left", 0),
    binding(Action::PageUp, &[code(KeyCode::PageUp)], DRAW, "up and right", "Pen up and to the right", 0),
    binding(Action::Last, &[code(KeyCode::End)], DRAW, "down and left", "Pen down and to the left", 0),
    binding(Action::PageDown, &[code(KeyCode::PageDown)], DRAW, "down and right", "Pen down and to the right", 0),
    binding(Action::Wider, &[Key::Char('+'), Key::Char('=')], DRAW, "wider", "A wider brush", 4),
    binding(Action::Thinner, &[Key::Char('-')], DRAW, "thinner", "A thinner brush", 5),
    binding(Action::Undo, &[Key::Char('u')], DRAW, "undo", "Take the newest stroke away", 2),
    binding(Action::Clear, &[Key::Char('c')], DRAW, "clear", "A blank page; undo brings the drawing back", 3),
    binding(Action::OpenPicture, &[Key::Char('o')], DRAW, "open", "Open a picture of a digit: PNG, JPEG or PGM", 7),
    binding(
        Action::SavePicture,
        &[Key::Char('p')],
        DRAW,
        "save PNG",
        "Save the drawing as a PNG, which `predict` reads",
        8,
    ),
    binding(Action::Up, &[code(KeyCode::Up), Key::Char('k')], PARAMETERS, "field", "The field above", 0),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], PARAMETERS, "field", "The field below", 0),
    binding(
        Action::Left,
        &[code(KeyCode::Left), Key::Char('h')],
        PARAMETERS,
        "less",
        "The choice before, or a smaller number",
        0,
    ),
    binding(
        Action::Right,
        &[code(KeyCode::Right), Key::Char('l')],
        PARAMETERS,
        "more",
        "The next choice, or a larger number",
        0,
    ),
    binding(
        Action::Edit,
        &[Key::Char('e'), code(KeyCode::Enter)],
        PARAMETERS,
        "edit",
        "Type a value into the field (on a choice: the next one)",
        1,
    ),
    binding(
        Action::Restart,
        &[Key::Char('r')],
        PARAMETERS,
        "restart",
        "Save the present run and start a new one with these values",
        2,
    ),
    binding(
        Action::ApplyRate,
        &[Key::Char('a')],
        PARAMETERS,
        "apply rate",
        "Give the running training this learning rate, without starting over",
        3,
    ),
    binding(Action::Undo, &[Key::Char('u')], PARAMETERS, "undo", "Back to the running values", 4),
    binding(
        Action::Preset,
        &[Key::Char('p')],
        PARAMETERS,
        "preset",
        "The next preset into the form: the report's best, its worst, your own",
        5,
    ),
    binding(
        Action::Recall,
        &[Key::Char('b')],
        PARAMETERS,
        "go back",
        "What was tried before into the form, the newest first",
        6,
    ),
    binding(Action::Up, &[code(KeyCode::Up), Key::Char('k')], LISTS, "up", "A line up", 0),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], LISTS, "down", "A line down", 2),
    binding(Action::PageUp, &[code(KeyCode::PageUp)], LISTS, "page", "A page up", 0),
    binding(Action::PageDown, &[code(KeyCode::PageDown)], LISTS, "page", "A page down", 0),
    binding(Action::First, &[code(KeyCode::Home), Key::Char('g')], LISTS, "first", "The first line", 0),
    binding(Action::Last, &[code(KeyCode::End), Key::Char('G')], LISTS, "last", "The last line", 0),
    binding(
        Action::Load,
        &[code(KeyCode::Enter)],
        RUNS,
        "load",
        "Save the present run, and go on, paused, from this checkpoint",
        1,
    ),
    binding(
        Action::GoOnFrom,
        &[Key::Char('r')],
        RUNS,
        "resume",
        "Save the present run, and train on from this checkpoint at once",
        3,
    ),
    binding(Action::Left, &[code(KeyCode::Left), Key::Char('h')], RUNS, "file", "The run's file before: last, best", 0),
    binding(Action::Right, &[code(KeyCode::Right), Key::Char('l')], RUNS, "file", "The run's next file", 9),
    binding(
        Action::Order,
        &[Key::Char('o')],
        RUNS,
        "order",
        "Order: newest first, best accuracy first, last accuracy first, by name",
        4,
    ),
    binding(
        Action::FilterRuns,
        &[Key::Char('/')],
        RUNS,
        "filter",
        "Only runs with these words in their name, data, parameters or state",
        5,
    ),
    binding(Action::ClearFilter, &[Key::Char('x')], RUNS, "all", "Lift the filter", 6),
    binding(
        Action::Compare,
        &[Key::Char('c')],
        RUNS,
        "compare",
        "Compare side by side: first on the one run, then on the other",
        7,
    ),
    binding(Action::Compare, &[Key::Char('c')], &[Context::Compare], "close", "Back to the list", 1),
    binding(Action::Mark, &[Key::Char('m')], RUNS, "mark", "Mark the run, to be laid over the charts", 8),
    binding(Action::Rename, &[Key::Char('R')], RUNS, "rename", "Give the run another name: asks which", 10),
    binding(
        Action::Delete,
        &[Key::Char('D'), code(KeyCode::Delete)],
        RUNS,
        "delete",
        "Delete the run, or the damaged file: asks",
        10,
    ),
    binding(
        Action::Refresh,
        &[Key::Ctrl('r'), code(KeyCode::F(5))],
        RUNS,
        "read again",
        "Read the checkpoint folder again",
        0,
    ),
    binding(Action::Left, &[code(KeyCode::Left), Key::Char('h')], SWEEP, "left", "The configuration to the left", 0),
    binding(Action::Right, &[code(KeyCode::Right), Key::Char('l')], SWEEP, "right", "The one to the right", 0),
    binding(
        Action::Up,
        &[code(KeyCode::Up), Key::Char('k')],
        SWEEP,
        "up",
        "The one above (in the rank: the next better)",
        0,
    ),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], SWEEP, "down", "The one below (the next worse)", 0),
    binding(Action::PageUp, &[code(KeyCode::PageUp)], SWEEP, "page", "A page up", 0),
    binding(Action::PageDown, &[code(KeyCode::PageDown)], SWEEP, "page", "A page down", 0),
    binding(Action::First, &[code(KeyCode::Home), Key::Char('g')], SWEEP, "first", "The row's first (the best)", 0),
    binding(Action::Last, &[code(KeyCode::End), Key::Char('G')], SWEEP, "last", "The row's last (the worst)", 0),
    binding(
        Action::OpenInEditor,
        &[code(KeyCode::Enter)],
        SWEEP,
        "train it",
        "Into the parameter editor with it, to train it in full",
        1,
    ),
    binding(
        Action::TurnRound,
        &[Key::Char('t')],
        SWEEP,
        "turn",
        "Turn the map round: other factors as rows and columns",
        2,
    ),
    binding(Action::NextPane, &[Key::Char('v')], SWEEP, "view", "The map, the rank, or the factors' effects", 3),
    binding(Action::DropRun, &[Key::Char('d')], SWEEP, "drop", "Leave a run out of the sweep, or take it back in", 4),
    binding(Action::StopSweep, &[Key::Char('S')], SWEEP, "stop", "Stop the sweep and keep what has ended: asks", 5),
    binding(Action::Follow, &[Key::Char('f')], SWEEP, "follow", "Go along with what is being trained", 6),
    binding(Action::Refresh, &[Key::Char('r')], SWEEP, "read again", "Read the table again", 7),
    binding(Action::Left, &[code(KeyCode::Left), Key::Char('h')], CONFUSION, "cell", "The cell to the left", 0),
    binding(Action::Right, &[code(KeyCode::Right), Key::Char('l')], CONFUSION, "cell", "The cell to the right", 0),
    binding(Action::Up, &[code(KeyCode::Up), Key::Char('k')], CONFUSION, "cell", "The true digit above", 0),
    binding(Action::Down, &[code(KeyCode::Down), Key::Char('j')], CONFUSION, "cell", "The true digit below", 0),
    binding(Action::First, &[code(KeyCode::Home), Key::Char('g')], CONFUSION, "first", "The row's first cell", 0),
    binding(Action::Last, &[code(KeyCode::End), Key::Char('G')], CONFUSION, "last", "The row's last cell", 0),
    binding(
        Action::PageDown,
        &[code(KeyCode::PageDown)],
        CONFUSION,
        "rarer",
        "The next mistake in the order of their counts",
        4,
    ),
    binding(
        Action::PageUp,
        &[code(KeyCode::PageUp)],
        CONFUSION,
        "more frequent",
        "The mistake before it in the order of their counts",
        0,
    ),
    binding(
        Action::OpenCell,
        &[code(KeyCode::Enter)],
        CONFUSION,
        "images",
        "Exactly the cell's images, on the Mistakes screen",
        1,
    ),
    binding(
        Action::Percent,
        &[Key::Char('p')],
        CONFUSION,
        "percent",
        "Cells: counts, or per cent of the true digit's images",
        2,
    ),
    binding(
        Action::Changes,
        &[Key::Char('c')],
        CONFUSION,
        "changes",
        "Cells: the present state, or what changed since the evaluation before",
        3,
    ),
    binding(
        Action::PauseOrResume,
        &[Key::Char(' ')],
        WORK,
        "pause",
        "Pause, or go on: the run; on the Sweep screen a sweep under way",
        11,
    ),
    binding(Action::Step, &[Key::Char('s')], WORK, "step", "Train one batch, then pause", 12),
    binding(Action::RunSteps, &[Key::Char('n')], WORK, "steps", "Train so many batches, then pause: asks how many", 14),
    binding(
        Action::RunEpochs,
        &[Key::Char('N')],
        WORK,
        "epochs",
        "Train until so many epochs have ended, then pause: asks how many",
        0,
    ),
    binding(
        Action::Edit,
        &[Key::Char('e')],
        &[
            Context::Train,
            Context::Curves,
            Context::Mistakes,
            Context::Runs,
            Context::Compare,
            Context::Sweep,
            Context::Confusion,
            Context::Layers,
            Context::Draw,
        ],
        "edit",
        "Edit the hyperparameters",
        13,
    ),
    binding(Action::Save, &[Key::Char('w')], WORK, "save", "Save a checkpoint now", 15),
    binding(Action::Help, &[Key::Char('?')], SCREENS, "help", "Help: every key", 16),
    binding(
        Action::Back,
        &[code(KeyCode::Esc)],
        WORK,
        "back",
        "Let go of the cursor, close what is open, or back to Train (or to the sweep under way)",
        0,
    ),
    binding(Action::Back, &[code(KeyCode::Esc)], &[Context::Help], "back", "Back to the screen before", 1),
    binding(
        Action::Quit,
        &[Key::Char('q')],
        SCREENS,
        "quit",
        "Quit: asks while a run or a sweep is under way, and saves it",
        17,
    ),
    binding(Action::Accept, &[code(KeyCode::Enter)], &[Context::Typing], "accept", "Take the value", 1),
    binding(Action::Accept, &[code(KeyCode::Enter), Key::Char('y')], &[Context::Asking], "yes", "Yes", 1),
    binding(
        Action::ClearFilter,
        &[code(KeyCode::Backspace), Key::Char('x')],
        &[Context::Digit],
        "any digit",
        "Any digit",
        2,
    ),
    binding(
        Action::Cancel,
        &[code(KeyCode::Esc)],
        &[Context::Typing, Context::Digit],
        "cancel",
        "Leave it as it was",
        3,
    ),
    binding(
        Action::Cancel,
        &[code(KeyCode::Esc), Key::Char('n')],
        &[Context::Asking, Context::Confirming],
        "no",
        "No",
        2,
    ),
    binding(Action::Accept, &[Key::Char('y')], &[Context::Confirming], "yes", "Yes: it cannot be taken back", 1),
    binding(
        Action::Interrupt,
        &[Key::Ctrl('c')],
        EVERYWHERE,
        "quit",
        "Quit: asks while a run or a sweep is under way; pressed again, saves and leaves at once",
        0,
    ),
    binding(Action::Suspend, &[Key::Ctrl('z')], EVERYWHERE, "suspend", "Suspend to the shell; `fg` comes back", 0),
    binding(Action::Redraw, &[Key::Ctrl('l')], EVERYWHERE, "redraw", "Draw the screen afresh", 0),
];

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

/// The README's table of keys.
pub fn markdown_table() -> String {
    let mut table = String::from("| key | where | what it does |\n| --- | --- | --- |\n");
    for binding in BINDINGS {
        let keys = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect::<Vec<_>>().join(" ");
        table += &format!("| {keys} | {} | {} |\n", places(binding), binding.doc);
    }
    table
}
