"""What helps whoever writes a policy: completion, hover, names, layout, the builder."""
