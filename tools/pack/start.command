#!/bin/sh
# For macOS: a double click opens the lessons. What happens is in start.sh.
exec sh "$(dirname "$0")/start.sh" "$@"
