"""What installs, starts and keeps the processes of `make up`."""
