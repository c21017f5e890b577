//! The present table against a model: a map from each byte of a small host to what corresponds to it. Sequences of operations are made
//! from a seed; a failure names the seed.

use omply_offload::present::{Found, Key, Table};

/// Bytes of the host.
const HOST: usize = 64;
/// Where the host begins.
const BASE: usize = 1 << 20;

/// What is present, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    device: u64,
    count: u64,
    holds: u64,
    infinite: bool,
}

#[derive(Default)]
struct Model {
    pieces: Vec<Piece>,
}

impl Model {
    /// The piece that each byte of the interval lies in.
    fn owners(&self, start: usize, bytes: usize) -> Vec<Option<usize>> {
        let last = start + bytes.max(1);
        let owner = |byte| {
            self.pieces
                .iter()
                .find(|piece| (piece.start..piece.end).contains(&byte))
                .map(|piece| piece.start)
        };
        (start..last).map(owner).collect()
    }

    fn find(&self, start: usize, bytes: usize) -> Found {
        let owners = self.owners(start, bytes);
        match owners.iter().flatten().next() {
            None => Found::Absent,
            Some(&first) if owners.iter().all(|owner| *owner == Some(first)) => {
                Found::Within(Key(first))
            }
            Some(&first) => Found::Partly(Key(first)),
        }
    }

    fn piece(&mut self, key: Key) -> &mut Piece {
        let found = self.pieces.iter_mut().find(|piece| piece.start == key.0);
        found.expect("a piece that is present")
    }

    fn remove(&mut self, key: Key) {
        self.pieces.retain(|piece| piece.start != key.0);
    }
}

/// Numbers that look random (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % limit as u64) as usize
    }
}

fn compare(table: &Table, model: &mut Model, seed: u64) {
    model.pieces.sort_by_key(|piece| piece.start);
    let entries: Vec<_> = table
        .entries()
        .map(|entry| (entry.start(), entry.bytes(), entry.device(), entry.count()))
        .collect();
    let pieces: Vec<_> = model
        .pieces
        .iter()
        .map(|piece| {
            let count = (!piece.infinite).then_some(piece.count + piece.holds);
            (
                piece.start,
                (piece.end - piece.start) as u64,
                piece.device,
                count,
            )
        })
        .collect();
    assert_eq!(entries, pieces, "seed {seed}");
    assert_eq!(table.is_empty(), pieces.is_empty());
    for start in BASE..BASE + HOST {
        for bytes in [0, 2, 9] {
            let found = table.find(start, bytes as u64);
            assert_eq!(
                found,
                model.find(start, bytes),
                "seed {seed}: {start} {bytes}"
            );
            if let Found::Within(key) = found {
                let entry = table.get(key).expect("what was found");
                assert_eq!(
                    entry.address_of(start) - entry.device(),
                    (start - key.0) as u64
                );
            }
        }
    }
}

#[test]
fn the_table_does_what_the_model_does() {
    for seed in 0..200 {
        let (mut table, mut model, mut numbers) =
            (Table::default(), Model::default(), Numbers(seed));
        let mut next_device = 0x1_0000;
        for step in 0..60 {
            let start = BASE + numbers.below(HOST);
            let bytes = numbers.below(12);
            let hold = numbers.below(4) == 0;
            let found = table.find(start, bytes as u64);
            assert_eq!(found, model.find(start, bytes), "seed {seed}");
            match (numbers.below(6), found) {
                // A map: as the beginning of a construct does it.
                (0 | 1, Found::Absent) if bytes > 0 => {
                    let key = table.insert(start, bytes as u64, next_device);
                    model.pieces.push(Piece {
                        start,
                        end: start + bytes,
                        device: next_device,
                        count: 0,
                        holds: 0,
                        infinite: false,
                    });
                    next_device += 0x1000;
                    retain(&mut table, &mut model, key, hold);
                }
                (0 | 1, Found::Within(key)) => retain(&mut table, &mut model, key, hold),
                // Its end.
                (2 | 3, Found::Within(key) | Found::Partly(key)) => {
                    table.release(key, hold);
                    let piece = model.piece(key);
                    let count = if hold {
                        &mut piece.holds
                    } else {
                        &mut piece.count
                    };
                    *count = count.saturating_sub(1);
                    settle(&mut table, &mut model, key);
                }
                (4, Found::Within(key)) => {
                    table.delete(key);
                    model.piece(key).count = 0;
                    settle(&mut table, &mut model, key);
                }
                (5, _) if numbers.below(2) == 0 => {
                    let done = table.associate(start, bytes as u64, next_device);
                    assert_eq!(done, bytes > 0 && found == Found::Absent, "seed {seed}");
                    if done {
                        model.pieces.push(Piece {
                            start,
                            end: start + bytes,
                            device: next_device,
                            count: 0,
                            holds: 0,
                            infinite: true,
                        });
                        assert!(table.associate(start, bytes as u64, next_device));
                        assert!(!table.associate(start, bytes as u64, next_device + 1));
                    }
                    next_device += 0x1000;
                }
                (5, _) => {
                    let is_one = model
                        .pieces
                        .iter()
                        .any(|piece| piece.start == start && piece.infinite);
                    assert_eq!(table.disassociate(start), is_one, "seed {seed}");
                    if is_one {
                        model.remove(Key(start));
                    }
                }
                _ => {}
            }
            if step % 12 == 11 {
                compare(&table, &mut model, seed);
            }
        }
        let mut storage = table.clear();
        let pieces = model.pieces.iter().filter(|piece| !piece.infinite);
        let mut expected: Vec<u64> = pieces.map(|piece| piece.device).collect();
        storage.sort_unstable();
        expected.sort_unstable();
        assert_eq!(
            storage, expected,
            "seed {seed}: associations own no storage"
        );
        assert!(table.is_empty());
    }
}

fn retain(table: &mut Table, model: &mut Model, key: Key, hold: bool) {
    table.retain(key, hold);
    let piece = model.piece(key);
    // The count of an association does not change.
    if !piece.infinite {
        if hold {
            piece.holds += 1;
        } else {
            piece.count += 1;
        }
    }
}

/// Removes what nobody uses any more, as the end of a construct does.
fn settle(table: &mut Table, model: &mut Model, key: Key) {
    let piece = *model.piece(key);
    let unused = !piece.infinite && piece.count + piece.holds == 0;
    assert_eq!(table.get(key).expect("still there").is_unused(), unused);
    if unused {
        assert_eq!(
            table.remove(key).map(|entry| entry.device()),
            Some(piece.device)
        );
        model.remove(key);
    }
}

#[test]
fn intervals_at_the_end_of_memory_do_not_wrap() {
    let table = Table::default();
    assert_eq!(table.find(usize::MAX, 8), Found::Absent);
    assert!(!Table::default().associate(usize::MAX - 3, 8, 1));
}
