//! Which leaves make a compound directive: OpenMP 6.0's rule, instead of a list of the 576 names it gives.

use crate::leaf::LeafKind;

/// Why a sequence of leaves is not a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompoundError {
    /// The leaf at this index stands twice.
    Repeated(usize),
    /// The leaf at this index is never part of a compound directive.
    NeverCombined(usize),
    /// The leaf at this index cannot stand directly inside the one before it.
    NotInside(usize),
}

/// Leaves that may hold the rest of a combined directive.
const OUTER: &[LeafKind] = &[
    LeafKind::Parallel,
    LeafKind::Teams,
    LeafKind::Target,
    LeafKind::TargetData,
    LeafKind::Task,
    LeafKind::Masked,
    LeafKind::Single,
];

/// Sequences that form a construct of their own instead of a nest.
pub const COMPOSITES: &[&[LeafKind]] = &[
    &[
        LeafKind::Distribute,
        LeafKind::Parallel,
        LeafKind::For,
        LeafKind::Simd,
    ],
    &[LeafKind::Distribute, LeafKind::Parallel, LeafKind::For],
    &[LeafKind::Distribute, LeafKind::Simd],
    &[LeafKind::For, LeafKind::Simd],
    &[LeafKind::Taskloop, LeafKind::Simd],
];

impl LeafKind {
    /// Whether the leaf can be part of a compound directive.
    pub fn combines(self) -> bool {
        use LeafKind::*;
        matches!(self, Simd | Sections | For | Distribute | Loop | Taskloop)
            || OUTER.contains(&self)
    }

    /// Whether the construct generates tasks.
    pub fn is_task_generating(self) -> bool {
        use LeafKind::*;
        matches!(
            self,
            Task | Taskloop | Target | TargetData | TargetEnterData | TargetExitData | TargetUpdate
        )
    }

    /// Whether the construct divides work among the threads of a team.
    pub fn is_worksharing(self) -> bool {
        use LeafKind::*;
        matches!(self, For | Sections | Single | Scope | Loop)
    }
}

/// Checks that the leaves, outermost first, form a directive.
pub fn check_compound(leaves: &[LeafKind]) -> Result<(), CompoundError> {
    if leaves.len() < 2 {
        return Ok(());
    }
    for (i, leaf) in leaves.iter().enumerate() {
        if !leaf.combines() {
            return Err(CompoundError::NeverCombined(i));
        }
        if leaves[..i].contains(leaf) {
            return Err(CompoundError::Repeated(i));
        }
    }
    // One construct only may map data: the region of either runs without the other.
    if let Some(i) = leaves
        .iter()
        .rposition(|leaf| matches!(leaf, LeafKind::Target | LeafKind::TargetData))
        && leaves[..i]
            .iter()
            .any(|leaf| matches!(leaf, LeafKind::Target | LeafKind::TargetData))
    {
        return Err(CompoundError::NotInside(i));
    }
    let mut at = 0;
    while at + 1 < leaves.len() {
        let rest = &leaves[at..];
        if let Some(composite) = COMPOSITES
            .iter()
            .find(|composite| rest.starts_with(composite))
        {
            return if rest.len() == composite.len() {
                Ok(())
            } else {
                Err(CompoundError::NotInside(at + composite.len()))
            };
        }
        if !may_hold(leaves[at], leaves[at + 1]) {
            return Err(CompoundError::NotInside(at + 1));
        }
        at += 1;
    }
    Ok(())
}

/// Whether a combined directive may have `inner` directly inside `outer`.
fn may_hold(outer: LeafKind, inner: LeafKind) -> bool {
    use LeafKind::*;
    if !OUTER.contains(&outer) {
        return false;
    }
    match inner {
        // A team must meet these as a whole.
        For | Sections | Single | Masked => outer == Parallel,
        Loop => matches!(outer, Parallel | Teams | Target),
        Distribute => outer == Teams,
        Teams => outer == Target,
        Parallel => true,
        _ if outer == Teams => false,
        // Two explicit tasks of one parallel region are no combination; a target region has its own.
        Task | Taskloop | Target | TargetData => !outer.is_task_generating() || outer == Target,
        Simd => true,
        _ => false,
    }
}

