//! Starting a sweep from the screen: its command line, its duration, and what happens once it has started.

use crate::{
    data::ELSEWHERE,
    sweep::{SweepCommand, SweepPlan},
    train::{Command, Images, Limits, State},
    tui::{
        format,
        keys::Action,
        message::Effect,
        session::{Session, log::Level, sweep::Sweeping},
    },
};

impl Session {
    /// Returns the limits of the images that a new sweep uses: those of the current run or sweep.
    pub(crate) fn limits(&self) -> Limits {
        let run = self.live.started.as_ref().map(|started| started.spec.limits);
        run.or_else(|| self.sweep.sweeping.as_ref().map(|sweeping| sweeping.limits)).unwrap_or_default()
    }

    /// Returns the images that a sweep of these limits uses.
    ///
    /// # Errors
    /// If it is not possible.
    pub(crate) fn images_of(&self, limits: &Limits) -> Result<Images, String> {
        match self.images.is_here() {
            true => Images::of(limits, &self.dataset).map_err(|error| error.to_string()),
            false => Err(ELSEWHERE.to_owned()),
        }
    }

    /// Returns the command that starts the same sweep from a shell.
    pub(crate) fn sweep_command(&self, plan: &SweepPlan) -> String {
        format!("lenet-monitor sweep{}{}", self.sweep_flags, plan.flags())
    }

    /// Requests a sweep.
    pub(crate) fn start_sweep(&mut self, plan: SweepPlan) -> Effect {
        self.sweep.starting = Some(plan.clone());
        Effect::StartSweep(Box::new(plan))
    }

    /// Shows the requested sweep once it has started, and reports `notes` about its table. If `pauses_run`, a run in
    /// progress leaves the processor to it.
    pub(crate) fn sweep_started(&mut self, notes: &[String], pauses_run: bool) -> Vec<Effect> {
        let Some(plan) = self.sweep.starting.take() else { return Vec::new() };
        let Ok(images) = self.images_of(&plan.limits) else { return Vec::new() };
        let command = self.sweep_command(&plan);
        let sweeping = Sweeping { limits: plan.limits, images, out: plan.out, command };
        self.say(Level::Plain, format!("sweep started: {}", sweeping.command));
        notes.iter().for_each(|note| self.warn(note));
        self.sweep = self.sweep.followed_by(sweeping);
        if self.leaving {
            return vec![Effect::SendToSweep(SweepCommand::Stop)];
        }
        if !pauses_run || !self.is_training() {
            return Vec::new();
        }
        self.live.pausing = Some(true);
        let resume = self.key(Action::PauseOrResume);
        self.announce(Level::Warn, format!("the run is paused for the sweep: {resume} on the Train screen resumes it"));
        vec![Effect::Send(Command::Pause)]
    }

    /// Returns whether a run is in progress and not paused, so that a sweep would share the processor with it.
    pub(crate) fn is_training(&self) -> bool {
        let is_paused = self.live.pausing.unwrap_or(self.live.state == Some(State::Paused));
        self.has_run() && self.live.is_under_way() && !is_paused
    }

    /// Estimates the seconds that an epoch of training on `images` images and its evaluation take, at the rate at which
    /// the current run was trained last.
    pub(crate) fn seconds_per_epoch(&self, images: f64) -> Option<f64> {
        let rate = self.live.progress.as_ref().map(|progress| progress.images_per_second).filter(|rate| *rate > 0.0)?;
        let evaluation = self.live.last_epoch().map_or(0.0, |last| (last.seconds - last.train_seconds).max(0.0));
        Some(images / rate + evaluation)
    }

    /// Estimates the seconds that runs of a sweep take, by those that were trained in this session, else by the current
    /// run. Runs of a sweep use one thread each.
    pub(crate) fn seconds_of_sweep(&self, plan: &SweepPlan, runs: usize) -> Option<f64> {
        let jobs = (plan.jobs.unwrap_or(self.cores) as usize).min(runs.max(1)) as f64;
        let images = f64::from(self.images_of(&plan.limits).ok()?.train);
        let epochs = f64::from(plan.epochs());
        let per_image = self.sweep.thread_seconds_per_image();
        let thread_seconds = match per_image {
            Some(seconds) => seconds * images,
            None => self.seconds_per_epoch(images)? * f64::from(self.live.started.as_ref()?.threads),
        };
        Some(runs as f64 * epochs * thread_seconds / jobs)
    }

    /// Describes the duration of a sweep, if anything was trained in this session.
    pub(crate) fn sweep_duration(&self, plan: &SweepPlan, runs: usize) -> Option<String> {
        let seconds = self.seconds_of_sweep(plan, runs)?;
        Some(format!("about {} at the rate measured so far", format::clock(seconds)))
    }
}
