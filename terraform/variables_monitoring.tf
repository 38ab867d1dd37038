variable "monitoring" {
  description = "Alarms, notifications and drift monitoring."
  type = object({
    drift_alpha          = optional(number, 0.001) # false-alarm rate of the drift monitor
    drift_images         = optional(number, 200)   # captured images in one measurement
    drift_instance_type  = optional(string, "ml.m5.large")
    drift_schedule       = optional(string)       # such as rate(6 hours); null for none
    email                = optional(string)       # receives alarms and notifications; null for none
    latency_ms           = optional(number, 1000) # alarm above this 95th percentile of the model
    least_images         = optional(number, 20)   # images that unsure_share needs in a period
    oldest_message_hours = optional(number, 24)   # alarm when a message waits for longer
    period_seconds       = optional(number, 300)  # over which metrics are aggregated
    quiet_periods        = optional(number, 12)   # alarm after these periods without an image
    unsure_share         = optional(number, 0.5)  # alarm from this share of unsure images
  })
  default  = {}
  nullable = false

  validation {
    condition = var.monitoring.drift_alpha > 0 && var.monitoring.drift_alpha < 1
    error_message = join(" ", [
      "monitoring.drift_alpha is the share of false alarms among measurements without drift;",
      "it must be between 0 and 1. ${local.remedy}",
    ])
  }

  validation {
    condition = (
      var.monitoring.drift_images >= 30
      && floor(var.monitoring.drift_images) == var.monitoring.drift_images
    )
    error_message = join(" ", [
      "monitoring.drift_images must be a whole number of at least 30,",
      "which the statistics need. ${local.remedy}",
    ])
  }

  validation {
    condition = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.monitoring.drift_instance_type))
    error_message = join(" ", [
      "monitoring.drift_instance_type must be a SageMaker instance type such as ml.m5.large.",
      local.remedy,
    ])
  }

  validation {
    condition = var.monitoring.drift_schedule == null || can(
      regex("^(rate|cron)\\([^()]+\\)$", var.monitoring.drift_schedule)
    )
    error_message = join(" ", [
      "monitoring.drift_schedule must be a rate(…) or cron(…) expression of",
      "EventBridge Scheduler, or null. ${local.remedy}",
    ])
  }

  validation {
    condition = var.monitoring.email == null || can(
      regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.monitoring.email)
    )
    error_message = "monitoring.email must be one mail address, or null. ${local.remedy}"
  }

  validation {
    condition     = var.monitoring.latency_ms > 0
    error_message = "monitoring.latency_ms must be above 0. ${local.remedy}"
  }

  validation {
    condition     = var.monitoring.least_images >= 1
    error_message = "monitoring.least_images must be at least 1. ${local.remedy}"
  }

  validation {
    condition = (
      var.monitoring.oldest_message_hours > 0
      && var.monitoring.oldest_message_hours < 24 * local.message_days
    )
    error_message = join(" ", [
      "monitoring.oldest_message_hours must be above 0 and below ${24 * local.message_days},",
      "when the queues delete a message. ${local.remedy}",
    ])
  }

  validation {
    condition     = var.monitoring.period_seconds >= 60 && var.monitoring.period_seconds % 60 == 0
    error_message = "monitoring.period_seconds must be a multiple of 60. ${local.remedy}"
  }

  validation {
    condition = (
      var.monitoring.quiet_periods >= 1
      && var.monitoring.quiet_periods * var.monitoring.period_seconds <= 24 * 3600
    )
    error_message = join(" ", [
      "monitoring.quiet_periods must be at least 1, and times period_seconds at most a day,",
      "the longest that CloudWatch evaluates. ${local.remedy}",
    ])
  }

  validation {
    condition     = var.monitoring.unsure_share > 0 && var.monitoring.unsure_share <= 1
    error_message = "monitoring.unsure_share must be above 0 and at most 1. ${local.remedy}"
  }
}

locals {
  message_days = 14 # that a queue keeps a message, the most that SQS offers
}
