//! Plain tables: columns as wide as they must be, nothing drawn.

use super::wrap::wrap;

/// How wide a terminal is that nobody made wider.
pub const WIDTH: usize = 80;

/// A hash: whatever is longer is nothing to be copied whole, and may be parted.
const LONGEST_ID: usize = 64;

/// Rows under headings.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    #[must_use]
    pub fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![
                headings
                    .iter()
                    .map(|heading| heading.to_uppercase())
                    .collect(),
            ],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The text, without trailing blanks.
    #[must_use]
    pub fn render(&self) -> String {
        self.with_widths(&self.widths(|cell| cell.chars().count()))
    }

    /// The same in lines of at most `width` characters: the widest columns are wrapped between words. An id
    /// is never parted, so that it can be copied. Without a width nothing is wrapped.
    #[must_use]
    pub fn render_within(&self, width: Option<usize>) -> String {
        let mut widths = self.widths(|cell| cell.chars().count());
        let least = self.widths(longest_word);
        while width
            .is_some_and(|width| widths.iter().sum::<usize>() + 2 * (widths.len() - 1) > width)
        {
            let wide = widths
                .iter_mut()
                .zip(&least)
                .filter(|(is, least)| **is > **least);
            match wide.max_by_key(|(is, _)| **is) {
                Some((widest, _)) => *widest -= 1,
                None => break,
            }
        }
        let rows = self.rows.iter().flat_map(|row| folded(row, &widths));
        let table = Self {
            rows: rows.collect(),
        };
        table.with_widths(&widths)
    }

    fn widths(&self, of: impl Fn(&str) -> usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| of(cell)).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }

    fn with_widths(&self, widths: &[usize]) -> String {
        let line = |row: &Vec<String>| {
            // By hand: a format takes no width beyond 65,535.
            let cells = row.iter().zip(widths).map(|(cell, width)| {
                let missing = width.saturating_sub(cell.chars().count());
                format!("{cell}{}", " ".repeat(missing))
            });
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

/// A cell in lines, between words where that is possible.
fn parted(cell: &str, width: usize) -> Vec<String> {
    let lines = wrap(cell, width).into_iter();
    let letters = lines.map(|line| line.chars().collect::<Vec<_>>());
    letters
        .flat_map(|line| {
            let parts = line.chunks(width.max(1));
            parts
                .map(|part| part.iter().collect())
                .collect::<Vec<String>>()
        })
        .collect()
}

fn longest_word(cell: &str) -> usize {
    let words = cell.split_whitespace().map(|word| word.chars().count());
    words.max().unwrap_or(0).min(LONGEST_ID)
}

/// One row as the rows that its cells need.
fn folded(row: &[String], widths: &[usize]) -> Vec<Vec<String>> {
    let cells: Vec<Vec<String>> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| match cell.chars().count() > *width {
            true => parted(cell, *width),
            false => vec![cell.clone()],
        })
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let parts = cells.iter().map(|cell| cell.get(number).cloned());
        parts.map(Option::unwrap_or_default).collect()
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_wide_wraps_its_widest_column() {
        let mut table = Table::new(&["step", "what"]);
        table.row(["one".into(), "word ".repeat(40).trim().into()]);
        table.row(["backup-create-1".into(), "short".into()]);
        let text = table.render_within(Some(WIDTH));
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert_eq!(text.matches("word").count(), 40);
        assert_eq!(table.render_within(None), table.render());
    }

    #[test]
    fn a_cell_may_be_as_long_as_it_likes() {
        let mut table = Table::new(&["step", "what", "object"]);
        let long = "x".repeat(100_000);
        table.row(["one".into(), long.clone(), "a".into()]);
        assert!(table.render().contains(&long));
    }

    #[test]
    fn an_id_is_never_parted() {
        let mut table = Table::new(&["step", "what"]);
        let id = "x".repeat(LONGEST_ID);
        table.row(["one".into(), format!("back up {id}")]);
        assert!(table.render_within(Some(20)).contains(&id));
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["id", "taken"]);
        table.row(["backup-1".into(), "today".into()]);
        assert_eq!(table.render(), "ID        TAKEN\nbackup-1  today\n");
    }
}
