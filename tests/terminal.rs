//! The real program in a pseudo-terminal: keys in, screens out, and what it leaves behind. Unix only.
#![cfg(unix)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::terminal::{Terminal, modes, mouse, nonzero, size, until, until_mut};
use lenet_monitor::{
    sweep::read_rows,
    train::{Checkpoint, RunFolder},
};
use portable_pty::CommandBuilder;
use rustix::process::Signal;

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const END: &str = "\x1b[F";
const ESC: &str = "\x1b";
const CTRL_C: &str = "\x03";
const CTRL_L: &str = "\x0c";
const CTRL_U: &str = "\x15";
const CTRL_R: &str = "\x12";
const CTRL_Z: &str = "\x1a";

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

/// Returns what the program has set as the title of the window, in order.
fn titles(terminal: &Terminal) -> Vec<String> {
    let bytes = terminal.seen.bytes.lock().unwrap();
    let text = String::from_utf8_lossy(&bytes);
    text.split("\x1b]2;").skip(1).map(|rest| rest.split('\x1b').next().unwrap().to_owned()).collect()
}

fn bells(terminal: &Terminal) -> usize {
    terminal.seen.bytes.lock().unwrap().iter().filter(|&&byte| byte == 7).count()
}

#[test]
fn the_title_says_what_runs_and_is_restored() {
    let mut terminal = Terminal::with(&["--epochs", "3", "--bell"]);
    terminal.shows("finished after 3 of 3 epochs");
    let last = "finished relu adam 0.001 - lenet-monitor";
    until(|| titles(&terminal).last().is_some_and(|title| title == last), || format!("{:?}", titles(&terminal)));
    assert!(titles(&terminal).iter().any(|title| title.ends_with(" % training relu adam 0.001 - lenet-monitor")));
    until(|| bells(&terminal) == 1, || "a bell".into());
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    until(|| titles(&terminal).last().is_some_and(String::is_empty), || "the title is given back".into());
    let bytes = String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).into_owned();
    assert_eq!((bytes.matches("\x1b[22;2t").count(), bytes.matches("\x1b[23;2t").count()), (1, 1));
}

#[test]
fn a_notification_is_sent_at_the_end_if_wanted() {
    let mut terminal = Terminal::with(&["--epochs", "2", "--notify"]);
    terminal.shows("finished after 2 of 2 epochs");
    let bytes = || String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).into_owned();
    let text = |bytes: &str| Some(bytes.split_once("\x1b]9;")?.1.split_once('\x07')?.0.to_owned());
    until(|| bytes().contains("\x1b]777;") && text(&bytes()).is_some(), || "a notification".into());
    let text = text(&bytes()).unwrap();
    assert!(text.starts_with("finished: test accuracy ") && text.ends_with(" (relu adam 0.001)"), "{text}");
    assert_eq!(bytes().matches(&format!("\x1b]777;notify;lenet-monitor;{text}\x07")).count(), 1);
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(bells(&terminal), 2, "only the ends of the two sequences");
}

