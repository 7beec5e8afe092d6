//! The real binary at a counter, seen from outside: what it keeps secret, what it refuses, its API,
//! how it behaves as a service, its command line and its demo.

#[path = "../harness/mod.rs"]
mod harness;

#[cfg(test)]
mod api;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod customer;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod http;
#[cfg(test)]
mod proc;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod service;
#[cfg(test)]
mod webhooks;
