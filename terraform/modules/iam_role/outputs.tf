output "arn" {
  description = "ARN of the role, available once its grants are in place."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "policy" {
  description = "The JSON policy with all that the role may do."
  value       = aws_iam_role_policy.this.policy
}
