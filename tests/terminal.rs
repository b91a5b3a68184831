//! The real program in a pseudo-terminal: keys in, screens out, and what it leaves behind. Unix only.
#![cfg(unix)]

mod common;

use std::{
    fs,
    io::{Read, Write},
    num::NonZeroU16,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use lenet_monitor::{
    sweep::read_rows,
    train::{Checkpoint, RunFolder},
};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    process::{Pid, Signal, kill_process},
};

/// Far longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const END: &str = "\x1b[F";
const ESC: &str = "\x1b";
const CTRL_C: &str = "\x03";
const CTRL_L: &str = "\x0c";
const CTRL_Z: &str = "\x1a";

/// A terminal with the program in it.
struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    /// Kept open, so that the terminal can be asked about its modes when the program has gone.
    slave: Option<Box<dyn SlavePty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    keys: Option<Box<dyn Write + Send>>,
    seen: Arc<Seen>,
    modes: String,
    folder: tempfile::TempDir,
}

/// What has come out, and whether the reader may go on reading.
struct Seen {
    screen: Mutex<vt100::Parser>,
    bytes: Mutex<Vec<u8>>,
    stopped: Mutex<bool>,
    go_on: Condvar,
    hung_up: AtomicBool,
}

impl Seen {
    fn read_all(&self, mut from: Box<dyn Read + Send>) {
        let mut chunk = [0; 4096];
        loop {
            let stopped = self.stopped.lock().unwrap();
            drop(self.go_on.wait_while(stopped, |stopped| *stopped).unwrap());
            let Ok(count @ 1..) = from.read(&mut chunk) else { return };
            if self.hung_up.load(Ordering::SeqCst) {
                return;
            }
            // The screen last: whoever sees something there finds its bytes.
            self.bytes.lock().unwrap().extend_from_slice(&chunk[..count]);
            self.screen.lock().unwrap().process(&chunk[..count]);
        }
    }
}

impl Terminal {
    /// The program on a made-up data set, with these arguments beside those that keep it in its own folder.
    fn with(args: &[&str]) -> Self {
        Self::build(args, |command| command)
    }

    fn build(args: &[&str], change: impl FnOnce(CommandBuilder) -> CommandBuilder) -> Self {
        let mut all = vec!["train", "--threads", "1"];
        all.extend(args);
        Self::run(&all, change)
    }

    /// A sweep of four runs, one at a time, of so many epochs.
    fn sweep(epochs: &str) -> Self {
        let grid = ["--activations", "relu", "--optimizers", "adam", "--lrs", "0.01,0.001", "--batch-sizes", "32,64"];
        let mut all = vec!["sweep", "--jobs", "1", "--epochs", epochs];
        all.extend(grid);
        Self::run(&all, |command| command)
    }

    fn run(args: &[&str], change: impl FnOnce(CommandBuilder) -> CommandBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        common::made_up_images(&folder.path().join("digits"), 2_000, 200);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.args(args);
        command.args(["--data-dir", "digits"]);
        Self::spawn(change(command), folder)
    }

