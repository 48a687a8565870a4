"""The people of the house: accounts, invites, signing in and out."""
