//! Every seed that ever failed, replayed in each run.

/// `seeds.txt`: a seed, then why it is there; lines with `#` are words only.
const SEEDS: &str = include_str!("seeds.txt");

/// The seeds of the file.
pub fn committed() -> Result<Vec<u64>, String> {
    let lines = SEEDS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let seed = line.split(' ').next().unwrap_or_default();
            seed.parse().map_err(|_| format!("seeds.txt: {line:?} begins with no seed"))
        })
        .collect()
}
