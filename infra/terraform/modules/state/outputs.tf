output "bucket" {
  description = "What the backend names."
  value       = module.bucket.name
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value       = module.bucket.promises
}
