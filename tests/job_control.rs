//! The real program under a real bash in a pseudo-terminal: hang-ups, Ctrl-Z, jobs, and every signal that ends it. Linux only:
//! the program is found through /proc.
#![cfg(target_os = "linux")]

mod common;

use std::{fs, path::Path};

use common::terminal::{Terminal, until, until_mut};
use lenet_monitor::train::RunFolder;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

const CTRL_Z: &str = "\x1a";

/// A bash with the program in its foreground, somewhere in the middle of a long first epoch.
struct Job {
    terminal: Terminal,
    pid: i32,
}

impl Job {
    fn start() -> Self {
        Self::with("1")
    }

    fn with(batch_size: &str) -> Self {
        let mut terminal = Terminal::bash();
        let program = Path::new(env!("CARGO_BIN_EXE_lenet-monitor")).display();
        terminal
            .press(&format!("{program} train --data-dir digits --threads 1 --epochs 1000 --batch-size {batch_size}\r"));
        terminal.shows(" bar ");
        until(|| is_in_epoch(&terminal.text()), || format!("steps on\n{}", terminal.text()));
        let shell = terminal.child.process_id().unwrap();
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        let pid = children.split_whitespace().next().expect("the program is the shell's child").parse().unwrap();
        Self { terminal, pid }
    }

    /// Starts the program and stops it by Ctrl-Z, with the shell at its prompt.
    fn stopped() -> Self {
        Self::start().suspended()
    }

    fn suspended(self) -> Self {
        let mut job = self;
        job.terminal.press(CTRL_Z);
        job.terminal.shows("Stopped");
        job.terminal.is_on_main_screen();
        job
    }

    fn signal(&self, signal: Signal) {
        let _ = kill_process(Pid::from_raw(self.pid).unwrap(), signal);
    }

    /// Returns the process's state, `None` once it has ended.
    fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit(')').next()?.trim().chars().next().filter(|&state| state != 'Z')
    }

    fn is_gone(&self) {
        until(|| self.state().is_none(), || format!("the program to end; it is in state {:?}", self.state()));
    }

    /// Checks that the middle of the epoch was saved, not only its beginning.
    fn is_saved(&self) {
        let checkpoint = self.terminal.last_checkpoint().expect("a checkpoint");
        assert!(checkpoint.optimizer.steps > 0, "saved before the first step only");
    }

    fn is_free(&self) {
        for run in fs::read_dir(self.terminal.checkpoints()).unwrap() {
            RunFolder::check_free(&run.unwrap().path()).unwrap();
        }
    }

    /// Runs a command at the prompt and waits for its answer.
    fn shell_says(&mut self, command: &str, answer: &str) {
        self.terminal.press(&format!("{command}\r"));
        self.terminal.shows(answer);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Returns whether the header shows a step after the first.
fn is_in_epoch(text: &str) -> bool {
    let step = text.split("step ").nth(1).and_then(|rest| rest.split(" of").next());
    step.is_some_and(|step| step.trim().replace(',', "").parse::<u32>().is_ok_and(|step| step > 0))
}

#[test]
fn a_closed_terminal_with_a_shell_in_it_leaves_a_saved_run() {
    for _ in 0..4 {
        let mut job = Job::start();
        job.terminal.vanishes();
        job.is_gone();
        job.is_saved();
    }
}

#[test]
fn a_terminal_closed_over_a_stopped_program_leaves_a_saved_run() {
    for _ in 0..4 {
        let mut job = Job::stopped();
        job.terminal.vanishes();
        job.is_gone();
        job.is_saved();
        job.is_free();
    }
}

#[test]
fn a_second_signal_does_not_cut_the_save_short_nor_change_the_exit_code() {
    for (first, second, code) in [
        (Signal::TERM, Signal::HUP, 143),
        (Signal::HUP, Signal::HUP, 129),
        (Signal::TERM, Signal::TERM, 143),
        (Signal::INT, Signal::INT, 130),
    ] {
        for micros in [0, 1_000, 20_000] {
            let mut job = Job::start();
            job.signal(first);
            // The delay between the two is what is tested.
            std::thread::sleep(std::time::Duration::from_micros(micros));
            job.signal(second);
            job.is_gone();
            job.is_saved();
            // If both are pending, the system does not say which came first.
            if micros >= 1_000 || first == second {
                job.shell_says("echo \"code $?\"", &format!("code {code}"));
            }
        }
    }
}

#[test]
fn a_stopped_job_is_ended_by_kill_and_the_shell_keeps_its_terminal() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut job = Job::stopped();
        job.terminal.press(&format!("kill -{signal} %1\r"));
        if signal != "TERM" && signal != "HUP" {
            // bash continues a job on its own only for these two.
            job.terminal.press("kill -CONT %1\r");
        }
        job.is_gone();
        job.is_saved();
        job.is_free();
        job.shell_says("echo a''live", "alive");
        job.terminal.is_on_main_screen();
        job.shell_says("stty -a | grep -o ' icanon'", " icanon");
    }
}

