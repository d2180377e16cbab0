"""The pages of the station's window; pages only draw."""
