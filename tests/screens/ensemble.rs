//! Marked runs that answer together on Draw and Mistakes, and the reliability curve on Confusion.

use std::{path::PathBuf, sync::Arc};

use lenet_monitor::{
    train::{Command, Evaluation, Event, Member, Prediction},
    tui::{Effect, Message, Screen, Theme},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, OPENED, SEVEN, Session, entries, evaluation, on_pad, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
};

const HERE: &str = "checkpoints/20261124-120000-relu-adam-0.001-b16";
const SIGMOID: &str = "checkpoints/20261124-114210-sigmoid-sgd-0.01-b64";
const GOOD: &str = "checkpoints/tanh, the good one";

/// Returns a session in which the three newest runs are marked.
fn marked(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    let entries = entries(&session.app);
    session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(entries)));
    session.keys("mjmjm").take_effects();
    assert_eq!(session.app.session.library.marked.len(), 3);
    session
}

/// Returns the runs that were asked to be evaluated.
fn evaluated(session: &mut Session) -> Vec<PathBuf> {
    let run = |effect| match effect {
        Effect::Evaluate { run, .. } => Some(run),
        _ => None,
    };
    session.take_effects().into_iter().filter_map(run).collect()
}

/// Returns the number, the members and the images of the questions to the marked runs.
fn asked(session: &mut Session) -> Vec<(u64, Vec<Member>, Vec<u8>)> {
    let question = |effect| match effect {
        Effect::Consult { id, members, pixels } => Some((id, members, pixels.to_vec())),
        _ => None,
    };
    session.take_effects().into_iter().filter_map(question).collect()
}

fn reads(digit: u8, confidence: f32) -> Prediction {
    let mut probabilities = [(1.0 - confidence) / 9.0; 10];
    probabilities[usize::from(digit)] = confidence;
    Prediction { index: 0, label: 0, digit, probabilities }
}

/// A seven at the pad's cells of a terminal of this size.
fn draw_a_seven(session: &mut Session, size: (u16, u16)) {
    session.drag(&on_pad(SEVEN, size));
}

/// Draws a seven, which the run reads as a seven, and two of the three marked runs do, too.
pub fn drawn(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = marked(theme, size);
    session.keys("8");
    draw_a_seven(&mut session, size);
    session.read_as(7).read_as(7);
    // The question about its beginning, then the one about all of it.
    for _ in 0..2 {
        let id = asked(&mut session).last().expect("a question").0;
        session.tell(Message::Consulted(id, vec![Ok(reads(7, 0.9)), Ok(reads(1, 0.6)), Ok(reads(7, 0.8))]));
    }
    session
}

