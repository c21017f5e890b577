//! What the operations for devices hold: target regions, data environments, map items and the set of things that are done to one.

use std::ops::BitOr;

use super::{Block, Capture, FuncId, SlotId, ValueId};

/// What the clauses of a `target` construct ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetClauses {
    /// Absent: the default device.
    pub device: Option<ValueId>,
    /// False: the host.
    pub if_: Option<ValueId>,
    /// Bounds of the number of teams, the limit of their threads, the threads that a parallel region asks for, and the iterations of the
    /// outermost loop, where they are known beforehand; the body says it all again. All I64.
    pub teams: [Option<ValueId>; 2],
    pub thread_limit: Option<ValueId>,
    pub num_threads: Option<ValueId>,
    pub trip: Option<ValueId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub clauses: TargetClauses,
    pub maps: Vec<MapItem>,
    pub locals: Vec<SlotId>,
    pub body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Offload {
    pub func: FuncId,
    pub captures: Vec<Capture>,
    pub maps: Vec<MapItem>,
    pub clauses: TargetClauses,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TargetData {
    pub clauses: TargetClauses,
    pub maps: Vec<MapItem>,
    pub body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TargetMove {
    pub kind: MoveKind,
    pub clauses: TargetClauses,
    pub maps: Vec<MapItem>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MoveKind {
    Enter,
    Exit,
    Update,
}

/// Memory that a device has to know.
#[derive(Clone, Debug, PartialEq)]
pub struct MapItem {
    /// As messages call it.
    pub name: String,
    pub flags: MapFlags,
    pub on: MapOn,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MapOn {
    /// The variable itself, a number.
    Scalar(SlotId),
    /// The memory of the array that the variable holds, or of every array in the tuple that it holds.
    Array(SlotId),
    /// That of a part of the array that the variable holds: `section` is a view of it.
    Section { array: SlotId, section: ValueId },
}

impl MapOn {
    /// The variable.
    pub fn slot(&self) -> SlotId {
        match *self {
            MapOn::Scalar(slot) | MapOn::Array(slot) | MapOn::Section { array: slot, .. } => slot,
        }
    }
}

/// What is done to a map item; a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct MapFlags(pub u32);

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

    /// The memory of one device: of that number, or of the host for -1.
    pub fn memory_of(device: i32) -> MapFlags {
        let number = (device + 2).clamp(1, i32::from(u16::MAX)) as u32;
        MapFlags(MapFlags::DEVICE.0 | number << MapFlags::HOME)
    }

    /// The device whose memory it is, where that is known beforehand.
    pub fn home(self) -> Option<i32> {
        match (self.0 >> MapFlags::HOME) as i32 {
            0 => None,
            number => Some(number - 2),
        }
    }

    /// The lowest of the bits that hold the number of [`MapFlags::home`].
    const HOME: u32 = 16;

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
