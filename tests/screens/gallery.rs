//! The looks of every screen, one file per screen and size in `snapshots/`.

use crossterm::event::KeyCode;
use insta::{Settings, assert_debug_snapshot, assert_snapshot};
use lenet_monitor::{
    data::Kind,
    nn::Architecture,
    train::{Cause, Event, SavedCheckpoint, State, Symptom},
    tui::{Depth, Message, Palette, Theme},
};

use crate::fixture::{
    ASCII, COLOUR, MONO, OPENED, Session, dataset, entries, finished, health, progress, record, restarted, spec,
    started, training,
};

pub const SMALL: (u16, u16) = (80, 24);
pub const MEDIUM: (u16, u16) = (120, 40);
pub const LARGE: (u16, u16) = (200, 60);

/// Keeps a screen as text in `snapshots/NAME@WIDTHxHEIGHT.snap`.
pub fn keep(name: &str, session: &Session) {
    settings(session).bind(|| assert_snapshot!(name, session.draw().backend()));
}

/// Keeps it with its colours and weights.
pub fn keep_styled(name: &str, session: &Session) {
    settings(session).bind(|| assert_debug_snapshot!(name, session.draw().backend().buffer()));
}

/// Keeps the text of a screen of this size.
pub fn keep_text(name: &str, size: (u16, u16), text: &str) {
    settings_of(size).bind(|| assert_snapshot!(name, text));
}

fn settings(session: &Session) -> Settings {
    settings_of(session.app.size)
}

fn settings_of((width, height): (u16, u16)) -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_suffix(format!("{width}x{height}"));
    settings
}

#[test]
fn train_before_the_first_event() {
    keep("train-empty", &Session::new(COLOUR, SMALL));
}

#[test]
fn train_before_the_first_batch() {
    let mut session = Session::new(COLOUR, MEDIUM);
    session.start();
    keep("train-started", &session);
}

#[test]
fn train_within_the_first_epoch() {
    let mut session = Session::new(COLOUR, SMALL);
    session.start().part_of_epoch(1, 2_400);
    keep("train-first-epoch", &session);
}

#[test]
fn train_while_training() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18), (40, 12), (120, 24)] {
        keep("train-training", &training(COLOUR, size));
    }
}

#[test]
fn train_in_colour() {
    keep_styled("train-training-colour", &training(COLOUR, SMALL));
}

#[test]
fn train_without_colour() {
    keep_styled("train-training-mono", &training(MONO, SMALL));
}

#[test]
fn train_in_ascii() {
    keep("train-training-ascii", &training(ASCII, MEDIUM));
}

#[test]
fn train_paused() {
    let mut session = training(COLOUR, SMALL);
    session.event(Event::State(State::Paused));
    keep("train-paused", &session);
}

#[test]
fn train_during_an_evaluation() {
    let mut session = training(COLOUR, SMALL);
    session.event(Event::State(State::Evaluating));
    keep("train-evaluating", &session);
}

#[test]
fn train_diverged() {
    let mut session = training(COLOUR, MEDIUM);
    session.ended(State::Diverged, 3, Some("the loss is NaN at step 2,113 of epoch 4"));
    keep("train-diverged", &session);
}

type BringAbout = fn(&mut Session);

/// Every screen but Train and Sweep, which have more states than these, in each state of a run.
#[test]
fn screens_in_every_state() {
    let states: [(&str, BringAbout); 5] = [
        ("begun", |session| {
            session.start();
        }),
        ("paused", |session| {
            session.event(Event::State(State::Paused));
        }),
        ("diverged", |session| {
            session.ended(State::Diverged, 3, Some("loss is not finite in step 2,114 of epoch 4"));
        }),
        ("finished", |session| {
            session.epochs(4..=10).ended(State::Finished, 10, None);
        }),
        ("failed", |session| {
            session.ended(State::Failed, 3, Some("the training thread panicked")).tell(Message::WorkerGone);
        }),
    ];
    let screens = [
        ("mistakes", '2'),
        ("parameters", '3'),
        ("runs", '4'),
        ("confusion", '6'),
        ("layers", '7'),
        ("draw", '8'),
        ("curves", 'f'),
    ];
    for (state, bring_about) in states {
        for (screen, key) in screens {
            let mut session = if state == "begun" { Session::new(COLOUR, SMALL) } else { training(COLOUR, SMALL) };
            bring_about(&mut session);
            session.press(KeyCode::Char(key));
            if screen == "runs" {
                let runs = if state == "begun" { Vec::new() } else { entries(&session.app) };
                session.tell(Message::Checkpoints(Ok(runs)));
            }
            keep(&format!("{screen}-{state}-run"), &session);
        }
    }
}

