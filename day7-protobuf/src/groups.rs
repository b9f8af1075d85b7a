//! The groups of a process, by name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};

use crate::Group;

/// A registry of groups: a value that its owner passes on, and not a global of the process, so that
/// two of them can live side by side in one test.
///
/// A registry is a handle: its clones hold the same groups.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Looked at by every request and changed almost never, so readers must not wait for each other.
    by_name: Arc<RwLock<HashMap<String, Group>>>,
}

/// There is a group of this name already, and it stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is a group {name:?} already; choose another name or use that one")]
pub struct DuplicateGroup {
    /// The name that both have.
    pub name: String,
}

impl Groups {
    /// A registry with no group in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a group under its name.
    ///
    /// # Errors
    ///
    /// [`DuplicateGroup`] if the name is taken. The group that has it goes on serving.
    pub fn add(&self, group: Group) -> Result<(), DuplicateGroup> {
        let mut by_name = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        match by_name.entry(group.name().to_string()) {
            Entry::Occupied(entry) => Err(DuplicateGroup {
                name: entry.key().clone(),
            }),
            Entry::Vacant(entry) => {
                entry.insert(group);
                Ok(())
            }
        }
    }

    /// All groups, in the order of their names.
    pub fn all(&self) -> Vec<Group> {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        let mut groups: Vec<Group> = by_name.values().cloned().collect();
        groups.sort_by(|a, b| a.name().cmp(b.name()));
        groups
    }

    /// The group called `name`.
    pub fn get(&self, name: &str) -> Option<Group> {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        by_name.get(name).cloned()
    }
}
