//! The runs on this data set, of this and of earlier sessions, ranked by their results.

use std::path::Path;

use ratatui::{layout::Rect, text::Line};

use crate::{
    format::{cut, sanitized},
    train::{EpochRecord, RunSpec, State},
    tui::{
        format,
        session::{
            Session,
            library::{Unread, widths::short},
        },
        widgets::{
            area::rows,
            surface::{Surface, Target},
            text::{fitting, put, span, wrap},
        },
    },
};

/// A run that was tried.
pub(super) struct Tried<'a> {
    pub path: &'a Path,
    pub spec: &'a RunSpec,
    /// Learning rate in force at its end.
    pub rate: f32,
    /// Number of complete epochs.
    epochs: u32,
    best: Option<&'a EpochRecord>,
    /// Name without the hyperparameters; empty if it was not saved.
    name: String,
    diverged: bool,
}

impl Tried<'_> {
    /// Returns the epochs done and in total: `3/10`.
    fn done(&self) -> String {
        format!("{}/{}", self.epochs, self.spec.hyper.epochs)
    }

    /// Returns the test accuracy of its best epoch.
    fn accuracy(&self) -> Option<f64> {
        self.best.map(|best| best.test_accuracy)
    }

    /// Returns the values with which it can be trained again: the learning rate is that of its best epoch.
    pub(super) fn spec(&self) -> RunSpec {
        let mut spec = self.spec.clone();
        spec.hyper.learning_rate = self.best.map_or(self.rate, |best| best.learning_rate);
        spec
    }
}

/// Returns the runs on this data set, the best first.
pub(super) fn ranked(session: &Session) -> Vec<Tried<'_>> {
    let trial_in = |path: &Path| session.tried.iter().rev().find(|trial| trial.run_dir == path);
    let is_here = |spec: &RunSpec| spec.dataset.fingerprint == session.dataset.id.fingerprint;
    let saved = session.library.runs().iter().filter_map(|run| {
        let contents = run.newest().filter(|contents| is_here(&contents.spec))?;
        Some(Tried {
            path: &run.path,
            spec: &contents.spec,
            rate: contents.learning_rate,
            epochs: contents.epochs_done,
            best: contents.best_epoch().or(contents.last()),
            name: sanitized(&run.short_name()),
            diverged: trial_in(&run.path).is_some_and(|trial| trial.state == Some(State::Diverged)),
        })
    });
    let is_newest =
        |place: usize| session.tried[place + 1..].iter().all(|later| later.run_dir != session.tried[place].run_dir);
    let trials = session.tried.iter().enumerate().filter(|(place, _)| is_newest(*place)).map(|(_, trial)| trial);
    let unsaved = trials.filter(|trial| session.library.find(&trial.run_dir).is_none()).map(|trial| Tried {
        path: &trial.run_dir,
        spec: &trial.spec,
        rate: trial.learning_rate,
        epochs: trial.epochs,
        best: trial.best.as_ref(),
        name: String::new(),
        diverged: trial.state == Some(State::Diverged),
    });
    let mut all: Vec<Tried> = saved.chain(unsaved).collect();
    let result = |tried: &Tried| tried.accuracy().unwrap_or(-1.0);
    all.sort_by(|a, b| result(b).total_cmp(&result(a)).then_with(|| b.path.cmp(a.path)));
    all
}

/// Columns before the values, besides the epochs.
const BEFORE_VALUES: usize = 10;
/// Minimum columns to show the epochs.
const WITH_EPOCHS: u16 = 44;

/// Returns the heads of the columns.
pub(super) fn head(tried: &[Tried], width: u16) -> String {
    format!(
        "    best{:>width$}  values",
        if width < WITH_EPOCHS { "" } else { "epochs" },
        width = epochs_width(tried, width)
    )
}

/// Returns the columns of the epochs with the gap before them, or 0 if there is no room.
fn epochs_width(tried: &[Tried], width: u16) -> usize {
    if width < WITH_EPOCHS { 0 } else { tried.iter().map(|tried| tried.done().len()).max().unwrap_or(0).max(6) + 2 }
}

/// Draws the list; `chosen` is the row under the cursor.
pub(super) fn draw(session: &Session, tried: &[Tried], chosen: Option<usize>, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    if tried.is_empty() {
        let text = match session.library.unread() {
            Some(Unread::Reading) => "the checkpoint folder is being read".into(),
            Some(Unread::Failed(reason)) => sanitized(reason),
            None => "no run on this data set has been saved yet".into(),
        };
        for (row, line) in rows(area).zip(wrap(&text, usize::from(area.width))) {
            put(surface, row, &Line::styled(line, theme.dim()));
        }
        return;
    }
    let width = epochs_width(tried, area.width);
    let columns = usize::from(area.width).saturating_sub(BEFORE_VALUES + width);
    let room = usize::from(area.height).max(1);
    let first = chosen.unwrap_or(0) / room * room;
    for (row, (place, tried)) in rows(area).zip(tried.iter().enumerate().skip(first)) {
        let (mark, style) = if chosen == Some(place) { ("▸ ", theme.accent()) } else { ("  ", theme.text()) };
        let accuracy = tried.accuracy().map_or_else(|| "     -".into(), format::share);
        let limits = &tried.spec.limits;
        let parts = vec![
            vec![
                span(mark, style),
                span(accuracy, theme.test().patch(theme.bold())),
                span(if width > 0 { format!("{:>width$}", tried.done()) } else { String::new() }, theme.dim()),
            ],
            vec![span("  ", style), span(cut(&short(&tried.spec.hyper, tried.rate), columns), style)],
            vec![span(if tried.diverged { "  diverged" } else { "" }, theme.bad())],
            vec![span(
                limits.train.map(|count| format!("  first {} images", format::grouped(count))).unwrap_or_default(),
                theme.dim(),
            )],
            vec![span(format!("  {}", tried.name), theme.dim())],
        ];
        put(surface, row, &fitting(parts, row.width));
        surface.target(row, Target::Row(place));
    }
}
