"""What printed matrices say: conventions, quantum noise, and what its absence changes."""
