"""What moto lacks in services that it simulates well enough otherwise: one module per service.

Most gaps show as a missing action, or as a Terraform plan that never becomes empty because moto
forgets a setting or spells it differently.
"""
