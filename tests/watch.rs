//! `watch`: logs of other programs, as they grow, are cut, replaced and damaged; and the program on a terminal.

mod common;

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use lenet_monitor::watch::{Column, Run, Set, Split, Waiting, Watch};
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/watch").join(name)
}

/// Returns the only event file in a folder of fixtures.
fn event_file(folder: &str) -> PathBuf {
    fs::read_dir(fixture(folder)).unwrap().next().unwrap().unwrap().path()
}

fn read(path: &Path) -> Watch {
    let mut watch = Watch::new(vec![path.to_owned()]);
    watch.read();
    watch
}

fn column<'a>(run: &'a Run, name: &str) -> &'a Column {
    let names: Vec<&str> = run.columns().iter().map(|column| column.name.as_str()).collect();
    run.columns().into_iter().find(|column| column.name == name).unwrap_or_else(|| panic!("`{name}` in {names:?}"))
}

/// Returns steps and values of a column.
fn steps(run: &Run, name: &str) -> Vec<(f64, f64)> {
    column(run, name).series.bins().iter().map(|bin| (bin.place.steps, bin.mean)).collect()
}

/// Returns epochs and values of a column.
fn epochs(run: &Run, name: &str) -> Vec<(f64, f64)> {
    column(run, name).series.bins().iter().map(|bin| (bin.place.epochs, bin.mean)).collect()
}

fn values(run: &Run, name: &str) -> Vec<f64> {
    column(run, name).series.bins().iter().map(|bin| bin.mean).collect()
}

/// A log that grows in a folder of its own.
struct Log {
    folder: TempDir,
    path: PathBuf,
}

impl Log {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        Self { folder, path }
    }

    fn append(&self, bytes: impl AsRef<[u8]>) -> &Self {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
        self
    }

    /// Puts another file in its place, as an editor or a rotation of logs does.
    fn replace(&self, bytes: impl AsRef<[u8]>) -> &Self {
        let new = self.folder.path().join("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, &self.path).unwrap();
        self
    }

    fn watch(&self) -> Watch {
        read(&self.path)
    }
}

#[track_caller]
fn assert_waits(watch: &Watch, waiting: Option<Waiting>) {
    assert_eq!(watch.runs()[0].waiting(), waiting, "{:?}", watch.runs()[0].notes());
}

#[test]
fn keras_csv_logger_and_tensorboard_callback_tell_the_same_run() {
    let table = read(&fixture("keras/training.csv"));
    let run = &table.runs()[0];
    assert_eq!(run.columns().len(), 4);
    let loss = epochs(run, "loss");
    assert_eq!((loss.len(), loss[0].0, loss[5]), (6, 0.0, (5.0, 0.405248761177063)));
    assert_eq!((column(run, "val_loss").metric.as_str(), column(run, "val_loss").set), ("loss", Set::Validation));

    let events = read(&fixture("keras/logs"));
    let labels: Vec<&str> = events.runs().iter().map(|run| run.label.as_str()).collect();
    assert_eq!(labels, ["train", "validation"]);
    for (run, name) in events.runs().iter().zip(["loss", "val_loss"]) {
        let of_events = epochs(run, "epoch_loss");
        let of_table = epochs(&table.runs()[0], name);
        assert_eq!(of_events.len(), of_table.len());
        for (a, b) in of_events.iter().zip(&of_table) {
            assert!(a.0 == b.0 && (a.1 - b.1).abs() < 1e-6, "{name}: {a:?} {b:?}");
        }
        assert!(run.newest().seconds >= 0.0 && run.newest().seconds < 600.0, "since the beginning of the run");
        assert_eq!(run.notes(), [""; 0]);
    }
    assert_eq!(column(&events.runs()[1], "epoch_loss").set, Set::Validation, "by the folder's name");
}

#[test]
fn event_files_of_tensorboardx_and_of_torch_are_read() {
    for folder in ["tensorboardX", "torch"] {
        let watch = read(&fixture(folder));
        let run = &watch.runs()[0];
        let names: Vec<&str> = run.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["train/loss", "val/loss"], "{folder}: neither the histogram nor the text is a curve");
        let loss = steps(run, "train/loss");
        assert_eq!(loss.len(), 41);
        for (step, point) in loss[..40].iter().enumerate() {
            let expected = f64::from(2.0_f32 / (step as f32 + 1.0));
            assert!(point.0 == step as f64 * 10.0 && (point.1 - expected).abs() < 1e-6, "{folder}: {point:?}");
        }
        assert!(loss[40].1.is_nan(), "{folder}");
        assert_eq!(steps(run, "val/loss").len(), 4);
        assert_eq!(run.notes(), [""; 0], "{folder}");
    }
}

