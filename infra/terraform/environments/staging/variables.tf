variable "master_password" {
  description = "The database's master password (TF_VAR_master_password); kept in no state and no plan."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.master_password) >= 32
    error_message = "master_password must have 32 characters or more: set TF_VAR_master_password, as with `openssl rand -hex 24`."
  }
}
