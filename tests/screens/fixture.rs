//! Fixed states to draw and to press keys on: plausible numbers, digits from a few strokes, no clock and no training.

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use lenet_monitor::{
    data::{Dataset, DatasetId, Fingerprint, Gallery, Kind, PIXELS, SIDE, Split},
    train::{
        Activations, Architecture, Cause, ChosenBy, Command, Confusion, EpochRecord, Evaluation, Event, Health,
        Hyperparameters, LayerInfo, LayerMeasures, LayerOutput, Limits, OptimizerKind, Outcome, Prediction, Progress,
        RunSpec, SaveKind, SavedCheckpoint, Stall, Started, State, Symptom, checkpoint::Best,
    },
    tui::{App, Contents, Depth, Effect, Entry, Message, Palette, Theme, update, view},
};
use ratatui::{Terminal, backend::TestBackend};

pub const OPENED: u64 = 1_795_521_600;
pub const COLOUR: Theme = Theme { palette: Palette::Auto, depth: Depth::Indexed, ascii: false };
pub const MONO: Theme = Theme { palette: Palette::Mono, ..COLOUR };
pub const ASCII: Theme = Theme { palette: Palette::Mono, ascii: true, ..COLOUR };

/// Strokes of each digit in a box of 20 by 20, as corners of lines.
const STROKES: [&[&[(i32, i32)]]; 10] = [
    &[&[(10, 1), (4, 5), (3, 12), (7, 18), (13, 18), (17, 12), (16, 5), (10, 1)]],
    &[&[(7, 4), (11, 1), (10, 18)]],
    &[&[(4, 5), (9, 1), (15, 4), (13, 10), (4, 18), (17, 18)]],
    &[&[(4, 2), (14, 2), (9, 8), (15, 13), (11, 18), (4, 17)]],
    &[&[(6, 1), (4, 10), (16, 10)], &[(14, 3), (13, 19)]],
    &[&[(15, 1), (6, 1), (5, 8), (13, 9), (15, 14), (11, 18), (4, 17)]],
    &[&[(13, 1), (5, 9), (5, 16), (11, 18), (15, 14), (11, 10), (5, 13)]],
    &[&[(3, 2), (16, 2), (8, 18)]],
    &[&[(10, 9), (5, 5), (10, 1), (15, 5), (10, 9), (4, 14), (10, 18), (16, 14), (10, 9)]],
    &[&[(15, 7), (9, 9), (5, 5), (10, 1), (15, 5), (14, 18)]],
];

/// A digit drawn with a round, soft pen, shifted by a few pixels.
fn digit(class: u8, shift: (i32, i32)) -> Vec<u8> {
    let mut pixels = vec![0u8; PIXELS];
    for stroke in STROKES[usize::from(class)] {
        for line in stroke.windows(2) {
            for part in 0..=64 {
                let at = |a: i32, b: i32, shift: i32| {
                    f64::from(a) + f64::from(b - a) * f64::from(part) / 64.0 + 4.0 + f64::from(shift)
                };
                ink(&mut pixels, at(line[0].0, line[1].0, shift.0), at(line[0].1, line[1].1, shift.1));
            }
        }
    }
    pixels
}

