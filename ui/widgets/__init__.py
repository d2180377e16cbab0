"""Small widgets that draw one thing each; all they know comes in as a frozen view."""
