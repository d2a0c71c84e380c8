//! Hierarchical softmax: a binary tree in which frequent words are near the root.

/// For each word the inner nodes on its way from the root, and which way it turns there.
#[derive(Clone, Debug, Default)]
pub struct Huffman {
    ends: Vec<usize>,
    nodes: Vec<u32>,
    codes: Vec<f32>,
}

impl Huffman {
    /// The tree of fastText's program (and so its node numbers) over counts that descend: inner node `i` is output row `i`; the last is
    /// the root. `counts` must descend, as a vocabulary's do.
    #[must_use]
    pub fn new(counts: &[u64]) -> Self {
        let n = counts.len();
        if n == 0 {
            return Self::default();
        }
        let all = 2 * n - 1;
        let mut count = vec![u64::MAX; all];
        count[..n].copy_from_slice(counts);
        let (mut parent, mut right) = (vec![0usize; all], vec![false; all]);
        let (mut leaf, mut node) = (n, n);
        for i in n..all {
            let mut two = [0; 2];
            for t in &mut two {
                // The rarest of the leaves and inner nodes that have no parent yet.
                *t = if leaf > 0 && count[leaf - 1] < count[node] {
                    leaf -= 1;
                    leaf
                } else {
                    node += 1;
                    node - 1
                };
            }
            count[i] = count[two[0]].saturating_add(count[two[1]]);
            (parent[two[0]], parent[two[1]], right[two[1]]) = (i, i, true);
        }
        let mut out = Self::default();
        for word in 0..n {
            let mut j = word;
            while j != all - 1 {
                out.nodes.push((parent[j] - n) as u32);
                out.codes.push(if right[j] { 1.0 } else { 0.0 });
                j = parent[j];
            }
            out.ends.push(out.nodes.len());
        }
        out
    }

    /// Nodes and codes of a word, from the leaf up.
    #[must_use]
    pub fn path(&self, word: u32) -> (&[u32], &[f32]) {
        let w = word as usize;
        let range = if w == 0 { 0 } else { self.ends[w - 1] }..self.ends[w];
        (&self.nodes[range.clone()], &self.codes[range])
    }

    /// How many words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}
