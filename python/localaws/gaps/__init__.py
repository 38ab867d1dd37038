"""Settings and actions that moto lacks in services that it otherwise simulates well enough: a module per service.

Most gaps show as a missing action, or as a Terraform plan that never becomes empty because moto forgets a setting
or spells it differently.
"""
