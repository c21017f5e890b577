//! OpenMP contexts: the traits that hold at a place of the program, whether a selector agrees with them, and with what score. Of
//! several selectors that agree the one with the highest score is taken.

use crate::ast::{ClauseArgs, ContextSelector, ExprText, SelectorSet, SelectorTrait};
use omply_spec::{ClauseKind, LeafKind, MemoryOrder, TraitSet};

/// What the program is compiled by: the implementation's name among those that `vendor` knows.
pub const VENDOR: &str = "omply";

/// The traits that hold at a place of the program.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The constructs around, outermost first, from the innermost `target` on.
    pub constructs: Vec<LeafKind>,
    pub requirements: Requirements,
}

/// What the file's `requires` directives ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    pub clauses: Vec<ClauseKind>,
    /// What an atomic without a memory order has.
    pub atomic_default: Option<MemoryOrder>,
}

impl Requirements {
    /// Takes in a clause of `requires`.
    pub fn add(&mut self, clause: ClauseKind, args: &ClauseArgs) {
        match args {
            ClauseArgs::Flag(Some(switch)) if switch.as_bool() == Some(false) => return,
            ClauseArgs::MemoryOrder(word) => self.atomic_default = Some(word.value),
            _ => {}
        }
        self.clauses.push(clause);
    }
}

/// How a selector agrees with a context.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement<'s> {
    No,
    /// Always, or when all of the conditions hold that only the running program can tell.
    Yes {
        score: i64,
        conditions: Vec<&'s ExprText>,
    },
}

impl Context {
    /// Goes into a construct: its leaves count from now on, and what is around a `target` no longer does.
    pub fn enter(&mut self, leaves: impl IntoIterator<Item = LeafKind>) {
        for leaf in leaves {
            if leaf == LeafKind::Target {
                self.constructs.clear();
            }
            self.constructs.push(leaf);
        }
    }

    /// Whether a selector agrees. `constant` evaluates what can be known before the program runs.
    pub fn agreement<'s>(
        &self,
        selector: &'s ContextSelector,
        constant: &dyn Fn(&ExprText) -> Option<bool>,
    ) -> Agreement<'s> {
        let (mut score, mut conditions) = (1, Vec::new());
        for set in &selector.sets {
            let found = match set.set.value {
                TraitSet::Construct => self.constructs(set),
                TraitSet::User => user(set, constant, &mut conditions),
                TraitSet::Device => self.device(set),
                // The devices that a program offloads to are found when it runs; the host is what is known before.
                TraitSet::TargetDevice => self.device(set),
                TraitSet::Implementation => self.implementation(set),
            };
            match found {
                Some(points) => score += points,
                None => return Agreement::No,
            }
        }
        Agreement::Yes { score, conditions }
    }

    /// The constructs must stand around in this order, others may lie between. A construct counts 2 to the power of its place.
    fn constructs(&self, set: &SelectorSet) -> Option<i64> {
        let mut rest = self.constructs.iter().enumerate();
        let mut score = 0;
        for one in &set.traits {
            let (place, _) = rest.find(|(_, leaf)| leaf.name() == one.name.name)?;
            score += 1i64 << place.min(40);
        }
        Some(score)
    }

    fn device(&self, set: &SelectorSet) -> Option<i64> {
        let base = self.constructs.len().min(40);
        let mut score = 0;
        for one in &set.traits {
            let words = words(one);
            let (holds, place) = match one.name.name.as_str() {
                "kind" => (words.iter().all(|word| HOST_KINDS.contains(word)), base),
                "arch" => (words.iter().all(|word| is_arch(word)), base + 1),
                "isa" => (words.iter().all(|word| has_isa(word)), base + 2),
                "vendor" => (false, base),
                // These say which device the other traits are about; before the program runs, only the host is known.
                "device_num" => (words == ["-1"] || words == ["omp_initial_device"], base),
                "uid" => (false, base),
                _ => (false, base),
            };
            if !holds {
                return None;
            }
            score += explicit(one).unwrap_or(match one.name.name.as_str() {
                "kind" | "arch" | "isa" => 1i64 << place,
                _ => 0,
            });
        }
        Some(score)
    }

    fn implementation(&self, set: &SelectorSet) -> Option<i64> {
        let mut score = 0;
        for one in &set.traits {
            let words = words(one);
            let name = one.name.name.as_str();
            let holds = match name {
                "vendor" => words.iter().all(|word| *word == VENDOR),
                "extension" => false,
                "atomic_default_mem_order" => {
                    let order = self.requirements.atomic_default;
                    words
                        .iter()
                        .all(|word| order.is_some_and(|order| order.name() == *word))
                }
                "requires" => words.iter().all(|word| self.requires(word)),
                _ => self.requires(name),
            };
            if !holds {
                return None;
            }
            score += explicit(one).unwrap_or(0);
        }
        Some(score)
    }

    fn requires(&self, name: &str) -> bool {
        let mut clauses = self.requirements.clauses.iter();
        clauses.any(|clause| clause.name() == name)
    }
}

