//! Trees as arrays.

/// An inner node has two children; a leaf has a run of items.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// Children, and the number of the split.
    Inner { left: u32, right: u32, split: u32 },
    /// First item and one past the last.
    Leaf { start: u32, end: u32 },
}

/// How a run of rows is parted.
pub trait Split {
    /// Orders `ids` so that the first part goes left; gives its length and the number of the split. `None`: make a leaf.
    fn split(&mut self, ids: &mut [u32]) -> Option<(usize, u32)>;
}

/// Grows a tree over `items`; the root is node 0.
pub fn grow(items: &mut [u32], split: &mut impl Split) -> Vec<Node> {
    let mut nodes = vec![Node::Leaf { start: 0, end: items.len() as u32 }];
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        let Node::Leaf { start, end } = nodes[at] else { continue };
        let Some((first, number)) = split.split(&mut items[start as usize..end as usize]) else { continue };
        let (middle, left) = (start + first as u32, nodes.len() as u32);
        nodes.push(Node::Leaf { start, end: middle });
        nodes.push(Node::Leaf { start: middle, end });
        nodes[at] = Node::Inner { left, right: left + 1, split: number };
        open.extend([left as usize, left as usize + 1]);
    }
    nodes
}

/// A node to be looked into, the one with the largest priority first, ties by number.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    pub priority: f32,
    pub node: u32,
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.priority.total_cmp(&other.priority).then(other.node.cmp(&self.node))
    }
}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == std::cmp::Ordering::Equal
    }
}
impl Eq for Open {}
