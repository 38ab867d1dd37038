"""Simulated driver traffic: which images arrive when, and how their executions end."""
