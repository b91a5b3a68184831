//! The screen of `watch`: curves of other programs, what is wrong with their files, and its keys.

use std::{fs, path::Path};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use lenet_monitor::{
    tui::{
        Keymap, Theme,
        keys::Key,
        watch::{Board, Reply, view},
    },
    watch::Watch,
};
use ratatui::{Terminal, backend::TestBackend};

use crate::{
    fixture::{ASCII, COLOUR},
    gallery::keep_text,
};

const SMALL: (u16, u16) = (80, 24);
const MEDIUM: (u16, u16) = (120, 40);

/// A screen on some files.
struct Screen {
    board: Board,
    watch: Watch,
    size: (u16, u16),
}

impl Screen {
    fn of(paths: &[&Path], theme: Theme, size: (u16, u16)) -> Self {
        let mut watch = Watch::new(paths.iter().map(|path| path.to_path_buf()).collect());
        watch.read();
        Self { board: Board::new(theme, &Keymap::default(), size), watch, size }
    }

    /// On the files of these names among the fixtures.
    fn on(names: &[&str], size: (u16, u16)) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/watch");
        let paths: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
        Self::of(&paths.iter().map(|path| path.as_path()).collect::<Vec<_>>(), COLOUR, size)
    }

    fn keys(&mut self, text: &str) -> &mut Self {
        for char in text.chars() {
            match self.board.press(&Key::Char(char).event(), &self.watch) {
                Some(Reply::Split(split)) => {
                    self.watch.split_by(split);
                    self.watch.read();
                }
                reply => assert_eq!(reply, None),
            }
        }
        self
    }

    fn mouse(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) -> &mut Self {
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        assert_eq!(self.board.mouse(&event, &self.watch), None);
        self
    }

    fn code(&mut self, code: KeyCode) -> &mut Self {
        assert_eq!(self.board.press(&KeyEvent::new(code, KeyModifiers::NONE), &self.watch), None);
        self
    }

    fn draw(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        terminal.draw(|frame| view(&self.board, &self.watch, frame)).unwrap();
        terminal.backend().to_string()
    }

    fn keep(&self, name: &str) {
        keep_text(name, self.size, &self.draw());
    }

    #[track_caller]
    fn shows(&mut self, words: &str) -> &mut Self {
        let text = self.draw();
        assert!(text.contains(words), "`{words}` in\n{text}");
        self
    }

    #[track_caller]
    fn shows_no(&mut self, words: &str) -> &mut Self {
        let text = self.draw();
        assert!(!text.contains(words), "no `{words}` in\n{text}");
        self
    }
}

#[test]
fn it_looks_as_it_should_in_every_size() {
    for size in [SMALL, MEDIUM, (40, 12)] {
        Screen::on(&["keras/training.csv"], size).keep("watch-table");
        Screen::on(&["keras/logs"], size).keep("watch-keras-events");
    }
    let all = ["keras", "lightning", "hugging-face", "torch", "tensorboardX"];
    for size in [SMALL, MEDIUM] {
        Screen::on(&all, size).keep("watch-overlaid");
        Screen::on(&all, size).keys("b").keep("watch-columns");
        Screen::on(&["torch"], size).keys("?").keep("watch-help");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/watch/torch");
    Screen::of(&[&folder], ASCII, SMALL).keep("watch-ascii");
    Screen::on(&["torch"], SMALL).keys("mmmL").keep("watch-smoothed-log");
}

#[test]
fn what_is_wrong_with_files_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("half.csv"), "epoch,loss\n1,0.5\n2,0.").unwrap();
    fs::write(path("damaged.jsonl"), "{\"epoch\": 1, \"loss\": 0.25}\n{\"epo\n{\"epoch\": 2, \"loss\": 0.2}\n")
        .unwrap();
    let paths = [path("half.csv"), path("damaged.jsonl"), path("later.csv")];
    let paths: Vec<&Path> = paths.iter().map(|path| path.as_path()).collect();
    Screen::of(&paths, COLOUR, SMALL).keep("watch-troubles");
    Screen::of(&[folder.path()], COLOUR, SMALL).shows("half.csv: ends in half a line").shows("1 damaged row skipped");
    let empty = tempfile::tempdir().unwrap();
    Screen::of(&[empty.path()], COLOUR, SMALL).shows("trainer_state.json and TensorBoard's event files");
}

