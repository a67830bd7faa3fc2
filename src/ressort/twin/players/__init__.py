"""One player file per service: who the twin plays there, always through the service's own actions."""
