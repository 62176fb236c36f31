//! Everything that can be set on an instance: read from a request over what was there, lost or kept by a restore.

use crate::endpoint::{Parameters, Refusal};

/// The only engine.
pub(super) const ENGINE: &str = "postgres";
pub(super) const DEFAULT_PARAMETERS: &str = "default.postgres15";
pub(super) const DEFAULT_OPTIONS: &str = "default:postgres-15";
pub(super) const DEFAULT_SECURITY_GROUP: &str = "sg-default";
pub(super) const DEFAULT_SUBNETS: &str = "default";

/// What every action that makes or changes an instance may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub class: String,
    pub storage_gb: u32,
    pub storage_type: String,
    pub iops: Option<u32>,
    pub multi_az: bool,
    pub deletion_protection: bool,
    pub retention_days: u32,
    pub backup_window: String,
    pub maintenance_window: String,
    pub parameter_group: String,
    pub option_group: String,
    pub subnet_group: String,
    pub security_groups: Vec<String>,
    pub publicly_accessible: bool,
    pub copy_tags_to_snapshot: bool,
    pub auto_minor_upgrade: bool,
    pub iam_authentication: bool,
    pub monitoring_interval: u32,
    pub log_exports: Vec<String>,
    pub kms_key: Option<String>,
    pub ca: String,
    /// Kept for life, whatever is asked.
    pub engine_version: String,
    pub master: String,
    pub database: Option<String>,
}

impl Settings {
    /// What a new instance has that nobody said anything about.
    pub fn defaults() -> Self {
        Self {
            class: String::new(),
            storage_gb: 20,
            storage_type: "gp2".into(),
            iops: None,
            multi_az: false,
            deletion_protection: false,
            retention_days: 1,
            backup_window: "04:00-04:30".into(),
            maintenance_window: "sun:05:00-sun:05:30".into(),
            parameter_group: DEFAULT_PARAMETERS.into(),
            option_group: DEFAULT_OPTIONS.into(),
            subnet_group: DEFAULT_SUBNETS.into(),
            security_groups: vec![DEFAULT_SECURITY_GROUP.into()],
            publicly_accessible: false,
            copy_tags_to_snapshot: false,
            auto_minor_upgrade: true,
            iam_authentication: false,
            monitoring_interval: 0,
            log_exports: Vec::new(),
            kms_key: None,
            ca: "rds-ca-rsa2048-g1".into(),
            engine_version: "15.12".into(),
            master: String::new(),
            database: None,
        }
    }

    /// What a restore keeps: the data's own, the class, the size and the backups' rhythm. Everything else is lost.
    pub fn after_restore(&self) -> Self {
        Self {
            class: self.class.clone(),
            storage_gb: self.storage_gb,
            storage_type: "gp3".into(),
            retention_days: self.retention_days,
            backup_window: self.backup_window.clone(),
            maintenance_window: self.maintenance_window.clone(),
            kms_key: self.kms_key.clone(),
            engine_version: self.engine_version.clone(),
            master: self.master.clone(),
            database: self.database.clone(),
            ..Self::defaults()
        }
    }

    /// What a read replica begins with: its source's, without backups, protection and standby.
    pub fn of_replica(&self) -> Self {
        Self {
            multi_az: false,
            deletion_protection: false,
            retention_days: 0,
            ..self.clone()
        }
    }

    /// Over what is there, what was said.
    pub fn read(&mut self, said: &Parameters) -> Result<(), Refusal> {
        take(&mut self.class, said.owned("DBInstanceClass"));
        take(&mut self.storage_type, said.owned("StorageType"));
        take(&mut self.multi_az, said.flag("MultiAZ")?);
        take(
            &mut self.deletion_protection,
            said.flag("DeletionProtection")?,
        );
        take(
            &mut self.retention_days,
            said.number("BackupRetentionPeriod")?,
        );
        take(&mut self.backup_window, said.owned("PreferredBackupWindow"));
        take(
            &mut self.maintenance_window,
            said.owned("PreferredMaintenanceWindow"),
        );
        take(
            &mut self.parameter_group,
            said.owned("DBParameterGroupName"),
        );
        take(&mut self.option_group, said.owned("OptionGroupName"));
        take(&mut self.subnet_group, said.owned("DBSubnetGroupName"));
        let groups = said.list("VpcSecurityGroupIds.VpcSecurityGroupId");
        take(&mut self.security_groups, groups);
        take(
            &mut self.publicly_accessible,
            said.flag("PubliclyAccessible")?,
        );
        take(
            &mut self.copy_tags_to_snapshot,
            said.flag("CopyTagsToSnapshot")?,
        );
        take(
            &mut self.auto_minor_upgrade,
            said.flag("AutoMinorVersionUpgrade")?,
        );
        let iam = said.flag("EnableIAMDatabaseAuthentication")?;
        take(&mut self.iam_authentication, iam);
        take(
            &mut self.monitoring_interval,
            said.number("MonitoringInterval")?,
        );
        take(
            &mut self.log_exports,
            said.list("EnableCloudwatchLogsExports.member"),
        );
        take(&mut self.ca, said.owned("CACertificateIdentifier"));
        self.iops = said.number("Iops")?.or(self.iops);
        if let Some(wanted) = said.number("AllocatedStorage")? {
            self.storage_gb = self.grown(wanted)?;
        }
        self.make_sense()
    }

