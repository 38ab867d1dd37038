# What the settings may say about monitoring: each field that makes no sense is refused in a sentence.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "the_defaults_watch_five_minutes_at_a_time" {
  command = plan

  assert {
    condition     = [var.monitoring.period_seconds, var.monitoring.unsure_share, var.monitoring.least_images, var.monitoring.latency_ms, var.monitoring.quiet_periods, var.monitoring.oldest_message_hours] == [300, 0.5, 20, 1000, 12, 24]
    error_message = "Without settings the alarms must be sensible."
  }

  assert {
    condition     = output.monitoring.drift.images == 200 && output.monitoring.drift.alpha == 0.001 && output.monitoring.drift.schedule == null
    error_message = "The drift monitor must be told its window and its false-alarm rate."
  }
}

run "a_false_alarm_rate_of_nothing_is_refused" {
  command = plan

  variables {
    monitoring = { drift_alpha = 0 }
  }

  expect_failures = [var.monitoring]
}

run "a_window_too_small_to_tell_drift_is_refused" {
  command = plan

  variables {
    monitoring = { drift_images = 29 }
  }

  expect_failures = [var.monitoring]
}

run "an_instance_type_of_another_service_is_refused" {
  command = plan

  variables {
    monitoring = { drift_instance_type = "m5.large" }
  }

  expect_failures = [var.monitoring]
}

run "a_schedule_that_is_no_expression_is_refused" {
  command = plan

  variables {
    monitoring = { drift_schedule = "every six hours" }
  }

  expect_failures = [var.monitoring]
}

run "what_is_no_mail_address_is_refused" {
  command = plan

  variables {
    monitoring = { email = "operators" }
  }

  expect_failures = [var.monitoring]
}

run "a_latency_of_nothing_is_refused" {
  command = plan

  variables {
    monitoring = { latency_ms = 0 }
  }

  expect_failures = [var.monitoring]
}

run "a_share_of_no_images_is_refused" {
  command = plan

  variables {
    monitoring = { least_images = 0 }
  }

  expect_failures = [var.monitoring]
}

run "an_age_that_no_message_reaches_is_refused" {
  command = plan

  variables {
    monitoring = { oldest_message_hours = 336 }
  }

  expect_failures = [var.monitoring]
}

run "a_period_that_cloudwatch_does_not_know_is_refused" {
  command = plan

  variables {
    monitoring = { period_seconds = 90 }
  }

  expect_failures = [var.monitoring]
}

run "a_silence_longer_than_cloudwatch_looks_back_is_refused" {
  command = plan

  variables {
    monitoring = { quiet_periods = 300 }
  }

  expect_failures = [var.monitoring]
}

run "a_share_of_more_than_all_is_refused" {
  command = plan

  variables {
    monitoring = { unsure_share = 50 }
  }

  expect_failures = [var.monitoring]
}
