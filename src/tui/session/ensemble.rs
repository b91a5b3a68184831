//! The marked runs, which answer together about an image: the mean of their probabilities, and who disagrees.

use crate::{
    format::sanitized,
    train::{JointAnswer, Member, Prediction, Teacher},
    tui::session::{
        contrast::{RunSettings, labels},
        inquiry::Image,
        library::{SavedRuns, run::SavedRun},
    },
};

/// Answer of the marked runs about one image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Together {
    /// This number of the runs has answered, of this many.
    Pending(usize, usize),
    /// Reason why they cannot answer.
    Failed(String),
    Answer {
        joint: JointAnswer,
        /// What distinguishes each run from the others.
        labels: Vec<String>,
    },
}

impl SavedRuns {
    /// Returns the marked runs that answer together: all that can be read, if there are at least two.
    pub(crate) fn ensemble(&self) -> Vec<&SavedRun> {
        let readable: Vec<_> = self.readable().collect();
        if readable.len() < 2 { Vec::new() } else { readable }
    }

    /// Returns the marked runs that can be read.
    fn readable(&self) -> impl Iterator<Item = &SavedRun> {
        let marked = self.marked.iter().filter_map(|path| self.find(path));
        marked.filter(|run| run.newest().is_some())
    }

    /// Returns the marked runs as the teacher of a run; `None` if none can be read.
    pub(crate) fn teacher(&self) -> Option<Teacher> {
        let folder = self.readable().next()?.path.parent()?;
        let files: Vec<_> = self.readable().filter_map(|run| Some(run.newest_file()?.path.clone())).collect();
        Some(Teacher::new(&files, folder))
    }

    /// Returns the files of the runs that answer together.
    pub(crate) fn members(&self) -> Vec<Member> {
        let member = |run: &SavedRun| {
            let file = run.newest_file()?.path.clone();
            Some(Member { file, saved_at: run.newest()?.saved_at })
        };
        self.ensemble().into_iter().filter_map(member).collect()
    }

    /// Returns what distinguishes each of the runs that answer together: settings, or else its name.
    fn member_labels(&self) -> Vec<String> {
        let runs = self.ensemble();
        let settings = runs.iter().filter_map(|run| run.newest());
        let settings: Vec<_> =
            settings.map(|contents| RunSettings { spec: &contents.spec, rate: contents.learning_rate }).collect();
        let labels = labels(&settings);
        let is_unique = |label: &String| labels.iter().filter(|other| *other == label).count() == 1;
        let label = |(run, label): (&&SavedRun, &String)| {
            let text = if !label.is_empty() && is_unique(label) { label.clone() } else { run.short_name() };
            sanitized(&text)
        };
        runs.iter().zip(&labels).map(label).collect()
    }

    /// Returns the answer of the marked runs about a test image, from their evaluations. `None` unless there are at least
    /// two.
    pub(crate) fn together_on(&self, image: usize) -> Option<Together> {
        let runs = self.ensemble();
        let mut answers = Vec::new();
        for run in &runs {
            match self.reading(&run.path) {
                None => {}
                Some(Err(reason)) => return Some(Together::Failed(reason.to_owned())),
                Some(Ok(evaluation)) => match evaluation.predictions.get(image) {
                    Some(prediction) => answers.push(*prediction),
                    None => return Some(Together::Failed(format!("{} does not use this image", run.short_name()))),
                },
            }
        }
        if runs.is_empty() {
            return None;
        }
        if answers.len() < runs.len() {
            return Some(Together::Pending(answers.len(), runs.len()));
        }
        Some(Together::Answer { joint: JointAnswer::of(answers), labels: self.member_labels() })
    }
}

/// Question to the marked runs about a drawing: one at a time, and their newest answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Consultation {
    /// Number of the newest question.
    id: u64,
    asked: Option<(Vec<Member>, Image)>,
    /// Whether the answer is pending.
    is_open: bool,
    answered: Option<Answered>,
}

/// Answers to a question.
#[derive(Clone, Debug)]
struct Answered {
    members: Vec<Member>,
    image: Image,
    answers: Vec<Result<Prediction, String>>,
}

impl Consultation {
    /// Returns the question to ask now, if any. None is asked while another is pending.
    pub(crate) fn question(&mut self, library: &SavedRuns, image: &Image) -> Option<(u64, Vec<Member>, Image)> {
        let members = library.members();
        if members.is_empty() || self.is_open {
            return None;
        }
        let question = (members, image.clone());
        if self.asked.as_ref() == Some(&question) {
            return None;
        }
        self.id += 1;
        self.is_open = true;
        self.asked = Some(question.clone());
        Some((self.id, question.0, question.1))
    }

    pub(crate) fn take(&mut self, id: u64, answers: &[Result<Prediction, String>]) {
        if id != self.id || !self.is_open {
            return;
        }
        self.is_open = false;
        let asked = self.asked.clone().filter(|(members, _)| members.len() == answers.len());
        let Some((members, image)) = asked else { return };
        self.answered = Some(Answered { members, image, answers: answers.to_vec() });
    }

    /// Returns the answer about this image, or the previous one while the next is pending. `None` unless at least two
    /// runs are marked.
    pub(crate) fn together(&self, library: &SavedRuns, image: &Image) -> Option<Together> {
        let members = library.members();
        if members.is_empty() {
            return None;
        }
        let answered = self.answered.as_ref().filter(|answered| answered.members == members);
        let Some(answered) = answered.filter(|answered| answered.image == *image || self.is_open) else {
            return Some(Together::Pending(0, members.len()));
        };
        Some(match answered.answers.iter().cloned().collect::<Result<Vec<_>, _>>() {
            Ok(answers) => Together::Answer { joint: JointAnswer::of(answers), labels: library.member_labels() },
            Err(reason) => Together::Failed(reason),
        })
    }
}
