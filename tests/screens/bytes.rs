//! What a frame sends to the terminal: little, and all that is needed.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use lenet_monitor::{
    train::{Command, Event},
    tui::{Effect, Message, view},
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use crate::fixture::{COLOUR, Session, activations, progress, training};

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

#[test]
fn a_second_of_looking_into_the_network_keeps_to_it_too() {
    let mut session = training(COLOUR, (120, 40));
    session.keys("7").answer(7);
    let mut terminal = Watched::new(session.app.size);
    terminal.draw(&session);
    let mut sent = 0;
    for tenth in 1..=10 {
        let mut progress = progress(4, 400 + tenth * 325);
        progress.elapsed = 10.0 + f64::from(tenth) / 10.0;
        session.event(Event::Progress(progress));
        if let Some(Effect::Send(Command::Inspect { id, pixels })) = session.take_effects().pop() {
            // Every number a little another, every tenth of them another altogether.
            let mut activations = activations(&pixels, 7);
            for (place, value) in activations.c1.as_flattened_mut().iter_mut().enumerate() {
                *value *= if place % 10 == tenth as usize % 10 { 0.6 } else { 1.03 };
            }
            for (place, value) in activations.c3.as_flattened_mut().iter_mut().enumerate() {
                *value *= if place % 10 == tenth as usize % 10 { 0.6 } else { 1.03 };
            }
            session.event(Event::Inspected { id, activations });
        }
        sent += terminal.draw(&session);
    }
    assert!(sent < BUDGET, "{sent} bytes");
}

#[test]
fn a_second_of_charts_and_of_the_confusion_matrix_keeps_to_it_too() {
    for keys in ["f", "fmmmm", "fl", "6", "6c"] {
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
        session.tell(Message::Clock(session.app.now + 1)).epochs(4..=4);
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
    session.tell(Message::Clock(session.app.now + 1)).epochs(4..=4);
    sent += terminal.draw(&session);
    assert!(sent < BUDGET, "{sent} bytes");
    // That it is not drawn at all then is the loop's affair.
    let unchanged = terminal.draw(&session);
    assert!(unchanged < 40, "{unchanged} bytes for a frame that shows nothing new");
}
