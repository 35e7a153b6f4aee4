#!/bin/sh
echo "Hello from $1, on Linux $(uname -r) of $(nproc) CPUs"