#[test]
fn marked_runs_read_the_drawing_together() {
    for size in [SMALL, MEDIUM, LARGE, (60, 20), (40, 12)] {
        keep("draw-together", &drawn(COLOUR, size));
    }
    keep_styled("draw-together-colour", &drawn(COLOUR, SMALL));
    keep("draw-together-ascii", &drawn(ASCII, SMALL));
    let text = drawn(COLOUR, MEDIUM).text();
    // (0.9 + 0.4 / 9 + 0.8) / 3
    for part in ["read as 7 0.812", "3 marked runs: 7 0.581", "2 of 3 agree", "relu adam 0.001 batch 16: 1 0.600"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_marked_runs_are_asked_about_each_drawing_once_and_one_question_at_a_time() {
    let mut session = marked(COLOUR, SMALL);
    session.keys("8");
    draw_a_seven(&mut session, SMALL);
    let [(id, members, pixels)] = &asked(&mut session)[..] else { panic!("one question for all strokes so far") };
    let files: Vec<_> = members.iter().map(|member| member.file.display().to_string()).collect();
    assert_eq!(files, [SIGMOID, HERE, GOOD].map(|run| format!("{run}/last.ckpt")), "their newest files");
    assert_ne!(*pixels, session.app.screens.draw.pad.digit().unwrap().to_vec(), "the beginning of the stroke");
    assert!(session.text().contains("asking 3 marked runs"), "{}", session.text());

    session.tell(Message::Consulted(id + 1, vec![Ok(reads(3, 0.9)); 3]));
    assert!(asked(&mut session).is_empty(), "an answer to another question is none");
    session.tell(Message::Consulted(*id, vec![Ok(reads(3, 0.9)); 3]));
    let [(id, _, pixels)] = &asked(&mut session)[..] else { panic!("then about the current drawing") };
    assert_eq!(*pixels, session.app.screens.draw.pad.digit().unwrap().to_vec());
    session.tell(Message::Consulted(*id, vec![Ok(reads(7, 0.9)); 3]));
    let text = session.text();
    assert!(text.contains("3 marked runs: 7 0.900   all agree"), "{text}");
    session.tell(Message::Clock(OPENED + 3));
    assert!(asked(&mut session).is_empty(), "nothing has changed");

    // Another mark is another question, about the same drawing.
    session.keys("4gm8");
    let [(id, members, _)] = &asked(&mut session)[..] else { panic!("a question to the two that remain") };
    assert_eq!(members.len(), 2);
    assert!(session.text().contains("asking 2 marked runs"), "not the answer of three: {}", session.text());
    session.tell(Message::Consulted(*id, vec![Ok(reads(7, 0.9)), Err("bad/last.ckpt: cut short".into())]));
    assert!(session.text().contains("cut short"), "{}", session.text());
    session.keys("4jm8");
    assert!(asked(&mut session).is_empty(), "one run alone is not asked");
    assert!(!session.text().contains("marked runs"), "{}", session.text());
}

/// Answers each evaluation that was asked for, with mistakes that differ from run to run.
fn answer(session: &mut Session) {
    for (run, epoch) in evaluated(session).into_iter().zip(1..) {
        let evaluation: Arc<Evaluation> = evaluation(&session.app, epoch).into();
        session.tell(Message::Evaluated(run, Ok(evaluation)));
    }
}

pub fn on_mistakes(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = marked(theme, size);
    session.keys("2");
    answer(&mut session);
    session
}

#[test]
fn marked_runs_read_the_chosen_mistake_together() {
    for size in [SMALL, MEDIUM, LARGE, (50, 16), (40, 12)] {
        keep("mistakes-together", &on_mistakes(COLOUR, size));
    }
    keep_styled("mistakes-together-mono", &on_mistakes(MONO, SMALL));

    let session = on_mistakes(COLOUR, MEDIUM);
    let chosen = session.app.session.browser.listing().current().expect("a mistake").index as usize;
    let members = [1, 2, 3].map(|epoch| evaluation(&session.app, epoch).predictions[chosen]);
    let mean = |digit: usize| members.iter().map(|member| member.probabilities[digit]).sum::<f32>() / 3.0;
    let digit = (0..10).max_by(|&a, &b| mean(a).total_cmp(&mean(b))).unwrap();
    let text = session.text();
    assert!(text.contains(&format!("3 marked runs: {digit} {:.3}", mean(digit))), "{text}");
    let apart = members.iter().filter(|member| usize::from(member.digit) != digit).count();
    assert!(text.contains(&format!("{} of 3 agree", 3 - apart)), "{apart}\n{text}");
}

#[test]
fn marked_runs_are_evaluated_once_they_are_needed() {
    let mut session = marked(COLOUR, SMALL);
    assert!(evaluated(&mut session).is_empty(), "not on the Runs screen");
    session.keys("2");
    let asked = evaluated(&mut session);
    assert_eq!(asked, [SIGMOID, HERE, GOOD].map(PathBuf::from));
    assert!(session.text().contains("evaluating the marked runs: 0 of 3 done"), "{}", session.text());
    session.keys("l").keys("l");
    assert!(evaluated(&mut session).is_empty(), "asked for already");
    let read: Arc<Evaluation> = evaluation(&session.app, 1).into();
    session.tell(Message::Evaluated(asked[0].clone(), Ok(read.clone())));
    assert!(session.text().contains("1 of 3 done"), "{}", session.text());
    session.tell(Message::Evaluated(asked[1].clone(), Err("cut short".into())));
    assert!(session.text().contains("marked runs: cut short"), "{}", session.text());

    // A run that uses fewer test images says nothing about the others.
    let mut short = (*read).clone();
    short.predictions.truncate(1);
    session.tell(Message::Evaluated(asked[1].clone(), Ok(read.clone())));
    session.tell(Message::Evaluated(asked[2].clone(), Ok(short.into())));
    assert!(session.text().contains("does not use this image"), "{}", session.text());
}

fn reliability(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    session.keys("6v");
    session
}

#[test]
fn the_reliability_curve_is_beside_the_matrix() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18)] {
        keep("confusion-reliability", &reliability(COLOUR, size));
    }
    keep_styled("confusion-reliability-colour", &reliability(COLOUR, MEDIUM));
    keep("confusion-reliability-ascii", &reliability(ASCII, MEDIUM));

    // Between 0.9 and 1.0: the images whose confidence is in the range, and how many of them are right.
    let session = reliability(COLOUR, MEDIUM);
    let evaluation = session.app.session.live.evaluation.clone().expect("an evaluation");
    let inside: Vec<_> = evaluation.predictions.iter().filter(|read| read.confidence() > 0.9).collect();
    let right = inside.iter().filter(|read| read.is_correct()).count() as f64 / inside.len() as f64;
    let text = session.text();
    let line = text.lines().find(|line| line.contains("0.9 to 1.0")).expect("the highest bin");
    assert!(line.contains(&format!(" {} ", inside.len())) && line.contains(&format!("{right:.4}")), "{line}");
    let mut session = session;
    assert!(!session.keys("v").text().contains("0.9 to 1.0"), "and back");
    assert_eq!(session.app.shown, Screen::Confusion);
}

