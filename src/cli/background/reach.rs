//! What a dashboard needs to show background runs beside its own.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU32},
};

use crate::{
    background::{
        self,
        wire::{Request, Welcome},
    },
    cli::signals::Signals,
    data::DatasetId,
    format::{file_name, sanitized},
    train::{Event, Worker, dataset_label},
    tui::{Attachment, BackgroundRuns},
};

/// Returns functions that reach background runs, for a screen with this data set.
pub(in crate::cli) fn background_runs(dataset: &DatasetId, signals: &Signals) -> BackgroundRuns {
    let (dataset, signals) = (dataset.clone(), signals.clone());
    BackgroundRuns {
        status: Arc::new(|socket| background::status(socket).map_err(|error| error.to_string())),
        attach: Arc::new(move |socket| {
            // The run of this process was stopped by its user: a hang-up does not continue it.
            signals.forget_ended_runs();
            attach(socket, &dataset)
        }),
    }
}

fn attach(socket: &Path, dataset: &DatasetId) -> Result<(Worker, Attachment, Vec<Event>), String> {
    let attached = background::attach(socket, Request::View).map_err(|error| error.to_string())?;
    let theirs = &attached.welcome.dataset;
    if theirs.fingerprint != dataset.fingerprint {
        let (theirs, ours) = (dataset_label(theirs), dataset_label(dataset));
        let name = sanitized(&file_name(&attached.welcome.run));
        return Err(format!(
            "the run is trained on {theirs}, this screen has {ours}; `lenet-monitor attach {name}` shows it"
        ));
    }
    let attachment = attachment(&attached.welcome, attached.viewers(), false);
    Ok((attached.worker, attachment, attached.recording))
}

/// Returns what the screen says of a connection.
pub(super) fn attachment(welcome: &Welcome, viewers: Arc<AtomicU32>, is_watching: bool) -> Attachment {
    Attachment { host: welcome.host.clone(), process: welcome.process, viewers, is_watching }
}
