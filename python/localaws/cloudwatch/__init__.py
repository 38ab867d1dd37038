"""CloudWatch: metric filters, metrics of the services, metric math and alarms that change their state."""
