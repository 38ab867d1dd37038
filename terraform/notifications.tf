# One topic for alarms and for notifications of failed executions.
resource "aws_sns_topic" "alerts" {
  name   = local.alerts_topic
  policy = local.alerts_policy
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.monitoring.email == null ? {} : { email = var.monitoring.email }

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

# Every execution without a result. Low confidence is a result; where the event does not name the
# error, the function looks it up.
resource "aws_cloudwatch_event_rule" "failures" {
  name        = "${local.prefix}-failures"
  description = "Executions of ${local.state_machine} that failed, timed out or were stopped."

  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [local.state_machine_arn]
      status          = ["FAILED", "TIMED_OUT", "ABORTED"]
      error           = [{ exists = false }, null, { anything-but = "LowConfidence" }]
    }
  })
}

resource "aws_cloudwatch_event_target" "failures" {
  rule = aws_cloudwatch_event_rule.failures.name
  arn  = module.notify_failure.arn
}

resource "aws_lambda_permission" "failures" {
  statement_id  = "NotifyAboutFailedExecutions"
  action        = "lambda:InvokeFunction"
  function_name = module.notify_failure.name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.failures.arn
}

locals {
  # Inline, like the queues' policies: the provider waits for each policy that is its own resource.
  # The function publishes by its role's grant.
  alerts_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PublishAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = local.alerts_topic_arn
      Condition = {
        ArnLike = {
          "aws:SourceArn" = "${local.arn_prefix.cloudwatch}:alarm:${local.prefix}-*"
        }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })
}
