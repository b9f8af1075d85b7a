//! Plans what to write, day by day, up to the first day with a conflict.
//!
//! A day with a conflict still gets the files that merge, and no later day gets anything: so the
//! fix can be carried on from that day once its conflict is mended by hand.

use super::merge::{Merge, Version, merge};
use crate::course::Day;

/// A change to one file, on the day that it comes from.
#[derive(Debug)]
pub(super) struct Fix<'c> {
    /// The file, relative to its crate.
    pub(super) path: String,
    /// The day that it was made on, or was last merged into.
    pub(super) from: &'c Day,
    old: Version,
    new: Version,
}

/// What to do, and what to say.
#[derive(Debug, Default)]
pub(super) struct Plan<'c> {
    /// The copies to write.
    pub(super) writes: Vec<Write<'c>>,
    /// The copies that need a person.
    pub(super) conflicts: Vec<Conflict<'c>>,
    /// The files that a later day no longer has, with that day.
    pub(super) ended: Vec<(String, &'c Day)>,
    /// At a conflict, the fixes that the conflict's day had already, so that carrying on from
    /// there would miss them.
    pub(super) left: Vec<Fix<'c>>,
}

/// A copy that takes the fix.
#[derive(Debug)]
pub(super) struct Write<'c> {
    pub(super) day: &'c Day,
    pub(super) path: String,
    /// Its text from now on; `None` removes it.
    pub(super) content: Version,
}

/// A copy in which the day itself has changed what the fix changes.
#[derive(Debug)]
pub(super) struct Conflict<'c> {
    pub(super) day: &'c Day,
    pub(super) path: String,
    pub(super) ours: Version,
    pub(super) theirs: Version,
    pub(super) merged: Version,
}

impl<'c> Fix<'c> {
    pub(super) fn new(path: &str, from: &'c Day, old: Version, new: Version) -> Self {
        Self {
            path: path.to_owned(),
            from,
            old,
            new,
        }
    }
}

/// Carries the fixes through the later days, whose copies `read` gives.
pub(super) fn plan<'c, E>(
    mut fixes: Vec<Fix<'c>>,
    later: &[&'c Day],
    read: impl Fn(&Day, &str) -> Result<Version, E>,
) -> Result<Plan<'c>, E> {
    let mut plan = Plan::default();
    for &day in later {
        let mut carried = Vec::new();
        for fix in fixes {
            let ours = read(day, &fix.path)?;
            carried.extend(plan.carry(fix, day, ours));
        }
        fixes = carried;
        if !plan.conflicts.is_empty() {
            plan.left = fixes
                .into_iter()
                .filter(|fix| fix.from.number != day.number)
                .collect();
            break;
        }
    }
    Ok(plan)
}

impl<'c> Plan<'c> {
    /// Merges a fix into a day's copy, and gives the fix for the day after.
    fn carry(&mut self, fix: Fix<'c>, day: &'c Day, ours: Version) -> Option<Fix<'c>> {
        match merge(&fix.old, &ours, &fix.new) {
            // What was no change here says nothing about the days after, so the old one goes on.
            Merge::Same => Some(fix),
            Merge::Becomes(new) => {
                self.writes.push(Write {
                    day,
                    path: fix.path.clone(),
                    content: new.clone(),
                });
                Some(Fix::new(&fix.path, day, ours, new))
            }
            Merge::Ended => {
                self.ended.push((fix.path, day));
                None
            }
            Merge::Conflict(merged) => {
                self.conflicts.push(Conflict {
                    day,
                    path: fix.path,
                    ours,
                    theirs: fix.new,
                    merged,
                });
                None
            }
        }
    }
}
