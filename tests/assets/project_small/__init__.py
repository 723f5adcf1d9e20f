"""A project as a user writes one, small enough that its whole way runs in seconds."""
