//! The position up to which everything is settled.

use std::collections::VecDeque;

use crate::ports::Position;

/// A page that was read and is not wholly settled.
#[derive(Debug)]
struct Page {
    number: u64,
    position: Position,
    open: usize,
}

/// Pages in the order they were read. They settle in any order; the frontier moves over the closed prefix.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    pages: VecDeque<Page>,
    next: u64,
}

impl Frontier {
    /// A page of `objects` objects was read; gives its number.
    pub(super) fn read(&mut self, position: Position, objects: usize) -> u64 {
        let number = self.next;
        self.next += 1;
        self.pages.push_back(Page { number, position, open: objects });
        number
    }

    /// An object of this page is settled.
    pub(super) fn settle(&mut self, page: u64) {
        let Some(first) = self.pages.front().map(|page| page.number) else { return };
        let place = usize::try_from(page.saturating_sub(first)).unwrap_or(usize::MAX);
        if let Some(page) = self.pages.get_mut(place) {
            page.open = page.open.saturating_sub(1);
        }
    }

    /// The position after the closed prefix, if it has moved.
    pub(super) fn advance(&mut self) -> Option<Position> {
        let mut position = None;
        while self.pages.front().is_some_and(|page| page.open == 0) {
            position = self.pages.pop_front().map(|page| page.position);
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(number: u64) -> Position {
        Position(number.to_string().into())
    }

    #[test]
    fn waits_for_the_oldest_open_page() {
        let mut frontier = Frontier::default();
        let first = frontier.read(at(1), 2);
        let second = frontier.read(at(2), 1);
        frontier.settle(second);
        assert_eq!(frontier.advance(), None);
        frontier.settle(first);
        assert_eq!(frontier.advance(), None);
        frontier.settle(first);
        assert_eq!(frontier.advance(), Some(at(2)));
    }

    #[test]
    fn an_empty_page_is_settled_when_it_is_read() {
        let mut frontier = Frontier::default();
        frontier.read(at(7), 0);
        assert_eq!(frontier.advance(), Some(at(7)));
    }

    proptest! {
        /// Whatever the order, the frontier never passes an object that is not settled, and passes all in
        /// the end.
        #[test]
        fn never_passes_an_open_object(sizes in proptest::collection::vec(0_usize..4, 1..20), seed in any::<u64>()) {
            let mut frontier = Frontier::default();
            let mut open: Vec<u64> = Vec::new();
            for (index, size) in sizes.iter().enumerate() {
                let page = frontier.read(at(index as u64), *size);
                open.extend(std::iter::repeat_n(page, *size));
            }
            let mut reached = frontier.advance();
            let mut seed = seed;
            while !open.is_empty() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let page = open.swap_remove((seed >> 33) as usize % open.len());
                frontier.settle(page);
                if let Some(position) = frontier.advance() {
                    reached = Some(position);
                }
                if let Some(position) = &reached {
                    let reached: u64 = position.0.parse().unwrap();
                    prop_assert!(open.iter().all(|page| *page > reached));
                }
            }
            prop_assert_eq!(reached, Some(at(sizes.len() as u64 - 1)));
        }
    }
}
