# Metrics from what the functions log as JSON: one line with one of these messages is one image.
resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.log_metrics

  name           = "${local.prefix}-${each.key}"
  log_group_name = each.value.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace  = local.metric_namespace
    name       = each.key
    value      = each.value.value
    dimensions = each.value.dimensions
  }
}

locals {
  metric_namespace = "Scones/${var.environment}"

  judged = "$.message = \"Confidence judged\""
  failed = "$.message = \"Execution failed\""

  log_metrics = {
    Judged = {
      log_group  = module.filter_confidence.log_group
      pattern    = "{ ${local.judged} }"
      value      = "1"
      dimensions = {}
    }
    Unsure = {
      log_group  = module.filter_confidence.log_group
      pattern    = "{ ${local.judged} && $.accepted IS FALSE }"
      value      = "1"
      dimensions = {}
    }
    Confidence = {
      log_group  = module.filter_confidence.log_group
      pattern    = "{ ${local.judged} && $.confidence = * }"
      value      = "$.confidence"
      dimensions = {}
    }
    Labels = {
      log_group  = module.filter_confidence.log_group
      pattern    = "{ ${local.judged} && $.label = * }"
      value      = "1"
      dimensions = { label = "$.label" }
    }
    ExecutionsFailed = {
      log_group  = module.notify_failure.log_group
      pattern    = "{ ${local.failed} }"
      value      = "1"
      dimensions = {}
    }
  }
}
