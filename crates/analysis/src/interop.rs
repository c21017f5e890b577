//! The clauses of `interop`: what happens to which object. Foreign runtimes are preferred by their names or by OpenMP's constants.

use crate::clauses::listed;
use crate::facts::{InteropAction, InteropWhat};
use omply_directive::{ClauseArgs, ExprText, Leaf};
use omply_spec::{ClauseKind, InteropType, LeafKind};
use omply_syntax::hir::Function;

/// OpenMP's names of foreign runtimes, from number 1 on.
const RUNTIMES: [&str; 7] = [
    "cuda",
    "cuda_driver",
    "opencl",
    "sycl",
    "hip",
    "level_zero",
    "hsa",
];

/// In the order of the clauses.
pub(crate) fn actions(function: &Function, leaf: &Leaf) -> Vec<InteropAction> {
    if leaf.kind != LeafKind::Interop {
        return Vec::new();
    }
    let mut actions = Vec::new();
    for clause in &leaf.clauses {
        let (items, what) = match (&clause.args, clause.kind) {
            (ClauseArgs::Init(init), _) => {
                let has = |wanted| init.types.iter().any(|word| word.value == wanted);
                let types = i64::from(has(InteropType::Target))
                    | i64::from(has(InteropType::Targetsync)) << 1;
                let what = InteropWhat::Init {
                    types,
                    prefer: preferences(&init.prefer),
                };
                (std::slice::from_ref(&init.object), what)
            }
            (_, ClauseKind::Use) => (clause.items(), InteropWhat::Use),
            (_, ClauseKind::Destroy) => (clause.items(), InteropWhat::Destroy),
            _ => continue,
        };
        let found = listed(function, items).into_iter();
        actions.extend(found.map(|(object, span)| InteropAction {
            object,
            span,
            what: what.clone(),
        }));
    }
    actions
}

/// The numbers of those that have one, a byte each; what nobody knows is as good as not there.
fn preferences(texts: &[ExprText]) -> i64 {
    let numbers = texts.iter().filter_map(|text| number(&text.text));
    numbers
        .take(7)
        .zip(0..)
        .fold(0, |all, (number, place)| all | number << (8 * place))
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return (1..=RUNTIMES.len() as i64)
            .contains(&number)
            .then_some(number);
    }
    let name = text
        .trim_matches(['"', '\''])
        .rsplit('.')
        .next()?
        .trim_start_matches("omp_ifr_");
    let index = RUNTIMES.iter().position(|runtime| *runtime == name)?;
    Some(index as i64 + 1)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn runtimes_have_names_numbers_and_constants() {
        assert_eq!(number("\"cuda_driver\""), Some(2));
        assert_eq!(number("'hip'"), Some(5));
        assert_eq!(number("omply.omp_ifr_opencl"), Some(3));
        assert_eq!(number("7"), Some(7));
        assert_eq!(number("8"), None);
        assert_eq!(number("\"metal\""), None);
    }
}
