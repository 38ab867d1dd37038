# Each alarm says what it means and what to do about it: whoever gets the mail has nothing else to go by.
module "alarms" {
  source = "./modules/alarms"

  prefix         = local.prefix
  topic_arn      = aws_sns_topic.alerts.arn
  period_seconds = var.monitoring.period_seconds

  alarms = merge(local.workflow_alarms, local.endpoint_alarms, local.queue_alarms)
}

locals {
  period = "${var.monitoring.period_seconds} seconds"

  workflow_alarms = {
    executions-failed = {
      description = "Pictures went through the workflow without an answer; unsure ones are not counted. The notice of each tells its cause. Mend it, then start them again: make redrive SINCE=24h${local.on_target}"
      metrics     = { failed = { namespace = local.metric_namespace, name = "ExecutionsFailed", statistic = "Sum" } }
      threshold   = 1
    }
    unsure-share = {
      description = "Of ${var.monitoring.least_images} or more pictures in ${local.period}, the model was unsure of ${format("%.3g", 100 * var.monitoring.unsure_share)} % or more, and people must route their drivers. See what the pictures show: make report SINCE=1h${local.on_target}. If they stay like this, label them with make review${local.on_target} and train again: make train plan apply${local.on_target}"
      metrics = {
        judged = { namespace = local.metric_namespace, name = "Judged", statistic = "Sum" }
        unsure = { namespace = local.metric_namespace, name = "Unsure", statistic = "Sum" }
      }
      expression = "IF(judged >= ${var.monitoring.least_images}, unsure / judged, 0)"
      threshold  = var.monitoring.unsure_share
    }
    # It lasts until the next measurement: between two of them, nothing is known that could end it.
    drift = {
      description = "The pictures that were measured last differ from those that the model was trained on. See how: make report${local.on_target}. If they stay like this, label some with make review${local.on_target} and train again: make train plan apply${local.on_target}. It is over when a measurement says so: make drift${local.on_target}"
      metrics     = { drifted = { namespace = local.metric_namespace, name = "Drifted", statistic = "Maximum" } }
      threshold   = 1
      missing     = "ignore"
    }
    # Without a model there can be no traffic, and nobody needs to hear of it.
    no-traffic = {
      description = "No picture has reached the workflow for ${var.monitoring.quiet_periods} times ${local.period}. Ask whoever sends them. Whether the workflow itself is well, a picture of your own tells: make classify IMAGE=some-picture.jpg${local.on_target}"
      metrics     = { started = { namespace = "AWS/States", name = "ExecutionsStarted", dimensions = { StateMachineArn = local.state_machine_arn }, statistic = "Sum" } }
      comparison  = "LessThanThreshold"
      threshold   = 1
      periods     = var.monitoring.quiet_periods
      missing     = "breaching"
      notify      = var.model != null
    }
  }

  endpoint_alarms = {
    endpoint-errors = {
      description = "The endpoint answers with errors of its own (5xx); executions ask again before they fail. Its log group ${local.endpoint_log_group} says why. If a new model is to blame, go back to an earlier one: make models${local.on_target}, then make promote MODEL=name plan apply${local.on_target}"
      metrics     = { errors = { namespace = "AWS/SageMaker", name = "Invocation5XXErrors", dimensions = local.endpoint_dimensions, statistic = "Sum" } }
      threshold   = 1
    }
    endpoint-latency = {
      description = "One request in twenty takes the model longer than ${var.monitoring.latency_ms} ms. See since when: make report SINCE=1h${local.on_target}. For more or larger instances, change serving in terraform/targets/${var.environment}.tfvars, then: make plan apply${local.on_target}"
      metrics     = { latency = { namespace = "AWS/SageMaker", name = "ModelLatency", dimensions = local.endpoint_dimensions, statistic = "p95" } }
      comparison  = "GreaterThanThreshold"
      threshold   = 1000 * var.monitoring.latency_ms # in microseconds, as CloudWatch counts it
    }
  }

  # People empty the review queue; a route's queue, whoever dispatches its drivers.
  queue_alarms = {
    for name in keys(local.queues) : "oldest-message-${name}" => {
      description = "A message has waited in the queue ${name} for more than ${var.monitoring.oldest_message_hours} hours; after ${local.message_days} days it is lost. ${name == "review" ? "Label the pictures: make review${local.on_target}" : "Look after what takes the drivers from there."}"
      metrics     = { age = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = "${local.prefix}-${name}" }, statistic = "Maximum" } }
      comparison  = "GreaterThanThreshold"
      threshold   = 3600 * var.monitoring.oldest_message_hours
    }
  }
}
