//! The user's own digit: drawn by mouse and keys, as the network gets it, opened and saved.

use std::path::PathBuf;

use crossterm::event::{KeyCode, MouseButton, MouseEventKind};
use lenet_monitor::{
    data::{PIXELS, picture},
    train::{Command, Event, State},
    tui::{Effect, Message, Opened, Pen, Question, Theme},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, SEVEN, Session, on_pad, progress, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
};

fn opened(size: (u16, u16)) -> Session {
    themed(COLOUR, size)
}

fn themed(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    session.keys("8").take_effects();
    session
}

/// Returns a session in which a seven was drawn, and read as one.
fn drawn(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = themed(theme, size);
    // One question about its beginning, one about all of it.
    session.drag(&on_pad(SEVEN, size)).read_as(7).read_as(7).take_effects();
    session
}

fn asked(session: &mut Session) -> Vec<[u8; PIXELS]> {
    let pixels = |effect| match effect {
        Effect::Send(Command::Predict { pixels, .. }) => Some(*pixels),
        _ => None,
    };
    session.take_effects().into_iter().filter_map(pixels).collect()
}

fn trained(session: &mut Session, seconds: f64) {
    let mut later = progress(4, 2_200);
    later.elapsed = session.app.session.live.progress.as_ref().expect("some progress").elapsed + seconds;
    session.event(Event::Progress(later));
}

#[test]
fn the_mouse_draws_and_every_stroke_is_read() {
    let mut session = opened(SMALL);
    let (first, rest) = (SEVEN[0], &SEVEN[1..]);
    session.mouse(MouseEventKind::Down(MouseButton::Left), first.0, first.1);
    for (cell, id) in rest.iter().zip(1..) {
        let questions = asked(&mut session);
        assert_eq!(questions.len(), 1);
        assert_eq!(questions[0], **session.app.screens.draw.pad.digit().expect("a digit"));
        session.event(Event::Predicted { id, probabilities: [0.1; 10] });
        session.mouse(MouseEventKind::Drag(MouseButton::Left), cell.0, cell.1);
    }
    let seven = session.app.screens.draw.pad.sheet.clone();
    session.mouse(MouseEventKind::Up(MouseButton::Left), 14, 18).mouse(MouseEventKind::Moved, 3, 3);
    session.mouse(MouseEventKind::Drag(MouseButton::Left), 70, 10);
    assert_eq!(session.app.screens.draw.pad.sheet, seven, "nothing is drawn beside the pad");
}

/// A digit has ink where the mouse was, and none elsewhere.
#[test]
fn strokes_are_where_the_mouse_was_at_every_size() {
    for size in [SMALL, MEDIUM, LARGE, (60, 20), (40, 12)] {
        let session = drawn(COLOUR, size);
        let ink = session.app.screens.draw.pad.sheet.ink.sampled(6);
        // The bar at the top and the foot; nothing at the lower right.
        assert!(ink[6 + 2] > 0.2 && ink[4 * 6 + 2] > 0.2, "{size:?}: {ink:?}");
        assert!(ink[5 * 6 + 5] == 0.0 && ink[4 * 6 + 4] == 0.0, "{size:?}: {ink:?}");
    }
}

#[test]
fn questions_wait_for_their_answers() {
    let mut session = opened(SMALL);
    session.drag(&SEVEN);
    let question = session.effects.clone();
    assert_eq!(asked(&mut session).len(), 1, "one for everything drawn in the meantime");
    session.effects = question;
    session.read_as(7);
    let last = session.effects.last().cloned();
    let Some(Effect::Send(Command::Predict { pixels, .. })) = last else { panic!("{last:?}") };
    assert_eq!(pixels, *session.app.screens.draw.pad.digit().unwrap(), "then about the current drawing");
}

