//! The configuration under the cursor as values for the form of the Parameters screen, to be trained in full.

use crate::{
    sweep::survey::Factor,
    train::Hyperparameters,
    tui::{
        message::{FormValues, Intent, Response},
        screens::sweep::state::SweepScreen,
        session::{Session, log::Level, sweep::SweepStatus},
    },
};

impl SweepScreen {
    /// Hands the configuration under the cursor to the form.
    pub(super) fn open(&self, session: &mut Session) -> Response {
        let Some(cell) = self.cell() else { return Response::none() };
        let values = match session.sweep.run_of(&cell.runs) {
            Some((_, hyper, _)) => Ok(FormValues::from(hyper)),
            None => self.table_values(&session.sweep),
        };
        match values {
            Ok(values) => {
                if let Some(text) = other_data(session) {
                    session.announce(Level::Warn, text);
                }
                Intent::Edit(FormValues { epochs: Some(Hyperparameters::default().epochs), ..values }).into()
            }
            Err(reason) => {
                session.announce(Level::Warn, reason);
                Response::none()
            }
        }
    }

    /// Returns what the table, which may be from any source, says of the cell under the cursor.
    fn table_values(&self, status: &SweepStatus) -> Result<FormValues, String> {
        let mut values = FormValues::default();
        let (Some(cell), Some(survey)) = (self.cell(), &status.survey) else { return Ok(values) };
        let fixed = survey.fixed();
        let label = |factor: Factor| {
            let fixed = || fixed.iter().find(|(each, _)| *each == factor).map(|(_, label)| *label);
            self.board.label(cell, factor).or_else(fixed).filter(|label| *label != "?")
        };
        let refusal = |factor: Factor, label: &str, why: String| format!("{} {label}: {why}", factor.name());
        macro_rules! take {
            ($factor:expr => $field:ident) => {
                if let Some(label) = label($factor) {
                    let value = label.to_lowercase().parse();
                    values.$field = Some(value.map_err(|error| refusal($factor, label, format!("{error}")))?);
                }
            };
        }
        take!(Factor::Activation => activation);
        take!(Factor::Optimizer => optimizer);
        take!(Factor::Pooling => pooling);
        take!(Factor::LearningRate => learning_rate);
        take!(Factor::BatchSize => batch_size);
        values.clone().over(Hyperparameters::default()).validate().map_err(|error| error.to_string())?;
        Ok(values)
    }
}

/// Returns a warning where the table is of other data than this session's.
fn other_data(session: &Session) -> Option<String> {
    let fixed = session.sweep.survey.as_ref()?.fixed();
    let (_, name) = fixed.into_iter().find(|(factor, _)| *factor == Factor::DataSet)?;
    let here = &session.dataset.id.name;
    (name != here).then(|| format!("the table is of {name}; a run here trains on {here}"))
}
