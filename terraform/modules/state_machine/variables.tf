variable "definition" {
  description = "Definition in Amazon States Language."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days after which log lines are deleted."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Name of the state machine, also in the log group."
  type        = string
  nullable    = false
}

variable "role_arn" {
  description = "ARN of the role that the executions run with."
  type        = string
  nullable    = false
}
