"""The platform at an address: an HTTPS load balancer with Google's sign-in in front of everything."""
