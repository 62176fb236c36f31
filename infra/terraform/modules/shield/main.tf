# Shield Standard protects every account without being asked. Advanced costs a yearly commitment.

resource "aws_shield_subscription" "this" {
  count = var.subscribe ? 1 : 0

  auto_renew = "ENABLED"
  # A commitment does not end because somebody destroys the stack.
  skip_destroy = true
}

resource "aws_shield_protection" "this" {
  for_each = var.resources

  name         = "${var.name}-${each.key}"
  resource_arn = each.value

  depends_on = [aws_shield_subscription.this]
}
