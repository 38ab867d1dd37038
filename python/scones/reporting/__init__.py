"""What the traffic looked like: captures, executions and true labels, on one page and in one file of figures."""
