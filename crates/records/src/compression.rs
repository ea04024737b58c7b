//! Codecs by id, name and level (Kafka: `CompressionType`, `Compression`).

/// The codec of a record batch. The discriminant is the value of attribute bits 0-2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum CompressionType {
    #[default]
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}

impl CompressionType {
    pub const ALL: [CompressionType; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The codec with this id; `None` for 5-7, which no version of Kafka has given out.
    pub fn from_id(id: u8) -> Option<CompressionType> {
        Self::ALL.get(usize::from(id)).copied()
    }

    pub fn id(self) -> u8 {
        self as u8
    }

    /// The name used in `compression.type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec of this name, as written in `compression.type` (`uncompressed` counts as `none`,
    /// as in a topic's configuration; `producer` names no codec).
    pub fn from_name(name: &str) -> Option<CompressionType> {
        match name {
            "uncompressed" => Some(Self::None),
            _ => Self::ALL.into_iter().find(|codec| codec.name() == name),
        }
    }

    /// Levels that Kafka's `compression.<codec>.level` accepts, both ends included; `None` for codecs
    /// without levels. Gzip takes -1 ("the library's default") besides 1-9 but not 0.
    pub fn levels(self) -> Option<(i32, i32)> {
        match self {
            Self::None | Self::Snappy => None,
            Self::Gzip => Some((1, 9)),
            Self::Lz4 => Some((1, 17)),
            Self::Zstd => Some((-131_072, 22)),
        }
    }

    /// The level used when none is configured (KIP-390).
    pub fn default_level(self) -> i32 {
        match self {
            Self::None | Self::Snappy => 0,
            Self::Gzip => -1,
            Self::Lz4 => 9,
            Self::Zstd => 3,
        }
    }
}

/// A codec with its level (Kafka: `Compression`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    pub codec: CompressionType,
    /// In the codec's own scale; without effect for `None` and `Snappy`.
    pub level: i32,
}

impl Compression {
    pub const NONE: Compression = Compression { codec: CompressionType::None, level: 0 };

    pub fn of(codec: CompressionType) -> Compression {
        Compression { codec, level: codec.default_level() }
    }
}
