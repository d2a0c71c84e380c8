//! Concepts in a directed graph, opened where texts need it.

use std::collections::{HashMap, HashSet, VecDeque};

/// Concepts and what lies below them. Cycles are allowed: no concept is opened twice.
#[derive(Clone, Debug, Default)]
pub struct Taxonomy {
    names: Vec<String>,
    children: Vec<Vec<usize>>,
    place: HashMap<String, usize>,
}

impl Taxonomy {
    /// From edges (concept, what it belongs to).
    #[must_use]
    pub fn from_edges<'a>(edges: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut out = Self::default();
        for (below, above) in edges {
            let (below, above) = (out.id(below), out.id(above));
            out.children[above].push(below);
        }
        // The larger part of the graph first.
        let sizes: Vec<usize> = (0..out.names.len()).map(|c| out.children[c].len()).collect();
        out.children.iter_mut().for_each(|c| c.sort_by_key(|k| (usize::MAX - sizes[*k], *k)));
        out
    }

    fn id(&mut self, name: &str) -> usize {
        if let Some(id) = self.place.get(name) {
            return *id;
        }
        self.names.push(name.to_owned());
        self.children.push(Vec::new());
        self.place.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// The concept of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.place.get(name).copied()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self, id: usize) -> &str {
        &self.names[id]
    }

    /// Concepts at most `depth` below `root`, nearest first, without the root.
    #[must_use]
    pub fn down_to(&self, root: usize, depth: usize) -> Vec<usize> {
        let (mut seen, mut queue, mut out) = (HashSet::from([root]), VecDeque::from([(root, 0)]), Vec::new());
        while let Some((id, d)) = queue.pop_front() {
            if id != root {
                out.push(id);
            }
            if d < depth {
                queue.extend(self.children[id].iter().filter(|c| seen.insert(**c)).map(|c| (*c, d + 1)));
            }
        }
        out
    }

    /// At most `size` concepts for a set of texts: from `start`, the best concept that is still closed is opened (the larger half of
    /// its children joins) until there are enough. `score` gives what each concept of a list is worth to the texts beside the
    /// others.
    #[must_use]
    pub fn on_demand(&self, start: &[usize], size: usize, mut score: impl FnMut(&[usize]) -> Vec<f64>) -> Vec<usize> {
        let mut chosen: Vec<usize> = start.iter().copied().take(size).collect();
        let mut worth = score(&chosen);
        let mut seen: HashSet<usize> = chosen.iter().copied().collect();
        let mut open = vec![false; chosen.len()];
        while chosen.len() < size {
            let closed = (0..chosen.len()).filter(|i| !open[*i]);
            let Some(best) = closed.max_by(|a, b| worth[*a].total_cmp(&worth[*b]).then(b.cmp(a))) else { break };
            open[best] = true;
            let children = &self.children[chosen[best]];
            let half = children.len().div_ceil(2);
            let new: Vec<usize> =
                children[..half].iter().copied().filter(|c| seen.insert(*c)).take(size - chosen.len()).collect();
            open.extend(vec![false; new.len()]);
            chosen.extend(new);
            worth = score(&chosen);
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_that_the_texts_need_is_opened_and_cycles_end() {
        let edges = [
            ("animal", "thing"),
            ("tool", "thing"),
            ("dog", "animal"),
            ("cat", "animal"),
            ("puppy", "dog"),
            ("saw", "tool"),
            ("animal", "puppy"),
        ];
        let t = Taxonomy::from_edges(edges);
        let root = t.find("thing").unwrap();
        let names = |ids: &[usize]| ids.iter().map(|i| t.name(*i)).collect::<Vec<_>>();
        assert_eq!(names(&t.down_to(root, 1)), ["animal", "tool"]);
        assert_eq!(t.down_to(root, 9).len(), 6);
        let start = t.down_to(root, 1);
        let animals = ["animal", "dog", "puppy", "cat"];
        let chosen =
            t.on_demand(&start, 3, |ids| ids.iter().map(|i| f64::from(animals.contains(&t.name(*i)))).collect());
        assert_eq!(names(&chosen), ["animal", "tool", "dog"]);
        assert_eq!(t.on_demand(&start, 100, |ids| vec![1.0; ids.len()]).len(), 5);
    }
}
