//! A screen that comes later shows what one shows that was there from the start.

use std::{path::Path, sync::Arc};

use lenet_monitor::{
    background::Recording,
    data::{Choice, Dataset, Request, load_named},
    train::{Command, Event, Hyperparameters, Limits, RunSpec, SaveKind, State},
    tui::{Effect, Message, Screen, replay},
};

use crate::{
    common::{self, runs::spec, watch::Watch},
    fixture::{self, MONO, OPENED, Session},
};

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 50)];

/// Screens that have seen everything, beside the recording.
struct Both {
    dataset: Arc<Dataset>,
    sessions: Vec<Session>,
    recording: Recording,
}

impl Both {
    fn new(dataset: &Arc<Dataset>) -> Self {
        let sessions = SIZES.map(|size| Session::with(Arc::clone(dataset), MONO, size)).into();
        Self { dataset: Arc::clone(dataset), sessions, recording: Recording::default() }
    }

    fn take(&mut self, event: Event) {
        self.recording.take(&event);
        for session in &mut self.sessions {
            session.event(event.clone());
        }
    }

    /// Compares each screen with that of one who comes now.
    fn compare(&mut self, when: &str) {
        for session in &mut self.sessions {
            let mut newcomer = Session::with(Arc::clone(&self.dataset), MONO, session.app.size);
            newcomer.app.session.bell = true;
            let effects = replay(&mut newcomer.app, self.recording.events());
            assert!(effects.iter().all(|effect| matches!(effect, Effect::CaptureMouse(_))), "{when}: {effects:?}");
            assert_eq!(newcomer.app.session.notice, None);
            for screen in Screen::ALL {
                let drawn = [&mut *session, &mut newcomer].map(|session| {
                    // By then notices of what has happened have faded.
                    session.tell(Message::Clock(OPENED + 1_000));
                    session.keys(&((*screen as usize + 1) % 10).to_string());
                    session.text()
                });
                assert!(drawn[0] == drawn[1], "{when}, {screen:?}:\n{}\n{}", drawn[0], drawn[1]);
            }
        }
    }

    /// Reads a worker's events until one is found, that one included.
    fn until(&mut self, watch: &mut Watch, is_it: impl Fn(&Event) -> bool) {
        loop {
            let event = watch.next().expect("the worker has not ended");
            let found = is_it(&event);
            self.take(event);
            if found {
                return;
            }
        }
    }
}

/// A short run on real digits if there are any.
fn real(folder: &Path) -> Option<Arc<Dataset>> {
    let mnist = common::mnist()?;
    common::first_images(&mnist, folder, 3_000, 500);
    let request = Request { choice: Choice::Auto, folder: folder.to_owned() };
    Some(Arc::new(load_named(&request, &mut |_| ()).unwrap()))
}

fn limited(dataset: &Dataset, hyper: Hyperparameters) -> RunSpec {
    RunSpec { limits: Limits { train: Some(2_500), test: Some(400), holdout: 500 }, ..spec(dataset, hyper) }
}

#[test]
fn a_real_run_looks_the_same_at_every_moment() {
    let (images, checkpoints) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(dataset) = real(images.path()) else { return };
    let mut both = Both::new(&dataset);
    let hyper = Hyperparameters { epochs: 3, ..Hyperparameters::default() };
    let mut watch = Watch::train(&dataset, limited(&dataset, hyper.clone()), checkpoints.path());
    let ended = |event: &Event| matches!(event, Event::EpochEnded(_));
    both.compare("before anything");
    both.until(&mut watch, |event| matches!(event, Event::Started(_)));
    both.compare("at the start");
    both.until(&mut watch, |event| matches!(event, Event::Progress(_)));
    both.compare("within the first epoch");
    both.until(&mut watch, ended);
    both.compare("after an epoch");
    watch.send(Command::Pause);
    both.until(&mut watch, |event| *event == Event::State(State::Paused));
    watch.send(Command::SetLearningRate(0.0005));
    watch.send(Command::RunSteps(1));
    watch.send(Command::RunSteps(1));
    watch.send(Command::Save);
    both.until(&mut watch, |event| matches!(event, Event::Saved { kind: SaveKind::ByHand, .. }));
    both.compare("after single steps with another learning rate");
    watch.send(Command::Resume);
    both.until(&mut watch, |event| matches!(event, Event::Ended(_)));
    both.compare("at the end");
    watch.send(Command::SetEpochs(4));
    both.until(&mut watch, |event| matches!(event, Event::Ended(_)));
    both.compare("after another epoch");
    let other = Hyperparameters { learning_rate: 0.002, epochs: 1, ..hyper };
    watch.send(Command::Restart(Box::new(limited(&dataset, other))));
    both.until(&mut watch, ended);
    both.compare("in a second run");
    watch.send(Command::SaveIn(checkpoints.path().join("elsewhere")));
    both.until(&mut watch, |event| matches!(event, Event::FolderChanged(_)));
    both.compare("in another folder");
    let last = watch.stop();
    last.into_iter().for_each(|event| both.take(event));
    both.compare("after a stop");
}

#[test]
fn a_long_run_is_kept_in_bounded_memory_and_looks_the_same() {
    let dataset = fixture::dataset(lenet_monitor::data::Kind::Mnist);
    let mut both = Both::new(&dataset);
    let mut started = fixture::started(fixture::spec(&both.sessions[0].app), "20261124-120000-relu-adam-0.001-b16");
    started.spec.hyper.epochs = 2_000;
    both.take(Event::Started(Box::new(started)));
    for epoch in 1..=1_300 {
        for step in (625..=3_750).step_by(625) {
            let mut progress = fixture::progress(epoch, step);
            progress.batch_loss = 1.0 / f64::from(epoch) + f64::from(step % 7) / 10.0;
            both.take(Event::Progress(progress));
        }
        let evaluation = Arc::new(fixture::evaluation(&both.sessions[0].app, epoch % 10 + 1));
        both.take(Event::Evaluated { epoch, evaluation });
        both.take(Event::Health(Box::new(fixture::health(epoch, None, None))));
        both.take(Event::EpochEnded(Box::new(fixture::record(epoch))));
        both.take(Event::Saved { kind: SaveKind::Last, path: "run/last.ckpt".into() });
        both.take(Event::State(State::Training));
        if epoch % 400 == 0 {
            both.take(Event::LearningRateChanged(1e-3 / epoch as f32));
            both.compare(&format!("after epoch {epoch}"));
        }
    }
    both.compare("at the end");
    let events: Vec<Event> = both.recording.events().collect();
    let evaluations = events.iter().filter(|event| matches!(event, Event::Evaluated { .. })).count();
    assert!(events.len() <= 3_001 && evaluations == 2, "{} events, {evaluations} evaluations", events.len());
}

#[test]
fn many_restarts_are_kept_in_bounded_memory() {
    let dataset = fixture::dataset(lenet_monitor::data::Kind::Mnist);
    let mut recording = Recording::default();
    let app = Session::with(dataset, MONO, SIZES[0]).app;
    for run in 0..1_000 {
        let started = fixture::started(fixture::spec(&app), &format!("run {run}"));
        recording.take(&Event::Started(Box::new(started)));
        recording.take(&Event::Progress(fixture::progress(1, 125)));
        recording.take(&Event::Note("a note".into()));
    }
    let events: Vec<Event> = recording.events().collect();
    let mut names = events.iter().filter_map(|event| match event {
        Event::Started(started) => started.run_dir.file_name()?.to_str(),
        _ => None,
    });
    assert_eq!(names.next_back(), Some("run 999"));
    assert!(events.len() < 100, "{}", events.len());
}