#[test]
fn lightnings_empty_cells_are_no_values() {
    let watch = read(&fixture("lightning/metrics.csv"));
    let run = &watch.runs()[0];
    assert_eq!(steps(run, "train_loss").len(), 12);
    assert_eq!(steps(run, "val_loss").iter().map(|point| point.0).collect::<Vec<_>>(), [7.0, 15.0, 23.0]);
    assert_eq!(epochs(run, "val_acc").iter().map(|point| point.0).collect::<Vec<_>>(), [0.0, 1.0, 2.0]);
    assert_eq!(run.notes(), [""; 0]);
}

#[test]
fn the_state_of_hugging_faces_trainer_is_read() {
    let watch = read(&fixture("hugging-face/trainer_state.json"));
    let run = &watch.runs()[0];
    let loss = steps(run, "loss");
    assert_eq!((loss.len(), loss[0].0, loss[5].0), (6, 4.0, 24.0));
    assert_eq!(epochs(run, "eval_accuracy").iter().map(|point| point.0).collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
    assert_eq!(column(run, "eval_loss").set, Set::Validation);
    assert_eq!(run.notes(), [""; 0]);
}

#[test]
fn of_many_checkpoints_of_hugging_faces_trainer_the_last_has_the_curves() {
    let folder = tempfile::tempdir().unwrap();
    let write = |checkpoint: &str, rows: usize| {
        let path = folder.path().join("out").join(checkpoint);
        fs::create_dir_all(&path).unwrap();
        let rows: Vec<String> = (1..=rows).map(|step| format!("{{\"step\": {step}, \"loss\": 0.{step}}}")).collect();
        fs::write(path.join("trainer_state.json"), format!("{{\"log_history\": [{}]}}", rows.join(","))).unwrap();
    };
    write("checkpoint-8", 2);
    write("checkpoint-10", 3);
    let mut watch = read(folder.path());
    assert_eq!(watch.runs().len(), 1);
    assert_eq!(values(&watch.runs()[0], "loss"), [0.1, 0.2, 0.3]);
    write("checkpoint-100", 5);
    watch.search();
    watch.read();
    assert_eq!((watch.runs().len(), values(&watch.runs()[0], "loss").len()), (1, 5));
    assert_eq!(watch.runs()[0].notes(), [""; 0]);
}

#[test]
fn a_table_grows_row_by_row() {
    let log = Log::new("log.csv");
    let mut watch = Watch::new(vec![log.path.clone()]);
    watch.read();
    assert_waits(&watch, Some(Waiting::Missing));
    log.append("");
    watch.read();
    assert_waits(&watch, Some(Waiting::Empty));
    log.append("epoch,loss\n1,0.5\n2,0.");
    watch.read();
    assert_waits(&watch, Some(Waiting::HalfLine));
    assert_eq!(epochs(&watch.runs()[0], "loss"), [(1.0, 0.5)]);
    log.append("25\n");
    watch.read();
    assert_waits(&watch, None);
    assert_eq!(epochs(&watch.runs()[0], "loss"), [(1.0, 0.5), (2.0, 0.25)]);
    assert!(!watch.poll(&mut |_| panic!("a row is read once")).changed);
    let mut rows = Vec::new();
    log.append("3,0.125\n4,0.1\n");
    while watch.poll(&mut |row| rows.push(row.numbers.to_vec())).more {}
    assert_eq!(rows.iter().map(|row| row[1].1).collect::<Vec<_>>(), [0.125, 0.1]);
}

#[test]
fn json_lines_of_any_program_grow() {
    let log = Log::new("log.jsonl");
    log.append(
        "{\"step\": 1, \"train\": {\"loss\": 2.5}, \"note\": \"x\"}\n{\"step\": 2, \"train\": {\"loss\": NaN}}\n",
    );
    log.append("not an object\n{\"step\": 3, \"train\": {\"lo");
    let mut watch = log.watch();
    assert_waits(&watch, Some(Waiting::HalfLine));
    log.append("ss\": 1.5}}");
    watch.read();
    let loss = steps(&watch.runs()[0], "train/loss");
    assert_eq!((loss[0], loss[2]), ((1.0, 2.5), (3.0, 1.5)), "a whole object needs no end of its line");
    assert!(loss[1].1.is_nan());
    assert_eq!(watch.runs()[0].notes(), ["1 damaged row skipped"]);
}

#[test]
fn the_programs_own_json_is_read() {
    let log = Log::new("run.jsonl");
    for epoch in 1..=3 {
        log.append(format!(
            "{{\"event\":\"epoch\",\"epoch\":{epoch},\"train_loss\":0.{epoch},\"test_loss\":0.2,\"test_accuracy\":0.9,\
             \"learning_rate\":0.001,\"seconds\":2.0,\"dataset\":\"MNIST\",\"layers\":[{{\"dead\":0.1}}]}}\n"
        ));
    }
    let watch = log.watch();
    let run = &watch.runs()[0];
    assert_eq!(epochs(run, "train_loss"), [(1.0, 0.1), (2.0, 0.2), (3.0, 0.3)]);
    assert_eq!((column(run, "test_loss").set, run.newest().seconds), (Set::Test, 6.0));
}

#[test]
fn rows_without_a_counter_are_numbered() {
    let log = Log::new("log.csv");
    log.append("loss;acc\n0,5;97 %\n0,25;98 %\n");
    let watch = log.watch();
    assert_eq!(steps(&watch.runs()[0], "loss"), [(1.0, 0.5), (2.0, 0.25)]);
    assert_eq!(values(&watch.runs()[0], "acc"), [0.97, 0.98]);
}

#[test]
fn quoted_cells_and_ragged_rows_are_read_as_everywhere() {
    let log = Log::new("log.csv");
    log.append("step,loss,note\n1,0.5,\"a, b\"\n2,0.25\n3,0.125,c\n");
    let watch = log.watch();
    assert_eq!(steps(&watch.runs()[0], "loss"), [(1.0, 0.5), (3.0, 0.125)]);
    assert_eq!(watch.runs()[0].notes(), ["1 damaged row skipped"]);
}

#[test]
fn a_file_that_is_cut_short_is_read_from_its_beginning() {
    let log = Log::new("log.csv");
    log.append("epoch,loss\n1,0.5\n2,0.25\n3,0.125\n");
    let mut watch = log.watch();
    fs::write(&log.path, "epoch,loss\n1,9.5\n").unwrap();
    watch.read();
    assert_eq!(epochs(&watch.runs()[0], "loss"), [(1.0, 9.5)]);
    assert_eq!(watch.runs()[0].notes(), ["cut short, and read from its beginning"]);
}

#[test]
fn a_file_that_is_replaced_or_written_anew_is_read_from_its_beginning() {
    let log = Log::new("log.csv");
    log.append("epoch,loss\n1,0.5\n");
    let mut watch = log.watch();
    log.replace("epoch,loss\n1,7.5\n2,7.25\n3,7.125\n");
    watch.read();
    assert_eq!(values(&watch.runs()[0], "loss"), [7.5, 7.25, 7.125]);
    // Lightning writes the whole file again, longer, when a column is added.
    fs::write(&log.path, "epoch,loss,val_loss\n1,7.5,8.5\n2,7.25,8.25\n3,7.125,8.125\n").unwrap();
    watch.read();
    assert_eq!(values(&watch.runs()[0], "val_loss"), [8.5, 8.25, 8.125]);
    assert_eq!(watch.runs()[0].notes(), ["replaced 2 times, and read from its beginning"]);
}

#[test]
fn a_file_that_vanishes_keeps_its_curves_and_is_waited_for() {
    let log = Log::new("log.csv");
    log.append("epoch,loss\n1,0.5\n");
    let mut watch = log.watch();
    fs::remove_file(&log.path).unwrap();
    watch.read();
    assert_waits(&watch, Some(Waiting::Missing));
    assert_eq!(values(&watch.runs()[0], "loss"), [0.5]);
    log.append("epoch,loss\n1,0.25\n");
    watch.read();
    assert_eq!(values(&watch.runs()[0], "loss"), [0.25]);
}

#[test]
fn a_run_that_is_resumed_from_an_earlier_epoch_shows_the_later_values() {
    let log = Log::new("log.csv");
    log.append("epoch,loss\n1,0.5\n2,0.25\n3,0.125\n2,0.24\n3,0.12\n");
    let watch = log.watch();
    assert_eq!(epochs(&watch.runs()[0], "loss"), [(1.0, 0.5), (2.0, 0.24), (3.0, 0.12)]);
    assert!(watch.runs()[0].notes()[0].starts_with("went back to an earlier step"));
}

#[test]
fn half_a_document_is_waited_for_and_the_one_before_it_kept() {
    let log = Log::new("trainer_state.json");
    let whole = fs::read(fixture("hugging-face/trainer_state.json")).unwrap();
    fs::write(&log.path, &whole[..whole.len() / 2]).unwrap();
    let mut watch = log.watch();
    assert_waits(&watch, Some(Waiting::HalfDocument));
    assert_eq!(watch.runs()[0].rows(), 0);
    fs::write(&log.path, &whole).unwrap();
    watch.read();
    assert_waits(&watch, None);
    let rows = watch.runs()[0].rows();
    assert!(rows > 6);
    fs::write(&log.path, &whole[..whole.len() / 3]).unwrap();
    watch.read();
    assert_waits(&watch, Some(Waiting::HalfDocument));
    assert_eq!(watch.runs()[0].rows(), rows);
}

#[test]
fn event_files_grow_by_halves_of_records() {
    let bytes = fs::read(event_file("torch")).unwrap();
    let log = Log::new("events.out.tfevents.1.x");
    let mut watch = Watch::new(vec![log.path.clone()]);
    let mut rows = 0;
    for part in bytes.chunks(7) {
        log.append(part);
        watch.read();
        assert!(watch.runs()[0].rows() >= rows && watch.runs()[0].notes().len() <= 1);
        rows = watch.runs()[0].rows();
    }
    assert_waits(&watch, None);
    assert_eq!(steps(&watch.runs()[0], "val/loss"), steps(&read(&event_file("torch")).runs()[0], "val/loss"));
    log.append(&bytes[..20]);
    watch.read();
    assert_waits(&watch, Some(Waiting::HalfRecord));
}

/// Returns the places and lengths of the records of an event file.
fn records(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut records, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let length = 16 + u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        records.push((at, length));
        at += length;
    }
    records
}

