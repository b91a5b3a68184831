//! Runs side by side: their parameters, results and curves. Differences stand out.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, sanitized, width},
    train::{EpochRecord, Hyperparameter},
    tui::{
        format,
        screens::runs::{
            state::{Compared, RunsScreen, letter},
            view::{
                list::cut_name,
                parts::{Plotted, chart, look, place},
            },
        },
        session::{
            Session,
            contrast::RunSettings,
            library::run::{Contents, SavedRun},
            series::Metric,
        },
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

const NAME: usize = 15;
/// Rows of the table with its frame.
const TABLE: u16 = 21;
/// Columns of the table with the curves beside it.
const TABLE_WIDTH: u16 = 74;
/// Minimum columns of a run.
const MIN_COLUMN: usize = 17;
/// Minimum size of the curves.
const CHARTS: (u16, u16) = (40, 8);

pub(crate) fn draw(runs: &RunsScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let compared = runs.compared(&session.library);
    let beside = area.width >= TABLE_WIDTH + CHARTS.0;
    let below = !beside && area.height >= TABLE + CHARTS.1;
    let table = Rect {
        width: if beside { TABLE_WIDTH.max(area.width / 2) } else { area.width },
        height: if below { TABLE } else { area.height },
        ..area
    };
    draw_table(runs, session, &compared, table, buffer);
    let plotted = compared.iter().filter_map(|compared| {
        let history = &compared.run.newest()?.history[..];
        let look = look(compared.place, compared.is_chosen);
        Some(Plotted { history, look, tag: letter(compared.place) })
    });
    let plotted: Vec<Plotted> = plotted.collect();
    if beside {
        let right = Rect { x: table.right(), width: area.width - table.width, ..area };
        let upper = Rect { height: right.height.div_ceil(2), ..right };
        let lower = Rect { y: upper.bottom(), height: right.height - upper.height, ..right };
        chart(session.theme, Metric::Accuracy, &plotted, upper, buffer);
        chart(session.theme, Metric::Loss, &plotted, lower, buffer);
    } else if below {
        let lower = Rect { y: table.bottom(), height: area.height - table.height, ..area };
        chart(session.theme, Metric::Accuracy, &plotted, lower, buffer);
    }
}

/// A run with its place among those compared.
type Column<'a> = (usize, Compared<'a>, &'a Contents);

/// Returns as many runs as fit beside each other, with the one under the cursor.
fn columns<'a>(compared: &[Compared<'a>], room: usize) -> Vec<Column<'a>> {
    let column = |(place, compared): (usize, &Compared<'a>)| Some((place, *compared, compared.run.newest()?));
    let mut all: Vec<Column> = compared.iter().enumerate().filter_map(column).collect();
    let shown = (room / MIN_COLUMN).max(2);
    if let Some(place) = all.iter().position(|(_, compared, _)| compared.is_chosen).filter(|place| *place >= shown) {
        all.swap(place, shown - 1);
    }
    all.truncate(shown);
    all
}

/// Returns names that distinguish the runs, without their common beginning if they do not fit in `room` columns.
fn headings(compared: &[Compared], room: usize) -> Vec<String> {
    let names = |name: fn(&SavedRun) -> String| {
        compared.iter().map(|compared| sanitized(&name(compared.run))).collect::<Vec<String>>()
    };
    let mut all = names(SavedRun::short_name);
    if (1..all.len()).any(|place| all[..place].contains(&all[place])) {
        all = names(|run| run.name.clone());
    }
    if all.iter().all(|name| width(name) <= room) {
        return all;
    }
    let ends = all[0].match_indices(['-', '_', ' ']).map(|(at, _)| at + 1);
    let common = ends.take_while(|&end| all.iter().all(|name| name.starts_with(&all[0][..end]))).last();
    let shortened = |name: &String| common.map_or_else(|| name.clone(), |common| format!("…{}", &name[common..]));
    all.iter().map(|name| cut_name(&shortened(name), room)).collect()
}

