//! The set of things that are done to a map item, with the bits and the names that its members have.

use std::ops::BitOr;

use crate::ir::MapFlags;

impl MapFlags {
    /// Only makes sure that there is memory on the device.
    pub const NONE: MapFlags = MapFlags(0);
    /// Copied to the device where it becomes present.
    pub const TO: MapFlags = MapFlags(1);
    /// Copied back where it stops being present.
    pub const FROM: MapFlags = MapFlags(2);
    /// Both.
    pub const TOFROM: MapFlags = MapFlags(3);
    /// Copied even if it is present.
    pub const ALWAYS: MapFlags = MapFlags(4);
    /// Stops being present, however often it was mapped.
    pub const DELETE: MapFlags = MapFlags(8);
    /// Mapped once less, without a copy.
    pub const RELEASE: MapFlags = MapFlags(16);
    /// An error where it is not present.
    pub const PRESENT: MapFlags = MapFlags(32);
    /// Memory near the device is preferred.
    pub const CLOSE: MapFlags = MapFlags(64);
    /// No clause says it.
    pub const IMPLICIT: MapFlags = MapFlags(128);
    /// The memory is the device's already.
    pub const DEVICE: MapFlags = MapFlags(512);

    /// The members by their names in the text form.
    pub const NAMED: &'static [(&'static str, MapFlags)] = &[
        ("to", MapFlags::TO),
        ("from", MapFlags::FROM),
        ("always", MapFlags::ALWAYS),
        ("delete", MapFlags::DELETE),
        ("release", MapFlags::RELEASE),
        ("present", MapFlags::PRESENT),
        ("close", MapFlags::CLOSE),
        ("implicit", MapFlags::IMPLICIT),
        ("device", MapFlags::DEVICE),
    ];

    /// Whether all of `other` is in the set.
    pub fn has(self, other: MapFlags) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn without(self, other: MapFlags) -> MapFlags {
        MapFlags(self.0 & !other.0)
    }
}

impl BitOr for MapFlags {
    type Output = MapFlags;

    fn bitor(self, other: MapFlags) -> MapFlags {
        MapFlags(self.0 | other.0)
    }
}
