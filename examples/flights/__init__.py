"""Will this flight be late? A user's own Bighead project, on every flight that left New York in 2013."""
