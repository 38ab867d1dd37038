# Which settings are accepted, and which outputs Python reads.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "defaults_are_sufficient_for_the_first_training_job" {
  command = plan

  assert {
    condition = output.training.hyperparameters == {
      batch_size         = "64"
      learning_rate      = "0.005"
      pretraining_epochs = "10"
      seed               = "0"
      target_precision   = "0.99"
      weight_decay       = "0.05"
    }
    error_message = "The job must receive the hyperparameters, seed and precision as text."
  }

  assert {
    condition = [
      output.training.instance_type,
      output.training.spot,
      output.training.max_run_seconds,
      output.training.max_wait_seconds,
    ] == ["ml.g4dn.xlarge", true, 3600, 7200]
    error_message = "A job must run on the cheapest GPU instance, on spot, for an hour at most."
  }

  assert {
    condition = toset(keys(output.training)) == toset([
      "hyperparameters", "image_uri", "instance_count", "instance_type", "max_run_seconds",
      "max_wait_seconds", "metric_definitions", "pretraining", "role_arn", "seed", "spot", "tags",
      "use_reviewed", "validation_share", "volume_gb",
    ])
    error_message = "Python reads these fields of the output."
  }

  assert {
    condition = regex(
      output.training.metric_definitions["validation_accuracy"],
      "epoch=12/100 train_loss=0.3120 validation_accuracy=0.9200 seconds=1.4",
      ) == ["0.9200"] && regex(
      output.training.metric_definitions["test_accepted"],
      "test_accepted_accuracy=0.9900 test_accepted=0.7700",
    ) == ["0.7700"]
    error_message = "The metric definitions must find their values in the training script's log."
  }

  assert {
    condition     = output.settings_sha256 == filesha256("targets/dev.tfvars")
    error_message = "The outputs must identify the settings file."
  }

  assert {
    condition     = output.tags == { project = "scones", environment = "dev" }
    error_message = "Every resource must carry its project and environment."
  }

  assert {
    condition     = output.confidence_threshold == null && local.effective_threshold == 1
    error_message = "Without a threshold in the settings or a model, no answer may be accepted."
  }
}

run "other_settings_reach_their_outputs" {
  command = plan

  variables {
    region               = "eu-west-1"
    confidence_threshold = 0.8
    quality_gate         = { minimum_accuracy = 0.9, live_margin = 0.02 }
  }

  assert {
    condition = (
      output.builtin.image_uri
      == "685385470294.dkr.ecr.eu-west-1.amazonaws.com/image-classification:1"
      ) && (
      output.serving.image_uri
      == "763104351884.dkr.ecr.eu-west-1.amazonaws.com/ray:serve-ml-sagemaker-cpu-v1.4"
    )
    error_message = "Container images must be pulled in the region they run in."
  }

  assert {
    condition = (
      output.training.hyperparameters.threshold == "0.8"
      && output.confidence_threshold == 0.8
      && local.effective_threshold == 0.8
    )
    error_message = "The job must measure, and the workflow must apply, the settings' threshold."
  }

  assert {
    condition     = output.quality_gate == tomap({ minimum_accuracy = 0.9, live_margin = 0.02 })
    error_message = "The outputs must contain the limits of the quality gate."
  }
}

run "a_region_without_known_registries_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region = "mars-north-1"
  }

  expect_failures = [var.region]
}

run "an_environment_without_a_settings_file_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "a_single_class_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    classes = { bicycle = "nearby-orders" }
  }

  expect_failures = [var.classes]
}

run "a_route_named_like_the_review_queue_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    classes = { bicycle = "review", motorcycle = "distant-orders" }
  }

  expect_failures = [var.classes]
}

run "a_confidence_threshold_above_one_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    confidence_threshold = 93
  }

  expect_failures = [var.confidence_threshold]
}

run "a_tag_that_aws_refuses_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tags = { owner = "50% of Ann & Bob" }
  }

  expect_failures = [var.tags]
}

run "a_target_precision_above_one_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    target_precision = 99
  }

  expect_failures = [var.target_precision]
}

run "an_unknown_limit_of_the_quality_gate_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    quality_gate = { minimum_acuracy = 0.9 }
  }

  expect_failures = [var.quality_gate]
}

run "a_limit_of_the_quality_gate_above_one_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    quality_gate = { minimum_accuracy = 90 }
  }

  expect_failures = [var.quality_gate]
}

run "capturing_more_than_all_traffic_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    serving = { capture_percent = 101 }
  }

  expect_failures = [var.serving]
}

run "a_wait_shorter_than_the_run_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    training = { max_run_seconds = 7200, max_wait_seconds = 3600 }
  }

  expect_failures = [var.training]
}

run "a_retention_of_zero_days_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    retention = { capture_days = 0 }
  }

  expect_failures = [var.retention]
}
