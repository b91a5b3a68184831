//! Several networks that answer together: `eval --ensemble`, `predict --with`, and the library they use.

mod common;

use std::{path::Path, process::Command};

use image::GrayImage;
use lenet_monitor::{
    data::{self, Choice, Dataset, PIXELS, Request},
    nn::Engine,
    train::{
        Checkpoint, Ensemble, Evaluation, JointAnswer, Limits, Member, OptimizerKind, Panel, Prediction, evaluate,
    },
};
use serde_json::Value;
use tempfile::TempDir;

/// A data set and runs on it.
struct Bench {
    folder: TempDir,
    dataset: Dataset,
}

impl Bench {
    fn new(fill: impl Fn(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fill(&folder.path().join("data"));
        let request = Request { choice: Choice::Auto, folder: folder.path().join("data") };
        Self { dataset: data::load(&request, &mut |_| ()).unwrap(), folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = common::cli::command(self.folder.path(), arguments);
        command.env("LENET_MONITOR_MIRRORS", "http://127.0.0.1:9/");
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        let (found, out, err) = common::cli::outcome(self.command(arguments).output().unwrap());
        assert_eq!(found, Some(code), "{arguments:?}\nstdout:\n{out}\nstderr:\n{err}");
        (out, err)
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let (out, _) = self.run(&[arguments, &["--json"]].concat(), 0);
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Trains a run, and returns its checkpoint.
    fn train(&self, arguments: &str) -> String {
        let arguments = format!("train --checkpoint-dir runs {arguments}");
        let line = self.json(&arguments.split(' ').collect::<Vec<_>>()).pop().unwrap();
        line["checkpoint"].as_str().unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    fn save(&self, name: &str, checkpoint: &Checkpoint) -> String {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        checkpoint.write(&path).unwrap();
        name.to_owned()
    }

    fn evaluate(&self, checkpoint: &str) -> Evaluation {
        let checkpoint = Checkpoint::read(&self.folder.path().join(checkpoint)).unwrap();
        evaluate(&mut checkpoint.network(Engine::new(1)), &self.dataset.test)
    }

    fn digit(&self, index: usize) -> String {
        let name = format!("digit-{index}.png");
        let image = GrayImage::from_raw(28, 28, self.dataset.test.image(index).to_vec()).unwrap();
        image.save(self.folder.path().join(&name)).unwrap();
        name
    }
}

/// A checkpoint on this data set with weights of its own.
fn made_up(dataset: &Dataset, seed: usize) -> Checkpoint {
    let mut checkpoint = common::runs::made_up_checkpoint(OptimizerKind::Adam);
    checkpoint.spec.dataset = dataset.id.clone();
    checkpoint.spec.limits = Limits::default();
    checkpoint.spec.hyper.seed = seed as u64;
    for (place, parameter) in checkpoint.parameters.iter_mut().enumerate() {
        *parameter = ((place * (11 + 2 * seed)) % 1000) as f32 / 1000.0 - 0.5;
    }
    checkpoint
}

#[track_caller]
fn assert_near(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < tolerance, "found {found}, expected {expected}");
}

/// The mean of some networks' probabilities on each image, in double precision, and the digit.
fn means(members: &[Evaluation]) -> Vec<([f64; 10], usize)> {
    let mean = |image: usize| -> ([f64; 10], usize) {
        let probability = |class: usize| {
            let all = members.iter().map(|member| f64::from(member.predictions[image].probabilities[class]));
            all.sum::<f64>() / members.len() as f64
        };
        let mean: [f64; 10] = std::array::from_fn(probability);
        let digit = (0..10).max_by(|&a, &b| mean[a].total_cmp(&mean[b]).then(b.cmp(&a))).unwrap();
        (mean, digit)
    };
    (0..members[0].predictions.len()).map(mean).collect()
}

#[test]
fn an_ensemble_answers_with_the_mean_of_its_members_probabilities_on_mnist() {
    let Some(mnist) = common::mnist() else { return };
    let bench = Bench::new(|folder| common::first_images(&mnist, folder, 2_500, 1_000));
    let runs = [1, 2, 3].map(|seed| bench.train(&format!("--epochs 1 --seed {seed} --holdout 500")));
    let members = runs.each_ref().map(|run| bench.evaluate(run));
    let runs = runs.each_ref().map(String::as_str);
    let [line] = &bench.json(&[&["eval", "--ensemble"], &runs[..]].concat())[..] else { panic!() };

    let test = &bench.dataset.test;
    let (mut correct, mut loss, mut disputed, mut disputed_correct) = (0_u32, 0.0, 0, 0);
    let mut dissents = [0; 3];
    for (image, (mean, digit)) in means(&members).into_iter().enumerate() {
        let label = usize::from(test.label(image));
        correct += u32::from(digit == label);
        loss -= mean[label].ln() / 1_000.0;
        let answers = members.each_ref().map(|member| usize::from(member.predictions[image].digit));
        if answers.iter().any(|&answer| answer != answers[0]) {
            disputed += 1;
            disputed_correct += u32::from(digit == label);
        }
        dissents.iter_mut().zip(answers).for_each(|(count, answer)| *count += u32::from(answer != digit));
    }
    assert_eq!(line["correct"], correct);
    assert_eq!(line["total"], 1_000);
    assert_near(&line["test_loss"], loss, 1e-6);
    assert_near(&line["test_accuracy"], f64::from(correct) / 1_000.0, 1e-12);
    assert!(disputed > 20, "three short trainings differ: {disputed}");
    assert_eq!(line["ensemble"]["disputed"], disputed);
    assert_eq!(line["ensemble"]["disputed_correct"], disputed_correct);
    for (place, member) in line["ensemble"]["members"].as_array().unwrap().iter().enumerate() {
        assert_eq!(member["checkpoint"], runs[place]);
        assert_eq!(member["correct"], members[place].correct());
        assert_near(&member["test_loss"], members[place].loss, 1e-9);
        assert_eq!(member["dissents"], dissents[place]);
    }
    let alone = members.iter().map(Evaluation::correct).max().unwrap();
    assert!(correct + 5 > alone, "together {correct}, the best alone {alone}");

    // The temperature is fitted on the images that all three held out.
    let temperature = &line["temperature"];
    assert_eq!(temperature["held_out"], 500);
    assert!((0.3..3.0).contains(&temperature["value"].as_f64().unwrap()), "{temperature}");
    assert!(line.get("no_temperature").is_none() && line.get("checkpoint").is_none(), "{line}");
    let bins = line["calibration"]["bins"].as_array().unwrap();
    assert_eq!(bins.iter().map(|bin| bin["images"].as_u64().unwrap()).sum::<u64>(), 1_000);

    let (out, _) = bench.run(&[&["eval", "--ensemble"], &runs[..]].concat(), 0);
    let share = format!("{disputed} of 1,000 images");
    for part in
        [runs[0], runs[2], "together", "3 networks", "dissents", &share, "expected calibration error", "fitted on 500"]
    {
        assert!(out.contains(part), "{part}\n{out}");
    }

    // Changed images, the library's in the same way.
    let moved: data::Disturbance = "moved 3".parse().unwrap();
    let moved = moved.apply(test);
    let network = |run: &&str| Checkpoint::read(&bench.folder.path().join(run)).unwrap().network(Engine::new(1));
    let expected = Ensemble::new(runs.iter().map(network).collect(), None).evaluate(&moved, 0..moved.len());
    let line = bench.json(&[&["eval", "--ensemble", "--moved", "3"], &runs[..]].concat()).remove(0);
    assert_eq!(line["correct"], expected.evaluation.correct());
    assert!(expected.evaluation.correct() < correct, "moved digits are harder");
    assert_eq!(line["disturbances"], serde_json::json!(["moved 3"]));

    // Each network reads each image at nine positions.
    let (line, shifted) =
        (bench.json(&[&["eval", "--ensemble", "--test-time-shifts", "1"], &runs[..]].concat()), &line);
    let alone = bench.json(&[&["eval", "--test-time-shifts", "1"], &runs[..]].concat());
    for (member, alone) in line[0]["ensemble"]["members"].as_array().unwrap().iter().zip(&alone) {
        assert_eq!(member["test_loss"], alone["test_loss"]);
    }
    assert_ne!(line[0]["test_loss"], shifted["test_loss"]);

    // `predict` gives the same means.
    let files: Vec<String> = (0..30).map(|image| bench.digit(image)).collect();
    let mut arguments = vec!["predict", runs[0], "--with", runs[1], "--with", runs[2]];
    arguments.extend(files.iter().map(String::as_str));
    let lines = bench.json(&arguments);
    for (image, (line, (mean, digit))) in lines.iter().zip(means(&members)).enumerate() {
        assert_eq!(line["digit"], digit);
        for (class, probability) in mean.iter().enumerate() {
            assert_near(&line["probabilities"][class], *probability, 1e-6);
        }
        let own: Vec<_> = members.iter().map(|member| member.predictions[image].digit).collect();
        let found: Vec<_> = line["members"].as_array().unwrap().iter().map(|own| own["digit"].clone()).collect();
        assert_eq!(found, own);
        assert_eq!(line["unanimous"], own.iter().all(|digit| *digit == own[0]));
    }
    assert_eq!(lines.len(), 30);
}

#[test]
fn predict_says_which_networks_read_something_else() {
    let bench = Bench::new(|folder| common::made_up_images(folder, 60, 50));
    let runs = [1, 2, 3].map(|seed| bench.save(&format!("runs/{seed}/last.ckpt"), &made_up(&bench.dataset, seed)));
    let members = runs.each_ref().map(|run| bench.evaluate(run));
    let answer = |image: usize| JointAnswer::of(members.iter().map(|member| member.predictions[image]).collect());
    let image = (0..50).find(|&image| !answer(image).is_unanimous()).expect("these networks disagree");
    let file = bench.digit(image);
    let arguments = ["predict", "runs/1", "--with", "runs/2", "--with", "runs/3", &file];
    let (out, _) = bench.run(&arguments, 0);
    let line = out.lines().nth(1).unwrap();
    let mut dissenters = 0;
    for (place, own) in answer(image).dissenters() {
        assert!(line.contains(&format!("{} reads: {} (", runs[place], own.digit)), "{line}");
        dissenters += 1;
    }
    assert!(dissenters > 0);
    assert_eq!(line.matches(" reads: ").count(), dissenters);

    let alone = bench.json(&["predict", "runs/1", &file]).remove(0);
    assert!(alone.get("members").is_none() && alone.get("unanimous").is_none(), "{alone}");
    let (_, err) = bench.run(&["predict", "runs/1", "--with", "runs/1/last.ckpt", &file], 2);
    assert!(err.contains("given twice"), "{err}");
}

#[test]
fn several_checkpoints_without_ensemble_are_a_table() {
    let bench = Bench::new(|folder| common::made_up_images(folder, 60, 50));
    let runs = [1, 2].map(|seed| bench.save(&format!("runs/{seed}/last.ckpt"), &made_up(&bench.dataset, seed)));
    let lines = bench.json(&["eval", "runs/1", "runs/2"]);
    assert_eq!(lines.len(), 2);
    for (line, run) in lines.iter().zip(&runs) {
        let own = bench.json(&["eval", run]).remove(0);
        assert_eq!(*line, own, "as if evaluated alone");
        assert_eq!(line["checkpoint"], run.as_str());
        assert!(line["temperature"].is_null(), "{line}");
        assert!(line["no_temperature"].as_str().unwrap().contains("--holdout"), "{line}");
    }
    let (out, _) = bench.run(&["eval", "runs/1", "runs/2"], 0);
    assert!(out.contains("accuracy") && out.contains("ECE"), "{out}");
    for run in &runs {
        assert_eq!(out.lines().filter(|line| line.contains(run.as_str())).count(), 1, "{out}");
    }
    assert!(!out.contains("precision"), "{out}");
}

#[test]
fn an_ensemble_of_what_does_not_go_together_is_refused() {
    let bench = Bench::new(|folder| common::made_up_images(folder, 60, 50));
    bench.save("runs/1/last.ckpt", &made_up(&bench.dataset, 1));
    bench.save("runs/copy/last.ckpt", &made_up(&bench.dataset, 1));
    bench.save("runs/2/last.ckpt", &made_up(&bench.dataset, 2));
    let mut other = made_up(&bench.dataset, 3);
    other.spec.dataset.name = "elsewhere".into();
    other.spec.dataset.fingerprint = data::Fingerprint([9; 32]);
    bench.save("runs/other/last.ckpt", &other);

    let refused = |arguments: &[&str], code: i32, parts: &[&str]| {
        let (out, err) = bench.run(&[&["eval", "--ensemble"], arguments].concat(), code);
        assert_eq!(out, "");
        for part in parts {
            assert!(err.contains(part), "{part}\n{err}");
        }
    };
    refused(&["runs/1"], 2, &["two checkpoints or more"]);
    refused(&["runs/1", "runs/1/last.ckpt"], 2, &["runs/1/last.ckpt is given twice"]);
    refused(&["runs/1", "runs/copy"], 2, &["runs/1/last.ckpt and runs/copy/last.ckpt hold the same network"]);
    refused(&["runs/1", "runs/other"], 1, &["different data sets", "elsewhere", "--data-dir"]);
    refused(&["runs/1", "runs/missing.ckpt"], 1, &["missing.ckpt"]);
    refused(&["runs/1", "runs/2", "--delay", "3"], 2, &["not recurrent"]);

    // A data set that is named serves all.
    let line = bench.json(&["eval", "--ensemble", "runs/1", "runs/other", "--data-dir", "data"]).remove(0);
    assert_eq!(line["total"], 50);
}

#[test]
fn runs_with_different_limits_are_evaluated_on_what_all_used() {
    let bench = Bench::new(|folder| common::made_up_images(folder, 60, 50));
    let (mut short, mut long) = (made_up(&bench.dataset, 1), made_up(&bench.dataset, 2));
    short.spec.limits = Limits { train: Some(40), test: Some(20), holdout: 10 };
    long.spec.limits = Limits { train: Some(40), test: Some(30), holdout: 5 };
    bench.save("runs/short/last.ckpt", &short);
    bench.save("runs/long/last.ckpt", &long);
    let arguments = ["eval", "--ensemble", "runs/long", "runs/short", "--json"];
    let (out, err) = bench.run(&arguments, 0);
    assert!(err.contains("first 20 test images"), "{err}");
    let line: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(line["total"], 20);
    // Images 35 to 39 are held out by both; these networks only guess.
    assert!(line["no_temperature"].as_str().unwrap().contains("no better than by guessing"), "{line}");
    let (_, err) = bench.run(&[&arguments[..], &["--limit-test", "25"]].concat(), 0);
    assert!(!err.contains("test images"), "{err}");

    long.spec.limits = Limits { train: Some(30), test: Some(30), holdout: 5 };
    bench.save("runs/long/last.ckpt", &long);
    let line = bench.json(&arguments[..4]).remove(0);
    assert!(line["no_temperature"].as_str().unwrap().contains("no image was held out by all"), "{line}");
}

/// The temperature minimizes the cross-entropy on the images that the run held out, and none else.
#[test]
fn a_run_with_a_holdout_has_a_temperature() {
    let Some(mnist) = common::mnist() else { return };
    let bench = Bench::new(|folder| common::first_images(&mnist, folder, 1_500, 400));
    let run = bench.train("--epochs 1 --holdout 400 --seed 4");
    let line = bench.json(&["eval", &run]).remove(0);
    let found = line["temperature"]["value"].as_f64().unwrap();
    assert_eq!(line["temperature"]["held_out"], 400);

    let checkpoint = Checkpoint::read(&bench.folder.path().join(&run)).unwrap();
    let train = &bench.dataset.train;
    let pixels = &train.pixels()[1_100 * PIXELS..];
    let logits = checkpoint.network(Engine::new(1)).logits(pixels);
    let loss = |temperature: f64| -> f64 {
        let one = |(image, logits): (usize, &[f32; 10])| {
            let scaled = logits.map(|logit| f64::from(logit) / temperature);
            scaled.iter().map(|logit| logit.exp()).sum::<f64>().ln() - scaled[usize::from(train.label(1_100 + image))]
        };
        logits.iter().enumerate().map(one).sum()
    };
    let best = loss(found);
    for other in [found * 0.999, found * 1.001] {
        assert!(best < loss(other), "{found}: {best}, {other}: {}", loss(other));
    }
    let (out, _) = bench.run(&["eval", &run], 0);
    assert!(out.contains(&format!("temperature {found:.3}, fitted on 400 held-out images")), "{out}");
    let (out, _) = bench.run(&["eval", &run, "--data-dir", "data", "--limit-test", "50"], 0);
    assert!(out.contains("fitted on 400"), "{out}");
}

/// Networks are asked about single images as `predict` asks them; a file that cannot be read says why.
#[test]
fn a_panel_answers_as_its_members_do() {
    let bench = Bench::new(|folder| common::made_up_images(folder, 60, 50));
    let member = |name: &str, saved_at| Member { file: bench.folder.path().join(name), saved_at };
    for seed in [1, 2] {
        bench.save(&format!("runs/{seed}/last.ckpt"), &made_up(&bench.dataset, seed));
    }
    let members = [member("runs/1/last.ckpt", 5), member("runs/none.ckpt", 5), member("runs/2/last.ckpt", 5)];
    let mut panel = Panel::default();
    let alone = ["runs/1/last.ckpt", "runs/2/last.ckpt"].map(|run| bench.evaluate(run));
    for image in [0, 7] {
        let pixels: &[u8; PIXELS] = bench.dataset.test.image(image).try_into().unwrap();
        let answers = panel.ask(&members, pixels);
        let [Ok(first), Err(reason), Ok(second)] = &answers[..] else { panic!("{answers:?}") };
        assert!(reason.contains("none.ckpt"), "{reason}");
        for (answer, expected) in [first, second].into_iter().zip(&alone) {
            let expected: &Prediction = &expected.predictions[image];
            assert_eq!((answer.digit, answer.probabilities), (expected.digit, expected.probabilities));
        }
    }
    // A file that was saved again is read again.
    bench.save("runs/1/last.ckpt", &made_up(&bench.dataset, 9));
    let pixels: &[u8; PIXELS] = bench.dataset.test.image(3).try_into().unwrap();
    let ask =
        |panel: &mut Panel, saved_at| panel.ask(&[member("runs/1/last.ckpt", saved_at)], pixels).remove(0).unwrap();
    let (kept, read_again) = (ask(&mut panel, 5), ask(&mut panel, 6));
    assert_eq!(kept.probabilities, alone[0].predictions[3].probabilities);
    assert_eq!(read_again.probabilities, bench.evaluate("runs/1/last.ckpt").predictions[3].probabilities);
    assert_ne!(kept.probabilities, read_again.probabilities);
}

/// Returns the ink of an image at a place; there is none outside.
fn ink(image: &[u8], x: i64, y: i64) -> f32 {
    let inside = (0..28).contains(&x) && (0..28).contains(&y);
    if inside { f32::from(image[(y * 28 + x) as usize]) } else { 0.0 }
}

#[test]
fn a_network_reads_each_image_at_nine_positions() {
    let Some(mnist) = common::mnist() else { return };
    let bench = Bench::new(|folder| common::first_images(&mnist, folder, 1_000, 300));
    let run = bench.train("--epochs 1 --holdout 300 --lr 0.003");
    let test = &bench.dataset.test;
    let mut network = Checkpoint::read(&bench.folder.path().join(&run)).unwrap().network(Engine::new(1));
    // A pixel is the mean of those it comes from; at half a pixel, of two or four.
    let mut at = |step: f32, right: i64, down: i64| {
        let mut pixels = Vec::new();
        for image in 0..test.len() {
            for place in 0..28 * 28 {
                let (x, y) = (place % 28, place / 28);
                let from = |along: i64, by: i64| match step {
                    1.0 => [along - by, along - by],
                    _ => [along.min(along - by), along.max(along - by)],
                };
                let corners = from(x, right).map(|x| from(y, down).map(|y| ink(test.image(image), x, y)));
                pixels.push((corners.as_flattened().iter().sum::<f32>() / 4.0 + 0.5).floor() as u8);
            }
        }
        evaluate(&mut network, &data::Split::new(pixels, test.labels().to_vec()))
    };
    for step in [1.0, 0.5] {
        let positions: Vec<_> = (0..9).map(|place| at(step, place % 3 - 1, place / 3 - 1)).collect();
        let means = means(&positions);
        let loss = |(image, (mean, _)): (usize, &([f64; 10], _))| -mean[usize::from(test.label(image))].ln();
        let loss = means.iter().enumerate().map(loss).sum::<f64>() / 300.0;
        let line = bench.json(&["eval", &run, "--test-time-shifts", &step.to_string()]).remove(0);
        assert_near(&line["test_loss"], loss, 1e-5);
        assert_eq!(line["test_time_shifts"], step);
        // The temperature is fitted to the held-out images at the same positions.
        assert!(line["temperature"]["value"].is_number(), "{line}");

        let digit = bench.digit(7);
        let read = bench.json(&["predict", &run, &digit, "--test-time-shifts", &step.to_string()]).remove(0);
        (0..10).for_each(|class| assert_near(&read["probabilities"][class], means[7].0[class], 1e-5));
    }

    let (out, _) = bench.run(&["eval", &run, "--test-time-shifts", "0.5"], 0);
    assert!(out.contains("positions   9 of each image, 0.5 pixels apart"), "{out}");
    for wrong in ["0", "-1", "5", "NaN", "half"] {
        let (_, err) = bench.run(&["eval", &run, &format!("--test-time-shifts={wrong}")], 2);
        assert!(err.contains("expected a number above 0 and up to 4"), "{err}");
    }
}