#[test]
fn the_title_and_the_bell_can_be_left_alone() {
    let mut terminal = Terminal::with(&["--epochs", "1", "--no-title"]);
    terminal.shows("finished after 1 of 1 epochs");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!((titles(&terminal), bells(&terminal)), (Vec::new(), 0));
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
    terminal.press(&format!("{DOWN}{RIGHT}"));
    terminal.shows("needs a restart: r");
    for _ in 0..5 {
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
    terminal.press(&format!("{DOWN}{DOWN}{DOWN}{DOWN}{RIGHT}"));
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
    terminal.press("xov");
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
    terminal.shows("test image   1, of 200");
    terminal.press(&format!("{DOWN}{DOWN}"));
    terminal.shows_no("─ S4");
    terminal.press(&format!("{UP}{UP}"));
    terminal.shows("─ S4");
    terminal.press("t7");
    terminal.shows("true 7");
    terminal.press("m");
    terminal.shows("mistake");
    terminal.press(ESC);
    terminal.shows(" bar ");
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
    terminal.press("x");
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
    terminal.press("xO\x15digit.png\r");
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
    terminal.press(&format!("{DOWN}{RIGHT}r"));
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
    terminal.shows("none matches `relu`");
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
    terminal.shows("runs 2");
    terminal.press(&format!("c{DOWN}c"));
    terminal.shows("differences in bold");
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
    terminal.press("r");
    terminal.shows("paused");
    terminal.shows("adam 0.0001");
    terminal.press(" ");
    terminal.shows("of epoch 2, with a learning rate of 0.0001");
    terminal.click("other parameters");
    terminal.shows("this run");
    terminal.press("ur");
    terminal.shows(" bar ");
    terminal.press("?");
    terminal.shows("every screen");
    terminal.press(ESC);
    terminal.shows(" bar ");
    terminal.quits_and_saves();
}

#[test]
fn another_run_lies_over_the_chart() {
    let mut terminal = after_a_run(&["--epochs", "3", "--activation", "tanh"], |_| {}, &["--epochs", "10000"]);
    until(|| terminal.epochs_saved() >= 3, || "some epochs".into());
    terminal.press("f");
    terminal.shows("along epochs");
    terminal.press("b");
    terminal.shows("this run  relu");
    terminal.shows("a tanh");
    terminal.press(RIGHT);
    terminal.press("Xm++");
    for word in ["along steps", "smoothed over 0.2 epochs", "zoomed"] {
        terminal.shows(word);
    }
    terminal.press("bz");
    terminal.shows_no("a tanh");
    terminal.shows_no("zoomed");
    terminal.press("f");
    terminal.shows(" bar ");
}

#[test]
fn every_size_is_drawn_as_it_comes() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows(" bar ");
    terminal.resize(120, 40);
    terminal.shows("predicted →");
    terminal.resize(30, 8);
    terminal.shows("needs 40 x 12, has 30 x 8");
    terminal.resize(200, 60);
    terminal.shows("next mistakes");
    terminal.resize(80, 24);
    terminal.shows_no("predicted →");
    terminal.shows(" bar ");
    terminal.press("?");
    terminal.shows("The previous mistake");
}

#[test]
fn a_size_that_no_terminal_has_is_told_and_takes_no_memory() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows(" bar ");
    for (columns, rows) in [(u16::MAX, u16::MAX), (u16::MAX, 24), (80, 501)] {
        // What is seen of it stays 80x24.
        terminal.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
        terminal.shows("the terminal's size is too large");
        terminal.press("?");
        terminal.press("?");
        terminal.resize(80, 24);
        terminal.shows(" bar ");
    }
    #[cfg(target_os = "linux")]
    assert!(terminal.peak_memory() < 1 << 30, "{} bytes", terminal.peak_memory());
}

#[test]
fn a_session_begins_in_a_terminal_of_any_size() {
    let mut terminal = Terminal::build(LONG, |command| {
        let mut shell = CommandBuilder::new("sh");
        shell.args(["-c", "stty cols 65535 rows 65535 && exec \"$0\" \"$@\""]);
        shell.args(command.get_argv());
        shell
    });
    terminal.shows("at most 1,000 x 500");
    terminal.resize(80, 24);
    terminal.shows(" bar ");
    terminal.press("q");
    terminal.press("y");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_key_at_the_moment_of_a_new_size_is_not_lost() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows(" bar ");
    for (columns, rows) in [(100, 30), (80, 24)].repeat(10) {
        terminal.resize(columns, rows);
        terminal.press("?");
        terminal.shows("╭ keys");
        terminal.press("?");
        terminal.shows(" bar ");
    }
}