    fn spawn(mut command: CommandBuilder, folder: tempfile::TempDir) -> Self {
        command.cwd(folder.path());
        command.env("TERM", "xterm-256color");
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let seen = Arc::new(Seen {
            screen: Mutex::new(vt100::Parser::new(nonzero(24), nonzero(80), 0)),
            bytes: Mutex::default(),
            stopped: Mutex::new(false),
            go_on: Condvar::new(),
            hung_up: AtomicBool::new(false),
        });
        let modes = modes(&*pair.master);
        let (reader, keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let reading = seen.clone();
        thread::spawn(move || reading.read_all(reader));
        let child = pair.slave.spawn_command(command).unwrap();
        Self { master: Some(pair.master), slave: Some(pair.slave), child, keys: Some(keys), seen, modes, folder }
    }

    fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    fn text(&self) -> String {
        self.seen.screen.lock().unwrap().screen().contents()
    }

    fn shows(&self, what: &str) {
        until(|| self.text().contains(what), || format!("`{what}` on\n{}", self.text()));
    }

    fn shows_no(&self, what: &str) {
        until(|| !self.text().contains(what), || format!("no `{what}` on\n{}", self.text()));
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.seen.screen.lock().unwrap().screen_mut().set_size(nonzero(rows), nonzero(columns));
        self.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.process_id().unwrap() as i32).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn exit_code(&mut self) -> u32 {
        let mut code = None;
        let child = &mut self.child;
        until_mut(
            || {
                code = child.try_wait().unwrap().map(|status| status.exit_code());
                code.is_some()
            },
            || "the program to end".into(),
        );
        code.unwrap()
    }

    /// With the left button, on the last place where the words stand.
    fn click(&mut self, words: &str) {
        let text = self.text();
        let (row, line) = text.lines().enumerate().filter(|(_, line)| line.contains(words)).last().unwrap();
        let column = line[..line.rfind(words).unwrap()].chars().count();
        let (column, row) = (column as u16 + 1, row as u16 + 1);
        self.press(&format!("{}\x1b[<0;{column};{row}m", mouse(0, column, row)));
    }

    /// The mouse is the program's, not the terminal's.
    fn captures_mouse(&self) -> bool {
        let parser = self.seen.screen.lock().unwrap();
        parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// By key, with a yes.
    fn quits_and_saves(&mut self) {
        self.press("q");
        self.shows("It is saved first");
        self.press("y");
        assert_eq!(self.exit_code(), 0);
        self.is_restored();
    }

    /// The terminal is as it was before the program came.
    fn is_restored(&self) {
        assert_eq!(modes(&**self.master.as_ref().unwrap()), self.modes, "the terminal's modes");
        let restored = || {
            let parser = self.seen.screen.lock().unwrap();
            let screen = parser.screen();
            let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste() && !mouse
        };
        until(restored, || "the main screen with its cursor".into());
    }

    fn checkpoints(&self) -> PathBuf {
        self.folder.path().join("checkpoints")
    }

    /// The newest state of the run that was saved last.
    fn last_checkpoint(&self) -> Option<Checkpoint> {
        let runs = fs::read_dir(self.checkpoints()).ok()?;
        let files = runs.filter_map(|run| Some(run.ok()?.path().join("last.ckpt"))).filter(|path| path.is_file());
        let newest = files.max_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).unwrap())?;
        Some(Checkpoint::read(&newest).unwrap_or_else(|error| panic!("{}: {error}", newest.display())))
    }

    fn epochs_saved(&self) -> u32 {
        self.last_checkpoint().map_or(0, |checkpoint| checkpoint.position.epoch)
    }

    /// Nobody reads what the program writes any more, until [`Terminal::goes_on`]: as Ctrl-S in front of ssh does.
    fn stops(&self) {
        *self.seen.stopped.lock().unwrap() = true;
    }

    fn goes_on(&self) {
        *self.seen.stopped.lock().unwrap() = false;
        self.seen.go_on.notify_all();
    }

    /// The terminal takes no byte more.
    fn is_full(&self) -> bool {
        let path = self.master.as_ref().unwrap().tty_name().unwrap();
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
        let terminal = fs::File::options().write(true).custom_flags(flags).open(path).unwrap();
        poll(&mut [PollFd::new(&terminal, PollFlags::OUT)], Some(&Timespec::default())).unwrap() == 0
    }

    /// The terminal vanishes: a window is closed, a connection breaks. The reader lets go of it with the next frame.
    fn vanishes(&mut self) {
        self.seen.hung_up.store(true, Ordering::SeqCst);
        self.keys = None;
        self.slave = None;
        self.master = None;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.goes_on();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

fn until(done: impl Fn() -> bool, what: impl Fn() -> String) {
    until_mut(done, what);
}

fn until_mut(mut done: impl FnMut() -> bool, what: impl Fn() -> String) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < PATIENCE, "waited in vain for {}", what());
        thread::sleep(Duration::from_millis(10));
    }
}

/// A run that goes on for as long as a test may need it.
const LONG: &[&str] = &["--epochs", "10000"];

#[test]
fn a_run_is_shown_to_its_end_and_summed_up() {
    let mut terminal = Terminal::with(&["--epochs", "3"]);
    terminal.shows("relu · adam 0.001 · batch 16 · average pooling · seed 1");
    terminal.shows("finished after 3 of 3 epochs");
    for word in ["loss", "accuracy", "finished", "digits 2,000 + 200"] {
        terminal.shows(word);
    }
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    terminal.shows("finished after 3 of 3 epochs");
    terminal.shows("checkpoint: checkpoints/");
    assert_eq!(terminal.epochs_saved(), 3);
}

