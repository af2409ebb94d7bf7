"""Cloud SQL for PostgreSQL."""
