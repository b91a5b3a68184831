//! The mouse: what is clicked is what is drawn there.

use crossterm::event::{KeyCode, MouseButton, MouseEventKind};
use lenet_monitor::{
    train::{Activation, Command, Hyperparameter, Pair, State},
    tui::{App, Effect, Field, Layer, Message, Screen, Source},
};

use crate::{
    fixture::{COLOUR, Session, asked, entries, training},
    sweeps,
};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

/// Returns the rows of the screen.
fn rows(session: &Session) -> Vec<String> {
    let screen = session.draw();
    let cells = screen.backend().buffer().content.chunks(usize::from(session.app.size.0));
    cells.map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
}

/// Returns where `text` first begins on the screen.
fn place(session: &Session, text: &str) -> (u16, u16) {
    let rows = rows(session);
    let found = rows.iter().enumerate().find_map(|(row, line)| Some((row, line, line.find(text)?)));
    let (row, line, byte) = found.unwrap_or_else(|| panic!("no `{text}` in\n{}", rows.join("\n")));
    (line[..byte].chars().count() as u16, row as u16)
}

/// Returns where `text` begins in a row, from a column on.
fn column_of(session: &Session, row: u16, from: u16, char: char) -> u16 {
    let row: Vec<char> = rows(session)[usize::from(row)].chars().skip(usize::from(from)).collect();
    from + row.iter().position(|&each| each == char).unwrap_or_else(|| panic!("no `{char}` in {row:?}")) as u16
}

impl Session {
    fn click_at(&mut self, (column, row): (u16, u16)) -> &mut Self {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row);
        self.mouse(MouseEventKind::Up(MouseButton::Left), column, row)
    }

    pub fn click(&mut self, text: &str) -> &mut Self {
        self.click_at(place(self, text))
    }

    fn wheel(&mut self, text: &str, down: bool) -> &mut Self {
        let (column, row) = place(self, text);
        self.mouse(if down { MouseEventKind::ScrollDown } else { MouseEventKind::ScrollUp }, column, row)
    }
}

#[test]
fn tabs_show_their_screens() {
    for size in [(60, 20), SMALL, LARGE, (200, 60)] {
        let mut session = training(COLOUR, size);
        for (number, screen) in Screen::ALL.iter().copied().enumerate().rev() {
            let row = size.1 - if size.0 < 150 { 2 } else { 1 };
            let key = char::from_digit(number as u32 + 1, 10).unwrap();
            session.click_at((column_of(&session, row, 0, key), row));
            assert_eq!(session.app.shown, screen, "{size:?}");
        }
    }
}

#[test]
fn a_key_in_the_footer_does_what_it_says() {
    let mut session = training(COLOUR, LARGE);
    session.click("Space pause");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Pause)]);
    session.click("? help");
    assert_eq!(session.app.help.as_ref().map(|help| help.scroll), Some(0));
    session.wheel("every screen", true).wheel("keys", true);
    assert_eq!(session.app.help.as_ref().map(|help| help.scroll), Some(2));
    session.click("Esc back").click("q quit");
    assert_eq!(asked(&session.app), Some("quit?"));
}

#[test]
fn a_question_accepts_clicks_only_on_its_answers() {
    let mut session = training(COLOUR, LARGE);
    session.click("q quit").click("2 mistakes").click("accuracy");
    assert_eq!((session.app.shown, asked(&session.app)), (Screen::Train, Some("quit?")));
    session.click("n  stay");
    assert_eq!(asked(&session.app), None);
    session.click("q quit").click("y  save and quit");
    assert!(session.app.session.leaving);
    assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved)]);
}

#[test]
fn the_train_screen_opens_what_is_clicked() {
    let mut session = training(COLOUR, LARGE);
    session.click("accuracy");
    assert!(session.app.screens.train.plot.full);
    let mut session = training(COLOUR, LARGE);
    session.wheel("mistake ", true).wheel("mistake ", true);
    assert_eq!(session.app.session.browser.mistakes.place, 2);
    session.click("mistake ");
    assert_eq!(session.app.shown, Screen::Mistakes);
}

#[test]
fn what_covers_a_screen_is_what_is_clicked() {
    let mut session = training(COLOUR, LARGE);
    session.ended(State::Diverged, 3, Some("loss is not finite")).take_effects();
    session.click("loss is not finite");
    assert_eq!(
        (session.app.shown, session.app.screens.train.plot.full),
        (Screen::Train, false),
        "not the charts below"
    );
    session.click("the last good checkpoint");
    assert!(matches!(session.take_effects()[0], Effect::Send(Command::Load(_))));
}

