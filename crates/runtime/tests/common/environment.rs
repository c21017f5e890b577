//! Configurations made of given values, on a given machine.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::path::Path;

use omply_runtime::config::Config;
use omply_runtime::topology::Machine;

/// A machine without files: eight processors, of which each is a core of its own.
pub fn eight() -> Machine {
    Machine::look(Path::new("/nowhere"), (0..8).collect())
}

pub fn read(values: &[(&str, &str)]) -> (Config, Vec<String>) {
    let map: BTreeMap<String, String> = values
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    Config::from_environment(&map, &eight())
}

pub fn accepted(name: &str, value: &str) -> Config {
    let (config, complaints) = read(&[(name, value)]);
    assert_eq!(complaints, Vec::<String>::new(), "{name}={value}");
    config
}
