variable "account_id" {
  description = "Account for which the service may assume the role."
  type        = string
  nullable    = false
}

variable "account_wide_actions" {
  description = "Actions on every resource: only those for which AWS has no resource type."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for action in var.account_wide_actions : contains([
        "cloudwatch:PutMetricData",
        "ecr:GetAuthorizationToken",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
      ], action)
    ])
    error_message = join(" ", [
      "account_wide_actions is for actions without a resource type.",
      "Write a grant with whole ARNs in terraform/iam.tf.",
    ])
  }
}

variable "description" {
  description = "What the role is for, in one sentence."
  type        = string
  nullable    = false
}

variable "grants" {
  description = "What the role may do, by statement ID: whole actions on whole ARNs."
  type = map(object({
    actions   = list(string)
    resources = list(string)
  }))
  nullable = false

  validation {
    condition = alltrue(flatten([
      for grant in var.grants : [
        for action in grant.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))
      ]
    ]))
    error_message = "Spell out every action, without a wildcard. Correct terraform/iam.tf."
  }

  validation {
    condition = alltrue(flatten([
      for grant in var.grants : [
        for arn in grant.resources :
        can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^*:]", arn))
      ]
    ]))
    error_message = "Every resource must be an ARN, not \"*\". Correct terraform/iam.tf."
  }
}

variable "metric_namespaces" {
  description = "CloudWatch namespaces that the role may publish metrics in."
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