#[test]
fn quitting_asks_and_saves() {
    let mut terminal = Terminal::with(LONG);
    until(|| terminal.epochs_saved() >= 1, || "a first epoch".into());
    terminal.press("q");
    terminal.shows("is saved first");
    terminal.press("n");
    terminal.shows_no("is saved first");
    terminal.quits_and_saves();
    terminal.shows("continue with: lenet-monitor train --resume checkpoints/");
    assert!(terminal.epochs_saved() >= 1);
}

impl Terminal {
    /// Pastes the command that the summary names into a shell, with these words behind it.
    fn pasted(&self, more: &str) -> std::process::Output {
        let text = String::from_utf8_lossy(&self.seen.bytes.lock().unwrap()).into_owned();
        let (_, command) = text.rsplit_once("continue with: lenet-monitor ").expect("a command to paste");
        let command = command.lines().next().unwrap();
        let line = format!("'{}' {command} {more}", env!("CARGO_BIN_EXE_lenet-monitor"));
        std::process::Command::new("bash").args(["-c", &line]).current_dir(self.folder.path()).output().unwrap()
    }
}

#[test]
fn the_command_to_continue_with_can_be_pasted() {
    let quotes = "it's $(touch x) \"y\" `touch x`; ~ !z";
    for runs in [quotes, "-runs", "two\nlines\u{1b}[31m", "数字 \u{202e}"] {
        let folder = format!("--checkpoint-dir={runs}");
        let mut terminal = Terminal::with(
            &[LONG, &[&folder, "--limit-train", "200", "--limit-test", "50", "--simd", "baseline"]].concat(),
        );
        let place = terminal.folder.path().to_owned();
        let saved = || {
            let runs = fs::read_dir(place.join(runs)).ok()?;
            let file =
                runs.filter_map(Result::ok).map(|run| run.path().join("last.ckpt")).find(|file| file.is_file())?;
            Checkpoint::read(&file).ok().map(|checkpoint| checkpoint.position.epoch)
        };
        until(|| saved() >= Some(1), || "a first epoch".into());
        terminal.quits_and_saves();
        terminal.shows("continue with: ");
        let epochs = saved().unwrap() + 1;
        let output = terminal.pasted(&format!("--headless --epochs {epochs}"));
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && stdout.contains("digits"), "{runs:?}: {stdout}{stderr}");
        assert!(!stderr.contains("bit for bit"), "another instruction set: {stderr}");
        assert_eq!(saved(), Some(epochs), "{runs:?}");
        assert!(!place.join("x").exists(), "the shell ran a part of the name");
    }
}

#[test]
fn names_of_folders_reach_terminal_log_and_summary_only_cleaned() {
    const EVIL: &str = "red\u{1b}]0;title\u{7}two\nlines\u{202e}";
    let rename = |folder: &Path| {
        let run = fs::read_dir(folder.join("checkpoints")).unwrap().next().unwrap().unwrap().path();
        fs::rename(&run, run.with_file_name(EVIL)).unwrap();
    };
    let mut terminal = after_a_run(&["--epochs", "1"], rename, &["--resume", "--epochs", "2"]);
    terminal.shows("finished");
    terminal.press("4");
    terminal.shows("red?]0;title?two lines?");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.shows("checkpoint: checkpoints/red?]0;title?two lines?/last.ckpt");
    let bytes = String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).into_owned();
    assert!(!bytes.contains("\u{1b}]0;title") && !bytes.contains('\u{202e}'));
    let log = fs::read_to_string(terminal.checkpoints().join(EVIL).join("log.txt")).unwrap();
    assert!(!log.contains(|char: char| (char.is_control() && char != '\n') || char == '\u{202e}'), "{log:?}");
    assert!(log.lines().all(|line| line.starts_with("20")), "{log}");
}