#[test]
fn the_cursor_reads_values() {
    let mut screen = Screen::on(&["keras/training.csv"], SMALL);
    screen.shows("train 0.4052").shows("epoch 5.00");
    screen
        .code(KeyCode::Left)
        .shows("epoch 5.00")
        .code(KeyCode::Left)
        .shows("epoch 4.00")
        .shows("train 0.4730")
        .shows("validation 0.4559");
    screen.code(KeyCode::Home).shows("epoch 0.00").shows("train 0.9732");
    screen.code(KeyCode::Right).shows("epoch 1.00");
    screen.code(KeyCode::End).shows("train 0.4052");
    screen.code(KeyCode::Esc).shows("along epochs");
}

#[test]
fn zoom_pans_and_ends_at_the_whole_run() {
    let mut screen = Screen::on(&["torch"], SMALL);
    screen.shows_no("zoomed").keys("+").shows("zoomed");
    let late = screen.draw();
    screen.code(KeyCode::PageUp);
    assert_ne!(screen.draw(), late, "it pans");
    screen.code(KeyCode::PageDown);
    assert_eq!(screen.draw(), late, "and back");
    screen.keys("-").shows_no("zoomed");
    screen.keys("z").shows("second half").keys("z").shows_no("second half");
}

const CLICK: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);

#[test]
fn the_mouse_works_on_the_charts_as_on_the_dashboards() {
    let mut screen = Screen::on(&["keras/training.csv"], SMALL);
    screen.mouse(CLICK, (9, 6)).shows("epoch 0.00").mouse(DRAG, (40, 18)).shows("epoch 2.00");
    screen.mouse(DRAG, (78, 6)).shows("epoch 5.00");
    // Outside the charts nothing happens.
    screen.mouse(CLICK, (9, 0)).mouse(DRAG, (3, 6)).mouse(MouseEventKind::ScrollUp, (9, 0)).shows("epoch 5.00");
    screen.code(KeyCode::Esc);
    let whole = screen.draw();
    screen.mouse(MouseEventKind::ScrollUp, (78, 6)).shows("zoomed");
    screen.mouse(MouseEventKind::ScrollUp, (78, 6)).mouse(MouseEventKind::ScrollUp, (78, 6));
    screen.mouse(CLICK, (9, 6)).shows("epoch 3.00").code(KeyCode::Esc);
    for _ in 0..4 {
        screen.mouse(MouseEventKind::ScrollDown, (9, 6));
    }
    assert_eq!(screen.draw(), whole);
}

#[test]
fn the_mouse_chooses_in_the_list_and_presses_the_keys_of_the_footer() {
    let mut screen = Screen::on(&["keras/training.csv"], SMALL);
    screen.keys("b").shows("[x] chart  loss").mouse(CLICK, (20, 3)).shows("[ ] chart  loss");
    screen.mouse(CLICK, (20, 3)).shows("[x] chart  loss").mouse(MouseEventKind::ScrollDown, (20, 5)).keys(" ");
    screen.shows("[ ] chart  accuracy").keys("b");
    let footer = screen.draw().lines().position(|line| line.contains("? help")).unwrap() as u16;
    let place = |screen: &Screen, words: &str| {
        let text = screen.draw();
        let line = text.lines().nth(usize::from(footer)).unwrap();
        (line[1..].find(words).unwrap() as u16, footer)
    };
    let at = place(&screen, "L log scale");
    screen.mouse(CLICK, at).shows("loss log scale");
    let at = place(&screen, "? help");
    screen.mouse(CLICK, at).shows("╭ keys").mouse(MouseEventKind::ScrollDown, (20, 5));
    screen.shows_no("Move the cursor back: it");
}

