//! Device selection by traits: the grammars of `OMP_AVAILABLE_DEVICES` and `OMP_DEFAULT_DEVICE`.
//!
//! ```text
//! item       ::= "*" | spec                      each with an optional "[" index "]" or "[" lower ":" length "]"
//! spec       ::= term { "&&" term } | term { "||" term }          (never both at one level)
//! term       ::= "!" term | "(" spec ")" | trait "(" value ")"
//! trait      ::= kind | isa | arch | vendor | uid | device_num
//! ```

/// `omp_initial_device`.
pub const INITIAL_DEVICE: i32 = -1;
/// `omp_invalid_device`.
pub const INVALID_DEVICE: i32 = -2;

/// Parentheses and negations that may be nested; more are a slip, and would cost the parser's stack.
const DEEPEST: u32 = 64;

/// What is known of a device.
#[derive(Clone, Debug, Default)]
pub struct DeviceTraits {
    pub device_num: i32,
    /// Among them `host` or `nohost`, and `cpu`, `gpu` or `fpga`.
    pub kinds: Vec<String>,
    pub isas: Vec<String>,
    pub arch: String,
    pub vendor: String,
    pub uid: String,
}

/// The traits a specification can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trait {
    Kind,
    Isa,
    Arch,
    Vendor,
    Uid,
    DeviceNum,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Spec {
    Any,
    Trait(Trait, String),
    Not(Box<Spec>),
    And(Vec<Spec>),
    Or(Vec<Spec>),
}

/// An item of `OMP_AVAILABLE_DEVICES`: of the devices that match, those from `lower` on, `length` of them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    spec: Spec,
    lower: usize,
    length: usize,
}

/// The value of `OMP_AVAILABLE_DEVICES`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailableDevices {
    /// As it was written.
    pub text: String,
    items: Vec<Item>,
}

impl AvailableDevices {
    /// `None`: malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser::new(text, false);
        let mut items = vec![parser.item()?];
        while parser.take(",") {
            items.push(parser.item()?);
        }
        let text = text.to_owned();
        parser.at_end().then_some(Self { text, items })
    }

    /// The indices of the devices to use, in the order in which they are numbered from 0.
    pub fn select(&self, devices: &[DeviceTraits]) -> Vec<usize> {
        let mut chosen = Vec::new();
        for item in &self.items {
            let matching = (0..devices.len()).filter(|&device| item.spec.matches(&devices[device]));
            for device in matching.skip(item.lower).take(item.length) {
                if !chosen.contains(&device) {
                    chosen.push(device);
                }
            }
        }
        chosen
    }
}

/// An item of `OMP_DEFAULT_DEVICE`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    Number(i32),
    Initial,
    Invalid,
    Default,
    Matching(Spec),
}

/// The value of `OMP_DEFAULT_DEVICE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultDevice(Vec<Choice>);

impl DefaultDevice {
    /// `None`: malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser::new(text, true);
        let mut choices = vec![parser.choice()?];
        while parser.take(",") {
            choices.push(parser.choice()?);
        }
        parser.at_end().then_some(Self(choices))
    }

    /// Does it say the same whatever devices there are?
    pub fn is_a_number(&self) -> bool {
        matches!(self.0[..], [Choice::Number(_)])
    }

    /// The number of the first item's device that is there; `devices` are all, the host included. A number that stands alone
    /// is taken as it is, as it always was, so that the program may find out by itself that there is no such device.
    pub fn select(&self, devices: &[DeviceTraits]) -> i32 {
        if let [Choice::Number(number)] = self.0[..] {
            return number;
        }
        let number_of = |choice: &Choice| {
            let matching = |wanted: &dyn Fn(&DeviceTraits) -> bool| {
                devices
                    .iter()
                    .find(|device| wanted(device))
                    .map(|device| device.device_num)
            };
            match choice {
                Choice::Number(number) => matching(&|device| device.device_num == *number),
                Choice::Initial => Some(INITIAL_DEVICE),
                Choice::Invalid => Some(INVALID_DEVICE),
                Choice::Default => Some(0),
                Choice::Matching(spec) => matching(&|device| spec.matches(device)),
            }
        };
        self.0.iter().find_map(number_of).unwrap_or(INVALID_DEVICE)
    }
}

