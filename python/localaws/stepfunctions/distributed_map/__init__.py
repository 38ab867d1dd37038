"""Distributed Map: child executions, items from S3, batches, tolerated failures, result files.

Sources: the pages ItemReader, ItemBatcher, ResultWriter and "Tolerated failure threshold" of the
Step Functions developer guide, and botocore's model of DescribeMapRun.
"""
