//! The section of a sweep.

use super::{
    Figure, Section, bars, claims, faults, findings,
    lines::{self, Shown},
    map::{self, HeatMap},
    tables, words,
};
use crate::sweep::survey::{Factor, Reading, Survey};

/// Batch size at which the original report also draws the learning rates.
const BATCH: &str = "16";

/// Builds a sweep's section. Without results it has no figures.
pub fn sweep_section(slug: &str, title: &str, reading: &Reading, threshold: f64) -> Section {
    let Reading { survey, faults } = reading;
    let mut missing = faults::listed(faults);
    let mut figures = Vec::new();
    let (mut summary, mut tables) = (Vec::new(), Vec::new());
    let mut findings = Vec::new();
    if survey.configurations().iter().any(|configuration| configuration.accuracies.len() + configuration.diverged > 0) {
        figures.extend(map(survey, &mut missing));
        figures.extend(ranking(survey, threshold, &mut missing));
        figures.extend(charts(survey, threshold, &mut missing));
        findings = findings::of(survey, threshold);
        findings.extend(claims::tested(survey, threshold));
        summary.extend(tables::extremes(survey));
        summary.extend(tables::rates(survey));
        summary.extend(survey.varying().iter().map(|&factor| tables::effects(survey, factor, threshold)));
        summary.extend(findings::changes(survey));
        summary.extend(findings::failing_table(survey, threshold));
        tables.push(tables::ranking(survey));
    } else {
        missing.push("no run has a result, so nothing is drawn".into());
    }
    let (slug, title, about) = (slug.into(), title.into(), words::common(survey));
    Section { slug, title, about, summary, findings, figures, tables, missing }
}

fn map(survey: &Survey, missing: &mut Vec<String>) -> Option<Figure> {
    let map = HeatMap::new(survey);
    let (rows, columns) = map.size();
    if rows * columns < 2 {
        return None;
    }
    if rows.max(columns) > map::MOST {
        missing.push(format!("no heat map: it would have {rows} rows and {columns} columns"));
        return None;
    }
    let caption = "Every configuration, the mean over its seeds. The frame marks the best.".into();
    Some(Figure { name: "map".into(), picture: map.draw(), caption })
}

fn ranking(survey: &Survey, threshold: f64, missing: &mut Vec<String>) -> Vec<Figure> {
    if survey.configurations().len() > bars::MOST {
        missing
            .push(format!("only the first {} are drawn as bars; the table has the rest", words::grouped(bars::MOST)));
    }
    let pictures = bars::draw(survey, threshold).into_iter().zip(1..);
    let figure = |(picture, page)| Figure {
        name: if page == 1 { "all".into() } else { format!("all-{page}") },
        picture,
        caption: "Every configuration, best first.".into(),
    };
    pictures.map(figure).collect()
}

fn charts(survey: &Survey, threshold: f64, missing: &mut Vec<String>) -> Vec<Figure> {
    let mut figures = Vec::new();
    // In the original report's order, then any other factors that vary.
    let report = [Factor::BATCH_SIZE, Factor::LEARNING_RATE, Factor::OPTIMIZER, Factor::ACTIVATION];
    let others = survey.varying().iter().filter(|factor| !report.contains(factor));
    for factor in report.iter().chain(others).copied() {
        let name = factor.name();
        match survey.values(factor) {
            [] => missing.push(format!("no chart by {name}: its values are unknown")),
            [only] => missing.push(format!("no chart by {name}: every result has {only}")),
            many if many.len() > lines::MOST_VALUES => {
                let (count, most) = (words::grouped(many.len()), lines::MOST_VALUES);
                missing.push(format!("no chart by {name}: {count} values, but at most {most} can be distinguished"));
            }
            _ => figures.extend(pair(survey, factor, threshold, ("", ""), missing)),
        }
        if factor == Factor::LEARNING_RATE && (2..=lines::MOST_VALUES).contains(&survey.values(factor).len()) {
            figures.extend(at_batch(survey, threshold, missing));
        }
    }
    figures
}

fn at_batch(survey: &Survey, threshold: f64, missing: &mut Vec<String>) -> Vec<Figure> {
    if survey.values(Factor::BATCH_SIZE).len() < 2 {
        // All results have the same batch size, or batch sizes are unknown.
        return Vec::new();
    }
    let at_batch = survey.only(Factor::BATCH_SIZE, |size| size == BATCH);
    if at_batch.best().is_none() {
        missing.push(format!("no chart of learning rates at batch {BATCH}: no result with this batch size"));
        return Vec::new();
    }
    pair(&at_batch, Factor::LEARNING_RATE, threshold, ("-batch-16", " at batch 16"), missing)
}

/// Draws a chart of all results, and another of those over the threshold.
fn pair(
    survey: &Survey,
    factor: Factor,
    threshold: f64,
    (ending, at): (&str, &str),
    missing: &mut Vec<String>,
) -> Vec<Figure> {
    let name = factor.name();
    let file = name.replace(' ', "-") + ending;
    let all = lines::draw(survey, factor, at, Shown::All { threshold }).map(|picture| Figure {
        name: file.clone(),
        picture,
        caption: format!("One line per {name}{at}, across all other parameters."),
    });
    let over = lines::draw(survey, factor, at, Shown::Over { threshold }).map(|picture| Figure {
        name: format!("{file}-over-threshold"),
        picture,
        caption: format!("The same{at} without the results at or below {threshold}; the axis is scaled to the rest."),
    });
    if all.is_none() {
        missing.push(format!("no chart by {name}{at}: no run has an accuracy"));
    } else if over.is_none() {
        missing.push(format!("no chart by {name}{at} over the threshold: no accuracy is above {threshold}"));
    }
    all.into_iter().chain(over).collect()
}