/// The same leaves in an order that is a directive, if there is one.
pub fn reorder(leaves: &[LeafKind]) -> Option<Vec<LeafKind>> {
    fn extend(chosen: &mut Vec<LeafKind>, rest: &mut Vec<LeafKind>) -> bool {
        if rest.is_empty() {
            return check_compound(chosen).is_ok();
        }
        for i in 0..rest.len() {
            let leaf = rest.remove(i);
            chosen.push(leaf);
            if extend(chosen, rest) {
                return true;
            }
            chosen.pop();
            rest.insert(i, leaf);
        }
        false
    }
    // Longer sequences are no slip of the pen, and there are many orders of them.
    if leaves.len() > 5 {
        return None;
    }
    let mut chosen = Vec::new();
    extend(&mut chosen, &mut leaves.to_vec()).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use LeafKind::*;

    const LEAVES: [LeafKind; 13] = [
        Parallel, Teams, Target, TargetData, Task, Taskloop, Simd, Masked, Single, Sections, For,
        Distribute, Loop,
    ];

    fn count(chosen: &mut Vec<LeafKind>) -> usize {
        let mut found = usize::from(chosen.len() > 1 && check_compound(chosen).is_ok());
        // Every tail of a compound is one or a leaf, so names grow from their end.
        for leaf in LEAVES {
            if !chosen.contains(&leaf) {
                chosen.insert(0, leaf);
                if chosen.len() == 1 || check_compound(chosen).is_ok() {
                    found += count(chosen);
                }
                chosen.remove(0);
            }
        }
        found
    }

    #[test]
    fn the_rule_gives_576_compound_names() {
        // `distribute parallel for` does not grow from `parallel for`'s tail alone, but `parallel for` is valid, so it is found.
        assert_eq!(count(&mut Vec::new()), 576);
    }

    #[test]
    fn the_names_of_earlier_versions_stay_valid() {
        for name in [
            "parallel for",
            "parallel for simd",
            "parallel loop",
            "parallel sections",
            "parallel masked",
            "parallel masked taskloop",
            "parallel masked taskloop simd",
            "teams distribute",
            "teams distribute simd",
            "teams distribute parallel for",
            "teams distribute parallel for simd",
            "teams loop",
            "target parallel",
            "target parallel for",
            "target parallel for simd",
            "target parallel loop",
            "target simd",
            "target loop",
            "target teams",
            "target teams distribute",
            "target teams distribute simd",
            "target teams distribute parallel for",
            "target teams distribute parallel for simd",
            "target teams loop",
            "masked taskloop",
            "masked taskloop simd",
            "for simd",
            "distribute simd",
            "distribute parallel for",
            "distribute parallel for simd",
            "taskloop simd",
            "parallel single",
            "target task",
            "task parallel for",
        ] {
            let leaves: Vec<LeafKind> = name.split(' ').filter_map(LeafKind::from_name).collect();
            assert_eq!(check_compound(&leaves), Ok(()), "{name}");
        }
    }

    #[test]
    fn wrong_sequences_name_the_leaf_at_fault() {
        assert_eq!(
            check_compound(&[For, Parallel]),
            Err(CompoundError::NotInside(1))
        );
        assert_eq!(
            check_compound(&[Parallel, Parallel]),
            Err(CompoundError::Repeated(1))
        );
        assert_eq!(
            check_compound(&[Parallel, Critical]),
            Err(CompoundError::NeverCombined(1))
        );
        assert_eq!(
            check_compound(&[Parallel, For, Simd, Task]),
            Err(CompoundError::NotInside(3))
        );
        assert_eq!(
            check_compound(&[Task, Taskloop]),
            Err(CompoundError::NotInside(1))
        );
        assert_eq!(reorder(&[For, Parallel]), Some(vec![Parallel, For]));
        assert_eq!(reorder(&[For, Critical]), None);
    }
}
