//! The title of the terminal's window: what runs, and how far it is. Only ASCII, since any terminal may show it.

use crate::{
    sweep::RunStatus,
    train::State,
    tui::frame::{scene::Scene, sweep_progress},
};

/// Returns the title, such as `36 % training relu adam 0.001 - lenet-monitor`.
pub(crate) fn title(scene: &Scene) -> String {
    let what = if is_about_sweep(scene) { sweep(scene) } else { run(scene) };
    format!("{what} - lenet-monitor")
}

/// Returns whether the sweep is what is shown, or what is trained.
fn is_about_sweep(scene: &Scene) -> bool {
    scene.shows_sweep() || (scene.session.sweep.is_under_way() && !scene.session.is_training())
}

/// Returns the state of the run, or of the sweep, in a word.
pub(super) fn state(scene: &Scene) -> &'static str {
    if is_about_sweep(scene) {
        sweep_progress::word(scene)
    } else {
        scene.session.live.state.map_or("starting", |state| state.name())
    }
}

fn run(scene: &Scene) -> String {
    let live = &scene.session.live;
    // An evaluation takes a moment only, and would change the title twice an epoch.
    let state = if live.state == Some(State::Evaluating) { State::Training.name() } else { state(scene) };
    let Some(words) = live.in_words() else { return state.into() };
    let what = format!("{state} {words}");
    if live.outcome.is_some() { what } else { format!("{} {what}", percent(live.part_done())) }
}

fn sweep(scene: &Scene) -> String {
    let state = state(scene);
    let Some(snapshot) = &scene.session.sweep.snapshot else { return state.into() };
    let ended = snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
    format!("{} {state}, {ended} of {} runs", percent(snapshot.part_done()), snapshot.runs.len())
}

fn percent(part: f64) -> String {
    format!("{:.0} %", (part * 100.0).floor())
}
