environment = "dev"
region      = "us-east-1"

# class = route of its drivers
classes = {
  bicycle    = "nearby-orders"
  motorcycle = "distant-orders"
}

confidence_threshold = 0.93

# Limits that a trained model must meet to be handed over.
quality_gate = {
  minimum_accuracy = 0.9
  minimum_accepted = 0.5 # by the workflow's threshold
  maximum_ece      = 0.1
  live_margin      = 0.02 # how much less accurate than the live model it may be
}

training = {
  # Without quota or capacity for it: ml.g5.xlarge or ml.g6.xlarge.
  instance_type = "ml.g4dn.xlarge"
  spot          = true
}

serving = {
  instance_type   = "ml.m5.large"
  capture_percent = 100
}

monitoring = {
  # email        = "operators@example.com" # must confirm the subscription
  drift_schedule = "rate(6 hours)"
}

retention = {
  log_days     = 30
  capture_days = 30
}
