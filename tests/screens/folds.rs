//! Groups of hyperparameters are folded into one line each in both forms, and open to their fields.

use crossterm::event::KeyCode;
use lenet_monitor::{
    sweep::key,
    train::{Architecture, Command, Hyperparameter, RunSpec},
    tui::{Effect, Message},
};

use crate::{
    fixture::{ASCII, COLOUR, Session, training},
    gallery::{MEDIUM, SMALL, keep},
    new_sweep,
};

/// Returns the lines of the form, without the mark in front of them.
fn lines(session: &Session) -> Vec<String> {
    let text = session.text();
    let inside = text.lines().filter_map(|line| line.strip_prefix("\"│ "));
    let frame = [' ', '│', '"'];
    inside.map(|line| line.trim_start_matches(['▸', '│', ' ']).trim_end_matches(frame).to_owned()).collect()
}

/// Returns the name and values of the line under the cursor; the cursor must be visible.
fn chosen(session: &Session) -> String {
    let text = session.text();
    let marked = text.lines().find_map(|line| line.strip_prefix("\"│ ▸ "));
    let line = marked.unwrap_or_else(|| panic!("no cursor in\n{text}"));
    line.split_whitespace().take_while(|word| !["│\"", "││"].contains(word)).collect::<Vec<_>>().join(" ")
}

/// Moves the cursor to the line that begins with a name.
fn go(session: &mut Session, name: &str) {
    session.keys("g");
    for _ in 0..60 {
        if chosen(session).starts_with(name) {
            return;
        }
        session.press(KeyCode::Down);
    }
    panic!("no line {name} in\n{}", session.text());
}

fn parameters(size: (u16, u16)) -> Session {
    let mut session = training(COLOUR, size);
    session.keys("3").take_effects();
    session
}

fn has(session: &Session, name: &str) -> bool {
    lines(session).iter().any(|line| line.starts_with(name))
}

#[test]
fn groups_are_folded_until_a_key_opens_them() {
    for mut session in [parameters((80, 50)), new_sweep::form((80, 50))] {
        assert!(has(&session, "techniques    ▸ off") && has(&session, "early stop    ▸ off"), "{}", session.text());
        assert!(!has(&session, "clipping") && !has(&session, "patience"));
        go(&mut session, "techniques");
        for (key, opens) in [
            (KeyCode::Enter, true),
            (KeyCode::Enter, false),
            (KeyCode::Right, true),
            (KeyCode::Right, true),
            (KeyCode::Left, false),
            (KeyCode::Left, false),
            (KeyCode::Char('e'), true),
        ] {
            session.press(key);
            let text = session.text();
            assert!(chosen(&session).starts_with("techniques"), "the cursor stays: {text}");
            assert_eq!(text.contains("│ clipping"), opens, "{key:?}: {text}");
            assert!(!text.contains("│ rotation"), "the other groups stay folded");
            let (now, then) = if opens { ("techniques    ▾", "Enter fold") } else { ("▸ off", "Enter open") };
            assert!(text.contains(now) && text.contains(then) && text.contains(&format!("{then}s them")), "{text}");
        }
        // Within the group, the same keys change values.
        session.press(KeyCode::Down).press(KeyCode::Down).press(KeyCode::Right);
        assert!(chosen(&session).starts_with("weight decay"), "{}", session.text());
        assert!(chosen(&session).contains("0.0001"), "{}", session.text());
    }
}

#[test]
fn folded_forms_fit_into_a_small_terminal() {
    let is_whole = |session: &Session| {
        chosen(session);
        let text = session.text();
        assert!(!text.contains(" more │"), "{text}");
    };
    for &network in Architecture::ALL {
        let mut session = parameters(SMALL);
        session.app.screens.parameters.form.spec.hyper.network = network;
        for _ in 0..20 {
            is_whole(&session);
            session.press(KeyCode::Down);
        }
    }
    for networks in ["lenet-5", "lenet-5,gru"] {
        let mut session = new_sweep::form(SMALL);
        new_sweep::type_into(&mut session, Hyperparameter::Network, networks);
        // A table that has some of the runs needs a line more.
        let spec = session.app.screens.parameters.form.running.clone();
        let run = session.app.screens.sweep.form.grid.runs().remove(0);
        let known = [key(&RunSpec { hyper: run, ..spec })].into();
        session.tell(Message::KnownRuns("sweep.csv".into(), Ok(known)));
        assert!(session.text().contains(" 1 in the file"), "{}", session.text());
        for _ in 0..20 {
            is_whole(&session);
            session.press(KeyCode::Down);
        }
    }
}

#[test]
fn a_folded_line_says_what_a_preset_or_a_recall_has_set() {
    let mut session = parameters(SMALL);
    // The report's best and worst, then `fast`.
    session.keys("ppp");
    let text = session.text();
    for line in [
        "techniques    ▸ one-cycle, warm-up 0.15, decay 0.02, clipping 1, ema 0.999",
        "augmentation  ▸ rotation 12, shift 2.2, scaling 0.15, shear 0.15",
        "early stop    ▸ off",
    ] {
        assert!(has(&session, line), "{line}: {text}");
    }
    keep("parameters-recipe", &session);
    // In little room, whole values are left out.
    session.tell(Message::Resize(50, 14));
    go(&mut session, "techniques");
    assert!(has(&session, "techniques    ▸ one-cycle, warm-up 0.15, …"), "{}", session.text());
}

