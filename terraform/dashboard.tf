resource "aws_cloudwatch_dashboard" "workflow" {
  dashboard_name = "${local.prefix}-workflow"
  dashboard_body = jsonencode({ widgets = concat([local.alarms_widget], local.chart_widgets) })
}

locals {
  alarms_widget = {
    type       = "alarm", x = 0, y = 0, width = 24, height = 4
    properties = { title = "Alarms", alarms = [for name in values(module.alarms.names) : "arn:aws:cloudwatch:${local.place}:alarm:${name}"] }
  }

  # Three beside each other, below the alarms.
  chart_widgets = [
    for place, chart in local.charts : {
      type       = "metric", x = 8 * (place % 3), y = 4 + 6 * floor(place / 3), width = 8, height = 6
      properties = merge({ region = var.region, period = var.monitoring.period_seconds, view = "timeSeries", stat = "Sum" }, chart)
    }
  ]

  charts = [
    {
      title   = "What became of the pictures"
      stacked = true
      metrics = [
        [{ expression = "judged - FILL(unsure, 0)", label = "routed", color = "#2ca02c" }],
        [local.metric_namespace, "Judged", { id = "judged", visible = false }],
        [local.metric_namespace, "Unsure", { id = "unsure", label = "unsure", color = "#ff7f0e" }],
        [local.metric_namespace, "ExecutionsFailed", { label = "failed", color = "#d62728" }],
      ]
    },
    {
      title       = "Confidence"
      yAxis       = { left = { min = 0, max = 1 } }
      annotations = { horizontal = [for threshold in [local.threshold] : { label = "trusted from here", value = threshold } if threshold != null] }
      metrics = [
        [local.metric_namespace, "Confidence", { stat = "Average", label = "average" }],
        [local.metric_namespace, "Confidence", { stat = "p10", label = "p10" }],
      ]
    },
    {
      title   = "Most likely class"
      stacked = true
      metrics = [for class in local.answered_classes : [local.metric_namespace, "Labels", "label", class, { label = class }]]
    },
    {
      title = "Endpoint: requests"
      metrics = [
        for name, label in { Invocations = "all", Invocation4XXErrors = "refused (4xx)", Invocation5XXErrors = "errors (5xx)" } :
        ["AWS/SageMaker", name, "EndpointName", local.endpoint, "VariantName", local.variant, { label = label }]
      ]
    },
    {
      title       = "Endpoint: the model's latency in microseconds"
      annotations = { horizontal = [{ label = "alarm", value = 1000 * var.monitoring.latency_ms }] }
      metrics = [
        for stat in ["p50", "p95"] :
        ["AWS/SageMaker", "ModelLatency", "EndpointName", local.endpoint, "VariantName", local.variant, { stat = stat, label = stat }]
      ]
    },
    {
      title       = "Drift: smallest p-value of each measurement"
      yAxis       = { left = { min = 0, max = 1 } }
      annotations = { horizontal = [{ label = "drift below", value = var.monitoring.drift_alpha }] }
      metrics = [
        [local.metric_namespace, "DriftPValue", { stat = "Minimum", label = "p-value" }],
        [local.metric_namespace, "Drifted", { stat = "Maximum", label = "drifted", yAxis = "right" }],
      ]
    },
    {
      title   = "Queues: messages"
      stat    = "Maximum"
      metrics = [for name in keys(local.queues) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${local.prefix}-${name}", { label = name }]]
    },
    {
      title   = "Queues: seconds that the oldest message has waited"
      stat    = "Maximum"
      metrics = [for name in keys(local.queues) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "${local.prefix}-${name}", { label = name }]]
    },
    {
      title   = "Functions: errors"
      metrics = [for name in values(local.functions) : ["AWS/Lambda", "Errors", "FunctionName", name, { label = name }]]
    },
  ]
}
