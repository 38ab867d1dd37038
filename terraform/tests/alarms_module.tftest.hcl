# The module that every alarm is made with.

mock_provider "aws" {}

variables {
  prefix         = "scones-dev"
  topic_arn      = "arn:aws:sns:us-east-1:123456789012:scones-dev-alerts"
  period_seconds = 300

  alarms = {
    errors = {
      description = "Errors. Type: make plan"
      metrics     = { errors = { namespace = "AWS/SageMaker", name = "Invocation5XXErrors", dimensions = { EndpointName = "e" }, statistic = "Sum" } }
      threshold   = 1
    }
    latency = {
      description = "Slow. Type: make plan"
      metrics     = { latency = { namespace = "AWS/SageMaker", name = "ModelLatency", statistic = "p95" } }
      comparison  = "GreaterThanThreshold"
      threshold   = 1000000
    }
    quiet = {
      description = "Quiet. Type: make classify"
      metrics     = { started = { namespace = "AWS/States", name = "ExecutionsStarted", statistic = "Sum" } }
      comparison  = "LessThanThreshold"
      threshold   = 1
      periods     = 12
      missing     = "breaching"
      notify      = false
    }
    share = {
      description = "Unsure. Type: make report"
      metrics = {
        judged = { namespace = "Scones/dev", name = "Judged", statistic = "Sum" }
        unsure = { namespace = "Scones/dev", name = "Unsure", statistic = "Sum" }
      }
      expression = "IF(judged >= 20, unsure / judged, 0)"
      threshold  = 0.5
    }
  }
}

run "a_metric_is_watched_as_it_is" {
  command = plan

  module {
    source = "./modules/alarms"
  }

  assert {
    condition = { for name in ["alarm_name", "namespace", "metric_name", "statistic", "comparison_operator", "treat_missing_data"] : name => aws_cloudwatch_metric_alarm.this["errors"][name] } == {
      alarm_name          = "scones-dev-errors"
      namespace           = "AWS/SageMaker"
      metric_name         = "Invocation5XXErrors"
      statistic           = "Sum"
      comparison_operator = "GreaterThanOrEqualToThreshold"
      treat_missing_data  = "notBreaching"
    } && aws_cloudwatch_metric_alarm.this["errors"].period == 300 && aws_cloudwatch_metric_alarm.this["errors"].threshold == 1
    error_message = "One metric must be compared with the threshold; where there is no data, nothing is wrong."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["latency"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.this["latency"].statistic == null
    error_message = "A percentile is CloudWatch's extended statistic."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([var.topic_arn]) && alarm.ok_actions == toset([var.topic_arn])])
    error_message = "The topic must be told when an alarm is raised and when it is over."
  }
}

run "a_share_is_computed_from_its_metrics" {
  command = plan

  module {
    source = "./modules/alarms"
  }

  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.this["share"].metric_query : query.id => query.expression if query.return_data == true } == { computed = "IF(judged >= 20, unsure / judged, 0)" }
    error_message = "The expression alone must be compared with the threshold."
  }

  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.this["share"].metric_query : query.id => query.metric[0].metric_name if query.return_data != true } == { judged = "Judged", unsure = "Unsure" }
    error_message = "The expression's metrics must be there under their names."
  }
}

run "silence_is_an_alarm_by_itself" {
  command = plan

  module {
    source = "./modules/alarms"
  }

  assert {
    condition     = [for alarm in [aws_cloudwatch_metric_alarm.this["quiet"]] : [alarm.treat_missing_data, alarm.evaluation_periods, alarm.actions_enabled]] == [["breaching", 12, false]]
    error_message = "Missing data must count as silence, and an alarm can be shown without telling anybody."
  }
}

run "several_metrics_without_an_expression_are_refused" {
  command = plan

  module {
    source = "./modules/alarms"
  }

  variables {
    alarms = {
      both = {
        description = "Both."
        metrics = {
          one = { namespace = "A", name = "One", statistic = "Sum" }
          two = { namespace = "A", name = "Two", statistic = "Sum" }
        }
        threshold = 1
      }
    }
  }

  expect_failures = [var.alarms]
}