#[test]
fn train_in_themes() {
    for palette in [Palette::Dark, Palette::Light, Palette::ColourBlind] {
        for depth in [Depth::Sixteen, Depth::True] {
            keep_styled(
                &format!("train-theme-{palette}-{depth}"),
                &training(Theme { palette, depth, ..COLOUR }, SMALL),
            );
        }
    }
}

#[test]
fn train_diverged_at_once() {
    let mut session = Session::new(COLOUR, SMALL);
    session.start().part_of_epoch(1, 250).ended(State::Diverged, 0, Some("loss is not finite in step 312 of epoch 1"));
    keep("train-diverged-at-once", &session);
}

#[test]
fn the_header_names_a_network_other_than_lenet_5() {
    let mut session = Session::new(COLOUR, SMALL);
    let mut spec = spec(&session.app);
    spec.hyper.network = Architecture::Gru;
    session.event(Event::Started(Box::new(started(spec, "20260725-101500"))));
    for screen in ["1", "2", "3", "7"] {
        assert!(session.keys(screen).text().contains("GRU on MNIST 60,000"), "{}", session.text());
    }
    // Where the hyperparameters fit beside the data set, they name it.
    session.app.size = LARGE;
    let text = session.text();
    assert!(text.contains("   gru") && !text.contains("GRU on"), "{text}");
}

#[test]
fn header_and_log_show_the_time_of_training() {
    let mut session = Session::new(COLOUR, MEDIUM);
    // A quarter of an hour passes while the run is paused.
    session.start().tell(Message::Clock(OPENED + 900));
    session.event(Event::Progress(progress(1, 3_750))).event(Event::EpochEnded(Box::new(record(1))));
    let text = session.text();
    assert!(text.contains(" 0:01 elapsed") && text.contains(" 0:01  epoch  1"), "{text}");
}

#[test]
fn train_that_learns_nothing() {
    let symptom = Symptom::Constant { digit: 1 };
    let cause = Cause::VanishingGradient { layer: "C1", times: 310.0 };
    for size in [SMALL, MEDIUM, LARGE, (40, 12)] {
        let mut session = training(COLOUR, size);
        session.event(Event::Health(Box::new(health(3, Some(symptom.clone()), Some(cause.clone())))));
        keep("train-learns-nothing", &session);
    }
    let mut session = finished(COLOUR, SMALL);
    let symptom = Symptom::Dead { layer: "C1", units: 6 };
    session.event(Event::Health(Box::new(health(10, Some(symptom), Some(Cause::LargeUpdates)))));
    keep_styled("train-learnt-nothing-colour", &session);
    let summary = lenet_monitor::tui::summary(&session.app.session);
    assert!(summary.contains("the run learns nothing: all 6 units of C1 are dead"), "{summary}");
    session.keys("1");
    keep("train-learnt-nothing", &session);
}

#[test]
fn train_failed() {
    let mut session = training(COLOUR, SMALL);
    session
        .ended(State::Failed, 3, Some("the training thread panicked: index out of bounds"))
        .tell(Message::WorkerGone);
    keep("train-failed", &session);
}

#[test]
fn train_finished() {
    for size in [SMALL, MEDIUM] {
        keep("train-finished", &finished(COLOUR, size));
    }
}

#[test]
fn train_zoomed_on_the_late_part_with_a_logarithmic_loss() {
    let mut session = finished(COLOUR, MEDIUM);
    session.keys("zL");
    keep("train-zoomed", &session);
}

