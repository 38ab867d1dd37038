"""Traffic like drivers make: when pictures arrive, what they show, and what becomes of them."""