#[test]
fn a_digit_is_chosen_and_opened_by_a_second_click() {
    let mut session = training(COLOUR, LARGE);
    session.keys("2");
    let second = session.app.session.browser.mistakes.shown[1];
    // The second on the page, right of the first one, which has the mark below it.
    let (column, row) = place(&session, "▸True");
    let at = (column + 17, row - 4);
    session.click_at(at);
    assert_eq!(session.app.session.browser.mistakes.current(), Some(&second));
    assert_eq!(session.app.shown, Screen::Mistakes);
    session.click_at(at);
    assert_eq!(session.app.shown, Screen::Layers);
    assert_eq!(session.app.screens.layers.source, Source::Mistake);
}

/// Returns where a cell of the confusion matrix is: below its head, in the row that begins with its label.
fn confusion_cell(session: &Session, cell: Pair) -> (u16, u16) {
    let (left, title) = place(session, "confusion");
    let column = column_of(session, title + 1, left, char::from(b'0' + cell.digit));
    let rows = rows(session);
    let label = |row: &String| row.chars().nth(usize::from(left)) == Some(char::from(b'0' + cell.label));
    let below = rows.iter().enumerate().skip(usize::from(title) + 2);
    let (row, _) = below.into_iter().find(|(_, row)| label(row)).expect("the row of the label");
    (column, row as u16)
}

#[test]
fn a_cell_of_the_matrix_is_chosen_and_opened_by_a_second_click() {
    let cell = Pair { label: 7, digit: 2 };
    for size in [SMALL, LARGE, (200, 60)] {
        let mut session = training(COLOUR, size);
        session.keys("6");
        let at = confusion_cell(&session, cell);
        session.click_at(at);
        assert_eq!(
            session.app.screens.confusion.cursor(session.app.session.live.evaluation.as_deref()),
            cell,
            "{size:?}"
        );
        assert!(session.text().contains("true 7  predicted 2"), "{size:?}");
        session.click_at(at);
        assert_eq!(session.app.shown, Screen::Mistakes);
        assert_eq!(
            (session.app.session.browser.filter.label, session.app.session.browser.filter.digit),
            (Some(7), Some(2))
        );
    }
    let mut session = training(COLOUR, LARGE);
    let at = confusion_cell(&session, cell);
    session.click_at(at);
    assert_eq!(session.app.session.browser.filter.digit, Some(2), "from the Train screen at once");
}

#[test]
fn fields_and_choices_of_the_form_are_clicked() {
    let mut session = training(COLOUR, SMALL);
    session.keys("3").click("tanh");
    assert_eq!(session.app.screens.parameters.form.field, Field::Of(Hyperparameter::Activation));
    assert_eq!(session.app.screens.parameters.form.spec.hyper.activation, Activation::Tanh);
    session.click("batch size");
    assert_eq!(
        (session.app.screens.parameters.form.field, session.app.screens.parameters.form.typing.is_some()),
        (Field::Of(Hyperparameter::BatchSize), false)
    );
    assert!(session.has_mouse);
    session.click("batch size");
    assert!(session.app.screens.parameters.form.typing.is_some(), "a second click opens it");
    assert!(!session.has_mouse, "so that the terminal can paste");
    session.press(KeyCode::Enter).wheel("seed", true);
    assert_eq!(session.app.screens.parameters.form.field, Field::Of(Hyperparameter::Epochs));
    session.click("r restarts");
    assert!(session.take_effects().iter().any(|effect| matches!(effect, Effect::Send(Command::Restart(_)))));
}

#[test]
fn a_run_is_chosen() {
    let mut session = training(COLOUR, LARGE);
    session.keys("4");
    let entries = entries(&session.app);
    session.tell(Message::Checkpoints(Ok(entries)));
    let third = session.app.screens.runs.rows()[2];
    let (column, head) = place(&session, "parameters");
    session.click_at((column, head + 3));
    let runs = &session.app.screens.runs;
    assert_eq!(runs.rows()[runs.place], third);
    session.wheel("runs", false);
    assert_eq!(session.app.screens.runs.place, 1);
}

#[test]
fn a_configuration_is_chosen_on_the_map_and_in_the_rank_and_opened_by_a_second_click() {
    let mut session = sweeps::complete(COLOUR, LARGE);
    let best = session.app.screens.sweep.rank[9];
    session.click(" 10 0.9");
    assert_eq!(session.app.screens.sweep.chosen, best);
    // Its neighbour on the map.
    let of_map = |line: &String| line.chars().take(60).position(|char| char == '▸');
    let marks =
        rows(&session).iter().zip(0..).filter_map(|(line, row)| Some((of_map(line)? as u16, row))).collect::<Vec<_>>();
    let [(column, row)] = marks[..] else { panic!("{marks:?}") };
    session.click_at((column + 6, row));
    let chosen = session.app.screens.sweep.chosen;
    assert_ne!(chosen, best);
    session.click_at((column + 6, row));
    assert_eq!((session.app.screens.sweep.chosen, session.app.shown), (chosen, Screen::Parameters));
}