#[test]
fn a_damaged_record_in_the_middle_is_skipped_and_one_at_the_end_is_waited_for() {
    let whole = fs::read(event_file("torch")).unwrap();
    let records = records(&whole);
    let (at, length) = records[3];
    for place in [at + 14, at + 2, at + length - 1] {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        let log = Log::new("events.out.tfevents.1.x");
        let watch = log.append(&bytes).watch();
        assert_eq!(watch.runs()[0].notes(), ["1 damaged row skipped"], "byte {place}");
        let found = steps(&watch.runs()[0], "train/loss").len() + steps(&watch.runs()[0], "val/loss").len();
        assert_eq!(found, 44, "all but one");
    }
    let (at, length) = *records.last().unwrap();
    for place in [at + 14, at + 2, at + length - 1] {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        let log = Log::new("events.out.tfevents.1.x");
        let mut watch = log.append(&bytes).watch();
        assert_waits(&watch, Some(Waiting::DamagedEnd));
        // Its writer was not done: the same record is whole now.
        let mut file = OpenOptions::new().write(true).open(&log.path).unwrap();
        file.seek(SeekFrom::Start(place as u64)).unwrap();
        file.write_all(&whole[place..=place]).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(9)).unwrap();
        watch.read();
        assert_waits(&watch, None);
        assert_eq!(watch.runs()[0].notes(), [""; 0]);
        // It stays damaged, and more follows.
        let log = Log::new("events.out.tfevents.1.x");
        let mut watch = log.append(&bytes).watch();
        log.append(&whole[..records[0].1]);
        watch.read();
        assert_eq!(watch.runs()[0].notes(), ["1 damaged row skipped"], "byte {place}");
    }
}

