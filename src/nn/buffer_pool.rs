//! Buffers that outlive a pass, so that the next one need not allocate them.

use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that passes return after use, for the next pass to take. Clones share the buffers.
#[derive(Debug)]
pub(super) struct BufferPool<T>(Arc<Mutex<Vec<T>>>);

impl<T: Default> BufferPool<T> {
    pub(super) fn take(&self) -> T {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give(&self, buffers: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffers);
    }
}

impl<T> Clone for BufferPool<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for BufferPool<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
