resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing

  alarm_actions = [var.topic_arn]
  ok_actions    = [var.topic_arn]

  # A single metric is compared with the threshold directly …
  namespace          = try(local.single[each.key].namespace, null)
  metric_name        = try(local.single[each.key].name, null)
  dimensions         = try(local.single[each.key].dimensions, null)
  period             = try(local.single[each.key].period, null)
  statistic          = try(local.single[each.key].statistic, null)
  extended_statistic = try(local.single[each.key].percentile, null)

  # … several through the expression over them.
  dynamic "metric_query" {
    for_each = each.value.expression == null ? {} : { computed = each.value.expression }

    content {
      id          = metric_query.key
      label       = each.key
      expression  = metric_query.value
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = each.value.expression == null ? {} : each.value.metrics

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        period      = var.period_seconds
        stat        = metric_query.value.statistic
      }
    }
  }
}

locals {
  single_metrics = {
    for key, alarm in var.alarms : key => one(values(alarm.metrics)) if alarm.expression == null
  }
  # CloudWatch has separate arguments for percentiles and the other statistics.
  single = {
    for key, metric in local.single_metrics : key => merge(metric, {
      period     = var.period_seconds
      statistic  = startswith(metric.statistic, "p") ? null : metric.statistic
      percentile = startswith(metric.statistic, "p") ? metric.statistic : null
    })
  }
}
