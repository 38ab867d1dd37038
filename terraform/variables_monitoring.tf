variable "monitoring" {
  description = "When an operator is told: the address that alarms and notices are mailed to; the seconds over which metrics are summed up; the share of unsure pictures (of least_images at least), the 95th percentile of the model's latency, the number of periods without a picture, and the age of a message from which there is an alarm. The drift monitor compares drift_images captured pictures with the training's, at the false-alarm rate drift_alpha; on AWS also on a schedule, such as rate(6 hours), if there is one."
  type = object({
    drift_alpha          = optional(number, 0.001)
    drift_images         = optional(number, 200)
    drift_instance_type  = optional(string, "ml.m5.large")
    drift_schedule       = optional(string)
    email                = optional(string)
    latency_ms           = optional(number, 1000)
    least_images         = optional(number, 20)
    oldest_message_hours = optional(number, 24)
    period_seconds       = optional(number, 300)
    quiet_periods        = optional(number, 12)
    unsure_share         = optional(number, 0.5)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.monitoring.drift_alpha > 0 && var.monitoring.drift_alpha < 1
    error_message = "monitoring.drift_alpha is the share of false alarms among the windows without drift, between 0 and 1, both excluded; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.drift_images >= 30 && floor(var.monitoring.drift_images) == var.monitoring.drift_images
    error_message = "monitoring.drift_images must be a whole number from 30: fewer pictures tell nothing about drift; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.monitoring.drift_instance_type))
    error_message = "monitoring.drift_instance_type must be an instance type of SageMaker's, such as ml.m5.large; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.drift_schedule == null || can(regex("^(rate|cron)\\([^()]+\\)$", var.monitoring.drift_schedule))
    error_message = "monitoring.drift_schedule must be a rate(…) or cron(…) expression of EventBridge Scheduler's, or null for none; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.monitoring.email))
    error_message = "monitoring.email must be one mail address, or null; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.latency_ms > 0
    error_message = "monitoring.latency_ms must be a number of milliseconds above 0; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.least_images >= 1
    error_message = "monitoring.least_images must be at least 1: a share of no pictures is nothing; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.oldest_message_hours > 0 && var.monitoring.oldest_message_hours < 24 * local.message_days
    error_message = "monitoring.oldest_message_hours must lie above 0 and below ${24 * local.message_days}, when the queues drop a message; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.period_seconds >= 60 && var.monitoring.period_seconds % 60 == 0
    error_message = "monitoring.period_seconds must be a multiple of 60, as CloudWatch wants it; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.quiet_periods >= 1 && var.monitoring.quiet_periods * var.monitoring.period_seconds <= 24 * 3600
    error_message = "monitoring.quiet_periods must be at least 1, and times period_seconds at most a day, as far as CloudWatch looks back; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.monitoring.unsure_share > 0 && var.monitoring.unsure_share <= 1
    error_message = "monitoring.unsure_share must lie between 0, excluded, and 1; mend terraform/targets/${var.environment}.tfvars."
  }
}
