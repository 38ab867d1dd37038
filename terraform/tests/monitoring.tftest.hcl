# What is counted, when an alarm is raised, and who hears of it.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "the_functions_logs_are_counted" {
  command = plan

  assert {
    condition = { for name, filter in aws_cloudwatch_log_metric_filter.this : name => { log = filter.log_group_name, pattern = filter.pattern, value = filter.metric_transformation[0].value } } == {
      Judged           = { log = "/aws/lambda/scones-dev-filter-confidence", pattern = "{ $.message = \"Confidence judged\" }", value = "1" }
      Unsure           = { log = "/aws/lambda/scones-dev-filter-confidence", pattern = "{ $.message = \"Confidence judged\" && $.accepted IS FALSE }", value = "1" }
      Confidence       = { log = "/aws/lambda/scones-dev-filter-confidence", pattern = "{ $.message = \"Confidence judged\" && $.confidence = * }", value = "$.confidence" }
      Labels           = { log = "/aws/lambda/scones-dev-filter-confidence", pattern = "{ $.message = \"Confidence judged\" && $.label = * }", value = "1" }
      ExecutionsFailed = { log = "/aws/lambda/scones-dev-notify-failure", pattern = "{ $.message = \"Execution failed\" }", value = "1" }
    }
    error_message = "Each judged picture, its confidence and its label, and each notice must be counted from the JSON logs."
  }

  assert {
    condition     = alltrue([for name, filter in aws_cloudwatch_log_metric_filter.this : filter.metric_transformation[0].namespace == "Scones/dev" && filter.metric_transformation[0].name == name])
    error_message = "The metrics must be found in the environment's namespace under their own names."
  }

  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["Labels"].metric_transformation[0].dimensions == tomap({ label = "$.label" })
    error_message = "Labels must be told apart by a dimension."
  }
}

run "there_is_an_alarm_for_each_way_in_which_routing_goes_wrong" {
  command = plan

  assert {
    condition = output.monitoring.alarms == {
      for key in ["drift", "endpoint-errors", "endpoint-latency", "executions-failed", "no-traffic", "oldest-message-distant-orders", "oldest-message-nearby-orders", "oldest-message-review", "unsure-share"] :
      key => "scones-dev-${key}"
    }
    error_message = "Failures, doubt, drift, the endpoint, silence and each queue must have an alarm under its own key."
  }

  assert {
    condition     = alltrue(concat([for alarm in local.workflow_alarms : strcontains(alarm.description, "TARGET=dev")], [for alarm in local.endpoint_alarms : strcontains(alarm.description, "TARGET=dev")]))
    error_message = "Each description must name a command to type, for this target."
  }

  assert {
    condition     = alltrue([for alarm in local.queue_alarms : alarm.threshold == 86400])
    error_message = "A message must not wait for longer than the settings say."
  }

  assert {
    condition     = strcontains(local.queue_alarms["oldest-message-review"].description, "make review TARGET=dev")
    error_message = "Whoever hears of waiting pictures must be told how to label them."
  }
}

run "the_dashboard_shows_alarms_and_charts" {
  command = plan

  assert {
    condition     = output.monitoring.dashboard == "scones-dev-workflow" && length(jsondecode(aws_cloudwatch_dashboard.workflow.dashboard_body).widgets) == 10
    error_message = "There must be one dashboard, with the alarms' states and nine charts."
  }

  assert {
    condition     = contains(jsondecode(aws_cloudwatch_dashboard.workflow.dashboard_body).widgets[0].properties.alarms, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:scones-dev-unsure-share")
    error_message = "The alarms must be shown by their whole ARNs."
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.workflow.dashboard_body).widgets : widget.x + widget.width <= 24])
    error_message = "No chart may stick out of the page."
  }
}

run "alarms_of_this_account_alone_may_publish" {
  command = plan

  assert {
    condition = jsondecode(aws_sns_topic.alerts.policy).Statement == [{
      Sid       = "PublishAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:us-east-1:123456789012:scones-dev-alerts"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:scones-dev-*" }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
    }]
    error_message = "Nobody but this environment's alarms may publish to its topic by the topic's own leave."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Without an address nobody is mailed."
  }
}

run "an_address_is_mailed" {
  command = plan

  variables {
    monitoring = { email = "operators@example.com" }
  }

  assert {
    condition     = [for one in aws_sns_topic_subscription.email : [one.protocol, one.endpoint]] == [["email", "operators@example.com"]]
    error_message = "The settings' address must be subscribed."
  }
}

run "every_failed_execution_of_this_workflow_is_told_and_no_unsure_one" {
  command = plan

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.failures.event_pattern) == {
      source      = ["aws.states"]
      detail-type = ["Step Functions Execution Status Change"]
      detail = {
        stateMachineArn = ["arn:aws:states:us-east-1:123456789012:stateMachine:scones-dev-classify"]
        status          = ["FAILED", "TIMED_OUT", "ABORTED"]
        error           = [{ exists = false }, null, { anything-but = "LowConfidence" }]
      }
    }
    error_message = "The rule must match this workflow's executions without an answer, and no others."
  }

  assert {
    condition     = aws_lambda_permission.failures.function_name == "scones-dev-notify-failure"
    error_message = "The rule must be let in."
  }
}
