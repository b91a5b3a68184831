//! Specifications of runs in full: the hyperparameters, the run with whose weights this one began, and the teacher.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::layer_name;
use crate::{
    data::{DatasetId, Fingerprint},
    train::{Architecture, Hyperparameters, Limits, RunSpec, Teacher, Transfer},
};

#[derive(Serialize, Deserialize)]
struct Form {
    #[serde(with = "super::hyper")]
    hyper: Hyperparameters,
    limits: Limits,
    dataset: DatasetId,
    transfer: Option<TransferForm>,
    teacher: Option<TeacherForm>,
}

#[derive(Serialize, Deserialize)]
struct TransferForm {
    #[serde(with = "super::path")]
    path: PathBuf,
    network: Architecture,
    epoch: u32,
    step: u32,
    dataset: String,
    frozen: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct TeacherForm {
    paths: Vec<PathForm>,
    folder: PathForm,
    fingerprint: Option<Fingerprint>,
}

#[derive(Serialize, Deserialize)]
struct PathForm(#[serde(with = "super::path")] PathBuf);

pub(in crate::train) fn serialize<S: Serializer>(spec: &RunSpec, serializer: S) -> Result<S::Ok, S::Error> {
    let RunSpec { hyper, limits, dataset, transfer, teacher } = spec;
    let transfer = transfer.clone().map(|transfer| TransferForm {
        path: transfer.path,
        network: transfer.network,
        epoch: transfer.epoch,
        step: transfer.step,
        dataset: transfer.dataset,
        frozen: transfer.frozen.into_iter().map(str::to_owned).collect(),
    });
    let teacher = teacher.clone().map(|teacher| TeacherForm {
        paths: teacher.paths.into_iter().map(PathForm).collect(),
        folder: PathForm(teacher.folder),
        fingerprint: teacher.fingerprint,
    });
    Form { hyper: hyper.clone(), limits: *limits, dataset: dataset.clone(), transfer, teacher }.serialize(serializer)
}

pub(in crate::train) fn deserialize<'de, D: Deserializer<'de>, T: From<RunSpec>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let form = Form::deserialize(deserializer)?;
    let transfer = form.transfer.map(transfer).transpose().map_err(de::Error::custom)?;
    let teacher = form.teacher.map(|teacher| Teacher {
        paths: teacher.paths.into_iter().map(|path| path.0).collect(),
        folder: teacher.folder.0,
        fingerprint: teacher.fingerprint,
    });
    Ok(RunSpec { hyper: form.hyper, limits: form.limits, dataset: form.dataset, transfer, teacher }.into())
}

fn transfer(form: TransferForm) -> Result<Transfer, &'static str> {
    let TransferForm { path, network, epoch, step, dataset, frozen } = form;
    let frozen = frozen.iter().map(|name| layer_name::find(name).ok_or(super::NO_LAYER)).collect::<Result<_, _>>()?;
    Ok(Transfer { path, network, epoch, step, dataset, frozen })
}
