"""HTML maps and reports. Nothing here queries AWS, a store or a policy."""