fn draw_table(runs: &RunsScreen, session: &Session, compared: &[Compared], area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let room = usize::from(area.width).saturating_sub(NAME + 3);
    let columns = columns(compared, room);
    let mut title = vec![span("comparison", theme.title())];
    if columns.len() < compared.len() {
        title.push(span(format!("  {} of {} runs", columns.len(), compared.len()), theme.warn()));
    }
    title.push(span("  differences in bold", theme.dim()));
    let inner = panel(buffer, area, theme, title, vec![span("↑ ↓", theme.accent()), span(" other run", theme.dim())]);
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner };
    let width = room / columns.len().max(1);
    let column = |text: &str| padded(&cut(&sanitized(text), width.saturating_sub(1)), width);
    let headings = headings(compared, width.saturating_sub(3));
    let heads = columns.iter().map(|(place, run, _)| {
        let style = look(run.place, run.is_chosen).style(theme).patch(theme.bold());
        span(column(&format!("{} {}", letter(run.place), headings[*place])), style)
    });
    let mut lines = vec![Line::from_iter(std::iter::once(Span::raw(" ".repeat(NAME))).chain(heads))];
    let contents: Vec<&Contents> = columns.iter().map(|(_, _, contents)| *contents).collect();
    lines.extend(parameters(&contents).into_iter().map(|(name, values)| {
        let style = if is_same(&values) { theme.dim() } else { theme.bold() };
        let values = values.iter().map(|value| span(column(value), style));
        Line::from_iter(std::iter::once(span(format!("{name:<NAME$}"), theme.dim())).chain(values))
    }));
    let facts = |facts: &'static [Fact]| {
        facts.iter().map(|fact| {
            let values = contents.iter().map(|contents| (fact.value)(session.now, contents)).collect();
            let scores = contents.iter().map(|contents| (fact.score?)(contents)).collect();
            (fact.name, values, scores)
        })
    };
    let read_alone = read_alone(runs, session, &columns);
    for (name, values, scores) in facts(RESULTS).chain(read_alone).chain(facts(FACTS)) {
        lines.push(fact_line(theme, name, &values, &scores, column));
    }
    for (row, line) in rows(inside).zip(&lines) {
        put(buffer, row, line);
    }
}

/// A name, its value for each run, and scores, of which the highest is the best.
type Row = (&'static str, Vec<String>, Vec<Option<f64>>);

/// Returns the line of a fact. The best value stands out, as do all if they differ.
fn fact_line(
    theme: Theme,
    name: &str,
    values: &[String],
    scores: &[Option<f64>],
    column: impl Fn(&str) -> String,
) -> Line<'static> {
    let style = if is_same(values) { theme.dim() } else { theme.bold() };
    let best = scores.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_best = |score: Option<f64>| score == Some(best) && scores.iter().flatten().any(|other| *other < best);
    let values = values
        .iter()
        .zip(scores)
        .map(|(value, score)| span(column(value), if is_best(*score) { theme.good().patch(style) } else { style }));
    Line::from_iter(std::iter::once(span(format!("{name:<NAME$}"), theme.dim())).chain(values))
}

fn is_same(values: &[String]) -> bool {
    values.iter().all(|value| *value == values[0])
}

/// Returns how many test images each run alone reads, or misreads, of all that are compared.
fn read_alone(runs: &RunsScreen, session: &Session, columns: &[Column]) -> [Row; 2] {
    let differences = runs.differences(&session.library);
    let reading = |compared: &Compared| session.library.reading(&compared.run.path);
    let text = |(place, compared, _): &Column, which: usize| match (&differences, reading(compared)) {
        (_, Some(Err(_))) => "cannot be read".into(),
        (None, _) => "...".into(),
        (Some(differences), _) => format::counted(differences.alone[*place][which], "image"),
    };
    let row = |name, which: usize, sign: f64| {
        let score = |column: &Column| differences.as_ref().map(|all| sign * f64::from(all.alone[column.0][which]));
        (name, columns.iter().map(|column| text(column, which)).collect(), columns.iter().map(score).collect())
    };
    [row("only it reads", 0, 1.0), row("only it misses", 1, -1.0)]
}

/// Returns the data sets and hyperparameters of the runs, without epochs and what no run mentions.
fn parameters(runs: &[&Contents]) -> Vec<(&'static str, Vec<String>)> {
    let values = |read: &dyn Fn(&Contents) -> String| runs.iter().map(|contents| read(contents)).collect();
    let is_mentioned = |which: &Hyperparameter| {
        *which != Hyperparameter::Epochs && runs.iter().any(|contents| contents.spec.hyper.mentions(*which))
    };
    let mentioned = Hyperparameter::ALL.iter().copied().filter(is_mentioned).map(|which| {
        let read = |contents: &Contents| match (which, contents.spec.hyper.get(which)) {
            (Hyperparameter::LearningRate, _) => {
                RunSettings { spec: &contents.spec, rate: contents.learning_rate }.rate()
            }
            (Hyperparameter::BatchSize, _) => format::grouped(contents.spec.hyper.batch_size),
            (_, value) => value.readable(),
        };
        (which.name(), values(&read))
    });
    std::iter::once(("data", values(&|contents| contents.spec.dataset.name.clone()))).chain(mentioned).collect()
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

const RESULTS: &[Fact] = &[
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
];

const FACTS: &[Fact] = &[
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
