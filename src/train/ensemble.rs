//! Networks that answer together.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    Checkpoint, CheckpointError,
    evaluation::{Prediction, evaluate_range, predict},
    joint::{JointAnswer, JointEvaluation},
    shifts::Shifts,
};
use crate::{
    data::{PIXELS, Split},
    nn::{Engine, Network},
};

/// Networks that answer together, each at one position of an image or at several.
#[derive(Debug)]
pub struct Ensemble {
    networks: Vec<Network>,
    shifts: Option<Shifts>,
}

impl Ensemble {
    /// # Panics
    /// If there are no networks.
    pub fn new(networks: Vec<Network>, shifts: Option<Shifts>) -> Self {
        assert!(!networks.is_empty(), "an ensemble has members");
        Self { networks, shifts }
    }

    /// Predicts one image without a known label (the label is set to 0). The error is the place of a network that
    /// computes no finite numbers.
    pub fn predict(&mut self, pixels: &[u8; PIXELS]) -> Result<JointAnswer, usize> {
        let shifts = self.shifts;
        let answers = self.networks.iter_mut().enumerate().map(|(place, network)| {
            let answer = match shifts {
                Some(shifts) => shifts.predict(network, pixels),
                None => predict(network, pixels),
            };
            answer.ok_or(place)
        });
        answers.collect::<Result<_, _>>().map(JointAnswer::of)
    }

    /// Evaluates the networks on some images of `split`, one after the other.
    pub fn evaluate(&mut self, split: &Split, images: Range<usize>) -> JointEvaluation {
        let shifts = self.shifts;
        let members = self.networks.iter_mut().map(|network| match shifts {
            Some(shifts) => shifts.evaluate(network, split, images.clone()),
            None => evaluate_range(network, split, images.clone()),
        });
        JointEvaluation::of(members.collect())
    }
}

/// A checkpoint file whose network is asked about single images.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub file: PathBuf,
    /// Time of saving, in seconds since 1970: a file that was saved again is read again.
    pub saved_at: u64,
}

/// Networks of checkpoint files, kept in memory from question to question. They compute on one core: another run may be
/// training.
#[derive(Debug, Default)]
pub struct Panel {
    networks: Vec<(Member, Result<Network, String>)>,
}

impl Panel {
    /// Returns each member's answer, or why it has none. Keeps only the networks of these members.
    pub fn ask(&mut self, members: &[Member], pixels: &[u8; PIXELS]) -> Vec<Result<Prediction, String>> {
        let mut known = std::mem::take(&mut self.networks);
        for member in members {
            let place = known.iter().position(|(other, _)| other == member);
            self.networks.push(match place {
                Some(place) => known.swap_remove(place),
                None => (member.clone(), read(&member.file).map_err(|error| error.to_string())),
            });
        }
        self.networks.iter_mut().map(|(_, network)| ask(network, pixels)).collect()
    }
}

fn read(file: &Path) -> Result<Network, CheckpointError> {
    Ok(Checkpoint::read(file)?.network(Engine::new(1)))
}

fn ask(network: &mut Result<Network, String>, pixels: &[u8; PIXELS]) -> Result<Prediction, String> {
    let network = network.as_mut().map_err(|reason| reason.clone())?;
    predict(network, pixels).ok_or_else(|| "its network gives no finite answer".to_owned())
}
