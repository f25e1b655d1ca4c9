"""Load on the webhooks: whole calls as signed requests, a client that does not wait for answers, and the servers."""
