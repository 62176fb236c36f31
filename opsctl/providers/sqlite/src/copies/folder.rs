//! [`Copies`] in the folders `scratch/` and `databases/` of an environment.

use std::fs;
use std::path::Path;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::{LineageId, OperationId, ScratchName};
use opsctl_core::ports::{Copies, Copy, CopyState, DatabaseRole, Location, RecoveryTarget};
use opsctl_core::{Failure, Result};
use sqlx::Connection;

use super::fetch::Origin;
use super::marks::{Birth, Marks, Owner, Standing};
use super::{chill, start};
use crate::files::{self, At};
use crate::places::{DATABASE_FILE, DOOMED, Places};
use crate::watched::watched;
use crate::{connect, databases};

/// The restored copies of one environment's SQLite database.
#[derive(Debug, Clone)]
pub struct SqliteCopies {
    places: Places,
}

impl SqliteCopies {
    /// Copies in these places.
    #[must_use]
    pub const fn new(places: Places) -> Self {
        Self { places }
    }

    fn marks(&self, name: &ScratchName) -> Marks {
        Marks {
            places: self.places.clone(),
            name: name.clone(),
        }
    }

    fn look(&self, marks: &Marks) -> Result<CopyState> {
        let folder = marks.folder();
        if !folder.is_dir() {
            return Ok(CopyState::Absent);
        }
        let Some(owner) = marks.owner()? else {
            let shown = folder.display();
            return Ok(
                match entries(&folder)?.iter().find(|entry| !is_draft(entry)) {
                    None => CopyState::Partial,
                    Some(_) => CopyState::Foreign(format!("{shown} has no owner")),
                },
            );
        };
        if let Some(birth) = marks.birth()?
            && self.places.database(birth.lineage_id).is_file()
        {
            return Ok(CopyState::Running(marks.copy(&owner, &birth)));
        }
        Ok(if marks.fetched().is_file() {
            CopyState::Fetched
        } else {
            CopyState::Partial
        })
    }

    /// Ends what a dead run began to delete.
    fn sweep(&self) -> Result<()> {
        for entry in entries(&self.places.copies())? {
            if entry.file_name().to_string_lossy().starts_with(DOOMED) {
                files::remove_folder(&entry.path())?;
            }
        }
        Ok(())
    }

    fn running(&self, marks: &Marks) -> Result<(Owner, Birth)> {
        match (marks.owner()?, marks.birth()?) {
            (Some(owner), Some(birth)) => Ok((owner, birth)),
            _ => Err(
                Failure::failed(format!("there is no copy '{}'", marks.name)).hint("opsctl doctor"),
            ),
        }
    }

    fn stand(&self, name: &ScratchName, standing: Standing) -> Result<Copy> {
        let marks = self.marks(name);
        let (owner, birth) = self.running(&marks)?;
        if birth.standing != standing {
            let birth = Birth {
                standing,
                ..birth.clone()
            };
            marks.write_birth(&birth)?;
        }
        Ok(marks.copy(&owner, &birth))
    }
}

/// The atomic write of a marker may have been cut short.
fn is_draft(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

/// What is in a folder; nothing when there is none.
fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder).and_then(Iterator::collect) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.at("read", folder),
    }
}

