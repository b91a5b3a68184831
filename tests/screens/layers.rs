//! The Layers screen: when it asks the worker, about which digit, and how it shows the answer.

use crossterm::event::KeyCode;
use lenet_monitor::{
    data::PIXELS,
    train::{Activation, Architecture, Cause, Command, Event, LayerInfo, LayerKind, State, Symptom},
    tui::{Effect, Layer, Message, Source, Theme},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, Session, activations, activations_of, health, progress, spec, started, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
};

/// Returns the pixels asked about since the last call.
fn asked(session: &mut Session) -> Vec<[u8; PIXELS]> {
    let effects = session.take_effects();
    let pixels = |effect| match effect {
        Effect::Send(Command::Inspect { pixels, .. }) => Some(*pixels),
        _ => None,
    };
    effects.into_iter().filter_map(pixels).collect()
}

fn shown(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    session.keys("7").answer(7).take_effects();
    session
}

/// Reports training after a number of seconds.
fn trained(session: &mut Session, seconds: f64) {
    let mut later = progress(4, 2_200);
    later.elapsed = session.app.session.live.progress.as_ref().expect("some progress").elapsed + seconds;
    session.event(Event::Progress(later));
}

#[test]
fn it_asks_when_it_is_shown_and_not_before() {
    let mut session = training(COLOUR, SMALL);
    assert!(asked(&mut session).is_empty());
    session.keys("7");
    assert_eq!(asked(&mut session), [<[u8; PIXELS]>::try_from(session.app.session.dataset.test.image(0)).unwrap()]);
    assert!(session.text().contains("asking"));
}

#[test]
fn it_asks_again_during_training_but_never_before_the_answer_nor_too_often() {
    let mut session = training(COLOUR, SMALL);
    session.keys("7");
    let is_question = |effect: &Effect| matches!(effect, Effect::Send(Command::Inspect { .. }));
    let questions = |session: &Session| session.effects.iter().filter(|effect| is_question(effect)).count();
    trained(&mut session, 1.0);
    trained(&mut session, 1.0);
    assert_eq!(questions(&session), 1, "one question is open");
    let mut answered = 0;
    for _ in 0..100 {
        if questions(&session) > answered {
            session.answer(7);
            answered += 1;
        }
        trained(&mut session, 0.02);
    }
    assert!((6..=9).contains(&answered), "{answered} in two seconds of training");
}

#[test]
fn it_asks_after_each_single_step() {
    let mut session = shown(COLOUR, SMALL);
    session.event(Event::State(State::Paused));
    asked(&mut session);
    for step in 0..3 {
        session.event(Event::State(State::Training));
        trained(&mut session, 0.001);
        session.event(Event::State(State::Paused));
        assert!(session.effects.len() == 1, "step {step}");
        session.answer(7);
        asked(&mut session);
    }
    assert!(asked(&mut session).is_empty(), "nothing has changed");
}

#[test]
fn it_does_not_ask_while_something_else_is_shown_or_the_worker_cannot_answer() {
    let mut session = shown(COLOUR, SMALL);
    session.keys("?");
    trained(&mut session, 1.0);
    assert!(asked(&mut session).is_empty(), "help is shown");
    session.keys("?");
    assert_eq!(asked(&mut session).len(), 1, "and afterwards it does");
    for state in [State::Diverged, State::Failed, State::Stopped] {
        let mut session = shown(COLOUR, SMALL);
        session.ended(state, 3, None).press(KeyCode::Right);
        trained(&mut session, 1.0);
        assert!(asked(&mut session).is_empty(), "{state:?}");
    }
    let mut session = shown(COLOUR, SMALL);
    session.keys("1");
    trained(&mut session, 1.0);
    assert!(asked(&mut session).is_empty(), "another screen");
    session.tell(Message::WorkerGone).keys("7");
    assert!(asked(&mut session).is_empty(), "the worker is gone");
}

#[test]
fn it_asks_again_after_a_refusal() {
    let mut session = training(COLOUR, SMALL);
    session.keys("7").take_effects();
    session.event(Event::Refused { reason: "a checkpoint of other data".into() });
    trained(&mut session, 1.0);
    assert_eq!(asked(&mut session).len(), 1);
}

#[test]
fn a_new_run_is_asked_about_again() {
    let mut session = shown(COLOUR, SMALL);
    session.start();
    assert!(session.app.screens.layers.seen.is_none());
    assert_eq!(asked(&mut session).len(), 1);
}

#[test]
fn an_old_answer_is_not_mistaken_for_a_new_one() {
    let mut session = training(COLOUR, SMALL);
    session.keys("7").take_effects();
    let activations = activations(&[0; PIXELS], 3);
    session.event(Event::Inspected { id: 99, activations });
    assert!(session.app.screens.layers.seen.is_none());
}

