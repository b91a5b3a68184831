//! What a frame sends to the terminal: little, and all that is needed.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    sync::Arc,
};

use lenet_monitor::{
    data::{Dataset, synthetic},
    nn::Engine,
    train::{Command, Event, Limits, Progress, State, Trainer},
    tui::{Depth, Effect, Message, Theme, view},
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use crate::fixture::{COLOUR, Session, progress, spec, started, training};

/// Of a second of training at 120x40 and ten frames.
const BUDGET: usize = 20_000;

/// A terminal that keeps what is sent to it, and shows it.
struct Wire {
    parser: vt100::Parser,
    sent: usize,
}

struct Writer(Rc<RefCell<Wire>>);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        wire.sent += bytes.len();
        wire.parser.process(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Watched {
    terminal: Terminal<CrosstermBackend<Writer>>,
    wire: Rc<RefCell<Wire>>,
}

impl Watched {
    fn new((width, height): (u16, u16)) -> Self {
        let rows = |size: u16| std::num::NonZeroU16::new(size).unwrap();
        let parser = vt100::Parser::new(rows(height), rows(width), 0);
        let wire = Rc::new(RefCell::new(Wire { parser, sent: 0 }));
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, width, height)) };
        let terminal = Terminal::with_options(CrosstermBackend::new(Writer(wire.clone())), options).unwrap();
        Self { terminal, wire }
    }

    /// Draws a frame, checks that the terminal shows it, and returns how many bytes it took.
    fn draw(&mut self, session: &Session) -> usize {
        let before = self.wire.borrow().sent;
        let frame = self.terminal.draw(|frame| view(&session.app, frame)).unwrap();
        let cells: Vec<String> = frame.buffer.content.iter().map(|cell| cell.symbol().to_owned()).collect();
        let wire = self.wire.borrow();
        let columns = usize::from(session.app.size.0);
        for (row, line) in cells.chunks(columns).enumerate() {
            for (column, symbol) in line.iter().enumerate() {
                let shown = wire.parser.screen().cell(row as u16, column as u16).map_or("", |cell| cell.contents());
                let shown = if shown.is_empty() { " " } else { shown };
                assert_eq!(shown, symbol, "row {row}, column {column}");
            }
        }
        wire.sent - before
    }
}

/// A real run, trained step by step, and those who look into it.
struct Live {
    trainer: Trainer,
    watching: Vec<Session>,
    is_evaluating: bool,
    elapsed: f64,
}

impl Live {
    fn begin(dataset: &Arc<Dataset>, themes: impl IntoIterator<Item = Theme>) -> Self {
        let mut watching: Vec<_> =
            themes.into_iter().map(|theme| Session::with(dataset.clone(), theme, (120, 40))).collect();
        let mut spec = spec(&watching[0].app);
        spec.limits = Limits { train: Some(40_000), test: Some(500), holdout: 0 };
        let trainer = Trainer::new(dataset.clone(), spec.clone(), Engine::default()).unwrap();
        for session in &mut watching {
            session.event(Event::Started(Box::new(started(spec.clone(), "run")))).event(Event::State(State::Training));
        }
        Self { trainer, watching, is_evaluating: false, elapsed: 0.0 }
    }

    /// So many steps, or slices of an evaluation, in so many seconds.
    fn train(&mut self, steps: u32, seconds: f64) {
        self.elapsed += seconds;
        for _ in 0..steps {
            self.trainer.advance().expect("finite numbers");
            if self.is_evaluating != self.trainer.is_evaluating() {
                self.report();
                self.is_evaluating = self.trainer.is_evaluating();
                let state = if self.is_evaluating { State::Evaluating } else { State::Training };
                self.watching.iter_mut().for_each(|session| _ = session.event(Event::State(state)));
                self.answer();
            }
        }
        self.report();
        self.answer();
    }

    fn report(&mut self) {
        let position = self.trainer.position();
        let progress = Progress { elapsed: self.elapsed, ..progress(position.epoch + 1, position.step) };
        self.watching.iter_mut().for_each(|session| _ = session.event(Event::Progress(progress.clone())));
    }