fn user<'s>(
    set: &'s SelectorSet,
    constant: &dyn Fn(&ExprText) -> Option<bool>,
    conditions: &mut Vec<&'s ExprText>,
) -> Option<i64> {
    let mut score = 0;
    for one in &set.traits {
        for condition in &one.properties {
            match constant(condition) {
                Some(true) => {}
                Some(false) => return None,
                None => conditions.push(condition),
            }
        }
        score += explicit(one).unwrap_or(0);
    }
    Some(score)
}

/// Whether every trait of one selector stands in the other, which has more.
pub fn is_less_specific(one: &ContextSelector, other: &ContextSelector) -> bool {
    let traits = |selector: &ContextSelector| -> Vec<(TraitSet, String, Vec<String>)> {
        let sets = selector.sets.iter();
        sets.flat_map(|set| {
            let kind = set.set.value;
            set.traits.iter().map(move |one| {
                let properties = one.properties.iter().map(|text| text.text.clone());
                (kind, one.name.name.clone(), properties.collect())
            })
        })
        .collect()
    };
    let (one, other) = (traits(one), traits(other));
    one.len() < other.len() && one.iter().all(|each| other.contains(each))
}

/// The properties as words: names, or texts in quotes.
fn words(one: &SelectorTrait) -> Vec<&str> {
    let properties = one.properties.iter();
    properties
        .map(|text| text.text.trim().trim_matches(['"', '\'']))
        .collect()
}

fn explicit(one: &SelectorTrait) -> Option<i64> {
    one.score.as_ref()?.as_integer()
}

const HOST_KINDS: &[&str] = &["host", "cpu", "any"];

fn is_arch(word: &str) -> bool {
    let known: &[&str] = match std::env::consts::ARCH {
        "x86_64" => &["x86_64", "x86-64", "amd64", "x86"],
        "aarch64" => &["aarch64", "arm64", "arm"],
        other => return other == word,
    };
    known.contains(&word)
}

#[cfg(target_arch = "x86_64")]
fn has_isa(word: &str) -> bool {
    macro_rules! features {
        ($($name:tt)*) => {
            match word {
                $($name => std::arch::is_x86_feature_detected!($name),)*
                "x86_64" | "x86-64" => true,
                _ => false,
            }
        };
    }
    features! {
        "sse" "sse2" "sse3" "ssse3" "sse4.1" "sse4.2" "avx" "avx2" "fma" "bmi1" "bmi2" "popcnt" "lzcnt" "aes" "f16c" "adx"
        "avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl" "avx512vnni" "avx512bf16"
    }
}

