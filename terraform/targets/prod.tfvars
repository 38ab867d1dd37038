environment = "prod"
region      = "us-east-1"

# class = route of its drivers
classes = {
  bicycle    = "nearby-orders"
  motorcycle = "distant-orders"
}

confidence_threshold = 0.93

training = {
  instance_type = "ml.g4dn.xlarge" # fallbacks where there is no quota or capacity: ml.g5.xlarge, ml.g6.xlarge
  spot          = true
}

serving = {
  instance_type   = "ml.m5.large"
  instance_count  = 2 # in two availability zones
  capture_percent = 100
}

retention = {
  log_days     = 365
  capture_days = 365
}
