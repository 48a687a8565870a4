"""What needs attention: found by rules, kept once, said in words, told to webhooks."""
