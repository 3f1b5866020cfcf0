"""What administrators send and what the service sends back, as JOSE objects."""