#[test]
fn several_event_files_of_a_folder_are_one_run() {
    let whole = fs::read(event_file("torch")).unwrap();
    let records = records(&whole);
    let middle = records[records.len() / 2].0;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("events.out.tfevents.100.x"), &whole[..middle]).unwrap();
    let mut watch = read(folder.path());
    fs::write(folder.path().join("events.out.tfevents.200.x"), &whole[middle..]).unwrap();
    assert!(!watch.search(), "no new run");
    watch.read();
    assert_eq!(watch.runs().len(), 1);
    assert_eq!(steps(&watch.runs()[0], "val/loss"), steps(&read(&event_file("torch")).runs()[0], "val/loss"));
}

/// Returns the names of the runs in the first file, with the steps and values of a column.
fn members(watch: &Watch, name: &str) -> Vec<(String, Vec<(f64, f64)>)> {
    let curves = watch.runs()[0].curves().iter().map(|curves| {
        let column = curves.columns.iter().find(|column| column.name == name);
        let bins = column.map_or(&[][..], |column| column.series.bins());
        (curves.name.clone(), bins.iter().map(|bin| (bin.place.steps, bin.mean)).collect())
    });
    curves.collect()
}

#[test]
fn rows_that_name_their_run_are_curves_of_several_runs() {
    let table = Log::new("log.csv");
    table.append("run_id,step,loss,run_name\n");
    let lines = Log::new("log.jsonl");
    for (id, name) in [("12e45678", "a"), ("12e45679", "b \"x\"")] {
        for step in 0..20 {
            let loss = f64::from(step) + if name == "a" { 0.0 } else { 0.5 };
            let quoted = name.replace('"', "\"\"");
            table.append(format!("{id},{step},{loss},\"{quoted}\"\n"));
            let name = serde_json::to_string(name).unwrap();
            lines.append(format!(
                "{{\"run_id\": \"{id}\", \"step\": {step}, \"loss\": {loss}, \"run_name\": {name}}}\n"
            ));
        }
    }
    for log in [table, lines] {
        let mut watch = log.watch();
        let run = &watch.runs()[0];
        assert_eq!((run.split(), run.rows(), run.notes()), (Some("run_name"), 40, Vec::new()), "no run goes back");
        let expected = |by: f64| (0..20).map(|step| (f64::from(step), f64::from(step) + by)).collect::<Vec<_>>();
        assert_eq!(members(&watch, "loss"), [("a".into(), expected(0.0)), ("b \"x\"".into(), expected(0.5))]);
        // Names that look like a number stay apart.
        watch.split_by(Split::Column("run_id".into()));
        watch.read();
        let names: Vec<String> = members(&watch, "loss").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["12e45678", "12e45679"]);
        watch.split_by(Split::Off);
        watch.read();
        let run = &watch.runs()[0];
        assert_eq!((run.split(), run.curves().len(), run.notes().len()), (None, 1, 1), "one run, which goes back");
        // A new row of a run that is known.
        let last = if log.path.extension().unwrap() == "csv" {
            "12e45678,20,7,a\n"
        } else {
            "{\"step\": 20, \"loss\": 7, \"run_name\": \"a\"}\n"
        };
        log.append(last);
        watch.split_by(Split::Usual);
        watch.read();
        assert_eq!(members(&watch, "loss")[0].1.last(), Some(&(20.0, 7.0)));
    }
}

