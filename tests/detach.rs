//! Runs that outlive their terminal: the real program in pseudo-terminals. Unix only.
#![cfg(unix)]

mod common;

use std::{fs, path::Path, sync::Arc};

use common::{
    bench::{Bench, CTRL_BACKSLASH, HANG_UPS},
    terminal::{Terminal, until},
};
use lenet_monitor::{
    data::{self, Choice, Request},
    nn::Engine,
    train::{Activation, Checkpoint, Trainer, checkpoint::Position},
};
use rustix::process::{Signal, kill_process};
use serde_json::Value;

impl Bench {
    /// Starts a run in the background, and returns its name.
    #[track_caller]
    fn detach(&self, flags: &str) -> String {
        let (out, _) = self.run(&format!("train --detach --data-dir digits --threads 1 {flags}"), 0);
        let name = out.split(' ').next().unwrap().to_owned();
        assert_eq!(out.lines().count(), 1, "{out}");
        assert!(out.ends_with(&format!("attach with: lenet-monitor attach {name}\n")), "{out}");
        name
    }

    #[track_caller]
    fn is_training(&self) {
        let session = self.session();
        assert!(session["state"] == "training" || session["state"] == "evaluating", "{session}");
    }

    /// Returns the checkpoints of all runs.
    fn saved(&self) -> Vec<Checkpoint> {
        let runs = fs::read_dir(self.path("checkpoints")).unwrap().map(|entry| entry.unwrap().path());
        runs.filter_map(|run| Checkpoint::read(&run.join("last.ckpt")).ok()).collect()
    }

    /// Trains the run of a checkpoint to the same step, and returns the parameters.
    fn trained_without_a_break_to(&self, checkpoint: &Checkpoint) -> Vec<f32> {
        let request = Request { choice: Choice::Auto, folder: self.path("digits") };
        let dataset = Arc::new(data::load(&request, &mut |_| ()).unwrap());
        let mut trainer = Trainer::new(dataset, checkpoint.spec.clone(), Engine::new(1)).unwrap();
        let place = |position: Position| (position.epoch, position.step);
        while place(trainer.position()) != place(checkpoint.position) {
            trainer.advance().unwrap();
        }
        trainer.checkpoint().parameters
    }
}

/// Lets the run on a dashboard continue in the background.
#[track_caller]
fn detaches(terminal: &mut Terminal) {
    terminal.press(CTRL_BACKSLASH);
    terminal.shows("detach?");
    terminal.shows("lenet-monitor attach 2");
    terminal.press("y");
    assert_eq!(terminal.exit_code(), 0);
}

/// Returns the parameters that an uninterrupted run of these flags ends with.
fn uninterrupted(flags: &str) -> Vec<f32> {
    let bench = Bench::new();
    bench.run(&format!("train --headless --data-dir digits --threads 1 {flags}"), 0);
    let [checkpoint] = &bench.saved()[..] else { panic!("one run") };
    checkpoint.parameters.clone()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_run_trains_in_the_background_and_is_listed_paused_resumed_and_stopped() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    let session = bench.session();
    assert!(session["run"].as_str().unwrap().ends_with(&name), "{session}");
    assert_eq!(
        (&session["epochs"], &session["dataset"], &session["viewers"]),
        (&10_000.into(), &"digits".into(), &0.into())
    );
    let (out, _) = bench.run("pause", 0);
    assert_eq!(out, format!("{name} paused\n"));
    assert_eq!(bench.session()["state"], "paused");
    let (out, _) = bench.run("resume", 0);
    assert!([format!("{name} training\n"), format!("{name} evaluating\n")].contains(&out), "{out}");
    until(|| !bench.session()["test_accuracy"].is_null(), || "an evaluation".into());
    let (out, _) = bench.run("sessions", 0);
    assert!(out.contains(&name) && out.contains("0 viewers") && out.contains("test accuracy"), "{out}");
    let (out, _) = bench.run(&format!("stop {name}"), 0);
    assert!(out.starts_with(&format!("{name} stopped after ")) && out.contains("last.ckpt"), "{out}");
    bench.is_quiet();
    let (_, err) = bench.run(&format!("stop {name}"), 1);
    assert!(err.contains("no run of this name") && err.contains("lenet-monitor sessions"), "{err}");
    let (_, err) = bench.run("pause", 1);
    assert!(err.contains("nothing trains in the background"), "{err}");
    let (out, err) = bench.run("sessions", 0);
    assert!(out.is_empty() && err.contains("train --detach"), "{err}");
}

