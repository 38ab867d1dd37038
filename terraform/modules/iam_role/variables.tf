variable "account_id" {
  description = "Account on whose behalf the service may take the role."
  type        = string
  nullable    = false
}

variable "account_wide_actions" {
  description = "Actions allowed on every resource: only those for which AWS offers no resource to name."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for action in var.account_wide_actions : contains([
        "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken",
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
      ], action)
    ])
    error_message = "account_wide_actions is for actions that AWS offers no resource for; write a grant with whole ARNs in terraform/iam.tf."
  }
}

variable "description" {
  description = "What the role is for, in one sentence."
  type        = string
  nullable    = false
}

variable "grants" {
  description = "What the role may do, by statement ID: whole action names on whole ARNs."
  type = map(object({
    actions   = list(string)
    resources = list(string)
  }))
  nullable = false

  validation {
    condition     = alltrue(flatten([for grant in var.grants : [for action in grant.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))]]))
    error_message = "Every grant must spell its actions out, without a wildcard; mend terraform/iam.tf."
  }

  validation {
    condition     = alltrue(flatten([for grant in var.grants : [for arn in grant.resources : can(regex("^arn:aws:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^*:]", arn))]]))
    error_message = "Every grant must name its resources by their ARNs; \"*\" is too wide. Mend terraform/iam.tf."
  }
}

variable "metric_namespaces" {
  description = "CloudWatch namespaces that metrics may be published in: there is no other way to narrow that."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Role name."
  type        = string
  nullable    = false
}

variable "service" {
  description = "Service principal that may assume the role, such as lambda.amazonaws.com."
  type        = string
  nullable    = false
}
