mock_provider "aws" {}

variables {
  name            = "platform-test"
  monthly_dollars = 3000
  mail            = ["platform@example.com"]
}

run "somebody_hears_before_the_month_is_spent" {
  assert {
    condition     = aws_budgets_budget.month.time_unit == "MONTHLY" && aws_budgets_budget.month.limit_amount == "3000"
    error_message = "the budget must be a month's"
  }

  assert {
    condition     = toset([for it in aws_budgets_budget.month.notification : "${it.notification_type} ${it.threshold}"]) == toset(["ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100"]) && alltrue([for it in aws_budgets_budget.month.notification : it.subscriber_email_addresses == toset(var.mail)])
    error_message = "mails must come at 50, 80 and 100 % and by forecast"
  }
}

run "a_budget_that_tells_nobody_is_refused" {
  command = plan

  variables {
    mail = []
  }

  expect_failures = [var.mail]
}
