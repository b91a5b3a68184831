//! Hyperparameters in full, each by its name.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::train::{Hyperparameter, Hyperparameters, Value};

#[derive(Serialize, Deserialize)]
enum Setting {
    Name(String),
    Real(f32),
    Whole(u64),
}

pub(crate) fn serialize<S: Serializer>(hyper: &Hyperparameters, serializer: S) -> Result<S::Ok, S::Error> {
    let setting = |&which: &Hyperparameter| {
        let setting = match hyper.get(which) {
            Value::Name(name) => Setting::Name(name.to_owned()),
            Value::Real(value) => Setting::Real(value),
            Value::Whole(value) => Setting::Whole(value),
        };
        (which.flag().name, setting)
    };
    Hyperparameter::ALL.iter().map(setting).collect::<Vec<_>>().serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hyperparameters, D::Error> {
    let mut hyper = Hyperparameters::default();
    for (name, setting) in Vec::<(String, Setting)>::deserialize(deserializer)? {
        let unknown = || de::Error::custom(format!("unknown hyperparameter or value: {name:?}"));
        let (which, value) = known(&name, &setting).ok_or_else(unknown)?;
        hyper.set(which, value);
    }
    Ok(hyper)
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
