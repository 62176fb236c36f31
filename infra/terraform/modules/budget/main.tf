# What a month may cost, and who hears of it before it does.

resource "aws_budgets_budget" "month" {
  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_dollars)
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = [
      { kind = "ACTUAL", percent = 50 },
      { kind = "ACTUAL", percent = 80 },
      { kind = "ACTUAL", percent = 100 },
      { kind = "FORECASTED", percent = 100 },
    ]

    content {
      notification_type          = notification.value.kind
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.mail
    }
  }
}
