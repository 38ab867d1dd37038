resource "aws_cloudwatch_dashboard" "workflow" {
  dashboard_name = "${local.prefix}-workflow"
  dashboard_body = jsonencode({ widgets = concat([local.alarms_widget], local.chart_widgets) })
}

locals {
  alarms_widget = {
    type   = "alarm"
    x      = 0
    y      = 0
    width  = 24
    height = 4
    properties = {
      title  = "Alarms"
      alarms = [for name in values(module.alarms.names) : "${local.alarm_arn_prefix}${name}"]
    }
  }

  # Three charts in a row, below the alarms.
  chart_widgets = [
    for index, chart in local.charts : {
      type       = "metric"
      x          = 8 * (index % 3)
      y          = 4 + 6 * floor(index / 3)
      width      = 8
      height     = 6
      properties = merge(local.chart_defaults, chart)
    }
  ]

  chart_defaults = {
    region = var.region
    period = var.monitoring.period_seconds
    view   = "timeSeries"
    stat   = "Sum"
  }

  alarm_arn_prefix = "${local.arn_prefix.cloudwatch}:alarm:"

  # A threshold is a line on the chart; without one there is no line.
  confidence_lines = [
    for threshold in [local.threshold] : { label = "accepted from", value = threshold }
    if threshold != null
  ]
  drifted_series  = { stat = "Maximum", label = "drifted", yAxis = "right" }
  endpoint_metric = ["EndpointName", local.endpoint, "VariantName", local.variant]

  charts = [
    {
      title   = "Outcomes"
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
      annotations = { horizontal = local.confidence_lines }
      metrics = [
        [local.metric_namespace, "Confidence", { stat = "Average", label = "average" }],
        [local.metric_namespace, "Confidence", { stat = "p10", label = "p10" }],
      ]
    },
    {
      title   = "Most likely class"
      stacked = true
      metrics = [
        for class in local.model_classes :
        [local.metric_namespace, "Labels", "label", class, { label = class }]
      ]
    },
    {
      title = "Endpoint: requests"
      metrics = [
        for name, label in {
          Invocations         = "all"
          Invocation4XXErrors = "rejected (4xx)"
          Invocation5XXErrors = "errors (5xx)"
        } : concat(["AWS/SageMaker", name], local.endpoint_metric, [{ label = label }])
      ]
    },
    {
      title       = "Endpoint: model latency in microseconds"
      annotations = { horizontal = [{ label = "alarm", value = 1000 * var.monitoring.latency_ms }] }
      metrics = [
        for stat in ["p50", "p95"] : concat(
          ["AWS/SageMaker", "ModelLatency"],
          local.endpoint_metric,
          [{ stat = stat, label = stat }],
        )
      ]
    },
    {
      title       = "Drift: smallest p-value of each measurement"
      yAxis       = { left = { min = 0, max = 1 } }
      annotations = { horizontal = [{ label = "drift below", value = var.monitoring.drift_alpha }] }
      metrics = [
        [local.metric_namespace, "DriftPValue", { stat = "Minimum", label = "p-value" }],
        [local.metric_namespace, "Drifted", local.drifted_series],
      ]
    },
    {
      title = "Queues: messages"
      stat  = "Maximum"
      metrics = [for name in keys(local.queues) : concat(
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible"],
        ["QueueName", "${local.prefix}-${name}", { label = name }],
      )]
    },
    {
      title = "Queues: age of the oldest message in seconds"
      stat  = "Maximum"
      metrics = [for name in keys(local.queues) : concat(
        ["AWS/SQS", "ApproximateAgeOfOldestMessage"],
        ["QueueName", "${local.prefix}-${name}", { label = name }],
      )]
    },
    {
      title = "Functions: errors"
      metrics = [
        for name in values(local.functions) :
        ["AWS/Lambda", "Errors", "FunctionName", name, { label = name }]
      ]
    },
  ]
}
