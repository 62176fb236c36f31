output "name" {
  description = "The budget."
  value       = aws_budgets_budget.month.name
}
