# From a class to the queue of its route.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "each_class_goes_to_the_queue_of_its_route" {
  command = plan

  assert {
    condition = {
      for route, rule in aws_cloudwatch_event_rule.route :
      rule.name => jsondecode(rule.event_pattern).detail.label
      } == {
      scones-dev-distant-orders = ["motorcycle"]
      scones-dev-nearby-orders  = ["bicycle"]
    }
    error_message = "A bicycle must match the nearby route only, a motorcycle the distant one."
  }

  assert {
    condition = alltrue([
      for rule in aws_cloudwatch_event_rule.route : (
        jsondecode(rule.event_pattern).source == ["scones.workflow"]
        && jsondecode(rule.event_pattern).detail-type == ["Vehicle classified"]
      )
    ])
    error_message = "The rules must match the workflow's own events only."
  }

  assert {
    condition = [for queue in aws_sqs_queue.this : queue.name] == [
      "scones-dev-distant-orders", "scones-dev-nearby-orders", "scones-dev-review",
    ]
    error_message = "There must be a queue for each route and one for human review."
  }

  assert {
    condition = (
      jsondecode(aws_sqs_queue.this["nearby-orders"].policy).Statement[0].Resource
      == "arn:aws:sqs:us-east-1:123456789012:scones-dev-nearby-orders"
      ) && (
      jsondecode(aws_sqs_queue.this["nearby-orders"].policy).Statement[0].Condition
      == {
        ArnEquals = {
          "aws:SourceArn" = [join("/", [
            "arn:aws:events:us-east-1:123456789012:rule", "scones-dev-drivers",
            "scones-dev-nearby-orders",
          ])]
        }
      }
    )
    error_message = "Only a route's own rule may send to its queue."
  }

  assert {
    condition = (
      jsondecode(local.definition).States["Queue for review"].Parameters.QueueUrl
      == "https://sqs.us-east-1.amazonaws.com/123456789012/mock"
      ) && (
      jsondecode(local.definition).States["Queue for review"].Resource
      == "arn:aws:states:::sqs:sendMessage"
    )
    error_message = "The workflow must know the review queue."
  }

  assert {
    condition     = !strcontains(local.definition, "$${")
    error_message = "No placeholder may be left in the definition."
  }
}

run "classes_can_share_a_route" {
  command = plan

  variables {
    classes = {
      bicycle      = "nearby-orders"
      motorcycle   = "distant-orders"
      pickup_truck = "distant-orders"
    }
  }

  assert {
    condition = {
      for route, rule in aws_cloudwatch_event_rule.route :
      route => jsondecode(rule.event_pattern).detail.label
      } == {
      distant-orders = ["motorcycle", "pickup_truck"]
      nearby-orders  = ["bicycle"]
    }
    error_message = "A route's rule must match every class of the route."
  }

  assert {
    condition = !strcontains(
      aws_sagemaker_model_package_group.models.model_package_group_description, "pickup_truck"
    )
    error_message = "Other classes must not replace the group: it cannot be deleted."
  }

  assert {
    condition     = output.classes == tolist(["bicycle", "motorcycle", "pickup_truck"])
    error_message = "The outputs must list the classes in the order of their labels."
  }
}
