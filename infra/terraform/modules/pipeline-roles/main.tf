# Roles that workflows take by GitHub's own token: no key of this account lies anywhere outside it. `plan` makes a
# plan and gives images their tags, `deploy` runs the plan that was approved, `look` is `opsctl conform`'s, `apply` Terraform's.

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  # By the environment and not the branch: a job has this subject only after the environment's approvals.
  trusts = {
    for it in [var.environment, "${var.environment}-plan"] : it => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:${var.repository}:environment:${it}"
          }
        }
      }]
    })
  }

  trust = local.trusts[var.environment]

  find_the_cluster = { Sid = "FindTheCluster", Effect = "Allow", Action = ["eks:DescribeCluster"], Resource = [var.cluster_arn] }
  log_in           = { Sid = "LogInToTheRegistry", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] }
  push_images = {
    Sid    = "PushImages"
    Effect = "Allow"
    Action = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload", "ecr:ListImages", "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    Resource = sort(var.repositories)
  }
  see_state = { Sid = "SeeState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [var.state_bucket_arn] }
  state_key = { Sid = "StateKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.state_key_arn] }
}

resource "aws_iam_role" "deploy" {
  name                 = "${var.name}-deploy"
  assume_role_policy   = local.trust
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "deploy" {
  name = "what-it-needs"
  role = aws_iam_role.deploy.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.find_the_cluster,
      local.log_in,
      local.push_images,
      local.see_state,
      { Sid = "WriteState", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = ["${var.state_bucket_arn}/*"] },
      { Sid = "SwitchTheName", Effect = "Allow", Action = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], Resource = [var.zone_arn] },
      { Sid = "SeeTheSwitch", Effect = "Allow", Action = ["route53:GetChange"], Resource = ["arn:aws:route53:::change/*"] },
      local.state_key,
    ]
  })
}

resource "aws_iam_role_policy_attachment" "deploy_access" {
  role       = aws_iam_role.deploy.name
  policy_arn = var.access_policy_arn
}

# `opsctl conform` looks at what is configured, from outside; it reads no object and no secret.
resource "aws_iam_role" "look" {
  name                 = "${var.name}-look"
  assume_role_policy   = local.trust
  max_session_duration = 3600
}

resource "aws_iam_role_policy_attachment" "look" {
  role       = aws_iam_role.look.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role" "apply" {
  name                 = "${var.name}-apply"
  assume_role_policy   = local.trust
  max_session_duration = 7200
}

# Terraform makes everything here, roles among it; it stays in the environment's regions and among the environment's names, and it
# cannot take away what watches or keeps.
resource "aws_iam_role_policy_attachment" "apply" {
  role       = aws_iam_role.apply.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_role_policy" "apply" {
  name = "roles-and-limits"
  role = aws_iam_role.apply.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OwnRoles"
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:PassRole", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        ]
        Resource = ["arn:aws:iam::${var.account_id}:role/${var.name}-*"]
      },
      {
        Sid    = "OwnPolicies"
        Effect = "Allow"
        Action = [
          "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:CreateOpenIDConnectProvider", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeleteInstanceProfile",
          "iam:DeleteOpenIDConnectProvider", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:GetInstanceProfile", "iam:GetOpenIDConnectProvider", "iam:GetPolicy", "iam:GetPolicyVersion",
          "iam:ListPolicyVersions", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:TagOpenIDConnectProvider", "iam:TagPolicy",
        ]
        Resource = [
          "arn:aws:iam::${var.account_id}:instance-profile/${var.name}-*", "arn:aws:iam::${var.account_id}:oidc-provider/*", "arn:aws:iam::${var.account_id}:policy/${var.name}-*",
        ]
      },
      {
        Sid       = "NoOtherRegion"
        Effect    = "Deny"
        NotAction = ["budgets:*", "iam:*", "route53:*", "shield:*", "sts:*", "support:*"]
        Resource  = ["*"]
        # us-east-1: Route 53's endpoint service lives there.
        Condition = { StringNotEquals = { "aws:RequestedRegion" = sort(concat(tolist(var.regions), ["us-east-1"])) } }
      },
      {
        Sid    = "NothingThatKeepsOrWatches"
        Effect = "Deny"
        Action = [
          "cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "guardduty:DeleteDetector", "rds:DeleteDBInstanceAutomatedBackup", "s3:BypassGovernanceRetention",
        ]
        Resource = ["*"]
      },
    ]
  })
}
