//! Sessions to show: the program's own digits, ten thousand answers, batches that scatter as real ones do.

use std::sync::Arc;

use crossterm::event::KeyCode;
use lenet_monitor::{
    data::{Dataset, DatasetId, Fingerprint, Kind, synthetic},
    train::{Command, Confusion, Evaluation, Event, OptimizerKind, Prediction, Progress, State},
    tui::{Depth, Effect, Message, Palette, Theme},
};

use crate::{
    fixture::{self, OPENED, Session, activations_by, entries, record, spec, started},
    sweeps::watching,
};

const THEME: Theme = Theme { palette: Palette::Dark, depth: Depth::True, ascii: false };
const SMALL: (u16, u16) = (92, 26);
const MEDIUM: (u16, u16) = (100, 32);
const LARGE: (u16, u16) = (120, 34);
/// What each digit is taken for, when it is; the first the most often.
const TAKEN_FOR: [[u8; 3]; 10] =
    [[6, 8, 2], [7, 2, 6], [7, 3, 1], [5, 8, 2], [9, 6, 7], [3, 6, 8], [0, 5, 8], [2, 9, 1], [3, 9, 5], [4, 7, 8]];
/// How rarely each digit is read wrong, beside the others.
const EASE: [u64; 10] = [9, 12, 5, 6, 4, 5, 7, 5, 4, 3];

/// A number from 0 to 1 that looks like chance.
fn chance(seed: u64) -> f64 {
    let mixed = seed.wrapping_add(0x9e37_79b9).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ mixed >> 31).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f64 / f64::from(1 << 24)
}

/// In MNIST's place.
pub fn dataset() -> Arc<Dataset> {
    let digits = synthetic::generate();
    Arc::new(Dataset {
        id: DatasetId { kind: Kind::Mnist, name: "MNIST".into(), fingerprint: Fingerprint([7; 32]) },
        ..digits
    })
}

/// As many mistakes as the epoch's accuracy tells, most of them those of the epoch before.
fn evaluation(session: &Session, epoch: u32) -> Evaluation {
    let test = &session.app.session.dataset.test;
    let score = |index: usize| {
        let shift = chance(index as u64 + 50_000 * u64::from(epoch)) * 0.02;
        (chance(index as u64) + shift) * EASE[usize::from(test.label(index))] as f64
    };
    let mut order: Vec<usize> = (0..test.len()).collect();
    order.sort_by(|&a, &b| score(a).total_cmp(&score(b)));
    let wrong = ((1.0 - record(epoch).test_accuracy) * test.len() as f64).round() as usize;
    let mut is_wrong = vec![false; test.len()];
    order[..wrong].iter().for_each(|&index| is_wrong[index] = true);
    let mut confusion = Confusion::default();
    let predictions = (0..test.len()).map(|index| {
        let (label, luck) = (test.label(index), chance(index as u64 + 20_000));
        let others = TAKEN_FOR[usize::from(label)];
        let other = others[(luck * luck * 3.0) as usize];
        let (digit, second) = if is_wrong[index] { (other, label) } else { (label, other) };
        confusion.add(label, digit);
        let confidence = 0.52 + 0.44 * chance(index as u64 + 30_000) as f32;
        let mut probabilities = [(1.0 - confidence) * 0.1 / 8.0; 10];
        probabilities[usize::from(second)] = (1.0 - confidence) * 0.9;
        probabilities[usize::from(digit)] = confidence;
        Prediction { index: index as u32, label, digit, probabilities }
    });
    let predictions = predictions.collect();
    Evaluation { loss: record(epoch).test_loss, confusion, predictions }
}

/// Near the epochs' training losses, and scattered.
fn progress(epoch: u32, step: u32) -> Progress {
    let scatter =
        |salt| 0.5 + (0..2).map(|n| chance(u64::from(epoch * 10_000 + step) * 4 + n + salt)).sum::<f64>() / 2.0;
    let place = f64::from(epoch - 1) + f64::from(step) / 3_750.0;
    let loss = 0.062 / (place + 0.04).powf(0.65);
    Progress {
        batch_loss: loss * scatter(0),
        batch_accuracy: 1.0 - 0.3 * loss * scatter(2),
        batches: 50,
        ..fixture::progress(epoch, step)
    }
}

impl Session {
    /// So many epochs and steps of the next one.
    fn trains(&mut self, epochs: u32, steps: u32) -> &mut Self {
        for epoch in 1..=epochs + 1 {
            let last = if epoch > epochs { steps } else { 3_750 };
            for step in (50..=last).step_by(50) {
                self.event(Event::Progress(progress(epoch, step)));
            }
            if epoch <= epochs {
                let evaluation = evaluation(self, epoch);
                self.epoch_ends(epoch, evaluation);
            }
        }
        self
    }
}

fn session(dataset: &Arc<Dataset>, size: (u16, u16)) -> Session {
    Session::with(dataset.clone(), THEME, size)
}

/// In the eighth epoch.
fn training(dataset: &Arc<Dataset>, size: (u16, u16), keys: &str) -> Session {
    let mut session = session(dataset, size);
    session.another_run_before().start().trains(7, 2_100).keys(keys);
    session
}