#[test]
fn answers_follow_the_weights_while_the_screen_is_shown() {
    let mut session = drawn(COLOUR, SMALL);
    trained(&mut session, 0.1);
    assert!(asked(&mut session).is_empty(), "too early");
    trained(&mut session, 0.6);
    session.read_as(7);
    assert_eq!(asked(&mut session).len(), 1);
    session.keys("1");
    trained(&mut session, 1.0);
    assert!(asked(&mut session).is_empty(), "another screen");
    let mut session = drawn(COLOUR, SMALL);
    session.keys("?");
    trained(&mut session, 1.0);
    assert!(asked(&mut session).is_empty(), "help is shown");
    let mut session = drawn(COLOUR, SMALL);
    session.event(Event::State(State::Paused)).event(Event::State(State::Training));
    trained(&mut session, 0.001);
    session.event(Event::State(State::Paused));
    assert_eq!(asked(&mut session).len(), 1, "after a single step");
    let mut session = drawn(COLOUR, SMALL);
    session.ended(State::Diverged, 3, None).drag(&[(5, 5), (9, 9)]);
    assert!(asked(&mut session).is_empty() && session.app.screens.draw.pad.digit().is_some());
}

#[test]
fn keys_draw_too() {
    let mut session = opened(SMALL);
    session.press(KeyCode::Left).press(KeyCode::Up);
    assert!(session.app.screens.draw.pad.sheet.ink.is_blank(), "the pen is up");
    session.press(KeyCode::Enter);
    assert_eq!(session.app.screens.draw.pad.pen, Pen::Draws);
    for _ in 0..8 {
        session.press(KeyCode::Down);
    }
    session.press(KeyCode::Enter);
    let line = session.app.screens.draw.pad.sheet.clone();
    assert!(!line.ink.is_blank());
    session.keys("hhjjkkll").press(KeyCode::Home).press(KeyCode::End).press(KeyCode::PageUp).press(KeyCode::PageDown);
    assert_eq!(session.app.screens.draw.pad.sheet, line, "the pen is up again");
    session.keys("u");
    assert!(session.app.screens.draw.pad.sheet.ink.is_blank());
}

#[test]
fn the_cursor_moves_diagonally_and_stays_on_the_pad() {
    let mut session = opened(SMALL);
    let place = |session: &Session| session.app.screens.draw.pad.cursor();
    let middle = place(&session);
    session.press(KeyCode::Home);
    assert!(place(&session).0 < middle.0 && place(&session).1 < middle.1);
    session.press(KeyCode::PageDown);
    assert_eq!(place(&session), middle);
    session.press(KeyCode::PageUp);
    assert!(place(&session).0 > middle.0 && place(&session).1 < middle.1);
    session.press(KeyCode::End);
    assert_eq!(place(&session), middle);
    for _ in 0..100 {
        session.press(KeyCode::End);
    }
    assert!(place(&session).0 > 0.0 && place(&session).1 < 1.0);
}

#[test]
fn every_change_can_be_undone() {
    let mut session = opened(SMALL);
    let mut pages = vec![session.app.screens.draw.pad.sheet.clone()];
    let mut keep = |session: &Session| pages.push(session.app.screens.draw.pad.sheet.clone());
    session.drag(&SEVEN);
    keep(&session);
    session.drag(&[(10, 10), (24, 10)]);
    keep(&session);
    session.mouse(MouseEventKind::Down(MouseButton::Right), 20, 12).mouse(
        MouseEventKind::Up(MouseButton::Right),
        20,
        12,
    );
    keep(&session);
    session.keys("x");
    keep(&session);
    let image = Box::new([90; PIXELS]);
    session.tell(Message::PictureOpened(Ok(Opened { name: "a".into(), image })));
    assert_eq!(session.app.screens.draw.pad.digit(), Some(&Box::new([90; PIXELS])));
    for page in pages.iter().rev() {
        session.keys("u");
        assert_eq!(session.app.screens.draw.pad.sheet, *page);
    }
    assert!(!session.app.screens.draw.pad.can_undo() && session.app.screens.draw.pad.digit().is_none());
    session.keys("u");
    for _ in 0..300 {
        session.drag(&[(5, 5), (9, 9)]);
    }
    (0..300).for_each(|_| {
        session.keys("u");
    });
    assert!(!session.app.screens.draw.pad.can_undo(), "a bounded number of them");
}

