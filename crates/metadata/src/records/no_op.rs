//! Nothing; it moves the high watermark of an idle quorum.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 20, versions = "0", flexible = "0+")]
pub struct NoOpRecord {}
