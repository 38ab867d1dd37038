environment = "local"
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
  instance_type = "ml.g4dn.xlarge"
  spot          = true
  pretraining   = false # jobs run on this machine's CPU, whatever the instance type
}

serving = {
  instance_type   = "ml.m5.large"
  capture_percent = 100
}

monitoring = {
  period_seconds = 60
  quiet_periods  = 5
}

retention = {
  log_days     = 1
  capture_days = null # a lifecycle rule takes a minute to provision
}