#[test]
fn it_pauses_steps_and_goes_on() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.press(" ");
    terminal.shows("paused");
    // Epoch and step, from the header.
    let place = |terminal: &Terminal| {
        let text = terminal.text();
        let number = |after: &str| Some(text.split(after).nth(1)?.split(" of").next()?.trim().to_owned());
        [number("epoch "), number("step ")]
    };
    // Each of these trains on, and pauses again.
    for keys in ["s", "s", "n\x7f\x7f\x7f5\r"] {
        let before = place(&terminal);
        terminal.press(keys);
        let went_on = || place(&terminal) != before && terminal.text().contains("paused");
        until(went_on, || format!("a pause after {before:?} on\n{}", terminal.text()));
    }
    terminal.press("w");
    terminal.shows("saved");
    terminal.press(" ");
    terminal.shows("training");
}

#[test]
fn parameters_are_edited_and_the_run_restarted_with_them() {
    let mut terminal = Terminal::with(LONG);
    until(|| terminal.epochs_saved() >= 1, || "a first epoch".into());
    terminal.press("e");
    terminal.shows("activation");
    terminal.press(RIGHT);
    terminal.shows("needs a restart: r");
    for _ in 0..4 {
        terminal.press(DOWN);
    }
    terminal.press("e\x7f\x7f0\r");
    terminal.shows("1 to 4096, not 0");
    terminal.press("\x7f32\r");
    terminal.shows("2 values differ");
    terminal.press("r");
    terminal.shows("tanh · adam 0.001 · batch 32");
    terminal.shows("before");
    let both = || fs::read_dir(terminal.checkpoints()).is_ok_and(|runs| runs.count() == 2);
    until(both, || "a folder for each run".into());
}

#[test]
fn a_learning_rate_is_applied_without_starting_over() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.press("3");
    terminal.shows("this run");
    terminal.press(&format!("{DOWN}{DOWN}{DOWN}{RIGHT}"));
    terminal.shows("a applies it");
    terminal.press("a");
    terminal.shows("learning rate 0.002 from the next step on");
    terminal.press(&format!("{UP}{ESC}"));
    terminal.shows("relu · adam 0.002");
}

#[test]
fn mistakes_are_stepped_through() {
    // So small a learning rate leaves most digits wrong.
    let mut terminal = Terminal::with(&["--epochs", "1", "--lr", "1e-7"]);
    terminal.shows("finished");
    terminal.press("2");
    terminal.shows("Predicted");
    terminal.press(&format!("{RIGHT}{RIGHT}"));
    terminal.shows("mistake   3 of 1");
    terminal.press(END);
    terminal.press("t7");
    terminal.shows("true 7");
    terminal.press("xoc");
    terminal.shows("order surest first");
    terminal.shows("correct");
    terminal.press("1");
    terminal.shows("finished after 1 of 1 epochs");
}

#[test]
fn a_cell_of_the_confusion_matrix_leads_to_its_images() {
    let mut terminal = Terminal::with(&["--epochs", "2", "--lr", "1e-7"]);
    terminal.shows("finished");
    terminal.press("6");
    terminal.shows("each digit");
    terminal.press("c");
    terminal.shows("since epoch 1");
    terminal.press("cp");
    terminal.shows("% of the true digit");
    let text = terminal.text();
    let chosen = text.lines().find(|line| line.contains("shows them")).unwrap();
    let digit = |after: &str| chosen.split(after).nth(1).unwrap().trim_start().chars().next().unwrap();
    let (label, predicted) = (digit("true"), digit("predicted"));
    terminal.press("\r");
    terminal.shows(&format!("true {label}   predicted {predicted}"));
    terminal.shows(&format!("Predicted {predicted}"));
    terminal.press("6");
    terminal.shows("each digit");
}

#[test]
fn the_network_is_looked_into_while_it_trains_and_while_it_is_paused() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.press("7");
    terminal.shows("─ C1  6 kernels of 5x5");
    terminal.shows("read as");
    let moment = |terminal: &Terminal| {
        let text = terminal.text();
        let place = text.lines().find_map(|line| Some(line.split_once("read as")?.1.split_once("epoch")?.1.to_owned()));
        place.unwrap_or_default()
    };
    let before = moment(&terminal);
    until(|| moment(&terminal) != before, || format!("other weights than those of{before}"));
    terminal.press(" ");
    terminal.shows("paused");
    let before = moment(&terminal);
    terminal.press("s");
    until(|| moment(&terminal) != before, || format!("other weights than those of{before}"));
    terminal.press(RIGHT);
    terminal.shows("test image   2 of 200");
    terminal.press(&format!("{DOWN}{DOWN}"));
    terminal.shows_no("─ S4");
    terminal.press(&format!("{UP}{UP}"));
    terminal.shows("─ S4");
    terminal.press("t7");
    terminal.shows("true 7");
    terminal.press("m");
    terminal.shows("mistake");
    terminal.press(ESC);
    terminal.shows("batch loss");
}

