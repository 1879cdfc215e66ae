"""StudioTenant: whose namespaces are, and what may be named in them."""
