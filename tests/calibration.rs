//! Reliability, expected calibration error and temperature, compared with numpy and scipy (tests/fixtures/calibration.py).

use lenet_monitor::train::{
    Calibration, Confusion, Evaluation, NoTemperature, Prediction, Temperature, argmax, bin_range,
};
use serde_json::Value;

const TABLE: &[u8] = include_bytes!("fixtures/calibration.bin");

fn reference() -> Value {
    serde_json::from_str(include_str!("fixtures/calibration.json")).unwrap()
}

fn evaluation(predictions: Vec<Prediction>) -> Evaluation {
    let mut confusion = Confusion::default();
    predictions.iter().for_each(|prediction| confusion.add(prediction.label, prediction.digit));
    Evaluation { loss: 0.0, confusion, predictions }
}

/// The fixture's predictions.
fn predictions() -> Vec<Prediction> {
    let numbers: Vec<f32> = TABLE.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    let rows = numbers.chunks_exact(11).enumerate();
    let prediction = |(index, row): (usize, &[f32])| {
        let probabilities: [f32; 10] = row[..10].try_into().unwrap();
        Prediction { index: index as u32, label: row[10] as u8, digit: argmax(&probabilities), probabilities }
    };
    rows.map(prediction).collect()
}

#[track_caller]
fn assert_near(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1e-3), "found {found}, expected {expected}");
}

fn assert_same_curve(found: &Calibration, expected: &Value) {
    assert_near(found.expected_error(), &expected["expected_error"], 1e-6);
    let bins = expected["bins"].as_array().unwrap();
    assert_eq!(bins.len(), found.bins.len());
    for (place, (bin, expected)) in found.bins.iter().zip(bins).enumerate() {
        assert_eq!(u64::from(bin.images), expected[0].as_u64().unwrap(), "bin {place}");
        match (bin.confidence(), bin.accuracy()) {
            (Some(confidence), Some(accuracy)) => {
                assert_near(confidence, &expected[1], 1e-6);
                assert_near(accuracy, &expected[2], 1e-9);
            }
            _ => assert!(expected[1].is_null() && expected[2].is_null(), "bin {place}"),
        }
    }
}

#[test]
fn curve_and_expected_error_are_those_of_numpy() {
    let all = Calibration::of(&evaluation(predictions())).unwrap();
    assert_same_curve(&all, &reference()["all"]);
    assert_eq!(all.images(), 600);
    let means = predictions().iter().map(|p| f64::from(p.confidence())).sum::<f64>() / 600.0;
    assert!((all.confidence() - means).abs() < 1e-12);
    assert_eq!(bin_range(9), (0.9, 1.0));
}

#[test]
fn the_temperature_is_that_of_scipy_and_changes_no_digit() {
    let (held_out, test) = {
        let mut all = predictions();
        let test = all.split_off(300);
        (evaluation(all), evaluation(test))
    };
    let reference = reference();
    let temperature = Temperature::fit(&held_out).unwrap();
    assert_near(temperature.value(), &reference["temperature"], 1e-6);
    let scaled = temperature.apply(&test);
    assert_near(scaled.loss, &reference["loss"], 1e-6);
    assert_same_curve(&Calibration::of(&scaled).unwrap(), &reference["scaled"]);
    assert_eq!(scaled.confusion, test.confusion);
    for (before, after) in test.predictions.iter().zip(&scaled.predictions) {
        assert_eq!((before.index, before.label, before.digit), (after.index, after.label, after.digit));
        assert!((after.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
    let before = Calibration::of(&test).unwrap().expected_error();
    assert!(Calibration::of(&scaled).unwrap().expected_error() < before / 2.0, "an overconfident network is helped");
}

/// A prediction whose digit has this probability, the others the rest.
fn sure(label: u8, digit: u8, probability: f32) -> Prediction {
    let mut probabilities = [(1.0 - probability) / 9.0; 10];
    probabilities[usize::from(digit)] = probability;
    Prediction { index: 0, label, digit, probabilities }
}

#[test]
fn without_a_best_temperature_the_reason_is_given() {
    let fit = |predictions: &[Prediction]| Temperature::fit(&evaluation(predictions.to_vec()));
    assert_eq!(fit(&[]), Err(NoTemperature::NoHoldout));
    assert_eq!(fit(&[sure(1, 1, 0.9), sure(2, 2, 0.6)]), Err(NoTemperature::TooGood));
    assert_eq!(fit(&[sure(1, 3, 0.9), sure(2, 4, 0.6)]), Err(NoTemperature::NoBetterThanGuessing));
    assert_eq!(fit(&[sure(1, 1, f32::NAN)]), Err(NoTemperature::NotFinite));
    // Half of the answers are right, whatever the confidence.
    let temperature = fit(&[sure(1, 1, 0.99), sure(2, 3, 0.99)]).unwrap();
    let scaled = temperature.apply(&evaluation(vec![sure(1, 1, 0.99)]));
    assert!((scaled.predictions[0].confidence() - 0.5).abs() < 1e-5, "{scaled:?}");
    // Probabilities that were rounded to 0 are not impossible.
    assert!(fit(&[sure(1, 1, 1.0), sure(2, 3, 1.0)]).unwrap().value() > 10.0);
}

#[test]
fn a_curve_needs_every_prediction() {
    let whole = evaluation(vec![sure(1, 1, 0.9), sure(2, 3, 0.6)]);
    assert!(Calibration::of(&whole).is_some());
    let mut mistakes = whole.clone();
    mistakes.predictions.retain(|prediction| !prediction.is_correct());
    assert_eq!(Calibration::of(&mistakes), None);
    assert_eq!(Calibration::of(&evaluation(Vec::new())), None);
    assert_eq!(Calibration::of(&evaluation(vec![sure(1, 1, f32::NAN)])), None);
}

/// Bins exclude their lower limit and include their upper one.
#[test]
fn a_confidence_on_a_limit_belongs_below_it() {
    let bin = |probability: f32| {
        let calibration = Calibration::of(&evaluation(vec![sure(1, 1, probability)])).unwrap();
        calibration.bins.iter().position(|bin| bin.images == 1).unwrap()
    };
    assert_eq!([bin(0.5), bin(0.500_001), bin(1.0), bin(0.25)], [4, 5, 9, 2]);
}
