//! What the keys of the Sweep screen do, and what a sweep's news change.

use super::{Board, Pane, Sweeping, TableRead, Watch};
use crate::{
    sweep::{Order, Run, Snapshot, survey::Factor},
    train::{Hyperparameter, Hyperparameters},
    tui::{
        app::{App, Effect, Prompt, Screen},
        keys::Action,
        log::Level,
        update::Go,
        view,
    },
};

impl App {
    /// A session with a sweep: there is no run of training at first.
    pub fn watch_sweep(&mut self, sweeping: Sweeping) {
        self.editor.running.limits.holdout = sweeping.limits.holdout;
        self.editor.undo();
        self.sweep = Watch::of(sweeping);
        self.live.gone = true;
        self.screen = Screen::Sweep;
    }
}

pub fn take(app: &mut App, snapshot: Snapshot) {
    let fault = app.sweep.snapshot.as_ref().and_then(|before| before.fault.clone());
    let was_over = !app.sweep.is_under_way();
    let news = snapshot.fault.clone().filter(|news| fault.as_ref() != Some(news));
    app.sweep.take_snapshot(snapshot);
    if let Some(news) = news {
        app.announce(Level::Bad, news);
    } else if !was_over && !app.sweep.is_under_way() && !app.leaving {
        let complete = app.sweep.snapshot.as_ref().is_some_and(Snapshot::is_complete);
        app.announce(Level::Good, if complete { "the sweep is complete" } else { "the sweep is stopped" });
    }
}

pub fn take_table(app: &mut App, table: TableRead) {
    // A sweep of this program shows itself.
    if app.sweep.sweeping.is_none() {
        app.sweep.take_table(table);
    }
}

/// `None`: there is no sweep to pause.
pub fn pause_or_resume(app: &mut App) -> Option<Vec<Effect>> {
    if !app.sweep.is_under_way() {
        return None;
    }
    let pause = !app.sweep.is_paused();
    app.sweep.pausing = Some(pause);
    Some(vec![Effect::Order(if pause { Order::Pause } else { Order::Resume })])
}

/// A run that is trained in full gets the processor to itself.
pub fn make_way(app: &mut App) -> Vec<Effect> {
    if !app.sweep.is_under_way() || app.sweep.is_paused() {
        return Vec::new();
    }
    app.sweep.pausing = Some(true);
    app.announce(
        Level::Warn,
        format!("the sweep is paused for this run: {} on its screen goes on with it", app.key(Action::PauseOrResume)),
    );
    vec![Effect::Order(Order::Pause)]
}

/// Leaves the chosen cell's runs out that have no row yet, or takes those left out back in.
pub fn drop_or_restore(app: &mut App) -> Vec<Effect> {
    if !app.sweep.is_under_way() {
        app.announce(Level::Warn, "only of a sweep under way can runs be dropped");
        return Vec::new();
    }
    // The same key again takes it back: the cursor stays.
    app.sweep.follows = false;
    let (Some(cell), Some(snapshot)) = (app.sweep.cell(), &app.sweep.snapshot) else { return Vec::new() };
    let numbers = |which: fn(&Run) -> bool| {
        cell.runs.iter().copied().filter(|&number| which(&snapshot.runs[number].1)).collect::<Vec<_>>()
    };
    let open = numbers(|run| matches!(run, Run::Waiting | Run::Running(_)));
    let dropped = numbers(|run| matches!(run, Run::Dropped));
    match (open.is_empty(), dropped.is_empty()) {
        (true, true) => {
            app.announce(Level::Warn, "it has ended: its row stays in the table");
            Vec::new()
        }
        (true, false) => dropped.into_iter().map(|number| Effect::Order(Order::Restore(number))).collect(),
        (false, _) => open.into_iter().map(|number| Effect::Order(Order::Drop(number))).collect(),
    }
}

pub fn ask_to_stop(app: &mut App) {
    if app.sweep.is_under_way() {
        app.prompt = Some(Prompt::StopSweep);
    } else {
        app.announce(Level::Warn, "there is no sweep under way");
    }
}

pub fn accept_stop(app: &mut App) -> Vec<Effect> {
    if app.sweep.is_under_way() { vec![Effect::Order(Order::Stop)] } else { Vec::new() }
}

