//! The original report's sentences on methods, each with the numbers of a table that bear it out or not.

use std::collections::BTreeSet;

use super::table::{Methods, Run, summary, title};
use crate::{
    format::grouped,
    report::{Table, words::share},
    sweep::survey::Summary,
};

const MLP: &str = "mlp";
const CNN: &str = "lenet-5";
const RNN: &str = "rnn";
const GATED: [&str; 2] = ["lstm", "gru"];
const DEEP: [&str; 2] = ["resnet", "inception"];

/// Loss of accuracy from which far dependencies count as lost.
const LOST: f64 = 0.1;

/// What the numbers say about a sentence: whether they bear it out, `None` if they cannot, and the numbers.
type Judgement = (Option<bool>, String);

/// Builds the table of the sentences.
pub(super) fn table(methods: &Methods) -> Table {
    let evidence = Evidence(methods);
    let sentences = [
        ("MLP: simple", evidence.mlp_is_simple()),
        ("MLP: limited on images", evidence.mlp_is_limited()),
        ("MLP: many parameters", evidence.mlp_has_many_parameters()),
        ("MLP: overfits", evidence.mlp_overfits()),
        ("CNN: shares parameters", evidence.cnn_shares_parameters()),
        ("CNN: needs data to bear shift and scale", evidence.cnn_needs_data()),
        ("CNN: no good at sequences", Some((None, "it reads 28 rows, no more and no fewer".into()))),
        ("RNN: far dependencies are lost", evidence.rnn_forgets()),
        ("RNN: hard to run in parallel", evidence.rnn_is_serial()),
        ("LSTM and GRU: keep far dependencies", evidence.gates_keep()),
        ("LSTM and GRU: cost more", evidence.gates_cost()),
        ("Deeper: better", evidence.depth_helps()),
    ];
    let row = |(sentence, judgement): (&str, Option<Judgement>)| {
        let (verdict, numbers) = judgement.unwrap_or((None, "the table lacks the runs".into()));
        let verdict = match verdict {
            Some(true) => "borne out",
            Some(false) => "not borne out",
            None => "not measured",
        };
        vec![sentence.to_owned(), verdict.to_owned(), numbers]
    };
    Table {
        caption: "The report’s sentences on methods, by the numbers of this table".into(),
        header: ["sentence", "verdict", "numbers"].map(str::to_owned).into(),
        rows: sentences.into_iter().map(row).collect(),
    }
}

struct Evidence<'a>(&'a Methods);

