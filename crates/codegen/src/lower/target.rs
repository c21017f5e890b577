//! Regions for devices, seen from the host: the words that a region receives, the list of what is mapped for it, and the calls that
//! carry these to the devices' part of the runtime. The layouts are those of `omply_offload::abi`.
//!
//! A region's host version takes its words as its only argument: it is what runs where there is no device.

use omply_ir::{
    Block, Capture, CaptureBy, FuncKind, MapFlags, MapItem, MapOn, MoveKind, Offload, SlotId,
    Storage, TargetClauses, TargetData, TargetMove, Type, ValueId,
};

use crate::CodegenError;
use crate::llvm::{Cmp, Conversion, Flags, Op2, Ty, Value};

use super::ModuleLower;
use super::externals;
use super::func::FuncLower;
use super::layout::{ArrayParts, Leaf, Leaves, leaf_count, leaves_of};

/// No word receives the device's address.
const NO_WORD: i32 = -1;
/// The default device, whichever that is.
const DEFAULT_DEVICE: i64 = i64::MIN;

/// Words that a value takes.
pub fn words_of(ty: &Type) -> usize {
    match ty {
        Type::Unit => 0,
        Type::Scalar(scalar) => 1 + usize::from(scalar.is_complex()),
        Type::Array(array) => 2 + 2 * usize::from(array.ndim),
        Type::Tuple(items) => items.iter().map(words_of).sum(),
    }
}

/// The arrays in a value: the first leaf of each, its first word, and its type.
fn arrays_in(
    ty: &Type,
    leaf: &mut usize,
    word: &mut usize,
    found: &mut Vec<(usize, usize, omply_ir::ArrayType)>,
) {
    match ty {
        Type::Tuple(items) => items
            .iter()
            .for_each(|item| arrays_in(item, leaf, word, found)),
        _ => {
            if let Type::Array(array) = ty {
                found.push((*leaf, *word, *array));
            }
            *leaf += leaf_count(ty);
            *word += words_of(ty);
        }
    }
}

/// What a region receives.
struct Words {
    list: Value,
    /// Each captured variable's first word.
    places: Vec<(SlotId, usize)>,
    count: usize,
}

/// Memory that is mapped, as the list holds it.
struct Entry {
    data: Value,
    low: Value,
    size: Value,
    flags: MapFlags,
    word: i32,
    itemsize: i64,
    dims: Leaves,
    strides: Leaves,
    name: Value,
}

impl ModuleLower<'_> {
    /// `struct MapItem` of the devices' runtime.
    fn map_item_type(&self) -> Ty {
        let ll = &self.ll;
        ll.struct_type(&[
            ll.ptr, ll.ptr, ll.i64, ll.i64, ll.i32, ll.i32, ll.i64, ll.ptr, ll.ptr, ll.ptr,
        ])
    }
}

impl<'a> FuncLower<'a> {
    pub fn offload(&mut self, offload: &Offload) -> Result<(), CodegenError> {
        let ll = self.ll;
        let Words {
            list: words,
            places,
            count,
        } = self.fill_words(&offload.captures)?;
        let (maps, number) = self.map_list(&offload.maps, &places)?;
        let clauses = &offload.clauses;
        let device = self.device(clauses)?;
        let launch = self.launch(clauses)?;
        let region = self.region(offload);
        let gtid = self.gtid();
        let args = [
            gtid,
            region,
            device[0],
            device[1],
            maps,
            number,
            words,
            ll.c32(count as i32),
            launch,
        ];
        let status = ll.call(self.m.external(externals::TARGET_REGION), &args);
        self.leave_failed_target(status);
        Ok(())
    }

