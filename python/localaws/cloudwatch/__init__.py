"""CloudWatch: metric filters, metrics of the services, metric math, and alarms that go off.

moto stores metrics, filters and alarms, but evaluates none of them.
"""