#[test]
fn a_run_that_ends_in_the_background_leaves_its_result_and_nothing_else() {
    let bench = Bench::new();
    bench.detach("--epochs 2");
    bench.is_quiet();
    let [checkpoint] = &bench.saved()[..] else { panic!("one run") };
    assert_eq!(checkpoint.position.epoch, 2);
    assert!(bits(&checkpoint.parameters) == bits(&uninterrupted("--epochs 2")));
}

#[test]
fn errors_before_it_trains_are_shown_and_end_the_command_alike() {
    let bench = Bench::new();
    let (_, err) = bench.run("train --detach --data-dir nowhere", 1);
    assert!(err.contains("nowhere"), "{err}");
    let (_, err) = bench.run("train --detach --data-dir digits --momentum 2", 2);
    assert!(err.contains("momentum"), "{err}");
    let _ = fs::remove_dir(bench.path("run/lenet-monitor"));
    std::os::unix::fs::symlink("/tmp", bench.path("run/lenet-monitor")).unwrap();
    let (_, err) = bench.run("train --detach --data-dir digits", 1);
    assert!(err.contains("expected a folder") && err.contains("a symbolic link"), "{err}");
    assert!(!bench.path("checkpoints").exists(), "nothing has begun");
}

#[test]
fn screens_come_and_go_each_with_its_own_size_and_look() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    let mut first = bench.terminal("attach");
    first.shows("attached to");
    first.shows("1 viewer");
    let mut second = bench.terminal(&format!("attach {name} --ascii --watch"));
    second.shows("watching");
    first.shows("2 viewers");
    assert_eq!(bench.session()["viewers"], 2);
    // A command of one is seen by both; the other's is refused.
    first.press(" ");
    second.shows("paused");
    second.press(" ");
    second.shows("only watches");
    first.press("s");
    first.press(" ");
    second.shows("training");
    second.press("q");
    assert_eq!(second.exit_code(), 0);
    second.shows(&format!("{name} continues in the background"));
    first.shows("1 viewer");
    first.press(CTRL_BACKSLASH);
    assert_eq!(first.exit_code(), 0);
    first.is_restored();
    bench.is_training();
    // A terminal that vanishes takes nothing with it.
    let mut third = bench.terminal("attach");
    third.shows("attached to");
    third.vanishes();
    until(|| bench.session()["viewers"] == 0, || "no viewer".into());
    bench.is_training();
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[test]
fn the_runs_screen_shows_a_background_run_and_attaches_to_it() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    until(|| !bench.session()["test_accuracy"].is_null(), || "a checkpoint".into());
    bench.run("pause", 0);
    let epoch = bench.session()["epoch"].as_u64().unwrap();
    let mut terminal = bench.terminal("train --data-dir digits --threads 1 --epochs 10000 --activation tanh");
    terminal.shows("training");
    // The other run is this screen's own, if it is saved already.
    terminal.press("4/relu\r");
    terminal.shows("Enter attaches   paused");
    terminal.shows(&format!(" {epoch}/10000 "));
    terminal.press("\r");
    terminal.shows("attach?");
    terminal.press("y");
    terminal.shows("attached to");
    terminal.press(" ");
    until(|| bench.session()["state"] != "paused", || "the key reaches the trainer".into());
    assert_eq!(bench.session()["viewers"], 1);
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.shows(&format!("{name} continues in the background"));
    bench.is_training();
    let own = bench.saved().into_iter().find(|checkpoint| checkpoint.spec.hyper.activation == Activation::Tanh);
    assert!(own.is_some(), "the run of the screen was saved");
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[test]
fn resuming_a_run_that_trains_in_the_background_offers_to_attach() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    until(|| !bench.session()["test_accuracy"].is_null(), || "a checkpoint".into());
    let mut terminal = bench.terminal("train --resume");
    terminal.shows("Attach to it? [Y/n]");
    terminal.press("\r");
    terminal.shows("attached to");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = bench.terminal("train --resume");
    terminal.shows("Attach to it? [Y/n]");
    terminal.press("n\r");
    assert_eq!(terminal.exit_code(), 1);
    terminal.shows("lenet-monitor attach");
    // Nobody is there to answer.
    for flags in ["--headless", "--json", "--detach"] {
        let (_, err) = bench.run(&format!("train --resume {flags}"), 1);
        let attach = format!("`lenet-monitor attach {name}` shows it, `lenet-monitor stop {name}` stops it");
        assert!(err.contains("trains in the background (process") && err.contains(&attach), "{flags}: {err}");
    }
    bench.is_training();
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[test]
fn a_viewer_without_the_data_set_shows_the_images_that_the_trainer_sends() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    until(|| !bench.session()["test_accuracy"].is_null(), || "an evaluation".into());
    bench.run("pause", 0);
    fs::rename(bench.path("digits"), bench.path("moved")).unwrap();
    // Key 7 shows a test image in every layer.
    let layers = |flags: &str| {
        let mut terminal = bench.terminal(&format!("attach {name} {flags}"));
        terminal.shows(" viewer");
        terminal.press("7");
        terminal.shows("read as");
        terminal
    };
    let mut with = layers("--data-dir moved");
    let digit = |terminal: &Terminal| terminal.text().lines().skip(3).take(18).collect::<Vec<_>>().join("\n");
    let expected = digit(&with);
    let mut without = layers("--watch");
    until(|| digit(&without) == expected, || format!("{expected}\n{}", without.text()));
    without.press("1");
    without.shows("the trainer sends the images");
    // A report needs the images, an export does not.
    without.press("4");
    without.shows("files  ▸ last");
    without.press("W");
    without.shows("no report: the data set is not on this computer");
    without.press("E5\x15o\r");
    without.shows("exported: o.onnx");
    assert!(bench.path("o.onnx").is_file());
    for terminal in [&mut with, &mut without] {
        terminal.press("q");
        assert_eq!(terminal.exit_code(), 0);
    }
    // Whoever names a folder wants the images from there.
    let mut terminal = bench.terminal(&format!("attach {name} --data-dir digits"));
    assert_eq!(terminal.exit_code(), 1);
    let said = || String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).into_owned();
    until(|| said().contains("without --dataset and --data-dir") && said().contains("the run continues"), said);
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[test]
fn a_viewer_keeps_the_result_of_a_run_that_ends_and_may_extend_it() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 3");
    let mut viewer = bench.terminal(&format!("attach {name}"));
    viewer.shows("finished after 3 of 3 epochs");
    assert_eq!(bench.session()["state"], "finished");
    viewer.press(" ");
    viewer.shows("finished after 4 of 4 epochs");
    viewer.press("q");
    assert_eq!(viewer.exit_code(), 0);
    bench.is_quiet();
    // What has ended is shown from its folder.
    let mut viewer = bench.terminal(&format!("attach {name} --data-dir digits"));
    viewer.shows("finished after 4 of 4 epochs");
    viewer.press("q");
    assert_eq!(viewer.exit_code(), 0);
    bench.is_quiet();
}

