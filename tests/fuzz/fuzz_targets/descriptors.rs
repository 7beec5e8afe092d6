//! libFuzzer's way into `targets::descriptors`.

#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::descriptors(input));