#[test]
fn runs_may_have_numbers_and_any_column_of_texts_may_name_them() {
    let log = Log::new("log.csv");
    log.append("epoch,trial,optimizer,loss\n");
    for epoch in 0..10 {
        for trial in 0..4 {
            log.append(format!("{epoch},{trial},{},{trial}.5\n", if trial % 2 == 0 { "sgd" } else { "adam" }));
        }
    }
    let mut watch = log.watch();
    let names = |watch: &Watch| members(watch, "loss").into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&watch), ["0", "1", "2", "3"]);
    assert_eq!(watch.runs()[0].columns().len(), 4, "the number of the trial is no curve");
    assert_eq!(watch.runs()[0].choices().iter().map(|name| &**name).collect::<Vec<_>>(), ["trial", "optimizer"]);
    watch.split_by(Split::Column("optimizer".into()));
    watch.read();
    assert_eq!(names(&watch), ["sgd", "adam"]);
}

#[test]
fn a_table_that_lists_runs_is_not_split() {
    let list = |rows: usize| {
        let log = Log::new("log.csv");
        log.append("trial,accuracy\n");
        log.append((0..rows).map(|trial| format!("{trial},0.{trial}\n")).collect::<String>());
        log.watch()
    };
    let watch = list(30);
    assert_eq!((watch.runs()[0].split(), watch.runs()[0].rows()), (None, 30));
    let accuracies = steps(&watch.runs()[0], "accuracy");
    assert_eq!((accuracies.len(), accuracies[0], accuracies[29]), (30, (1.0, 0.0), (30.0, 0.29)));
    assert_eq!(steps(&watch.runs()[0], "trial").len(), 30);
    // Runs side by side, of which each has had few rows, have a step.
    let log = Log::new("log.csv");
    log.append("run,step,loss\n");
    log.append((0..30).map(|run| format!("r{run},1,0.5\n")).collect::<String>());
    assert_eq!(log.watch().runs()[0].curves().len(), 30);
}

