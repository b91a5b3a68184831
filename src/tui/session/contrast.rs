//! Labels that tell runs apart.

use crate::{
    train::{Hyperparameter, RunSpec},
    tui::format,
};

/// A run's settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunSettings<'a> {
    pub spec: &'a RunSpec,
    /// Learning rate in force at its end.
    pub rate: f32,
}

impl RunSettings<'_> {
    /// Returns every setting in a word or two, and an empty text for what goes without saying.
    fn words(&self) -> Vec<String> {
        let hyper = &self.spec.hyper;
        let words = Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs);
        let words = words.map(|&which| match which {
            Hyperparameter::LearningRate => self.rate(),
            _ => which.words(hyper.get(which)),
        });
        let images = format::limits(&self.spec.limits);
        let transfer = self.spec.transfer.as_ref().map_or_else(String::new, |transfer| format!("with {transfer}"));
        let teacher = self.spec.teacher().map_or_else(String::new, |teacher| format!("taught by {teacher}"));
        let origins = [transfer, teacher];
        std::iter::once(self.spec.dataset.name.clone()).chain(words).chain(images).chain(origins).collect()
    }

    /// Returns the learning rate at the beginning and, if different, at the end.
    pub(crate) fn rate(&self) -> String {
        format::rates(self.spec.hyper.learning_rate, self.rate)
    }
}

/// Returns for each run the settings that not all runs share; empty texts if all settings are shared.
pub(crate) fn labels(runs: &[RunSettings]) -> Vec<String> {
    let words: Vec<Vec<String>> = runs.iter().map(RunSettings::words).collect();
    let differs = |place: usize| words.iter().any(|run| run[place] != words[0][place]);
    let kept: Vec<usize> = (0..words.first().map_or(0, Vec::len)).filter(|&place| differs(place)).collect();
    let label = |run: &Vec<String>| {
        let differing = kept.iter().map(|&place| run[place].as_str()).filter(|word| !word.is_empty());
        differing.collect::<Vec<_>>().join(" ")
    };
    words.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::{DatasetId, Fingerprint, Kind},
        train::{Hyperparameters, Limits},
    };

    #[test]
    fn runs_that_differ_in_a_hyperparameter_have_different_labels() {
        let dataset = DatasetId { kind: Kind::Mnist, name: "MNIST".into(), fingerprint: Fingerprint([0; 32]) };
        let spec = |hyper| RunSpec::new(hyper, Limits::default(), dataset.clone());
        for &which in Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs) {
            let specs = [false, true].map(|is_other| {
                let mut hyper = Hyperparameters::default();
                if is_other {
                    hyper.step(which, true);
                }
                spec(hyper)
            });
            let labels = labels(&specs.each_ref().map(|spec| RunSettings { spec, rate: spec.hyper.learning_rate }));
            assert_ne!(labels[0], labels[1], "{which}");
        }
    }
}
