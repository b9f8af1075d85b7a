//! Finds the day that a person means: `day4-consistent-hash`, or `cache 4`.

use super::{Course, Day, Track};

/// No day has that name; the message gives the nearest one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnknownDay(String);

impl Course {
    /// The day of a name: its package, or its track's id and its number with a space between.
    ///
    /// # Errors
    ///
    /// When there is no such day; the message names the nearest.
    pub fn day(&self, name: &str) -> Result<&Day, UnknownDay> {
        let words: Vec<&str> = name.split_whitespace().collect();
        match self.take_day(&words)? {
            (day, []) => Ok(day),
            (_, [extra, ..]) => Err(UnknownDay(format!(
                "`{extra}` is too much: name a day as its package, or as `cache 4`"
            ))),
        }
    }

    /// The day that the first one or two words name, and the words after it.
    ///
    /// # Errors
    ///
    /// When they name none; the message names the nearest day.
    pub fn take_day<'w, S: AsRef<str>>(
        &self,
        words: &'w [S],
    ) -> Result<(&Day, &'w [S]), UnknownDay> {
        let Some((first, rest)) = words.split_first() else {
            return Err(UnknownDay(
                "a day is needed: `cargo x list` names them".into(),
            ));
        };
        let first = first.as_ref();
        if let Some(day) = self.days().find(|day| day.package == first) {
            return Ok((day, rest));
        }
        let number = rest.split_first();
        let number = number.filter(|(word, _)| self.is_track(first) || is_number(word.as_ref()));
        match number {
            Some((word, rest)) => Ok((self.numbered(first, word.as_ref())?, rest)),
            None => Err(self.unknown_package(first)),
        }
    }

    /// Like [`Course::day`], for commands that need the day's crate.
    ///
    /// # Errors
    ///
    /// When there is no such day, or when it is still to come.
    pub fn existing_day(&self, name: &str) -> Result<&Day, UnknownDay> {
        let day = self.day(name)?;
        day.require_crate()?;
        Ok(day)
    }

    fn is_track(&self, word: &str) -> bool {
        self.tracks.iter().any(|track| track.id == word)
    }

    fn numbered(&self, id: &str, number: &str) -> Result<&Day, UnknownDay> {
        let Some(track) = self.tracks.iter().find(|track| track.id == id) else {
            let ids = self.tracks.iter().map(|track| track.id.as_str());
            return Err(unknown("track", id, ids));
        };
        let day = track
            .days
            .iter()
            .find(|day| day.number.to_string() == number);
        day.ok_or_else(|| track.no_such_number(number))
    }

    fn unknown_package(&self, name: &str) -> UnknownDay {
        if let Some(track) = self.tracks.iter().find(|track| track.id == name) {
            return track.no_number();
        }
        let names = self.days().map(|day| day.package.as_str());
        unknown("day", name, names)
    }
}

impl Track {
    fn no_such_number(&self, number: &str) -> UnknownDay {
        let (id, last) = (&self.id, self.days.len());
        UnknownDay(format!(
            "the track `{id}` has days 1 to {last}, and no `{number}`"
        ))
    }

    fn no_number(&self) -> UnknownDay {
        let id = &self.id;
        UnknownDay(format!(
            "`{id}` is a track: name one of its days, such as `{id} 1`"
        ))
    }
}

impl Day {
    /// Refuses a day that has no crate yet.
    ///
    /// # Errors
    ///
    /// When the day is marked as coming.
    pub fn require_crate(&self) -> Result<(), UnknownDay> {
        if self.coming {
            let package = &self.package;
            return Err(UnknownDay(format!(
                "`{package}` is still coming: it has no crate yet"
            )));
        }
        Ok(())
    }
}

fn unknown<'n>(kind: &str, name: &str, known: impl Iterator<Item = &'n str>) -> UnknownDay {
    let hint = match nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`cargo x list` names them all".into(),
    };
    UnknownDay(format!("there is no {kind} `{name}`: {hint}"))
}

/// The candidate that is most like `name`, if any is at all like it.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // Below this, two names share little more than their length.
    const ALIKE: f64 = 0.4;
    let score = |known| strsim::normalized_damerau_levenshtein(name, known);
    let scored = known.map(|known| (score(known), known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score >= ALIKE)
        .map(|(_, known)| known)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}