#[test]
fn rows_without_a_name_are_a_run_of_their_own() {
    let log = Log::new("log.jsonl");
    log.append("{\"batch_size\": 16}\n");
    for step in 0..20 {
        log.append(format!("{{\"run\": \"a\", \"step\": {step}, \"loss\": 1}}\n{{\"step\": {step}, \"loss\": 2}}\n"));
    }
    let watch = log.watch();
    let members = members(&watch, "loss");
    assert_eq!(members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["", "a"]);
    assert!(members[0].1.iter().all(|(_, loss)| *loss == 2.0) && members[1].1.iter().all(|(_, loss)| *loss == 1.0));
}

#[test]
fn any_number_of_runs_and_columns_takes_bounded_memory() {
    let log = Log::new("log.jsonl");
    let mut text = String::new();
    for row in 0..20_000 {
        let run = row % 5_000;
        text += &format!("{{\"run\": \"{run}\", \"step\": {row}, \"loss\": 1, \"c{row}\": 2, \"d{row}\": 3}}\n");
    }
    let watch = log.append(text).watch();
    let run = &watch.runs()[0];
    assert_eq!((run.curves().len(), run.rows()), (100, 20_000));
    assert_eq!(run.notes(), ["more than 100 runs: the rest are left out"]);
    assert!(run.columns().len() <= 2_000, "{}", run.columns().len());
    let log = Log::new("log.jsonl");
    let columns = (0..5_000).map(|column| format!("\"c{column}\": 1")).collect::<Vec<_>>().join(", ");
    for run in ["a", "b"] {
        log.append(format!("{{\"run\": \"{run}\", \"step\": 1, {columns}}}\n"));
    }
    let watch = log.watch();
    assert_eq!(watch.runs()[0].columns().len(), 2_000);
    assert_eq!(watch.runs()[0].notes(), ["more than 2000 columns: the rest are ignored"]);
}

/// A generator of numbers, the same ones each time.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

/// Returns the names, steps and values of all points.
fn points(watch: &Watch) -> Vec<(String, u64, u64)> {
    let columns = watch.runs()[0].columns();
    let points = columns.iter().flat_map(|column| {
        let bins = column.series.bins().iter();
        bins.map(|bin| (column.name.clone(), bin.place.steps.to_bits(), bin.mean.to_bits()))
    });
    points.collect()
}

