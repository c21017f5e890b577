//! Versions of the OpenMP API.

/// A version of the API, as ten times its number: 6.0 is `Version(60)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// The version whose rules are followed.
    pub const CURRENT: Version = Version(60);
    /// The version whose published preview is followed too.
    pub const PREVIEW: Version = Version(61);
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}