#[async_trait]
impl Copies for SqliteCopies {
    async fn state(&self, name: &ScratchName) -> Result<CopyState> {
        self.look(&self.marks(name))
    }

    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let RecoveryTarget::Backup { id } = target else {
            return Err(no_window());
        };
        let marks = self.marks(name);
        match self.look(&marks)? {
            CopyState::Fetched | CopyState::Running(_) => return Ok(()),
            CopyState::Foreign(what) => return Err(Failure::refused(what)),
            CopyState::Absent | CopyState::Partial => {}
        }
        let origin = Origin::find(&marks, id)?;
        permit.check()?;
        self.sweep()?;
        marks.write_owner(&Owner {
            operation: permit.operation().clone(),
            backup: id.clone(),
            recovered_to: origin.record.recovery_point.taken_at,
            expires_at,
        })?;
        let total = origin.record.size_bytes;
        watched(progress, total, move |heard| origin.fetch(&marks, heard)).await
    }

    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        _progress: &Progress<'_>,
    ) -> Result<Copy> {
        let marks = self.marks(name);
        match self.look(&marks)? {
            CopyState::Running(copy) => return Ok(copy),
            CopyState::Fetched => {}
            CopyState::Foreign(what) => return Err(Failure::refused(what)),
            CopyState::Absent | CopyState::Partial => {
                return Err(Failure::failed(format!("copy '{name}' was not fetched")));
            }
        }
        permit.check()?;
        start::start(&marks).await?;
        let (owner, birth) = self.running(&marks)?;
        Ok(marks.copy(&owner, &birth))
    }

    /// Nothing runs: whoever opened the file closes it.
    async fn stop(&self, permit: &Permit<'_>, _name: &ScratchName) -> Result<()> {
        permit.check()
    }

    async fn chill(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
    ) -> Result<String> {
        permit.check()?;
        let marks = self.marks(name);
        let origin = self.places.backup(target.backup()).join(DATABASE_FILE);
        let started = marks
            .birth()?
            .map(|birth| self.places.database(birth.lineage_id));
        let fetched = marks.fetched();
        let mut files = vec![
            ("the backup", origin.as_path()),
            ("the fetched file", fetched.as_path()),
        ];
        files.extend(started.as_deref().map(|path| ("the copy", path)));
        chill::chill(&files)
    }

    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location> {
        permit.check()?;
        Ok(self.stand(name, Standing::Adopted)?.location)
    }

    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        permit.check()?;
        self.stand(name, Standing::Scratch).map(|_| ())
    }

    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        let marks = self.marks(name);
        self.sweep()?;
        match self.look(&marks)? {
            CopyState::Absent => return Ok(()),
            CopyState::Foreign(what) => return Err(Failure::refused(what)),
            CopyState::Partial | CopyState::Fetched | CopyState::Running(_) => {}
        }
        if let Some(birth) = marks.birth()? {
            refuse_serving(name, &birth, &self.places).await?;
            permit.check()?;
            files::remove_folder(&self.places.database_folder(birth.lineage_id))?;
        }
        permit.check()?;
        files::rename(&marks.folder(), &marks.doomed())?;
        files::remove_folder(&marks.doomed())
    }

    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        let mut copies = Vec::new();
        for entry in entries(&self.places.copies())? {
            let file_name = entry.file_name();
            let text = file_name.to_string_lossy();
            // What begins with a dot is being deleted, and no valid name.
            let Ok(name) = ScratchName::new(text) else {
                continue;
            };
            let marks = self.marks(&name);
            let adopted = marks
                .birth()?
                .is_some_and(|birth| birth.standing == Standing::Adopted);
            if let Some(owner) = marks.owner()?.filter(|_| !adopted) {
                copies.push((name, owner.operation, owner.expires_at));
            }
        }
        copies.sort();
        Ok(copies)
    }
}

/// Removes the markers of the copy that a database was restored as.
pub(crate) fn forget_copy(places: &Places, lineage: LineageId) -> Result<()> {
    for entry in entries(&places.copies())? {
        let Ok(name) = ScratchName::new(entry.file_name().to_string_lossy()) else {
            continue;
        };
        let marks = Marks {
            places: places.clone(),
            name,
        };
        let birth = marks.birth()?;
        if birth.is_some_and(|birth| birth.lineage_id == lineage) {
            files::rename(&marks.folder(), &marks.doomed())?;
            files::remove_folder(&marks.doomed())?;
        }
    }
    Ok(())
}

/// The marker and the role inside must both say that nobody is served from it.
async fn refuse_serving(name: &ScratchName, birth: &Birth, places: &Places) -> Result<()> {
    let serving = Failure::refused(format!("copy '{name}' serves the application"))
        .left("the copy is as it was")
        .hint("opsctl restore undo goes back to the database before it");
    if birth.standing == Standing::Adopted {
        return Err(serving);
    }
    // A copy that can't be opened any more serves nobody.
    let location = connect::location(&places.database(birth.lineage_id));
    let Ok(mut session) = connect::connection(&location).await else {
        return Ok(());
    };
    let identity = databases::read_identity(&mut session).await;
    drop(session.close().await);
    match identity {
        Ok(Some(identity)) if identity.role == DatabaseRole::Primary => Err(serving),
        _ => Ok(()),
    }
}

fn no_window() -> Failure {
    Failure::usage("SQLite has no points in time between its backups")
        .left("nothing was restored")
        .hint("opsctl backup list shows the moments that can be restored")
}