#[test]
fn a_thousand_damaged_files_of_each_format_do_no_harm() {
    let files = [
        (event_file("torch"), "events.out.tfevents.1.x"),
        (event_file("keras/logs/validation"), "events.out.tfevents.1.x"),
        (fixture("keras/training.csv"), "log.csv"),
        (fixture("hugging-face/trainer_state.json"), "trainer_state.json"),
    ];
    let lines = "{\"step\": 1, \"loss\": 0.5, \"inner\": {\"x\": \"NaN\"}}\n".repeat(20).into_bytes();
    let contents = files.iter().map(|(path, name)| (fs::read(path).unwrap(), *name));
    for (whole, name) in contents.chain([(lines, "log.jsonl")]) {
        let log = Log::new(name);
        fs::write(&log.path, &whole).unwrap();
        let all = points(&log.watch());
        let mut state = 0x9e37_79b9_7f4a_7c15;
        for _ in 0..1_000 {
            let mut bytes = whole.clone();
            let mut is_cut = false;
            for _ in 0..=random(&mut state) % 4 {
                let at = random(&mut state) % bytes.len();
                match random(&mut state) % 4 {
                    0 => bytes[at] ^= 1 << (random(&mut state) % 8),
                    1 => {
                        is_cut = true;
                        bytes.truncate(at.max(1));
                    }
                    2 => bytes[at..].iter_mut().take(24).for_each(|byte| *byte = 0xff),
                    _ => drop(bytes.splice(at..at, [0; 9])),
                }
            }
            fs::write(&log.path, &bytes).unwrap();
            let mut watch = log.watch();
            watch.poll(&mut |_| {});
            assert_eq!(watch.runs().len(), 1);
            assert!(watch.runs()[0].rows() <= 200, "{}", watch.runs()[0].rows());
            if name.contains("tfevents") {
                // Their checksums let no damaged number pass, and what is missing is said.
                let points = points(&watch);
                assert!(points.iter().all(|point| all.contains(point)), "{points:?}");
                assert!(is_cut || points.len() == all.len() || !watch.runs()[0].notes().is_empty());
            }
        }
    }
}

#[test]
fn folders_are_searched_for_logs_and_labels_are_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    for run in ["a", "b"] {
        let path = folder.path().join("lightning_logs").join(run);
        fs::create_dir_all(&path).unwrap();
        fs::copy(fixture("lightning/metrics.csv"), path.join("metrics.csv")).unwrap();
        fs::write(path.join("hparams.yaml"), "lr: 1").unwrap();
    }
    let mut watch = read(folder.path());
    let labels = |watch: &Watch| watch.runs().iter().map(|run| run.label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&watch), ["a", "b"]);
    fs::create_dir(folder.path().join("lightning_logs/c")).unwrap();
    fs::copy(fixture("lightning/metrics.csv"), folder.path().join("lightning_logs/c/metrics.csv")).unwrap();
    assert!(watch.search());
    watch.read();
    assert_eq!(labels(&watch), ["a", "b", "c"]);
    assert!(watch.runs().iter().all(|run| run.rows() > 10));
}

#[test]
fn a_curve_of_a_million_rows_keeps_few_points_and_its_extremes() {
    let log = Log::new("log.csv");
    let mut text = String::from("step,loss\n");
    for step in 0..1_000_000 {
        let loss = if step == 777_777 { 99 } else { step % 10 };
        text += &format!("{step},{loss}\n");
    }
    let watch = log.append(text).watch();
    let series = &column(&watch.runs()[0], "loss").series;
    assert_eq!((series.count(), series.bins().len() <= 4_096), (1_000_000, true));
    assert_eq!(series.bins().iter().map(|bin| bin.high).fold(0.0, f64::max), 99.0);
    assert_eq!(series.bins().last().unwrap().place.steps, 999_999.0);
}

#[cfg(unix)]
mod terminal {
    use super::{Log, fixture};
    use crate::common::{
        cli::{command, outcome},
        terminal::{Terminal, mouse, until},
    };
    use portable_pty::CommandBuilder;
    use rustix::process::Signal;
    use std::{
        io::{BufRead, BufReader},
        path::Path,
        process::Stdio,
    };