/// What a terminal sends for the mouse: button, column and row from 1, pressed or moved.
fn mouse(button: u8, column: u16, row: u16) -> String {
    format!("\x1b[<{button};{column};{row}M")
}

#[test]
fn a_digit_is_drawn_and_read_while_it_trains_and_while_it_is_paused() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    let captures = Terminal::captures_mouse;
    until(|| captures(&terminal), || "the mouse to be taken".into());
    terminal.click("draw");
    terminal.shows("nothing is drawn yet");
    terminal.press(&mouse(0, 10, 7));
    for step in 0..10 {
        terminal.press(&mouse(32, 10 + step, 7 + step));
    }
    terminal.press("\x1b[<0;19;16m");
    terminal.shows("read as");
    let moment = |terminal: &Terminal| {
        let text = terminal.text();
        text.lines()
            .find_map(|line| Some(line.split_once("read as")?.1.split_once("epoch")?.1.to_owned()))
            .unwrap_or_default()
    };
    let before = moment(&terminal);
    until(|| moment(&terminal) != before, || format!("an answer by other weights than those of{before}"));
    terminal.press(" ");
    terminal.shows("paused");
    terminal.press("c");
    terminal.shows("nothing is drawn yet");
    terminal.press(&format!("\r{}\r", DOWN.repeat(8)));
    terminal.shows("read as");
    terminal.press("p");
    terminal.shows("new PNG file");
    until(|| !captures(&terminal), || "the mouse to be given back, so that a path can be pasted with it".into());
    terminal.press("\r");
    terminal.shows("saved digit.png");
    let png = fs::read(terminal.folder.path().join("digit.png")).unwrap();
    assert!(lenet_monitor::data::picture::read_digit(&png).is_ok());
    terminal.press("co\x15digit.png\r");
    terminal.shows("opened digit.png");
    terminal.shows("read as");
    until(|| captures(&terminal), || "the mouse to be taken again".into());
    terminal.press("i");
    terminal.shows("your drawing");
    terminal.press(CTRL_C);
    terminal.press(CTRL_C);
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
}

#[test]
fn the_mouse_is_left_to_the_terminal_on_request() {
    let terminal = Terminal::with(&[LONG, &["--no-mouse"]].concat());
    terminal.shows("training");
    assert!(!terminal.captures_mouse());
}

#[test]
fn a_signal_gives_the_mouse_back() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    until(|| terminal.captures_mouse(), || "the mouse to be taken".into());
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit_code(), 143);
    terminal.is_restored();
}

#[test]
fn a_checkpoint_is_loaded_and_waits_for_its_word() {
    let mut terminal = Terminal::with(LONG);
    until(|| terminal.epochs_saved() >= 2, || "two epochs".into());
    terminal.press("4");
    terminal.shows("/10000");
    terminal.press("\r");
    terminal.shows("paused");
    terminal.press(" ");
    terminal.shows("training");
}

/// A program that has left one run for another: the first one is on the disk, and nobody trains it.
fn with_two_runs() -> (Terminal, PathBuf) {
    let mut terminal = Terminal::with(LONG);
    until(|| terminal.epochs_saved() >= 2, || "two epochs".into());
    let first = terminal.runs().remove(0);
    terminal.press("e");
    terminal.shows("activation");
    terminal.press(&format!("{RIGHT}r"));
    terminal.shows("tanh · adam");
    until(|| terminal.runs().iter().all(|run| run.join("best.ckpt").exists()), || "an epoch of each run".into());
    (terminal, first)
}

impl Terminal {
    fn runs(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.checkpoints()).into_iter().flatten();
        runs.map(|run| run.unwrap().path()).collect()
    }
}

