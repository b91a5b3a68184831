//! `import`: makes a checkpoint of a network in another program's file.

use std::{path::PathBuf, time::SystemTime};

use anyhow::Context;
use clap::Args;

use super::{
    DatasetArgs, Status, UsageError, folders,
    output::{notify, print},
};
use crate::{
    format::shown,
    interop::{self, Imported},
    nn::{Activation, Architecture, Engine, Pooling},
    train::{
        Hyperparameters, Limits, RunFolder, RunSpec, Trainer,
        checkpoint::{LAST, seconds},
    },
};

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A safetensors or npz file, from `export`, PyTorch or Keras
    ///
    /// Tensors are found by the names that `export` gives them or, where names differ, by their shapes. What fits
    /// several places is refused.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Network whose tensors the file has [default: as `export` wrote into the file, else lenet-5]
    #[arg(long, value_name = "NETWORK")]
    network: Option<Architecture>,
    /// Its activation [default: as written in the file, else relu]
    #[arg(long, value_name = "NAME")]
    activation: Option<Activation>,
    /// Its pooling [default: as written in the file, else avg]
    #[arg(long, value_name = "NAME")]
    pooling: Option<Pooling>,
    /// Folder in which the run's folder is created [default: the configuration's, else checkpoints]
    #[arg(long, value_name = "DIR")]
    checkpoint_dir: Option<PathBuf>,
    #[command(flatten)]
    dataset: DatasetArgs,
}

pub(crate) fn run(args: ImportArgs) -> anyhow::Result<Status> {
    let defaults = Hyperparameters::default();
    let hyper = Hyperparameters {
        network: args.network.unwrap_or(defaults.network),
        activation: args.activation.unwrap_or(defaults.activation),
        pooling: args.pooling.unwrap_or(defaults.pooling),
        ..defaults
    };
    let imported = interop::import(&args.file, &hyper).with_context(|| shown(&args.file))?;
    args.check(&imported)?;
    let folder = folders::checkpoints(args.checkpoint_dir)?;
    let dataset = args.dataset.load()?.dataset;
    // Its teacher is elsewhere, and has done its part.
    let hyper = Hyperparameters { teacher_weight: 0.0, ..imported.hyper };
    let title = format!("{}, {}, {} pooling", hyper.network.title(), hyper.activation, hyper.pooling);
    let spec = RunSpec::new(hyper, Limits::default(), dataset.id.clone());
    let trainer = Trainer::new(dataset, spec, Engine::new(1))?;
    let mut checkpoint = trainer.checkpoint();
    checkpoint.optimizer.average = checkpoint.optimizer.average.map(|_| imported.parameters.clone());
    checkpoint.parameters = imported.parameters;
    let (run, created) = RunFolder::create(&folder, &checkpoint.spec.hyper, seconds(SystemTime::now()));
    created.with_context(|| format!("cannot create {}", shown(run.path())))?;
    let path = run.path().join(LAST);
    checkpoint.write(&path)?;
    let layout = imported.layout;
    let from = if imported.is_described { "as the file says" } else { "as the flags or their defaults say" };
    notify(&format!(
        "{title}, {from}, from a file in the layout of {layout}; it has no state of an optimizer: training begins \
         with an empty one"
    ));
    print(&format!("{}\n", path.display()))?;
    Ok(Status::Done)
}

impl ImportArgs {
    /// # Errors
    /// If a flag contradicts the file.
    fn check(&self, imported: &Imported) -> Result<(), UsageError> {
        let Hyperparameters { network, activation, pooling, .. } = imported.hyper;
        let pairs = [
            ("network", self.network.map(|given| given.name()), network.name()),
            ("activation", self.activation.map(|given| given.name()), activation.name()),
            ("pooling", self.pooling.map(|given| given.name()), pooling.name()),
        ];
        let contradiction = pairs.iter().find(|(_, given, own)| given.is_some_and(|given| given != *own));
        contradiction.map_or(Ok(()), |(flag, given, own)| {
            let given = given.unwrap_or_default();
            Err(UsageError(format!("--{flag} {given}: the file says that it is {own}; leave the flag out")))
        })
    }
}