#[test]
fn the_digit_comes_from_the_test_set_or_the_mistakes() {
    let mut session = shown(COLOUR, SMALL);
    let image = |session: &Session, index: usize| -> Vec<u8> { session.app.session.dataset.test.image(index).to_vec() };
    session.press(KeyCode::Right);
    assert_eq!(asked(&mut session)[0][..], image(&session, 1));
    session.press(KeyCode::End).press(KeyCode::PageUp);
    assert_eq!(session.app.screens.layers.index, 379);
    session.press(KeyCode::Home).press(KeyCode::Left);
    assert_eq!(session.app.screens.layers.index, 0);
    session.keys("t3");
    let labels = session.app.session.dataset.test.labels().to_vec();
    let next = labels.iter().position(|&label| label == 3).unwrap();
    assert_eq!(session.app.screens.layers.index, next);
    session.keys("t3");
    assert!(session.app.screens.layers.index > next && labels[session.app.screens.layers.index] == 3);

    session.keys("m").press(KeyCode::Right);
    assert_eq!((session.app.screens.layers.source, session.app.session.browser.mistakes.place), (Source::Mistake, 1));
    let mistake = session.app.session.browser.mistakes.current().unwrap().index as usize;
    let mut session = training(COLOUR, SMALL);
    session.keys("2").press(KeyCode::Right).keys("i");
    assert_eq!(asked(&mut session)[0][..], image(&session, mistake));
    let mut session = training(COLOUR, SMALL);
    session.keys("2v").press(KeyCode::End).keys("i");
    let correct = session.app.session.browser.correct.current().unwrap().index as usize;
    assert_eq!((session.app.screens.layers.source, session.app.screens.layers.index), (Source::Test, correct));
    session.keys("1i");
    assert_eq!(session.app.screens.layers.source, Source::Mistake, "Train shows mistakes");
}

/// During training, small changes are left out which spares a remote terminal; at rest everything is shown.
#[test]
fn small_changes_are_shown_at_rest_but_not_sent_during_training() {
    let mut session = shown(COLOUR, SMALL);
    let drawn =
        |session: &Session| session.app.screens.layers.seen.as_ref().unwrap().picture.parts.layers[0].values.clone();
    let before = drawn(&session);
    for state in [State::Training, State::Evaluating] {
        session.event(Event::State(state));
        trained(&mut session, 1.0);
        let Some(Effect::Send(Command::Inspect { id, pixels })) = session.take_effects().pop() else { panic!() };
        let mut activations = activations(&pixels, 7);
        let c1 = &mut activations.layers[0].values;
        c1.iter_mut().for_each(|value| *value *= 1.02);
        c1[400] = 1.0;
        session.event(Event::Inspected { id, activations });
        let mut expected = before.clone();
        expected[400] = drawn(&session)[400];
        assert!(drawn(&session) == expected && expected[400] != before[400], "only large changes");
    }
    session.event(Event::State(State::Paused));
    assert!(drawn(&session)[..784] != before[..784]);
}

#[test]
fn layers_are_chosen_one_after_the_other() {
    let mut session = shown(COLOUR, SMALL);
    let all = || [Layer::All, Layer::Input].into_iter().chain((0..7).map(Layer::Of));
    for layer in all() {
        assert_eq!(session.app.screens.layers.layer, layer);
        session.press(KeyCode::Down);
    }
    assert_eq!(session.app.screens.layers.layer, Layer::Of(6), "the output");
    for _ in all() {
        session.press(KeyCode::Up);
    }
    assert_eq!(session.app.screens.layers.layer, Layer::All);
}

#[test]
fn all_layers() {
    for size in [SMALL, MEDIUM, LARGE, (100, 32), (60, 20), (40, 12)] {
        keep("layers", &shown(COLOUR, size));
    }
}

#[test]
fn layers_in_colour_without_and_in_ascii() {
    keep_styled("layers-colour", &shown(COLOUR, SMALL));
    keep_styled("layers-mono", &shown(MONO, SMALL));
    keep("layers-ascii", &shown(ASCII, MEDIUM));
    let mut session = shown(COLOUR, SMALL);
    session.keys("dd");
    keep("layers-drawn-in-ascii", &session);
}

#[test]
fn each_layer_enlarged() {
    for (presses, name) in (1..).zip(["input", "c1", "s2", "c3", "s4", "c5", "f6", "output"]) {
        let mut session = shown(COLOUR, SMALL);
        session.keys(&"j".repeat(presses));
        keep(&format!("layers-{name}"), &session);
    }
    let mut session = shown(COLOUR, MEDIUM);
    session.press(KeyCode::Down).press(KeyCode::Down);
    keep("layers-c1", &session);
    session.app.size = LARGE;
    session.press(KeyCode::Down).press(KeyCode::Down);
    keep("layers-c3", &session);
}