pub fn train(dataset: &Arc<Dataset>) -> Session {
    let mut session = training(dataset, MEDIUM, "");
    for _ in 0..4 {
        session.press(KeyCode::Right);
    }
    session
}

pub fn mistakes(dataset: &Arc<Dataset>) -> Session {
    training(dataset, MEDIUM, "2")
}

pub fn confusion(dataset: &Arc<Dataset>) -> Session {
    training(dataset, (92, 25), "6")
}

pub fn layers(dataset: &Arc<Dataset>) -> Session {
    let a_fine_two = "l".repeat(20);
    let mut session = training(dataset, (120, 40), &format!("2vt2{a_fine_two}"));
    let Some(Effect::Send(Command::Inspect { id, pixels })) = session.keys("i").take_effects().pop() else {
        panic!("a question")
    };
    let label = dataset.test.label(session.app.screens.layers.index);
    // Edges of six directions.
    let kernels = [(2, 0), (2, 1), (1, 2), (0, 2), (-1, 2), (-2, 1)].map(|(right, down)| {
        std::array::from_fn(|tap| {
            let (x, y) = (tap as i32 % 5 - 2, tap as i32 / 5 - 2);
            (right * x + down * y) as f32 / (8 + 4 * (x * x + y * y)) as f32
        })
    });
    session.event(Event::Inspected { id, activations: activations_by(kernels, &pixels, label) });
    session
}

/// A three, as parts of the pad.
const THREE: [(f32, f32); 15] = [
    (0.33, 0.25),
    (0.40, 0.19),
    (0.50, 0.17),
    (0.60, 0.20),
    (0.64, 0.28),
    (0.61, 0.37),
    (0.53, 0.43),
    (0.46, 0.46),
    (0.56, 0.48),
    (0.65, 0.54),
    (0.68, 0.64),
    (0.64, 0.74),
    (0.54, 0.80),
    (0.42, 0.79),
    (0.33, 0.73),
];

pub fn draw(dataset: &Arc<Dataset>) -> Session {
    let mut session = training(dataset, (100, 30), "8");
    let rows = 24.0;
    session.drag(&THREE.map(|(x, y)| (1 + (x * 2.0 * rows) as u16, 3 + (y * rows) as u16))).read_as(3).read_as(3);
    session
}

/// With other runs and a cursor.
pub fn curves(dataset: &Arc<Dataset>) -> Session {
    let mut session = session(dataset, LARGE);
    session.start().trains(10, 0).ended(State::Finished, 10, None).keys("f").tell(Message::Clock(OPENED));
    let entries = entries(&session.app);
    session.keys("b").tell(Message::Checkpoints(Ok(entries[..5].to_vec())));
    for _ in 0..60 {
        session.press(KeyCode::Left);
    }
    session
}

/// Beside the run that is listed first. Those that read the test set worse learnt worse, too.
fn listed(dataset: &Arc<Dataset>, size: (u16, u16), keys: &str) -> Session {
    let mut session = session(dataset, size);
    session.start().trains(3, 2_100).tell(Message::Clock(OPENED)).keys("4");
    let mut entries = entries(&session.app);
    for contents in entries.iter_mut().filter_map(|entry| entry.contents.as_mut().ok()) {
        let mut history = contents.history.to_vec();
        history.iter_mut().for_each(|epoch| epoch.train_loss += epoch.test_loss - record(epoch.epoch).test_loss);
        contents.history = history.into();
    }
    session.tell(Message::Checkpoints(Ok(entries))).keys(keys);
    session
}

pub fn runs(dataset: &Arc<Dataset>) -> Session {
    listed(dataset, SMALL, "j")
}

pub fn comparison(dataset: &Arc<Dataset>) -> Session {
    listed(dataset, MEDIUM, "jcjjjc")
}

pub fn parameters(dataset: &Arc<Dataset>) -> Session {
    training(dataset, (100, 36), "3b")
}

pub fn sweep(_: &Arc<Dataset>) -> Session {
    let mut session = watching(Kind::Mnist, THEME, LARGE);
    for part in 1..=50 {
        session.swept(67, [f64::from(part) * 0.0124, f64::from(part) * 0.0088]);
    }
    session
}

/// With too large a learning rate.
pub fn diverged(dataset: &Arc<Dataset>) -> Session {
    let mut session = session(dataset, MEDIUM);
    let mut spec = spec(&session.app);
    (spec.hyper.optimizer, spec.hyper.learning_rate) = (OptimizerKind::Sgd, 0.5);
    session.event(Event::Started(Box::new(started(spec, "20261124-120000-relu-sgd-0.5-b16")))).trains(3, 850);
    for (step, batch_loss) in [(900, 0.06), (950, 0.11), (1_000, 0.31), (1_050, 0.94), (1_100, 2.2)] {
        let batch_accuracy = 1.0 - 0.35 * batch_loss;
        session.event(Event::Progress(Progress { batch_loss, batch_accuracy, ..progress(4, step) }));
    }
    let reason = "the loss is not finite in step 1,123 of epoch 4, with a learning rate of 0.5";
    session.ended(State::Diverged, 3, Some(reason));
    session
}
