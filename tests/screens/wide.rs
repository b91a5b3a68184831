//! Characters of two columns, or of none: the layout keeps its columns.

use crossterm::event::KeyCode;
use lenet_monitor::{
    data::Kind,
    train::Event,
    tui::{Contents, Entry, Message, Question, keys::Key},
};

use crate::{
    fixture::{COLOUR, OPENED, Session, dataset, entries, spec, started},
    gallery::{MEDIUM, SMALL, keep},
};

/// Chinese, Korean, an emoji of several characters, a flag, and an accent that is a character of its own.
const NAMES: [&str; 5] = ["手写数字识别", "손글씨 숫자", "👩\u{200d}💻 run", "🇯🇵 2026", "e\u{301}te\u{301}"];

fn wide_entries(session: &Session) -> Vec<Entry> {
    let known = entries(&session.app);
    let named = |(place, name): (usize, &&str)| {
        let mut entry = known[place].clone();
        entry.path = format!("checkpoints/{name}/last.ckpt").into();
        entry.run = (*name).into();
        entry.name = "last".into();
        let contents: &mut Contents = entry.contents.as_mut().expect("whole");
        contents.spec.dataset.name = ["MNIST", "数字", "🇰🇷", "café", "SYNTHETIC"][place].into();
        entry
    };
    let mut list: Vec<Entry> = NAMES.iter().enumerate().map(named).collect();
    list.push(known[4].clone());
    let mut damaged = known.last().expect("a damaged one").clone();
    damaged.path = "checkpoints/壊れた/last.ckpt".into();
    damaged.run = "壊れた".into();
    damaged.contents = Err("チェックサムが違います".repeat(8));
    list.push(damaged);
    list
}

/// A run with a wide name, on data with a wide name, and the Runs screen with more of that kind.
fn listed(size: (u16, u16)) -> Session {
    let mut data = (*dataset(Kind::Mnist)).clone();
    data.id.name = "手書き数字のデータ".into();
    let mut session = Session::with(std::sync::Arc::new(data), COLOUR, size);
    let spec = spec(&session.app);
    session.event(Event::Started(Box::new(started(spec, "20261124 手写"))));
    let list = wide_entries(&session);
    session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(list)));
    session
}

/// Returns the cells of a row, one per column; the second half of a wide letter is empty.
fn row(session: &Session, y: u16) -> Vec<String> {
    let terminal = session.draw();
    let buffer = terminal.backend().buffer();
    (0..buffer.area.width).map(|x| buffer[(x, y)].symbol().to_owned()).collect()
}

/// Returns where words of ASCII begin.
fn column_of(session: &Session, words: &str) -> usize {
    let rows = (0..session.app.size.1).map(|y| row(session, y));
    let begins =
        |row: &[String]| row.iter().map(String::as_str).zip(words.split_inclusive(|_| true)).all(|(a, b)| a == b);
    let mut found = rows.filter_map(|row| (0..row.len()).find(|&x| row.len() - x >= words.len() && begins(&row[x..])));
    found.next_back().unwrap_or_else(|| panic!("no `{words}` on\n{}", session.text()))
}

#[test]
fn the_list_of_runs_keeps_its_columns() {
    for (size, seen) in [(SMALL, 6), (MEDIUM, 6), ((60, 18), 3)] {
        let session = listed(size);
        keep("wide-runs", &session);
        let slash = |row: Vec<String>| row.windows(3).position(|cells| cells == ["/", "1", "0"]);
        let ends: Vec<_> = (0..size.1).filter_map(|y| slash(row(&session, y))).collect();
        assert!(ends.len() == seen && ends.iter().all(|end| *end == ends[0]), "{size:?} {ends:?}\n{}", session.text());
        // The frame does not move.
        for y in 3..7 {
            assert_eq!(row(&session, y).last().map(String::as_str), Some("│"), "{}", session.text());
        }
    }
}

