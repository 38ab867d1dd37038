# The module of every alarm.

mock_provider "aws" {}

variables {
  prefix         = "scones-dev"
  topic_arn      = "arn:aws:sns:us-east-1:123456789012:scones-dev-alerts"
  period_seconds = 300

  alarms = {
    errors = {
      description = "Errors. Run: make plan"
      metrics = {
        errors = {
          namespace  = "AWS/SageMaker"
          name       = "Invocation5XXErrors"
          dimensions = { EndpointName = "e" }
          statistic  = "Sum"
        }
      }
      threshold = 1
    }
    latency = {
      description = "Slow. Run: make plan"
      metrics = {
        latency = { namespace = "AWS/SageMaker", name = "ModelLatency", statistic = "p95" }
      }
      comparison = "GreaterThanThreshold"
      threshold  = 1000000
    }
    quiet = {
      description = "Quiet. Run: make classify"
      metrics = {
        started = { namespace = "AWS/States", name = "ExecutionsStarted", statistic = "Sum" }
      }
      comparison = "LessThanThreshold"
      threshold  = 1
      periods    = 12
      missing    = "breaching"
    }
    share = {
      description = "Unsure. Run: make report"
      metrics = {
        judged = { namespace = "Scones/dev", name = "Judged", statistic = "Sum" }
        unsure = { namespace = "Scones/dev", name = "Unsure", statistic = "Sum" }
      }
      expression = "IF(judged >= 20, unsure / judged, 0)"
      threshold  = 0.5
    }
  }
}

run "an_alarm_compares_a_metric_a_percentile_or_an_expression" {
  command = plan

  module {
    source = "./modules/alarms"
  }

  assert {
    condition = {
      for name in [
        "alarm_name",
        "namespace",
        "metric_name",
        "statistic",
        "comparison_operator",
        "treat_missing_data",
      ] : name => aws_cloudwatch_metric_alarm.this["errors"][name]
      } == {
      alarm_name          = "scones-dev-errors"
      namespace           = "AWS/SageMaker"
      metric_name         = "Invocation5XXErrors"
      statistic           = "Sum"
      comparison_operator = "GreaterThanOrEqualToThreshold"
      treat_missing_data  = "notBreaching"
    }
    error_message = "One metric must be compared with the threshold; missing data must not alarm."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["errors"].period == 300
      && aws_cloudwatch_metric_alarm.this["errors"].threshold == 1
    )
    error_message = "One metric must have the period and the threshold of its definition."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["latency"].extended_statistic == "p95"
      && aws_cloudwatch_metric_alarm.this["latency"].statistic == null
    )
    error_message = "A percentile must be CloudWatch's extended statistic."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : (
        alarm.alarm_actions == toset([var.topic_arn]) && alarm.ok_actions == toset([var.topic_arn])
      )
    ])
    error_message = "The topic must be notified when an alarm starts and when it ends."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.this["share"].metric_query :
      query.id => query.expression if query.return_data == true
    } == { computed = "IF(judged >= 20, unsure / judged, 0)" }
    error_message = "The expression alone must be compared with the threshold."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.this["share"].metric_query :
      query.id => query.metric[0].metric_name if query.return_data != true
    } == { judged = "Judged", unsure = "Unsure" }
    error_message = "The expression must find its metrics by their keys."
  }

  assert {
    condition = [
      for alarm in [aws_cloudwatch_metric_alarm.this["quiet"]] :
      [alarm.treat_missing_data, alarm.evaluation_periods]
    ] == [["breaching", 12]]
    error_message = "Missing data must be able to alarm."
  }
}

run "several_metrics_without_an_expression_are_rejected" {
  command = plan

  module {
    source = "./modules/alarms"
  }

  variables {
    alarms = {
      both = {
        description = "Both."
        metrics = {
          first  = { namespace = "A", name = "First", statistic = "Sum" }
          second = { namespace = "A", name = "Second", statistic = "Sum" }
        }
        threshold = 1
      }
    }
  }

  expect_failures = [var.alarms]
}