fn ink(pixels: &mut [u8], x: f64, y: f64) {
    for (at, pixel) in pixels.iter_mut().enumerate() {
        let (dx, dy) = ((at % SIDE) as f64 - x, (at / SIDE) as f64 - y);
        let strength = (1.9 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
        *pixel = (*pixel).max((strength * 255.0) as u8);
    }
}

fn split(images: usize) -> Split {
    static DRAWN: LazyLock<Vec<Vec<u8>>> =
        LazyLock::new(|| (0..90).map(|at| digit((at * 7 % 10) as u8, (at % 3 - 1, at / 3 % 3 - 1))).collect());
    let labels = (0..images).map(|at| (at * 7 % 10) as u8).collect();
    Split::new((0..images).flat_map(|at| &DRAWN[at % 90]).copied().collect(), labels)
}

pub fn dataset(kind: Kind) -> Arc<Dataset> {
    let name = match kind {
        Kind::Mnist => "MNIST",
        Kind::Synthetic => "SYNTHETIC",
        Kind::Other => "fashion",
    };
    let id = DatasetId { kind, name: name.into(), fingerprint: Fingerprint([7; 32]) };
    Arc::new(Dataset { id, train: split(120), test: split(400) })
}

pub fn spec(app: &App) -> RunSpec {
    RunSpec::new(Hyperparameters::default(), Limits::default(), app.session.dataset.id.clone())
}

pub fn started(spec: RunSpec, run: &str) -> Started {
    Started {
        learning_rate: spec.hyper.learning_rate,
        spec,
        run_dir: PathBuf::from("checkpoints").join(run),
        history: Vec::new(),
        step: 0,
        steps_per_epoch: 3_750,
        train_images: 60_000,
        validation_images: 0,
        test_images: 10_000,
        threads: 2,
        simd: "x86-v3".into(),
    }
}

/// Returns a run roughly like the report's.
const LOSSES: [(f64, f64, f64, f64); 10] = [
    (0.1737, 0.9468, 0.0667, 0.9785),
    (0.0621, 0.9809, 0.0546, 0.9835),
    (0.0436, 0.9865, 0.0422, 0.9866),
    (0.0351, 0.9890, 0.0447, 0.9858),
    (0.0284, 0.9913, 0.0426, 0.9879),
    (0.0226, 0.9928, 0.0381, 0.9886),
    (0.0183, 0.9941, 0.0329, 0.9905),
    (0.0159, 0.9949, 0.0365, 0.9893),
    (0.0139, 0.9955, 0.0352, 0.9899),
    (0.0122, 0.9961, 0.0370, 0.9897),
];

pub fn record(epoch: u32) -> EpochRecord {
    let (train_loss, train_accuracy, test_loss, test_accuracy) = LOSSES[(epoch as usize - 1) % LOSSES.len()];
    EpochRecord {
        epoch,
        learning_rate: 0.001,
        train_loss,
        train_accuracy,
        test_loss,
        test_accuracy,
        validation: None,
        seconds: 1.3,
        train_seconds: 1.1,
        steps: 3_750,
        images: 60_000,
    }
}

/// Returns the measures after an epoch, of a run that learns unless there is a symptom.
pub fn health(epoch: u32, symptom: Option<Symptom>, cause: Option<Cause>) -> Health {
    let layers = Architecture::LeNet5.layers().iter().filter(|info| info.parameters > 0);
    let measures = layers.zip([1.0, 2.0, 3.0, 4.0, 5.0]).map(|(info, place)| LayerMeasures {
        info,
        gradient: if symptom.is_some() { 0.001 * place } else { 0.1 * place },
        update: Some(0.0005 * place),
        dead: match &symptom {
            Some(Symptom::Dead { layer, units }) if *layer == info.name => *units,
            _ if info.name == "C5" => 7,
            _ => 0,
        },
        saturated: 0,
    });
    let layers = measures.collect();
    Health { epoch, images: 128, layers, stall: symptom.map(|symptom| Stall { symptom, cause }) }
}

/// Returns an evaluation in which about every ninth image is misread, with high or low confidence.
pub fn evaluation(app: &App, epoch: u32) -> Evaluation {
    let test = &app.session.dataset.test;
    let mut confusion = Confusion::default();
    let predictions = (0..test.len()).map(|index| {
        let label = test.label(index);
        let wrong = (index * 13 + epoch as usize) % 9 == 4;
        let digit = if wrong { [6, 7, 3, 5, 9, 3, 0, 1, 3, 4][usize::from(label)] } else { label };
        confusion.add(label, digit);
        let confidence = 0.5 + (index * 37 % 97) as f32 / 200.0;
        let mut probabilities = [(1.0 - confidence) * 0.2 / 8.0; 10];
        let second = if wrong { label } else { (label + 3) % 10 };
        probabilities[usize::from(second)] = (1.0 - confidence) * 0.8;
        probabilities[usize::from(digit)] = confidence;
        Prediction { index: index as u32, label, digit, probabilities }
    });
    let predictions = predictions.collect();
    let loss = LOSSES[(epoch as usize - 1) % LOSSES.len()].2;
    Evaluation { loss, confusion, predictions }
}

pub fn progress(epoch: u32, step: u32) -> Progress {
    let place = f64::from(epoch - 1) + f64::from(step) / 3_750.0;
    let wobble = f64::from((step / 125 * 29 + epoch * 7) % 17) / 17.0;
    let first = f64::from(step.max(60)) / 3_750.0;
    Progress {
        epoch,
        step,
        steps_per_epoch: 3_750,
        learning_rate: 0.001,
        batch_loss: 0.25 / (1.0 + place * 3.0) * (0.4 + wobble),
        batch_accuracy: 1.0 - 0.08 / (1.0 + place) * (0.3 + wobble),
        batches: 125,
        train_loss: if epoch == 1 { 0.1737 / first.powf(0.45) } else { 0.0338 },
        train_accuracy: if epoch == 1 { 1.0 - 0.0532 / first.powf(0.45) } else { 0.9898 },
        images_per_second: 54_412.0,
        ms_per_step: 0.294,
        elapsed: place * 1.3,
        remaining: Some((10.0 - place) * 1.3),
    }
}

/// Returns the activations of a network with round weights: the same numbers on every machine.
pub fn activations(image: &[u8; PIXELS], digit: u8) -> Box<Activations> {
    let kernels = std::array::from_fn(|map| {
        std::array::from_fn(|tap| ((tap % 5 * (map + 1) + tap / 5 * (5 - map)) % 7) as f32 / 8.0 - 0.375)
    });
    activations_by(kernels, image, digit)
}

/// Returns the same with other kernels in the first layer.
pub fn activations_by(kernels: [[f32; 25]; 6], image: &[u8; PIXELS], digit: u8) -> Box<Activations> {
    let ink = |x: usize, y: usize| {
        let inside = (2..SIDE + 2).contains(&x) && (2..SIDE + 2).contains(&y);
        if inside { f32::from(image[(y - 2) * SIDE + x - 2]) / 256.0 } else { 0.0 }
    };
    let c1: [[f32; 784]; 6] = std::array::from_fn(|map| {
        std::array::from_fn(|at| {
            let taps = (0..25).map(|tap| kernels[map][tap] * ink(at % SIDE + tap % 5, at / SIDE + tap / 5));
            taps.sum::<f32>().max(0.0)
        })
    });
    let s2: [[f32; 196]; 6] = std::array::from_fn(|map| pooled(&c1[map], SIDE));
    let c3: [[f32; 100]; 16] = std::array::from_fn(|map| {
        std::array::from_fn(|at| {
            let near = |dx: usize, dy: usize| s2[map % 6][(at / 10 + dy) * 14 + at % 10 + dx];
            (near(map % 5, map / 4) * 1.5 - near(4 - map % 5, 2)).max(0.0)
        })
    });
    let s4: [[f32; 25]; 16] = std::array::from_fn(|map| pooled(&c3[map], 10));
    let c5: [f32; 120] = std::array::from_fn(|at| (s4[at % 16][at % 25] * 2.0 - (at % 7) as f32 / 8.0).max(0.0));
    let f6: [f32; 84] = std::array::from_fn(|at| (c5[at] + c5[at + 36] - (at % 5) as f32 / 4.0).max(0.0));
    let (logits, probabilities) = answer(digit);
    let outputs =
        [c1.as_flattened(), s2.as_flattened(), c3.as_flattened(), s4.as_flattened(), &c5[..], &f6[..], &logits[..]];
    let kernels = |layer: usize| if layer == 0 { kernels.as_flattened().to_vec() } else { Vec::new() };
    let output = |(layer, (info, values)): (usize, (&'static LayerInfo, &[f32]))| LayerOutput {
        info,
        values: values.to_vec(),
        kernels: kernels(layer),
    };
    let layers = Architecture::LeNet5.layers().iter().zip(outputs).enumerate().map(output).collect();
    Box::new(Activations { layers, probabilities })
}

/// Returns arbitrary activations of layers of these shapes.
pub fn activations_of(layers: &'static [LayerInfo], digit: u8) -> Box<Activations> {
    let (logits, probabilities) = answer(digit);
    let value = |at: usize| (at * 7 % 31) as f32 / 32.0 * (at / 13 % 2) as f32;
    let output = |info: &'static LayerInfo| {
        let is_last = std::ptr::eq(info, &layers[layers.len() - 1]);
        let values = if is_last { logits.to_vec() } else { (0..info.kind.values()).map(value).collect() };
        LayerOutput { info, values, kernels: Vec::new() }
    };
    Box::new(Activations { layers: layers.iter().map(output).collect(), probabilities })
}

/// Returns the logits and probabilities of a network that reads `digit`.
fn answer(digit: u8) -> ([f32; 10], [f32; 10]) {
    let second = usize::from(digit + 3) % 10;
    let logits: [f32; 10] = std::array::from_fn(|class| match class {
        class if class == usize::from(digit) => 7.25,
        class if class == second => 4.5,
        class => class as f32 / -2.0,
    });
    let probabilities = std::array::from_fn(|class| match class {
        class if class == usize::from(digit) => 0.875,
        class if class == second => 0.109,
        _ => 0.002,
    });
    (logits, probabilities)
}

fn pooled<const N: usize>(map: &[f32], side: usize) -> [f32; N] {
    std::array::from_fn(|at| {
        let corner = at / (side / 2) * 2 * side + at % (side / 2) * 2;
        (map[corner] + map[corner + 1] + map[corner + side] + map[corner + side + 1]) / 4.0
    })
}

pub struct Session {
    pub app: App,
    pub effects: Vec<Effect>,
    /// Lets the program capture the mouse.
    pub has_mouse: bool,
}

impl Session {
    pub fn new(theme: Theme, size: (u16, u16)) -> Self {
        Self::with(dataset(Kind::Mnist), theme, size)
    }

    pub fn with(images: impl Into<Gallery>, theme: Theme, size: (u16, u16)) -> Self {
        Self { app: App::new(images, theme, OPENED, size), effects: Vec::new(), has_mouse: false }
    }

    /// Handles a message, and keeps its effects.
    pub fn tell(&mut self, message: Message) -> &mut Self {
        for effect in update(&mut self.app, message) {
            match effect {
                Effect::CaptureMouse(captured) => self.has_mouse = captured,
                effect => self.effects.push(effect),
            }
        }
        self
    }

    pub fn event(&mut self, event: Event) -> &mut Self {
        self.tell(Message::Worker(event))
    }

    pub fn press(&mut self, code: KeyCode) -> &mut Self {
        self.tell(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    pub fn ctrl(&mut self, char: char) -> &mut Self {
        self.tell(Message::Key(KeyEvent::new(KeyCode::Char(char), KeyModifiers::CONTROL)))
    }

    pub fn keys(&mut self, text: &str) -> &mut Self {
        for char in text.chars() {
            self.press(KeyCode::Char(char));
        }
        self
    }

    /// Returns the effects since the last call, without those that write the log.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        let effects = std::mem::take(&mut self.effects);
        effects.into_iter().filter(|effect| !matches!(effect, Effect::WriteLog(..))).collect()
    }

    /// Answers the newest request to look inside, with a network that reads every digit as `digit`.
    pub fn answer(&mut self, digit: u8) -> &mut Self {
        let question = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Send(Command::Inspect { id, pixels }) => Some((*id, pixels.clone())),
            _ => None,
        });
        let (id, pixels) = question.expect("a look inside was asked for");
        self.event(Event::Inspected { id, activations: activations(&pixels, digit) })
    }

    /// Answers the newest question about the drawing: it is read as `digit`.
    pub fn read_as(&mut self, digit: u8) -> &mut Self {
        let question = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Send(Command::Predict { id, .. }) => Some(*id),
            _ => None,
        });
        let id = question.expect("the drawing was asked about");
        let mut probabilities = [0.0625 / 8.0; 10];
        probabilities[usize::from(digit + 4) % 10] = 0.125;
        probabilities[usize::from(digit)] = 0.8125;
        self.event(Event::Predicted { id, probabilities })
    }

    pub fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> &mut Self {
        self.tell(Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
    }

    /// Draws a line with the left button held, from cell to cell.
    pub fn drag(&mut self, cells: &[(u16, u16)]) -> &mut Self {
        let (first, last) = (cells[0], cells[cells.len() - 1]);
        self.mouse(MouseEventKind::Down(MouseButton::Left), first.0, first.1);
        for cell in &cells[1..] {
            self.mouse(MouseEventKind::Drag(MouseButton::Left), cell.0, cell.1);
        }
        self.mouse(MouseEventKind::Up(MouseButton::Left), last.0, last.1)
    }

    pub fn start(&mut self) -> &mut Self {
        let spec = spec(&self.app);
        self.event(Event::Started(Box::new(started(spec, "20261124-120000-relu-adam-0.001-b16"))));
        self.event(Event::State(State::Training))
    }

    /// Reports a number of epochs, as a worker does.
    pub fn epochs(&mut self, epochs: std::ops::RangeInclusive<u32>) -> &mut Self {
        for epoch in epochs {
            for step in (125..=3_750).step_by(125) {
                self.event(Event::Progress(progress(epoch, step)));
            }
            let evaluation = evaluation(&self.app, epoch);
            self.epoch_ends(epoch, evaluation);
        }
        self
    }

    pub fn epoch_ends(&mut self, epoch: u32, evaluation: Evaluation) -> &mut Self {
        self.tell(Message::Clock(OPENED + u64::from(epoch) * 13 / 10));
        self.event(Event::Evaluated { epoch, evaluation: Arc::new(evaluation) });
        self.event(Event::Health(Box::new(health(epoch, None, None))));
        self.event(Event::EpochEnded(Box::new(record(epoch))));
        self.event(Event::Saved { kind: SaveKind::Last, path: path("last") });
        if [1, 2, 3, 5, 6, 7].contains(&epoch) {
            self.event(Event::Saved { kind: SaveKind::Best(ChosenBy::Test), path: path("best") });
        }
        self
    }

    /// Adds ten epochs with tanh and rmsprop before the current run.
    pub fn another_run_before(&mut self) -> &mut Self {
        let mut before = spec(&self.app);
        before.hyper.activation = lenet_monitor::train::Activation::Tanh;
        before.hyper.optimizer = OptimizerKind::Rmsprop;
        self.event(Event::Started(Box::new(started(before, "20261124-115800-tanh-rmsprop-0.001-b16"))));
        for epoch in 1..=10 {
            let mut record = record(epoch);
            record.test_accuracy -= 0.012 + 0.001 * f64::from(10 - epoch);
            record.test_loss += 0.05;
            self.event(Event::EpochEnded(Box::new(record)));
        }
        self
    }

    pub fn part_of_epoch(&mut self, epoch: u32, steps: u32) -> &mut Self {
        for step in (125..=steps).step_by(125) {
            self.event(Event::Progress(progress(epoch, step)));
        }
        self.event(Event::Progress(progress(epoch, steps)))
    }

    pub fn ended(&mut self, state: State, epochs: u32, reason: Option<&str>) -> &mut Self {
        let last = (epochs > 0).then(|| record(epochs));
        self.event(Event::Ended(Box::new(Outcome {
            state,
            reason: reason.map(str::to_owned),
            epochs,
            test_loss: last.as_ref().map(|last| last.test_loss),
            test_accuracy: last.as_ref().map(|last| last.test_accuracy),
            kept: last.map(|last| SavedCheckpoint { path: path("last"), epoch: last.epoch, step: 0 }),
            save_error: None,
        })))
    }

    pub fn draw(&self) -> Terminal<TestBackend> {
        let (width, height) = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
        terminal.draw(|frame| view(&self.app, frame)).expect("a test backend does not fail");
        terminal
    }

    /// Returns the screen as text.
    pub fn text(&self) -> String {
        self.draw().backend().to_string()
    }
}