    fn answer(&mut self) {
        for session in &mut self.watching {
            for effect in session.take_effects() {
                if let Effect::Send(Command::Inspect { id, pixels }) = effect {
                    let activations = self.trainer.inspect(&pixels).expect("a network");
                    session.event(Event::Inspected { id, activations });
                }
            }
        }
    }
}

/// At 36,000 images a second, to the end of an epoch and beyond. Several looks a second are to be seen.
#[test]
fn a_second_of_looking_into_the_network_keeps_to_it_too() {
    const STEPS_A_REPORT: u32 = 75;
    const REPORTS_A_FRAME: u32 = 3;
    let looks = [(Depth::True, "7"), (Depth::Indexed, "7jj"), (Depth::Sixteen, "7")];
    let dataset = Arc::new(synthetic::generate());
    let mut live = Live::begin(&dataset, looks.map(|(depth, _)| Theme { depth, ..COLOUR }));
    live.train(REPORTS_A_FRAME * STEPS_A_REPORT, 0.1);
    live.watching.iter_mut().zip(looks).for_each(|(session, (_, keys))| _ = session.keys(keys));
    live.train(1, 0.0);
    let mut terminals: Vec<_> = live.watching.iter().map(|session| Watched::new(session.app.size)).collect();
    terminals.iter_mut().zip(&live.watching).for_each(|(terminal, session)| _ = terminal.draw(session));
    for second in 1..=2 {
        let mut sent = looks.map(|_| Vec::new());
        for _ in 0..10 {
            for _ in 0..REPORTS_A_FRAME {
                live.train(STEPS_A_REPORT, 0.1 / f64::from(REPORTS_A_FRAME));
            }
            for ((terminal, session), sent) in terminals.iter_mut().zip(&live.watching).zip(&mut sent) {
                sent.push(terminal.draw(session));
            }
        }
        for (sent, look) in sent.iter().zip(looks) {
            assert!(sent.iter().sum::<usize>() < BUDGET, "{look:?}, second {second}: {sent:?} bytes");
            assert!(
                sent.iter().filter(|bytes| **bytes > 500).count() >= 3,
                "{look:?}, second {second}: {sent:?} bytes"
            );
        }
    }
    assert!(live.trainer.position().epoch == 1, "an epoch's end was among it");
}

#[test]
fn a_second_of_charts_and_of_the_confusion_matrix_keeps_to_it_too() {
    for keys in ["f", "fmmmm", "fL", "6", "6c"] {
        let mut session = training(COLOUR, (120, 40));
        session.keys(keys);
        let mut terminal = Watched::new(session.app.size);
        terminal.draw(&session);
        let mut sent = 0;
        for report in 1..=30 {
            session.event(Event::Progress(progress(4, 2_113 + report * 50)));
            if report % 3 == 0 {
                sent += terminal.draw(&session);
            }
        }
        session.tell(Message::Clock(session.app.session.now + 1)).epochs(4..=4);
        sent += terminal.draw(&session);
        assert!(sent < BUDGET, "{keys}: {sent} bytes");
        let unchanged = terminal.draw(&session);
        assert!(unchanged < 40, "{keys}: {unchanged} bytes for a frame that shows nothing new");
    }
}

#[test]
fn a_second_of_training_keeps_to_its_budget() {
    let mut session = training(COLOUR, (120, 40));
    let mut terminal = Watched::new(session.app.size);
    terminal.draw(&session);
    let mut sent = 0;
    for tenth in 1..=10 {
        // A little more than three thousand steps a second.
        session.event(Event::Progress(progress(4, 400 + tenth * 325)));
        sent += terminal.draw(&session);
    }
    session.tell(Message::Clock(session.app.session.now + 1)).epochs(4..=4);
    sent += terminal.draw(&session);
    assert!(sent < BUDGET, "{sent} bytes");
    // That it is not drawn at all then is the loop's affair.
    let unchanged = terminal.draw(&session);
    assert!(unchanged < 40, "{unchanged} bytes for a frame that shows nothing new");
}
