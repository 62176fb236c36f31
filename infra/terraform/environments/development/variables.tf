variable "master_password" {
  description = "The database's master password (TF_VAR_master_password); kept in no state and no plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}
