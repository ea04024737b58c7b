//! The group coordinator driven by readable conversations and by chance.

mod bounds;
mod conversation;
mod hostile;
mod property;
mod scale;
mod scripts;
mod shown;