/// A log of several runs whose names differ only at the end.
fn several_runs(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("sweep.csv");
    let mut text = String::from("run,epoch,loss,val_loss,optimizer\n");
    for epoch in 0..8 {
        for seed in 1..=4 {
            let loss = 1.0 / f64::from(epoch + seed);
            let optimizer = if seed < 3 { "adam" } else { "sgd" };
            let name = format!("resnet50-imagenet-b256-wd0.0001-cosine-seed{seed}");
            text += &format!("{name},{epoch},{loss},{},{optimizer}\n", loss + 0.1);
        }
    }
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_file_of_several_runs_is_split_and_the_legend_shows_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let path = several_runs(folder.path());
    for size in [SMALL, MEDIUM, (40, 12)] {
        Screen::of(&[&path], COLOUR, size).keep("watch-split");
    }
    let mut screen = Screen::of(&[&path], COLOUR, MEDIUM);
    screen.shows("watching sweep.csv, 4 runs, 32 rows").shows("split by run").shows("a …seed1 train");
    screen.keys("bG").shows("curve  h resnet50-imagenet-b256-wd0.0001-cosine-seed4 validation: 1 column").keys("b");
    screen.keys("V").shows("split into runs by run").keys("V").shows("split into runs by optimizer");
    screen.keys("m").shows("split by optimizer").shows("a adam train").keys("V").shows("a file is one run");
    screen.keys("m").shows_no("split by");
    screen.keys("V").shows("a column with a usual name").keys("m").shows("split by run");
    Screen::on(&["keras/training.csv"], SMALL).keys("V").shows("no file has a column that could name runs");
    // A run that is hidden stays hidden.
    screen.keys("bG ").shows("[ ] curve  h").keys("b").shows("(hidden)");
}

#[test]
fn a_small_terminal_is_told_the_size_it_needs() {
    for size in [(30, 8), (16, 6), (39, 30)] {
        let text = Screen::on(&["torch"], size).draw();
        let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "\"").collect();
        let words = words.join(" ").replace(['"', '|'], "");
        assert!(words.contains(&format!("needs 40 x 12, has {} x {}", size.0, size.1)), "{text}");
    }
    Screen::on(&["torch"], (30, 8)).keep("watch-too-small");
}

#[test]
fn labels_of_an_axis_differ() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.csv");
    let mut text = String::from("step,learning_rate,loss\n");
    for step in 0..5 {
        text += &format!("{step},0.001,{}\n", 1.0 + f64::from(step) * 1e-7);
    }
    fs::write(&path, text).unwrap();
    let mut screen = Screen::of(&[&path], COLOUR, SMALL);
    screen.shows("0.002").shows("0.001").shows("1.0000005e0").keep("watch-small-range");
    for keys in ["v", "v", "L", "v"] {
        let text = screen.keys(keys).draw();
        let labels =
            text.lines().filter_map(|line| line.trim_start_matches('"').strip_prefix('│')?.split_whitespace().next());
        let labels: Vec<&str> = labels.filter(|label| label.parse::<f64>().is_ok_and(|label| label != 0.0)).collect();
        assert!((1..labels.len()).all(|place| !labels[..place].contains(&labels[place])), "{text}");
    }
}

#[test]
fn axes_are_those_that_the_file_has() {
    let mut screen = Screen::on(&["lightning/metrics.csv"], SMALL);
    screen.shows("along steps").keys("X").shows("along time").keys("X").shows("along epochs");
    Screen::on(&["keras/logs"], SMALL).shows("along epochs");
    Screen::on(&["torch"], SMALL).shows("along steps");
}

#[test]
fn smoothing_and_log_scale_change_the_charts() {
    let mut screen = Screen::on(&["torch"], SMALL);
    screen.shows_no("smoothed").keys("mm").shows("smoothed over 0.5 %").keys("MM").shows_no("smoothed");
    screen.shows_no("log scale ──").keys("L").shows("loss log scale").shows("L linear");
}

#[test]
fn columns_and_runs_are_chosen_in_a_list() {
    let mut screen = Screen::on(&["hugging-face/trainer_state.json"], MEDIUM);
    screen.shows("╭ loss").shows_no("╭ grad norm").shows("columns not drawn");
    screen.keys("b").shows("[x] chart  loss").shows("[ ] chart  grad norm");
    // Down to the gradients' norm, drawn by Space; the loss, not drawn any more by m.
    screen.keys("jjj ").shows("[x] chart  grad norm").keys("gm").shows("[ ] chart  loss");
    screen.code(KeyCode::Esc).shows("╭ grad norm").shows_no("╭ loss");
    screen.keys("bG ").shows("[ ] curve  validation").code(KeyCode::Esc).shows_no("validation 0");
}

