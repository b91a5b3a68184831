//! Whatever comes in whatever order, at whatever size: no panic, and the screen can be drawn.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use lenet_monitor::{
    data::PIXELS,
    sweep::{Grid, RunState, RunStatus, Snapshot, survey::Survey},
    train::{Cause, Event, Hyperparameter, State, Symptom},
    tui::{
        Effect, Leave, LibraryChange, Message, Opened,
        sweep::{Table, TableRead},
    },
};

use crate::{
    ensemble,
    fixture::{
        ASCII, COLOUR, MONO, Session, activations, entries, evaluation, health, progress, record, spec, started,
    },
    sweeps::{self, looking, sweeping, with_trouble},
};

/// A small generator with a fixed course: SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn key(&mut self) -> KeyEvent {
        const CODES: [KeyCode; 14] = [
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::Tab,
            KeyCode::BackTab,
        ];
        let code = match self.below(5) {
            0 | 1 => self.of(&CODES),
            2 => self.of(&[
                '1', '2', '3', '4', '5', '6', '7', '8', 'f', 'i', 'm', 'o', 'x', 'u', '+', 'e', 't', 'p', 'n', 'v',
                'd', '?',
            ]
            .map(KeyCode::Char)),
            _ => KeyCode::Char(char::from(32 + self.below(96) as u8)),
        };
        let modifiers = self.of(&[KeyModifiers::NONE, KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::CONTROL]);
        KeyEvent::new(code, modifiers)
    }

    fn number(&mut self) -> f64 {
        self.of(&[0.0, 0.5, 1.0, -1.0, 2.3, 1e9, 1e-9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX])
    }

    fn event(&mut self, session: &Session) -> Event {
        let app = &session.app;
        match self.below(11) {
            0 => {
                let mut spec = spec(app);
                spec.hyper.epochs = self.of(&[1, 3, 10, 10_000]);
                let mut started = started(spec, self.of(&["a", "Ünïcode \u{1b}[2J", ""]));
                started.steps_per_epoch = self.of(&[0, 1, 3_750, u32::MAX]);
                started.step = self.of(&[0, 1, u32::MAX]);
                started.history = (1..=self.below(4) as u32).map(record).collect();
                Event::Started(Box::new(started))
            }
            1 => Event::State(self.of(&[
                State::Training,
                State::Evaluating,
                State::Paused,
                State::Finished,
                State::Diverged,
                State::Failed,
                State::Stopped,
            ])),
            2 | 3 => {
                let mut progress = progress(1 + self.below(12) as u32, self.below(4_000) as u32);
                progress.steps_per_epoch = self.of(&[0, 1, 3_750]);
                progress.batches = self.of(&[0, 1, 125]);
                (progress.batch_loss, progress.train_loss) = (self.number(), self.number());
                (progress.batch_accuracy, progress.train_accuracy) = (self.number(), self.number());
                (progress.images_per_second, progress.ms_per_step) = (self.number(), self.number());
                (progress.elapsed, progress.remaining) = (self.number(), Some(self.number()));
                Event::Progress(progress)
            }
            4 => {
                let mut record = record(1 + self.below(10) as u32);
                record.epoch = self.of(&[record.epoch, 1, 10_000, u32::MAX]);
                (record.train_loss, record.test_accuracy) = (self.number(), self.number());
                record.validation = self.of(&[None, Some((0.1, 0.9))]);
                record.seconds = self.number();
                Event::EpochEnded(Box::new(record))
            }
            5 => {
                let mut evaluation = evaluation(app, 1 + self.below(10) as u32);
                evaluation.predictions.truncate(self.below(500) as usize);
                if let Some(last) = evaluation.predictions.last_mut() {
                    (last.index, last.label, last.digit) = (u32::MAX, 3, 8);
                    last.probabilities = [f32::NAN; 10];
                }
                Event::Evaluated { epoch: self.below(20) as u32, evaluation: Arc::new(evaluation) }
            }
            6 if self.below(2) == 0 => {
                let symptom = match self.below(3) {
                    0 => None,
                    1 => Some(Symptom::Exploded { loss: f64::MAX }),
                    _ => Some(Symptom::Constant { digit: 9 }),
                };
                let cause = self.of(&[false, true]).then_some(Cause::LargeUpdates);
                let mut health = health(self.of(&[0, 1, u32::MAX]), symptom, cause);
                (health.layers[1].gradient, health.layers[2].update) = (self.number(), Some(self.number()));
                Event::Health(Box::new(health))
            }
            6 => Event::LearningRateChanged(self.number() as f32),
            7 => Event::Refused { reason: self.of(&["", "no\nsuch\tthing", "\u{1b}[31mred"]).into() },
            8 => {
                let mut activations = activations(&[self.below(256) as u8; PIXELS], self.below(10) as u8);
                let number = self.number() as f32;
                let layers = &mut activations.layers;
                (layers[0].kernels[3], layers[0].values[2 * 784 + 30], layers[4].values[7]) = (number, number, -number);
                activations.probabilities = [self.number() as f32; 10];
                Event::Inspected { id: self.below(50), activations }
            }
            9 => Event::Predicted { id: self.below(50), probabilities: [self.number() as f32; 10] },
            _ => Event::Note("x".repeat(self.below(400) as usize)),
        }
    }

    /// Answers what was asked about saved runs, now and then; also what cannot be.
    fn answer(&mut self, effect: Effect, session: &mut Session) {
        let answer = match effect {
            Effect::Evaluate { run, .. } => {
                let mut read = evaluation(&session.app, 1 + self.below(10) as u32);
                read.predictions.truncate(self.below(500) as usize);
                Message::Evaluated(
                    run,
                    if self.of(&[true, false]) { Ok(read.into()) } else { Err("no\nfile".to_owned()) },
                )
            }
            Effect::Consult { id, members, .. } => {
                let mut read = evaluation(&session.app, 1).predictions[self.below(20) as usize];
                read.probabilities[usize::from(read.digit)] = self.number() as f32;
                let answers =
                    members.iter().map(|_| self.of(&[Ok(read), Ok(read), Err("\u{1b}[31mred")]).map_err(str::to_owned));
                let mut answers: Vec<_> = answers.collect();
                answers.truncate(self.below(8) as usize);
                Message::Consulted(id + self.below(2), answers)
            }
            _ => return,
        };
        if self.below(3) > 0 {
            session.tell(answer);
        }
    }
}

