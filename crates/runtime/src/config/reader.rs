//! Reads variables with the suffixes that OpenMP knows: `X` for the host, `X_ALL` for the host and all devices, `X_DEV` for all
//! devices, `X_DEV_n` for one. What does not parse is complained about and counts as unset.

use std::collections::BTreeMap;

/// A variable, and the words for what it accepts.
pub struct Variable {
    pub name: &'static str,
    /// It initialises an ICV of which each device has its own: the suffixed names exist.
    pub per_device: bool,
    pub grammar: &'static str,
}

impl Variable {
    pub const fn global(name: &'static str, grammar: &'static str) -> Self {
        Self {
            name,
            per_device: false,
            grammar,
        }
    }

    pub const fn per_device(name: &'static str, grammar: &'static str) -> Self {
        Self {
            name,
            per_device: true,
            grammar,
        }
    }
}

/// Whom a suffixed value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The host and all devices.
    All,
    Devices,
    Device(u32),
}

/// A well-formed value that (also) concerns devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceValue {
    pub name: &'static str,
    pub scope: Scope,
    pub value: String,
}

/// Collects values and complaints while the environment is read.
pub struct Reader<'a> {
    values: &'a BTreeMap<String, String>,
    pub complaints: Vec<String>,
    pub device_values: Vec<DeviceValue>,
}

impl<'a> Reader<'a> {
    pub fn new(values: &'a BTreeMap<String, String>) -> Self {
        Self {
            values,
            complaints: Vec::new(),
            device_values: Vec::new(),
        }
    }

    /// The variable's value for the host.
    pub fn read<T>(&mut self, variable: &Variable, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read_checked(variable, &parse, |text| parse(text).is_some())
    }

    /// The same, where what a device accepts is checked by other means.
    pub fn read_checked<T>(
        &mut self,
        variable: &Variable,
        parse: impl Fn(&str) -> Option<T>,
        device_accepts: impl Fn(&str) -> bool,
    ) -> Option<T> {
        self.read_suffixed(variable, device_accepts);
        let host = self.value(variable.name, variable.grammar, &parse);
        if host.is_some() || !variable.per_device {
            return host;
        }
        self.value(&format!("{}_ALL", variable.name), variable.grammar, &parse)
    }

    /// The value of exactly that name.
    fn value<T>(
        &mut self,
        name: &str,
        grammar: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.values.get(name)?;
        let parsed = parse(value.trim());
        if parsed.is_none() {
            self.complain(name, value, format_args!("expected {grammar}"));
        }
        parsed
    }

    fn read_suffixed(&mut self, variable: &Variable, accepts: impl Fn(&str) -> bool) {
        let (name, values) = (variable.name, self.values);
        let suffixed = values.iter().filter_map(|(key, value)| {
            let suffix = key.strip_prefix(name)?.strip_prefix('_')?;
            (suffix == "ALL" || suffix == "DEV" || suffix.starts_with("DEV_"))
                .then_some((key, suffix, value))
        });
        for (key, suffix, value) in suffixed {
            let number = suffix.strip_prefix("DEV_").map(str::parse::<u32>);
            let scope = match (suffix, number) {
                ("ALL", _) => Scope::All,
                ("DEV", _) => Scope::Devices,
                (_, Some(Ok(number))) => Scope::Device(number),
                _ => {
                    self.complain(
                        key,
                        value,
                        format_args!("no device number follows {name}_DEV_"),
                    );
                    continue;
                }
            };
            if !variable.per_device {
                self.complain(
                    key,
                    value,
                    format_args!(
                        "{name} holds for the host and all devices, use it without a suffix"
                    ),
                );
            } else if accepts(value.trim()) {
                self.device_values.push(DeviceValue {
                    name,
                    scope,
                    value: value.trim().to_owned(),
                });
            } else if scope != Scope::All {
                // The host's reading complains about the value for all.
                self.complain(key, value, format_args!("expected {}", variable.grammar));
            }
        }
    }

    fn complain(&mut self, name: &str, value: &str, why: std::fmt::Arguments) {
        self.complaints
            .push(format!("omply: {name}='{value}' is ignored: {why}"));
    }
}
