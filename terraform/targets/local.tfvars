environment = "local"
region      = "us-east-1"

# class = route of its drivers
classes = {
  bicycle    = "nearby-orders"
  motorcycle = "distant-orders"
}

confidence_threshold = 0.93

training = {
  instance_type = "ml.g4dn.xlarge"
  spot          = true
}

serving = {
  instance_type   = "ml.m5.large"
  capture_percent = 100
}

retention = {
  log_days     = 1
  capture_days = null # a lifecycle rule takes a minute to provision
}
