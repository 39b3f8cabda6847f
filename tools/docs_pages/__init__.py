"""The generated pages of ``docs/``, one module a kind."""