#[test]
fn a_log_that_is_a_link_is_not_written() {
    let link = |folder: &Path| {
        let run = fs::read_dir(folder.join("checkpoints")).unwrap().next().unwrap().unwrap().path();
        fs::write(folder.join("bashrc"), "# mine\n").unwrap();
        std::os::unix::fs::symlink("../../bashrc", run.join("log.txt")).unwrap();
    };
    let mut terminal = after_a_run(&["--epochs", "1"], link, &["--resume", "--epochs", "2"]);
    terminal.shows("finished");
    terminal.shows("no log is kept");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(fs::read_to_string(terminal.folder.path().join("bashrc")).unwrap(), "# mine\n");
}

#[test]
fn ctrl_c_asks_and_leaves_at_once_the_second_time() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows("training");
    terminal.press(CTRL_C);
    terminal.shows("is saved first");
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

/// Terminals without an alternate screen ignore that sequence.
#[test]
fn the_summary_stands_below_the_dashboard_where_there_is_no_alternate_screen() {
    let mut terminal = Terminal::with(&["--epochs", "2"]);
    terminal.shows("finished after 2 of 2 epochs");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    terminal.shows("checkpoint: checkpoints/");
    let bytes = terminal.seen.bytes.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes).replace("\x1b[?1049h", "").replace("\x1b[?1049l", "");
    let mut screen = vt100::Parser::new(nonzero(24), nonzero(80), 0);
    screen.process(text.as_bytes());
    let text = screen.screen().contents();
    let lines: Vec<&str> = text.lines().collect();
    let summary = lines.iter().position(|line| line.starts_with("digits   relu")).expect(&text);
    assert!(lines[summary - 1].contains("quit"), "the dashboard's last row comes before it:\n{text}");
    assert!(lines[summary..].iter().all(|line| !line.contains(['│', '╭', '╰'])), "{text}");
}

#[test]
fn a_signal_leaves_the_cursor_below_the_dashboard_where_there_is_no_alternate_screen() {
    let mut terminal = Terminal::with(LONG);
    terminal.shows(" bar ");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit_code(), 143);
    terminal.is_restored();
    let bytes = terminal.seen.bytes.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes).replace("\x1b[?1049h", "").replace("\x1b[?1049l", "");
    let mut screen = vt100::Parser::new(nonzero(24), nonzero(80), 0);
    screen.process(text.as_bytes());
    let lines: Vec<String> = screen.screen().rows(0, 80).collect();
    assert_eq!(screen.screen().cursor_position(), (23, 0), "{lines:#?}");
    assert!(lines[22].contains("quit") && lines[23].is_empty(), "{lines:#?}");
}

#[test]
fn a_locale_without_utf_8_gets_ascii_alone() {
    for (variable, locale) in [("LANG", "C"), ("LC_ALL", "de_DE.ISO-8859-1"), ("LC_CTYPE", "POSIX")] {
        let mut terminal = Terminal::build(&["--epochs", "2"], |mut command| {
            ["LANG", "LC_ALL", "LC_CTYPE"].iter().for_each(|name| command.env_remove(name));
            command.env(variable, locale);
            command
        });
        terminal.shows("finished after 2 of 2 epochs");
        terminal.press("q");
        assert_eq!(terminal.exit_code(), 0);
        terminal.shows("checkpoint: checkpoints/");
        assert!(terminal.seen.bytes.lock().unwrap().is_ascii(), "{variable}={locale}:\n{}", terminal.text());
    }
}

