"""Reads captured traffic: on the machine where make runs, and in the scheduled processing job."""