/// Takes the chosen configuration into the editor, to be trained in full.
pub fn open(app: &mut App) {
    let Some(cell) = app.sweep.cell() else { return };
    let hyper = match app.sweep.run_of(cell) {
        Some((_, hyper, _)) => Ok(hyper.clone()),
        None => hyperparameters(&app.sweep, &app.editor.spec.hyper),
    };
    match hyper {
        Ok(hyper) => {
            app.editor.spec.hyper = Hyperparameters { epochs: Hyperparameters::default().epochs, ..hyper };
            app.editor.error = None;
            app.screen = Screen::Parameters;
            if let Some(other) = other_data(app) {
                app.announce(Level::Warn, other);
            }
        }
        Err(reason) => app.announce(Level::Warn, reason),
    }
}

/// A table may be of other data than this session's.
fn other_data(app: &App) -> Option<String> {
    let fixed = app.sweep.survey.as_ref()?.fixed();
    let (_, name) = fixed.into_iter().find(|(factor, _)| *factor == Factor::DataSet)?;
    let here = &app.dataset.id.name;
    (name != here).then(|| format!("the table is of {name}; a run here trains on {here}"))
}

/// The chosen line of a table, which may be anybody's. What it does not say is as in `others`.
fn hyperparameters(watch: &Watch, others: &Hyperparameters) -> Result<Hyperparameters, String> {
    let mut hyper = others.clone();
    let (Some(cell), Some(survey)) = (watch.cell(), &watch.survey) else { return Ok(hyper) };
    let fixed = survey.fixed();
    let label = |factor: Factor| {
        let fixed = || fixed.iter().find(|(each, _)| *each == factor).map(|(_, label)| *label);
        watch.board.label(cell, factor).or_else(fixed).filter(|label| *label != "?")
    };
    let refusal = |factor: Factor, label: &str, why: String| format!("{} {label}: {why}", factor.name());
    for factor in Factor::ALL {
        let Some(which) = factor.hyperparameter().filter(|which| *which != Hyperparameter::Epochs) else { continue };
        if let Some(label) = label(factor) {
            hyper.set(which, which.parse(&label.to_lowercase()).map_err(|why| refusal(factor, label, why))?);
        }
    }
    hyper.validate().map_err(|error| error.to_string())?;
    Ok(hyper)
}

/// Moves to another configuration.
pub fn go(app: &mut App, way: Go) {
    app.sweep.follows = false;
    let page = view::sweep_page(app);
    let watch = &mut app.sweep;
    let to = match watch.pane {
        Pane::Rank => in_rank(watch, way, page),
        Pane::Map | Pane::Effects => on_board(&watch.board, watch.chosen, way, page),
    };
    watch.chosen = to.unwrap_or(watch.chosen);
}

fn in_rank(watch: &Watch, way: Go, page: usize) -> Option<usize> {
    let last = watch.rank.len().checked_sub(1)?;
    let Some(place) = watch.rank.iter().position(|&cell| cell == watch.chosen) else {
        // It has no result yet.
        return watch.rank.first().copied();
    };
    watch.rank.get(place.saturating_add_signed(way.by(1, page)).min(last)).copied()
}

/// The next cell that way, past values that no run has.
fn on_board(board: &Board, chosen: usize, way: Go, page: usize) -> Option<usize> {
    let layout = &board.layout;
    let (row, column) = layout.place(chosen)?;
    let by = |rows: isize, columns: isize, most: usize| {
        let step = |step: isize| {
            let row = row.checked_add_signed(rows.signum() * step)?;
            let column = column.checked_add_signed(columns.signum() * step)?;
            (row < layout.rows.len() && column < layout.columns.len()).then_some((row, column))
        };
        let all = (1..=most as isize).map_while(step).filter_map(|(row, column)| layout.cell(row, column));
        all.collect::<Vec<_>>()
    };
    let all = layout.rows.len().max(layout.columns.len());
    match way {
        Go::Left => by(0, -1, all).first().copied(),
        Go::Right => by(0, 1, all).first().copied(),
        Go::Up => by(-1, 0, all).first().copied(),
        Go::Down => by(1, 0, all).first().copied(),
        Go::PageUp => by(-1, 0, page).last().copied(),
        Go::PageDown => by(1, 0, page).last().copied(),
        Go::First => by(0, -1, all).last().copied(),
        Go::Last => by(0, 1, all).last().copied(),
    }
}
