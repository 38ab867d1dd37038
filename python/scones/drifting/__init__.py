"""Whether the endpoint is still shown what its model was made for."""
