//! Where the bytes of an array section are: as few contiguous rows as its shape and strides allow, so that copies move the section's
//! elements and never the gaps between them.

/// Rows of `bytes` at all combinations of multiples of the strides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// From the section's first byte on.
    pub bytes: u64,
    /// Count and distance in bytes, outermost first; counts are above 1.
    pub dimensions: Vec<(u64, u64)>,
}

impl Layout {
    /// The layout of a section relative to its lowest byte. `None`: it has no elements.
    pub fn new(itemsize: u64, shape: &[i64], strides: &[i64]) -> Option<Self> {
        if itemsize == 0 || shape.iter().any(|&extent| extent <= 0) {
            return None;
        }
        // The lowest byte is the same corner for both signs of a stride. Repeated elements are one.
        let mut dimensions: Vec<(u64, u64)> = shape
            .iter()
            .zip(strides)
            .map(|(&extent, &stride)| (extent as u64, stride.unsigned_abs()))
            .filter(|&(extent, stride)| extent > 1 && stride > 0)
            .collect();
        dimensions.sort_by_key(|&(_, stride)| std::cmp::Reverse(stride));
        let mut bytes = itemsize;
        // A dimension whose elements touch or overlap is part of the row.
        while let Some(&(extent, stride)) = dimensions.last() {
            if stride > bytes {
                break;
            }
            bytes += (extent - 1) * stride;
            dimensions.pop();
        }
        // Neighbouring dimensions with one rhythm are one dimension.
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(dimensions.len());
        for (extent, stride) in dimensions {
            match merged.last_mut() {
                Some((count, pitch)) if *pitch == stride * extent => {
                    *count *= extent;
                    *pitch = stride;
                }
                _ => merged.push((extent, stride)),
            }
        }
        Some(Self {
            bytes,
            dimensions: merged,
        })
    }

    /// Bytes that a copy moves.
    pub fn total(&self) -> u64 {
        self.dimensions
            .iter()
            .fold(self.bytes, |bytes, &(count, _)| bytes * count)
    }

    /// Bytes from the first to behind the last one.
    pub fn span(&self) -> u64 {
        self.bytes
            + self
                .dimensions
                .iter()
                .map(|&(count, pitch)| (count - 1) * pitch)
                .sum::<u64>()
    }

    /// Calls `copy` with offset, and bytes, pitch and number of rows, until it fails.
    pub fn each<E>(
        &self,
        mut copy: impl FnMut(u64, (u64, u64, u64)) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((&(rows, pitch), outer)) = self.dimensions.split_last() else {
            return copy(0, (self.bytes, self.bytes, 1));
        };
        let mut position = vec![0; outer.len()];
        loop {
            let offset = std::iter::zip(&position, outer)
                .map(|(index, (_, stride))| index * stride)
                .sum();
            copy(offset, (self.bytes, pitch, rows))?;
            let Some(next) = (0..outer.len())
                .rev()
                .find(|&dimension| position[dimension] + 1 < outer[dimension].0)
            else {
                return Ok(());
            };
            position[next] += 1;
            position[next + 1..].fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    /// The offsets of all bytes of the section, from the lowest on, one element at a time.
    fn bytes_of(itemsize: u64, shape: &[i64], strides: &[i64]) -> Vec<u64> {
        let mut starts = vec![0i64];
        for (&extent, &stride) in shape.iter().zip(strides) {
            starts = starts
                .iter()
                .flat_map(|start| (0..extent).map(move |index| start + index * stride))
                .collect();
        }
        let low = starts.iter().min().copied().unwrap_or(0);
        let mut bytes: Vec<u64> = starts
            .iter()
            .flat_map(|start| (0..itemsize).map(move |byte| (start - low) as u64 + byte))
            .collect();
        bytes.sort_unstable();
        bytes.dedup();
        bytes
    }

    fn covered(layout: &Layout) -> Vec<u64> {
        let mut bytes = Vec::new();
        layout
            .each(|offset, (length, pitch, rows)| {
                for row in 0..rows {
                    bytes.extend((0..length).map(|byte| offset + row * pitch + byte));
                }
                Ok::<(), ()>(())
            })
            .unwrap();
        bytes.sort_unstable();
        bytes.dedup();
        bytes
    }

    #[test]
    fn a_whole_array_is_one_row() {
        let layout = Layout::new(8, &[4, 5, 6], &[240, 48, 8]).unwrap();
        assert_eq!((layout.bytes, &layout.dimensions[..]), (960, &[][..]));
        let layout = Layout::new(8, &[4, 5, 6], &[8, 32, 160]).unwrap();
        assert_eq!(layout.bytes, 960, "in Fortran's order, too");
    }

    #[test]
    fn a_block_of_a_matrix_is_rows_of_one_pitch() {
        let layout = Layout::new(8, &[3, 2], &[80, 8]).unwrap();
        assert_eq!((layout.bytes, &layout.dimensions[..]), (16, &[(3, 80)][..]));
        assert_eq!((layout.total(), layout.span()), (48, 176));
    }

    #[test]
    fn every_second_element_is_a_row() {
        let layout = Layout::new(4, &[5], &[-8]).unwrap();
        assert_eq!((layout.bytes, &layout.dimensions[..]), (4, &[(5, 8)][..]));
    }

    #[test]
    fn dimensions_of_one_rhythm_are_merged() {
        let layout = Layout::new(4, &[3, 5], &[40, 8]).unwrap();
        assert_eq!((layout.bytes, &layout.dimensions[..]), (4, &[(15, 8)][..]));
    }

    #[test]
    fn sections_without_elements_have_no_layout() {
        assert_eq!(Layout::new(8, &[3, 0], &[8, 8]), None);
        assert_eq!(Layout::new(0, &[3], &[0]), None);
    }

    #[test]
    fn exactly_the_bytes_of_the_elements_are_covered() {
        let extents = [1, 2, 3];
        let strides = [-24, -8, -4, 0, 4, 8, 12, 24, 96];
        for &m in &extents {
            for &n in &extents {
                for &k in &extents {
                    for &a in &strides {
                        for &b in &strides {
                            for &c in &strides {
                                let (shape, strides) = ([m, n, k], [a, b, c]);
                                let layout = Layout::new(4, &shape, &strides).unwrap();
                                let wanted = bytes_of(4, &shape, &strides);
                                assert_eq!(covered(&layout), wanted, "{shape:?} {strides:?}");
                                assert_eq!(layout.span(), wanted.last().unwrap() + 1);
                            }
                        }
                    }
                }
            }
        }
    }
}