#[test]
fn a_key_lets_the_run_continue_in_the_background_bit_for_bit() {
    let bench = Bench::new();
    let mut terminal = bench.terminal("train --data-dir digits --threads 1 --epochs 10000");
    for _ in 0..20 {
        terminal.shows("training");
        detaches(&mut terminal);
        terminal.shows("trains in the background");
        let mut viewer = bench.terminal("attach");
        viewer.shows("attached to");
        viewer.press("q");
        assert_eq!(viewer.exit_code(), 0);
        // It is taken back into a terminal of its own.
        bench.run("stop 2", 0);
        bench.is_quiet();
        terminal = bench.terminal("train --data-dir digits --threads 1 --resume");
    }
    terminal.shows("training");
    terminal.press("\x03\x03");
    assert_eq!(terminal.exit_code(), 0);
    let [checkpoint] = &bench.saved()[..] else { panic!("one run") };
    let expected = bench.trained_without_a_break_to(checkpoint);
    let [checkpoint] = &bench.saved()[..] else { panic!("one run") };
    assert!(bits(&checkpoint.parameters) == bits(&expected));
}

/// Each viewer is killed between its start and half a second later.
#[test]
fn a_hundred_killed_viewers_change_no_bit() {
    let bench = Bench::new();
    let flags = "--epochs 400 --seed 3";
    bench.detach(flags);
    let mut viewers: Vec<Terminal> = Vec::new();
    let mut random = 1_u64;
    for _ in 0..100 {
        viewers.push(bench.terminal("attach 2"));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if viewers.len() == 5 {
            // At any point of its start: before the connection, within the recording, or on the screen.
            let viewer = viewers.swap_remove((random >> 33) as usize % 5);
            viewer.signal(Signal::KILL);
        }
    }
    bench.is_training();
    viewers.iter().for_each(|viewer| viewer.signal(Signal::KILL));
    bench.is_quiet();
    let [checkpoint] = &bench.saved()[..] else { panic!("one run") };
    assert!(bits(&checkpoint.parameters) == bits(&uninterrupted(flags)));
}

