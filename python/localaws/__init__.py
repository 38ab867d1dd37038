"""An AWS account on 127.0.0.1: moto's server with what it leaves out filled in, reached through AWS_ENDPOINT_URL."""
