output "config_name" {
  description = "Name of the endpoint configuration in service."
  value       = aws_sagemaker_endpoint.this.endpoint_config_name
}