#[test]
fn a_signal_right_after_ctrl_z_leaves_the_shell_its_terminal() {
    let mut job = Job::start();
    job.terminal.press(CTRL_Z);
    job.signal(Signal::TERM);
    // Either may come first: a program that is ending is no longer stopped.
    let mut is_continued = false;
    until_mut(
        || {
            if !is_continued && job.terminal.text().contains("Stopped") {
                job.terminal.press("fg\r");
                is_continued = true;
            }
            job.state().is_none()
        },
        || "the program to end".into(),
    );
    job.is_saved();
    job.shell_says("stty -a | grep -o ' icanon'", " icanon");
    job.terminal.is_on_main_screen();
}

#[test]
fn a_job_in_the_background_trains_on_and_leaves_the_terminal_alone() {
    let mut job = Job::with("64").suspended();
    job.shell_says("bg", "&");
    let before = job.terminal.seen.bytes.lock().unwrap().len();
    // Keys belong to the shell: a program that reads them would be stopped.
    for _ in 0..3 {
        job.shell_says("echo typed", "typed");
    }
    let epoch = job.terminal.epochs_saved();
    until(|| job.terminal.epochs_saved() > epoch, || "training in the background".into());
    assert_ne!(job.state(), Some('T'), "stopped");
    let bytes = job.terminal.seen.bytes.lock().unwrap()[before..].to_vec();
    assert!(!String::from_utf8_lossy(&bytes).contains("\x1b[?1049h"), "it took the screen from the background");
    job.terminal.press("fg\r");
    job.terminal.shows(" bar ");
    job.terminal.press("q");
    job.terminal.shows("is saved first");
    job.terminal.press("y");
    job.is_gone();
    job.shell_says("echo \"code $?\"", "code 0");
}

#[test]
fn a_job_started_in_the_background_is_drawn_in_the_foreground() {
    let mut terminal = Terminal::bash();
    let program = Path::new(env!("CARGO_BIN_EXE_lenet-monitor")).display();
    terminal.press(&format!("{program} train --data-dir digits --threads 1 --epochs 1000 &\r"));
    until(|| terminal.epochs_saved() > 0, || "training in the background".into());
    terminal.press("fg\r");
    terminal.shows(" bar ");
    terminal.press("q");
    terminal.shows("is saved first");
    terminal.press("y");
    terminal.is_on_main_screen();
}

#[test]
fn every_signal_that_ends_it_saves_and_restores() {
    for (signal, number) in [
        (Signal::QUIT, 3),
        (Signal::ABORT, 6),
        (Signal::USR1, 10),
        (Signal::USR2, 12),
        (Signal::ALARM, 14),
        (Signal::XCPU, 24),
        (Signal::XFSZ, 25),
        (Signal::POWER, 30),
    ] {
        let mut job = Job::start();
        job.signal(signal);
        job.is_gone();
        job.is_saved();
        job.shell_says("echo \"code $?\"", &format!("code {}", 128 + number));
        job.terminal.is_on_main_screen();
        job.shell_says("stty -a | grep -o ' icanon'", " icanon");
    }
}

#[test]
fn a_terminal_that_reads_again_after_the_program_has_gone_is_restored() {
    let mut job = Job::start();
    job.terminal.resize(200, 60);
    job.terminal.shows("next mistakes");
    job.terminal.stops();
    until_mut(
        || {
            job.terminal.press("\x0c");
            job.terminal.is_full()
        },
        || "the terminal to be full".into(),
    );
    job.signal(Signal::TERM);
    job.is_gone();
    job.is_saved();
    job.terminal.goes_on();
    job.terminal.is_on_main_screen();
    job.shell_says("echo a''live", "alive");
}

#[test]
fn a_failed_save_is_reported_in_every_state_of_the_program() {
    for mut job in [Job::start(), Job::stopped()] {
        let limit = Rlimit { current: Some(1_000), maximum: None };
        prlimit(Pid::from_raw(job.pid), Resource::Fsize, limit).unwrap();
        let is_stopped = job.state() == Some('T');
        if is_stopped {
            job.terminal.press("kill %1\r");
        } else {
            job.signal(Signal::TERM);
        }
        job.is_gone();
        job.terminal.shows("NOT SAVED: File too large");
        job.terminal.is_on_main_screen();
    }
}

#[test]
fn a_file_size_limit_is_a_failed_save() {
    let mut terminal = Terminal::bash();
    let program = Path::new(env!("CARGO_BIN_EXE_lenet-monitor")).display();
    terminal.press(&format!(
        "(ulimit -f 100; {program} train --headless --data-dir digits --limit-train 100 --epochs 2 --threads 1); \
         echo \"code $?\"\r"
    ));
    terminal.shows("code 1");
    terminal.shows("NOT SAVED: File too large");
}

#[test]
fn a_limit_on_processor_time_saves_first() {
    let mut terminal = Terminal::bash();
    let program = Path::new(env!("CARGO_BIN_EXE_lenet-monitor")).display();
    terminal.press(&format!(
        "(ulimit -St 1; {program} train --headless --data-dir digits --batch-size 1 --epochs 1000 --threads 1); \
         echo \"code $?\"\r"
    ));
    terminal.shows("code 152");
    assert!(terminal.last_checkpoint().unwrap().optimizer.steps > 0);
}