#[test]
fn train_with_the_previous_run() {
    keep("train-restarted", &restarted(COLOUR, MEDIUM));
    keep_styled("train-restarted-colour", &restarted(COLOUR, SMALL));
}

#[test]
fn train_on_synthetic_digits() {
    let mut session = Session::with(dataset(Kind::Synthetic), COLOUR, SMALL);
    session.start().epochs(1..=2).part_of_epoch(3, 700);
    keep("train-synthetic", &session);
}

#[test]
fn too_small() {
    for size in [(39, 12), (40, 11), (30, 8), (12, 4)] {
        keep("too-small", &training(COLOUR, size));
    }
}

#[test]
fn no_screen_is_blank_at_the_smallest_size() {
    for keys in ["1", "2", "3", "4", "5", "6", "7", "8", "f", "?"] {
        let mut session = training(COLOUR, (40, 12));
        let entries = entries(&session.app);
        session.keys(keys).tell(Message::Checkpoints(Ok(entries)));
        let text = session.text();
        let body = text.lines().skip(3).take(8).map(|row| row.trim_matches(['"', ' ', '│']));
        assert!(body.filter(|row| !row.is_empty()).count() > 0, "{keys}: {text}");
    }
}

#[test]
fn mistakes() {
    for size in [SMALL, MEDIUM, LARGE, (50, 16), (40, 12)] {
        let mut session = training(COLOUR, size);
        session.keys("2").press(KeyCode::Right).press(KeyCode::Right);
        keep("mistakes", &session);
    }
}

#[test]
fn mistakes_in_colour() {
    let mut session = training(COLOUR, SMALL);
    session.keys("2");
    keep_styled("mistakes-colour", &session);
    let mut session = training(MONO, SMALL);
    session.keys("2");
    keep_styled("mistakes-mono", &session);
    let mut session = training(ASCII, MEDIUM);
    session.keys("2");
    keep("mistakes-ascii", &session);
}

#[test]
fn mistakes_filtered_and_ordered() {
    let mut session = training(COLOUR, SMALL);
    session.keys("2t4p9oddd").press(KeyCode::End);
    keep("mistakes-filtered", &session);
    session.keys("t");
    keep("mistakes-asking", &session);
    session.keys("8");
    keep("mistakes-none", &session);
}

#[test]
fn a_filter_is_shown_wherever_mistakes_are() {
    for (name, keys) in [("train-filtered", "2t4p9"), ("train-filtered-none", "2t4p8")] {
        let mut session = training(COLOUR, SMALL);
        session.keys(keys).keys("1");
        keep(name, &session);
        assert!(session.text().contains("x all"), "{}", session.text());
        session.keys("x");
        assert!(session.text().contains("of 44"), "{}", session.text());
    }
    let mut session = training(COLOUR, SMALL);
    session.keys("2t4i");
    assert!(session.text().contains("filtered"), "{}", session.text());
    session.keys("x");
    assert!(session.text().contains("of 44") && !session.text().contains("filtered"), "{}", session.text());
}

#[test]
fn correct_ones_in_shades_and_ascii() {
    let mut session = training(MONO, MEDIUM);
    session.keys("2v");
    keep("correct-shades", &session);
    let mut session = training(ASCII, SMALL);
    session.keys("2v");
    keep("correct-ascii", &session);
}

fn edited(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    session.keys("3").press(KeyCode::Right);
    session.press(KeyCode::Down).press(KeyCode::Down).press(KeyCode::Down).press(KeyCode::Left);
    session
}

#[test]
fn parameters() {
    let mut session = training(COLOUR, SMALL);
    session.keys("3");
    keep("parameters", &session);
    for size in [SMALL, MEDIUM, LARGE, (50, 14)] {
        keep("parameters-edited", &edited(COLOUR, size));
    }
    keep_styled("parameters-edited-colour", &edited(COLOUR, SMALL));
    keep("parameters-edited-ascii", &edited(ASCII, MEDIUM));
    keep_styled("parameters-edited-mono", &edited(MONO, SMALL));
}

