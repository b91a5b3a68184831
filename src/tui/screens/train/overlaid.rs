//! The runs that are overlaid on the charts, and what distinguishes them.

use std::path::Path;

use crate::{
    train::EpochRecord,
    tui::{
        axis_unit::X,
        screens::train::plot::{Others, Plot},
        session::{
            Session,
            contrast::{self, RunSettings},
            library::run::{Contents, SavedRun},
            place::places,
        },
    },
};

/// Number of other runs when the newest are shown.
const NEWEST: usize = 5;
/// Maximum number of other runs: as many as letters and colours can distinguish.
const MAX_RUNS: usize = 8;

/// A run that is overlaid.
pub(super) struct Other<'a> {
    /// Letter at the ends of its curves and in the legend.
    pub tag: char,
    pub contents: &'a Contents,
    /// Parameters that distinguish it from the others.
    pub label: String,
}

impl Other<'_> {
    /// Returns the last epoch that was complete at `at` on the axis.
    pub(super) fn record_at(&self, x: X, at: f64) -> Option<&EpochRecord> {
        let history = &self.contents.history;
        places(history)
            .zip(&history[..])
            .take_while(|(place, _)| place.on(x) <= at + 1e-9)
            .last()
            .map(|(_, record)| record)
    }
}

/// The runs of a chart, with labels that distinguish them.
#[derive(Default)]
pub(super) struct Overlaid<'a> {
    /// Label of the current run; empty if nothing distinguishes it.
    pub own: String,
    /// Label of the previous run of this session, if there was one.
    pub before: Option<String>,
    /// Runs overlaid on the charts.
    pub others: Vec<Other<'a>>,
}

pub(super) fn overlaid<'a>(plot: &Plot, session: &'a Session) -> Overlaid<'a> {
    let Some(started) = &session.live.started else { return Overlaid::default() };
    let before = session.live.previous.as_ref();
    let runs = others(plot, session, &started.run_dir, before.map(|before| before.run_dir.as_path()));
    let before = before.and_then(|before| before.spec.as_ref());
    let mut chosen = vec![RunSettings { spec: &started.spec, rate: session.live.learning_rate }];
    chosen.extend(before.map(|spec| RunSettings { spec, rate: spec.hyper.learning_rate }));
    chosen.extend(runs.iter().map(|(_, contents)| RunSettings { spec: &contents.spec, rate: contents.learning_rate }));
    let mut labels = contrast::labels(&chosen).into_iter();
    let own = labels.next().unwrap_or_default();
    let before = before.and_then(|_| labels.next());
    let labels: Vec<String> = labels.collect();
    let is_unique = |label: &String| *label != own && labels.iter().filter(|other| *other == label).count() == 1;
    let others = runs.iter().zip(&labels).zip('a'..).map(|((&(run, contents), label), tag)| Other {
        tag,
        contents,
        label: if is_unique(label) { label.clone() } else { format!("{label} {}", run.short_name()).trim().to_owned() },
    });
    let others = others.collect();
    Overlaid { own, before, others }
}

/// Returns the other runs to overlay, the newest first.
fn others<'a>(
    plot: &Plot,
    session: &'a Session,
    own: &Path,
    before: Option<&Path>,
) -> Vec<(&'a SavedRun, &'a Contents)> {
    let is_other = |path: &Path| path != own && Some(path) != before;
    let runs = session.library.runs().iter().filter(|run| is_other(&run.path));
    let mut runs: Vec<(&SavedRun, &Contents)> = runs.filter_map(|run| Some((run, run.newest()?))).collect();
    match plot.others {
        Others::None => runs.clear(),
        Others::Newest => {
            runs.retain(|(_, contents)| contents.spec.dataset.fingerprint == session.dataset.id.fingerprint)
        }
        Others::Marked => runs.retain(|(run, _)| session.library.marked.contains(&run.path)),
    }
    runs.sort_by_key(|(_, contents)| std::cmp::Reverse(contents.saved_at));
    runs.truncate(if plot.others == Others::Newest { NEWEST } else { MAX_RUNS });
    runs
}
