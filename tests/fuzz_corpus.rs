//! Plays what the fuzzer found, and what was made by hand for it: each seed whole, and cut off at
//! every place.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its corpus has failed")]

#[path = "fuzz/targets/mod.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn e1_e2_s5_s10_o3_o5_p1_the_parsers_keep_their_promises_for_the_whole_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let folders = fs::read_dir(&corpus).unwrap().count();
    assert_eq!(folders, targets::TARGETS.len(), "a corpus without a target");
    let mut failed = Vec::new();
    for (name, target) in targets::TARGETS {
        let seeds: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(Result::unwrap).collect();
        assert!(seeds.len() >= 5, "{name} has lost its corpus");
        for seed in seeds {
            let bytes = fs::read(seed.path()).unwrap();
            let play = |end: usize| target(&bytes[..end]);
            let played = std::panic::catch_unwind(|| (0..=bytes.len()).for_each(play));
            failed.extend(played.err().map(|_| seed.path()));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
