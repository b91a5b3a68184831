//! What a file of this program says about its network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{InteropError, Layout};
use crate::{
    format::sanitized,
    train::{Checkpoint, Hyperparameter, Hyperparameters},
};

/// A network and its run, for people and for `import`.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub hyper: Hyperparameters,
    written: Written,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Written {
    producer: String,
    layout: String,
    dataset: String,
    /// Position in the run.
    trained: String,
    hyperparameters: BTreeMap<String, serde_json::Value>,
}

impl Description {
    pub(super) fn of(checkpoint: &Checkpoint, layout: Layout) -> Self {
        let hyper = checkpoint.spec.hyper.clone();
        let value = |which: &Hyperparameter| {
            let value = serde_json::to_value(hyper.get(*which)).expect("a value is a text or a finite number");
            (which.flag().name.to_owned(), value)
        };
        let written = Written {
            producer: format!("lenet-monitor {}", env!("CARGO_PKG_VERSION")),
            layout: layout.to_string(),
            dataset: checkpoint.spec.dataset.name.clone(),
            trained: checkpoint.place(),
            hyperparameters: Hyperparameter::ALL.iter().map(value).collect(),
        };
        Self { hyper, written }
    }

    pub(super) fn json(&self) -> String {
        serde_json::to_string(&self.written).expect("texts and numbers can be written")
    }

    /// Returns the entries one by one, the hyperparameters as JSON.
    pub(super) fn entries(&self) -> Vec<(&'static str, String)> {
        let Written { producer, layout, dataset, trained, hyperparameters } = &self.written;
        let hyperparameters = serde_json::to_string(hyperparameters).expect("texts and numbers can be written");
        vec![
            ("producer", producer.clone()),
            ("layout", layout.clone()),
            ("dataset", dataset.clone()),
            ("trained", trained.clone()),
            ("hyperparameters", hyperparameters),
        ]
    }

    /// # Errors
    /// If the text is no description, or one with unknown hyperparameters.
    pub(super) fn parse(text: &str) -> Result<Self, InteropError> {
        let unknown = |what: String| InteropError::Description(sanitized(&what));
        let written: Written = serde_json::from_str(text).map_err(|error| unknown(error.to_string()))?;
        let mut hyper = Hyperparameters::default();
        for (name, value) in &written.hyperparameters {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let which = Hyperparameter::ALL.iter().find(|which| which.flag().name == name);
            let value = which.and_then(|which| Some((*which, which.parse(&text).ok()?)));
            let (which, value) = value.ok_or_else(|| unknown(format!("{name} = {text}")))?;
            hyper.set(which, value);
        }
        hyper.validate().map_err(|error| unknown(error.to_string()))?;
        Ok(Self { hyper, written })
    }
}
