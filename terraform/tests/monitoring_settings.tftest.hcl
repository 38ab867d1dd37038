# Which monitoring settings are accepted: each field has a rule with a message of its own.

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "the_defaults_aggregate_five_minutes" {
  command = plan

  module {
    source = "./tests/variables"
  }

  assert {
    condition = [
      var.monitoring.period_seconds,
      var.monitoring.unsure_share,
      var.monitoring.least_images,
      var.monitoring.latency_ms,
      var.monitoring.quiet_periods,
      var.monitoring.oldest_message_hours,
    ] == [300, 0.5, 20, 1000, 12, 24]
    error_message = "Without settings the alarms must have these limits."
  }
}

run "a_false_alarm_rate_of_zero_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { drift_alpha = 0 }
  }

  expect_failures = [var.monitoring]
}

run "fewer_images_than_the_drift_statistics_need_are_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { drift_images = 29 }
  }

  expect_failures = [var.monitoring]
}

run "an_instance_type_of_another_service_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { drift_instance_type = "m5.large" }
  }

  expect_failures = [var.monitoring]
}

run "a_schedule_that_is_not_an_expression_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { drift_schedule = "every six hours" }
  }

  expect_failures = [var.monitoring]
}

run "a_text_that_is_not_a_mail_address_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { email = "operators" }
  }

  expect_failures = [var.monitoring]
}

run "a_latency_of_zero_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { latency_ms = 0 }
  }

  expect_failures = [var.monitoring]
}

run "a_share_of_zero_images_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { least_images = 0 }
  }

  expect_failures = [var.monitoring]
}

run "an_age_that_no_message_reaches_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { oldest_message_hours = 336 }
  }

  expect_failures = [var.monitoring]
}

run "a_period_that_cloudwatch_does_not_offer_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { period_seconds = 90 }
  }

  expect_failures = [var.monitoring]
}

run "more_quiet_periods_than_cloudwatch_evaluates_are_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { quiet_periods = 300 }
  }

  expect_failures = [var.monitoring]
}

run "an_unsure_share_above_one_is_rejected" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    monitoring = { unsure_share = 50 }
  }

  expect_failures = [var.monitoring]
}
