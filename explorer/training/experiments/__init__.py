"""What is compared with what: experiments, the ready-made ones, and which of them a visitor has chosen."""
