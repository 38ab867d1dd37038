"""Reports on captured traffic: captures, executions and ground truth, as a page and as figures.

Also why each alarm is in its state.
"""