    pub fn target_data(&mut self, data: &'a TargetData) -> Result<(), CodegenError> {
        let ll = self.ll;
        let (maps, number) = self.map_list(&data.maps, &[])?;
        let [device, cond] = self.device(&data.clauses)?;
        let gtid = self.gtid();
        let no_words = ll.zero(ll.ptr);
        let call = |begin: i32| {
            let begin = ll.c32(begin);
            [gtid, device, cond, begin, maps, number, no_words, ll.c32(0)]
        };
        let status = ll.call(self.m.external(externals::TARGET_DATA), &call(1));
        self.leave_failed_target(status);
        let body: &'a Block = &data.body;
        if let Some(status) = self.scope(body, externals::TARGET_DATA, &call(0))? {
            self.leave_failed_target(status);
        }
        Ok(())
    }

    pub fn target_move(&mut self, moved: &TargetMove) -> Result<(), CodegenError> {
        let ll = self.ll;
        let (maps, number) = self.map_list(&moved.maps, &[])?;
        let [device, cond] = self.device(&moved.clauses)?;
        let kind = ll.c32(match moved.kind {
            MoveKind::Enter => 1,
            MoveKind::Exit => 2,
            MoveKind::Update => 3,
        });
        let gtid = self.gtid();
        let no_words = ll.zero(ll.ptr);
        let args = [gtid, device, cond, kind, maps, number, no_words, ll.c32(0)];
        let status = ll.call(self.m.external(externals::TARGET_MOVE), &args);
        self.leave_failed_target(status);
        Ok(())
    }

    /// The array's memory as the device knows it.
    pub fn device_array(
        &mut self,
        inst: &omply_ir::Inst,
        array: ValueId,
        device: Option<ValueId>,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let mut parts = self.array(array)?;
        let device = match device {
            Some(device) => self.value(device)?,
            None => ll.c64(DEFAULT_DEVICE),
        };
        let address = self.m.external(externals::DEVICE_ADDRESS);
        let known = ll.call(address, &[device, parts.data]);
        parts.data = ll.cast(Conversion::LLVMIntToPtr, known, ll.ptr);
        let leaves = parts.leaves();
        self.define_result(inst, leaves);
        Ok(())
    }

    fn leave_failed_target(&mut self, status: Value) {
        let ll = self.ll;
        let failed = ll.icmp(Cmp::LLVMIntNE, status, ll.c32(0));
        self.rarely(failed, |this| {
            let cookie = ll.external_global(externals::COOKIE);
            let status = ll.call(this.m.external(externals::TARGET_FAILED), &[cookie, status]);
            this.leave_with(status);
        });
    }

    // ---- what is handed over -----------------------------------------------------------------------------------

    /// The device's number, and whether the construct is to use it.
    fn device(&mut self, clauses: &TargetClauses) -> Result<[Value; 2], CodegenError> {
        let ll = self.ll;
        let device = match clauses.device {
            Some(device) => self.value(device)?,
            None => ll.c64(DEFAULT_DEVICE),
        };
        let cond = match clauses.if_ {
            Some(cond) => ll.int_cast(self.value(cond)?, ll.i32, false),
            None => ll.c32(1),
        };
        Ok([device, cond])
    }

    /// `struct Launch`: numbers of teams and threads, zero where nothing is asked for, and the iterations, -1 if not known.
    fn launch(&mut self, clauses: &TargetClauses) -> Result<Value, CodegenError> {
        let ll = self.ll;
        let ty = ll.struct_type(&[ll.i32, ll.i32, ll.i32, ll.i32, ll.i64]);
        let launch = self.stack(ty, 16);
        let [lower, upper] = clauses.teams;
        let counts = [lower, upper, clauses.thread_limit, clauses.num_threads];
        for (field, count) in counts.into_iter().enumerate() {
            let count = match count {
                Some(value) => {
                    let value = self.value(value)?;
                    let most = ll.call_intrinsic("llvm.smin", &[value, ll.c64(i32::MAX.into())]);
                    let least = ll.call_intrinsic("llvm.smax", &[most, ll.c64(0)]);
                    ll.int_cast(least, ll.i32, true)
                }
                None => ll.c32(0),
            };
            ll.store(count, ll.field(ty, launch, field));
        }
        let trip = match clauses.trip {
            Some(trip) => self.value(trip)?,
            None => ll.c64(-1),
        };
        ll.store(trip, ll.field(ty, launch, 4));
        Ok(launch)
    }

