//! Which runs are listed, and in what order.

use crate::{
    choice::choice,
    train::checkpoint::is_in_the_future,
    tui::session::library::run::{Contents, SavedRun},
};

choice! {
    /// An order of the runs.
    #[derive(Default)]
    Sort {
        /// The most recently saved first.
        #[default]
        Saved = "newest first",
        /// By the test accuracy of the best epoch, the highest first.
        Best = "best accuracy first",
        /// By the last epoch's test accuracy, the highest first.
        Last = "last accuracy first",
        Name = "by name",
    }
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A run with at least one readable file, by its index among the runs.
    Run(usize),
    /// A run that trains in the background and has no checkpoint yet, by its index among the runs.
    Begun(usize),
    /// A damaged file, by the index of its run and its index in that run.
    Damaged(usize, usize),
}

/// Returns the rows of the runs that have all words of the filter; `now` is in seconds since 1970.
pub(crate) fn rows(runs: &[SavedRun], sort: Sort, filter: &str, now: u64) -> Vec<Row> {
    let words: Vec<String> = filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let admitted = |run: &SavedRun| words.iter().all(|word| run.words.contains(word));
    let admitted: Vec<(usize, &SavedRun)> = runs.iter().enumerate().filter(|(_, run)| admitted(run)).collect();
    let mut readable: Vec<(usize, &SavedRun, &Contents)> =
        admitted.iter().filter_map(|&(place, run)| Some((place, run, run.newest()?))).collect();
    match sort {
        Sort::Saved => {
            // A run dated in the future would be the newest for ever.
            let is_future = |contents: &Contents| now > 0 && is_in_the_future(contents.saved_at, now);
            readable.sort_by(|a, b| {
                let by_time = is_future(a.2).cmp(&is_future(b.2)).then_with(|| b.2.saved_at.cmp(&a.2.saved_at));
                by_time.then_with(|| a.1.name.cmp(&b.1.name))
            });
        }
        Sort::Best => sort_by_accuracy(&mut readable, |contents| contents.best_epoch().map(|best| best.test_accuracy)),
        Sort::Last => sort_by_accuracy(&mut readable, |contents| contents.last().map(|last| last.test_accuracy)),
        Sort::Name => readable.sort_by(|a, b| a.1.name.cmp(&b.1.name)),
    }
    let begun = admitted.iter().filter(|(_, run)| run.is_begun()).map(|&(place, _)| Row::Begun(place));
    let damaged = admitted.iter().filter(|(_, run)| !run.is_begun()).flat_map(|&(place, run)| {
        let files = run.files.iter().enumerate().filter(|(_, file)| file.contents.is_err());
        files.map(move |(file, _)| Row::Damaged(place, file))
    });
    begun.chain(readable.iter().map(|&(place, ..)| Row::Run(place))).chain(damaged).collect()
}

/// Sorts by accuracy, the highest first; runs without one come last.
fn sort_by_accuracy(runs: &mut [(usize, &SavedRun, &Contents)], accuracy: impl Fn(&Contents) -> Option<f64>) {
    let key = |contents| accuracy(contents).unwrap_or(-1.0);
    runs.sort_by(|a, b| key(b.2).total_cmp(&key(a.2)).then_with(|| a.1.name.cmp(&b.1.name)));
}