#[test]
fn each_chart_can_be_shown_alone() {
    let mut screen = Screen::on(&["keras/training.csv"], SMALL);
    screen.keys("v").shows("╭ loss").shows_no("╭ accuracy");
    screen.keys("v").shows("╭ accuracy").shows_no("╭ loss");
    screen.keys("v").shows("╭ accuracy").shows("╭ loss");
    screen.keys("v").code(KeyCode::Esc).shows("╭ accuracy");
}

#[test]
fn names_without_a_usual_one_are_drawn_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.csv");
    fs::write(&path, "step,zeta,eta\n1,5,6\n2,7,8\n").unwrap();
    Screen::of(&[&path], COLOUR, SMALL).shows("╭ zeta").shows("╭ eta");
}

#[test]
fn a_hostile_name_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    fs::write(&path, "{\"step\": 1, \"loss \\u001b[31m\\u202e漢字\": 1, \"\": 2}\n{\"step\": 1e300, \"\": -1e300}\n")
        .unwrap();
    for size in [SMALL, MEDIUM, (40, 12), (1, 1), (200, 60)] {
        let mut screen = Screen::of(&[&path], COLOUR, size);
        screen.keys("b mgL+-zvXmMV?");
        assert!(!screen.draw().contains(['\u{1b}', '\u{202e}']));
    }
}

#[test]
fn any_key_and_any_button_may_be_pressed_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = several_runs(folder.path());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/watch");
    for size in [MEDIUM, (40, 12), (7, 3)] {
        let mut screen = Screen::of(&[&fixtures.join("keras"), &path, &fixtures.join("torch")], COLOUR, size);
        let mut state: u32 = 7;
        for _ in 0..600 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let keys = "bb mMLzX+-vVgGhljk?";
            let place = (state as u16 % size.0, (state >> 8) as u16 % size.1);
            match state >> 24 {
                0..30 => screen.code(KeyCode::PageUp),
                30..60 => screen.code(KeyCode::PageDown),
                60..80 => screen.code(KeyCode::Esc),
                80..100 => screen.mouse(MouseEventKind::ScrollUp, place),
                100..110 => screen.mouse(MouseEventKind::ScrollDown, place),
                110..120 => screen.mouse(DRAG, place),
                // Not the last row, where quit is.
                120..140 if place.1 + 1 < size.1 => screen.mouse(CLICK, place),
                other => {
                    let key = char::from(keys.as_bytes()[other as usize % keys.len()]);
                    screen.keys(&key.to_string())
                }
            };
            screen.draw();
        }
    }
}

#[test]
fn q_and_ctrl_c_quit_from_everywhere() {
    for before in ["", "?", "b", "v"] {
        let mut screen = Screen::on(&["torch"], SMALL);
        screen.keys(before);
        assert_eq!(screen.board.press(&Key::Char('q').event(), &screen.watch), Some(Reply::Quit));
        assert_eq!(screen.board.press(&Key::Ctrl('c').event(), &screen.watch), Some(Reply::Quit));
        assert_eq!(screen.board.press(&Key::Ctrl('z').event(), &screen.watch), Some(Reply::Suspend));
        assert_eq!(screen.board.press(&Key::Ctrl('l').event(), &screen.watch), Some(Reply::Redraw));
    }
}

#[test]
fn the_users_own_keys_of_the_charts_work_here_too() {
    let mut keymap = Keymap::default();
    keymap.bind(Some("curves"), "log-scale", &[Key::Char('y')]).unwrap();
    let mut screen = Screen::on(&["torch"], SMALL);
    screen.board = Board::new(COLOUR, &keymap, SMALL);
    screen.keys("y").shows("loss log scale");
}

#[test]
fn the_header_says_whether_rows_come() {
    let mut screen = Screen::on(&["torch"], SMALL);
    screen.shows("○ waiting");
    screen.board.idle = Some(1);
    screen.shows("● new rows");
    screen.board.idle = Some(75);
    screen.shows("○ no new rows for 1:15");
    screen.board.reading = true;
    screen.shows("◆ reading 100 %");
}
