//! The parameters of a match.

use std::fmt;

use smallvec::SmallVec;

/// The values of parameters in the order of the segments, and room for four of them in place: a path
/// seldom has more.
pub(super) type Values<'p> = SmallVec<[&'p str; 4]>;

/// What the parameters of a route are in a path, in the order of the pattern.
///
/// A value is a part of the path, and as raw as that: [`percent::decode`](crate::percent::decode)
/// gives the text it stands for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params<'r, 'p> {
    /// They belong to the route, so a match need not write them down.
    pub(super) names: &'r [String],
    /// As many as there are names.
    pub(super) values: Values<'p>,
}

impl<'r, 'p> Params<'r, 'p> {
    /// The raw value of the parameter `name`, or `None` if the route has no such parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'p str> {
        let (_, value) = self.iter().find(|(this, _)| *this == name)?;
        Some(value)
    }

    /// Each name with its raw value.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'r str, &'p str)> + '_ {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.values.iter().copied())
    }

    /// How many parameters the route has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the route has no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Debug for Params<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
