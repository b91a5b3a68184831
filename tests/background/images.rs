//! Images for viewers that do not have the data set.

use std::{io::Write, sync::Arc};

use lenet_monitor::{
    background::{
        attach,
        wire::{Request, TO_TRAINER, TestImage, ToTrainer, ToViewer, encode},
    },
    data::{Gallery, MAX_REQUEST, PIXELS, RemoteImages},
    train::{Command, Event, State},
    tui::replay,
};

use crate::{
    fixture::{MONO, Session},
    trainer::{Trainer, connection, next, until},
};

#[test]
fn the_trainer_sends_what_is_looked_at() {
    let trainer = Trainer::start();
    let mut first = trainer.view();
    first.watch.until("an epoch", |event| matches!(event, Event::EpochEnded(_)).then_some(()));
    first.watch.send(Command::Pause);
    first.watch.until_state(State::Paused);
    let attached = attach(&trainer.socket(), Request::Watch).unwrap();
    let remote = Gallery::elsewhere(attached.welcome.dataset.clone(), Arc::clone(&attached.images));
    assert_eq!((remote.train_images(), remote.test_images()), (200, 60));
    // The screens with images, from those with most to those with one.
    for (key, size) in [("2", (200, 60)), ("6", (160, 60)), ("7", (80, 24)), ("1", (120, 40))] {
        let text = |gallery: &Gallery| {
            let mut session = Session::with(gallery.clone(), MONO, size);
            replay(&mut session.app, attached.recording.clone());
            session.keys(key).text()
        };
        let expected = text(&Arc::clone(&trainer.dataset).into());
        until("the images of a screen", || text(&remote) == expected);
    }
    let test = &trainer.dataset.test;
    let all = || (0..test.len()).filter(|&index| remote.image(index).is_some()).count();
    until("all images", || all() == test.len());
    for index in 0..test.len() {
        assert_eq!(remote.image(index).as_deref(), Some(test.image(index)), "{index}");
        assert_eq!(remote.label(index), Some(test.label(index)));
    }
    assert_eq!(remote.image(test.len()), None, "there is no such image");
}

fn image(index: u32) -> (u32, (u8, Box<[u8; PIXELS]>)) {
    (index, ((index % 10) as u8, Box::new([index as u8; PIXELS])))
}

#[test]
fn a_viewer_asks_once_keeps_a_part_and_takes_only_what_it_has_asked_for() {
    let (images, requests) = RemoteImages::new(60_000, 10_000);
    let dataset = Trainer::start().dataset.id.clone();
    let gallery = Gallery::elsewhere(dataset, Arc::clone(&images));
    for _ in 0..3 {
        (0..10_000).for_each(|index| assert_eq!(gallery.image(index), None));
    }
    // What is looked at while a request is open, is in the next; the answer may bring more, or less.
    assert_eq!(requests.try_iter().collect::<Vec<_>>(), [[0]]);
    images.receive((0..5).map(image));
    assert_eq!((gallery.image(0).as_deref(), gallery.image(4)), (Some(&[0; PIXELS][..]), None));
    let next: Vec<Vec<u32>> = requests.try_iter().collect();
    assert_eq!(next, [(1..=MAX_REQUEST as u32).collect::<Vec<_>>()]);
    images.receive([]);
    assert_eq!(gallery.image(7).as_deref(), Some(&[0; PIXELS][..]), "what the trainer does not have is blank");
    let mut kept = 0;
    for index in 0..10_000 {
        while gallery.image(index).is_none() {
            let asked = requests.try_iter().flatten();
            images.receive(asked.map(image).collect::<Vec<_>>());
        }
        kept += 1;
    }
    let kept = (0..kept).filter(|&index| gallery.image(index).is_some()).count();
    assert!((1_000..3_000).contains(&kept), "{kept} images are in memory");
}

#[test]
fn excessive_requests_for_images_are_answered_in_part() {
    let trainer = Trainer::start();
    let mut stream = connection(&trainer.socket(), Request::Watch);
    let indices = [[u32::MAX, 60, 59].as_slice(), &[0; 10_000]].concat();
    stream.write_all(&encode(&ToTrainer::Images(indices), TO_TRAINER).unwrap()).unwrap();
    let images = loop {
        match next(&mut stream).expect("an answer") {
            ToViewer::Images(images) => break images,
            _ => continue,
        }
    };
    assert_eq!(images.len(), MAX_REQUEST - 2);
    assert_eq!(images[..1], TestImage::of(&trainer.dataset, &[59]));
}