#[test]
fn a_paused_run_is_paused_in_the_background_too() {
    let bench = Bench::new();
    let mut terminal = bench.terminal("train --data-dir digits --threads 1 --epochs 10000");
    terminal.shows("training");
    terminal.press(" ");
    terminal.shows("paused");
    detaches(&mut terminal);
    assert_eq!(bench.session()["state"], "paused");
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[test]
fn a_lost_connection_stops_the_run_or_detaches_it() {
    for (flags, config, continues) in HANG_UPS {
        let bench = Bench::new();
        bench.configure(config);
        let mut terminal = bench.terminal(&format!("train --data-dir digits --threads 1 --epochs 10000{flags}"));
        terminal.shows(if flags.contains("headless") { "epoch" } else { "training" });
        terminal.vanishes();
        assert_eq!(terminal.exit_code(), 129, "{flags:?} {config:?}");
        assert_eq!(bench.sessions().len(), usize::from(continues), "{flags:?} {config:?}");
        if continues {
            bench.is_training();
            bench.run("stop 2", 0);
        }
        assert_eq!(bench.saved().len(), 1);
        bench.is_quiet();
    }
}

#[test]
fn signals_end_a_background_run_saved_as_any_other() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let bench = Bench::new();
        bench.detach("--epochs 10000");
        kill_process(bench.process(), signal).unwrap();
        bench.is_quiet();
        assert_eq!(bench.saved().len(), 1, "{signal:?}");
    }
}

#[test]
fn a_killed_trainer_leaves_one_clear_line_and_a_run_to_resume() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    let mut viewer = bench.terminal("attach");
    viewer.shows("attached to");
    // The checkpoint of an epoch comes after its evaluation.
    let run = bench.path("checkpoints").join(&name);
    let saved = || Checkpoint::read(&run.join("last.ckpt")).map_or(0, |checkpoint| checkpoint.position.epoch);
    until(|| saved() > 0, || "a saved epoch".into());
    kill_process(bench.process(), Signal::KILL).unwrap();
    viewer.shows("is gone");
    viewer.press("q");
    assert_eq!(viewer.exit_code(), 1);
    bench.is_quiet();
    let epochs = saved();
    let (out, _) = bench.run(&format!("train --headless --data-dir digits --resume --epochs {}", epochs + 1), 0);
    assert!(out.contains(&format!("continuing after epoch {epochs}")), "{out}");
}

#[test]
fn several_runs_are_told_apart_by_name() {
    let bench = Bench::new();
    let names = [bench.detach("--epochs 10000"), bench.detach("--epochs 10000 --activation tanh")];
    let (_, err) = bench.run("pause", 2);
    assert!(names.iter().all(|name| err.contains(name)), "{err}");
    let (_, err) = bench.run("pause 2", 2);
    assert!(err.contains("2 runs train in the background"), "{err}");
    let (out, _) = bench.run(&format!("pause checkpoints/{}", names[1]), 0);
    assert_eq!(out, format!("{} paused\n", names[1]));
    let (out, _) = bench.run(&format!("stop {} {}", names[0], names[1]), 0);
    assert_eq!(out.lines().count(), 2, "{out}");
    bench.is_quiet();
    assert!(Path::new(&bench.path("checkpoints")).is_dir());
}

