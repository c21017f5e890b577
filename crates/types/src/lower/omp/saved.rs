//! What a nest runs over, kept in variables: a construct that divides the iterations evaluates it, the construct inside of
//! it, which may be another function, runs over it.

use super::super::function::Lowerer;
use super::super::iter::Plan;
use super::nest::Nest;
use crate::ty::Ty;
use crate::value::Val;
use omply_ir::{Along, SlotId};

pub struct SavedNest {
    /// In order; the innermost construct takes them from the front.
    plans: std::vec::IntoIter<(Plan, Option<Along>)>,
    slots: std::vec::IntoIter<SlotId>,
}

impl SavedNest {
    /// The next loop's plan.
    pub(super) fn next(&mut self, lowerer: &mut Lowerer<'_, '_>) -> Option<(Plan, Option<Along>)> {
        let (plan, along) = self.plans.next()?;
        let slots = &mut self.slots;
        let plan = plan.map(&mut |value| load(lowerer, value, slots));
        let along = along.map(|along| Along {
            start: slots
                .next()
                .map_or(along.start, |slot| lowerer.b.load_slot(slot)),
            stop: slots
                .next()
                .map_or(along.stop, |slot| lowerer.b.load_slot(slot)),
            ..along
        });
        Some((plan, along))
    }
}

impl Lowerer<'_, '_> {
    /// Keeps what the nest's loops run over for the construct inside.
    pub(super) fn save_nest(&mut self, nest: &Nest<'_>) {
        let generated = nest.generated.take();
        let mut kept: Vec<(Plan, Option<Along>)> = Vec::new();
        let mut slots = Vec::new();
        let mut keep = |plan: &Plan, along: Option<Along>| {
            let plan = plan.map(&mut |value| {
                if value.as_int().is_none() {
                    let slot = self.temp("iterated", &value.ty);
                    let id = self.id(value);
                    self.b.store_slot(slot, id);
                    slots.push(slot);
                }
                value.clone()
            });
            for factor in along
                .into_iter()
                .flat_map(|along| [along.start, along.stop])
            {
                let slot = self.temp("slope", &Ty::Int);
                self.b.store_slot(slot, factor);
                slots.push(slot);
            }
            kept.push((plan, along));
        };
        match generated {
            Some(generated) => generated.plans().for_each(|plan| keep(&plan, None)),
            None => nest
                .plans
                .iter()
                .zip(&nest.dims)
                .for_each(|(plan, dim)| keep(plan, dim.along)),
        }
        self.omp.nest = Some(SavedNest {
            plans: kept.into_iter(),
            slots: slots.into_iter(),
        });
    }
}

fn load(lowerer: &mut Lowerer<'_, '_>, value: &Val, slots: &mut std::vec::IntoIter<SlotId>) -> Val {
    if value.as_int().is_some() {
        return value.clone();
    }
    match slots.next() {
        Some(slot) => Val::with_range(value.ty.clone(), lowerer.b.load_slot(slot), value.range),
        None => value.clone(),
    }
}
