# An endpoint once there is a model, named after the model that it serves.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }

  model = {
    name            = "scones-dev-0a1b2c3d-20260101-120000-4e5f6a7b"
    data_url        = "s3://scones-dev-data-123456789012/models/job/output/model.tar.gz"
    image_uri       = "763104351884.dkr.ecr.us-east-1.amazonaws.com/ray:serve-ml-sagemaker-cpu-v1.4"
    algorithm       = "scones"
    training_job    = "scones-dev-0a1b2c3d-20260101-120000"
    artifact_sha256 = "4e5f6a7b"
    classes         = ["bicycle", "motorcycle"]
    threshold       = 0.71
    drawn           = false
    data            = { source = "cifar100", sha256 = "85cd44d0", fingerprint = "f0" }
    code_version    = "0.1.0"
    fingerprint     = "0a1b2c3d"
    metrics         = { test_accuracy = 0.94, test_accepted_accuracy = null }
    probes          = { "test/bike_s_000001.png" = [0.98, 0.02] }
    gate            = { passed = true, forced = false, missed = [] }
    comparison = {
      live            = "scones-dev-11111111-20251201-120000-22222222"
      images          = 100
      both_right      = 90
      only_new_right  = 5
      only_live_right = 3
      both_wrong      = 2
      p_value         = 0.73
      difference      = 0.02
      interval        = [-0.04, 0.08]
      changed         = ["test/bike_s_000001.png"]
    }
  }
}

run "without_a_model_there_is_no_endpoint_and_no_drift_schedule" {
  command = plan

  variables {
    model      = null
    monitoring = { drift_schedule = "rate(6 hours)" }
  }

  assert {
    condition = (
      length(module.endpoint) == 0 && output.endpoint.config_name == null && output.model == null
    )
    error_message = "The endpoint must wait for a model."
  }

  assert {
    condition     = output.endpoint.name == "scones-dev-classifier"
    error_message = "The name of the endpoint must be known before there is one."
  }

  assert {
    condition     = length(aws_scheduler_schedule.drift) == 0
    error_message = "Without a model, the drift monitor has no images to compare with."
  }
}

run "a_model_is_served_under_its_own_name_with_its_own_threshold" {
  command = plan

  assert {
    condition = can(regex(
      "^scones-dev-0a1b2c3d-20260101-120000-4e5f6a7b-[0-9a-f]{6}$", output.endpoint.config_name
    ))
    error_message = "The endpoint configuration must be named after the model."
  }

  assert {
    condition     = output.model == var.model
    error_message = "The outputs must contain the model in service."
  }

  assert {
    condition = (
      output.model.gate.passed
      && output.model.comparison.changed == tolist(["test/bike_s_000001.png"])
    )
    error_message = "The outputs must contain the gate's verdict and the comparison."
  }

  assert {
    condition     = output.confidence_threshold == 0.71 && local.effective_threshold == 0.71
    error_message = "Without a threshold in the settings, the model's own must apply."
  }

  assert {
    condition = (
      length(aws_scheduler_schedule.drift) == 0
      && length(aws_s3_object.drift_monitor) == 0
      && length(module.drift_job_role) == 0
      && length(module.drift_schedule_role) == 0
    )
    error_message = "Without a schedule in the settings, nothing of the drift job may be planned."
  }
}

run "our_model_says_itself_whose_its_answers_are" {
  command = plan

  assert {
    condition = local.attribution == tomap({
      SCONES_MODEL     = "scones-dev-0a1b2c3d-20260101-120000-4e5f6a7b"
      SCONES_THRESHOLD = "0.71"
    })
    error_message = "The container must know the model's name and the threshold that applies."
  }

  assert {
    condition     = length(local.fallback) == 0
    error_message = "filter_confidence must not know classes that the endpoint may not serve yet."
  }
}

run "our_model_answers_the_health_check_itself" {
  command = plan

  assert {
    condition = local.health_check == tomap({
      RAYSERVE_BACKEND_URL = "http://127.0.0.1:8000/model"
    })
    error_message = "Without a path, Ray's proxy is healthy although no replica runs."
  }
}

run "the_built_in_algorithm_is_judged_by_what_filter_confidence_knows" {
  command = plan

  variables {
    model                = merge(var.model, { algorithm = "image-classification" })
    confidence_threshold = 0.8
  }

  assert {
    condition = jsondecode(local.fallback.FALLBACK) == {
      model     = "scones-dev-0a1b2c3d-20260101-120000-4e5f6a7b"
      threshold = 0.8
      classes   = ["bicycle", "motorcycle"]
    }
    error_message = "The built-in algorithm says nothing of itself: the function must know it."
  }

  assert {
    condition = (
      keys(merge(local.attribution, local.health_check)) == tolist(["SCONES_MODEL"])
    )
    error_message = "Another threshold must not replace a model that does not read it."
  }
}

run "a_model_of_other_classes_or_forced_through_its_gate_causes_a_warning" {
  command = plan

  variables {
    classes = { bicycle = "nearby-orders", motorcycle = "distant-orders", tractor = "bulk-orders" }
    model = merge(var.model, {
      gate = {
        passed = false
        forced = true
        missed = ["test accuracy 0.87 is below minimum_accuracy 0.9"]
      }
    })
  }

  expect_failures = [check.model_has_the_configured_classes, check.model_passed_its_gate]
}

run "a_model_with_its_labels_in_another_order_causes_a_warning" {
  command = plan

  variables {
    model                = merge(var.model, { classes = ["motorcycle", "bicycle"] })
    confidence_threshold = 0.8
  }

  expect_failures = [check.model_has_the_configured_classes]

  assert {
    condition     = output.confidence_threshold == 0.8
    error_message = "A threshold in the settings must apply, whatever the model's."
  }
}

run "a_name_too_long_for_a_configuration_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    model = merge(var.model, { name = "a234567890123456789012345678901234567890123456789012345x" })
  }

  expect_failures = [var.model]
}

run "a_name_that_sagemaker_does_not_accept_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    model = merge(var.model, { name = "scones_dev" })
  }

  expect_failures = [var.model]
}

run "a_model_outside_s3_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    model = merge(var.model, { data_url = "/tmp/model.tar.gz" })
  }

  expect_failures = [var.model]
}

run "an_unknown_algorithm_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    model = merge(var.model, { algorithm = "xgboost" })
  }

  expect_failures = [var.model]
}
