//! Which groups are listed: states and types as words with commas between them.

use klamm_client::admin::group_state::{GroupState, GroupType};

use crate::exception::Exception;
use crate::java;

/// Groups of consumers are in no others (Kafka: `GroupState.groupStatesForType`).
const STATES: [GroupState; 7] = [
    GroupState::PreparingRebalance,
    GroupState::CompletingRebalance,
    GroupState::Stable,
    GroupState::Dead,
    GroupState::Empty,
    GroupState::Assigning,
    GroupState::Reconciling,
];
const TYPES: [GroupType; 2] = [GroupType::Consumer, GroupType::Classic];

/// `stable, Empty`; nothing chooses nothing.
///
/// # Errors
/// Java's IllegalArgumentException for a word that is no state.
pub fn states(text: &str) -> Result<Vec<GroupState>, Exception> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let states: Vec<GroupState> = words(text).map(GroupState::parse).collect();
    if states.iter().all(|state| STATES.contains(state)) {
        return Ok(states);
    }
    let valid = STATES.map(GroupState::name).join(", ");
    Err(Exception::illegal_argument(format!("Invalid state list '{text}'. Valid states are: {valid}")))
}

/// `classic,Consumer`; nothing chooses nothing.
///
/// # Errors
/// Java's IllegalArgumentException for a word that is no type of consumer groups.
pub fn types(text: &str) -> Result<Vec<GroupType>, Exception> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let types: Vec<GroupType> = words(text).map(GroupType::parse).collect();
    if types.iter().all(|kind| TYPES.contains(kind)) {
        return Ok(types);
    }
    let mut valid = TYPES.map(GroupType::name);
    java::hash_order(&mut valid);
    let valid = valid.join(", ");
    Err(Exception::illegal_argument(format!("Invalid types list '{text}'. Valid types are: {valid}")))
}

/// As Java splits: what is empty at the end is left out.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end_matches(',').split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_choose_states_and_types() {
        assert_eq!(states(""), Ok(Vec::new()));
        assert_eq!(states("stable, EMPTY,"), Ok(vec![GroupState::Stable, GroupState::Empty]));
        assert_eq!(types("Classic,consumer"), Ok(vec![GroupType::Classic, GroupType::Consumer]));
    }

    #[test]
    fn other_words_are_refused() {
        let refused = |text| states(text).expect_err("no state").message().to_owned();
        let valid = "PreparingRebalance, CompletingRebalance, Stable, Dead, Empty, Assigning, Reconciling";
        assert_eq!(refused("bad"), format!("Invalid state list 'bad'. Valid states are: {valid}"));
        assert_eq!(
            refused("stable,NotReady"),
            format!("Invalid state list 'stable,NotReady'. Valid states are: {valid}")
        );
        assert_eq!(refused(",stable"), format!("Invalid state list ',stable'. Valid states are: {valid}"));
        let refused = types("Share").expect_err("no type of consumer groups");
        assert_eq!(refused.message(), "Invalid types list 'Share'. Valid types are: Consumer, Classic");
    }
}