/// Of grids of different shapes, in any state.
fn sweep(chance: &mut Chance, session: &Session) -> Snapshot {
    let mut grid = Grid::default()
        .with(Hyperparameter::Seed, chance.of(&[&[1_u64][..], &[1, 2, 3]]).to_vec())
        .with(Hyperparameter::Epochs, [chance.of(&[1_u32, 3, 10_000])]);
    if chance.below(3) == 0 {
        let rates = (0..chance.below(40)).map(|step| 1e-9 * 1.7f32.powi(step as i32));
        grid = grid.with(Hyperparameter::LearningRate, rates);
    }
    if chance.below(3) == 0 {
        grid = grid.with(Hyperparameter::BatchSize, chance.of(&[&[][..], &[16_u32], &[1, 4_096]]).to_vec());
    }
    let runs = grid.runs().len() as u64;
    let parts = [0.5, 0.0].map(|part: f64| part.max(chance.below(100) as f64 / 100.0));
    let mut snapshot = sweeps::snapshot(session, &grid, chance.below(runs + 3) as usize, parts);
    for _ in 0..chance.below(10).min(runs) {
        let number = chance.below(runs) as usize;
        let mut row = sweeps::row(session, &snapshot.runs[number].0, chance.of(RunState::ALL));
        (row.seconds, row.loss) = (chance.number(), Some(chance.number()));
        let mut progress = sweeps::progress(&snapshot.runs[number].0, 0.3);
        (progress.train_accuracy, progress.share) = (chance.number(), chance.number());
        progress.step = chance.of(&[0, 1, u32::MAX]);
        progress.steps_per_epoch = chance.of(&[0, 1, u32::MAX]);
        progress.epoch = chance.of(&[0, 1, u32::MAX]);
        snapshot.runs[number].1 = chance
            .of(&[&RunStatus::Waiting, &RunStatus::Dropped, &RunStatus::Ended(row), &RunStatus::Running(progress)])
            .clone();
    }
    snapshot.is_paused = chance.below(4) == 0;
    snapshot.is_over = chance.below(8) == 0;
    snapshot.fault = chance.of(&[None, None, Some("no\nroom \u{1b}[2J")]).map(str::to_owned);
    snapshot
}

