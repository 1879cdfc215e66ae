"""Settings of domains and profiles as rows: field, member in AWS, form."""