    /// `struct Region`.
    fn region(&mut self, offload: &Offload) -> Value {
        let ll = self.ll;
        let ty = ll.struct_type(&[ll.i64, ll.i32, ll.i32, ll.ptr, ll.ptr]);
        let region = self.stack(ty, 16);
        // Its number among the regions of the module.
        let number = self.m.module.funcs[..offload.func.index()]
            .iter()
            .filter(|func| func.kind == FuncKind::Target)
            .count();
        let source = ll.external_global(externals::SOURCE);
        let func = &self.m.module.funcs[offload.func.index()];
        let host = self.m.funcs[offload.func.index()].function;
        let fields = [
            ll.cast(Conversion::LLVMPtrToInt, source, ll.i64),
            ll.c32(number as i32),
            ll.c32(0),
            host,
            ll.text(&func.name),
        ];
        for (field, value) in fields.into_iter().enumerate() {
            ll.store(value, ll.field(ty, region, field));
        }
        region
    }

    /// Writes the words of the captures.
    fn fill_words(&mut self, captures: &[Capture]) -> Result<Words, CodegenError> {
        let ll = self.ll;
        let mut places = Vec::new();
        let mut count = 0;
        for capture in captures {
            places.push((capture.slot, count));
            count += match capture.by {
                CaptureBy::Reference => 1,
                CaptureBy::Value => words_of(self.slot_type(capture.slot)),
            };
        }
        let words = self.stack(ll.array_type(ll.i64, count.max(1) as u64), 16);
        for (capture, &(slot, place)) in captures.iter().zip(&places) {
            match capture.by {
                CaptureBy::Reference => {
                    let address = self.slot_address(slot)?;
                    ll.store(address, ll.offset(ll.i64, words, ll.c64(place as i64)));
                }
                CaptureBy::Value => {
                    let ty = self.slot_type(slot);
                    let mut leaves = self.load_leaves(slot)?;
                    // The caller's variables own the memory for as long as the region runs.
                    for (leaf, value) in leaves_of(ty).into_iter().zip(&mut leaves) {
                        if leaf == Leaf::Owner {
                            *value = ll.zero(ll.ptr);
                        }
                    }
                    let (mut leaf, mut word) = (0, place as i64);
                    self.m.write_words(ty, &leaves, &mut leaf, words, &mut word);
                }
            }
        }
        Ok(Words {
            list: words,
            places,
            count,
        })
    }

    /// The list of `struct MapItem` and its length. `places` says at which word each variable begins.
    fn map_list(
        &mut self,
        maps: &[MapItem],
        places: &[(SlotId, usize)],
    ) -> Result<(Value, Value), CodegenError> {
        let ll = self.ll;
        let mut entries: Vec<Entry> = Vec::new();
        for item in maps {
            self.entries(item, places, &mut entries)?;
        }
        let ty = self.m.map_item_type();
        let list = self.stack(ll.array_type(ty, entries.len().max(1) as u64), 16);
        let count = entries.len();
        for (index, entry) in entries.into_iter().enumerate() {
            let ndim = entry.dims.len();
            let shape = self.stack(ll.array_type(ll.i64, 2 * ndim.max(1) as u64), 16);
            let strides = ll.offset(ll.i64, shape, ll.c64(ndim as i64));
            for (axis, value) in entry.dims.iter().chain(&entry.strides).enumerate() {
                ll.store(*value, ll.offset(ll.i64, shape, ll.c64(axis as i64)));
            }
            let place = ll.offset(ty, list, ll.c64(index as i64));
            let fields = [
                entry.data,
                entry.low,
                entry.size,
                ll.c64(entry.flags.0.into()),
                ll.c32(entry.word),
                ll.c32(ndim as i32),
                ll.c64(entry.itemsize),
                shape,
                strides,
                entry.name,
            ];
            for (field, value) in fields.into_iter().enumerate() {
                ll.store(value, ll.field(ty, place, field));
            }
        }
        Ok((list, ll.c32(count as i32)))
    }