fn table(chance: &mut Chance, session: &Session) -> TableRead {
    let header = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Epochs\n";
    let mut text = header.to_owned();
    for _ in 0..chance.below(60) {
        let cells = [
            chance.of(&["relu", "tanh", "", "?", "Ünïcode \u{1b}[2J with a very long name that fits nowhere"]),
            chance.of(&["0.1", "1e-30", "NaN", ""]),
            chance.of(&["sgd", "adam", "lion"]),
            chance.of(&["16", "0", "-3", "99999999999"]),
            chance.of(&["0.5", "1", "0", "", "1.5"]),
            chance.of(&["3", "10", ""]),
        ];
        text += &(cells.join(",") + "\n");
    }
    match chance.below(6) {
        0 => Ok(None),
        1 => Err("no\tsuch \u{1b}file".into()),
        2 => Ok(Some(sweeps::table(session, &Grid::default(), Vec::new()))),
        _ => Ok(Some(Table {
            path: "a\u{1b}b.csv".into(),
            reading: Survey::read(text.as_bytes()).expect("a header"),
            methods: Vec::new(),
        })),
    }
}

fn tidied_or_not(done: bool) -> Result<LibraryChange, String> {
    let run = "checkpoints/20261124-114210-sigmoid-sgd-0.01-b64";
    match done {
        true => Ok(LibraryChange::Renamed { from: run.into(), to: "checkpoints/\u{1b}[2J".into() }),
        false => Err("no\nsuch run".into()),
    }
}

fn wander(mut session: Session, seed: u64, steps: u32) {
    let mut chance = Chance(seed);
    for _ in 0..steps {
        match chance.below(22) {
            20 => {
                let table = table(&mut chance, &session);
                session.tell(Message::Table(Box::new(table)));
            }
            21 => {
                let sweep = sweep(&mut chance, &session);
                session.sweep(sweep);
            }
            0 => {
                let size = (1 + chance.below(220) as u16, 1 + chance.below(70) as u16);
                session.tell(Message::Resize(size.0, size.1));
            }
            1..=4 => {
                let event = chance.event(&session);
                session.event(event);
            }
            5 => {
                let list = entries(&session.app);
                session.tell(Message::Checkpoints(
                    chance.of(&[Ok(()), Err("no".to_owned())].each_ref()).clone().map(|()| list),
                ));
            }
            6 if chance.below(2) == 0 => {
                let tidied = chance.of(&[true, false]);
                session.tell(Message::LibraryChanged(tidied_or_not(tidied)));
            }
            6 => {
                session.tell(Message::Paste("12\u{7}e-3 ü".into()));
            }
            8 | 9 => {
                let button = chance.of(&[MouseButton::Left, MouseButton::Right, MouseButton::Middle]);
                let kind = chance.of(&[
                    MouseEventKind::Down(button),
                    MouseEventKind::Drag(button),
                    MouseEventKind::Drag(button),
                    MouseEventKind::Up(button),
                    MouseEventKind::Moved,
                    MouseEventKind::ScrollDown,
                    MouseEventKind::ScrollUp,
                    MouseEventKind::ScrollLeft,
                ]);
                let (column, row) = (chance.below(230) as u16, chance.below(60) as u16);
                session.mouse(kind, chance.of(&[0, 5, column, u16::MAX]), chance.of(&[0, 3, 9, row, row, u16::MAX]));
            }
            10 => {
                let (name, image) = ("Ünï\u{1b}[31m.png".to_owned(), Box::new([chance.below(256) as u8; PIXELS]));
                let opened = if chance.below(2) == 0 { Ok(Opened { name, image }) } else { Err("no\nfile".to_owned()) };
                session.tell(Message::PictureOpened(opened));
            }
            7 => {
                let later = session.app.session.now + chance.below(100);
                session.tell(Message::Clock(later));
            }
            _ => {
                let key = chance.key();
                session.tell(Message::Key(key));
            }
        }
        if chance.below(200) == 0 {
            session.app.session.leaving = false;
            session.tell(Message::WorkerGone);
            session.app.session.live.gone = false;
            session.tell(Message::SweepGone);
            session.app.session.sweep.gone = false;
        }
        for effect in session.take_effects() {
            chance.answer(effect, &mut session);
        }
        if chance.below(4) == 0 {
            check_drawing(&session);
        }
    }
}

