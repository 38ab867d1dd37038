variable "alarms" {
  description = "What is watched, by the key that an alarm's name ends with. The description says what the alarm means and what to do. An expression computes what is watched from its metrics; without one there is one metric. What missing data means is said in CloudWatch's words: breaching, notBreaching, ignore. With notify = false an alarm is only shown."
  type = map(object({
    description = string
    metrics = map(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
      statistic  = string
    }))
    expression = optional(string)
    comparison = optional(string, "GreaterThanOrEqualToThreshold")
    threshold  = number
    periods    = optional(number, 1)
    missing    = optional(string, "notBreaching")
    notify     = optional(bool, true)
  }))
  nullable = false

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.expression != null || length(alarm.metrics) == 1])
    error_message = "An alarm over several metrics needs an expression; mend terraform/alarms.tf."
  }
}

variable "period_seconds" {
  description = "Seconds over which each metric is summed up."
  type        = number
  nullable    = false
}

variable "prefix" {
  description = "What the alarms' names begin with."
  type        = string
  nullable    = false
}

variable "topic_arn" {
  description = "ARN of the topic that is told when an alarm is raised, and when it is over."
  type        = string
  nullable    = false
}
