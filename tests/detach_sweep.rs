//! Sweeps that outlive their terminal: the real program in pseudo-terminals. Unix only.
#![cfg(unix)]

mod common;

use std::fs;

use common::{
    bench::{Bench, CTRL_BACKSLASH, HANG_UPS},
    terminal::{Terminal, until},
};
use rustix::process::{Signal, kill_process};
use serde_json::Value;

/// Eight runs, two at a time.
const GRID: &str = "--data-dir digits --limit-train 1000 --jobs 2 --activations relu,tanh --optimizers adam,sgd \
                    --lrs 0.01,0.001 --batch-sizes 32";
/// More epochs than any test waits for.
const ENDLESS: &str = "--epochs 4000";
const TABLE: &str = "sweep.csv";

impl Bench {
    /// Starts a sweep in the background.
    #[track_caller]
    fn sweep(&self, flags: &str) {
        let (out, err) = self.run(&format!("sweep --detach {GRID} {flags}"), 0);
        let expected = "attach with: lenet-monitor attach sweep.csv\n";
        assert!(out.starts_with("the sweep into sweep.csv trains in the background (process "), "{out}");
        assert!(out.ends_with(expected) && out.lines().count() == 1, "{out}{err}");
    }

    /// Returns the cells of all rows without the seconds, which differ between sweeps, in alphabetical order.
    fn results(&self, table: &str) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_path(self.path(table)).unwrap();
        let seconds = reader.headers().unwrap().iter().position(|column| column == "Seconds").unwrap();
        let rows = reader.records().map(|record| {
            let mut row: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
            row.remove(seconds);
            row
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort();
        rows
    }

    #[track_caller]
    fn is_sweeping(&self) {
        let session = self.session();
        assert_eq!((&session["kind"], &session["state"]), (&"sweep".into(), &"sweeping".into()), "{session}");
    }

    fn has_ended(&self, runs: u64) {
        let ended = || self.session()["runs_ended"].as_u64().unwrap();
        until(|| ended() >= runs, || format!("{runs} runs in the table, not {}", ended()));
    }
}

/// Returns the results of an undisturbed sweep of these flags.
fn undisturbed(flags: &str) -> Vec<Vec<String>> {
    let bench = Bench::new();
    bench.run(&format!("sweep --headless {GRID} {flags}"), 0);
    bench.results(TABLE)
}

fn said(terminal: &Terminal) -> String {
    String::from_utf8_lossy(&terminal.seen.bytes.lock().unwrap()).into_owned()
}

#[test]
fn a_sweep_trains_in_the_background_and_is_listed_paused_resumed_and_stopped() {
    let bench = Bench::new();
    bench.sweep(ENDLESS);
    let session = bench.session();
    assert_eq!(session["run"], bench.path(TABLE).canonicalize().unwrap().to_str().unwrap());
    assert_eq!((&session["kind"], &session["dataset"]), (&"sweep".into(), &"digits".into()));
    assert_eq!((&session["runs"], &session["runs_ended"], &session["epochs"]), (&8.into(), &0.into(), &32_000.into()));
    until(|| bench.session()["images_per_second"].as_f64() > Some(0.0), || "a speed".into());
    until(|| bench.session()["epoch"].as_u64() > Some(1), || "epochs".into());
    let (out, _) = bench.run("pause", 0);
    assert_eq!(out, "sweep.csv paused\n");
    assert_eq!(bench.session()["state"], "paused");
    let (out, _) = bench.run("resume sweep", 0);
    assert_eq!(out, "sweep.csv sweeping\n");
    bench.is_sweeping();
    let (out, _) = bench.run("sessions", 0);
    assert!(out.starts_with("sweep.csv  sweeping    0 of 8 runs") && out.contains("0 viewers"), "{out}");
    let (out, _) = bench.run("stop sweep.csv", 0);
    assert!(out.starts_with("sweep.csv stopped; 0 of 8 runs are in /"), "{out}");
    bench.is_quiet();
    let (_, err) = bench.run("stop sweep.csv", 1);
    assert!(err.contains("no run of this name") && err.contains("no sweep"), "{err}");
    // What an ended sweep has left is shown by others.
    let mut terminal = bench.terminal("attach sweep.csv");
    assert_eq!(terminal.exit_code(), 1);
    until(|| said(&terminal).contains("lenet-monitor report sweep.csv"), || said(&terminal));
}

#[test]
fn a_sweep_that_ends_in_the_background_leaves_the_table_of_one_in_the_foreground() {
    let bench = Bench::new();
    bench.sweep("--epochs 3");
    bench.is_quiet();
    let results = bench.results(TABLE);
    assert_eq!(results.len(), 8);
    assert_eq!(results, undisturbed("--epochs 3"));
    // Whatever it would have printed.
    let log = fs::read_to_string(bench.path("sweep.log")).unwrap();
    assert!(log.contains("8/8 ") && log.contains("8 of 8 runs on digits are in"), "{log}");
    // There is nothing left to do, and the table stays as it is.
    bench.sweep("--epochs 3");
    bench.is_quiet();
    assert_eq!(bench.results(TABLE), results);
}

#[test]
fn errors_before_it_begins_are_shown_and_end_the_command_alike() {
    let bench = Bench::new();
    let (_, err) = bench.run("sweep --detach --data-dir nowhere", 1);
    assert!(err.contains("nowhere"), "{err}");
    let (_, err) = bench.run("sweep --detach --data-dir digits --momentums 2", 2);
    assert!(err.contains("momentum"), "{err}");
    bench.run("sweep --detach --headless", 2);
    fs::write(bench.path(TABLE), "something else\n").unwrap();
    let (_, err) = bench.run("sweep --detach --data-dir digits", 1);
    assert!(err.contains("expected a sweep's table"), "{err}");
    assert!(bench.sessions().is_empty());
}

#[test]
fn screens_come_and_go_and_command_the_same_sweep() {
    let bench = Bench::new();
    bench.sweep(ENDLESS);
    let mut first = bench.terminal("attach");
    first.shows("attached to");
    first.shows("1 viewer");
    first.shows("0 of 8 runs");
    let mut second = bench.terminal("attach sweep.csv --ascii --watch");
    second.shows("watching");
    first.shows("2 viewers");
    assert_eq!(bench.session()["viewers"], 2);
    first.press(" ");
    second.shows("paused");
    second.press(" ");
    second.shows("only watches");
    assert_eq!(bench.session()["state"], "paused");
    first.shows("paused");
    first.press(" ");
    second.shows("sweeping");
    first.press("D");
    until(|| bench.session()["runs"] == 7, || "a run is dropped".into());
    second.press("q");
    assert_eq!(second.exit_code(), 0);
    second.shows("the sweep into sweep.csv continues in the background");
    first.shows("1 viewer");
    first.press(CTRL_BACKSLASH);
    assert_eq!(first.exit_code(), 0);
    first.is_restored();
    let mut third = bench.terminal("attach");
    third.shows("attached to");
    third.vanishes();
    until(|| bench.session()["viewers"] == 0, || "no viewer".into());
    bench.is_sweeping();
    // Stopped by one, the sweep is over for all, and each keeps what it has.
    let mut stops = bench.terminal("attach");
    let mut stays = bench.terminal("attach");
    stays.shows("2 viewers");
    stops.press("S");
    stops.shows("stop the sweep?");
    stops.press("y");
    stays.shows("stopped");
    bench.is_quiet();
    stays.press("q");
    assert_eq!(stays.exit_code(), 0);
    stays.shows("continue with: cd /");
    assert!(!said(&stays).contains("--background"), "{}", said(&stays));
}

#[test]
fn a_viewer_keeps_the_result_of_a_sweep_that_ends() {
    let bench = Bench::new();
    bench.sweep("--epochs 40");
    let mut viewer = bench.terminal("attach --notify");
    viewer.shows("attached to");
    viewer.shows("8 of 8 runs ended");
    viewer.shows("complete");
    until(|| said(&viewer).contains("\x1b]9;the sweep is complete"), || said(&viewer));
    bench.is_quiet();
    viewer.press("q");
    assert_eq!(viewer.exit_code(), 0);
    viewer.shows("8 of 8 runs on digits are in");
}

/// Lets the sweep on a screen continue in the background.
#[track_caller]
fn detaches(terminal: &mut Terminal) {
    terminal.press(CTRL_BACKSLASH);
    terminal.shows("detach?");
    terminal.shows("lenet-monitor attach sweep.csv");
    terminal.press("y");
    assert_eq!(terminal.exit_code(), 0);
    terminal.shows("the sweep into sweep.csv trains in the background");
}

#[test]
fn a_key_lets_the_sweep_continue_in_the_background_with_the_same_results() {
    let flags = "--epochs 40";
    let bench = Bench::new();
    for _ in 0..4 {
        let mut terminal = bench.terminal(&format!("sweep {GRID} {flags}"));
        terminal.shows("running");
        detaches(&mut terminal);
        let ended = bench.session()["runs_ended"].as_u64().unwrap();
        bench.has_ended(ended + 1);
        // It is taken back into a terminal.
        bench.run("stop sweep.csv", 0);
        bench.is_quiet();
    }
    bench.sweep(flags);
    bench.is_quiet();
    assert_eq!(bench.results(TABLE), undisturbed(flags));
}

#[test]
fn a_sweep_stays_paused_and_without_its_dropped_runs_in_the_background() {
    let bench = Bench::new();
    let mut terminal = bench.terminal(&format!("sweep {GRID} {ENDLESS}"));
    terminal.shows("0 of 8 runs");
    terminal.press("D");
    terminal.shows("of 7 runs");
    terminal.press(" ");
    terminal.shows("paused");
    detaches(&mut terminal);
    let session = bench.session();
    assert_eq!((&session["state"], &session["runs"]), (&"paused".into(), &7.into()), "{session}");
    bench.run("stop sweep.csv", 0);
    bench.is_quiet();
}

#[test]
fn a_run_and_a_sweep_of_one_screen_continue_side_by_side() {
    let bench = Bench::new();
    let mut terminal = bench.terminal("train --data-dir digits --threads 1 --epochs 10000");
    terminal.shows("training");
    // Keys before the form are not for it.
    terminal.press("5");
    terminal.shows("new sweep");
    terminal.press("G\r");
    terminal.shows("of 81 runs");
    detaches(&mut terminal);
    terminal.shows("trains in the background");
    let mut sessions = bench.sessions();
    sessions.sort_by_key(|session| session["kind"].as_str().unwrap().to_owned());
    let states: Vec<_> = sessions.iter().map(|session| (&session["kind"], &session["state"])).collect();
    assert_eq!(states, [(&"run".into(), &"paused".into()), (&"sweep".into(), &"sweeping".into())]);
    let (_, err) = bench.run("pause", 2);
    assert!(err.contains("2 runs and sweeps train in the background"), "{err}");
    bench.run("stop 2 sweep.csv", 0);
    bench.is_quiet();
}

#[test]
fn killed_viewers_change_no_result() {
    let flags = "--epochs 25";
    let bench = Bench::new();
    bench.sweep(flags);
    let mut viewers: Vec<Terminal> = Vec::new();
    let mut random = 1_u64;
    for _ in 0..40 {
        viewers.push(bench.terminal("attach sweep"));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if viewers.len() == 5 {
            // At any point of its start: before the connection, within what it gets at first, or on the screen.
            let viewer = viewers.swap_remove((random >> 33) as usize % 5);
            viewer.signal(Signal::KILL);
        }
    }
    viewers.iter().for_each(|viewer| viewer.signal(Signal::KILL));
    bench.is_quiet();
    assert_eq!(bench.results(TABLE), undisturbed(flags));
}

#[test]
fn a_lost_connection_stops_the_sweep_or_detaches_it() {
    for (flags, config, continues) in HANG_UPS {
        let bench = Bench::new();
        bench.configure(config);
        let mut terminal = bench.terminal(&format!("sweep {GRID} {ENDLESS}{flags}"));
        terminal.shows("of 8 runs");
        terminal.vanishes();
        assert_eq!(terminal.exit_code(), 129, "{flags:?} {config:?}");
        assert_eq!(bench.sessions().len(), usize::from(continues), "{flags:?} {config:?}");
        if continues {
            bench.is_sweeping();
            bench.run("stop sweep.csv", 0);
        }
        bench.is_quiet();
    }
}

#[test]
fn signals_end_a_background_sweep_and_the_same_command_continues_it() {
    let flags = "--epochs 40";
    let bench = Bench::new();
    for (ended, signal) in [(1, Signal::TERM), (2, Signal::HUP), (3, Signal::INT), (4, Signal::KILL)] {
        bench.sweep(flags);
        bench.has_ended(ended);
        kill_process(bench.process(), signal).unwrap();
        bench.is_quiet();
    }
    let (out, _) = bench.run(&format!("sweep --headless {GRID} {flags}"), 0);
    assert!(out.contains("8 of 8 runs on digits"), "{out}");
    assert_eq!(bench.results(TABLE), undisturbed(flags));
}

#[test]
fn a_killed_sweep_leaves_one_clear_line() {
    let bench = Bench::new();
    bench.sweep(ENDLESS);
    let mut viewer = bench.terminal("attach");
    viewer.shows("attached to");
    let process = bench.process();
    kill_process(process, Signal::KILL).unwrap();
    viewer.shows(&format!("process {}, which trained the sweep, is gone", process.as_raw_nonzero()));
    viewer.press("q");
    assert_eq!(viewer.exit_code(), 1);
    viewer.shows("continue with: cd /");
    bench.is_quiet();
}

#[test]
fn a_table_that_is_written_in_the_background_offers_to_attach() {
    let bench = Bench::new();
    bench.sweep(ENDLESS);
    let mut terminal = bench.terminal(&format!("sweep {GRID} {ENDLESS}"));
    terminal.shows("Attach to it? [Y/n]");
    terminal.press("\r");
    terminal.shows("attached to");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    for flags in ["--headless", "--json", "--detach"] {
        let (_, err) = bench.run(&format!("sweep {flags} {GRID} {ENDLESS}"), 1);
        let attach = "`lenet-monitor attach sweep.csv` shows it, `lenet-monitor stop sweep.csv` stops it";
        assert!(err.contains("a sweep in the background writes") && err.contains(attach), "{flags}: {err}");
    }
    bench.is_sweeping();
    bench.run("stop sweep", 0);
    bench.is_quiet();
}

#[test]
fn tables_of_the_same_name_are_told_apart() {
    let bench = Bench::new();
    for folder in ["a", "b"] {
        bench.run(&format!("sweep --detach {GRID} {ENDLESS} --out {folder}/sweep.csv"), 0);
    }
    let processes: Vec<u64> = bench.sessions().iter().map(|session| session["pid"].as_u64().unwrap()).collect();
    let (_, err) = bench.run("pause sweep.csv", 2);
    assert!(processes.iter().all(|process| err.contains(&format!("sweep.csv (process {process})"))), "{err}");
    bench.run("pause b/sweep.csv", 0);
    let states = || bench.sessions().iter().map(|session| session["state"].clone()).collect::<Vec<_>>();
    assert_eq!(states(), ["sweeping", "paused"]);
    bench.run(&format!("stop {} {}", processes[0], processes[1]), 0);
    bench.is_quiet();
}

#[test]
fn a_command_is_called_once_when_the_sweep_is_over() {
    let bench = Bench::new();
    let ends = || -> Vec<Value> {
        let text = fs::read_to_string(bench.path("ends")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    bench.sweep("--epochs 2 --on-end cat>>ends");
    bench.is_quiet();
    until(|| ends().len() == 1, || format!("{:?}", ends()));
    let end = ends().remove(0);
    assert_eq!((&end["kind"], &end["state"], &end["epochs"]), (&"sweep".into(), &"finished".into(), &16.into()));
    assert!(end["accuracy"].as_f64() > Some(0.1) && end["checkpoint"].is_null(), "{end}");
    assert!(end["run"].as_str().unwrap().ends_with("/sweep.csv"), "{end}");
    // A move to the background is no end.
    let mut terminal = bench.terminal(&format!("sweep {GRID} {ENDLESS} --on-end cat>>ends"));
    terminal.shows("of 8 runs");
    detaches(&mut terminal);
    bench.run("stop sweep.csv", 0);
    bench.is_quiet();
    until(|| ends().len() >= 2, || format!("{:?}", ends()));
    bench.run(&format!("sweep --headless {GRID} --epochs 1 --on-end cat>>ends"), 0);
    until(|| ends().len() >= 3, || format!("{:?}", ends()));
    let states: Vec<_> = ends().iter().map(|end| end["state"].clone()).collect();
    assert_eq!(states, ["finished", "stopped", "finished"]);
}
