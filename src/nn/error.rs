//! What can go wrong with a network's numbers.

/// A NaN or an infinity came up. The parameters are not to be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place} is not finite")]
pub struct NonFinite {
    /// `loss`, `gradient` or `parameters`.
    pub place: &'static str,
}

/// Parameters or moments whose number does not fit the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} numbers, found {found}")]
pub struct WrongLength {
    pub expected: usize,
    pub found: usize,
}
