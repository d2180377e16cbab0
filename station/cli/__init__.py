"""The commands of ``station``, one module each; the only rooms that wire all packages together."""
