//! Specifications of runs in full: each hyperparameter by its name, the run with whose weights this one began, and the
//! teacher.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::layer_name;
use crate::{
    data::{DatasetId, Fingerprint},
    train::{Architecture, Hyperparameter, Hyperparameters, Limits, RunSpec, Teacher, Transfer, Value},
};

#[derive(Serialize, Deserialize)]
struct Form {
    hyper: Vec<(String, Setting)>,
    limits: Limits,
    dataset: DatasetId,
    transfer: Option<TransferForm>,
    teacher: Option<TeacherForm>,
}

#[derive(Serialize, Deserialize)]
enum Setting {
    Name(String),
    Real(f32),
    Whole(u64),
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
    let setting = |&which: &Hyperparameter| {
        let setting = match hyper.get(which) {
            Value::Name(name) => Setting::Name(name.to_owned()),
            Value::Real(value) => Setting::Real(value),
            Value::Whole(value) => Setting::Whole(value),
        };
        (which.flag().name.to_owned(), setting)
    };
    let hyper = Hyperparameter::ALL.iter().map(setting).collect();
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
    Form { hyper, limits: *limits, dataset: dataset.clone(), transfer, teacher }.serialize(serializer)
}

pub(in crate::train) fn deserialize<'de, D: Deserializer<'de>, T: From<RunSpec>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let form = Form::deserialize(deserializer)?;
    let mut hyper = Hyperparameters::default();
    for (name, setting) in form.hyper {
        let unknown = || de::Error::custom(format!("unknown hyperparameter or value: {name:?}"));
        let (which, value) = known(&name, &setting).ok_or_else(unknown)?;
        hyper.set(which, value);
    }
    let transfer = form.transfer.map(transfer).transpose().map_err(de::Error::custom)?;
    let teacher = form.teacher.map(|teacher| Teacher {
        paths: teacher.paths.into_iter().map(|path| path.0).collect(),
        folder: teacher.folder.0,
        fingerprint: teacher.fingerprint,
    });
    Ok(RunSpec { hyper, limits: form.limits, dataset: form.dataset, transfer, teacher }.into())
}

/// Returns the hyperparameter of this name, and the value. `None` if the value is of another kind; its range is checked
/// where a run begins.
fn known(name: &str, setting: &Setting) -> Option<(Hyperparameter, Value)> {
    let which = *Hyperparameter::ALL.iter().find(|which| which.flag().name == name)?;
    let value = match (setting, which.default_value()) {
        (Setting::Name(name), Value::Name(_)) => which.parse(name).ok()?,
        (Setting::Real(value), Value::Real(_)) => Value::Real(*value),
        (Setting::Whole(value), Value::Whole(_)) => Value::Whole(*value),
        _ => return None,
    };
    Some((which, value))
}

fn transfer(form: TransferForm) -> Result<Transfer, &'static str> {
    let TransferForm { path, network, epoch, step, dataset, frozen } = form;
    let frozen = frozen.iter().map(|name| layer_name::find(name).ok_or(super::NO_LAYER)).collect::<Result<_, _>>()?;
    Ok(Transfer { path, network, epoch, step, dataset, frozen })
}
