//! Buffers that outlive a pass, so that the next one need not allocate them.

use std::sync::{Arc, Mutex, PoisonError};

use dfdx::{
    shapes::Shape,
    tensor::{Cpu, Gradients, PutTape, Tape},
};

use super::layout::Cpu32;

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

impl<B: Default + 'static> BufferPool<B> {
    /// Returns `output` with its tape. If the tape records, the function that `backward` returns is recorded, which
    /// computes gradients from the output and from `buffers`; these are given back as soon as nothing needs them.
    pub(super) fn record<S: Shape, T: Tape<f32, Cpu>, F>(
        &self,
        mut buffers: B,
        output: Cpu32<S>,
        mut tape: T,
        backward: impl FnOnce() -> F,
    ) -> Cpu32<S, T>
    where
        F: FnOnce(&mut Gradients<f32, Cpu>, &Cpu32<S>, &mut B) + 'static,
    {
        if T::OWNS_TAPE {
            let (pool, output, backward) = (self.clone(), output.clone(), backward());
            tape.add_backward_op(move |gradients| {
                backward(gradients, &output, &mut buffers);
                pool.give(buffers);
                Ok(())
            });
        } else {
            self.give(buffers);
        }
        output.put_tape(tape)
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
