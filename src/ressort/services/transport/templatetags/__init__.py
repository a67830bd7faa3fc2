"""Words of the service's templates."""
