output "config_name" {
  description = "Name of the endpoint configuration that is served."
  value       = aws_sagemaker_endpoint.this.endpoint_config_name
}
