//! What the screen has written: reports, and networks and curves for other programs.

use std::{path::PathBuf, sync::Arc};

use super::report;
use crate::{
    data::{Dataset, ELSEWHERE},
    interop::{self, ExportError},
    nn::Simd,
    train::Checkpoint,
    tui::{self, Export, NotWritten, Writing},
};

/// Returns a function that writes for the screen. Without the data set there are no reports.
pub(super) fn writer(dataset: Option<&Arc<Dataset>>, simd: Simd) -> tui::Write {
    let dataset = dataset.cloned();
    Arc::new(move |writing| match (writing, &dataset) {
        (Writing::Export(order), _) => export(order),
        (Writing::Report(source), Some(dataset)) => report::write_one(source, dataset, simd).map_err(failed),
        (Writing::Report(_), None) => Err(NotWritten::Failed(ELSEWHERE.to_owned())),
    })
}

fn export(Export { checkpoint, exported, to, replaces }: &Export) -> Result<PathBuf, NotWritten> {
    let checkpoint = Checkpoint::read(checkpoint).map_err(|error| failed(error.into()))?;
    match interop::write(&checkpoint, *exported, to, *replaces) {
        Ok(()) => Ok(to.clone()),
        Err(ExportError::Exists(path)) => Err(NotWritten::Exists(path)),
        Err(error) => Err(failed(error.into())),
    }
}

fn failed(error: anyhow::Error) -> NotWritten {
    NotWritten::Failed(format!("{error:#}"))
}