#[test]
fn brushes_differ_and_the_eraser_erases() {
    let ink = |session: &Session| session.app.screens.draw.pad.sheet.ink.sampled(28).iter().sum::<f32>();
    let mut widths = Vec::new();
    for keys in ["---", "-", "", "+", "+++"] {
        let mut session = opened(SMALL);
        session.keys(keys).drag(&SEVEN);
        widths.push(ink(&session));
    }
    assert!(widths.is_sorted_by(|a, b| a < b), "{widths:?}");
    let mut session = opened(SMALL);
    session.drag(&SEVEN);
    let before = ink(&session);
    session.mouse(MouseEventKind::Down(MouseButton::Right), 20, 12).mouse(
        MouseEventKind::Up(MouseButton::Right),
        20,
        12,
    );
    let erased = ink(&session);
    assert!(erased < before && erased > 0.0);
    session.keys("E");
    for _ in 0..14 {
        session.press(KeyCode::Up);
    }
    assert!(ink(&session) < erased);
    session.keys("E");
    assert_eq!(session.app.screens.draw.pad.pen, Pen::Up);
    let mut session = opened(SMALL);
    session.press(KeyCode::Enter).keys("jjjj").press(KeyCode::Enter).keys("Ekkkk");
    assert!(session.app.screens.draw.pad.sheet.ink.is_blank(), "erasing the same way back leaves nothing");
}

/// The pen is never lifted.
#[test]
fn a_long_stroke_stays_whole() {
    let mut session = opened(SMALL);
    session.mouse(MouseEventKind::Down(MouseButton::Left), 1, 3);
    for turn in 0..18u16 {
        for column in 1..36 {
            let column = if turn % 2 == 0 { column } else { 36 - column };
            session.mouse(MouseEventKind::Drag(MouseButton::Left), column, 3 + turn);
        }
    }
    let ink = session.app.screens.draw.pad.sheet.ink.sampled(18);
    assert!(ink.iter().all(|ink| *ink > 0.3), "the whole pad is covered");
    session.keys("u");
    assert!(session.app.screens.draw.pad.sheet.ink.is_blank(), "one stroke is one change");
}

/// The bar of a five along the edge of the pad is not mistaken for a frame or a ruled line.
#[test]
fn strokes_along_the_edges_count() {
    let mut session = opened(SMALL);
    session.drag(&[(10, 3), (30, 3)]).drag(&[(9, 7), (9, 12), (24, 13), (24, 18), (9, 19)]);
    let digit = session.app.screens.draw.pad.digit().expect("a digit");
    let lengths = digit.chunks(28).map(|row| row.iter().filter(|ink| **ink > 128).count());
    let inked: Vec<usize> = lengths.filter(|length| *length > 0).collect();
    assert!(inked[0] >= 8, "the bar comes first: {inked:?}");
}

fn typed(session: &mut Session, key: &str, text: &str) {
    session.keys(key).ctrl('u');
    session.take_effects();
    session.keys(text).press(KeyCode::Enter);
}

fn files(session: &mut Session) -> Vec<Effect> {
    let effects = session.take_effects();
    effects.into_iter().filter(|effect| matches!(effect, Effect::OpenPicture(_) | Effect::SavePicture(..))).collect()
}

#[test]
fn pictures_are_opened_by_their_path() {
    let mut session = opened(SMALL);
    typed(&mut session, "O", "digits/ä photo.JPG");
    assert_eq!(files(&mut session), [Effect::OpenPicture("digits/ä photo.JPG".into())]);
    session.keys("O");
    session.tell(Message::Paste(" '/tmp/a digit.png' \n".into())).press(KeyCode::Enter);
    assert_eq!(files(&mut session), [Effect::OpenPicture("/tmp/a digit.png".into())]);
    typed(&mut session, "O", "  ");
    assert_eq!(files(&mut session), []);
    assert!(session.app.question().and_then(Question::error).is_some());
    session.press(KeyCode::Esc);
    assert_eq!(session.app.question(), None);
    session.tell(Message::PictureOpened(Err("cannot open x: no such file".into())));
    assert!(session.text().contains("cannot open x: no such file"));
    assert!(session.app.screens.draw.pad.digit().is_none());
}