#[cfg(target_arch = "aarch64")]
fn has_isa(word: &str) -> bool {
    match word {
        "neon" => true,
        "sve" => std::arch::is_aarch64_feature_detected!("sve"),
        "sve2" => std::arch::is_aarch64_feature_detected!("sve2"),
        _ => false,
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn has_isa(_word: &str) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SpanMap, parse};

    fn selector(text: &str) -> ContextSelector {
        let text = format!("metadirective when({text}: nothing)");
        let (directive, errors) = parse(&text, &SpanMap::at(0));
        assert!(errors.is_empty(), "{errors:?}");
        let directive = directive.expect("a directive");
        match &directive.leaves[0].clauses[0].args {
            ClauseArgs::When { selector, .. } => selector.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn context(constructs: &[LeafKind]) -> Context {
        let mut context = Context::default();
        context.enter(constructs.iter().copied());
        context
    }

    fn score(context: &Context, text: &str) -> Option<i64> {
        match context.agreement(&selector(text), &|text| text.as_bool()) {
            Agreement::Yes { score, .. } => Some(score),
            Agreement::No => None,
        }
    }

    #[test]
    fn constructs_must_stand_around_in_the_selectors_order() {
        use LeafKind::*;
        let inside = context(&[Teams, Parallel, For]);
        assert!(score(&inside, "construct={teams, for}").is_some());
        assert!(score(&inside, "construct={for, teams}").is_none());
        assert!(score(&inside, "construct={simd}").is_none());
    }

    #[test]
    fn a_target_hides_what_is_around_it() {
        let inside = context(&[LeafKind::Parallel, LeafKind::Target, LeafKind::Teams]);
        assert!(score(&inside, "construct={parallel}").is_none());
        assert!(score(&inside, "construct={target, teams}").is_some());
    }

    #[test]
    fn a_construct_further_inside_counts_twice_as_much() {
        let inside = context(&[LeafKind::Teams, LeafKind::Parallel, LeafKind::For]);
        assert_eq!(score(&inside, "construct={teams}"), Some(2));
        assert_eq!(score(&inside, "construct={for}"), Some(5));
        assert_eq!(score(&inside, "construct={teams, parallel}"), Some(4));
    }

    #[test]
    fn the_traits_of_the_device_count_more_than_all_constructs() {
        let inside = context(&[LeafKind::Parallel]);
        assert_eq!(score(&inside, "device={kind(host)}"), Some(3));
        assert_eq!(score(&inside, "device={kind(nohost)}"), None);
        assert_eq!(score(&inside, "device={kind(gpu)}"), None);
        assert_eq!(score(&inside, "device={arch(no_such_machine)}"), None);
        assert_eq!(score(&inside, "device={isa(no_such_set)}"), None);
    }

    #[test]
    fn of_devices_by_number_only_the_host_is_known() {
        let outside = context(&[]);
        let host = "target_device={device_num(-1), kind(host)}";
        assert_eq!(score(&outside, host), Some(2));
        for other in ["device_num(0)", "device_num(n)", "uid('gpu-1')"] {
            let text = format!("target_device={{{other}, kind(host)}}");
            assert_eq!(score(&outside, &text), None, "{other}");
        }
    }

    #[test]
    fn scores_that_are_given_are_added() {
        let outside = context(&[]);
        let text = "implementation={vendor(score(7): omply)}, user={condition(score(10): true)}";
        assert_eq!(score(&outside, text), Some(18));
        assert_eq!(score(&outside, "implementation={vendor(gnu)}"), None);
        assert_eq!(score(&outside, "user={condition(false)}"), None);
    }

    #[test]
    fn what_the_file_requires_is_a_trait() {
        let mut context = context(&[]);
        context.requirements = Requirements {
            clauses: vec![ClauseKind::DynamicAllocators],
            atomic_default: Some(MemoryOrder::SeqCst),
        };
        assert!(score(&context, "implementation={dynamic_allocators}").is_some());
        assert!(score(&context, "implementation={requires(dynamic_allocators)}").is_some());
        assert!(score(&context, "implementation={reverse_offload}").is_none());
        let order = "implementation={atomic_default_mem_order(seq_cst)}";
        assert!(score(&context, order).is_some());
    }

    #[test]
    fn a_condition_that_is_not_constant_is_left_to_the_program() {
        let selector = selector("user={condition(n > 3)}");
        match context(&[]).agreement(&selector, &|_| None) {
            Agreement::Yes { conditions, .. } => assert_eq!(conditions[0].text, "n > 3"),
            Agreement::No => panic!("it may hold"),
        }
    }

    #[test]
    fn a_selector_with_more_traits_is_more_specific() {
        let less = selector("device={kind(host)}");
        let more = selector("device={kind(host)}, user={condition(n)}");
        assert!(is_less_specific(&less, &more));
        assert!(!is_less_specific(&more, &less));
        assert!(!is_less_specific(&less, &less));
    }
}