#[test]
fn a_run_is_renamed() {
    let (mut terminal, first) = with_two_runs();
    terminal.press("4");
    terminal.shows("relu adam 0.001 b16");
    terminal.press("/relu\r");
    terminal.shows("runs 1 of 2 with relu");
    terminal.press("R\x15the first\r");
    terminal.shows("is now the first");
    terminal.shows("▸  the first");
    let renamed = terminal.checkpoints().join("the first");
    assert!(renamed.join("last.ckpt").is_file() && !first.exists());
    terminal.press("\r");
    terminal.shows("paused");
    terminal.shows("relu · adam");
    terminal.press("4");
    terminal.shows("▸● the first");
    terminal.press("R");
    terminal.shows("open here");
}

#[test]
fn deleting_a_run_asks_and_spares_what_another_program_holds() {
    let (mut terminal, first) = with_two_runs();
    terminal.press("4");
    terminal.shows("relu adam 0.001 b16");
    terminal.press("/relu\r");
    terminal.shows("runs 1 of 2 with relu");
    terminal.press("D");
    terminal.shows("for good?");
    terminal.press("n");
    terminal.shows_no("for good?");
    let held = RunFolder::take(&first).unwrap();
    terminal.press("D");
    terminal.shows("for good?");
    terminal.press("y");
    terminal.shows("is being trained by");
    assert!(first.join("last.ckpt").is_file());
    drop(held);
    terminal.press("D");
    terminal.shows("for good?");
    terminal.press("y");
    terminal.shows("deleted ");
    terminal.shows("none has `relu`");
    assert!(!first.exists());
    terminal.press("x");
    terminal.shows("tanh adam 0.001 b16");
}

#[test]
fn a_run_is_gone_on_with_at_once() {
    let (mut terminal, first) = with_two_runs();
    let saved = || Checkpoint::read(&first.join("last.ckpt")).unwrap().position.epoch;
    let before = saved();
    terminal.press("4");
    terminal.shows("relu adam 0.001 b16");
    terminal.press("/relu\rr");
    terminal.shows("relu · adam");
    terminal.shows("● training");
    until(|| saved() > before + 1, || "the first run to go on".into());
}

#[test]
fn two_runs_are_compared() {
    let (mut terminal, _) = with_two_runs();
    terminal.press("4");
    terminal.shows("relu adam 0.001 b16");
    terminal.press(&format!("c{DOWN}c"));
    terminal.shows("what differs is bold");
    let text = terminal.text();
    let activations = text.lines().find(|line| line.contains("activation")).unwrap();
    assert!(activations.contains("tanh") && activations.contains("relu"), "{activations}");
    terminal.press(ESC);
    terminal.shows("runs 2");
}

/// A terminal where a run was trained before, and one is now. `between` may do something to the folder.
fn after_a_run(before: &[&str], between: impl FnOnce(&Path), now: &[&str]) -> Terminal {
    let folder = tempfile::tempdir().unwrap();
    common::made_up_images(&folder.path().join("digits"), 2_000, 200);
    let program = env!("CARGO_BIN_EXE_lenet-monitor");
    let arguments = ["train", "--data-dir", "digits", "--threads", "1"];
    let mut first = std::process::Command::new(program);
    first.args(arguments).args(before).arg("--headless").current_dir(folder.path());
    assert!(first.output().unwrap().status.success());
    between(folder.path());
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.args(now);
    Terminal::spawn(command, folder)
}

#[test]
fn a_run_that_diverged_is_taken_up_again_with_a_lower_rate() {
    let spoil = |folder: &Path| {
        let run = fs::read_dir(folder.join("checkpoints")).unwrap().next().unwrap().unwrap().path();
        let mut checkpoint = Checkpoint::read(&run.join("last.ckpt")).unwrap();
        // Finite, but nothing computed with them is.
        checkpoint.parameters.fill(1e38);
        checkpoint.spec.hyper.epochs = 10_000;
        checkpoint.write(&run.join("last.ckpt")).unwrap();
    };
    let mut terminal = after_a_run(&["--epochs", "1"], spoil, &["--resume"]);
    terminal.shows("not finite in step 1 of epoch 2");
    terminal.shows("the last good checkpoint (last.ckpt) with a learning rate of 0.0001");
    terminal.press("R");
    terminal.shows("paused");
    terminal.shows("adam 0.0001");
    terminal.press(" ");
    terminal.shows("of epoch 2, with a learning rate of 0.0001");
    terminal.click("other parameters");
    terminal.shows("this run");
    terminal.press("ur");
    terminal.shows("batch loss");
    terminal.press("?");
    terminal.shows("every screen");
    terminal.press(ESC);
    terminal.shows("batch loss");
    terminal.quits_and_saves();
}

