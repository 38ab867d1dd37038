# Each description says what the alarm means and what to do: the mail holds nothing else.
module "alarms" {
  source = "./modules/alarms"

  prefix         = local.prefix
  topic_arn      = aws_sns_topic.alerts.arn
  period_seconds = var.monitoring.period_seconds

  alarms = merge(local.workflow_alarms, local.endpoint_alarms, local.queue_alarms)
}

locals {
  period         = "${var.monitoring.period_seconds} seconds"
  unsure_percent = format("%.3g", 100 * var.monitoring.unsure_share)

  # Remedies that several alarms share.
  report_last_hour    = "make report SINCE=1h${local.on_target}"
  label_images        = "make review${local.on_target}"
  label_images_remedy = "Label the images: ${local.label_images}"
  train_new_model     = "make train plan apply${local.on_target}"

  workflow_alarms = {
    executions-failed = {
      description = join(" ", [
        "Executions of the workflow failed; those of low confidence are not counted.",
        "Each notification states the cause.",
        "After fixing it, redrive the executions: make redrive SINCE=24h${local.on_target}",
      ])
      metrics = {
        failed = {
          namespace = local.metric_namespace
          name      = "ExecutionsFailed"
          statistic = "Sum"
        }
      }
      threshold = 1
    }
    unsure-share = {
      description = join(" ", [
        "Of at least ${var.monitoring.least_images} images in ${local.period},",
        "the model was unsure of ${local.unsure_percent} % or more.",
        "They wait for human review. Look at the images: ${local.report_last_hour}.",
        "If they stay like this, label them with ${local.label_images}",
        "and train again: ${local.train_new_model}",
      ])
      metrics = {
        judged = { namespace = local.metric_namespace, name = "Judged", statistic = "Sum" }
        unsure = { namespace = local.metric_namespace, name = "Unsure", statistic = "Sum" }
      }
      expression = "IF(judged >= ${var.monitoring.least_images}, unsure / judged, 0)"
      threshold  = var.monitoring.unsure_share
    }
    # The alarm keeps its state until the next measurement: missing data says nothing about drift.
    drift = {
      description = join(" ", [
        "The images of the last measurement differ from those that the model was trained on.",
        "See how: make report${local.on_target}.",
        "If they stay like this, label some with ${local.label_images}",
        "and train again: ${local.train_new_model}.",
        "The alarm ends when a measurement finds no drift: make drift${local.on_target}",
      ])
      metrics = {
        drifted = { namespace = local.metric_namespace, name = "Drifted", statistic = "Maximum" }
      }
      threshold = 1
      missing   = "ignore"
    }
    # Silence counts only while an endpoint is in service: its instances report their load every
    # minute. So a new workflow has as long as any other until the alarm starts, and one without a
    # model never raises it. SUM ignores a metric that has no data, as ExecutionsStarted has before
    # the first image.
    no-traffic = {
      description = join(" ", [
        "No image has reached the workflow",
        "for ${var.monitoring.quiet_periods} periods of ${local.period}.",
        "Check what sends the images.",
        "To check the workflow, classify an image: make classify IMAGE=image.jpg${local.on_target}",
      ])
      metrics = {
        started = {
          namespace  = "AWS/States"
          name       = "ExecutionsStarted"
          dimensions = { StateMachineArn = local.state_machine_arn }
          statistic  = "Sum"
        }
        load = {
          namespace  = "/aws/sagemaker/Endpoints"
          name       = "CPUUtilization"
          dimensions = local.endpoint_dimensions
          statistic  = "Maximum"
        }
      }
      expression = "SUM([started, 0 * load])"
      comparison = "LessThanThreshold"
      threshold  = 1
      periods    = var.monitoring.quiet_periods
    }
  }

  endpoint_alarms = {
    endpoint-errors = {
      description = join(" ", [
        "The endpoint returns server errors (5xx); executions retry before they fail.",
        "Its log group ${local.endpoint_log_group} states the cause.",
        "If a new model causes them, return to an earlier one: make models${local.on_target},",
        "then make promote MODEL=name plan apply${local.on_target}",
      ])
      metrics = {
        errors = {
          namespace  = "AWS/SageMaker"
          name       = "Invocation5XXErrors"
          dimensions = local.endpoint_dimensions
          statistic  = "Sum"
        }
      }
      threshold = 1
    }
    endpoint-latency = {
      description = join(" ", [
        "One request in twenty takes the model longer than ${var.monitoring.latency_ms} ms.",
        "See since when: ${local.report_last_hour}.",
        "For more or larger instances, change serving",
        "in terraform/targets/${var.environment}.tfvars, then: make plan apply${local.on_target}",
      ])
      metrics = {
        latency = {
          namespace  = "AWS/SageMaker"
          name       = "ModelLatency"
          dimensions = local.endpoint_dimensions
          statistic  = "p95"
        }
      }
      comparison = "GreaterThanThreshold"
      threshold  = 1000 * var.monitoring.latency_ms # CloudWatch reports microseconds
    }
  }

  # Reviewers empty the review queue, a route's dispatcher empties the route's queue.
  queue_alarms = {
    for name in keys(local.queues) : "oldest-message-${name}" => {
      description = join(" ", [
        "A message has waited in the queue ${name}",
        "for more than ${var.monitoring.oldest_message_hours} hours;",
        "it is deleted after ${local.message_days} days.",
        name == "review" ? local.label_images_remedy : "Check what consumes this queue.",
      ])
      metrics = {
        age = {
          namespace  = "AWS/SQS"
          name       = "ApproximateAgeOfOldestMessage"
          dimensions = { QueueName = "${local.prefix}-${name}" }
          statistic  = "Maximum"
        }
      }
      comparison = "GreaterThanThreshold"
      threshold  = 3600 * var.monitoring.oldest_message_hours
    }
  }
}