#[test]
fn a_path_that_cannot_be_used_stays_with_the_reason() {
    let failures = [
        ("O", Message::PictureOpened(Err("cannot open far/7.png: no such file".into()))),
        ("p", Message::PictureSaved(Err("cannot save far/7.png: permission denied".into()))),
    ];
    for (key, failure) in failures {
        let mut session = drawn(COLOUR, SMALL);
        typed(&mut session, key, "far/7.png");
        assert_eq!(session.app.question(), None);
        session.tell(failure.clone());
        let question = session.app.question().expect("the question stays");
        assert_eq!(question.line().map(|line| line.text.as_str()), Some("far/7.png"));
        assert!(question.error().is_some_and(|reason| reason.starts_with("cannot ")), "{question:?}");
        // Whoever has gone elsewhere is not interrupted.
        let mut session = drawn(COLOUR, SMALL);
        typed(&mut session, key, "far/7.png");
        session.keys("1").tell(failure);
        assert_eq!(session.app.question(), None);
        assert!(session.text().contains("far/7.png"), "{}", session.text());
    }
}

/// Terminals and file managers write a dropped file's path in several forms.
#[test]
fn pictures_are_opened_by_being_dropped_on_the_terminal() {
    for (dropped, path) in [
        (r"/a\ b/7.png", "/a b/7.png"),
        (r"  /tmp/it\'s\ \(1\)\ \&\ more.png  ", "/tmp/it's (1) & more.png"),
        ("'/a b/7.png'", "/a b/7.png"),
        (r"'/a/it'\''s b/7.png' ", "/a/it's b/7.png"),
        (r#""/a b/\"7\".png""#, r#"/a b/"7".png"#),
        ("file:///a%20b/7.png", "/a b/7.png"),
        ("file://localhost/a%20b/%C3%A4%25.png\n", "/a b/ä%.png"),
        ("'file:///a%20b/7.png'", "/a b/7.png"),
        ("FILE:///a/7.png", "/a/7.png"),
        ("/a/it's 100%.png", "/a/it's 100%.png"),
    ] {
        let mut session = opened(SMALL);
        session.keys("O");
        session.tell(Message::Paste(dropped.into())).press(KeyCode::Enter);
        assert_eq!(files(&mut session), [Effect::OpenPicture(path.into())], "{dropped}");
    }
    let mut session = opened(SMALL);
    session.keys("O").tell(Message::Paste("~/a b.png".into())).press(KeyCode::Enter);
    let path = std::env::home_dir().expect("a home folder").join("a b.png");
    assert_eq!(files(&mut session), [Effect::OpenPicture(path)]);
}

#[test]
fn why_a_picture_cannot_be_opened_is_read_whole_at_80x24() {
    let mut session = opened(SMALL);
    let path = format!("/home/somebody/{}/photo.heic", "a/long/way/down/".repeat(5));
    let why = format!(
        "cannot open: expected a PNG, JPEG or PGM image, found HEIC (an iPhone's photo): save it as JPEG ({path})"
    );
    session.tell(Message::PictureOpened(Err(why.clone())));
    let text = session.text();
    let start = text.find("▸ cannot open").unwrap();
    let shown: Vec<&str> = text[start..].lines().take(4).collect();
    let shown: String = shown.concat().chars().filter(|char| !matches!(char, ' ' | '"' | '▸')).collect();
    assert_eq!(shown, why.replace(' ', ""), "{text}");
}

#[test]
fn an_opened_picture_goes_to_the_network_as_predict_reads_it() {
    let mut session = opened(SMALL);
    let image: Box<[u8; PIXELS]> = Box::new(session.app.session.dataset.test.image(4).try_into().unwrap());
    session.tell(Message::PictureOpened(Ok(Opened { name: "four.png".into(), image: image.clone() })));
    let question = session.effects.clone();
    assert_eq!(asked(&mut session), [*image]);
    session.effects = question;
    session.read_as(4).drag(&[(3, 5), (3, 9)]);
    assert_ne!(session.app.screens.draw.pad.digit(), Some(&image), "once drawn on, it is normalised again");
    session.keys("u");
    assert_eq!(session.app.screens.draw.pad.digit(), Some(&image));
}

#[test]
fn a_saved_picture_is_read_as_the_screen_shows_it() {
    let mut session = drawn(COLOUR, SMALL);
    let digit = session.app.screens.draw.pad.digit().cloned().unwrap();
    for (name, expected) in [("seven", "seven.png"), ("a/b.PNG", "a/b.PNG")] {
        typed(&mut session, "p", name);
        let saved = files(&mut session);
        let [Effect::SavePicture(path, png)] = &saved[..] else { panic!("{saved:?}") };
        assert_eq!(path, &PathBuf::from(expected));
        assert_eq!(picture::read_digit(png).unwrap(), *digit);
    }
    for wrong in ["", "a.jpg", "folder/"] {
        typed(&mut session, "p", wrong);
        assert_eq!(files(&mut session), [], "{wrong}");
        session.press(KeyCode::Esc);
    }
    let image: Box<[u8; PIXELS]> = Box::new(session.app.session.dataset.test.image(4).try_into().unwrap());
    session.tell(Message::PictureOpened(Ok(Opened { name: "four.png".into(), image: image.clone() })));
    typed(&mut session, "p", "four");
    let saved = files(&mut session);
    let [Effect::SavePicture(_, png)] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!(picture::read_digit(png).unwrap(), *image, "a picture that was not drawn on is saved unchanged");
}

#[test]
fn an_unused_name_is_proposed() {
    let mut session = opened(SMALL);
    session.keys("p");
    assert_eq!(session.app.question(), None, "nothing is drawn yet");
    let mut session = drawn(COLOUR, SMALL);
    let proposed = |session: &mut Session| {
        session.keys("p");
        let line = session.app.question().and_then(Question::line).expect("a path is asked for").clone();
        session.press(KeyCode::Esc);
        line.text
    };
    assert_eq!(proposed(&mut session), "digit.png");
    session.tell(Message::PictureSaved(Ok("digit.png".into())));
    assert_eq!(proposed(&mut session), "digit-2.png");
    session.tell(Message::PictureSaved(Err("the file already exists".into())));
    assert_eq!(proposed(&mut session), "digit-3.png");
}

#[test]
fn draw() {
    for size in [SMALL, MEDIUM, LARGE, (60, 20), (40, 12)] {
        keep("draw", &drawn(COLOUR, size));
        keep("draw-empty", &opened(size));
    }
}

#[test]
fn draw_in_colour_without_and_in_ascii() {
    keep_styled("draw-colour", &drawn(COLOUR, SMALL));
    keep_styled("draw-mono", &drawn(MONO, SMALL));
    keep("draw-ascii", &drawn(ASCII, MEDIUM));
}

#[test]
fn draw_by_keys() {
    let mut session = opened(SMALL);
    session.keys("kkkkkhhhh").press(KeyCode::Enter).keys("llllllll");
    for _ in 0..9 {
        session.press(KeyCode::End);
    }
    keep("draw-pen-down", &session);
    session.read_as(7).keys("E");
    keep("draw-rubber-down", &session);
}

#[test]
fn draw_while_the_worker_cannot_answer() {
    let mut session = opened(SMALL);
    session.drag(&SEVEN);
    keep("draw-asking", &session);
    let mut session = opened(SMALL);
    session.ended(State::Diverged, 3, Some("the loss is NaN")).drag(&SEVEN);
    keep("draw-diverged", &session);
    let mut session = Session::new(COLOUR, SMALL);
    session.keys("8").drag(&SEVEN);
    keep("draw-not-begun", &session);
    let mut session = opened(SMALL);
    // A tiny dot.
    session.keys("--").press(KeyCode::Enter).press(KeyCode::Enter).keys("+++llEE");
    assert!(
        matches!(session.app.screens.draw.pad.seen, Some(Err(_))) && session.app.screens.draw.pad.answer().is_none()
    );
    keep("draw-too-little", &session);
}

#[test]
fn draw_asks_for_files_and_reports_on_them() {
    let mut session = drawn(COLOUR, SMALL);
    session.keys("O");
    keep("draw-open-asked", &session);
    session.press(KeyCode::Enter);
    keep("draw-open-refused", &session);
    session.press(KeyCode::Esc).keys("p").ctrl('u').keys(&"a long folder's name/".repeat(6)).keys("digit.png");
    keep("draw-save-asked", &session);
    session.press(KeyCode::Enter);
    session.tell(Message::PictureSaved(Err("cannot save digit.png: permission denied".into())));
    keep("draw-save-failed", &session);
}

#[test]
fn layers_of_the_drawing() {
    let mut session = training(COLOUR, MEDIUM);
    session.keys("7mm");
    keep("layers-no-drawing", &session);
    let mut session = drawn(COLOUR, MEDIUM);
    session.keys("i").answer(7);
    keep("layers-drawing", &session);
}
