#!/bin/sh
# The records of MVCA live in a database of their own, under a role that owns nothing else.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set password="$MVCA_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE mvca LOGIN PASSWORD :'password';
CREATE DATABASE mvca OWNER mvca;
SQL
