//! A defect that is planted on purpose, to see whether an oracle notices.

/// What each of them changes, and what that breaks.
const DEFECTS: &str = include_str!("mutants.txt");

/// Names one defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutant(&'static str);

impl Mutant {
    /// The defect of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        MUTANTS.iter().find(|known| **known == name).map(|known| Self(known))
    }

    /// All that are planted, each of which can be chosen.
    pub fn all() -> impl Iterator<Item = Self> {
        MUTANTS.iter().map(|known| Self(known))
    }

    /// Chooses it instead of the one before, for the whole process.
    pub fn plant(self) {
        plant(self.0);
    }

    /// Whether it is in what only the shell's worlds play.
    pub fn is_in_the_shell(self) -> bool {
        self.0.starts_with("shell-")
    }

    /// The rules that it breaks, as `mutants.txt` says.
    pub fn rules(self) -> Vec<&'static str> {
        let mut heads = DEFECTS.lines().filter_map(|line| line.strip_prefix("== "));
        let head = heads.find(|head| head.split(':').next() == Some(self.0));
        let named = head.and_then(|head| head.strip_suffix(')')?.rsplit_once('('));
        named.map_or_else(Vec::new, |(_, rules)| rules.split(", ").collect())
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// Those that are planted: none in this source. `tests/simulation/mutants` makes a copy of the
/// crate with all of `mutants.txt`, and puts its own in the place of these two.
const MUTANTS: &[&str] = &[];
fn plant(_name: &str) {}
