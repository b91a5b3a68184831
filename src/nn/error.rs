//! Errors in a network's numbers.

/// A NaN or an infinity occurred. The parameters must not be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place} is not finite")]
pub struct NonFinite {
    /// `loss`, `gradient` or `parameters`.
    pub place: &'static str,
}

/// The wrong number of parameters or moments for a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} numbers, found {found}")]
pub struct WrongLength {
    pub expected: usize,
    pub found: usize,
}