/// A run that was just loaded has only its mistakes until it is evaluated again.
#[test]
fn without_all_predictions_there_is_no_curve() {
    let mut session = Session::new(COLOUR, SMALL);
    session.start();
    let mut kept = evaluation(&session.app, 4);
    kept.predictions.retain(|prediction| !prediction.is_correct());
    session.event(Event::Evaluated { epoch: 4, evaluation: Arc::new(kept) });
    let text = session.keys("6").text();
    assert!(text.contains("the calibration is known once every image has been evaluated"), "{text}");
    assert!(session.keys("v").text().contains("evaluation"), "{}", session.text());
    let full = Arc::new(evaluation(&session.app, 4));
    session.event(Event::Evaluated { epoch: 4, evaluation: full });
    assert!(session.text().contains(">0.9"), "{}", session.text());
}

#[test]
fn the_marked_runs_teach_a_run_whose_teacher_has_a_weight() {
    let restarted = |session: &mut Session, teacher_weight| {
        session.keys("3");
        session.app.screens.parameters.form.spec.hyper.teacher_weight = teacher_weight;
        session.keys("r");
        let mut effects = session.take_effects().into_iter();
        effects.find_map(|effect| if let Effect::Send(Command::Restart(spec)) = effect { Some(*spec) } else { None })
    };
    let mut session = marked(COLOUR, MEDIUM);
    let teacher = restarted(&mut session, 0.5).unwrap().teacher.unwrap();
    let runs: Vec<_> = teacher.paths.iter().map(|path| path.parent().unwrap()).collect();
    assert_eq!(runs.len(), 3);
    assert!([HERE, SIGMOID, GOOD].iter().all(|run| runs.iter().any(|path| path.ends_with(run))), "{runs:?}");
    assert!(teacher.folder.ends_with("checkpoints"), "{}", teacher.folder.display());
    assert_eq!(restarted(&mut marked(COLOUR, MEDIUM), 0.0).unwrap().teacher, None);
    assert_eq!(restarted(&mut training(COLOUR, MEDIUM), 0.5).unwrap().teacher, None, "the worker says what is missing");
}
