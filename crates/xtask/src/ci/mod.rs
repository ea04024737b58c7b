//! soon
use crate::Findings;
use crate::repo::Repo;
pub fn run(_r: &Repo, _s: &[&str]) -> Findings {
    vec![]
}
pub fn list(_r: &Repo) -> Findings {
    vec![]
}