/// Negative values have another colour.
#[test]
fn layers_of_tanh() {
    let mut session = Session::new(COLOUR, SMALL);
    let mut spec = spec(&session.app);
    spec.hyper.activation = Activation::Tanh;
    session.event(Event::Started(Box::new(started(spec, "run")))).event(Event::State(State::Training)).keys("7");
    let Some(Effect::Send(Command::Inspect { id, pixels })) = session.take_effects().pop() else {
        panic!("a question")
    };
    let mut activations = activations(&pixels, 7);
    let signed = |values: &mut [f32]| values.iter_mut().for_each(|value| *value = 0.25 - *value / 4.0);
    [0, 3, 4].into_iter().for_each(|layer| signed(&mut activations.layers[layer].values));
    session.event(Event::Inspected { id, activations });
    keep_styled("layers-tanh-colour", &session);
    session.keys("jjjjjj");
    keep_styled("layers-tanh-c5-colour", &session);
}

#[test]
fn the_footer_of_the_health_view_has_no_keys_of_the_digit() {
    let mut session = shown(COLOUR, MEDIUM);
    let keys = ["→ next", "↓ layer", "m source", "t a digit", "a augmented"];
    assert!(keys.iter().all(|key| session.text().contains(key)), "{}", session.text());
    session.keys("v");
    assert!(keys.iter().all(|key| !session.text().contains(key)), "{}", session.text());
    assert!(session.text().contains("v digit  Space pause"), "{}", session.text());
}

#[test]
fn a_terminal_of_120_by_40_shows_every_layer() {
    let session = shown(COLOUR, MEDIUM);
    for layer in ["─ C1 ", "─ S2 ", "─ C3 ", " S4 ", " C5 ", " F6 ", "─ output "] {
        assert!(session.text().contains(layer), "{layer}: {}", session.text());
    }
}

#[test]
fn health_of_each_layer() {
    for size in [SMALL, (40, 12), MEDIUM, (200, 60)] {
        let mut session = shown(COLOUR, size);
        session.keys("v");
        keep("layers-health", &session);
    }
    let mut session = shown(COLOUR, SMALL);
    let symptom = Symptom::Dead { layer: "C1", units: 6 };
    session.event(Event::Health(Box::new(health(3, Some(symptom), Some(Cause::LargeUpdates))))).keys("v");
    keep("layers-health-dead", &session);
    session.press(KeyCode::Esc);
    assert!(!session.app.screens.layers.shows_health);
    let mut session = Session::new(COLOUR, SMALL);
    session.start().keys("7v");
    keep("layers-health-not-begun", &session);
}

#[test]
fn layers_before_there_is_anything_to_see() {
    let mut session = Session::new(COLOUR, SMALL);
    session.keys("7");
    keep("layers-not-begun", &session);
    session.start().keys("m");
    keep("layers-no-mistakes", &session);
    let mut session = shown(COLOUR, SMALL);
    session.ended(State::Diverged, 3, Some("the loss is NaN")).press(KeyCode::Right);
    keep("layers-diverged", &session);
    let mut session = shown(COLOUR, SMALL);
    session.keys("t");
    keep("layers-digit-asked", &session);
}

#[test]
fn layers_of_a_mistake() {
    let mut session = training(COLOUR, MEDIUM);
    session.keys("2").press(KeyCode::Right).keys("i").answer(7);
    keep("layers-mistake", &session);
}

const fn layer(name: &'static str, kind: LayerKind, details: &'static str) -> LayerInfo {
    let purpose = "Nothing is known of it.";
    LayerInfo { name, kind, parameters: 100, kernel: None, operation: "made up, {activation}", details, purpose }
}

const fn maps(name: &'static str, count: usize, side: usize) -> LayerInfo {
    layer(name, LayerKind::Maps { count, side }, "maps, {activation}")
}

const fn values(name: &'static str, count: usize) -> LayerInfo {
    layer(name, LayerKind::Values(count), "{activation}")
}

const OUTPUT: LayerInfo = layer("output", LayerKind::Values(10), "");
static FLAT: [LayerInfo; 2] = [values("H1", 76), OUTPUT];
static RECURRENT: [LayerInfo; 4] = [maps("T1", 1, 28), values("T2", 128), values("T3", 64), OUTPUT];
static DEEP: [LayerInfo; 9] = [
    maps("R1", 16, 28),
    maps("R2", 16, 28),
    maps("R3", 32, 14),
    maps("R4", 32, 14),
    maps("R5", 64, 7),
    maps("R6", 64, 7),
    values("G7", 64),
    values("G8", 32),
    OUTPUT,
];

