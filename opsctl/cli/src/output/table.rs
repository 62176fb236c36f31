//! Plain tables: columns as wide as they must be, nothing drawn.

use super::wrap::fold;

/// How wide a terminal is that nobody made wider.
pub const WIDTH: usize = 80;

/// A column is never made narrower than this.
const NARROWEST: usize = 8;

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
        self.with_widths(&self.widths())
    }

    /// The same in lines of at most [`WIDTH`] characters: the widest columns are wrapped.
    #[must_use]
    pub fn render_wrapped(&self) -> String {
        let mut widths = self.widths();
        while widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1) > WIDTH {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
        let rows = self.rows.iter().flat_map(|row| folded(row, &widths));
        let table = Self {
            rows: rows.collect(),
        };
        table.with_widths(&widths)
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }

    fn with_widths(&self, widths: &[usize]) -> String {
        let line = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

/// One row as the rows that its cells need.
fn folded(row: &[String], widths: &[usize]) -> Vec<Vec<String>> {
    let cells: Vec<Vec<String>> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| fold(cell, *width))
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
        table.row(["two".into(), "x".repeat(200)]);
        let text = table.render_wrapped();
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert_eq!(text.matches("word").count(), 40);
        assert_eq!(text.matches('x').count(), 200);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["id", "taken"]);
        table.row(["backup-1".into(), "today".into()]);
        assert_eq!(table.render(), "ID        TAKEN\nbackup-1  today\n");
    }
}