#[test]
fn two_runs_side_by_side_keep_their_columns() {
    for size in [SMALL, MEDIUM] {
        let mut session = listed(size);
        session.press(KeyCode::Home).keys("cjc");
        keep("wide-compare", &session);
        let first = (4..12).map(|y| row(&session, y));
        let seconds: Vec<_> = first.map(|row| row[row.len() / 3..row.len() * 2 / 3].join("")).collect();
        assert!(seconds.iter().all(|text| !text.trim().is_empty()), "{seconds:?}");
    }
}

#[test]
fn the_charts_legend_keeps_its_columns() {
    let mut session = listed(MEDIUM);
    session.keys("jmjmjmjm").keys("1f").keys("b");
    keep("wide-curves", &session);
}

#[test]
fn header_log_and_facts_are_cut_by_columns() {
    for size in [SMALL, MEDIUM, (160, 45), (40, 12)] {
        let mut session = listed(size);
        session.event(Event::Note("保存できませんでした。".repeat(12)));
        session.keys("1");
        keep("wide-train", &session);
    }
}

#[test]
fn what_is_typed_stays_visible() {
    let mut session = listed(SMALL);
    session.press(KeyCode::End).press(KeyCode::Up).keys("R").ctrl('u');
    session.tell(Message::Paste("数字".repeat(40)));
    keep("wide-rename", &session);
    let reversed = |session: &Session| {
        let terminal = session.draw();
        let content = &terminal.backend().buffer().content;
        content.iter().any(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED) && cell.symbol() == " ")
    };
    assert!(reversed(&session), "the cursor is seen\n{}", session.text());
    session.press(KeyCode::Esc).keys("8O").tell(Message::Paste("/写真/手書き".repeat(12)));
    keep("wide-path", &session);
    assert!(reversed(&session), "the cursor is seen\n{}", session.text());
}

/// The frame of a question is drawn even over the second half of a wide letter.
#[test]
fn questions_have_their_whole_frame_over_wide_letters() {
    for shift in ["", "x"] {
        let mut session = listed(SMALL);
        let mut list = wide_entries(&session);
        for (place, entry) in list.iter_mut().take(5).enumerate() {
            entry.run = format!("{shift}{place}{}", "数".repeat(40));
            entry.path = format!("checkpoints/{}/last.ckpt", entry.run).into();
        }
        session.tell(Message::Checkpoints(Ok(list))).press(KeyCode::Home).keys("D");
        // What a terminal shows, not what the buffer holds: a wide letter hides the cell after it.
        let text = session.text();
        let shown = text.lines().filter(|line| line.contains("for good?") || line.contains("delete?"));
        assert!(shown.clone().count() == 2, "{text}");
        for y in 0..24 {
            let row = row(&session, y);
            let hidden = |(x, _): &(usize, &String)| *x > 0 && columns_of(&row[x - 1]) > 1;
            let frame = row.iter().enumerate().filter(|(_, cell)| ["│", "╭", "╰"].contains(&cell.as_str()));
            assert_eq!(frame.clone().filter(hidden).count(), 0, "{text}");
        }
    }
}

fn columns_of(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// A letter may consist of several characters.
#[test]
fn the_cursor_steps_over_whole_letters() {
    let mut session = listed(SMALL);
    session.keys("8O").tell(Message::Paste("a👩\u{200d}💻e\u{301}".into()));
    let typed = |session: &Session| match session.app.question().and_then(Question::line) {
        Some(line) => (line.text.clone(), line.cursor),
        None => panic!("{:?}", session.app.question()),
    };
    session.press(KeyCode::Backspace);
    assert_eq!(typed(&session).0, "a👩\u{200d}💻");
    session.press(KeyCode::Left);
    assert_eq!(typed(&session).1, 1);
    session.press(KeyCode::Delete);
    assert_eq!(typed(&session), ("a".into(), 1));
}

#[test]
fn keys_of_wide_letters_keep_the_columns_of_help() {
    let mut session = listed((120, 250));
    session.app.session.keymap.bind(None, "save", &[Key::Char('保')]).expect("a free key");
    session.press(KeyCode::Char('?'));
    let save = column_of(&session, "Save a checkpoint now");
    assert_eq!(save, column_of(&session, "Train one batch, then pause"), "{}", session.text());
}