/// Returns a session in the fourth epoch, two thirds of it done.
pub fn training(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = Session::new(theme, size);
    session.start().epochs(1..=3).part_of_epoch(4, 2_113);
    session
}

pub fn finished(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = Session::new(theme, size);
    session.start().epochs(1..=10).ended(State::Finished, 10, None);
    session
}

/// Returns a session with relu and adam, after a run with tanh and sgd.
pub fn restarted(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = Session::new(theme, size);
    session.another_run_before().start().epochs(1..=5).part_of_epoch(6, 1_500);
    session
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(format!("checkpoints/20261124-120000-relu-adam-0.001-b16/{name}.ckpt"))
}

pub fn entries(app: &App) -> Vec<Entry> {
    let entry = |run: &str, name: &str, ago: u64, epochs_done: u32, step: u32, spec: RunSpec| {
        let worse = match spec.hyper.activation {
            lenet_monitor::train::Activation::Relu => 0.0,
            lenet_monitor::train::Activation::Tanh => 0.004,
            lenet_monitor::train::Activation::Sigmoid => 0.03,
        };
        let history = (1..=epochs_done).map(|epoch| {
            let mut record = record(epoch);
            record.test_accuracy -= worse;
            record.test_loss += 3.0 * worse;
            record.learning_rate = spec.hyper.learning_rate;
            record
        });
        let history: Vec<EpochRecord> = history.collect();
        let best = history.iter().max_by(|a, b| a.test_accuracy.total_cmp(&b.test_accuracy));
        let best = best.map(|best| Best {
            chosen_by: ChosenBy::Test,
            epoch: best.epoch,
            loss: best.test_loss,
            accuracy: best.test_accuracy,
        });
        Entry {
            path: PathBuf::from(format!("checkpoints/{run}/{name}.ckpt")),
            run: run.into(),
            name: name.into(),
            contents: Ok(Contents {
                saved_at: OPENED - ago,
                learning_rate: spec.hyper.learning_rate,
                spec,
                epochs_done,
                step,
                seconds: f64::from(epochs_done) * 1.3,
                history: history.into(),
                best,
            }),
            holder: None,
        }
    };
    let default = spec(app);
    let mut sigmoid = default.clone();
    sigmoid.hyper.activation = lenet_monitor::train::Activation::Sigmoid;
    sigmoid.hyper.optimizer = OptimizerKind::Sgd;
    sigmoid.hyper.learning_rate = 0.01;
    sigmoid.hyper.batch_size = 64;
    let mut tanh = default.clone();
    tanh.hyper.activation = lenet_monitor::train::Activation::Tanh;
    tanh.hyper.optimizer = OptimizerKind::Rmsprop;
    tanh.hyper.learning_rate = 0.0005;
    tanh.limits.holdout = 5_000;
    let mut synthetic = default.clone();
    synthetic.dataset =
        DatasetId { kind: Kind::Synthetic, name: "SYNTHETIC".into(), fingerprint: Fingerprint([9; 32]) };
    vec![
        entry("20261124-120000-relu-adam-0.001-b16", "last", 4, 3, 2_000, default.clone()),
        entry("20261124-120000-relu-adam-0.001-b16", "best", 7, 3, 0, default.clone()),
        entry("20261124-114210-sigmoid-sgd-0.01-b64", "last", 1_100, 10, 0, sigmoid.clone()),
        entry("20261124-114210-sigmoid-sgd-0.01-b64", "best", 1_130, 7, 0, sigmoid),
        entry("tanh, the good one", "last", 86_000, 6, 0, tanh),
        entry("20261122-090510-relu-adam-0.001-b16", "last", 183_000, 3, 0, synthetic),
        entry("20260929-223500-relu-adam-0.001-b16", "best", 4_800_000, 10, 0, default),
        Entry {
            path: PathBuf::from("checkpoints/20261123-101500-relu-adam-0.001-b16/last.ckpt"),
            run: "20261123-101500-relu-adam-0.001-b16".into(),
            name: "last".into(),
            contents: Err("checksum 5d1f03aa expected, 9b77c210 found: the file is damaged, take another one".into()),
            holder: None,
        },
    ]
}

/// Returns the title of the open question.
pub fn asked(app: &App) -> Option<&'static str> {
    app.question().map(|question| question.title)
}

/// The pad's cells at 80x24: 36 columns from 1, 18 rows from 3.
pub const SEVEN: [(u16, u16); 4] = [(8, 6), (26, 6), (20, 12), (14, 18)];

/// Returns where places on the drawing pad of a terminal of 80x24 are on one of this size.
pub fn on_pad<const N: usize>(places: [(u16, u16); N], size: (u16, u16)) -> [(u16, u16); N] {
    places.map(|(column, row)| match size {
        (120, 40) => (column * 68 / 36, (row - 3) * 34 / 18 + 3),
        (200, 60) => (column * 106 / 36, (row - 3) * 53 / 18 + 3),
        (60, 20) => (column * 26 / 36, (row - 3) * 13 / 18 + 3),
        (40, 12) => (column * 14 / 36, (row - 3) * 7 / 18 + 3),
        _ => (column, row),
    })
}