/// Returns what a command of `--on-end` has written, a value for each call.
fn ends(bench: &Bench, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(bench.path(file)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_background_run_calls_when_it_is_over() {
    let bench = Bench::new();
    bench.detach("--epochs 2 --on-end cat>>ends");
    bench.is_quiet();
    bench.detach("--epochs 10000 --on-end cat>>ends");
    bench.run("stop 2", 0);
    bench.is_quiet();
    until(|| ends(&bench, "ends").len() == 2, || format!("{:?}", ends(&bench, "ends")));
    let ends = ends(&bench, "ends");
    assert_eq!([&ends[0]["state"], &ends[1]["state"]], ["finished", "stopped"]);
    assert!(Path::new(ends[1]["checkpoint"].as_str().unwrap()).is_file(), "{ends:?}");
}

#[test]
fn a_run_that_moves_to_the_background_calls_only_there() {
    // The shell's own characters reach it as they are.
    const FILE: &str = "e\"n$d;s";
    let bench = Bench::new();
    let flags = "--data-dir digits --threads 1 --epochs 10000 --on-end cat>>'e\"n$d;s'";
    let mut terminal = bench.terminal(&format!("train {flags}"));
    terminal.shows("training");
    detaches(&mut terminal);
    bench.run("stop 2", 0);
    bench.is_quiet();
    until(|| !ends(&bench, FILE).is_empty(), || "the first call".into());
    let mut terminal = bench.terminal(&format!("train --on-hangup detach {flags}"));
    terminal.shows("training");
    terminal.vanishes();
    assert_eq!(terminal.exit_code(), 129);
    bench.run("stop 2", 0);
    bench.is_quiet();
    until(|| ends(&bench, FILE).len() >= 2, || format!("{:?}", ends(&bench, FILE)));
    let ends = ends(&bench, FILE);
    assert_eq!(ends.len(), 2, "{ends:?}");
    assert!(ends.iter().all(|end| end["state"] == "stopped" && end["reason"].is_null()), "{ends:?}");
}

#[test]
fn the_log_of_a_background_run_is_written_once_whoever_looks() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    let viewers = [bench.terminal("attach"), bench.terminal("attach --watch")];
    viewers.iter().for_each(|viewer| viewer.shows("2 viewers"));
    let epoch = bench.session()["epoch"].as_u64();
    until(|| bench.session()["epoch"].as_u64() > epoch, || "another epoch".into());
    bench.run("stop 2", 0);
    bench.is_quiet();
    let log = fs::read_to_string(bench.path("checkpoints").join(&name).join("log.txt")).unwrap();
    let count = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!((count(&format!("run {name} begins on digits")), count("stopped; the run is saved")), (1, 1), "{log}");
    let epochs: Vec<u32> =
        log.lines().filter_map(|line| line.split_once("  epoch ")?.1.split_whitespace().next()?.parse().ok()).collect();
    assert!(!epochs.is_empty() && epochs.iter().zip(1..).all(|(&found, expected)| found == expected), "{log}");
    // So is that of a run that ends by itself.
    let name = bench.detach("--epochs 2");
    bench.is_quiet();
    let log = fs::read_to_string(bench.path("checkpoints").join(&name).join("log.txt")).unwrap();
    assert_eq!(log.lines().filter(|line| line.ends_with("  finished")).count(), 1, "{log}");
}

#[test]
fn an_attached_terminal_rings_and_notifies_when_somebody_stops_the_run() {
    let bench = Bench::new();
    bench.detach("--epochs 10000");
    let mut leaves = bench.terminal("attach --notify --bell");
    let mut stays = bench.terminal("attach --notify --bell");
    stays.shows("2 viewers");
    leaves.press("q");
    assert_eq!(leaves.exit_code(), 0);
    bench.run("stop 2", 0);
    stays.shows("stopped");
    let bytes = |terminal: &Terminal| String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).into_owned();
    let notified = |terminal: &Terminal| bytes(terminal).matches("\x1b]9;stopped").count();
    until(|| notified(&stays) == 1, || "a notification".into());
    stays.press("q");
    let _ = stays.exit_code();
    assert_eq!((notified(&stays), bytes(&stays).matches("\x1b]777;notify;").count()), (1, 1));
    // Each of the two sequences ends with the bell's character.
    assert_eq!(bytes(&stays).matches('\x07').count(), 3, "{:?}", bytes(&stays));
    assert!(!bytes(&leaves).contains('\x07'), "whoever leaves knows");
    bench.is_quiet();
}

