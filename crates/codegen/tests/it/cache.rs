//! The object cache: what goes in comes out, damage is noticed, limits hold, and nothing is ever an error.

use std::fs;
use std::path::Path;

use omply_codegen::cache::{Cache, Entry, Key};
use omply_codegen::config::Config;

fn entry(fill: u8, size: usize) -> Entry {
    Entry {
        object: vec![fill; size],
        metadata: vec![fill, 1, 2, 3],
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn an_entry_comes_back_under_its_own_key_only() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::with_limit(folder.path().join("deep").join("cache"), 1 << 20);
    let (one, two) = (Key::new(&[b"one"]), Key::new(&[b"two"]));
    assert_eq!(cache.get(&one), None);
    cache.put(&one, &entry(1, 100));
    assert_eq!(
        (cache.get(&one), cache.get(&two)),
        (Some(entry(1, 100)), None)
    );
    cache.put(&one, &entry(2, 50));
    assert_eq!(cache.get(&one), Some(entry(2, 50)));
}

#[test]
fn keys_tell_parts_apart() {
    assert_ne!(Key::new(&[b"ab", b"c"]), Key::new(&[b"a", b"bc"]));
    assert_ne!(Key::new(&[b"ab"]), Key::new(&[b"ab", b""]));
    assert_eq!(Key::new(&[b"ab", b"c"]), Key::new(&[b"ab", b"c"]));
}

#[test]
fn every_damage_is_noticed_and_repaired_by_the_next_put() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::with_limit(folder.path().into(), 1 << 20);
    let key = Key::new(&[b"key"]);
    cache.put(&key, &entry(1, 64));
    let path = files(folder.path()).pop().unwrap();
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, 8, 40, 47, 48, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(cache.get(&key), None, "cut to {length} bytes");
    }
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(cache.get(&key), None, "byte {place} changed");
    }
    cache.put(&key, &entry(1, 64));
    assert_eq!(cache.get(&key), Some(entry(1, 64)));
}

#[test]
fn the_oldest_entries_go_when_the_limit_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::with_limit(folder.path().into(), 3500);
    let keys: Vec<Key> = (0..5u8).map(|number| Key::new(&[&[number]])).collect();
    for (age, key) in keys.iter().enumerate() {
        cache.put(key, &entry(age as u8, 1000));
        // Each older than the next by a minute.
        let time =
            std::time::SystemTime::now() - std::time::Duration::from_secs(600 - 60 * age as u64);
        for path in files(folder.path()) {
            let file = fs::File::options().append(true).open(&path).unwrap();
            if file
                .metadata()
                .unwrap()
                .modified()
                .unwrap()
                .elapsed()
                .unwrap()
                .as_secs()
                < 50
            {
                file.set_modified(time).unwrap();
            }
        }
    }
    let kept: Vec<bool> = keys.iter().map(|key| cache.get(key).is_some()).collect();
    assert_eq!(kept, [false, false, true, true, true]);
}

#[test]
fn many_writers_and_readers_never_see_half_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::new(&[b"shared"]);
    std::thread::scope(|scope| {
        for number in 0..4u8 {
            let path = folder.path().to_path_buf();
            scope.spawn(move || {
                let cache = Cache::with_limit(path, 1 << 20);
                for _ in 0..50 {
                    cache.put(&key, &entry(number, 5000));
                    let found = cache.get(&key).expect("an entry");
                    assert!(
                        found.object.iter().all(|byte| *byte == found.object[0])
                            && found.object.len() == 5000
                    );
                }
            });
        }
    });
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn places_that_cannot_be_written_are_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"in the way").unwrap();
    let key = Key::new(&[b"key"]);
    for cache in [
        Cache::with_limit(file.join("cache"), 1 << 20),
        Cache::open(&Config::default()),
    ] {
        cache.put(&key, &entry(1, 10));
        assert_eq!(cache.get(&key), None);
    }
}
