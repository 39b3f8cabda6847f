"""One run from start to end, and what it gives back."""