#[test]
fn a_dumb_terminal_gets_lines() {
    let mut terminal = Terminal::build(&["--epochs", "2"], |mut command| {
        command.env("TERM", "dumb");
        command
    });
    assert_eq!(terminal.exit_code(), 0);
    terminal.shows("finished after 2 epochs");
    assert!(!terminal.seen.bytes.lock().unwrap().contains(&0x1b), "{}", terminal.text());
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
fn a_terminal_that_reads_again_after_the_signal_is_restored() {
    let mut terminal = Terminal::with(&["--epochs", "10000", "--fps", "60"]);
    fill(&mut terminal);
    terminal.signal(Signal::TERM);
    let is_cooked = || modes(&**terminal.master.as_ref().unwrap()) == terminal.modes;
    until(is_cooked, || "the modes to be restored, before the bytes".into());
    terminal.goes_on();
    assert_eq!(terminal.exit_code(), 143);
    terminal.is_restored();
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
    terminal.shows(" bar ");
    terminal.press(CTRL_Z);
    terminal.shows("Stopped");
    terminal.is_on_main_screen();
    terminal.press("fg\r");
    terminal.shows(" bar ");
    // With the mouse taken, too.
    terminal.press("8");
    terminal.shows("nothing is drawn yet");
    terminal.press(CTRL_Z);
    // Keys typed before the shell has the terminal may be anybody's.
    until(|| terminal.text().matches("Stopped").count() == 2, || format!("a second stop on\n{}", terminal.text()));
    terminal.is_on_main_screen();
    terminal.press("fg\r");
    terminal.shows("nothing is drawn yet");
    until(|| terminal.captures_mouse(), || "the mouse to be taken again".into());
    terminal.press("q");
    terminal.shows("is saved first");
    terminal.press("y");
    terminal.shows("continue with");
    terminal.is_on_main_screen();
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
    terminal.press("klD");
    terminal.shows("dropped");
    terminal.press("D");
    terminal.shows_no("dropped");
    terminal.press("q");
    terminal.shows("The sweep stops");
    terminal.press("y");
    assert_eq!(terminal.exit_code(), 0);
    terminal.is_restored();
    let rows = terminal.rows();
    terminal.shows(&format!("{rows} of 4 runs on digits are in sweep.csv"));
    terminal.shows("continue with: lenet-monitor sweep --jobs 1 --epochs 20 --activations relu");
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
    terminal.shows("The sweep stops");
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
    terminal.shows("start the sweep");
    let table = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy\ntanh,0.01,sgd,64,0.9364\nrelu,0.001,adam,16,0.9872\n";
    fs::write(terminal.folder.path().join("sweep.csv"), table).unwrap();
    terminal.press(CTRL_R);
    terminal.shows("98.7");
    terminal.shows("93.6");
    fs::write(terminal.folder.path().join("sweep.csv"), "nothing of the kind").unwrap();
    terminal.press(CTRL_R);
    terminal.shows("expected a header");
    // Nobody writes into the pipe: whoever waited for it would wait for ever.
    fs::remove_file(terminal.folder.path().join("sweep.csv")).unwrap();
    let pipe = terminal.folder.path().join("sweep.csv");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    terminal.press(CTRL_R);
    terminal.shows("expected a file, found a named pipe");
}

#[test]
fn a_new_sweep_is_kept_in_the_table_that_was_named() {
    let mut terminal = Terminal::with(&[LONG, &["--sweep", "my results.csv"]].concat());
    terminal.shows("training");
    terminal.press("5");
    terminal.shows("my results.csv: ");
    terminal.press("B");
    terminal.shows("start the sweep");
    terminal.shows("file             my results.csv");
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

#[test]
fn why_the_digits_are_synthetic_stands_on_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
    command.args(["train", "--epochs", "1", "--limit-train", "100", "--limit-test", "100"]);
    command.env("LENET_MONITOR_MIRRORS", "http://127.0.0.1:1/");
    command.env("HOME", folder.path());
    let mut terminal = Terminal::spawn(command, folder);
    // Large enough that the log keeps its first lines.
    terminal.resize(120, 60);
    terminal.shows("SYNTHETIC");
    terminal.shows("lenet-monitor data fetch");
    terminal.shows("finished");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_key_writes_the_report_of_a_run_or_a_sweep_and_says_where_it_is() {
    let mut terminal = Terminal::with(&["--epochs", "1"]);
    terminal.shows("finished");
    terminal.press("4");
    terminal.shows("files  ▸ last");
    terminal.press("W");
    terminal.shows("report written: reports/");
    let pages = |terminal: &Terminal| {
        let reports = fs::read_dir(terminal.folder.path().join("reports")).into_iter().flatten();
        reports.filter(|folder| folder.as_ref().unwrap().path().join("report.html").is_file()).count()
    };
    assert_eq!(pages(&terminal), 1);

    let mut terminal = Terminal::sweep("1");
    terminal.shows("the sweep is complete");
    fs::write(terminal.folder.path().join("reports"), "in the way").unwrap();
    terminal.press("W");
    terminal.shows("no report: ");
    fs::remove_file(terminal.folder.path().join("reports")).unwrap();
    terminal.press("W");
    terminal.shows("report written: reports/sweep/report.html");
    assert_eq!(pages(&terminal), 1);
}

/// Returns the files of a folder and those below it, with their contents.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(contents(&path)),
            false => files.push((path.clone(), fs::read(path).unwrap())),
        }
    }
    files.sort();
    files
}

