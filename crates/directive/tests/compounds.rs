//! Compound names: every one the rule gives is split into its leaves, every other pair is refused.

use omply_diagnostics::Code;
use omply_directive::{SpanMap, parse};
use omply_spec::{LEAVES, LeafKind, check_compound};

/// Every compound the rule gives.
fn all_compounds() -> Vec<Vec<LeafKind>> {
    let leaves: Vec<LeafKind> = LEAVES
        .iter()
        .map(|row| row.kind)
        .filter(|kind| kind.combines())
        .collect();
    let mut found: Vec<Vec<LeafKind>> = Vec::new();
    let mut frontier: Vec<Vec<LeafKind>> = leaves.iter().map(|leaf| vec![*leaf]).collect();
    while let Some(tail) = frontier.pop() {
        for leaf in &leaves {
            let mut name = vec![*leaf];
            name.extend(&tail);
            if check_compound(&name).is_ok() {
                found.push(name.clone());
                frontier.push(name);
            }
        }
    }
    found
}

#[test]
fn every_compound_name_is_split_into_its_leaves() {
    let compounds = all_compounds();
    assert_eq!(compounds.len(), 576);
    for leaves in compounds {
        let text = leaves
            .iter()
            .map(|leaf| leaf.name())
            .collect::<Vec<_>>()
            .join(" ");
        // `target_data` needs a clause that maps.
        let clause = if leaves.contains(&LeafKind::TargetData) {
            " map(a)"
        } else {
            ""
        };
        let (directive, diagnostics) = parse(&format!("{text}{clause}"), &SpanMap::at(0));
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let directive = directive.unwrap_or_else(|| panic!("{text}: nothing came of it"));
        assert_eq!(directive.name, text);
        assert_eq!(
            directive
                .leaves
                .iter()
                .map(|leaf| leaf.kind)
                .collect::<Vec<_>>(),
            leaves
        );
        for leaf in &directive.leaves {
            assert_eq!(
                &text[leaf.name_span.start as usize..leaf.name_span.end as usize],
                leaf.kind.name()
            );
        }
    }
}

#[test]
fn every_other_pair_of_leaves_is_refused() {
    let combining: Vec<LeafKind> = LeafKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.combines())
        .collect();
    let mut refused = 0;
    for a in &combining {
        for b in &combining {
            if check_compound(&[*a, *b]).is_ok() {
                continue;
            }
            let (_, diagnostics) = parse(&format!("{a} {b}"), &SpanMap::at(0));
            assert!(
                diagnostics
                    .iter()
                    .any(|diagnostic| diagnostic.code == Code::InvalidCompound),
                "{a} {b}"
            );
            refused += 1;
        }
    }
    assert!(refused > 80, "{refused}");
}
