//! What comes out of a decoder, as lines: for the tests of all of them.

use super::Frame;

/// Frames as lines: the text with its symbology in front, or the poison.
#[derive(Default)]
pub struct Log(pub Vec<String>);

impl Log {
    pub fn note(&mut self, frame: Frame) {
        self.0.push(match frame {
            Frame::Complete { payload, symbology, .. } => {
                let symbology = symbology.map(|symbology| format!("({symbology}) "));
                symbology.unwrap_or_default() + payload.expose()
            }
            Frame::Rejected { poison, .. } => format!("{poison:?}"),
        });
    }
}
