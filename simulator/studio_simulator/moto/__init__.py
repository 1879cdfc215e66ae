"""moto's side: what it holds, and the other services of the account."""