    /// What an item stands for: one memory, but a tuple's arrays are one each.
    fn entries(
        &mut self,
        item: &MapItem,
        places: &[(SlotId, usize)],
        entries: &mut Vec<Entry>,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let slot = item.on.slot();
        let place = places.iter().find(|(known, _)| *known == slot);
        // Only the first item of a variable says where it is.
        let word = |entries: &[Entry], offset: usize| match place {
            Some(&(_, place)) => {
                let word = (place + offset) as i32;
                let taken = entries.iter().any(|entry| entry.word == word);
                if taken { NO_WORD } else { word }
            }
            None => NO_WORD,
        };
        let name = ll.text(&item.name);
        match &item.on {
            MapOn::Scalar(slot) => {
                let address = self.slot_address(*slot)?;
                let bytes: u32 = leaves_of(self.slot_type(*slot))
                    .into_iter()
                    .map(|leaf| match leaf {
                        Leaf::Number(scalar) => scalar.bytes(),
                        _ => 8,
                    })
                    .sum();
                let word = word(entries, 0);
                entries.push(Entry {
                    data: address,
                    low: address,
                    size: ll.c64(bytes.into()),
                    flags: item.flags,
                    word,
                    itemsize: bytes.into(),
                    dims: Leaves::new(),
                    strides: Leaves::new(),
                    name,
                });
            }
            MapOn::Array(slot) => {
                let leaves = self.load_leaves(*slot)?;
                let (mut found, mut leaf, mut at) = (Vec::new(), 0, 0);
                arrays_in(self.slot_type(*slot), &mut leaf, &mut at, &mut found);
                for (leaf, offset, array) in found {
                    let count = leaf_count(&Type::Array(array));
                    let parts = ArrayParts::new(array, &leaves[leaf..leaf + count]);
                    let word = word(entries, offset);
                    let data = parts.data;
                    entries.push(self.array_entry(item.flags, name, &parts, data, word));
                }
            }
            MapOn::Section { array, section } => {
                let whole = self.load_leaves(*array)?[0];
                let parts = self.array(*section)?;
                let word = word(entries, 0);
                entries.push(self.array_entry(item.flags, name, &parts, whole, word));
            }
        }
        Ok(())
    }

    fn array_entry(
        &mut self,
        flags: MapFlags,
        name: Value,
        parts: &ArrayParts,
        data: Value,
        word: i32,
    ) -> Entry {
        let ll = self.ll;
        let strides = parts.all_strides(ll);
        let bytes = i64::from(parts.ty.elem.bytes());
        let whole = parts.dims.iter().fold(ll.c64(bytes), |size, &dim| {
            ll.bin(Op2::LLVMMul, size, dim, Flags::NONE)
        });
        let (low, size) = match parts.ty.layout {
            omply_ir::Layout::Strided => self.extent(parts, whole),
            _ => (parts.data, whole),
        };
        Entry {
            data,
            low,
            size,
            flags,
            word,
            itemsize: bytes,
            dims: parts.dims.clone(),
            strides,
            name,
        }
    }

    // ---- the region's side -------------------------------------------------------------------------------------

    /// Takes the words of a region apart, into the slots that receive them.
    pub fn receive_words(&mut self) {
        let f = self.f;
        let ll = self.ll;
        let words = ll.param(self.llvm.function, 1);
        let mut word = 0;
        for &slot in &f.params {
            if f.slots[slot.index()].storage == Storage::Reference {
                let address = ll.load(ll.ptr, ll.offset(ll.i64, words, ll.c64(word)));
                self.slots[slot.index()] = Some(address);
                word += 1;
                continue;
            }
            let mut values = Leaves::new();
            self.m
                .read_words(self.slot_type(slot), words, &mut word, &mut values);
            for (leaf, value) in leaves_of(self.slot_type(slot)).into_iter().zip(&values) {
                if leaf == Leaf::Dim {
                    ll.range_not_negative(*value);
                }
            }
            self.store_leaves(slot, &values);
        }
    }
}
