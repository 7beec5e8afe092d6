//! A defect that is planted on purpose, to see whether an oracle notices.

/// Names one defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutant(&'static str);

impl Mutant {
    /// The defect of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        MUTANTS.iter().find(|known| **known == name).map(|known| Self(known))
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// Those that are planted so far.
const MUTANTS: &[&str] = &[];