#[test]
fn a_group_that_is_opened_at_the_lower_edge_shows_its_fields() {
    let mut session = parameters(SMALL);
    session.keys("G").press(KeyCode::Enter);
    for name in ["images", "holdout", "training images", "test images"] {
        assert!(chosen(&session).starts_with(name), "{}", session.text());
        for field in ["holdout", "training images", "test images"] {
            assert!(has(&session, field), "{field}: {}", session.text());
        }
        session.press(KeyCode::Down);
    }
}

#[test]
fn limits_of_the_images_are_a_group() {
    let mut session = parameters(SMALL);
    assert!(has(&session, "images        ▸ all"), "{}", session.text());
    session.keys("G").press(KeyCode::Enter).keys("jj").keys("e").ctrl('u').keys("100").press(KeyCode::Enter);
    session.keys("k").keys("e").ctrl('u').keys("20").press(KeyCode::Enter);
    go(&mut session, "images");
    session.press(KeyCode::Left);
    assert!(has(&session, "images        ▸ first 100 images, holdout 20"), "{}", session.text());
    assert!(session.text().contains("2 values differ"), "{}", session.text());
}

#[test]
fn a_wrong_value_in_a_folded_group_is_shown() {
    let mut session = parameters(SMALL);
    go(&mut session, "early stop");
    session.press(KeyCode::Enter).press(KeyCode::Down).press(KeyCode::Right).press(KeyCode::Up).press(KeyCode::Left);
    assert!(has(&session, "early stop    ▸ patience 1"), "{}", session.text());
    session.keys("gr");
    assert_eq!(session.take_effects(), [], "nothing starts without held-out images");
    assert!(chosen(&session).starts_with("holdout 0"), "{}", session.text());
    assert!(session.text().contains("✗ patience needs held-out"), "{}", session.text());
    keep("parameters-folded-error", &session);
    session.keys("e").ctrl('u').keys("20").press(KeyCode::Enter).keys("r");
    let effects = session.take_effects();
    let [Effect::Send(Command::Restart(spec))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((spec.hyper.patience, spec.limits.holdout), (1, 20));
}

#[test]
fn the_cursor_is_visible_where_its_field_goes_away() {
    let mut session = parameters(SMALL);
    go(&mut session, "techniques");
    session.press(KeyCode::Enter).press(KeyCode::Down).press(KeyCode::Left).press(KeyCode::Down);
    assert!(chosen(&session).starts_with("warm-up"), "{}", session.text());
    // The report's run has no warm-up.
    session.keys("p");
    assert!(chosen(&session).starts_with("schedule"), "{}", session.text());
    session.press(KeyCode::Up);
    assert!(chosen(&session).starts_with("techniques"), "{}", session.text());

    let mut session = new_sweep::form(SMALL);
    session.keys("Gk");
    assert!(chosen(&session).starts_with("current run"), "{}", session.text());
    session.ended(lenet_monitor::train::State::Finished, 3, None);
    assert!(chosen(&session).starts_with("file"), "{}", session.text());
}

#[test]
fn a_folded_line_of_a_sweep_says_what_is_varied() {
    let mut session = new_sweep::form((100, 50));
    go(&mut session, "techniques");
    session.press(KeyCode::Enter).keys("j").keys("e").ctrl('u').keys("constant, one-cycle").press(KeyCode::Enter);
    go(&mut session, "weight decays");
    new_sweep::retype(&mut session, "0,0.01,0.02");
    go(&mut session, "EMAs");
    new_sweep::retype(&mut session, "0.999");
    go(&mut session, "techniques");
    session.press(KeyCode::Left);
    let line = "techniques    ▸ constant/one-cycle, decay 0/0.01/0.02, ema 0.999";
    assert!(has(&session, line), "{}", session.text());
    let command = "--schedules constant,one-cycle --weight-decays 0,0.01,0.02 --emas 0.999";
    let shown = lines(&session).join(" ");
    assert!(shown.contains(command), "{shown}");
    assert_eq!(session.app.screens.sweep.form.counts().0, 81 * 6);
    // The values go back to their defaults, and what is open stays so.
    go(&mut session, "augmentation");
    session.press(KeyCode::Right).keys("u");
    assert!(has(&session, "techniques    ▸ off") && session.text().contains("│ rotations"), "{}", session.text());
}

#[test]
fn a_click_opens_a_group_and_folds_it() {
    for mut session in [parameters((80, 50)), new_sweep::form((80, 50))] {
        session.click("augmentation");
        assert!(chosen(&session).starts_with("augmentation") && session.text().contains("│ shear"));
        session.click("shift");
        assert!(chosen(&session).starts_with("shift"), "a click on a field chooses it: {}", session.text());
        session.click("augmentation");
        assert!(chosen(&session).starts_with("augmentation") && !session.text().contains("│ shear"));
    }
}

#[test]
fn open_groups_look_like_this() {
    for size in [SMALL, MEDIUM, (50, 14)] {
        let mut session = parameters(size);
        go(&mut session, "augmentation");
        session.press(KeyCode::Enter).keys("jjl");
        keep("parameters-open", &session);
        let mut session = new_sweep::form(size);
        go(&mut session, "augmentation");
        session.press(KeyCode::Enter).keys("jjl");
        keep("sweep-form-open", &session);
    }
    let mut session = training(ASCII, SMALL);
    session.keys("3").keys("G").press(KeyCode::Enter);
    keep("parameters-open-ascii", &session);
}