#[test]
fn another_run_lies_over_the_chart() {
    let mut terminal = after_a_run(&["--epochs", "3", "--activation", "tanh"], |_| {}, &["--epochs", "10000"]);
    until(|| terminal.epochs_saved() >= 3, || "some epochs".into());
    terminal.press("f");
    terminal.shows("along epochs");
    terminal.press("o");
    terminal.shows("this run  relu");
    terminal.shows("a tanh");
    terminal.press(RIGHT);
    terminal.press("xmmm++");
    for word in ["along steps", "smoothed over 0.05 epochs", "zoomed"] {
        terminal.shows(word);
    }
    terminal.press("oz");
    terminal.shows_no("a tanh");
    terminal.shows_no("zoomed");
    terminal.press("f");
    terminal.shows("batch loss");
}

#[test]
fn every_size_is_drawn_as_it_comes() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("batch loss");
    terminal.resize(120, 40);
    terminal.shows("predicted →");
    terminal.resize(30, 8);
    terminal.shows("needs 40 x 12, has 30 x 8");
    terminal.resize(200, 60);
    terminal.shows("next mistakes");
    terminal.resize(80, 24);
    terminal.shows_no("predicted →");
    terminal.shows("batch loss");
    terminal.press("?");
    terminal.shows("Quit: asks while a run or a sweep is under way");
}

#[test]
fn a_key_at_the_moment_of_a_new_size_is_not_lost() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("batch loss");
    for (columns, rows) in [(100, 30), (80, 24)].repeat(10) {
        terminal.resize(columns, rows);
        terminal.press("?");
        terminal.shows("╭ keys");
        terminal.press("?");
        terminal.shows("batch loss");
    }
}

#[test]
fn quitting_asks_and_saves() {
    let mut terminal = Terminal::with(LONG);
    until(|| terminal.epochs_saved() >= 1, || "a first epoch".into());
    terminal.press("q");
    terminal.shows("It is saved first");
    terminal.press("n");
    terminal.shows_no("It is saved first");
    terminal.quits_and_saves();
    terminal.shows("go on with: lenet-monitor train --resume checkpoints/");
    assert!(terminal.epochs_saved() >= 1);
}

#[test]
fn ctrl_c_asks_and_leaves_at_once_the_second_time() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.press(CTRL_C);
    terminal.shows("It is saved first");
    terminal.press(CTRL_C);
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    assert!(terminal.last_checkpoint().is_some());
}

#[test]
fn signals_end_it_saved_and_with_the_terminal_restored() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::INT, 2)] {
        for paused in [false, true] {
            let mut terminal = Terminal::with(LONG);
            terminal.shows("training");
            if paused {
                terminal.press(" ");
                terminal.shows("paused");
            }
            terminal.signal(signal);
            assert_eq!(terminal.exit_code(), 128 + number, "{signal:?}, paused: {paused}");
            terminal.is_restored();
            assert!(terminal.last_checkpoint().is_some(), "{signal:?}, paused: {paused}");
        }
    }
}

#[test]
fn a_terminal_that_vanishes_leaves_a_saved_run() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.vanishes();
    assert_eq!(terminal.exit_code(), 129);
    assert!(terminal.last_checkpoint().is_some());
}

/// Lets the terminal fill up until the program can write nothing more, and training has gone on all the same.
fn fill(terminal: &mut Terminal) {
    terminal.resize(200, 60);
    terminal.shows("next mistakes");
    terminal.stops();
    until_mut(
        || {
            let epoch = terminal.epochs_saved();
            terminal.press(CTRL_L);
            until(|| terminal.epochs_saved() > epoch, || format!("training to go on after epoch {epoch}"));
            terminal.is_full()
        },
        || "the terminal to be full".into(),
    );
}

#[test]
fn a_terminal_that_stops_reading_stops_neither_training_nor_saving() {
    let mut terminal = Terminal::with(&["--epochs", "10000", "--fps", "60"]);
    fill(&mut terminal);
    let epoch = terminal.epochs_saved();
    until(|| terminal.epochs_saved() > epoch + 5, || format!("training to go on after epoch {epoch}"));
    terminal.goes_on();
    terminal.quits_and_saves();
}