fn check_drawing(session: &Session) {
    let terminal = session.draw();
    for cell in &terminal.backend().buffer().content {
        assert!(!cell.symbol().chars().any(char::is_control), "a control character on the screen");
        assert!(!session.app.session.theme.ascii || cell.symbol().is_ascii(), "{:?} in ASCII", cell.symbol());
        let colours = [cell.fg, cell.bg];
        assert!(
            !session.app.session.theme.is_mono()
                || colours.iter().all(|colour| *colour == ratatui::style::Color::Reset)
        );
    }
}

#[test]
fn nothing_that_comes_in_makes_it_panic() {
    for (theme, seed) in [(COLOUR, 1), (MONO, 2), (ASCII, 3)] {
        wander(Session::new(theme, (80, 24)), seed, 4_000);
        wander(sweeping(theme, (80, 24)), seed, 4_000);
    }
}

#[test]
fn every_screen_can_be_drawn_at_every_size() {
    let mut sessions: Vec<Session> = [
        "1",
        "2",
        "2v",
        "3",
        "3e",
        "4",
        "6",
        "6p",
        "6c",
        "6v",
        "7",
        "7jj",
        "7jjjj",
        "7jjjjjj",
        "7jjjjjjjj",
        "8",
        "8p",
        "8O",
        "?",
        "q",
        "n",
        "2t",
        "7t",
        "f",
        "fbmmm",
        "f+",
        "4jD",
        "4jR",
        "4/x",
        "4cjc",
    ]
    .iter()
    .map(|keys| {
        let mut session = crate::fixture::training(COLOUR, (80, 24));
        let list = entries(&session.app);
        session.tell(Message::Checkpoints(Ok(list))).keys(&keys[..1]);
        if keys.starts_with('8') {
            session.drag(&[(10, 8), (20, 8), (12, 16)]).read_as(7);
        }
        session.keys(&keys[1..]);
        if keys.starts_with('7') {
            session.answer(4);
        }
        session
    })
    .collect();
    for keys in ["", "v", "vv", "t", "tt", "S"] {
        for mut session in [sweeping(COLOUR, (80, 24)), looking(COLOUR, (80, 24))] {
            session.keys(keys);
            sessions.push(session);
        }
    }
    let mut trouble = sweeping(COLOUR, (80, 24));
    with_trouble(&mut trouble);
    sessions.push(trouble);
    sessions.extend([ensemble::drawn(COLOUR, (80, 24)), ensemble::on_mistakes(COLOUR, (80, 24))]);
    for width in (1..=50).chain([63, 64, 79, 80, 111, 112, 119, 120, 129, 130, 150, 175, 176, 200, 300]) {
        for height in (1..=26).chain([29, 30, 33, 34, 40, 44, 47, 48, 60, 100]) {
            for session in &mut sessions {
                session.tell(Message::Resize(width, height));
                session.draw();
            }
        }
    }
}

#[test]
fn a_vanished_terminal_is_left_from_everywhere() {
    for keys in ["1", "2t", "3e", "n", "q", "?", "8", "8O", "f", "6", "4", "4/"] {
        let mut session = crate::fixture::training(COLOUR, (80, 24));
        session.keys(keys).take_effects();
        session.tell(Message::TerminalGone);
        assert!(session.take_effects().contains(&lenet_monitor::tui::Effect::Quit(Leave::TerminalGone)));
    }
}
