//! Payment codes: what a scan can be.
