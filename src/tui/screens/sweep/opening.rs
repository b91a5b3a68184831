//! Opening the configuration under the cursor on the Parameters screen, to train it in full.

use crate::{
    sweep::survey::Factor,
    train::{Hyperparameter, Hyperparameters, Value},
    tui::{
        message::{Intent, Response},
        screens::sweep::state::SweepScreen,
        session::{Session, log::Level, sweep::SweepStatus},
    },
};

impl SweepScreen {
    /// Fills the configuration under the cursor into the form.
    pub(super) fn open(&self, session: &mut Session) -> Response {
        let Some(cell) = self.cell() else { return Response::none() };
        let values = match session.sweep.run_of(&cell.runs) {
            Some((_, hyper, _)) => Ok(Hyperparameter::ALL.iter().map(|&which| (which, hyper.get(which))).collect()),
            None => self.table_values(&session.sweep),
        };
        let is_of_part = self.board.is_of_methods && self.board.label(cell, Factor::TrainingImages) != Some("all");
        match values {
            Ok(mut values) => {
                if is_of_part {
                    session.notify(Level::Warn, "a run here trains on this session's images, with pixels in place");
                } else if let Some(text) = other_data(session) {
                    session.notify(Level::Warn, text);
                }
                values.push((Hyperparameter::Epochs, Hyperparameters::default().get(Hyperparameter::Epochs)));
                Intent::Edit(values).into()
            }
            Err(reason) => {
                session.notify(Level::Warn, reason);
                Response::none()
            }
        }
    }

    /// Returns the values of the cell under the cursor by the table, which may be from any source.
    fn table_values(&self, status: &SweepStatus) -> Result<Vec<(Hyperparameter, Value)>, String> {
        let mut values = Vec::new();
        let (Some(cell), Some(survey)) = (self.cell(), &status.survey) else { return Ok(values) };
        if let Some(row) = cell.runs.first().and_then(|&number| status.row(number)) {
            return Ok(Hyperparameter::ALL.iter().map(|&which| (which, row.hyper.get(which))).collect());
        }
        let fixed = survey.fixed();
        let label = |factor: Factor| {
            let fixed = || fixed.iter().find(|(each, _)| *each == factor).map(|(_, label)| *label);
            self.board.label(cell, factor).or_else(fixed).filter(|label| !["?", "-"].contains(label))
        };
        let mut hyper = Hyperparameters::default();
        for factor in Factor::ALL {
            let Some(which) = factor.hyperparameter().filter(|which| *which != Hyperparameter::Epochs) else {
                continue;
            };
            if let Some(label) = label(factor) {
                let refusal = |why| format!("{} {label}: {why}", factor.name());
                let value = which.parse(&label.to_lowercase()).map_err(refusal)?;
                hyper.set(which, value);
                values.push((which, value));
            }
        }
        hyper.validate().map_err(|error| error.to_string())?;
        Ok(values)
    }
}

/// Returns a warning if the table is about other data than this session's.
fn other_data(session: &Session) -> Option<String> {
    let fixed = session.sweep.survey.as_ref()?.fixed();
    let (_, name) = fixed.into_iter().find(|(factor, _)| *factor == Factor::DataSet)?;
    let here = &session.dataset.id.name;
    (name != here).then(|| format!("the table is about {name}; a run here trains on {here}"))
}
