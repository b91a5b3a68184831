//! The charts: smoothing, gaps, the cursor, zoom and pan, and overlaid runs.

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::Event,
    tui::{Effect, Message, Others, Screen, Theme, X},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, OPENED, Session, entries, finished, progress, record, restarted, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
};

fn full(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = finished(theme, size);
    session.keys("f");
    session
}

fn with_others(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = full(theme, size);
    let entries = entries(&session.app);
    session.tell(Message::Clock(OPENED)).keys("b").tell(Message::Checkpoints(Ok(entries)));
    session
}

#[test]
fn they_look_as_they_should_in_every_size() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18), (40, 12)] {
        keep("curves", &full(COLOUR, size));
    }
    keep_styled("curves-colour", &full(COLOUR, SMALL));
    keep_styled("curves-mono", &full(MONO, SMALL));
    keep("curves-ascii", &full(ASCII, MEDIUM));
    let mut session = training(COLOUR, MEDIUM);
    keep("curves-training", session.keys("f"));
}

#[test]
fn other_runs_are_overlaid_with_a_legend_of_what_differs() {
    for size in [SMALL, MEDIUM, LARGE] {
        keep("curves-others", &with_others(COLOUR, size));
    }
    keep_styled("curves-others-colour", &with_others(COLOUR, SMALL));
    keep("curves-others-ascii", &with_others(ASCII, MEDIUM));
    let mut session = restarted(COLOUR, MEDIUM);
    keep("curves-restarted", session.keys("f"));
}

#[test]
fn they_have_many_settings() {
    let mut session = full(COLOUR, MEDIUM);
    keep("curves-steps-smoothed", session.keys("Xmm"));
    keep("curves-time-log", session.keys("XLMMM"));
    let mut session = full(COLOUR, MEDIUM);
    session.press(KeyCode::Left).press(KeyCode::Left).keys("++").press(KeyCode::PageUp);
    keep("curves-zoomed", &session);
    let mut session = full(COLOUR, MEDIUM);
    keep("curves-late-loss", session.keys("zvvV"));
}

#[test]
fn the_small_charts_follow() {
    let mut session = finished(COLOUR, MEDIUM);
    keep("train-steps-smoothed", session.keys("Xmmm"));
    keep("train-time", session.keys("X"));
}

#[test]
fn the_key_opens_and_closes_and_other_screens_close_too() {
    let mut session = training(COLOUR, SMALL);
    for keys in ["f", "1", "2"] {
        session.keys("1f");
        assert!(session.app.screens.train.plot.full);
        session.keys(keys);
        assert!(!session.app.screens.train.plot.full, "{keys}");
    }
    session.keys("1f").press(KeyCode::Left).press(KeyCode::Esc);
    assert!(
        session.app.screens.train.plot.full && session.app.screens.train.plot.cursor.is_none(),
        "first the cursor is released"
    );
    session.press(KeyCode::Esc);
    assert_eq!((session.app.shown, session.app.screens.train.plot.full), (Screen::Train, false));
}

/// Returns the number after a word on the screen.
fn read(session: &Session, after: &str) -> String {
    let text = session.text();
    let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("no `{after}` on\n{text}"));
    rest.trim_start().split([' ', '│']).next().expect("a word").to_owned()
}

