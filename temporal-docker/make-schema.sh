#!/bin/sh
# Creates Temporal's two databases and brings their tables up to date. Repeatable: what exists is left as it is.
set -eu

for database in temporal temporal_visibility; do
  case $database in
    temporal) schema=temporal ;;
    *) schema=visibility ;;
  esac
  temporal-sql-tool --database "$database" create || echo "$database exists"
  temporal-sql-tool --database "$database" setup-schema --version 0.0 || echo "$database has its tables"
  temporal-sql-tool --database "$database" update-schema \
    --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