#[test]
fn a_run_that_does_not_answer_is_named_by_its_folder_too() {
    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    let process = bench.process();
    let names = [format!("checkpoints/{name}"), name, process.as_raw_pid().to_string()];
    kill_process(process, Signal::STOP).unwrap();
    let said: Vec<_> = names.iter().map(|name| common::cli::outcome(bench.output(&format!("pause {name}")))).collect();
    let other = common::cli::outcome(bench.output("pause checkpoints"));
    kill_process(process, Signal::CONT).unwrap();
    for (code, _, err) in said {
        assert!(code == Some(1) && err.contains(&format!("kill -CONT {}", process.as_raw_pid())), "{err}");
    }
    assert!(other.2.contains("no run of this name"), "{other:?}");
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[test]
fn a_viewer_that_is_stopped_for_long_costs_nothing_and_catches_up() {
    let bench = Bench::new();
    bench.detach("--epochs 10000");
    let mut viewer = bench.terminal("attach");
    viewer.shows("attached to");
    viewer.signal(Signal::STOP);
    let epoch = || bench.session()["epoch"].as_u64().unwrap();
    let before = epoch();
    until(|| epoch() >= before + 50, || format!("50 epochs after {before}"));
    bench.is_training();
    assert_eq!(bench.session()["viewers"], 1);
    bench.run("pause", 0);
    let newcomer = bench.terminal("attach");
    newcomer.shows("paused");
    viewer.signal(Signal::CONT);
    // The place in the run, and the log of the epochs. Of the batches it has missed, it has no curve.
    let epochs = |terminal: &Terminal| {
        let text = terminal.text();
        text.lines().filter(|line| line.contains("  epoch ")).map(str::to_owned).collect::<Vec<_>>()
    };
    until(|| epochs(&viewer) == epochs(&newcomer), || format!("{}\n{}", viewer.text(), newcomer.text()));
    assert!(epochs(&newcomer).len() > 1, "{}", newcomer.text());
    viewer.press(" ");
    newcomer.shows("training");
    bench.run("stop 2", 0);
    bench.is_quiet();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_to_viewers_and_costs_a_background_run_nothing() {
    use rustix::process::{Resource, Rlimit, prlimit};

    let bench = Bench::new();
    let name = bench.detach("--epochs 10000");
    let run = bench.path("checkpoints").join(&name);
    let saved = || Checkpoint::read(&run.join("last.ckpt")).ok().map(|checkpoint| checkpoint.position.epoch);
    let epoch = || bench.session()["epoch"].as_u64().unwrap();
    let failures = || fs::read_to_string(run.join("log.txt")).unwrap().matches("not saved: File too large").count();
    until(|| saved().is_some(), || "a checkpoint".into());
    let viewer = bench.terminal("attach");
    viewer.resize(160, 40);
    viewer.shows("attached to");
    // A file-size limit stands in for a full disk: less than a checkpoint, more than the log.
    let process = bench.process();
    let limit = |current| prlimit(Some(process), Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
    limit(Some(100 << 10));
    viewer.shows("not saved: File too large");
    until(|| failures() > 0, || "a line in the run's log".into());
    // The run continues, and what was saved stays.
    let (kept, before) = (saved(), epoch());
    until(|| epoch() >= before + 3, || "3 more epochs".into());
    bench.is_training();
    assert!(kept.is_some() && saved() == kept);
    // With room on the disk, it is saved again.
    limit(None);
    until(|| saved() > kept, || "a later checkpoint".into());
    limit(Some(100 << 10));
    let before = failures();
    until(|| failures() > before, || "another failure".into());
    // At the end, who stops it learns what is lost, as in the foreground.
    let kept = saved();
    let (_, err) = bench.run("stop 2", 1);
    assert!(err.contains("NOT SAVED: File too large") && err.contains("is from after epoch"), "{err}");
    viewer.shows("stopped after");
    viewer.shows("earlier checkpoints are");
    bench.is_quiet();
    assert_eq!(saved(), kept);
}
