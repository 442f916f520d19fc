#!/bin/sh
# Makes an authority, a server certificate for `temporal`, and a client certificate, valid for one year, in ./certificates.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p certificates
cd certificates

issue() { # name, extensions
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr"
  printf '%s\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -subj "/CN=mvca authority" -days 365 -out ca.pem
issue server "subjectAltName=DNS:temporal,DNS:localhost,IP:127.0.0.1
extendedKeyUsage=serverAuth,clientAuth"
issue client "extendedKeyUsage=clientAuth"
