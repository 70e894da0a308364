"""The shared ground under all stages: engines, roles and the warehouse's migrations.

`engine` opens PostgreSQL with a role, `columnar` opens the in-memory DuckDB of one task, `embedded` runs a
PostgreSQL without administrator or Docker, `migrate` brings the warehouse's schema up to date.
"""