#[test]
fn a_key_exports_what_the_subcommand_does_and_replaces_no_file_without_a_yes() {
    let mut terminal = Terminal::with(&["--epochs", "1"]);
    terminal.shows("finished");
    terminal.press("4");
    terminal.shows("files  ▸ last");
    let export = |terminal: &mut Terminal, number: &str, name: &str| {
        terminal.press("E");
        terminal.shows("curves for TensorBoard");
        terminal.press(number);
        terminal.shows("as a new file:");
        terminal.press(&format!("{CTRL_U}{name}\r"));
    };
    export(&mut terminal, "4", "k");
    terminal.shows("exported: k.npz");
    let folder = terminal.folder.path().to_owned();
    fs::write(folder.join("p.safetensors"), "mine").unwrap();
    export(&mut terminal, "1", "p.safetensors");
    terminal.shows("This file exists. Replace it?");
    assert_eq!(fs::read(folder.join("p.safetensors")).unwrap(), b"mine");
    terminal.press("y");
    terminal.shows("exported: p.safetensors");
    // What cannot be written is asked for again.
    export(&mut terminal, "5", "nowhere/o");
    terminal.shows("No such file or directory");
    terminal.press(&format!("{CTRL_U}o\r"));
    terminal.shows("exported: o.onnx");
    terminal.press("E6");
    terminal.shows("event files in a folder:");
    terminal.press(&format!("{CTRL_U}logs/run\r"));
    terminal.shows("exported: logs/run");

    let run = terminal.last_run();
    for arguments in [
        &["--to", "k2.npz", "--layout", "keras"][..],
        &["--to", "p2.safetensors"],
        &["--to", "o2.onnx"],
        &["--tensorboard", "logs2/run"],
    ] {
        let arguments = [&["export", run.to_str().unwrap()], arguments].concat();
        let (code, _, err) = common::cli::outcome(common::cli::command(&folder, &arguments).output().unwrap());
        assert_eq!(code, Some(0), "{err}");
    }
    for (own, other) in [("k.npz", "k2.npz"), ("p.safetensors", "p2.safetensors"), ("o.onnx", "o2.onnx")] {
        assert!(fs::read(folder.join(own)).unwrap() == fs::read(folder.join(other)).unwrap(), "{own}");
    }
    let names = |logs: &str| -> Vec<(PathBuf, Vec<u8>)> {
        let files = contents(&folder.join(logs)).into_iter();
        files.map(|(path, bytes)| (path.strip_prefix(folder.join(logs)).unwrap().to_owned(), bytes)).collect()
    };
    assert!(names("logs") == names("logs2") && names("logs").len() == 2);
}

/// The terminal is asked for its background by this.
const QUESTION: &str = "\x1b]11;?\x1b\\";
/// Keys in the palettes, among 256 colours.
const DARK: &str = "38;5;177;";
const LIGHT: &str = "38;5;91;";
const AUTO: &str = "38;5;98;";

fn has_written(terminal: &Terminal, what: &str) -> bool {
    String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).contains(what)
}

