//! Where a variable lives: in the function, or in the one construct that alone mentions it. Two constructs that each assign a
//! variable before they read it have one each, as two blocks of C that declare the same name do.

use super::Input;
use crate::constructs::has_data_environment;
use crate::definite::exposed_reads;
use crate::occurrences::Occurrence;
use omply_syntax::hir::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Per directive, the variables that live in its block.
pub(super) fn locals(input: &Input) -> Vec<Vec<NameRef>> {
    let mut mentions: Vec<Vec<&Occurrence>> = vec![Vec::new(); input.function.vars.len()];
    for occurrence in input.occurrences {
        if let NameRef::Var(var) = occurrence.name {
            mentions[var.index()].push(occurrence);
        }
    }
    let mut placer = Placer {
        input,
        exposed: FxHashMap::default(),
        locals: vec![Vec::new(); input.constructs.all.len()],
    };
    for (index, mentions) in mentions.iter().enumerate() {
        if input.function.vars[index].kind == VarKind::Local && !mentions.is_empty() {
            placer.place(NameRef::Var(VarId(index as u32)), None, mentions);
        }
    }
    placer.locals
}

struct Placer<'p, 'i, 'f> {
    input: &'p Input<'i, 'f>,
    exposed: FxHashMap<DirId, FxHashSet<NameRef>>,
    locals: Vec<Vec<NameRef>>,
}

impl Placer<'_, '_, '_> {
    fn place(&mut self, name: NameRef, level: Option<DirId>, mentions: &[&Occurrence]) {
        let mut groups: Vec<(DirId, Vec<&Occurrence>)> = Vec::new();
        for &mention in mentions {
            let Some(child) = self.child(level, mention.site) else {
                return self.settle(name, level);
            };
            match groups.iter_mut().find(|(id, _)| *id == child) {
                Some((_, group)) => group.push(mention),
                None => groups.push((child, vec![mention])),
            }
        }
        let separate = groups.len() == 1 || groups.iter().all(|(id, _)| !self.exposes(*id, name));
        if separate {
            groups
                .into_iter()
                .for_each(|(id, group)| self.place(name, Some(id), &group));
        } else {
            self.settle(name, level);
        }
    }

    /// The construct directly inside of `level` that holds `site`.
    fn child(&self, level: Option<DirId>, site: Option<DirId>) -> Option<DirId> {
        let mut outward = self
            .input
            .constructs
            .outward(site)
            .take_while(|construct| Some(construct.dir.id) != level);
        outward
            .find(|construct| construct.parent == level)
            .map(|construct| construct.dir.id)
    }

    fn exposes(&mut self, id: DirId, name: NameRef) -> bool {
        let input = self.input;
        self.exposed
            .entry(id)
            .or_insert_with(|| exposed_reads(input.function, &input.constructs.get(id).dir.body))
            .contains(&name)
    }

    fn settle(&mut self, name: NameRef, level: Option<DirId>) {
        let mut outward = self.input.constructs.outward(level);
        let home = outward.find(|construct| {
            construct
                .leaves()
                .iter()
                .any(|leaf| has_data_environment(leaf.kind))
        });
        if let Some(home) = home {
            let locals = &mut self.locals[home.dir.id.index()];
            if !locals.contains(&name) {
                locals.push(name);
            }
        }
    }
}
