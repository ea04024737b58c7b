//! States and types of groups, as words (Kafka: `GroupState`, `GroupType`).

use std::fmt;

/// What a group is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupState {
    Unknown,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
    Empty,
    Assigning,
    Reconciling,
    NotReady,
}

impl GroupState {
    pub const ALL: [GroupState; 9] = [
        GroupState::Unknown,
        GroupState::PreparingRebalance,
        GroupState::CompletingRebalance,
        GroupState::Stable,
        GroupState::Dead,
        GroupState::Empty,
        GroupState::Assigning,
        GroupState::Reconciling,
        GroupState::NotReady,
    ];

    pub fn name(self) -> &'static str {
        match self {
            GroupState::Unknown => "Unknown",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
            GroupState::Dead => "Dead",
            GroupState::Empty => "Empty",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
            GroupState::NotReady => "NotReady",
        }
    }

    /// Whatever the case; a word that means nothing is [`GroupState::Unknown`].
    pub fn parse(name: &str) -> GroupState {
        let named = |state: &GroupState| state.name().eq_ignore_ascii_case(name);
        GroupState::ALL.into_iter().find(named).unwrap_or(GroupState::Unknown)
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the members of a group agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupType {
    Unknown,
    Consumer,
    Classic,
    Share,
    Streams,
}

impl GroupType {
    pub const ALL: [GroupType; 5] =
        [GroupType::Unknown, GroupType::Consumer, GroupType::Classic, GroupType::Share, GroupType::Streams];

    pub fn name(self) -> &'static str {
        match self {
            GroupType::Unknown => "Unknown",
            GroupType::Consumer => "Consumer",
            GroupType::Classic => "Classic",
            GroupType::Share => "Share",
            GroupType::Streams => "Streams",
        }
    }

    /// Whatever the case; a word that means nothing is [`GroupType::Unknown`].
    pub fn parse(name: &str) -> GroupType {
        let named = |kind: &GroupType| kind.name().eq_ignore_ascii_case(name);
        GroupType::ALL.into_iter().find(named).unwrap_or(GroupType::Unknown)
    }
}

impl fmt::Display for GroupType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case() {
        for state in GroupState::ALL {
            assert_eq!(GroupState::parse(&state.name().to_uppercase()), state);
            assert_eq!(GroupState::parse(&state.name().to_lowercase()), state);
        }
        for kind in GroupType::ALL {
            assert_eq!(GroupType::parse(&kind.name().to_uppercase()), kind);
        }
        assert_eq!(GroupState::parse("Sleeping"), GroupState::Unknown);
        assert_eq!(GroupType::parse(""), GroupType::Unknown);
    }
}
