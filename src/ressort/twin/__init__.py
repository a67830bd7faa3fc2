"""The digital twin: a town that lives through the services' own actions."""