#[test]
fn a_signal_ends_it_also_while_the_terminal_reads_nothing() {
    let mut terminal = Terminal::with(&["--epochs", "10000", "--fps", "60"]);
    fill(&mut terminal);
    let epoch = terminal.epochs_saved();
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit_code(), 143);
    assert!(terminal.epochs_saved() >= epoch);
    assert_eq!(modes(&**terminal.master.as_ref().unwrap()), terminal.modes, "out of raw mode, if nothing else");
}

#[test]
fn the_shell_gets_the_terminal_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    common::made_up_images(&folder.path().join("digits"), 2_000, 200);
    let mut shell = CommandBuilder::new("/bin/sh");
    shell.arg("-i");
    shell.env("PS1", "prompt> ");
    shell.env_remove("ENV");
    let mut terminal = Terminal::spawn(shell, folder);
    terminal.shows("prompt>");
    let program = Path::new(env!("CARGO_BIN_EXE_lenet-monitor")).display();
    terminal.press(&format!("{program} train --data-dir digits --threads 1 --epochs 10000\r"));
    terminal.shows("batch loss");
    terminal.press(CTRL_Z);
    terminal.shows("Stopped");
    terminal.is_on_main_screen();
    terminal.press("fg\r");
    terminal.shows("batch loss");
    // With the mouse taken, too.
    terminal.press("8");
    terminal.shows("nothing is drawn yet");
    terminal.press(CTRL_Z);
    terminal.is_on_main_screen();
    terminal.press("fg\r");
    terminal.shows("nothing is drawn yet");
    until(|| terminal.captures_mouse(), || "the mouse to be taken again".into());
    terminal.press("q");
    terminal.shows("It is saved first");
    terminal.press("y");
    terminal.shows("go on with");
    terminal.is_on_main_screen();
}

impl Terminal {
    fn is_on_main_screen(&self) {
        until(
            || {
                let parser = self.seen.screen.lock().unwrap();
                let mouse = parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None;
                !parser.screen().alternate_screen() && !parser.screen().hide_cursor() && !mouse
            },
            || "the main screen".into(),
        );
    }
}

#[test]
fn no_color_means_no_colour() {
    let mut terminal = Terminal::build(&["--epochs", "1"], |mut command| {
        command.env("NO_COLOR", "1");
        command
    });
    terminal.shows("finished");
    terminal.press("2");
    terminal.shows("image");
    terminal.press("q");
    terminal.exit_code();
    terminal.shows("checkpoint: ");
    let bytes = terminal.seen.bytes.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("\x1b[38;") && !text.contains("\x1b[48;"), "colours in spite of NO_COLOR");
    assert!(!text.contains("\x1b[;m"), "an escape that takes bold and reverse away");
    assert!(text.contains("\x1b[1m"), "bold carries meaning instead");
}

#[test]
fn ascii_means_ascii() {
    let mut terminal = Terminal::with(&["--epochs", "1", "--ascii"]);
    terminal.shows("finished");
    terminal.press("2");
    terminal.shows("image");
    terminal.press("q");
    terminal.exit_code();
    terminal.shows("checkpoint: ");
    let screen_part = terminal.seen.bytes.lock().unwrap().clone();
    let left = screen_part.windows(8).position(|bytes| bytes == b"\x1b[?1049l").unwrap();
    assert!(screen_part[..left].is_ascii());
}

impl Terminal {
    /// Rows of the sweep's table.
    fn rows(&self) -> usize {
        read_rows(&self.folder.path().join("sweep.csv")).map_or(0, |rows| rows.len())
    }
}

#[test]
fn a_sweep_is_shown_to_its_end_and_summed_up() {
    let mut terminal = Terminal::sweep("2");
    terminal.shows("4 of 4 runs ended");
    terminal.shows("complete");
    for word in ["test accuracy", "digits 2,000 + 200", "place", "batch"] {
        terminal.shows(word);
    }
    terminal.press("v");
    terminal.shows("rank 4");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    terminal.shows("4 of 4 runs on digits are in sweep.csv");
    terminal.shows("best");
    assert_eq!(terminal.rows(), 4);
}

