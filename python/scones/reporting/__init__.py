"""Reports on captured traffic: captures, executions and ground truth, as a page and as figures."""