    /// Storage never shrinks, and grows by a tenth or more: less is rounded up.
    fn grown(&self, wanted: u32) -> Result<u32, Refusal> {
        if wanted < self.storage_gb {
            let have = self.storage_gb;
            let message =
                format!("Allocated storage cannot be reduced from {have} to {wanted} GiB");
            return Err(Refusal::new("InvalidParameterCombination", message));
        }
        let tenth_more = self.storage_gb + self.storage_gb.div_ceil(10);
        Ok(match wanted == self.storage_gb {
            true => wanted,
            false => wanted.max(tenth_more),
        })
    }

    fn make_sense(&self) -> Result<(), Refusal> {
        let invalid = |message: String| Err(Refusal::new("InvalidParameterValue", message));
        if !self.class.starts_with("db.") || self.class.split('.').count() != 3 {
            return invalid(format!("Invalid DB Instance class: {}", self.class));
        }
        if self.retention_days > 35 {
            let days = self.retention_days;
            return invalid(format!(
                "Invalid backup retention period: {days}. Must be between 0 and 35."
            ));
        }
        if !["gp2", "gp3", "io1", "io2", "standard"].contains(&self.storage_type.as_str()) {
            return invalid(format!("Invalid storage type: {}", self.storage_type));
        }
        Ok(())
    }
}

fn take<T>(place: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *place = said;
    }
}

/// A name as AWS takes it: lower case, letters, digits and single hyphens.
pub(super) fn identifier(said: &Parameters, parameter: &str) -> Result<String, Refusal> {
    let name = said.required(parameter)?.to_ascii_lowercase();
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let sound = name.chars().all(plain) && !name.ends_with('-') && !name.contains("--");
    if begins && sound && name.len() <= 63 {
        return Ok(name);
    }
    let message = format!(
        "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII \
         letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    );
    Err(Refusal::new("InvalidParameterValue", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: &str) -> Parameters {
        Parameters::of_form(form)
    }

    #[test]
    fn a_restore_loses_what_nobody_passes_on() {
        let mut source = Settings::defaults();
        let form = "DBInstanceClass=db.t4g.micro&MultiAZ=true&DeletionProtection=true&DBParameterGroupName=ours&StorageType=io1\
                    &VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-1&BackupRetentionPeriod=7";
        source.read(&of(form)).unwrap();
        let mut restored = source.after_restore();
        assert_eq!(restored.parameter_group, DEFAULT_PARAMETERS);
        assert_eq!(restored.security_groups, [DEFAULT_SECURITY_GROUP]);
        assert_eq!(restored.storage_type, "gp3");
        assert!(!restored.multi_az && !restored.deletion_protection);
        assert_eq!(restored.retention_days, 7);
        restored.read(&of("BackupRetentionPeriod=0")).unwrap();
        assert_eq!(
            restored.retention_days, 0,
            "nothing is not the same as zero"
        );
    }

    #[test]
    fn storage_grows_by_a_tenth_or_more_and_never_shrinks() {
        let mut settings = Settings::defaults();
        settings
            .read(&of("DBInstanceClass=db.t4g.micro&AllocatedStorage=100"))
            .unwrap();
        settings.read(&of("AllocatedStorage=101")).unwrap();
        assert_eq!(settings.storage_gb, 110);
        let refused = settings.read(&of("AllocatedStorage=109")).unwrap_err();
        assert_eq!(refused.code, "InvalidParameterCombination");
    }

    #[test]
    fn names_are_lower_case_and_plain() {
        let name = |name: &str| identifier(&of(&format!("Id={name}")), "Id");
        assert_eq!(name("Orders-1").unwrap(), "orders-1");
        for wrong in ["1a", "a--b", "a-", "a_b", ""] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }
}