/// Returns a session that shows the layers of another network.
fn shown_of(layers: &'static [LayerInfo], size: (u16, u16)) -> Session {
    let mut session = training(COLOUR, size);
    session.keys("7");
    let Some(Effect::Send(Command::Inspect { id, .. })) = session.take_effects().pop() else { panic!("a question") };
    session.event(Event::Inspected { id, activations: activations_of(layers, 7) });
    session
}

#[test]
fn another_networks_layers_are_packed_into_rows() {
    for (name, layers) in [("flat", &FLAT[..]), ("recurrent", &RECURRENT), ("deep", &DEEP)] {
        for size in [SMALL, MEDIUM, LARGE, (40, 12)] {
            keep(&format!("layers-packed-{name}"), &shown_of(layers, size));
        }
    }
}

/// Below the states after each row of the image are those after the last empty row.
#[test]
fn states_of_a_recurrent_network_with_a_delay() {
    const GRU: LayerInfo =
        layer("GRU", LayerKind::Steps { steps: 28, units: 64 }, "64 states after each of 28 rows, two gates");
    static LAYERS: [LayerInfo; 2] = [GRU, OUTPUT];
    for size in [SMALL, MEDIUM] {
        let mut session = Session::new(COLOUR, size);
        let mut spec = spec(&session.app);
        (spec.hyper.network, spec.hyper.delay) = (Architecture::Gru, 56);
        session.event(Event::Started(Box::new(started(spec, "run")))).event(Event::State(State::Training)).keys("7");
        let Some(Effect::Send(Command::Inspect { id, .. })) = session.take_effects().pop() else {
            panic!("a question")
        };
        let mut activations = activations_of(&LAYERS, 7);
        let after_row = |unit: usize, step: usize| if step == 28 { 1.0 } else { (unit + step) as f32 / 200.0 };
        activations.layers[0].values =
            (0..64).flat_map(|unit| (0..29).map(move |step| after_row(unit, step))).collect();
        session.event(Event::Inspected { id, activations });
        keep("layers-delay", &session);
        session.press(KeyCode::Down).press(KeyCode::Down);
        keep("layers-delay-states", &session);
    }
}

#[test]
fn layers_of_the_larger_convolutional_networks() {
    for architecture in [Architecture::ResNet, Architecture::Inception] {
        for size in [SMALL, MEDIUM, LARGE] {
            keep(&format!("layers-{architecture}"), &shown_of(architecture.layers(), size));
        }
        let mut session = shown_of(architecture.layers(), SMALL);
        for _ in 0..5 {
            session.press(KeyCode::Down);
        }
        keep(&format!("layers-{architecture}-one"), &session);
    }
}

#[test]
fn another_networks_layers_are_chosen_by_key_and_click() {
    let mut session = shown_of(&RECURRENT, LARGE);
    session.click("─ T3");
    assert_eq!(session.app.screens.layers.layer, Layer::Of(2));
    assert!(session.text().contains("Nothing is known of it."), "{}", session.text());
    session.press(KeyCode::Down);
    assert_eq!(session.app.screens.layers.layer, Layer::Of(3), "the output");
    assert!(session.text().contains("0.875"), "{}", session.text());
    session.press(KeyCode::Down);
    assert_eq!(session.app.screens.layers.layer, Layer::Of(3), "there are no more");
    session.press(KeyCode::Up).press(KeyCode::Up).press(KeyCode::Up);
    assert_eq!(session.app.screens.layers.layer, Layer::Of(0));
}

#[test]
fn attention_is_drawn_beside_the_image() {
    let layers = Architecture::Attention.layers();
    for size in [SMALL, MEDIUM, LARGE, (40, 12), (80, 40)] {
        keep("layers-attention", &shown_of(layers, size));
    }
    for size in [SMALL, MEDIUM, LARGE] {
        let mut session = shown_of(layers, size);
        session.press(KeyCode::Down).press(KeyCode::Down).press(KeyCode::Down);
        assert_eq!(session.app.screens.layers.layer, Layer::Of(1));
        keep("layers-attention-enlarged", &session);
    }
}

#[test]
fn a_map_of_attention_is_chosen_by_click() {
    let mut session = shown_of(Architecture::Attention.layers(), SMALL);
    session.click("─ A2");
    assert_eq!(session.app.screens.layers.layer, Layer::Of(3));
    assert!(session.text().contains("head 1"), "{}", session.text());
    assert!(session.text().contains("the rows that it reads"), "{}", session.text());
}