#[test]
fn parameters_with_a_wrong_value() {
    let mut session = edited(COLOUR, SMALL);
    session.press(KeyCode::Down).press(KeyCode::Down).keys("e");
    keep("parameters-typing", &session);
    session.keys("0000").press(KeyCode::Enter);
    keep("parameters-refused", &session);
    session.press(KeyCode::Esc);
    for _ in 0..3 {
        session.press(KeyCode::Down);
    }
    session.keys("e").keys("99999").press(KeyCode::Enter);
    keep("parameters-refused-long", &session);
}

#[test]
fn parameters_with_what_was_tried() {
    for size in [SMALL, MEDIUM, LARGE, (40, 12)] {
        let mut session = restarted(COLOUR, size);
        let entries = entries(&session.app);
        session.keys("3").tell(Message::Checkpoints(Ok(entries)));
        keep("parameters-beside-tried", &session);
        session.keys("bj");
        keep("parameters-tried", &session);
    }
}

#[test]
fn help() {
    for size in [SMALL, MEDIUM, LARGE] {
        let mut session = training(COLOUR, size);
        session.keys("?");
        keep("help", &session);
    }
    let mut session = training(COLOUR, (100, 30));
    session.keys("2?");
    keep("help-on-mistakes", &session);
    let mut session = training(COLOUR, SMALL);
    session.keys("?/run mark");
    keep("help-searched", &session);
}

#[test]
fn questions_and_notices() {
    let mut session = training(COLOUR, SMALL);
    session.keys("q");
    keep("quit-asked", &session);
    session.keys("y");
    keep("quit-saving", &session);
    let mut session = training(COLOUR, SMALL);
    session.keys("n");
    keep("steps-asked", &session);
    session.keys("x");
    keep("steps-refused", &session);
    let mut narrow = training(COLOUR, (40, 12));
    narrow.keys("n");
    keep("steps-asked", &narrow);
    let mut session = training(COLOUR, SMALL);
    let path = "checkpoints/20261124-120000-relu-adam-0.001-b16/last.ckpt";
    let kept = Some(SavedCheckpoint { path: path.into(), epoch: 2, step: 0 });
    let reason = "No space left on device (os error 28)".to_owned();
    session.event(Event::SaveFailed { path: path.into(), reason, kept });
    keep("save-failed", &session);
    session.keys("q");
    keep("quit-unsaved", &session);
    session.keys("f/mnt/other");
    keep("save-elsewhere", &session);
}

#[test]
fn summary_after_quitting() {
    let mut settings = settings(&training(COLOUR, SMALL));
    settings.remove_snapshot_suffix();
    settings.bind(|| {
        assert_snapshot!("summary-finished", lenet_monitor::tui::summary(&finished(COLOUR, SMALL).app.session));
        assert_snapshot!("summary-left", lenet_monitor::tui::summary(&training(COLOUR, SMALL).app.session));
        assert_snapshot!("summary-restarted", lenet_monitor::tui::summary(&restarted(COLOUR, SMALL).app.session));
        assert_snapshot!("summary-empty", lenet_monitor::tui::summary(&Session::new(COLOUR, SMALL).app.session));
    });
}

#[test]
fn why_the_digits_are_synthetic_stands_in_the_log() {
    for size in [SMALL, MEDIUM, LARGE] {
        let mut session = Session::with(dataset(Kind::Synthetic), COLOUR, size);
        let cause = "train-images-idx3-ubyte.gz could not be downloaded: https://a.mirror/: connection refused";
        session.app.session.explain_data(vec![
            (
                format!("SYNTHETIC digits instead of MNIST: no MNIST files in data, and {cause}"),
                vec![
                    "SYNTHETIC: no MNIST files in data, and no download".into(),
                    "SYNTHETIC: no MNIST files, no download".into(),
                ],
            ),
            (
                "to train on MNIST: `lenet-monitor data fetch --data-dir data`, or --data-dir with its files".into(),
                vec![
                    "for MNIST: lenet-monitor data fetch, or --data-dir".into(),
                    "for MNIST: lenet-monitor data fetch".into(),
                ],
            ),
        ]);
        session.start();
        keep("train-synthetic-why", &session);
    }
}
