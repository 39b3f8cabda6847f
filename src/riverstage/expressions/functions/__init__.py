"""The functions of the Transformer language: one file a category, each function declared once."""
