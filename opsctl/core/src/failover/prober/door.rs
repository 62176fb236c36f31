//! Whether the platform lets users in at this moment: what the application is told, and what its processes have applied.

use crate::ports::{Descriptor, Location, Mode, ProcessReport, World};

/// What stands between users and the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Door {
    descriptor: Option<Descriptor>,
    /// The process that lets in least, where one lets in less than the descriptor says.
    strictest: Option<(u32, Mode)>,
}

impl Door {
    /// Looks. What can't be seen is as it was.
    pub async fn look(world: &World, before: &Self) -> Self {
        let descriptor = world.pointer.read().await;
        let processes = world.application.processes().await;
        Self {
            descriptor: descriptor.unwrap_or_else(|_| before.descriptor.clone()),
            strictest: match processes {
                Ok(all) => strictest(&all),
                Err(_) => before.strictest,
            },
        }
    }

    /// Where a write goes, or the words of the refusal.
    pub fn writes(&self) -> Result<&Location, String> {
        self.lets_in(|mode| mode == Mode::Normal)
    }

    /// Where a read goes, or the words of the refusal.
    pub fn reads(&self) -> Result<&Location, String> {
        self.lets_in(|mode| mode != Mode::Maintenance)
    }

    fn lets_in(&self, open: impl Fn(Mode) -> bool) -> Result<&Location, String> {
        let found = self.descriptor.as_ref().ok_or("there is no database")?;
        if !open(found.mode) {
            return Err(format!("the platform is in mode {}", found.mode.as_str()));
        }
        match self.strictest {
            Some((pid, mode)) if !open(mode) => {
                Err(format!("process {pid} is in mode {}", mode.as_str()))
            }
            _ => Ok(&found.location),
        }
    }
}

fn strictest(processes: &[ProcessReport]) -> Option<(u32, Mode)> {
    let rank = |mode: Mode| match mode {
        Mode::Normal => 0,
        Mode::ReadOnly => 1,
        Mode::Maintenance => 2,
    };
    let all = processes.iter().map(|process| (process.pid, process.mode));
    all.max_by_key(|(_, mode)| rank(*mode))
}