#[test]
fn charts_are_read_and_zoomed_under_the_pointer() {
    let mut session = training(COLOUR, LARGE);
    session.keys("f");
    session.mouse(MouseEventKind::Down(MouseButton::Left), 60, 10);
    let first = session.app.screens.train.plot.cursor.expect("a cursor").epochs;
    // The nearest measured value.
    assert!(column_of(&session, 10, 20, '│').abs_diff(60) <= 2);
    session.mouse(MouseEventKind::Drag(MouseButton::Left), 80, 10);
    assert!(session.app.screens.train.plot.cursor.expect("a cursor").epochs > first);
    session.mouse(MouseEventKind::Up(MouseButton::Left), 80, 10);
    session.mouse(MouseEventKind::Down(MouseButton::Left), 60, 10);
    let before = session.app.screens.train.plot.cursor.expect("a cursor").epochs;
    for _ in 0..5 {
        session.mouse(MouseEventKind::ScrollUp, 60, 10);
    }
    let (low, high) = session.app.screens.train.plot.window.expect("zoomed");
    assert!(high - low < 2.0, "{low} to {high}");
    session.mouse(MouseEventKind::Down(MouseButton::Left), 60, 10);
    let now = session.app.screens.train.plot.cursor.expect("a cursor").epochs;
    assert!((now - before).abs() < 0.05, "what is under the pointer stays there: {before}, {now}");
    for _ in 0..6 {
        session.mouse(MouseEventKind::ScrollDown, 60, 10);
    }
    assert_eq!(session.app.screens.train.plot.window, None);
}

#[test]
fn a_layer_is_opened_and_closed() {
    for size in [SMALL, LARGE, (200, 60)] {
        let mut session = training(COLOUR, size);
        session.keys("7").answer(7);
        // At 120x40 its name is beside the maps, else above them.
        let name = if size == LARGE { "S4 " } else { "─ S4" };
        session.click(name);
        assert_eq!(session.app.screens.layers.layer, Layer::Of(3), "{size:?}");
        session.click("─ S4");
        assert_eq!(session.app.screens.layers.layer, Layer::All);
        session.wheel(name, true);
        assert_eq!(session.app.screens.layers.index, 1);
    }
}

#[test]
fn the_pad_keeps_the_mouse_and_the_rest_of_its_screen_is_clicked() {
    let mut session = training(COLOUR, SMALL);
    session.keys("8").drag(&[(10, 6), (12, 12), (14, 16)]);
    assert!(!session.app.screens.draw.pad.sheet.ink.is_blank());
    let brush = session.app.screens.draw.pad.brush().0;
    session.wheel("brush", false);
    assert_eq!(session.app.screens.draw.pad.brush().0, brush + 1);
    session.click("u undo");
    assert!(session.app.screens.draw.pad.sheet.ink.is_blank());
    session.click("1 train");
    assert_eq!(session.app.shown, Screen::Train);
}

#[test]
fn the_mouse_is_left_to_the_terminal_while_the_user_types_or_by_choice() {
    let mut session = training(COLOUR, SMALL);
    assert!(session.has_mouse);
    for (begin, end) in [("n", KeyCode::Esc), ("8O", KeyCode::Esc), ("4/", KeyCode::Enter), ("3jjjje", KeyCode::Enter)]
    {
        session.keys(begin);
        assert!(!session.has_mouse, "{begin}");
        session.press(end);
        assert!(session.has_mouse, "{begin}");
    }
    session.keys("qy");
    assert!(!session.has_mouse, "while quitting");

    let mut session = training(COLOUR, SMALL);
    session.app.session.mouse = false;
    session.keys("8");
    assert!(!session.has_mouse);
    session.click("1 train");
    assert_eq!(session.app.shown, Screen::Draw);
}

#[test]
fn a_click_on_nothing_only_clears_the_notice() {
    let untouched = |app: &App| format!("{:?} {:?} {:?}", app.shown, app.question(), app.screens.parameters.form);
    let mut session = training(COLOUR, LARGE);
    session.keys("r");
    assert!(session.app.session.notice.is_some());
    let before = untouched(&session.app);
    session.click_at((3, 0)).click_at((500, 500));
    session.mouse(MouseEventKind::Down(MouseButton::Right), 20, 38).mouse(MouseEventKind::Moved, 20, 38);
    assert_eq!((untouched(&session.app), session.app.session.notice), (before, None));
}
