//! Images as a screen shows them: of a data set in memory, or of one elsewhere, of which only those that are looked at
//! are sent.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Dataset, DatasetId, PIXELS, Split};

/// Why something is impossible that needs all images.
pub const ELSEWHERE: &str = "the data set is not on this computer; attach again with --data-dir and its folder";
/// Most images of one request.
pub const MAX_REQUEST: usize = 256;
/// Most images kept: several pages of a large screen.
const MAX_KEPT: usize = 2_048;

/// Data set as a screen shows it.
#[derive(Clone, Debug)]
pub struct Gallery {
    /// The data set; without images if it is elsewhere.
    dataset: Arc<Dataset>,
    remote: Option<Arc<RemoteImages>>,
}

impl From<Arc<Dataset>> for Gallery {
    fn from(dataset: Arc<Dataset>) -> Self {
        Self { dataset, remote: None }
    }
}

impl Gallery {
    /// Shows a data set that is elsewhere.
    pub fn elsewhere(id: DatasetId, images: Arc<RemoteImages>) -> Self {
        let empty = || Split::new(Vec::new(), Vec::new());
        Self { dataset: Arc::new(Dataset { id, train: empty(), test: empty() }), remote: Some(images) }
    }

    /// Returns the data set, which has no images if it is elsewhere.
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// Returns whether the images are in memory.
    pub fn is_here(&self) -> bool {
        self.remote.is_none()
    }

    /// Returns the number of training images.
    pub fn train_images(&self) -> usize {
        self.remote.as_ref().map_or(self.dataset.train.len(), |remote| remote.train as usize)
    }

    /// Returns the number of test images.
    pub fn test_images(&self) -> usize {
        self.remote.as_ref().map_or(self.dataset.test.len(), |remote| remote.test as usize)
    }

    /// Returns the pixels of a test image. `None` if there is no such image, or it is on its way.
    pub fn image(&self, index: usize) -> Option<Cow<'_, [u8]>> {
        match &self.remote {
            Some(remote) => Some(remote.get(index)?.1.to_vec().into()),
            None => (index < self.dataset.test.len()).then(|| self.dataset.test.image(index).into()),
        }
    }

    /// Returns the label of a test image. `None` if there is no such image, or it is on its way.
    pub fn label(&self, index: usize) -> Option<u8> {
        match &self.remote {
            Some(remote) => Some(remote.get(index)?.0),
            None => self.dataset.test.labels().get(index).copied(),
        }
    }
}

type Image = (u8, Box<[u8; PIXELS]>);

/// Test images of a data set that is elsewhere. What is missing is requested, one request at a time: what is looked at
/// when the answer comes is in the next one.
#[derive(Debug)]
pub struct RemoteImages {
    train: u32,
    test: u32,
    requests: Sender<Vec<u32>>,
    received: Mutex<Received>,
}

#[derive(Debug, Default)]
struct Received {
    images: HashMap<u32, Image>,
    /// Indices of the images, oldest first.
    order: VecDeque<u32>,
    /// Request that is not answered yet; empty if there is none.
    asked: Vec<u32>,
    /// Images that were looked at since.
    wanted: Vec<u32>,
}

impl RemoteImages {
    /// Returns the images of a data set of these sizes, and the channel of the requests.
    pub fn new(train: u32, test: u32) -> (Arc<Self>, Receiver<Vec<u32>>) {
        let (requests, receiver) = unbounded();
        (Arc::new(Self { train, test, requests, received: Mutex::default() }), receiver)
    }

    /// Takes the answer to the last request: label and pixels by index. Images that were not asked for are ignored, and
    /// those that are missing are blank.
    pub fn receive(&self, images: impl IntoIterator<Item = (u32, Image)>) {
        let mut received = self.lock();
        let asked = std::mem::take(&mut received.asked);
        let mut answer: HashMap<u32, Image> = images.into_iter().filter(|(index, _)| asked.contains(index)).collect();
        for index in asked {
            let image = answer.remove(&index).unwrap_or_else(|| (0, Box::new([0; PIXELS])));
            received.keep(index, image);
        }
        let wanted = std::mem::take(&mut received.wanted);
        received.asked = wanted.into_iter().filter(|index| !received.images.contains_key(index)).collect();
        self.request(&received);
    }

    fn get(&self, index: usize) -> Option<Image> {
        let index = u32::try_from(index).ok().filter(|&index| index < self.test)?;
        let mut received = self.lock();
        if let Some(image) = received.images.get(&index) {
            return Some(image.clone());
        }
        if received.asked.is_empty() {
            received.asked = vec![index];
            self.request(&received);
        } else if received.wanted.len() < MAX_REQUEST && !received.wanted.contains(&index) {
            received.wanted.push(index);
        }
        None
    }

    fn request(&self, received: &Received) {
        if !received.asked.is_empty() {
            let _ = self.requests.send(received.asked.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Received {
    fn keep(&mut self, index: u32, image: Image) {
        self.images.insert(index, image);
        self.order.push_back(index);
        if self.order.len() > MAX_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.images.remove(&oldest);
        }
    }
}
