"""An AWS account on 127.0.0.1: moto's server with its gaps filled, behind AWS_ENDPOINT_URL."""
