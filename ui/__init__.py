"""The Qt interface: shell, pages, widgets and presenters."""