impl Spec {
    fn matches(&self, device: &DeviceTraits) -> bool {
        match self {
            Self::Any => true,
            Self::Not(spec) => !spec.matches(device),
            Self::And(specs) => specs.iter().all(|spec| spec.matches(device)),
            Self::Or(specs) => specs.iter().any(|spec| spec.matches(device)),
            Self::Trait(name, value) => {
                let is = |other: &str| other.eq_ignore_ascii_case(value);
                match name {
                    Trait::Kind => is("any") || device.kinds.iter().any(|kind| is(kind)),
                    Trait::Isa => device.isas.iter().any(|isa| is(isa)),
                    Trait::Arch => is(&device.arch),
                    Trait::Vendor => is(&device.vendor),
                    Trait::Uid => device.uid == *value,
                    Trait::DeviceNum => value.parse() == Ok(device.device_num),
                }
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    /// `OMP_DEFAULT_DEVICE`, which also knows device_num and the host.
    for_default: bool,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, for_default: bool) -> Self {
        Self {
            rest: text.trim(),
            for_default,
            depth: 0,
        }
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = rest.trim_start();
        true
    }

    /// Letters, digits and what else names may hold.
    fn word(&mut self) -> Option<&'a str> {
        let length = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "_-.:".contains(c)))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest.trim_start();
        (!word.is_empty()).then_some(word)
    }

    fn number(&mut self) -> Option<usize> {
        let length = self.rest.len()
            - self
                .rest
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest.trim_start();
        digits.parse().ok()
    }

    fn item(&mut self) -> Option<Item> {
        let spec = if self.take("*") {
            Spec::Any
        } else {
            self.spec()?
        };
        let (mut lower, mut length) = (0, usize::MAX);
        if self.take("[") {
            if self.take(":") {
                length = self.number()?;
            } else {
                lower = self.number()?;
                length = 1;
                if self.take(":") {
                    length = if self.rest.starts_with(']') {
                        usize::MAX
                    } else {
                        self.number()?
                    };
                }
            }
            if !self.take("]") {
                return None;
            }
        }
        Some(Item {
            spec,
            lower,
            length,
        })
    }

    fn choice(&mut self) -> Option<Choice> {
        let before = self.rest;
        let word = self.word();
        if !self.rest.starts_with('(') {
            let named = word.and_then(|word| match word.to_ascii_lowercase().as_str() {
                "initial" => Some(Choice::Initial),
                "invalid" => Some(Choice::Invalid),
                "default" => Some(Choice::Default),
                number => number
                    .parse()
                    .ok()
                    .filter(|&number: &i32| number >= 0)
                    .map(Choice::Number),
            });
            if named.is_some() || word.is_some() {
                return named;
            }
        }
        self.rest = before;
        self.spec().map(Choice::Matching)
    }

    fn spec(&mut self) -> Option<Spec> {
        let first = self.term()?;
        for (operator, join) in [
            ("&&", Spec::And as fn(Vec<Spec>) -> Spec),
            ("||", Spec::Or as fn(Vec<Spec>) -> Spec),
        ] {
            if self.take(operator) {
                let mut terms = vec![first, self.term()?];
                while self.take(operator) {
                    terms.push(self.term()?);
                }
                return Some(join(terms));
            }
        }
        Some(first)
    }

    fn term(&mut self) -> Option<Spec> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let term = self.term_within()?;
        self.depth -= 1;
        Some(term)
    }

    fn term_within(&mut self) -> Option<Spec> {
        if self.take("!") {
            return Some(Spec::Not(Box::new(self.term()?)));
        }
        if self.take("(") {
            let spec = self.spec()?;
            return self.take(")").then_some(spec);
        }
        let name = self.word()?.to_ascii_lowercase();
        let name = super::grammar::word(
            &name,
            &[
                ("kind", Trait::Kind),
                ("isa", Trait::Isa),
                ("arch", Trait::Arch),
                ("vendor", Trait::Vendor),
                ("uid", Trait::Uid),
                ("device_num", Trait::DeviceNum),
            ],
        )?;
        if !self.take("(") {
            return None;
        }
        let value = match name {
            // Any text: what a device calls itself.
            Trait::Uid => {
                let (uid, rest) = self.rest.split_at(self.rest.find(')')?);
                self.rest = rest;
                uid.trim_end()
            }
            _ => self.word()?,
        };
        let allowed = match name {
            Trait::DeviceNum => self.for_default && value.parse::<u32>().is_ok(),
            Trait::Kind => self.for_default || !value.eq_ignore_ascii_case("host"),
            _ => !value.is_empty(),
        };
        (allowed && self.take(")")).then(|| Spec::Trait(name, value.to_owned()))
    }
}