fn writes(terminal: &Terminal, what: &str) {
    until(|| has_written(terminal, what), || format!("{what:?} among the bytes of\n{}", terminal.text()));
}

/// A terminal of 256 colours in which a run is going on.
fn coloured(args: &[&str]) -> Terminal {
    Terminal::with(&[LONG, &["--colours", "256"], args].concat())
}

#[test]
fn the_colours_follow_the_background_that_the_terminal_reports() {
    for (answer, colour) in [
        ("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", DARK),
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", LIGHT),
        ("\x1b]11;rgb:ff/ff/e0\x1b\\", LIGHT),
        ("\x1b]11;rgba:0000/0000/0000/dddd\x07", DARK),
    ] {
        let mut terminal = coloured(&[]);
        writes(&terminal, QUESTION);
        terminal.press(answer);
        writes(&terminal, colour);
        terminal.quits_and_saves();
    }
}

#[test]
fn a_late_or_senseless_answer_is_no_key_and_no_answer_is_none() {
    for (parts, colour) in [
        (&["\x1b]11;rgb:ffff/ffff/ffff\x1b\\"][..], Some(LIGHT)),
        (&["\x1b]11;", "rgb:ff", "ff/ffff/ffff\x07"], Some(LIGHT)),
        (&["\x1b]11;rgb:0000/0000", "/0000\x1b", "\\"], Some(DARK)),
        (&["\x1b]11;rgb:2/2\x07"], None),
        (&["\x1b]11;d1q2n3:?\x1b\\"], None),
    ] {
        let mut terminal = coloured(&[]);
        writes(&terminal, AUTO);
        terminal.press("7");
        terminal.shows("─ C1  6 kernels of 5x5");
        for part in parts {
            let before = terminal.seen.bytes.lock().unwrap().len();
            terminal.press(part);
            // Training draws frames all the time: several of them are several bursts of input.
            until(|| terminal.seen.bytes.lock().unwrap().len() > before, || "another frame".into());
        }
        if let Some(colour) = colour {
            writes(&terminal, colour);
        }
        terminal.press("?");
        terminal.shows("keys");
        terminal.press(ESC);
        terminal.shows("─ C1  6 kernels of 5x5");
        assert!(colour.is_some() || ![DARK, LIGHT].iter().any(|other| has_written(&terminal, other)), "{parts:?}");
        terminal.quits_and_saves();
    }
}

#[test]
fn keys_around_an_answer_are_kept() {
    let mut terminal = coloured(&[]);
    writes(&terminal, AUTO);
    terminal.press("2\x1b]11;rgb:0000/0000/0000\x077");
    terminal.shows("─ C1  6 kernels of 5x5");
    writes(&terminal, DARK);
    // Alt with the key that begins an answer, then another key.
    terminal.press("\x1b]2");
    terminal.shows_no("─ C1  6 kernels of 5x5");
    terminal.quits_and_saves();
}

#[test]
fn a_terminal_is_not_asked_where_the_answer_would_not_matter() {
    for theme in ["auto", "mono", "light"] {
        let mut terminal = coloured(&["--theme", theme]);
        terminal.shows("training");
        assert!(!has_written(&terminal, "]11;?"), "{theme}");
        // The answer to a question of the program before it.
        terminal.press("\x1b]11;rgb:0000/0000/0000\x077");
        terminal.shows("─ C1  6 kernels of 5x5");
        assert!(!has_written(&terminal, DARK), "{theme}");
        terminal.quits_and_saves();
    }
    let mut terminal = Terminal::build(&["--epochs", "1", "--headless"], |command| command);
    assert_eq!(terminal.exit_code(), 0);
    assert!(!has_written(&terminal, "]11;?"));
    let mut terminal = Terminal::build(&["--epochs", "1"], |mut command| {
        command.env("TERM", "dumb");
        command
    });
    assert_eq!(terminal.exit_code(), 0);
    assert!(!has_written(&terminal, "]11;?"));
}
