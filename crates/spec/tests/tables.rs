//! The tables agree with themselves and with each other.

use omply_spec::*;
use std::collections::HashSet;

#[test]
fn every_directive_and_clause_is_found_by_its_name() {
    for row in LEAVES {
        assert_eq!(LeafKind::from_name(row.name), Some(row.kind));
    }
    for row in CLAUSES {
        assert_eq!(ClauseKind::from_name(row.name), Some(row.kind));
    }
    assert_eq!(LeafKind::from_name("paralel"), None);
    assert_eq!(ClauseKind::from_name("reductions"), None);
}

#[test]
fn every_clause_stands_on_some_directive() {
    for row in CLAUSES {
        assert!(
            LEAVES.iter().any(|leaf| leaf.kind.allows(row.kind)),
            "{} stands nowhere",
            row.name
        );
    }
}

#[test]
fn no_directive_lists_a_clause_twice() {
    for row in LEAVES {
        let set: HashSet<_> = row.clauses.iter().collect();
        assert_eq!(set.len(), row.clauses.len(), "{}", row.name);
    }
}

#[test]
fn rules_speak_of_clauses_their_directive_takes() {
    for set in EXCLUSIVE {
        assert!(
            set.clauses.iter().all(|clause| set.leaf.allows(*clause)),
            "{set:?}"
        );
    }
    for set in REQUIRED {
        assert!(
            set.any_of.iter().all(|clause| set.leaf.allows(*clause)),
            "{set:?}"
        );
    }
}

#[test]
fn supported_clauses_stand_on_their_directive() {
    for leaf in LeafKind::ALL {
        for clause in ClauseKind::ALL {
            let supported = leaf.clause_support(*clause) != Support::NONE;
            assert!(!supported || leaf.allows(*clause), "{clause} on {leaf}");
        }
    }
}

#[test]
fn keywords_are_spelt_as_they_are_read() {
    for kind in ScheduleKind::ALL {
        assert_eq!(ScheduleKind::from_name(kind.name()), Some(*kind));
    }
    assert_eq!(ReductionOp::from_spelling("&&"), Some(ReductionOp::And));
    assert_eq!(ReductionOp::from_spelling("max"), Some(ReductionOp::Max));
    assert_eq!(ReductionOp::from_spelling("maximum"), None);
}

#[test]
fn control_variables_name_variables_and_routines_that_exist() {
    for icv in ICVS {
        if let Some(name) = icv.variable {
            assert!(VARIABLES.iter().any(|row| row.name == name), "{name}");
        }
        for name in [icv.setter, icv.getter].into_iter().flatten() {
            assert!(ROUTINES.iter().any(|row| row.name == name), "{name}");
        }
        if let Some(name) = icv.clause {
            assert!(ClauseKind::from_name(name).is_some(), "{name}");
        }
    }
}

#[test]
fn nothing_may_be_closely_nested_where_a_rule_forbids_it() {
    assert!(LeafKind::For.forbidden_in(LeafKind::Single).is_some());
    assert!(LeafKind::Barrier.forbidden_in(LeafKind::Critical).is_some());
    assert!(LeafKind::Barrier.forbidden_in(LeafKind::Parallel).is_none());
    assert!(LeafKind::Critical.forbidden_in(LeafKind::For).is_none());
    assert!(LeafKind::Teams.forbidden_in(LeafKind::Target).is_none());
}
