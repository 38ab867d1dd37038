output "arn" {
  description = "ARN of the role, once its grants are in place."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "policy" {
  description = "What the role may do, as the JSON policy that it carries."
  value       = aws_iam_role_policy.this.policy
}
