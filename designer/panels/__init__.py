"""Side panels: each has layout() and register(app, service)."""
