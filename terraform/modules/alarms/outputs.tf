output "names" {
  description = "Name of each alarm, by its key."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}
