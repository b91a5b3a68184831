//! Two runs side by side: their parameters, results and curves. Differences stand out.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, sanitized},
    train::{EpochRecord, Hyperparameter},
    tui::{
        format,
        screens::runs::{
            state::RunsScreen,
            view::parts::{chart, place},
        },
        session::{
            Session,
            contrast::RunSettings,
            library::run::{Contents, SavedRun},
            series::Metric,
        },
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

const NAME: usize = 15;
/// Rows of the table with its frame.
const TABLE: u16 = 18;
/// Columns of the table with the curves beside it.
const TABLE_WIDTH: u16 = 74;
/// Minimum size of the curves.
const CHARTS: (u16, u16) = (40, 8);

pub(crate) fn draw(runs: &RunsScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let library = &session.library;
    let pinned = library.pinned.as_ref().and_then(|path| library.find(path));
    let pair = [pinned, runs.current_run(library)];
    let beside = area.width >= TABLE_WIDTH + CHARTS.0;
    let below = !beside && area.height >= TABLE + CHARTS.1;
    let table = Rect {
        width: if beside { TABLE_WIDTH.max(area.width / 2) } else { area.width },
        height: if below { TABLE } else { area.height },
        ..area
    };
    draw_table(session, pair, table, buffer);
    let histories = pair.map(|run| run.and_then(SavedRun::newest).map_or(&[][..], |contents| &contents.history));
    if beside {
        let right = Rect { x: table.right(), width: area.width - table.width, ..area };
        let upper = Rect { height: right.height.div_ceil(2), ..right };
        let lower = Rect { y: upper.bottom(), height: right.height - upper.height, ..right };
        chart(session.theme, Metric::Accuracy, &histories, upper, buffer);
        chart(session.theme, Metric::Loss, &histories, lower, buffer);
    } else if below {
        let lower = Rect { y: table.bottom(), height: area.height - table.height, ..area };
        chart(session.theme, Metric::Accuracy, &histories, lower, buffer);
    }
}

fn draw_table(session: &Session, pair: [Option<&SavedRun>; 2], area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let title = vec![span("comparison", theme.title()), span("  differences in bold", theme.dim())];
    let inner = panel(buffer, area, theme, title, vec![span("↑ ↓", theme.accent()), span(" other run", theme.dim())]);
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner };
    let width = usize::from(inside.width).saturating_sub(NAME) / 2;
    let column = |text: &str| padded(&cut(&sanitized(text), width.saturating_sub(1)), width);
    let mut lines = vec![{
        let name = |run: Option<&SavedRun>, tag: char| {
            column(&run.map_or_else(String::new, |run| format!("{tag} {}", run.short_name())))
        };
        Line::from(vec![
            Span::raw(" ".repeat(NAME)),
            span(name(pair[0], 'a'), theme.other(0).patch(theme.bold())),
            span(name(pair[1], 'b'), theme.other(1).patch(theme.bold())),
        ])
    }];
    let contents = pair.map(|run| run.and_then(SavedRun::newest));
    lines.extend(parameters(contents).into_iter().map(|(name, values)| {
        let style = if values[0] == values[1] { theme.dim() } else { theme.bold() };
        let values = values.iter().map(|value| span(column(value), style));
        Line::from_iter(std::iter::once(span(format!("{name:<NAME$}"), theme.dim())).chain(values))
    }));
    for fact in FACTS {
        let values = contents
            .map(|contents| contents.map_or_else(|| "-".into(), |contents| (fact.value)(session.now, contents)));
        let style = if values[0] == values[1] { theme.dim() } else { theme.bold() };
        let mut spans = vec![span(format!("{:<NAME$}", fact.name), theme.dim())];
        let scores = contents.map(|contents| contents.and_then(|contents| (fact.score?)(contents)));
        for (place, value) in values.iter().enumerate() {
            let better = scores[place].zip(scores[1 - place]).is_some_and(|(this, other)| this > other);
            spans.push(span(column(value), if better { theme.good().patch(style) } else { style }));
        }
        lines.push(Line::from(spans));
    }
    for (row, line) in rows(inside).zip(&lines) {
        put(buffer, row, line);
    }
}

/// Returns the data sets and hyperparameters of two runs, without epochs and what neither run mentions.
fn parameters(pair: [Option<&Contents>; 2]) -> Vec<(&'static str, [String; 2])> {
    let value = |read: &dyn Fn(&Contents) -> String| pair.map(|contents| contents.map_or_else(|| "-".into(), read));
    let is_mentioned = |which: &Hyperparameter| {
        let mentions = |contents: &&Contents| contents.spec.hyper.mentions(*which);
        *which != Hyperparameter::Epochs && pair.iter().flatten().any(mentions)
    };
    let mentioned = Hyperparameter::ALL.iter().copied().filter(is_mentioned).map(|which| {
        let read = |contents: &Contents| match (which, contents.spec.hyper.get(which)) {
            (Hyperparameter::LearningRate, _) => {
                RunSettings { spec: &contents.spec, rate: contents.learning_rate }.rate()
            }
            (Hyperparameter::BatchSize, _) => format::grouped(contents.spec.hyper.batch_size),
            (_, value) => value.readable(),
        };
        (which.name(), value(&read))
    });
    std::iter::once(("data", value(&|contents| contents.spec.dataset.name.clone()))).chain(mentioned).collect()
}

/// A row of the table.
struct Fact {
    name: &'static str,
    /// Formats the fact at a time in seconds since 1970.
    value: fn(u64, &Contents) -> String,
    /// Returns a score, the higher the better. `None` if no run can be better.
    score: Option<fn(&Contents) -> Option<f64>>,
}

const fn fact(name: &'static str, value: fn(u64, &Contents) -> String) -> Fact {
    Fact { name, value, score: None }
}

const FACTS: &[Fact] = &[
    fact("images", images),
    fact("done", |_, contents| place(contents)),
    Fact {
        name: "best accuracy",
        value: |_, contents| epoch(contents.best_epoch(), |record| format::share(record.test_accuracy)),
        score: Some(|contents| contents.best_epoch().map(|record| record.test_accuracy)),
    },
    Fact {
        name: "last accuracy",
        value: |_, contents| epoch(contents.last(), |record| format::share(record.test_accuracy)),
        score: Some(|contents| contents.last().map(|record| record.test_accuracy)),
    },
    Fact {
        name: "last loss",
        value: |_, contents| epoch(contents.last(), |record| format::loss(record.test_loss)),
        score: Some(|contents| contents.last().map(|record| -record.test_loss)),
    },
    fact("training loss", |_, contents| epoch(contents.last(), |record| format::loss(record.train_loss))),
    fact("time", |_, contents| format::clock(contents.seconds)),
    fact("saved", |now, contents| format::ago(contents.saved_at, now)),
];

/// Returns `0.9905  epoch 7`.
fn epoch(record: Option<&EpochRecord>, value: impl Fn(&EpochRecord) -> String) -> String {
    record.map_or_else(|| "-".into(), |record| format!("{}  epoch {}", value(record).trim(), record.epoch))
}

fn images(_: u64, contents: &Contents) -> String {
    let limits = &contents.spec.limits;
    let count = |limit: Option<u32>| limit.map_or_else(|| "all".into(), format::grouped);
    let held_out = if limits.holdout > 0 { format!(" - {}", format::grouped(limits.holdout)) } else { String::new() };
    format!("{}{held_out} + {}", count(limits.train), count(limits.test))
}
