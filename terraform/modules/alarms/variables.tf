variable "alarms" {
  description = "The alarms by the key that ends their names."
  type = map(object({
    description = string # what the alarm means and what to do
    metrics = map(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
      statistic  = string
    }))
    expression = optional(string) # over the keys of metrics; without one there is one metric
    comparison = optional(string, "GreaterThanOrEqualToThreshold")
    threshold  = number
    periods    = optional(number, 1)              # in a row that must breach
    missing    = optional(string, "notBreaching") # data: breaching, notBreaching or ignore
  }))
  nullable = false

  validation {
    condition = alltrue([
      for alarm in var.alarms : alarm.expression != null || length(alarm.metrics) == 1
    ])
    error_message = "Several metrics need an expression. Correct terraform/alarms.tf."
  }
}

variable "period_seconds" {
  description = "Seconds over which each metric is aggregated."
  type        = number
  nullable    = false
}

variable "prefix" {
  description = "Prefix of the alarms' names."
  type        = string
  nullable    = false
}

variable "topic_arn" {
  description = "ARN of the topic to notify when an alarm starts and when it ends."
  type        = string
  nullable    = false
}
