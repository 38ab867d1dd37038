"""`make review`: people look at the pictures that the model was unsure of, and say what they show."""
