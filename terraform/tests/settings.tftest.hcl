# What the settings may say, and what Python reads back.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "defaults_are_what_the_first_job_needs" {
  command = plan

  assert {
    condition     = output.training.hyperparameters == { batch_size = "64", epochs = "150", learning_rate = "0.005", pretraining_epochs = "10", seed = "0", target_precision = "0.99", weight_decay = "0.05" }
    error_message = "The recipe must reach the training job as text, with the seed and the precision that is wanted."
  }

  assert {
    condition     = [output.training.instance_type, output.training.spot, output.training.max_run_seconds, output.training.max_wait_seconds] == ["ml.g4dn.xlarge", true, 3600, 7200]
    error_message = "A job must run on the cheapest GPU instance, on spot capacity, for an hour at most."
  }

  assert {
    condition     = regex(output.training.metric_definitions["validation_accuracy"], "epoch=12/100 train_loss=0.3120 validation_accuracy=0.9200 seconds=1.4") == ["0.9200"] && regex(output.training.metric_definitions["test_accepted"], "test_accepted_accuracy=0.9900 test_accepted=0.7700") == ["0.7700"]
    error_message = "The metric definitions must find their values in the training script's log."
  }

  assert {
    condition     = output.settings_sha256 == filesha256("targets/dev.tfvars")
    error_message = "The outputs must tell which settings this was built from."
  }

  assert {
    condition     = output.tags == { project = "scones", environment = "dev" }
    error_message = "Everything must be found by its project and environment."
  }
}

run "images_come_from_the_region" {
  command = plan

  variables {
    region = "eu-west-1"
  }

  assert {
    condition     = output.builtin.image_uri == "685385470294.dkr.ecr.eu-west-1.amazonaws.com/image-classification:1" && output.serving.image_uri == "763104351884.dkr.ecr.eu-west-1.amazonaws.com/ray:serve-ml-sagemaker-cpu-v1.4"
    error_message = "Images must be pulled in the region they run in."
  }
}

run "a_region_without_known_registries_is_refused" {
  command = plan

  variables {
    region = "mars-north-1"
  }

  expect_failures = [var.region]
}

run "an_environment_without_settings_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "a_single_class_is_refused" {
  command = plan

  variables {
    classes = { bicycle = "nearby-orders" }
  }

  expect_failures = [var.classes]
}

run "a_route_that_would_take_the_review_queue_is_refused" {
  command = plan

  variables {
    classes = { bicycle = "review", motorcycle = "distant-orders" }
  }

  expect_failures = [var.classes]
}

run "a_threshold_that_no_picture_reaches_is_refused" {
  command = plan

  variables {
    confidence_threshold = 93
  }

  expect_failures = [var.confidence_threshold]
}

run "the_settings_threshold_reaches_the_job_and_the_workflow" {
  command = plan

  variables {
    confidence_threshold = 0.8
  }

  assert {
    condition     = output.training.hyperparameters.threshold == "0.8" && output.confidence_threshold == 0.8 && local.trusted_from == 0.8
    error_message = "A threshold in the settings must be measured by the job and used by the workflow."
  }
}

run "without_a_threshold_and_a_model_nothing_is_trusted" {
  command = plan

  assert {
    condition     = output.confidence_threshold == null && local.trusted_from == 1
    error_message = "Until a model brings a threshold, no answer may be trusted."
  }
}

run "a_precision_that_nothing_reaches_is_refused" {
  command = plan

  variables {
    target_precision = 99
  }

  expect_failures = [var.target_precision]
}

run "the_quality_gate_is_told" {
  command = plan

  variables {
    quality_gate = { minimum_accuracy = 0.9, live_margin = 0.02 }
  }

  assert {
    condition     = output.quality_gate == tomap({ minimum_accuracy = 0.9, live_margin = 0.02 })
    error_message = "The outputs must tell what a model must reach."
  }
}

run "a_gate_with_an_unknown_name_is_refused" {
  command = plan

  variables {
    quality_gate = { minimum_acuracy = 0.9 }
  }

  expect_failures = [var.quality_gate]
}

run "a_gate_that_is_no_share_is_refused" {
  command = plan

  variables {
    quality_gate = { minimum_accuracy = 90 }
  }

  expect_failures = [var.quality_gate]
}

run "more_than_all_traffic_cannot_be_captured" {
  command = plan

  variables {
    serving = { capture_percent = 101 }
  }

  expect_failures = [var.serving]
}

run "a_wait_that_ends_before_the_run_is_refused" {
  command = plan

  variables {
    training = { max_run_seconds = 7200, max_wait_seconds = 3600 }
  }

  expect_failures = [var.training]
}

run "a_retention_of_no_days_is_refused" {
  command = plan

  variables {
    retention = { capture_days = 0 }
  }

  expect_failures = [var.retention]
}
