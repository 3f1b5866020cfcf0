"""The sandbox on sockets of this computer, over TLS."""
