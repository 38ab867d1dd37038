variable "environment" {
  description = "Environment variables of the function."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "filename" {
  description = "Path of the built deployment zip."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Function that Lambda calls: <file>.<function>."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days after which log lines are deleted."
  type        = number
  nullable    = false
}

variable "memory_size" {
  description = "Memory in MiB."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Function name, also in the log group."
  type        = string
  nullable    = false
}

variable "role_arn" {
  description = "ARN of the role that the function runs with."
  type        = string
  nullable    = false
}

variable "timeout" {
  description = "Seconds before the function is stopped."
  type        = number
  nullable    = false
}
