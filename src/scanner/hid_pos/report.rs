//! stub
#![allow(missing_docs, unused)]
use crate::clock::Moment;
use crate::scanner::Frame;
use std::time::Duration;
#[derive(Debug)]
pub struct Assembler;
impl Assembler {
    pub fn new(idle: Duration) -> Self {
        Self
    }
    pub fn feed(&mut self, now: Moment, report: &[u8], out: &mut impl FnMut(Frame)) {}
    pub fn idle(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {}
    pub fn lost(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {}
    pub fn next_deadline(&self) -> Option<Moment> {
        None
    }
}
