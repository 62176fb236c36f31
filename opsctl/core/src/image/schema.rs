//! Which schemas of the database an image serves, as its labels say.

use std::collections::BTreeMap;

use super::label;
use crate::migrate::Migration;

/// The schemas that an image serves: from the migration that it was built for, up to the first contract that takes away
/// what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SchemaRange {
    /// The migration that it was built for: an older schema lacks something.
    pub needs: i64,
    /// The newest migration that its source had: what comes later it does not know.
    pub knows: i64,
}

/// How the schema of a database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SchemaPoint {
    /// The newest migration that it has.
    pub version: i64,
    /// The oldest application schema that its contracts still support.
    pub floor: i64,
}

impl SchemaPoint {
    /// Of a database that has these migrations.
    #[must_use]
    pub fn after<'a>(applied: impl Iterator<Item = &'a Migration>) -> Self {
        let nothing = Self {
            version: 0,
            floor: 1,
        };
        applied.fold(nothing, |point, migration| Self {
            version: point.version.max(migration.version),
            floor: point
                .floor
                .max(migration.oldest_supported_app_schema.unwrap_or(1)),
        })
    }
}

impl SchemaRange {
    /// As labels.
    #[must_use]
    pub fn labels(self) -> [(&'static str, String); 2] {
        [
            (label::SCHEMA_NEEDS, self.needs.to_string()),
            (label::SCHEMA_KNOWS, self.knows.to_string()),
        ]
    }

    /// From labels; `None` where an image does not say.
    #[must_use]
    pub fn of(labels: &BTreeMap<String, String>) -> Option<Self> {
        let number = |name: &str| labels.get(name)?.parse().ok();
        Some(Self {
            needs: number(label::SCHEMA_NEEDS)?,
            knows: number(label::SCHEMA_KNOWS)?,
        })
    }

    /// Why the image can't serve that schema; `None` when it can. The same rule as the application's own at its start.
    #[must_use]
    pub fn against(self, schema: SchemaPoint) -> Option<String> {
        let Self { needs, knows } = self;
        let SchemaPoint { version, floor } = schema;
        if version < needs {
            return Some(format!(
                "it needs migration {needs:04}, and the schema will be at {version:04}"
            ));
        }
        (floor > needs).then(|| {
            format!(
                "it was built for migration {needs:04} and knows of none after {knows:04}; the schema at {version:04} \
                 serves nothing older than {floor:04}"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(version: i64, header: &str) -> Migration {
        Migration::parse(&format!("{version:04}_m"), header, None).unwrap()
    }

    #[test]
    fn an_image_serves_from_what_it_needs_up_to_the_contract_that_drops_it() {
        let image = SchemaRange { needs: 5, knows: 6 };
        for (version, floor, serves) in [
            (4, 1, false),
            (5, 1, true),
            (9, 5, true),
            (9, 6, false),
            (0, 1, false),
        ] {
            let found = image.against(SchemaPoint { version, floor });
            assert_eq!(found.is_none(), serves, "{version} {floor}: {found:?}");
        }
    }

    #[test]
    fn a_contract_raises_the_floor_and_an_expand_does_not() {
        let all = [
            migration(1, "-- phase: expand\n"),
            migration(2, "-- phase: contract\n-- oldest_supported_app_schema: 2\n"),
            migration(3, "-- phase: expand\n"),
        ];
        let point = SchemaPoint::after(all.iter());
        assert_eq!((point.version, point.floor), (3, 2));
        let first = SchemaPoint::after(all.iter().take(1));
        assert_eq!((first.version, first.floor), (1, 1));
    }

    #[test]
    fn labels_are_read_back_and_half_of_them_say_nothing() {
        let range = SchemaRange { needs: 5, knows: 6 };
        let mut labels: BTreeMap<String, String> = range
            .labels()
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        assert_eq!(SchemaRange::of(&labels), Some(range));
        labels.remove(label::SCHEMA_KNOWS);
        assert_eq!(SchemaRange::of(&labels), None);
        labels.insert(label::SCHEMA_KNOWS.into(), "new".into());
        assert_eq!(SchemaRange::of(&labels), None);
    }
}
