//! The command line of the simulation.

use crate::faults::Fault;
use crate::mutant::Mutant;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// How many fresh seeds.
    pub seeds: u64,
    /// The first of them.
    pub from: u64,
    /// How many threads.
    pub jobs: usize,
    /// Only this seed, with everything that happened in it.
    pub replay: Option<u64>,
    /// Only this story, in the same way, with these faults, each at one of its occasions.
    pub story: Option<usize>,
    pub faults: Vec<(Fault, u64)>,
    /// All crashes and losses, one and two at a time, of the short scripts.
    pub exhaustive: bool,
    /// Nothing is asked for: some of everything.
    pub both: bool,
    /// The daemon's own loop instead of the terminal alone.
    pub shell: bool,
    /// Looks for every planted defect.
    pub hunt: bool,
    /// A defect that is planted.
    pub mutant: Option<Mutant>,
    /// Prints the cells that were hit, as `cells.txt` wants them.
    pub cells: bool,
    /// `cargo test NAME` asks for a test that is not here.
    pub elsewhere: bool,
}

impl Arguments {
    /// Reads them.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            seeds: SEEDS,
            from: 0,
            jobs: 2,
            replay: None,
            story: None,
            faults: Vec::new(),
            exhaustive: false,
            both: true,
            shell: false,
            hunt: false,
            mutant: None,
            cells: false,
            elsewhere: false,
        };
        while let Some(word) = words.next() {
            read.both = false;
            let mut number = || {
                let text = words.next().ok_or_else(|| format!("{word} wants a number"))?;
                text.parse::<u64>().map_err(|_| format!("{text} is no number"))
            };
            match word.as_str() {
                "--seeds" => read.seeds = number()?,
                "--from" => read.from = number()?,
                "--jobs" => read.jobs = number()?.clamp(1, 256) as usize,
                "--replay" => read.replay = Some(number()?),
                "--story" => read.story = Some(number()? as usize),
                "--fault" => read.faults.push(fault(&words.next().unwrap_or_default())?),
                "--shell" => read.shell = true,
                "--exhaustive" => read.exhaustive = true,
                "--mutants" => read.hunt = true,
                "--cells" => read.cells = true,
                "--mutant" => {
                    let name = words.next().unwrap_or_default();
                    let known = Mutant::named(&name);
                    read.mutant = Some(known.ok_or_else(|| format!("no mutant {name:?}"))?);
                }
                // What cargo hands to every test program.
                "--list" => read.elsewhere = true,
                _ if word.starts_with('-') => {}
                _ => read.elsewhere |= !"simulation".contains(word.as_str()),
            }
        }
        Ok(read)
    }
}

/// `crash@9`: the class, and at which of its occasions it strikes.
fn fault(text: &str) -> Result<(Fault, u64), String> {
    let read = || {
        let (word, at) = text.split_once('@')?;
        let fault = Fault::ALL.iter().find(|fault| fault.word() == word)?;
        Some((*fault, at.parse().ok()?))
    };
    read().ok_or_else(|| format!("{text} is no fault and its occasion, such as crash@9"))
}

/// Few enough for an unoptimised build.
const SEEDS: u64 = 40;
