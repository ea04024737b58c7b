//! The group coordinator driven by readable conversations and by chance.

mod conversation;
mod property;
mod scale;
mod scripts;
mod shown;
