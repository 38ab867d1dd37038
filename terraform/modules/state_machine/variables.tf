variable "definition" {
  description = "The state machine in Amazon States Language."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days after which log lines are deleted."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Name of the state machine; the log group carries it too."
  type        = string
  nullable    = false
}

variable "role_arn" {
  description = "ARN of the role the executions run with."
  type        = string
  nullable    = false
}