#[test]
fn the_cursor_reads_what_was_measured() {
    let mut session = full(COLOUR, MEDIUM);
    session.keys("VX").press(KeyCode::Home);
    let values = |session: &Session| {
        let text = session.text();
        let tests: Vec<&str> = text.split("• test ").skip(1).map(|rest| rest.trim_start()[..6].trim()).collect();
        (read(session, "step"), tests.iter().map(|value| value.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(values(&session), ("3,750".into(), vec!["0.9785".into(), "0.0667".into()]));
    session.press(KeyCode::Right).press(KeyCode::Right);
    assert_eq!(values(&session), ("11,250".into(), vec!["0.9866".into(), "0.0422".into()]));
    session.press(KeyCode::End);
    assert_eq!(values(&session), ("37,500".into(), vec!["0.9897".into(), "0.0370".into()]));
    session.press(KeyCode::Right);
    assert_eq!(read(&session, "step"), "37,500");
}

#[test]
fn the_cursor_keeps_its_place_on_another_axis() {
    let mut session = full(COLOUR, MEDIUM);
    session.press(KeyCode::Home).press(KeyCode::Right).press(KeyCode::Right);
    let line = |session: &Session| (read(session, "epoch"), read(session, "step"));
    let before = line(&session);
    session.keys("X");
    assert_eq!(session.app.screens.train.plot.x, X::Steps);
    assert_eq!(line(&session), before);
    session.keys("XX");
    assert_eq!((session.app.screens.train.plot.x, line(&session)), (X::Epochs, before));
}

#[test]
fn zoom_goes_in_and_out_and_pan_stays_within_the_run() {
    let mut session = full(COLOUR, MEDIUM);
    let span = |session: &Session| session.app.screens.train.plot.window.map(|(low, high)| high - low);
    session.keys("+");
    assert_eq!(span(&session), Some(5.0));
    session.keys("++");
    assert_eq!(span(&session), Some(1.25));
    let (low, high) = session.app.screens.train.plot.window.expect("a window");
    assert!(low < 10.0 && high >= 10.0, "the newest stays in view: {low} to {high}");
    for _ in 0..40 {
        session.press(KeyCode::PageUp);
    }
    assert_eq!(session.app.screens.train.plot.window, Some((0.0, 1.25)));
    for _ in 0..40 {
        session.press(KeyCode::PageDown);
    }
    assert_eq!(session.app.screens.train.plot.window, Some((8.75, 10.0)));
    for _ in 0..60 {
        session.keys("+");
    }
    assert!(span(&session).expect("a window") >= 10.0 / 4_096.0);
    for _ in 0..60 {
        session.keys("-");
    }
    assert_eq!(session.app.screens.train.plot.window, None, "the whole run again");
    session.keys("+z");
    assert_eq!(
        (session.app.screens.train.plot.window, session.app.screens.train.plot.late),
        (None, false),
        "z: the whole run"
    );
}

#[test]
fn the_view_follows_a_cursor_that_leaves_it() {
    let mut session = full(COLOUR, MEDIUM);
    session.press(KeyCode::Home).keys("+++");
    for _ in 0..1_000 {
        session.press(KeyCode::Right);
        let (low, high) = session.app.screens.train.plot.window.expect("a window");
        let cursor = session.app.screens.train.plot.cursor.expect("a cursor").epochs;
        assert!((low - 1e-9..=high + 1e-9).contains(&cursor), "{cursor} is not from {low} to {high}");
    }
    assert_eq!(session.app.screens.train.plot.cursor.map(|place| place.epochs), Some(10.0));
}

#[test]
fn other_runs_are_the_newest_on_the_same_data_or_those_marked() {
    let mut session = with_others(COLOUR, MEDIUM);
    let text = session.text();
    assert!(text.contains("a sigmoid sgd 0.01 batch 64"), "{text}");
    assert!(text.contains("b tanh rmsprop 0.0005"), "{text}");
    assert!(!text.contains("c relu adam 0.001 batch 16 SYN"), "{text}");
    session.keys("b");
    assert_eq!(session.app.screens.train.plot.others, Others::None, "nothing is marked");
    session.keys("4jjm1f").keys("bb");
    assert_eq!(session.app.screens.train.plot.others, Others::Marked);
    let text = session.text();
    assert!(text.contains("a tanh rmsprop 0.0005") && !text.contains("sigmoid"), "{text}");
}

#[test]
fn other_runs_are_listed_when_they_are_to_be_shown() {
    let mut session = full(COLOUR, MEDIUM);
    session.take_effects();
    session.keys("b");
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
    assert!(session.text().contains("the checkpoint folder is being read"));
    session.tell(Message::Checkpoints(Ok(Vec::new())));
    assert!(session.text().contains("no other run on this data set"));
    session.keys("ff");
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints], "again when the chart opens again");
}

/// Returns the columns of the only chart on the screen that contain dots of a curve.
fn cells_with_dots(session: &Session) -> Vec<(u16, u16)> {
    let terminal = session.draw();
    let buffer = terminal.backend().buffer();
    let is_dot = |x, y| buffer[(x, y)].symbol().chars().all(|char| ('\u{2801}'..='\u{28ff}').contains(&char));
    let rows = 3..buffer.area.height - 4;
    let cells = (0..buffer.area.width).flat_map(|x| rows.clone().map(move |y| (x, y)));
    cells.filter(|&(x, y)| is_dot(x, y)).collect()
}

fn columns_with_dots(session: &Session) -> Vec<u16> {
    let mut columns: Vec<u16> = cells_with_dots(session).into_iter().map(|(x, _)| x).collect();
    columns.dedup();
    columns
}

#[test]
fn values_not_above_zero_are_left_out_on_a_logarithmic_axis() {
    let mut session = Session::new(COLOUR, MEDIUM);
    session.start();
    for epoch in 1..=3 {
        let mut record = record(epoch);
        record.test_loss = [0.5, 0.0, 0.05][epoch as usize - 1];
        session.event(Event::EpochEnded(Box::new(record)));
    }
    session.keys("fvvVMMMM");
    assert!(columns_with_dots(&session).len() > 40, "on a linear axis the line goes through zero");
    session.keys("L");
    assert!(columns_with_dots(&session).len() <= 4, "marks of the others, and no line:\n{}", session.text());
    assert!(cells_with_dots(&session).len() <= 8, "nor one straight down:\n{}", session.text());
}

/// Returns both small charts of the Train screen, row by row.
fn small_charts(session: &Session) -> String {
    let text = session.text();
    let rows = text.lines().skip_while(|line| !line.contains("accuracy")).take_while(|line| !line.contains("log"));
    let rows = rows.map(|row| row.chars().take(49).collect::<String>());
    rows.take(9).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_training_curve_continues_within_every_epoch() {
    for done in [0, 1, 2, 5] {
        let mut session = Session::new(COLOUR, SMALL);
        session.start().epochs(1..=done).part_of_epoch(done + 1, 1_000);
        let charts = small_charts(&session);
        session.part_of_epoch(done + 1, 3_000);
        assert_ne!(small_charts(&session), charts, "within epoch {}", done + 1);
    }
}

#[test]
fn a_change_of_the_learning_rate_is_marked() {
    let mut session = training(COLOUR, MEDIUM);
    assert!(!session.text().contains("┊rate"));
    session.event(Event::LearningRateChanged(0.0002)).part_of_epoch(5, 3_000);
    keep("train-rate-changed", &session);
    assert_eq!(session.text().matches("┊rate 0.0002").count(), 2, "on both charts:\n{}", session.text());
    session.keys("f");
    keep("curves-rate-changed", &session);
    assert_eq!(session.text().matches("┊rate 0.0002").count(), 2, "on both charts:\n{}", session.text());
}

#[test]
fn the_late_part_is_the_second_half_on_both_axes() {
    let mut session = training(COLOUR, MEDIUM);
    let whole = session.text();
    session.keys("z");
    keep("train-late", &session);
    let labels = |text: &str| text.lines().map(|line| line.chars().take(8).collect()).collect::<Vec<String>>();
    assert_ne!(labels(&session.text())[..14], labels(&whole)[..14], "the vertical axis is closer, too");
}

#[test]
fn unseen_batches_leave_a_gap() {
    let mut session = Session::new(COLOUR, MEDIUM);
    session.start();
    for step in (1..=200).chain(3_000..=3_200) {
        let mut progress = progress(1, step);
        progress.batches = 1;
        session.event(Event::Progress(progress));
    }
    session.keys("fvVV");
    let columns = columns_with_dots(&session);
    let widest = columns.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(widest > Some(60), "{columns:?}");
    session.keys("mmmm");
    let columns = columns_with_dots(&session);
    assert!(columns.windows(2).map(|pair| pair[1] - pair[0]).max() > Some(60), "nor is it smoothed over: {columns:?}");
}

#[test]
fn a_run_beyond_the_scale_is_marked_at_its_edge() {
    let mut session = full(COLOUR, MEDIUM);
    let mut list = entries(&session.app);
    for contents in list.iter_mut().filter_map(|entry| entry.contents.as_mut().ok()) {
        let mut history = contents.history.to_vec();
        history.iter_mut().for_each(|record| (record.test_accuracy, record.test_loss) = (0.11, 2.3));
        contents.history = history.into();
    }
    session.keys("b").tell(Message::Checkpoints(Ok(list)));
    let text = session.text();
    for tag in ["▼a", "▼b", "▼c", "▲a", "▲b", "▲c"] {
        assert!(text.contains(tag), "{tag}\n{text}");
    }
}

#[test]
fn another_run_begins_with_the_whole_in_view() {
    let mut session = full(COLOUR, MEDIUM);
    session.press(KeyCode::Left).keys("+").start();
    assert_eq!((session.app.screens.train.plot.window, session.app.screens.train.plot.cursor), (None, None));
}

#[test]
fn batches_are_kept_in_bounded_memory_and_at_even_distances() {
    let mut session = Session::new(COLOUR, MEDIUM);
    session.start();
    for step in 1..=60_000 {
        let mut progress = progress(1, step);
        (progress.steps_per_epoch, progress.batches) = (60_000, 1);
        session.event(Event::Progress(progress));
    }
    let means = session.app.session.live.curves.batch_history.means();
    assert!((1_000..=4_096).contains(&means.len()), "{}", means.len());
    let seen: u32 = means.iter().map(|mean| mean.batches).sum();
    assert_eq!(seen, 60_000, "none is lost");
    let widths: Vec<u32> = means[..means.len() - 1].iter().map(|mean| mean.batches).collect();
    let (least, most) = (widths.iter().min().expect("some"), widths.iter().max().expect("some"));
    assert!(most <= &(2 * least), "{least} to {most}");
}
