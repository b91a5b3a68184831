//! A sweep's section.

use super::{
    Figure, Section, bars, claims, faults, findings,
    lines::{self, Shown},
    tables, words,
};
use crate::sweep::survey::{Factor, Reading, Survey};

/// At this one, too, the report draws its learning rates.
const BATCH: &str = "16";

/// Everything that can be drawn and said of a sweep. Without a result there are no figures.
pub fn of_sweep(slug: &str, title: &str, reading: &Reading, threshold: f64) -> Section {
    let Reading { survey, faults } = reading;
    let mut missing = faults::told(faults);
    let mut figures = Vec::new();
    let mut tables = Vec::new();
    let mut findings = Vec::new();
    if survey.configurations().iter().any(|it| it.accuracies.len() + it.diverged > 0) {
        figures.extend(ranking(survey, threshold, &mut missing));
        figures.extend(charts(survey, threshold, &mut missing));
        findings = findings::of(survey, threshold);
        findings.extend(claims::tested(survey, threshold));
        tables.extend(survey.varying().iter().map(|&factor| tables::effects(survey, factor, threshold)));
        tables.push(tables::ranking(survey));
    } else {
        missing.push("no run has a result: nothing is drawn".into());
    }
    Section { slug: slug.into(), title: title.into(), about: words::common(survey), findings, figures, tables, missing }
}

fn ranking(survey: &Survey, threshold: f64, missing: &mut Vec<String>) -> Vec<Figure> {
    if survey.configurations().len() > bars::MOST {
        missing.push(format!("no bars after the first {}: the table has the rest", words::grouped(bars::MOST)));
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
    // In the report's order, then whatever else was varied.
    let report = [Factor::BATCH_SIZE, Factor::LEARNING_RATE, Factor::OPTIMIZER, Factor::ACTIVATION];
    let others = survey.varying().iter().filter(|factor| !report.contains(factor));
    for factor in report.iter().chain(others).copied() {
        let name = factor.name();
        match survey.values(factor) {
            [] => missing.push(format!("no chart by {name}: no value of it is known")),
            [only] => missing.push(format!("no chart by {name}: every result has {only}")),
            many if many.len() > lines::MOST_VALUES => {
                let (count, most) = (words::grouped(many.len()), lines::MOST_VALUES);
                missing.push(format!(
                    "no chart by {name}: it has {count} values, and no more than {most} can be told apart"
                ));
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
        // The chart before is this one already, or batch sizes are unknown.
        return Vec::new();
    }
    let at_batch = survey.only(Factor::BATCH_SIZE, |size| size == BATCH);
    if at_batch.best().is_none() {
        missing.push(format!("no chart of learning rates at batch {BATCH}: no result has it"));
        return Vec::new();
    }
    pair(&at_batch, Factor::LEARNING_RATE, threshold, ("-batch-16", " at batch 16"), missing)
}

/// All results, and again those over the threshold.
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
        caption: format!("A line for each {name}{at}, over all other parameters."),
    });
    let over = lines::draw(survey, factor, at, Shown::Over { threshold }).map(|picture| Figure {
        name: format!("{file}-over-threshold"),
        picture,
        caption: format!("The same{at} without the results at or below {threshold}: the axis is fitted to the rest."),
    });
    if all.is_none() {
        missing.push(format!("no chart by {name}{at}: no run came to an accuracy"));
    } else if over.is_none() {
        missing.push(format!("no chart by {name}{at} over the threshold: no accuracy is above {threshold}"));
    }
    all.into_iter().chain(over).collect()
}
