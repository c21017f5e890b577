//! Linear forms: an integer as a sum of induction variables, each times a polynomial of loop-invariant values.

use std::collections::{BTreeMap, BTreeSet};

use omply_ir::ValueId;

/// A polynomial of invariant values: products (sorted, with repetition) and their factors. No zero factors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Poly(pub BTreeMap<Vec<ValueId>, i64>);

/// `None` stands for the part without induction variable. No zero polynomials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Linear(pub BTreeMap<Option<ValueId>, Poly>);

impl Poly {
    pub fn constant(value: i64) -> Poly {
        let mut poly = Poly::default();
        poly.insert(Vec::new(), value);
        poly
    }

    fn insert(&mut self, product: Vec<ValueId>, factor: i64) {
        if factor != 0 {
            self.0.insert(product, factor);
        }
    }

    pub fn as_constant(&self) -> Option<i64> {
        match self.0.len() {
            0 => Some(0),
            1 => self.0.get(&Vec::new()).copied(),
            _ => None,
        }
    }

    fn add(&self, other: &Poly) -> Option<Poly> {
        let mut sum = self.clone();
        for (product, &factor) in &other.0 {
            let old = sum.0.remove(product).unwrap_or(0);
            sum.insert(product.clone(), old.checked_add(factor)?);
        }
        Some(sum)
    }

    fn mul(&self, other: &Poly) -> Option<Poly> {
        let mut result = Poly::default();
        for (a, &x) in &self.0 {
            for (b, &y) in &other.0 {
                let mut product: Vec<ValueId> = a.iter().chain(b).copied().collect();
                product.sort();
                let mut term = Poly::default();
                term.insert(product, x.checked_mul(y)?);
                result = result.add(&term)?;
            }
        }
        Some(result)
    }
}

impl Linear {
    pub fn constant(value: i64) -> Linear {
        Linear::of(None, Poly::constant(value))
    }

    pub fn invariant(value: ValueId) -> Linear {
        Linear::of(None, Poly(BTreeMap::from([(vec![value], 1)])))
    }

    pub fn variable(iv: ValueId) -> Linear {
        Linear::of(Some(iv), Poly::constant(1))
    }

    fn of(iv: Option<ValueId>, poly: Poly) -> Linear {
        let mut linear = Linear::default();
        linear.insert(iv, poly);
        linear
    }

    fn insert(&mut self, iv: Option<ValueId>, poly: Poly) {
        if !poly.0.is_empty() {
            self.0.insert(iv, poly);
        }
    }

    pub fn add(&self, other: &Linear) -> Option<Linear> {
        let mut sum = self.clone();
        for (&iv, poly) in &other.0 {
            let old = sum.0.remove(&iv).unwrap_or_default();
            sum.insert(iv, old.add(poly)?);
        }
        Some(sum)
    }

    pub fn neg(&self) -> Option<Linear> {
        self.mul(&Linear::constant(-1))
    }

    /// The product, when one factor has no induction variable.
    pub fn mul(&self, other: &Linear) -> Option<Linear> {
        let (variable, factor) = if self.has_variables() {
            (self, other)
        } else {
            (other, self)
        };
        if factor.has_variables() {
            return None;
        }
        let factor = factor.0.get(&None).cloned().unwrap_or_default();
        let mut product = Linear::default();
        for (&iv, poly) in &variable.0 {
            product.insert(iv, poly.mul(&factor)?);
        }
        Some(product)
    }

    pub fn has_variables(&self) -> bool {
        self.0.keys().any(Option::is_some)
    }

    pub fn variables(&self) -> BTreeSet<ValueId> {
        self.0.keys().copied().flatten().collect()
    }

    /// The form without its constant, and the constant.
    pub fn split_constant(&self) -> (Linear, i64) {
        let mut rest = self.clone();
        let mut poly = rest.0.remove(&None).unwrap_or_default();
        let constant = poly.0.remove(&Vec::new()).unwrap_or(0);
        rest.insert(None, poly);
        (rest, constant)
    }

    /// Whether the form is one value alone: an induction variable or an invariant, and which.
    pub fn single(&self) -> Option<(Option<ValueId>, ValueId)> {
        let (&iv, poly) = self.0.first_key_value()?;
        let (product, &factor) = poly.0.first_key_value()?;
        if self.0.len() != 1 || poly.0.len() != 1 || factor != 1 {
            return None;
        }
        match (iv, product.as_slice()) {
            (Some(iv), []) => Some((Some(iv), iv)),
            (None, &[value]) => Some((None, value)),
            _ => None,
        }
    }

    /// Every number that occurs may be as large as 2 to the power of the result without the sum of the products
    /// leaving 62 bits. `None` if that leaves too little.
    pub fn bits(&self) -> Option<u32> {
        let mut degree = 1;
        let mut factors = 0u64;
        for (iv, poly) in &self.0 {
            for (product, factor) in &poly.0 {
                degree = degree.max(product.len() + usize::from(iv.is_some()));
                factors = factors.checked_add(factor.unsigned_abs())?;
            }
        }
        let spare = 62 - (64 - factors.leading_zeros()).min(62);
        let bits = (spare / degree as u32).min(40);
        (bits >= 16).then_some(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const I: ValueId = ValueId(1);
    const J: ValueId = ValueId(2);
    const W: ValueId = ValueId(3);

    /// `i * w + j - 1`.
    fn flattened() -> Linear {
        let row = Linear::variable(I).mul(&Linear::invariant(W)).unwrap();
        row.add(&Linear::variable(J))
            .unwrap()
            .add(&Linear::constant(-1))
            .unwrap()
    }

    #[test]
    fn terms_cancel() {
        let zero = flattened().add(&flattened().neg().unwrap()).unwrap();
        assert_eq!(zero, Linear::default());
    }

    #[test]
    fn the_constant_splits_off() {
        let (rest, constant) = flattened().split_constant();
        assert_eq!(constant, -1);
        assert_eq!(rest.add(&Linear::constant(-1)).unwrap(), flattened());
        assert_eq!(rest.variables(), BTreeSet::from([I, J]));
    }

    #[test]
    fn two_variables_do_not_multiply() {
        assert_eq!(Linear::variable(I).mul(&Linear::variable(J)), None);
    }

    #[test]
    fn products_leave_fewer_bits_to_their_factors() {
        assert_eq!(Linear::variable(I).bits(), Some(40));
        assert_eq!(flattened().bits(), Some(30));
        let huge = Linear::variable(I)
            .mul(&Linear::constant(i64::MAX))
            .unwrap();
        assert_eq!(huge.bits(), None);
    }

    #[test]
    fn one_value_alone_is_told() {
        assert_eq!(Linear::variable(I).single(), Some((Some(I), I)));
        assert_eq!(Linear::invariant(W).single(), Some((None, W)));
        assert_eq!(flattened().single(), None);
        assert_eq!(Linear::variable(I).neg().unwrap().single(), None);
    }
}