    fn watch(paths: &[&Path]) -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.arg("watch");
        paths.iter().for_each(|path| command.arg(path));
        command.env("HOME", folder.path());
        Terminal::spawn(command, folder)
    }

    #[test]
    fn new_rows_appear_and_q_quits() {
        let log = Log::new("log.csv");
        log.append("epoch,loss,val_loss\n1,0.5,0.75\n");
        let mut terminal = watch(&[&log.path]);
        terminal.shows("watching log.csv, 1 row ");
        terminal.shows("train 0.5000");
        log.append("2,0.25,0.62");
        terminal.shows("ends in half a line; waiting for the rest");
        log.append("5\n");
        terminal.shows("validation 0.6250");
        terminal.shows_no("half a line");
        std::fs::write(&log.path, "epoch,loss,val_loss\n1,0.4,0.6\n").unwrap();
        terminal.shows("cut short, and read from its beginning");
        terminal.press("?");
        terminal.shows("Choose the columns and runs that are drawn");
        terminal.press("\x1b");
        terminal.shows_no("Choose the columns");
        terminal.press("q");
        assert_eq!(terminal.exit_code(), 0);
        terminal.is_restored();
    }

    #[test]
    fn it_waits_for_a_file_that_is_not_there_and_restores_the_terminal_on_a_signal() {
        let log = Log::new("later.jsonl");
        let mut terminal = watch(&[&log.path]);
        terminal.shows("not there; waiting for it");
        log.append("{\"step\": 7, \"loss\": 0.125}\n");
        terminal.shows("train 0.1250");
        terminal.signal(Signal::TERM);
        assert_eq!(terminal.exit_code(), 143);
        terminal.is_restored();
    }

    #[test]
    fn without_a_terminal_each_row_is_a_line() {
        let log = Log::new("log.csv");
        log.append("epoch,loss\n1,0.5\n");
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["watch", log.path.to_str().unwrap()];
        let mut child =
            command(folder.path(), &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "epoch 1  loss 0.5");
        log.append("2,0.25\n");
        assert_eq!(lines.next().unwrap().unwrap(), "epoch 2  loss 0.25");
        // A closed pipe ends it with the next row.
        drop(lines);
        log.append("3,0.125\n");
        let (code, _, stderr) = outcome(child.wait_with_output().unwrap());
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
    }

    #[test]
    fn lines_of_several_runs_begin_with_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let logs = fixture("keras/logs");
        let arguments = ["watch", "--headless", logs.to_str().unwrap()];
        let mut child = command(folder.path(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(30);
        let lines: Vec<String> = lines.map(Result::unwrap).collect();
        assert_eq!(lines[0], "train  step 0  epoch_accuracy 0.4427083432674408");
        assert!(lines[18].starts_with("validation  step 6  evaluation_accuracy_vs_iterations 0.53"), "{}", lines[18]);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn lines_of_a_file_with_several_runs_begin_with_the_runs() {
        let log = Log::new("log.csv");
        log.append("run,step,loss\na,1,0.5\nb,1,0.25\n");
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["watch", "--headless", log.path.to_str().unwrap()];
        let mut child = command(folder.path(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert_eq!([lines.next().unwrap(), lines.next().unwrap()], ["a  step 1  loss 0.5", "b  step 1  loss 0.25"]);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn the_mouse_reads_values_and_zooms_unless_it_is_left_to_the_terminal() {
        let mut terminal = watch(&[&fixture("keras/training.csv")]);
        terminal.shows("epoch 5.00");
        until(|| terminal.captures_mouse(), || "the mouse".into());
        terminal.press(&mouse(0, 9, 6));
        terminal.shows("epoch 0.00");
        terminal.press(&mouse(64, 9, 6));
        terminal.shows("zoomed");
        terminal.click("? help");
        terminal.shows("╭ keys");
        terminal.press("q");
        assert_eq!(terminal.exit_code(), 0);
        terminal.is_restored();

        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.args(["watch", "--no-mouse", fixture("keras/training.csv").to_str().unwrap()]);
        let mut terminal = Terminal::spawn(command, tempfile::tempdir().unwrap());
        terminal.shows("epoch 5.00");
        assert!(!terminal.captures_mouse());
        terminal.press("q");
        assert_eq!(terminal.exit_code(), 0);
    }

    #[test]
    fn a_path_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let (code, _, stderr) = outcome(command(folder.path(), &["watch"]).output().unwrap());
        assert_eq!(code, Some(2));
        assert!(stderr.contains("FILE|DIR"), "{stderr}");
    }

    #[test]
    fn a_large_log_takes_little_memory() {
        let log = Log::new("log.csv");
        let mut text = String::from("step,loss,accuracy,grad_norm\n");
        for step in 0..400_000 {
            text += &format!("{step},0.{step},0.5,1.25\n");
        }
        log.append(text);
        let mut terminal = watch(&[&log.path]);
        terminal.shows("watching log.csv, 400,000 rows");
        #[cfg(target_os = "linux")]
        assert!(terminal.peak_memory() < 64 << 20, "{} bytes", terminal.peak_memory());
        terminal.press("q");
        assert_eq!(terminal.exit_code(), 0);
    }
}
