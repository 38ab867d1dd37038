environment = "dev"
region      = "us-east-1"

# class = route of its drivers
classes = {
  bicycle    = "nearby-orders"
  motorcycle = "distant-orders"
}

confidence_threshold = 0.93

# what a trained model must reach to be handed over
quality_gate = {
  minimum_accuracy              = 0.9
  minimum_accepted_at_precision = 0.5
  maximum_ece                   = 0.1
  live_margin                   = 0.02 # how much less accurate than the live model it may be
}

training = {
  instance_type = "ml.g4dn.xlarge" # fallbacks where there is no quota or capacity: ml.g5.xlarge, ml.g6.xlarge
  spot          = true
}

serving = {
  instance_type   = "ml.m5.large"
  capture_percent = 100
}

monitoring = {
  # email        = "operators@example.com" # asks to be confirmed
  drift_schedule = "rate(6 hours)"
}

retention = {
  log_days     = 30
  capture_days = 30
}
