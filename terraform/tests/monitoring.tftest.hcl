# What is counted, when an alarm starts, and who is notified.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "metrics_alarms_dashboard_and_notifications" {
  command = plan

  assert {
    condition = {
      for name, filter in aws_cloudwatch_log_metric_filter.this : name => {
        log     = filter.log_group_name
        pattern = filter.pattern
        value   = filter.metric_transformation[0].value
      }
      } == {
      Judged = {
        log     = "/aws/lambda/scones-dev-filter-confidence"
        pattern = "{ $.message = \"Confidence judged\" }"
        value   = "1"
      }
      Unsure = {
        log     = "/aws/lambda/scones-dev-filter-confidence"
        pattern = "{ $.message = \"Confidence judged\" && $.accepted IS FALSE }"
        value   = "1"
      }
      Confidence = {
        log     = "/aws/lambda/scones-dev-filter-confidence"
        pattern = "{ $.message = \"Confidence judged\" && $.confidence = * }"
        value   = "$.confidence"
      }
      Labels = {
        log     = "/aws/lambda/scones-dev-filter-confidence"
        pattern = "{ $.message = \"Confidence judged\" && $.label = * }"
        value   = "1"
      }
      ExecutionsFailed = {
        log     = "/aws/lambda/scones-dev-notify-failure"
        pattern = "{ $.message = \"Execution failed\" }"
        value   = "1"
      }
    }
    error_message = "Images, their confidence and label, and failures are counted from JSON logs."
  }

  assert {
    condition = alltrue([
      for name, filter in aws_cloudwatch_log_metric_filter.this : (
        filter.metric_transformation[0].namespace == "Scones/dev"
        && filter.metric_transformation[0].name == name
      )
    ])
    error_message = "The metrics must have their own names in the environment's namespace."
  }

  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.this["Labels"].metric_transformation[0].dimensions
      == tomap({ label = "$.label" })
    )
    error_message = "A dimension must separate the labels."
  }

  assert {
    condition = output.monitoring.alarms == {
      for key in [
        "drift",
        "endpoint-errors",
        "endpoint-latency",
        "executions-failed",
        "no-traffic",
        "oldest-message-distant-orders",
        "oldest-message-nearby-orders",
        "oldest-message-review",
        "unsure-share",
      ] : key => "scones-dev-${key}"
    }
    error_message = "Each cause of wrong routing must have an alarm under its own key."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(local.workflow_alarms), values(local.endpoint_alarms)) :
      strcontains(alarm.description, "TARGET=dev")
    ])
    error_message = "Each description must name a command for this target."
  }

  # A metric without data must not raise it: a new workflow would be in alarm at once.
  assert {
    condition = (
      local.workflow_alarms.no-traffic.expression == "SUM([started, 0 * load])"
      && try(local.workflow_alarms.no-traffic.missing, "notBreaching") == "notBreaching"
      && local.workflow_alarms.no-traffic.metrics.load.dimensions == local.endpoint_dimensions
    )
    error_message = "Silence must count only while the endpoint's instances report their load."
  }

  assert {
    condition     = alltrue([for alarm in local.queue_alarms : alarm.threshold == 86400])
    error_message = "A message must not wait for longer than the settings allow."
  }

  assert {
    condition = strcontains(
      local.queue_alarms["oldest-message-review"].description, "make review TARGET=dev"
    )
    error_message = "The alarm for the review queue must name the command to label the images."
  }

  assert {
    condition = (
      output.monitoring.dashboard == "scones-dev-workflow"
      && length(jsondecode(aws_cloudwatch_dashboard.workflow.dashboard_body).widgets) == 10
    )
    error_message = "There must be one dashboard, with the alarms and nine charts."
  }

  assert {
    condition = contains(
      jsondecode(aws_cloudwatch_dashboard.workflow.dashboard_body).widgets[0].properties.alarms,
      "arn:aws:cloudwatch:us-east-1:123456789012:alarm:scones-dev-unsure-share",
    )
    error_message = "The dashboard must name the alarms by their whole ARNs."
  }

  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.workflow.dashboard_body).widgets :
      widget.x + widget.width <= 24
    ])
    error_message = "Every chart must fit the width of the page."
  }

  assert {
    condition = (
      output.monitoring.drift.images == 200
      && output.monitoring.drift.alpha == 0.001
      && output.monitoring.drift.schedule == null
    )
    error_message = "The outputs must contain the drift monitor's window and false-alarm rate."
  }

  assert {
    condition = jsondecode(aws_sns_topic.alerts.policy).Statement == [{
      Sid       = "PublishAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:us-east-1:123456789012:scones-dev-alerts"
      Condition = {
        ArnLike = {
          "aws:SourceArn" = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:scones-dev-*"
        }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
    }]
    error_message = "The topic's policy must admit this environment's alarms only."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Without an address there must be no subscription."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.failures.event_pattern) == {
      source      = ["aws.states"]
      detail-type = ["Step Functions Execution Status Change"]
      detail = {
        stateMachineArn = [
          "arn:aws:states:us-east-1:123456789012:stateMachine:scones-dev-classify",
        ]
        status = ["FAILED", "TIMED_OUT", "ABORTED"]
        error  = [{ exists = false }, null, { anything-but = "LowConfidence" }]
      }
    }
    error_message = "The rule must match this workflow's failures, and not low confidence."
  }

  assert {
    condition     = aws_lambda_permission.failures.function_name == "scones-dev-notify-failure"
    error_message = "The rule must be allowed to invoke the function."
  }
}

run "an_address_in_the_settings_is_subscribed" {
  command = plan

  variables {
    monitoring = { email = "operators@example.com" }
  }

  assert {
    condition = [
      for subscription in aws_sns_topic_subscription.email :
      [subscription.protocol, subscription.endpoint]
    ] == [["email", "operators@example.com"]]
    error_message = "The address must be subscribed to the topic."
  }
}
