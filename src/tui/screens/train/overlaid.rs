//! The runs that are laid over the charts, and what tells them apart.

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
            series::places,
        },
    },
};

/// Other runs, where the newest are shown.
const NEWEST: usize = 5;
/// Other runs at most: as many as can be told apart by letter and colour.
const MOST: usize = 8;

/// A run that is laid over.
pub(super) struct Other<'a> {
    /// Its letter, at its curves' ends and in the legend.
    pub tag: char,
    pub contents: &'a Contents,
    /// What it does not share with the others.
    pub label: String,
}

impl Other<'_> {
    /// The last epoch that was complete at `at` on the axis.
    pub(super) fn record_at(&self, x: X, at: f64) -> Option<&EpochRecord> {
        let history = &self.contents.history;
        places(history)
            .zip(&history[..])
            .take_while(|(place, _)| place.on(x) <= at + 1e-9)
            .last()
            .map(|(_, record)| record)
    }
}

/// The runs of a chart: what each does not share with all the others, and those that are laid over.
#[derive(Default)]
pub(super) struct Overlaid<'a> {
    /// Empty where nothing tells the present run from the others.
    pub own: String,
    /// Of the run before in this session, if there was one.
    pub before: Option<String>,
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
    let is_of_one = |label: &String| *label != own && labels.iter().filter(|other| *other == label).count() == 1;
    let others = runs.iter().zip(&labels).zip('a'..).map(|((&(run, contents), label), tag)| Other {
        tag,
        contents,
        label: if is_of_one(label) { label.clone() } else { format!("{label} {}", run.short_name()).trim().to_owned() },
    });
    let others = others.collect();
    Overlaid { own, before, others }
}

/// The other runs that are wanted, the newest first.
fn others<'a>(
    plot: &Plot,
    session: &'a Session,
    own: &Path,
    before: Option<&Path>,
) -> Vec<(&'a SavedRun, &'a Contents)> {
    let elsewhere = |path: &Path| path != own && Some(path) != before;
    let runs = session.library.runs().iter().filter(|run| elsewhere(&run.path));
    let mut runs: Vec<(&SavedRun, &Contents)> = runs.filter_map(|run| Some((run, run.newest()?))).collect();
    match plot.others {
        Others::None => runs.clear(),
        Others::Newest => {
            runs.retain(|(_, contents)| contents.spec.dataset.fingerprint == session.dataset.id.fingerprint)
        }
        Others::Marked => runs.retain(|(run, _)| session.library.marked.contains(&run.path)),
    }
    runs.sort_by_key(|(_, contents)| std::cmp::Reverse(contents.saved_at));
    runs.truncate(if plot.others == Others::Newest { NEWEST } else { MOST });
    runs
}
