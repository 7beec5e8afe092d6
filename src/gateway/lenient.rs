//! JSON values that may be of another type than expected without hiding the values beside them.
//!
//! Depth is bounded by `serde_json` (128), size by the client's limit on a body.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// A JSON object. Derived `Deserialize` also takes an array of the fields in their order; this does
/// not.
pub(crate) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfObject<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_any(OfObject(PhantomData))
    }
}

/// One JSON value, as far as a field of ours can be one. Takes anything and never fails, so that a
/// field of another type than expected does not hide the fields beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scalar {
    Truth(bool),
    Integer(i64),
    Text(String),
    /// Null, absent, a float, an integer beyond 64 bits, an array or an object.
    #[default]
    Other,
}

impl Scalar {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Truth(_) | Self::Integer(_) | Self::Other => None,
        }
    }

    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            Self::Truth(_) | Self::Text(_) | Self::Other => None,
        }
    }

    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Integer(_) | Self::Text(_) | Self::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfScalar;

        impl<'de> Visitor<'de> for OfScalar {
            type Value = Scalar;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Scalar, E> {
                Ok(Scalar::Truth(truth))
            }

            fn visit_i64<E: de::Error>(self, integer: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(integer))
            }

            fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Scalar, E> {
                Ok(i64::try_from(integer).map_or(Scalar::Other, Scalar::Integer))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Scalar, A::Error> {
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Scalar, A::Error> {
                while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(OfScalar)
    }
}

/// A charge's or refund's `metadata`: free for everybody's use, and two values of it are ours.
#[derive(Default)]
pub(super) enum Metadata {
    /// Absent or no object: anything may have been in it.
    #[default]
    Unreadable,
    /// An object, or null for none at all.
    Read(Own),
}

/// What is ours in metadata. Only text counts: numbers are somebody else's, since ours are never
/// any.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Own {
    attempt: Scalar,
    refund: Scalar,
}

impl Metadata {
    /// Whether what is not seen in it is not in it.
    pub fn is_readable(&self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// Which attempt of ours made the charge.
    pub fn attempt(&self) -> Option<&str> {
        self.own().and_then(|own| own.attempt.text())
    }

    /// Our own name of the refund.
    pub fn refund(&self) -> Option<&str> {
        self.own().and_then(|own| own.refund.text())
    }

    fn own(&self) -> Option<&Own> {
        match self {
            Self::Read(own) => Some(own),
            Self::Unreadable => None,
        }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMetadata;

        impl<'de> Visitor<'de> for OfMetadata {
            type Value = Metadata;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("metadata")
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Metadata, E> {
                Ok(Metadata::Unreadable)
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Metadata, E> {
                Ok(Metadata::Unreadable)
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Metadata, E> {
                Ok(Metadata::Unreadable)
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Metadata, E> {
                Ok(Metadata::Unreadable)
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Metadata, E> {
                Ok(Metadata::Unreadable)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Metadata, E> {
                Ok(Metadata::Read(Own::default()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Metadata, A::Error> {
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Metadata::Unreadable)
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Metadata, A::Error> {
                Own::deserialize(MapAccessDeserializer::new(fields)).map(Metadata::Read)
            }
        }

        deserializer.deserialize_any(OfMetadata)
    }
}
