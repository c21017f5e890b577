//! Clauses of devices and data mapping.

use super::Reading;
use crate::ast::{AllocatorUse, ClauseArgs, IteratorVar, Map, Word};
use crate::cursor::{Parser, Part};
use crate::list::Items;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{
    AttachMode, DefaultmapBehavior, DeviceModifier, GroupFallback, MapModifier, MapType,
};

/// Everything that may stand before the colon of `map`.
fn map_words() -> Vec<&'static str> {
    [
        MapType::NAMES,
        MapModifier::NAMES,
        &["mapper", "iterator", "attach"],
    ]
    .concat()
}

impl Parser<'_> {
    /// `device([ancestor|device_num:] e)`.
    pub(super) fn device(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut modifier = None;
        for &part in reading.modifiers() {
            match self.modifier_word::<DeviceModifier>(part) {
                Some(word) => self.set_once(&mut modifier, word, part),
                None => self.unknown_modifier(part, DeviceModifier::NAMES),
            }
        }
        let device = self.single_expr(reading.args(), "device number")?;
        Some(ClauseArgs::Device { modifier, device })
    }

    /// `defaultmap(behaviour [: category])`.
    pub(super) fn defaultmap(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (behavior, category) = self.with_category(reading.modified.whole());
        let behavior = self.keyword::<DefaultmapBehavior>(behavior, "implicit behaviour");
        let category = match category {
            Some(part) => Some(self.keyword(part, "kind of variable")?),
            None => None,
        };
        Some(ClauseArgs::Defaultmap {
            behavior: behavior?,
            category,
        })
    }

    /// `map([modifiers,] [type :] locators)`.
    pub(super) fn map_clause(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut modifiers: Vec<Word<MapModifier>> = Vec::new();
        let (mut kind, mut attach, mut mapper, mut iterators) = (None, None, None, None);
        for &part in reading.modifiers() {
            if let Some(word) = self.modifier_word::<MapType>(part) {
                self.set_once(&mut kind, word, part);
            } else if let Some(word) = self.modifier_word::<MapModifier>(part) {
                modifiers.push(word);
            } else if let Some(inside) = self.call(part, "attach") {
                let word = self.keyword::<AttachMode>(inside, "mode of attachment")?;
                self.set_once(&mut attach, word, part);
            } else if let Some(inside) = self.call(part, "mapper") {
                let name = self.ident(inside, "mapper")?;
                self.set_once(&mut mapper, name, part);
            } else if let Some(inside) = self.call(part, "iterator") {
                let value = self.iterators(inside)?;
                self.set_once(&mut iterators, value, part);
            } else {
                self.unknown_modifier(part, &map_words());
                return None;
            }
        }
        let items = self.items(reading.args(), Items::Locators)?;
        let iterators = iterators.unwrap_or_default();
        Some(ClauseArgs::Map(Box::new(Map {
            modifiers,
            attach,
            mapper,
            iterators,
            kind,
            items,
        })))
    }

    /// `to` and `from` of `target_update`; on `declare_target`, `to` is the older name of `enter`.
    pub(super) fn motion(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (mut present, mut mapper) = (None, None);
        let mut iterators: Option<Vec<IteratorVar>> = None;
        for &part in reading.modifiers() {
            if let Some(span) = self.modifier_flag(part, "present") {
                self.set_once(&mut present, span, part);
            } else if let Some(inside) = self.call(part, "mapper") {
                let name = self.ident(inside, "mapper")?;
                self.set_once(&mut mapper, name, part);
            } else if let Some(inside) = self.call(part, "iterator") {
                let value = self.iterators(inside)?;
                self.set_once(&mut iterators, value, part);
            } else {
                self.unknown_modifier(part, &["present", "mapper", "iterator"]);
                return None;
            }
        }
        let items = self.items(reading.args(), Items::Locators)?;
        Some(ClauseArgs::Motion {
            present,
            mapper,
            iterators: iterators.unwrap_or_default(),
            items,
        })
    }

    /// `enter([automap:] list)`.
    pub(super) fn enter(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (automap, items) = self.flagged_items(reading, "automap")?;
        Some(ClauseArgs::Enter { automap, items })
    }

    /// `dyn_groupprivate([cgroup,] [fallback(mode):] size)`.
    pub(super) fn dyn_groupprivate(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let (mut cgroup, mut fallback) = (None, None);
        for &part in reading.modifiers() {
            if let Some(span) = self.modifier_flag(part, "cgroup") {
                self.set_once(&mut cgroup, span, part);
            } else if let Some(inside) = self.call(part, "fallback") {
                let word = self.keyword::<GroupFallback>(inside, "fallback")?;
                self.set_once(&mut fallback, word, part);
            } else {
                self.unknown_modifier(part, &["cgroup", "fallback"]);
            }
        }
        let size = self.single_expr(reading.args(), "size")?;
        Some(ClauseArgs::DynGroupprivate {
            cgroup,
            fallback,
            size,
        })
    }

    /// `uses_allocators([memspace(m),] [traits(t):] allocator; ...)`, and the older `uses_allocators(a(traits), b)`.
    pub(super) fn uses_allocators(&mut self, reading: &Reading<'_>) -> Option<ClauseArgs> {
        let mut uses = Vec::new();
        for group in self.split(reading.modified.whole(), ";") {
            let (modifiers, list) = match self.cut(group, ":") {
                Some((before, list)) => (self.split(before, ","), list),
                None => (crate::cursor::Parts::new(), group),
            };
            let (mut memspace, mut traits) = (None, None);
            for part in modifiers {
                if let Some(inside) = self.call(part, "memspace") {
                    let value = self.single_expr(inside, "memory space")?;
                    self.set_once(&mut memspace, value, part);
                } else if let Some(inside) = self.call(part, "traits") {
                    let value = self.single_expr(inside, "traits")?;
                    self.set_once(&mut traits, value, part);
                } else {
                    self.unknown_modifier(part, &["memspace", "traits"]);
                }
            }
            for part in self.split(list, ",") {
                uses.push(self.allocator_use(part, memspace.clone(), traits.clone())?);
            }
        }
        Some(ClauseArgs::UsesAllocators(uses))
    }

    fn allocator_use(
        &mut self,
        part: Part,
        memspace: Option<crate::ast::ExprText>,
        mut traits: Option<crate::ast::ExprText>,
    ) -> Option<AllocatorUse> {
        let name = Part::new(part.start, part.end.min(part.start + 1));
        let allocator = self.ident(name, "allocator")?;
        if part.len() > 1 {
            let Some(inside) = self.call(part, &allocator.name) else {
                let span = self.span(Part::new(part.start + 1, part.end));
                self.report(
                    Diagnostic::error(
                        Code::InvalidListItem,
                        span,
                        "an allocator is named by a variable",
                    )
                    .label("expected `,`, `;` or `)`"),
                );
                return None;
            };
            let value = self.single_expr(inside, "traits")?;
            self.set_once(&mut traits, value, part);
        }
        Some(AllocatorUse {
            allocator,
            memspace,
            traits,
        })
    }
}