#[test]
fn a_sweep_is_paused_and_left_with_its_rows() {
    let mut terminal = Terminal::sweep("20");
    until(|| terminal.rows() >= 1, || "a first row".into());
    terminal.press(" ");
    terminal.shows("paused");
    // The last one's turn has not come.
    terminal.press("kld");
    terminal.shows("dropped");
    terminal.press("d");
    terminal.shows_no("dropped");
    terminal.press("q");
    terminal.shows("Runs that have ended are kept");
    terminal.press("y");
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    let rows = terminal.rows();
    terminal.shows(&format!("{rows} of 4 runs on digits are in sweep.csv"));
    assert!(rows >= 1);
}

#[test]
fn a_sweep_is_stopped_and_its_result_stays_on_the_screen() {
    let mut terminal = Terminal::sweep("10000");
    terminal.shows("in training");
    terminal.press("S");
    terminal.shows("stop the sweep?");
    terminal.press("y");
    terminal.shows("stopped");
    terminal.shows("0 of 4 runs ended");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_configuration_of_a_sweep_is_trained_in_full() {
    let mut terminal = Terminal::sweep("10000");
    terminal.shows("in training");
    terminal.press("\r");
    terminal.shows("r starts a run");
    terminal.press("r");
    terminal.shows("training");
    terminal.shows("the sweep is paused for this run");
    until(|| terminal.epochs_saved() >= 1, || "a first epoch".into());
    terminal.press("5");
    terminal.shows("paused");
    terminal.press(" ");
    terminal.shows("sweeping");
    terminal.press(CTRL_C);
    terminal.shows("The sweep is under way");
    terminal.press(CTRL_C);
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    terminal.shows("checkpoint: checkpoints/");
    terminal.shows("0 of 4 runs on digits are in sweep.csv");
}

#[test]
fn signals_and_a_vanished_terminal_end_a_sweep_with_its_rows_kept() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1)] {
        let mut terminal = Terminal::sweep("10000");
        terminal.shows("in training");
        terminal.signal(signal);
        assert_eq!(terminal.exit_code(), 128 + number, "{signal:?}");
        terminal.is_restored();
    }
    // A run that is trained beside it is saved, too.
    let mut terminal = Terminal::sweep("10000");
    terminal.shows("in training");
    terminal.press("\rr");
    until(|| terminal.epochs_saved() >= 1, || "a first epoch".into());
    let epoch = terminal.epochs_saved();
    until(|| terminal.epochs_saved() > epoch, || "another epoch".into());
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit_code(), 143);
    terminal.is_restored();
    let step = terminal.last_checkpoint().unwrap().position.step;
    assert!(step > 0 || terminal.epochs_saved() > epoch, "saved at the signal");
    let mut terminal = Terminal::sweep("6");
    until(|| terminal.rows() >= 1, || "a first row".into());
    terminal.vanishes();
    let code = terminal.exit_code();
    assert!(code == 129 || terminal.rows() == 4, "{code}");
    assert!(terminal.rows() >= 1);
}

#[test]
fn a_sweeps_table_is_looked_at_beside_a_run() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.press("5");
    terminal.shows("no sweep yet");
    let table = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy\ntanh,0.01,sgd,64,0.9364\nrelu,0.001,adam,16,0.9872\n";
    fs::write(terminal.folder.path().join("sweep.csv"), table).unwrap();
    terminal.press("r");
    terminal.shows("98.7");
    terminal.shows("93.6");
    fs::write(terminal.folder.path().join("sweep.csv"), "nothing of the kind").unwrap();
    terminal.press("r");
    terminal.shows("expected a header");
    // Nobody writes into the pipe: whoever waited for it would wait for ever.
    fs::remove_file(terminal.folder.path().join("sweep.csv")).unwrap();
    let pipe = terminal.folder.path().join("sweep.csv");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    terminal.press("r");
    terminal.shows("expected a file, found a named pipe");
}

#[test]
fn a_report_asks_before_it_replaces_what_is_not_its_own() {
    for (answer, code, page) in [("n\r", 1, "mine"), ("\r", 1, "mine"), ("y\r", 0, "<!DOCTYPE html>")] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sweep.csv"), "Activation,Accuracy\nrelu,0.9\ntanh,0.8\n").unwrap();
        fs::write(folder.path().join("report.html"), "mine").unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.args(["report", "sweep.csv", "--out", "."]);
        let mut terminal = Terminal::spawn(command, folder);
        terminal.shows("Replace? [y/N]");
        terminal.press(answer);
        assert_eq!(terminal.exit_code(), code);
        assert!(fs::read_to_string(terminal.folder.path().join("report.html")).unwrap().starts_with(page));
    }
}