impl Evidence<'_> {
    fn plain(&self, network: &str, number: impl Fn(&Run) -> Option<f64>) -> Option<Summary> {
        summary(self.0.plain_of(network), number)
    }

    fn accuracy(&self, network: &str) -> Option<Summary> {
        self.plain(network, |run| Some(run.accuracy))
    }

    fn mlp_is_simple(&self) -> Option<Judgement> {
        let own = self.plain(MLP, |run| run.seconds_per_epoch)?.mean;
        let others = self.0.networks.iter().filter(|network| *network != MLP);
        let others =
            others.filter_map(|network| Some((network, self.plain(network, |run| run.seconds_per_epoch)?.mean)));
        let others: Vec<_> = others.collect();
        let fastest = others.iter().map(|(_, seconds)| *seconds).fold(f64::INFINITY, f64::min);
        let listed = others.iter().map(|(network, seconds)| format!(", {} {seconds:.2}", title(network)));
        let verdict = (!others.is_empty()).then_some(own < fastest);
        Some((verdict, format!("seconds an epoch: {} {own:.2}{}", title(MLP), listed.collect::<String>())))
    }

    fn mlp_is_limited(&self) -> Option<Judgement> {
        let mut compared = vec![("test accuracy".to_owned(), self.accuracy(MLP)?, self.accuracy(CNN)?)];
        for (kind, strength) in [("moved", 2.0), ("rotated", 15.0), ("scaled", 0.8)] {
            let test = |network| self.plain(network, |run| run.test(kind, strength));
            compared.extend(test(MLP).zip(test(CNN)).map(|(mlp, cnn)| (format!("{kind} {strength}"), mlp, cnn)));
        }
        let holds = compared.iter().all(|(_, mlp, cnn)| is_clearly_less(mlp, cnn));
        let texts = compared.iter().map(|(what, mlp, cnn)| format!("{what}: {}", two((MLP, mlp), (CNN, cnn))));
        Some((Some(holds), texts.collect::<Vec<_>>().join("; ")))
    }

    fn mlp_has_many_parameters(&self) -> Option<Judgement> {
        let (mlp, cnn) = (self.plain(MLP, |run| run.parameters)?.mean, self.plain(CNN, |run| run.parameters)?.mean);
        let (less, more) = (self.accuracy(MLP)?, self.accuracy(CNN)?);
        let of = |network, accuracy: &Summary, parameters: f64| {
            format!("{} {} with {} parameters", title(network), share(accuracy.mean), grouped(parameters as u64))
        };
        let holds = mlp >= 0.95 * cnn && is_clearly_less(&less, &more);
        Some((Some(holds), format!("{}, {}", of(MLP, &less, mlp), of(CNN, &more, cnn))))
    }

    /// Returns the accuracy with few training images, in place and without a delay.
    fn with_images(&self, network: &str, images: u64, number: impl Fn(&Run) -> Option<f64>) -> Option<Summary> {
        let is_meant =
            |run: &&Run| run.network == network && run.images == Some(images) && !run.is_permuted && run.delay == 0;
        summary(self.0.runs.iter().filter(is_meant), number)
    }

    fn fewest_images(&self) -> Option<(u64, u64)> {
        let fewest = self.0.runs.iter().filter_map(|run| run.images).min()?;
        let most = self.0.most_images()?;
        (fewest < most).then_some((fewest, most))
    }

    fn mlp_overfits(&self) -> Option<Judgement> {
        let (few, many) = self.fewest_images()?;
        let loss = |network| {
            let accuracy = |images| Some(self.with_images(network, images, |run| Some(run.accuracy))?.mean);
            Some(accuracy(many)? - accuracy(few)?)
        };
        let (mlp, cnn) = (loss(MLP)?, loss(CNN)?);
        let text = format!(
            "with {} instead of {} training images {} loses {mlp:.4}, {} {cnn:.4}; accuracy on training images is not in \
             the table",
            grouped(few),
            grouped(many),
            title(MLP),
            title(CNN)
        );
        Some((Some(mlp > cnn), text))
    }

    fn cnn_shares_parameters(&self) -> Option<Judgement> {
        let loss = |network: &str| {
            let permuted = self.0.runs.iter().filter(|run| run.network == network && run.is_permuted && run.delay == 0);
            let permuted = permuted.filter(|run| run.images == self.0.most_images());
            Some(self.accuracy(network)?.mean - summary(permuted, |run| Some(run.accuracy))?.mean)
        };
        let (mlp, cnn) = (loss(MLP)?, loss(CNN)?);
        let text = format!(
            "weights shared between places need neighbours: permuted pixels cost {} {cnn:.4}, {} {mlp:.4}",
            title(CNN),
            title(MLP)
        );
        Some((Some(cnn > mlp), text))
    }

    fn cnn_needs_data(&self) -> Option<Judgement> {
        let (few, many) = self.fewest_images()?;
        let mut compared = Vec::new();
        for (kind, strength) in [("moved", 2.0), ("scaled", 0.8)] {
            let test = |images| self.with_images(CNN, images, |run| run.test(kind, strength));
            compared.extend(test(few).zip(test(many)).map(|(few, many)| (format!("{kind} {strength}"), few, many)));
        }
        let text = |(what, less, more): &(String, Summary, Summary)| {
            format!(
                "{what}: {} with {} images, {} with {}",
                share(less.mean),
                grouped(few),
                share(more.mean),
                grouped(many)
            )
        };
        let holds = compared.iter().all(|(_, few, many)| is_clearly_less(few, many));
        let texts: Vec<String> = compared.iter().map(text).collect();
        (!texts.is_empty()).then(|| (Some(holds), format!("{}: {}", title(CNN), texts.join("; "))))
    }

    /// Returns the delays that the RNN was trained with, ascending, or else the longest one that it was only tested
    /// with; each with whether it was trained.
    fn delays(&self) -> Vec<(u64, bool)> {
        let trained = self.0.runs.iter().filter(|run| run.network == RNN && run.delay > 0).map(|run| run.delay);
        let trained: BTreeSet<u64> = trained.collect();
        if !trained.is_empty() {
            return trained.into_iter().map(|delay| (delay, true)).collect();
        }
        let tested = self.0.plain_of(RNN).flat_map(|run| &run.tests).filter(|test| test.0 == "delay");
        let longest = tested.map(|test| test.1).fold(0.0, f64::max);
        if longest > 0.0 { vec![(longest as u64, false)] } else { Vec::new() }
    }

    fn delayed(&self, network: &str, (delay, is_trained): (u64, bool)) -> Option<Summary> {
        if !is_trained {
            return self.plain(network, |run| run.test("delay", delay as f64));
        }
        let runs = self.0.runs.iter().filter(|run| run.network == network && run.delay == delay && !run.is_permuted);
        summary(runs.filter(|run| run.images == self.0.images_of_delays()), |run| Some(run.accuracy))
    }

    fn rnn_forgets(&self) -> Option<Judgement> {
        let delay = self.delays().pop()?;
        let with = self.delayed(RNN, delay)?.mean;
        let images = if delay.1 { self.0.images_of_delays()? } else { self.0.most_images()? };
        let without = self.with_images(RNN, images, |run| Some(run.accuracy))?.mean;
        let mut text = format!("{}: {}, {} {}", title(RNN), share(without), share(with), after(delay));
        let ratio = |run: &Run| Some(run.gradient.first()? / run.gradient.last().filter(|last| **last > 0.0)?);
        if let Some(ratio) = self.plain(RNN, ratio) {
            text += &format!("; the gradient at the first row is {:.1e} of that at the last", ratio.mean);
        }
        Some((Some(without - with > LOST), text))
    }

    fn rnn_is_serial(&self) -> Option<Judgement> {
        let speed = |network| Some(self.plain(network, |run| run.speed)?.mean);
        let text = |network| Some(format!("{} {}", title(network), grouped(speed(network)? as u64)));
        let texts: Vec<String> = [RNN, MLP].into_iter().filter_map(text).collect();
        (!texts.is_empty()).then(|| {
            let speeds = texts.join(", ");
            (None, format!("all speeds are those of one thread: {speeds} images a second"))
        })
    }

    /// Compares each of two networks, as far as both are there, with another.
    fn each(
        &self,
        networks: [&'static str; 2],
        other: &'static str,
        number: impl Fn(&str) -> Option<Summary>,
        holds: fn(&Summary, &Summary) -> bool,
        text: fn(f64) -> String,
    ) -> Option<Judgement> {
        let reference = number(other)?;
        let found: Vec<_> = networks.into_iter().filter_map(|network| Some((network, number(network)?))).collect();
        let numbers = found.iter().map(|(network, found)| format!("{} {}", title(network), text(found.mean)));
        let numbers: Vec<String> = numbers.chain([format!("{} {}", title(other), text(reference.mean))]).collect();
        let verdict = found.iter().all(|(_, found)| holds(found, &reference));
        (!found.is_empty()).then(|| (Some(verdict), numbers.join(", ")))
    }

    fn gates_keep(&self) -> Option<Judgement> {
        let judged = self.delays().into_iter().filter_map(|delay| {
            let number = |network: &str| self.delayed(network, delay);
            let (verdict, text) = self.each(GATED, RNN, number, |gated, rnn| is_clearly_less(rnn, gated), share)?;
            Some((verdict, format!("{text} {}", after(delay))))
        });
        let (verdicts, texts): (Vec<_>, Vec<_>) = judged.unzip();
        (!texts.is_empty()).then(|| (Some(verdicts.contains(&Some(true))), texts.join("; ")))
    }

    fn gates_cost(&self) -> Option<Judgement> {
        let number = |network: &str| self.plain(network, |run| run.speed);
        let slower = |gated: &Summary, rnn: &Summary| gated.mean < rnn.mean;
        let (verdict, text) = self.each(GATED, RNN, number, slower, |speed| grouped(speed as u64))?;
        Some((verdict, format!("{text} images a second")))
    }

    fn depth_helps(&self) -> Option<Judgement> {
        let (number, cnn) = (|network: &str| self.accuracy(network), self.accuracy(CNN)?);
        let (verdict, text) = self.each(DEEP, CNN, number, |deep, cnn| deep.mean > cnn.mean, share)?;
        let meet = DEEP.iter().filter_map(|deep| number(deep)).any(|deep| deep.min <= cnn.max);
        let ranges = if meet { "; the ranges of the seeds meet" } else { "" };
        Some((verdict, format!("test accuracy: {text}{ranges}")))
    }
}

/// Returns whether all runs of one are below all runs of the other.
fn is_clearly_less(a: &Summary, b: &Summary) -> bool {
    a.max < b.min
}

fn two((first, a): (&str, &Summary), (second, b): (&str, &Summary)) -> String {
    format!("{} {}, {} {}", title(first), share(a.mean), title(second), share(b.mean))
}

fn after((delay, is_trained): (u64, bool)) -> String {
    let trained = if is_trained { "trained and tested with" } else { "with" };
    format!("{trained} {}", crate::format::counted(delay, "empty row"))
}
