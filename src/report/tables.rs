//! A sweep's numbers as tables.

use super::{
    Table,
    bars::capital,
    words::{self, share},
};
use crate::sweep::survey::{Factor, Summary, Survey};

/// Builds the table of a factor's effects.
pub(super) fn effects(survey: &Survey, factor: Factor, threshold: f64) -> Table {
    let over = survey.above(threshold);
    let over = over.effects(factor);
    let rows = survey.effects(factor).into_iter().map(|effect| {
        let members =
            survey.configurations().iter().filter(|configuration| configuration.value(factor) == Some(effect.value));
        let failing = members.filter(|configuration| configuration.failing(threshold) > 0).count();
        let over = over.iter().find(|over| over.value == effect.value).and_then(|over| over.accuracy);
        let number = |number: Option<f64>| number.map_or_else(|| "–".into(), share);
        vec![
            survey.values(factor)[effect.value].clone(),
            words::grouped(effect.configurations),
            number(effect.accuracy.map(|summary| summary.mean)),
            number(effect.accuracy.map(|summary| summary.min)),
            number(effect.accuracy.map(|summary| summary.max)),
            words::grouped(failing),
            number(over.map(|summary| summary.mean)),
        ]
    });
    let mean_over = format!("mean over {threshold}");
    Table {
        caption: format!("{} by {}", capital(words::accuracy(survey)), factor.name()),
        header: [factor.name(), "configurations", "mean", "lowest", "highest", "failing", &mean_over]
            .map(str::to_owned)
            .into(),
        rows: rows.collect(),
    }
}

/// Builds the table of mean accuracies by optimizer and learning rate, if both vary.
pub(super) fn rates(survey: &Survey) -> Option<Table> {
    let (optimizers, rates) = (survey.values(Factor::OPTIMIZER), survey.values(Factor::LEARNING_RATE));
    if optimizers.len() < 2 || rates.len() < 2 {
        return None;
    }
    let row = |optimizer: &String| {
        let means = survey.only(Factor::OPTIMIZER, |value| value == optimizer);
        let mean = |rate: &String| {
            let at = means.only(Factor::LEARNING_RATE, |value| value == rate);
            let accuracies = at.configurations().iter().filter_map(|each| Some(each.accuracy()?.mean));
            Summary::of(&accuracies.collect::<Vec<_>>()).map_or_else(|| "–".into(), |summary| share(summary.mean))
        };
        [optimizer.clone()].into_iter().chain(rates.iter().map(mean)).collect()
    };
    Some(Table {
        caption: format!("Mean {} by optimizer and learning rate", words::accuracy(survey)),
        header: ["optimizer".to_owned()].into_iter().chain(rates.iter().cloned()).collect(),
        rows: optimizers.iter().map(row).collect(),
    })
}

/// Builds the table of the best and the worst configuration.
pub(super) fn extremes(survey: &Survey) -> Option<Table> {
    let mut table = ranking(survey);
    let results = survey.ranking().iter().filter(|configuration| configuration.accuracy().is_some()).count();
    if results < 2 {
        return None;
    }
    table.rows = vec![table.rows[0].clone(), table.rows[results - 1].clone()];
    table.caption = "Best and worst".into();
    Some(table)
}

/// Builds the table of all configurations, best first.
pub(super) fn ranking(survey: &Survey) -> Table {
    let varying = survey.varying();
    let factors = if varying.is_empty() { &Factor::SWEPT } else { varying };
    let several = survey.configurations().iter().any(|configuration| configuration.runs() > 1);
    let with_loss = survey.configurations().iter().any(|configuration| configuration.loss().is_some());
    let mut header = vec!["rank".to_owned()];
    header.extend(factors.iter().map(|factor| factor.name().to_owned()));
    header.push(words::accuracy(survey).to_owned());
    if several {
        header.extend(["lowest", "highest", "runs"].map(str::to_owned));
    }
    if with_loss {
        header.push("loss".into());
    }
    let rows = survey.ranking().into_iter().zip(1..).map(|(configuration, rank)| {
        let number = |number: Option<f64>| number.map_or_else(|| "–".into(), share);
        let accuracy = configuration.accuracy();
        let mut row = vec![words::grouped(rank)];
        row.extend(factors.iter().map(|&factor| survey.value(configuration, factor).to_owned()));
        row.push(match accuracy {
            None if configuration.diverged > 0 => "diverged".into(),
            None => "failed".into(),
            Some(accuracy) => share(accuracy.mean),
        });
        if several {
            row.extend([
                number(accuracy.map(|summary| summary.min)),
                number(accuracy.map(|summary| summary.max)),
                configuration.runs().to_string(),
            ]);
        }
        if with_loss {
            row.push(number(configuration.loss().map(|loss| loss.mean)));
        }
        row
    });
    Table { caption: "All configurations, best first".into(), header, rows: rows.collect() }
}
